package validate

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// templates are judged by AWS's library.
func templates() []string {
	return []string{
		"deploy/cloudformation/fargate.yaml", "deploy/cloudformation/launch-role.yaml",
		"deploy/cloudformation/vpc-endpoints.yaml", "deploy/sam/template.yaml",
	}
}

// finding is what cloudformation/validate.mjs says.
type finding struct{ Severity, Rule, Text, Where string }

// question is what it is asked.
type question struct {
	Name string `json:"name"`
	File string `json:"file"`
}

// judge runs one process of the CDK library for all questions.
func judge(t *testing.T, questions []question) map[string][]finding {
	t.Helper()
	node, err := exec.LookPath("node")
	if err == nil {
		_, err = os.Stat("cloudformation/node_modules/aws-cdk-lib/package.json")
	}
	if err != nil {
		skip(t, "needs Node: run npm ci in deploy/validate/cloudformation")
	}
	var in, said bytes.Buffer
	for _, q := range questions {
		line, err := json.Marshal(q)
		if err != nil {
			t.Fatal(err)
		}
		in.Write(append(line, '\n'))
	}
	cmd := exec.CommandContext(t.Context(), node, "validate.mjs")
	cmd.Dir, cmd.Stdin, cmd.Stderr = "cloudformation", &in, &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("validate.mjs: %v\n%s", err, said.String())
	}
	answers := map[string][]finding{}
	for scan := bufio.NewScanner(bytes.NewReader(out)); scan.Scan(); {
		var answer struct {
			Name     string
			Findings []finding
		}
		if err := json.Unmarshal(scan.Bytes(), &answer); err != nil {
			t.Fatalf("%v in %s", err, scan.Text())
		}
		answers[answer.Name] = answer.Findings
	}
	if len(answers) != len(questions) {
		t.Fatalf("%d answers to %d questions\n%s", len(answers), len(questions), said.String())
	}
	return answers
}

// excused are findings that are none, each with the reason.
func excused(f finding) bool {
	switch f.Rule {
	case "W1030": // looks at the default of AlarmTopicArn, and not at the condition that keeps it out where it is empty
		return strings.Contains(f.Text, "'Ref': 'AlarmTopicArn'")
	case "W2509": // takes the secrets' ARNs for the secrets
		return strings.Contains(f.Text, "TokenSecretArn'")
	}
	return false
}

// mistake is one that is planted into a template.
type mistake struct {
	name, template, right, wrong string
	says                         string // in a finding
}

func mistakes() []mistake {
	const fargate, sam, vpc = "deploy/cloudformation/fargate.yaml", "deploy/sam/template.yaml", "deploy/cloudformation/vpc-endpoints.yaml"
	return []mistake{
		{"a misspelt property", fargate, "HealthCheckPath:", "HealthChekPath:", "'HealthChekPath' was unexpected"},
		{"a misspelt property deep inside", fargate, "StopTimeout:", "StopTimeuot:", "'StopTimeuot' was unexpected"},
		{"a Ref to nothing", fargate, "RoleName: !Ref TaskRole", "RoleName: !Ref TaskRoll", "'TaskRoll' not found"},
		{"a GetAtt that isn't", fargate, "!GetAtt Table.Arn", "!GetAtt Table.Arm", "'Arm' is not one of"},
		{"a Sub of nothing", fargate, "${HostName}", "${HostNam}", "'HostNam' was not found"},
		{"a condition that isn't", fargate, "Condition: HasMetrics", "Condition: HasMetric", "'HasMetric'"},
		{"words for a number", fargate, "EvaluationPeriods: 5", "EvaluationPeriods: five", "evaluationPeriods"},
		{"an unknown resource", fargate, "AWS::ECS::Service", "AWS::ECS::Servise", "AWS::ECS::Servise"},
		{"a required property left out", fargate, "      MetricName: Errors\n", "", "MetricName"},
		{"a misspelt property of the API", sam, "ThrottlingRateLimit", "ThrottlingRateLimt", "'ThrottlingRateLimt' was unexpected"},
		{"a runtime that is no more", sam, "provided.al2023", "python3.8", "python3.8"},
		{"a misspelt property of an endpoint", vpc, "PrivateDnsEnabled", "PrivateDNSEnabled", "'PrivateDNSEnabled' was unexpected"},
	}
}

func TestTemplates(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	var questions []question
	for _, path := range templates() {
		file, err := filepath.Abs(filepath.Join(root, path))
		if err != nil {
			t.Fatal(err)
		}
		questions = append(questions, question{path, file})
	}
	for _, m := range mistakes() {
		text := plant(t, read(t, m.template), m.right, m.wrong)
		questions = append(questions, question{m.name, write(t, folder, strings.ReplaceAll(m.name, " ", "-")+".yaml", text)})
	}

	answers := judge(t, questions)
	for _, path := range templates() {
		t.Run(path, func(t *testing.T) {
			for _, f := range answers[path] {
				if !excused(f) {
					t.Errorf("%s %s: %s: %s", f.Severity, f.Rule, f.Where, f.Text)
				}
			}
		})
	}
	for _, m := range mistakes() {
		t.Run(m.name, func(t *testing.T) {
			var all []string
			for _, f := range answers[m.name] {
				if !excused(f) {
					all = append(all, f.Text)
				}
			}
			if !strings.Contains(strings.Join(all, "\n"), m.says) {
				t.Errorf("not noticed; the findings are %q", all)
			}
		})
	}
}
