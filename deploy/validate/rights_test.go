package validate

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/zclconf/go-cty/cty"
)

// right is what somebody may ask a template for, with the policies that it takes.
type right struct {
	name           string
	cloudformation map[string]any
	terraform      func(answers map[string]cty.Value)
	policies       []string
}

func rights() []right {
	config := func(stop, start bool, tag string) func(map[string]cty.Value) {
		return func(answers map[string]cty.Value) {
			answers["config"] = cty.ObjectVal(map[string]cty.Value{
				"studio":    cty.ObjectVal(map[string]cty.Value{"allow_stop": cty.BoolVal(stop)}),
				"notebooks": cty.ObjectVal(map[string]cty.Value{"tag": cty.StringVal(tag), "allow_start": cty.BoolVal(start)}),
			})
		}
	}
	const tag = "slack-user-id"
	return []right{
		{"nothing", nil, func(map[string]cty.Value) {}, nil},
		{"stopping", map[string]any{"AllowStop": "yes"}, config(true, false, ""), []string{"stop-apps.json"}},
		{"notebooks", map[string]any{"Notebooks": "open"}, config(false, false, tag), []string{"notebooks.json"}},
		{"starting", map[string]any{"Notebooks": "start"}, config(false, true, tag), []string{"notebooks.json", "start-notebooks.json"}},
		{"notebooks and stopping", map[string]any{"Notebooks": "open", "AllowStop": "yes"}, config(true, false, tag),
			[]string{"stop-apps.json", "notebooks.json", "stop-notebooks.json"}},
		{"tracking servers", map[string]any{"TrackingServers": []any{"team-tracking"}}, func(answers map[string]cty.Value) {
			research := answers["domains"].Index(cty.NumberIntVal(0)).AsValueMap()
			research["mlflow"] = cty.ListVal([]cty.Value{cty.StringVal("team-tracking")})
			answers["domains"] = cty.TupleVal([]cty.Value{cty.ObjectVal(research), answers["domains"].Index(cty.NumberIntVal(1))})
		}, []string{"mlflow.json"}},
	}
}

// holds is whether a condition does, as CloudFormation sees it.
func (s *stack) holds(condition any) bool {
	s.t.Helper()
	for function, arg := range condition.(map[string]any) {
		switch function {
		case "Condition", "Fn::Condition": // the long form and the short one
			return s.holds(at(s.t, s.template, "Conditions", arg.(string)))
		case "Fn::Equals":
			return fmt.Sprint(s.resolve(arg.([]any)[0])) == fmt.Sprint(s.resolve(arg.([]any)[1]))
		case "Fn::Not":
			return !s.holds(arg.([]any)[0])
		case "Fn::And":
			return !slices.ContainsFunc(arg.([]any), func(c any) bool { return !s.holds(c) })
		}
	}
	s.t.Fatalf("a condition %v", condition)
	return false
}

// sids are the names of the statements that a stack makes.
func (s *stack) sids() []string {
	s.t.Helper()
	var out []string
	for _, resource := range at(s.t, s.template, "Resources").(map[string]any) {
		if condition, ok := resource.(map[string]any)["Condition"].(string); ok && !s.holds(map[string]any{"Condition": condition}) {
			continue
		}
		for _, policy := range documents(resource) {
			for _, statement := range statements(s.t, policy) {
				out = append(out, statement.Sid)
			}
		}
	}
	return out
}

// A stack grants what its parameters ask for, and of what is optional nothing
// else; where the launch role is in another account it grants none of it here.
func TestRightsOfStacks(t *testing.T) {
	t.Parallel()
	files := policies(t)
	for _, path := range []string{"deploy/cloudformation/fargate.yaml", "deploy/cloudformation/launch-role.yaml", "deploy/sam/template.yaml"} {
		for _, r := range rights() {
			for _, here := range []bool{true, false} {
				s := open(t, path, nil)
				if _, elsewhere := s.template["Parameters"].(map[string]any)["LaunchRoleArn"]; !elsewhere && !here {
					continue
				}
				s.answers["TrackingServers"] = []any{""}
				if path == "deploy/cloudformation/launch-role.yaml" {
					s.answers["TrackingServers"] = "no"
				}
				if here {
					s.answers["LaunchRoleArn"] = ""
				}
				for name, answer := range r.cloudformation {
					if _, list := answer.([]any); list && s.answers[name] == "no" {
						answer = "yes"
					}
					s.answers[name] = answer
				}
				got := s.sids()
				for _, file := range optional() {
					for _, want := range files[file] {
						if asked := here && slices.Contains(r.policies, file); slices.Contains(got, want.Sid) != asked {
							t.Errorf("%s, %s, the launch role is here: %v: %s is granted: %v", path, r.name, here, want.Sid, !asked)
						}
					}
				}
			}
		}
	}
}

// So does the Terraform module. Each policy is its file, and the launch role's own
// is launch-own.json; in a perimeter its OpenOnesOwn is perimeter.json's.
func TestRightsOfTerraform(t *testing.T) {
	t.Parallel()
	files := policies(t)
	for _, r := range rights() {
		for _, perimeter := range []bool{false, true} {
			values := answers(perimeter)
			r.terraform(values)
			m, diags := parse(terraformFolder, values)
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			for _, file := range append(optional(), "launch-own.json", "list.json", "running.json") {
				want := slices.Clone(files[file])
				if file == "launch-own.json" && perimeter {
					want[0] = files["perimeter.json"][0]
				}
				name := strings.ReplaceAll(strings.TrimSuffix(strings.Replace(file, "launch-own", "launch", 1), ".json"), "-", "_")
				v, err := m.value("aws_iam_role_policy", name, "policy", "research")
				if slices.Contains(optional(), file) && !slices.Contains(r.policies, file) {
					if err == nil {
						t.Errorf("%s: Terraform grants %s", r.name, v.AsString())
					}
					continue
				}
				if err != nil {
					t.Errorf("%s: %v", r.name, err)
					continue
				}
				var policy map[string]any
				if err := json.Unmarshal([]byte(v.AsString()), &policy); err != nil {
					t.Fatal(err)
				}
				if a, b := filled(want), filled(statements(t, policy)); a != b {
					t.Errorf("%s: Terraform grants\n%s\nwant\n%s", r.name, b, a)
				}
			}
		}
	}
}

// docs/running.md and docs/opens.md show what the files have.
func TestDocsHaveTheRights(t *testing.T) {
	t.Parallel()
	files := policies(t)
	var want []statement
	for _, file := range []string{"running.json", "stop-apps.json", "notebooks.json", "start-notebooks.json", "stop-notebooks.json"} {
		for _, s := range files[file] {
			if s.Sid != "OpenNotebooks" { // which docs/opens.md has
				want = append(want, s)
			}
		}
	}
	_, rest, _ := strings.Cut(read(t, "docs/running.md"), "```json\n")
	shown, _, _ := strings.Cut(rest, "```")
	var policy map[string]any
	if err := json.Unmarshal([]byte(shown), &policy); err != nil {
		t.Fatal(err)
	}
	if a, b := filled(want), filled(statements(t, policy)); a != b {
		t.Errorf("docs/running.md shows\n%s\ndeploy/iam has\n%s", b, a)
	}

	var opens, actions []string
	_, table, _ := strings.Cut(read(t, "docs/opens.md"), "| for | actions | resource |")
	for _, m := range regexp.MustCompile("`([A-Z][A-Za-z]+)`").FindAllStringSubmatch(table, -1) {
		opens = append(opens, "sagemaker:"+m[1])
	}
	for _, file := range []string{"running.json", "notebooks.json", "mlflow.json"} {
		for _, s := range files[file] {
			actions = append(actions, s.Actions...)
		}
	}
	slices.Sort(opens)
	slices.Sort(actions)
	if !slices.Equal(opens, actions) {
		t.Errorf("docs/opens.md has %v, deploy/iam %v", opens, actions)
	}
}

// filled is statements in words, in their order of names, with the placeholders
// filled in.
func filled(all []statement) string {
	lines := []string{}
	for _, s := range all {
		lines = append(lines, fmt.Sprintf("%+v", s))
	}
	slices.Sort(lines)
	return strings.NewReplacer("${partition}", "aws", "${region}", "us-west-2", "${account}", "111122223333", "${domain_id}", "d-abcdefghijkl",
		"${notebook_tag}", "slack-user-id", "${own_profile}", "${aws:PrincipalTag/studiobot-profile}", "${api_endpoint}", "vpce-api", "${studio_endpoint}", "vpce-studio").Replace(strings.Join(lines, "\n"))
}
