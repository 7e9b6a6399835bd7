package validate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/hashicorp/terraform-config-inspect/tfconfig"
	"github.com/zclconf/go-cty/cty"
)

const terraformFolder = root + "/deploy/terraform"

// answers are what the example gives, with a domain of another account besides.
func answers(perimeter bool) map[string]cty.Value {
	domain := func(name, id string, role cty.Value) cty.Value {
		return cty.ObjectVal(map[string]cty.Value{"name": cty.StringVal(name), "id": cty.StringVal(id),
			"region": cty.StringVal("us-west-2"), "label": cty.NullVal(cty.String), "role_arn": role, "mlflow": cty.ListValEmpty(cty.String)})
	}
	texts := func(all ...string) cty.Value {
		out := []cty.Value{}
		for _, text := range all {
			out = append(out, cty.StringVal(text))
		}
		return cty.ListVal(out)
	}
	out := map[string]cty.Value{
		"host": cty.StringVal("studio.example.com"), "certificate_arn": cty.StringVal("arn:aws:acm:us-west-2:111122223333:certificate/0"),
		"vpc_id": cty.StringVal("vpc-0"), "load_balancer_subnet_ids": texts("subnet-0", "subnet-1"), "task_subnet_ids": texts("subnet-2"),
		"app_token_secret_arn": cty.StringVal("arn:app"), "bot_token_secret_arn": cty.StringVal("arn:bot"),
		"domains": cty.TupleVal([]cty.Value{
			domain("research", "d-abcdefghijkl", cty.NullVal(cty.String)),
			domain("prod", "d-production01", cty.StringVal("arn:aws:iam::444455556666:role/studiobot-launch")),
		}),
		"config": cty.ObjectVal(map[string]cty.Value{"access": cty.ObjectVal(map[string]cty.Value{"help": cty.StringVal("Ask in #ml-platform.")})}),
	}
	if perimeter {
		out["source_vpce_ids"] = texts("vpce-api", "vpce-studio")
		out["metrics_security_group_id"] = cty.StringVal("sg-0")
	}
	return out
}

// judged is what HashiCorp's libraries say of a module.
func judged(folder string, values map[string]cty.Value) []string {
	var said []string
	inspected, diags := tfconfig.LoadModule(folder)
	for _, d := range diags {
		said = append(said, d.Summary+": "+d.Detail)
	}
	m, problems := parse(folder, values)
	if !problems.HasErrors() {
		problems = append(problems, m.check()...)
	}
	for _, d := range problems {
		said = append(said, d.Error())
	}
	for _, r := range inspected.ManagedResources {
		if _, ok := inspected.RequiredProviders[r.Provider.Name]; !ok {
			said = append(said, r.Type+" is of a provider that the module doesn't require")
		}
	}
	for name, call := range inspected.ModuleCalls {
		said = append(said, called(folder, name, call)...)
	}
	return said
}

// called compares what a module is given with what it takes.
func called(folder, name string, call *tfconfig.ModuleCall) []string {
	var said []string
	callee, diags := tfconfig.LoadModule(filepath.Join(folder, call.Source))
	if diags.HasErrors() {
		return []string{fmt.Sprintf("module.%s: %v", name, diags)}
	}
	m, _ := parse(folder, nil)
	given := map[string]bool{}
	for _, b := range m.blocks("module") {
		for attribute := range b.Body.Attributes {
			given[attribute] = true
		}
	}
	delete(given, "source")
	for attribute := range given {
		if callee.Variables[attribute] == nil {
			said = append(said, fmt.Sprintf("module.%s takes no %s", name, attribute))
		}
	}
	for _, v := range callee.Variables {
		if v.Required && !given[v.Name] {
			said = append(said, fmt.Sprintf("module.%s wants %s", name, v.Name))
		}
	}
	return said
}

func TestTerraform(t *testing.T) {
	t.Parallel()
	for _, perimeter := range []bool{false, true} {
		for _, said := range judged(terraformFolder, answers(perimeter)) {
			t.Error(said)
		}
	}
	for _, said := range judged(terraformFolder+"/examples/basic", nil) {
		t.Error("the example: " + said)
	}
	files, err := filepath.Glob(terraformFolder + "/*.tf")
	more, err2 := filepath.Glob(terraformFolder + "/examples/*/*.tf")
	if err != nil || err2 != nil || len(files) < 6 || len(more) == 0 {
		t.Fatalf("%v, %v: %v, %v", files, more, err, err2)
	}
	for _, file := range append(files, more...) {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(hclwrite.Format(raw), raw) {
			t.Errorf("%s: terraform fmt would change it", file)
		}
	}
}

func TestTerraformMistakes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, file, right, wrong, says string }{
		{"broken HCL", "terraform/main.tf", `resource "aws_ecs_cluster" "this" {`, `resource "aws_ecs_cluster" "this"`, "Invalid block definition"},
		{"a variable that isn't", "terraform/main.tf", "var.copies", "var.copys", `does not have an attribute named "copys"`},
		{"a resource that isn't", "terraform/main.tf", "aws_ecs_cluster.this.id", "aws_ecs_cluster.that.id", `does not have an attribute named "that"`},
		{"a type of resource that isn't", "terraform/outputs.tf", "aws_lb.this.dns_name", "aws_alb.this.dns_name", `no variable named "aws_alb"`},
		{"an attribute that isn't", "terraform/outputs.tf", "aws_lb.this.dns_name", "aws_lb.this.dns_nam", `does not have an attribute named "dns_nam"`},
		{"a local that isn't", "terraform/iam.tf", "for_each = local.launch_roles", "for_each = local.launch_role", `does not have an attribute named "launch_role"`},
		{"a dependency that isn't", "terraform/main.tf", "aws_iam_role_policy.store,", "aws_iam_role_policy.stores,", `does not have an attribute named "stores"`},
		{"a placeholder that isn't filled", "terraform/iam.tf", "{ launch_role = each.value }", "{ launch_rol = each.value }", "launch_rol"},
		{"a policy that isn't", "terraform/iam.tf", "assume.json", "asume.json", "no such file"},
		{"declared twice", "terraform/variables.tf", `variable "image" {`, `variable "name" {`, "name"},
		{"a misspelt argument of the module", "terraform/examples/basic/main.tf", "certificate_arn ", "certificat_arn  ", "takes no certificat_arn"},
		{"an argument left out", "terraform/examples/basic/main.tf", "certificate_arn ", "certificat_arn  ", "wants certificate_arn"},
	} {
		t.Run(c.name, func(t *testing.T) {
			folder := t.TempDir()
			if err := os.CopyFS(filepath.Join(folder, "terraform"), os.DirFS(terraformFolder)); err != nil {
				t.Fatal(err)
			}
			if err := os.CopyFS(filepath.Join(folder, "iam"), os.DirFS(root+"/deploy/iam")); err != nil {
				t.Fatal(err)
			}
			write(t, folder, c.file, plant(t, read(t, "deploy/"+c.file), c.right, c.wrong))
			said := strings.Join(judged(filepath.Dir(filepath.Join(folder, c.file)), answers(false)), "\n")
			if !strings.Contains(said, c.says) {
				t.Errorf("not noticed: %s", said)
			}
		})
	}
}

// What Terraform makes is what CloudFormation makes: the same container, and a
// config that the program takes.
func TestTerraformMakesTheSameTask(t *testing.T) {
	t.Parallel()
	m, diags := parse(terraformFolder, answers(false))
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	v, err := m.value("aws_ecs_task_definition", "this", "container_definitions", "")
	if err != nil {
		t.Fatal(err)
	}
	var containers []map[string]any
	if err := json.Unmarshal([]byte(v.AsString()), &containers); err != nil || len(containers) != 1 {
		t.Fatalf("%d containers: %v", len(containers), err)
	}
	config := ""
	for _, e := range containers[0]["environment"].([]any) {
		if e := e.(map[string]any); e["name"] == "STUDIOBOT_YAML" {
			config = e["value"].(string)
		}
	}
	accepts(t, program(t), "all", config)

	stack := open(t, "deploy/cloudformation/fargate.yaml", map[string]bool{"HasMetrics": false})
	other := stack.container()
	for terraform, cloudformation := range map[string]string{
		"name": "Name", "command": "Command", "essential": "Essential", "user": "User", "readonlyRootFilesystem": "ReadonlyRootFilesystem",
		"stopTimeout": "StopTimeout", "healthCheck": "HealthCheck", "linuxParameters": "LinuxParameters",
	} {
		if a, b := flat(containers[0][terraform]), flat(other[cloudformation]); a != b || a == "<nil>" {
			t.Errorf("%s: Terraform makes %s, CloudFormation %s", terraform, a, b)
		}
	}
	if a, b := len(containers[0]), len(other); a != b {
		t.Errorf("Terraform's container has %d keys, CloudFormation's %d", a, b)
	}
}

// flat writes a value so that the two spellings of its keys are the same.
func flat(v any) string { return strings.ToLower(fmt.Sprint(v)) }
