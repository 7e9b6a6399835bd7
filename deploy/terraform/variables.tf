variable "name" {
  description = "Begins the names of what is made."
  type        = string
  default     = "studiobot"
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,23}$", var.name))
    error_message = "Write up to 24 of a-z, 0-9 and -, like studiobot."
  }
}

variable "image" {
  description = "The image, best by its digest."
  type        = string
  default     = "ghcr.io/studiobot/studiobot:latest"
}

variable "architecture" {
  description = "ARM64 or X86_64."
  type        = string
  default     = "ARM64"
  validation {
    condition     = contains(["ARM64", "X86_64"], var.architecture)
    error_message = "Write ARM64 or X86_64."
  }
}

variable "copies" {
  description = "How many run. Slack gives an app ten sockets, and each copy takes two."
  type        = number
  default     = 2
  validation {
    condition     = var.copies >= 1 && var.copies <= 5
    error_message = "Write 1 to 5."
  }
}

variable "host" {
  description = "What browsers call it, like studio.example.com. Point it at the output load_balancer."
  type        = string
}

variable "certificate_arn" {
  description = "A certificate of that name, in this Region."
  type        = string
}

variable "vpc_id" {
  description = "Where it runs."
  type        = string
}

variable "load_balancer_subnet_ids" {
  description = "Two or more, in different zones; public ones unless internal."
  type        = list(string)
}

variable "task_subnet_ids" {
  description = "Two or more with a way out to Slack and AWS."
  type        = list(string)
}

variable "assign_public_ip" {
  description = "For subnets without NAT."
  type        = bool
  default     = false
}

variable "internal" {
  description = "The load balancer can't be reached from the internet."
  type        = bool
  default     = false
}

variable "client_cidrs" {
  description = "From where browsers may come."
  type        = list(string)
  default     = ["0.0.0.0/0"]
}

variable "metrics_security_group_id" {
  description = "Who may read /metrics on port 9464; null switches it off."
  type        = string
  default     = null
}

variable "app_token_secret_arn" {
  description = "The secret in Secrets Manager with the app-level token, xapp-…"
  type        = string
}

variable "bot_token_secret_arn" {
  description = "The secret in Secrets Manager with the bot token, xoxb-…"
  type        = string
}

variable "domains" {
  description = "The SageMaker domains, the default first, with the MLflow tracking servers that may be opened. Without role_arn a launch role is made here, for a domain of this account."
  type = list(object({
    name     = string
    id       = string
    region   = string
    label    = optional(string)
    role_arn = optional(string)
    mlflow   = optional(list(string), [])
  }))
  validation {
    condition     = length(var.domains) > 0 && alltrue([for d in var.domains : can(regex("^d-(-*[a-z0-9]){1,61}$", d.id))])
    error_message = "Write at least one domain, with an ID like d-abcdefghijkl."
  }
}

variable "config" {
  description = "Any other key of studiobot.yaml, as docs/config.md explains them: mapping, access, launch… With studio.allow_stop, notebooks.tag and notebooks.allow_start come the rights that they need."
  type        = any
  default     = {}
}

variable "source_vpce_ids" {
  description = "The IDs of the sagemaker.api and the studio endpoint, where Studio opens through them only."
  type        = list(string)
  default     = []
  validation {
    condition     = contains([0, 2], length(var.source_vpce_ids))
    error_message = "Write both endpoints, or none."
  }
}

variable "log_days" {
  description = "How long the audit trail stays in the log."
  type        = number
  default     = 400
}

variable "alarm_topic_arn" {
  description = "Where alarms go; null only shows them."
  type        = string
  default     = null
}
