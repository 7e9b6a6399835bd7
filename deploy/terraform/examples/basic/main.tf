provider "aws" {
  region = "us-west-2"
}

module "studiobot" {
  source = "../.."

  host                     = "studio.example.com"
  certificate_arn          = "arn:aws:acm:us-west-2:111122223333:certificate/00000000-0000-0000-0000-000000000000"
  vpc_id                   = "vpc-0123456789abcdef0"
  load_balancer_subnet_ids = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
  task_subnet_ids          = ["subnet-0123456789abcdef2", "subnet-0123456789abcdef3"]
  app_token_secret_arn     = "arn:aws:secretsmanager:us-west-2:111122223333:secret:studiobot/app-AbCdEf"
  bot_token_secret_arn     = "arn:aws:secretsmanager:us-west-2:111122223333:secret:studiobot/bot-AbCdEf"

  domains = [{
    name   = "research"
    id     = "d-abcdefghijkl"
    region = "us-west-2"
  }]
  config = {
    access = {
      admins            = ["U012AB3CD"]
      approvals_channel = "C0123ABCD"
      help              = "Ask in #ml-platform."
    }
  }
}

output "load_balancer" {
  value = module.studiobot.load_balancer
}
