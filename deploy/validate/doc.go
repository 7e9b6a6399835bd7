// Package validate judges what is in deploy/ by published tools and schemas,
// offline: its tests are all there is to it. Every judge is also shown planted
// mistakes, because one that accepts everything is worthless.
//
// It is a module of its own, so that Helm, Kubernetes' types and HashiCorp's
// libraries aren't dependencies of studiobot. `make test` runs both modules.
//
//	CloudFormation, SAM   AWS's CDK library with its default rules, through Node
//	SAM's own resources   the SAM schema of goformation
//	Helm                  Helm's linter and engine, and Kubernetes' own types
//	Terraform             HashiCorp's parser and terraform-config-inspect
//	the workflows         actionlint
//	systemd               systemd-analyze
//
// What none of them can know is in docs/deploy.md.
package validate
