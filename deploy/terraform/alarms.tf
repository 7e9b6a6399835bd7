locals {
  target = {
    LoadBalancer = aws_lb.this.arn_suffix
    TargetGroup  = aws_lb_target_group.this.arn_suffix
  }
  table = { TableName = aws_dynamodb_table.this.name }
  # What is counted, and when that is too many or too few.
  alarms = {
    unhealthy = { namespace = "AWS/ApplicationELB", metric = "UnHealthyHostCount", dimensions = local.target, statistic = "Maximum", period = 60, periods = 5,
    below = false, missing = "notBreaching", text = "A copy of studiobot isn't ready. Its /readyz says what is missing." }
    nobody = { namespace = "AWS/ApplicationELB", metric = "HealthyHostCount", dimensions = local.target, statistic = "Maximum", period = 60, periods = 3,
    below = true, missing = "breaching", text = "No copy of studiobot is ready. /studio answers nobody." }
    errors = { namespace = "studiobot/${var.name}", metric = "Errors", dimensions = {}, statistic = "Sum", period = 300, periods = 1,
    below = false, missing = "notBreaching", text = "studiobot logged an error. The line says what, and what to do." }
    reads = { namespace = "AWS/DynamoDB", metric = "ReadThrottleEvents", dimensions = local.table, statistic = "Sum", period = 300, periods = 1,
    below = false, missing = "notBreaching", text = "DynamoDB throttled reads of the studiobot table." }
    writes = { namespace = "AWS/DynamoDB", metric = "WriteThrottleEvents", dimensions = local.table, statistic = "Sum", period = 300, periods = 1,
    below = false, missing = "notBreaching", text = "DynamoDB throttled writes of the studiobot table." }
  }
}

resource "aws_cloudwatch_log_metric_filter" "errors" {
  name           = "${var.name}-errors"
  log_group_name = aws_cloudwatch_log_group.this.name
  pattern        = "{ $.level = \"ERROR\" }"
  metric_transformation {
    namespace     = "studiobot/${var.name}"
    name          = "Errors"
    value         = "1"
    default_value = 0
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each            = local.alarms
  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.text
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  period              = each.value.period
  evaluation_periods  = each.value.periods
  threshold           = 1
  comparison_operator = each.value.below ? "LessThanThreshold" : "GreaterThanOrEqualToThreshold"
  treat_missing_data  = each.value.missing
  alarm_actions       = local.alarm_actions
  ok_actions          = local.alarm_actions
}
