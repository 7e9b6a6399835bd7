# studiobot on Fargate: copies behind a load balancer with TLS, a DynamoDB table,
# and roles of its own for opening Studio. The same as
# deploy/cloudformation/fargate.yaml; docs/deploy.md goes through it.

data "aws_region" "current" {}
data "aws_partition" "current" {}
data "aws_caller_identity" "current" {}
data "aws_vpc" "this" {
  id = var.vpc_id
}

locals {
  config = merge(
    {
      mapping = [{ tag = "slack-user-id" }, { table = true }]
      log     = { format = "json" }
    },
    var.config,
    {
      public_url      = "https://${var.host}"
      listen          = ":8080"
      trusted_proxies = [data.aws_vpc.this.cidr_block]
      metrics         = var.metrics_security_group_id == null ? "" : ":9464"
      store           = "dynamodb:${aws_dynamodb_table.this.name}"
      domains = [for d in var.domains : {
        name     = d.name
        id       = d.id
        region   = d.region
        label    = coalesce(d.label, d.name)
        role_arn = local.launch_roles[d.name]
        mlflow   = d.mlflow
      }]
    },
  )
  alarm_actions = var.alarm_topic_arn == null ? [] : [var.alarm_topic_arn]
}

resource "aws_dynamodb_table" "this" {
  name                        = var.name
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "pk"
  range_key                   = "sk"
  deletion_protection_enabled = true

  attribute {
    name = "pk"
    type = "S"
  }
  attribute {
    name = "sk"
    type = "S"
  }
  ttl {
    attribute_name = "exp"
    enabled        = true
  }
  point_in_time_recovery {
    enabled = true
  }
  server_side_encryption {
    enabled = true
  }
}

resource "aws_cloudwatch_log_group" "this" {
  name_prefix       = "${var.name}-"
  retention_in_days = var.log_days
}

resource "aws_ecs_cluster" "this" {
  name = var.name
  setting {
    name  = "containerInsights"
    value = "enabled"
  }
}

resource "aws_ecs_task_definition" "this" {
  family                   = var.name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  task_role_arn            = aws_iam_role.task.arn
  execution_role_arn       = aws_iam_role.execution.arn

  runtime_platform {
    cpu_architecture        = var.architecture
    operating_system_family = "LINUX"
  }

  container_definitions = jsonencode([{
    name                   = "studiobot"
    image                  = var.image
    command                = ["serve", "--config", "env:STUDIOBOT_YAML"]
    essential              = true
    user                   = "65532"
    readonlyRootFilesystem = true
    linuxParameters        = { capabilities = { drop = ["ALL"] } }
    stopTimeout            = 30
    portMappings           = [for port in var.metrics_security_group_id == null ? [8080] : [8080, 9464] : { containerPort = port, protocol = "tcp" }]
    healthCheck = {
      command     = ["CMD", "/studiobot", "health", "--config", "env:STUDIOBOT_YAML"]
      interval    = 15
      timeout     = 3
      retries     = 3
      startPeriod = 15
    }
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.this.name
        awslogs-region        = data.aws_region.current.name
        awslogs-stream-prefix = "studiobot"
      }
    }
    secrets = [
      { name = "SLACK_APP_TOKEN", valueFrom = var.app_token_secret_arn },
      { name = "SLACK_BOT_TOKEN", valueFrom = var.bot_token_secret_arn },
    ]
    environment = [
      { name = "AWS_REGION", value = data.aws_region.current.name },
      { name = "STUDIOBOT_YAML", value = yamlencode(local.config) },
    ]
  }])
}

resource "aws_ecs_service" "this" {
  name                               = var.name
  cluster                            = aws_ecs_cluster.this.id
  task_definition                    = aws_ecs_task_definition.this.arn
  launch_type                        = "FARGATE"
  desired_count                      = var.copies
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  health_check_grace_period_seconds  = 90
  propagate_tags                     = "SERVICE"

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }
  load_balancer {
    container_name   = "studiobot"
    container_port   = 8080
    target_group_arn = aws_lb_target_group.this.arn
  }
  network_configuration {
    assign_public_ip = var.assign_public_ip
    subnets          = var.task_subnet_ids
    security_groups  = [aws_security_group.task.id]
  }

  # Without the policies the first task can't start.
  depends_on = [aws_lb_listener.https, aws_iam_role_policy.store, aws_iam_role_policy.assume]
}
