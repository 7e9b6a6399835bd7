# The policies are those of deploy/iam, filled in.

locals {
  # Domains of other accounts bring their role.
  own_domains = { for d in var.domains : d.name => d if d.role_arn == null }
  launch_roles = { for d in var.domains : d.name =>
    d.role_arn == null ? aws_iam_role.launch[d.name].arn : d.role_arn
  }
}

# The role of the program itself. It can open nobody's Studio: it may only become
# the launch role, once for each person.
resource "aws_iam_role" "task" {
  name_prefix        = "${var.name}-task-"
  assume_role_policy = templatefile("${path.module}/../iam/trust-ecs-tasks.json", {})
}

resource "aws_iam_role_policy" "store" {
  name   = "store"
  role   = aws_iam_role.task.id
  policy = templatefile("${path.module}/../iam/store.json", { table = aws_dynamodb_table.this.arn })
}

resource "aws_iam_role_policy" "assume" {
  for_each = local.launch_roles
  name     = "assume-${each.key}"
  role     = aws_iam_role.task.id
  policy   = templatefile("${path.module}/../iam/assume.json", { launch_role = each.value })
}

resource "aws_iam_role" "launch" {
  for_each           = local.own_domains
  name_prefix        = "${var.name}-launch-"
  description        = "Opens SageMaker Studio for the person that studiobot names in the session."
  assume_role_policy = templatefile("${path.module}/../iam/trust-launch.json", { task_role = aws_iam_role.task.arn })
}

resource "aws_iam_role_policy" "launch" {
  for_each = local.own_domains
  name     = "launch"
  role     = aws_iam_role.launch[each.key].id
  # In a perimeter the statement OpenOnesOwn is that of perimeter.json.
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [for s in jsondecode(local.launch_policies[each.key]).Statement : s if s.Sid != "OpenOnesOwn" || length(var.source_vpce_ids) == 0],
      [for s in try(jsondecode(local.perimeter_policies[each.key]).Statement, []) : s],
    )
  })
}

resource "aws_iam_role_policy" "list" {
  for_each = local.own_domains
  name     = "list"
  role     = aws_iam_role.launch[each.key].id
  policy = templatefile("${path.module}/../iam/list.json", {
    partition = data.aws_partition.current.partition
    region    = each.value.region
    account   = data.aws_caller_identity.current.account_id
    domain_id = each.value.id
  })
}

locals {
  launch_policies = { for name, d in local.own_domains : name => templatefile("${path.module}/../iam/launch-own.json", {
    partition = data.aws_partition.current.partition
    region    = d.region
    account   = data.aws_caller_identity.current.account_id
    domain_id = d.id
    # A session opens the profile that its tag names, and no other.
    own_profile = "$${aws:PrincipalTag/studiobot-profile}"
  }) }
  perimeter_policies = { for name, d in local.own_domains : name => templatefile("${path.module}/../iam/perimeter.json", {
    partition       = data.aws_partition.current.partition
    region          = d.region
    account         = data.aws_caller_identity.current.account_id
    domain_id       = d.id
    own_profile     = "$${aws:PrincipalTag/studiobot-profile}"
    api_endpoint    = var.source_vpce_ids[0]
    studio_endpoint = var.source_vpce_ids[1]
  }) if length(var.source_vpce_ids) == 2 }
}

# The role that starts a task: image, log, secrets.
resource "aws_iam_role" "execution" {
  name_prefix        = "${var.name}-execution-"
  assume_role_policy = templatefile("${path.module}/../iam/trust-ecs-tasks.json", {})
}

resource "aws_iam_role_policy_attachment" "execution" {
  role       = aws_iam_role.execution.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
}

resource "aws_iam_role_policy" "secrets" {
  name = "secrets"
  role = aws_iam_role.execution.id
  policy = templatefile("${path.module}/../iam/secrets.json", {
    app_token_secret = var.app_token_secret_arn
    bot_token_secret = var.bot_token_secret_arn
  })
}
