output "load_balancer" {
  description = "Point var.host at this name."
  value       = aws_lb.this.dns_name
}

output "task_role_arn" {
  description = "What the launch role in another account has to trust."
  value       = aws_iam_role.task.arn
}

output "table" {
  description = "The table's name."
  value       = aws_dynamodb_table.this.name
}

output "log_group" {
  description = "Where the audit trail is."
  value       = aws_cloudwatch_log_group.this.name
}
