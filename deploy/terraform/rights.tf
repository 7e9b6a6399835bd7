# What the launch role may do beyond opening Studio, each only where the config
# asks for it. The policies are those of deploy/iam, filled in.

locals {
  here         = { partition = data.aws_partition.current.partition, account = data.aws_caller_identity.current.account_id }
  allows_stop  = try(var.config.studio.allow_stop, false)
  allows_start = try(var.config.notebooks.allow_start, false)
  notebook_tag = try(var.config.notebooks.tag, "")

  notebook_domains = { for name, d in local.own_domains : name => d if local.notebook_tag != "" }
}

resource "aws_iam_role_policy" "running" {
  for_each = local.own_domains
  name     = "running"
  role     = aws_iam_role.launch[each.key].id
  policy   = templatefile("${path.module}/../iam/running.json", merge(local.here, { region = each.value.region, domain_id = each.value.id }))
}

resource "aws_iam_role_policy" "stop_apps" {
  for_each = { for name, d in local.own_domains : name => d if local.allows_stop }
  name     = "stop-apps"
  role     = aws_iam_role.launch[each.key].id
  policy   = templatefile("${path.module}/../iam/stop-apps.json", merge(local.here, { region = each.value.region, domain_id = each.value.id }))
}

resource "aws_iam_role_policy" "notebooks" {
  for_each = local.notebook_domains
  name     = "notebooks"
  role     = aws_iam_role.launch[each.key].id
  policy   = templatefile("${path.module}/../iam/notebooks.json", merge(local.here, { region = each.value.region, notebook_tag = local.notebook_tag }))
}

resource "aws_iam_role_policy" "start_notebooks" {
  for_each = { for name, d in local.notebook_domains : name => d if local.allows_start }
  name     = "start-notebooks"
  role     = aws_iam_role.launch[each.key].id
  policy   = templatefile("${path.module}/../iam/start-notebooks.json", merge(local.here, { region = each.value.region, notebook_tag = local.notebook_tag }))
}

resource "aws_iam_role_policy" "stop_notebooks" {
  for_each = { for name, d in local.notebook_domains : name => d if local.allows_stop }
  name     = "stop-notebooks"
  role     = aws_iam_role.launch[each.key].id
  policy   = templatefile("${path.module}/../iam/stop-notebooks.json", merge(local.here, { region = each.value.region, notebook_tag = local.notebook_tag }))
}

resource "aws_iam_role_policy" "mlflow" {
  for_each = { for name, d in local.own_domains : name => d if length(d.mlflow) > 0 }
  name     = "mlflow"
  role     = aws_iam_role.launch[each.key].id
  policy   = templatefile("${path.module}/../iam/mlflow.json", merge(local.here, { region = each.value.region }))
}
