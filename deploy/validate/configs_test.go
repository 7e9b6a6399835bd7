package validate

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// stack is a template with what somebody would answer to its parameters.
type stack struct {
	t          *testing.T
	template   map[string]any
	answers    map[string]any
	conditions map[string]bool
}

func open(t *testing.T, path string, conditions map[string]bool) *stack {
	t.Helper()
	s := &stack{t: t, template: document(t, read(t, path)), conditions: conditions, answers: map[string]any{
		"AWS::Region": "us-west-2", "HostName": "studio.example.com", "VpcCidr": "10.0.0.0/16", "DomainId": "d-abcdefghijkl",
		"LaunchRoleArn": "arn:aws:iam::111122223333:role/studiobot-launch", "LaunchRole": "arn:aws:iam::111122223333:role/studiobot-made",
		"Table": "studiobot-Table-1A2B", "Admins": []any{"U012AB3CD", "S0123ABCD"}, "ApprovalsChannel": "C0123ABCD", "Help": "Ask in #ml-platform.",
		"TrackingServers": []any{"team-tracking", "other-tracking"},
	}}
	for name, p := range s.template["Parameters"].(map[string]any) {
		if def, ok := p.(map[string]any)["Default"]; ok && s.answers[name] == nil {
			s.answers[name] = def
		}
	}
	return s
}

// resolve does what CloudFormation does with its functions.
func (s *stack) resolve(v any) any {
	f, ok := v.(map[string]any)
	if !ok {
		return v
	}
	for name, arg := range f {
		switch name {
		case "Ref":
			return s.answer(arg.(string), nil)
		case "Fn::GetAtt":
			return s.answer(arg.([]any)[0].(string), nil)
		case "Fn::If":
			branches := arg.([]any)
			holds, known := s.conditions[branches[0].(string)]
			if !known {
				s.t.Fatalf("no answer to the condition %v", branches[0])
			}
			if holds {
				return s.resolve(branches[1])
			}
			return s.resolve(branches[2])
		case "Fn::Join":
			var parts []string
			for _, p := range s.resolve(arg.([]any)[1]).([]any) {
				parts = append(parts, fmt.Sprint(p))
			}
			return strings.Join(parts, arg.([]any)[0].(string))
		case "Fn::Sub":
			return s.sub(arg)
		}
	}
	return v
}

func (s *stack) sub(arg any) string {
	vars := map[string]any{}
	if list, ok := arg.([]any); ok {
		arg, vars = list[0], list[1].(map[string]any)
	}
	return regexp.MustCompile(`\$\{[^}]+\}`).ReplaceAllStringFunc(arg.(string), func(m string) string {
		return fmt.Sprint(s.answer(m[2:len(m)-1], vars))
	})
}

func (s *stack) answer(name string, vars map[string]any) any {
	if v, ok := vars[name]; ok {
		return s.resolve(v)
	}
	v, ok := s.answers[name]
	if !ok {
		s.t.Fatalf("no answer for %s", name)
	}
	return v
}

// config is the studiobot.yaml that a list of variables hands over.
func (s *stack) config(environment any) string {
	s.t.Helper()
	for _, v := range environment.([]any) {
		if entry := v.(map[string]any); entry["Name"] == "STUDIOBOT_YAML" {
			return s.resolve(entry["Value"]).(string)
		}
	}
	s.t.Fatal("no config in the environment")
	return ""
}

func (s *stack) container() map[string]any {
	s.t.Helper()
	return at(s.t, s.template, "Resources", "TaskDefinition", "Properties", "ContainerDefinitions", "0").(map[string]any)
}

// The real program takes every config that a template hands over, with the
// optional parts and without them.
func TestConfigsOfTemplates(t *testing.T) {
	t.Parallel()
	studiobot := program(t)
	for _, all := range []bool{true, false} {
		conditions := map[string]bool{"MakesLaunchRole": all, "HasMetrics": all, "AllowsStop": all, "StartsNotebooks": all, "HasNotebooks": all}
		fargate, sam := open(t, "deploy/cloudformation/fargate.yaml", conditions), open(t, "deploy/sam/template.yaml", conditions)
		if !all { // what has no default and may be empty
			for _, s := range []*stack{fargate, sam} {
				s.answers["Admins"], s.answers["ApprovalsChannel"], s.answers["Help"] = []any{""}, "", ""
				s.answers["TrackingServers"] = []any{""}
			}
		}
		accepts(t, studiobot, "all", fargate.config(fargate.container()["Environment"]))
		accepts(t, studiobot, "bot", sam.config(sam.container()["Environment"]))
		redirect := at(t, sam.template, "Resources", "RedirectFunction", "Properties", "Environment", "Variables", "STUDIOBOT_YAML")
		accepts(t, studiobot, "redirect", sam.resolve(redirect).(string))
	}
}

// A container is run as the Dockerfile means it.
func TestContainersFitTheImage(t *testing.T) {
	t.Parallel()
	dockerfile := read(t, "Dockerfile")
	for _, line := range []string{`ENTRYPOINT ["/studiobot"]`, "EXPOSE 8080", "user 65532", `CMD ["/studiobot", "health"]`} {
		if !strings.Contains(dockerfile, line) {
			t.Errorf("the Dockerfile has no %q any more; the templates say so", line)
		}
	}
	for _, path := range []string{"deploy/cloudformation/fargate.yaml", "deploy/sam/template.yaml"} {
		c := open(t, path, nil).container()
		if c["User"] != "65532" || c["ReadonlyRootFilesystem"] != true || fmt.Sprint(at(t, c, "LinuxParameters", "Capabilities", "Drop")) != "[ALL]" {
			t.Errorf("%s: the container may do too much: %v", path, c)
		}
		if health := fmt.Sprint(at(t, c, "HealthCheck", "Command")); health != "[CMD /studiobot health --config env:STUDIOBOT_YAML]" {
			t.Errorf("%s: %s", path, health)
		}
		for _, v := range c["Environment"].([]any) {
			if name := v.(map[string]any)["Name"].(string); strings.Contains(name, "TOKEN") {
				t.Errorf("%s: %s is in plain sight", path, name)
			}
		}
		var secrets []string
		for _, v := range c["Secrets"].([]any) {
			secrets = append(secrets, v.(map[string]any)["Name"].(string))
		}
		if slices.Sort(secrets); !slices.Equal(secrets, []string{"SLACK_APP_TOKEN", "SLACK_BOT_TOKEN"}) {
			t.Errorf("%s: the secrets are %v", path, secrets)
		}
	}
	// 20 s for a stop, and the container service gives more.
	if got := open(t, "deploy/cloudformation/fargate.yaml", nil).container()["StopTimeout"]; got != 30 {
		t.Errorf("the container is killed after %v s", got)
	}
}

// Every template makes the same table: the one that the store wants.
func TestTable(t *testing.T) {
	t.Parallel()
	want := `map[AttributeDefinitions:[map[AttributeName:pk AttributeType:S] map[AttributeName:sk AttributeType:S]] ` +
		`BillingMode:PAY_PER_REQUEST DeletionProtectionEnabled:true ` +
		`KeySchema:[map[AttributeName:pk KeyType:HASH] map[AttributeName:sk KeyType:RANGE]] ` +
		`PointInTimeRecoverySpecification:map[PointInTimeRecoveryEnabled:true] SSESpecification:map[SSEEnabled:true] ` +
		`TimeToLiveSpecification:map[AttributeName:exp Enabled:true]]`
	for _, path := range []string{"deploy/cloudformation/fargate.yaml", "deploy/sam/template.yaml"} {
		table := at(t, document(t, read(t, path)), "Resources", "Table").(map[string]any)
		if got := fmt.Sprint(table["Properties"]); got != want {
			t.Errorf("%s makes\n%s\nwant\n%s", path, got, want)
		}
		if table["DeletionPolicy"] != "Retain" || table["UpdateReplacePolicy"] != "Retain" {
			t.Errorf("%s: the table goes with the stack", path)
		}
	}
}
