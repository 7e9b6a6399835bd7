package validate

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// statement is one of a policy, in an order that can be compared.
type statement struct {
	Sid, Effect                   string
	Actions, Resources, Principal []string
	Condition                     string
}

// policies are the statements of deploy/iam, by their file.
func policies(t *testing.T) map[string][]statement {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "deploy/iam/*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no policies: %v", err)
	}
	out := map[string][]statement{}
	for _, file := range files {
		var policy map[string]any
		name := filepath.Base(file)
		if err := json.Unmarshal([]byte(read(t, "deploy/iam/"+name)), &policy); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if policy["Version"] != "2012-10-17" || len(policy) != 2 {
			t.Errorf("%s: want a Version and Statements", name)
		}
		out[name] = statements(t, policy)
	}
	return out
}

func statements(t *testing.T, policy map[string]any) []statement {
	t.Helper()
	var out []statement
	for _, raw := range policy["Statement"].([]any) {
		s := statement{}
		for key, v := range raw.(map[string]any) {
			switch key {
			case "Sid":
				s.Sid = v.(string)
			case "Effect":
				s.Effect = v.(string)
			case "Action":
				s.Actions = texts(v)
			case "Resource":
				s.Resources = texts(v)
			case "Principal":
				for kind, who := range v.(map[string]any) {
					for _, w := range texts(who) {
						s.Principal = append(s.Principal, kind+" "+w)
					}
				}
			case "Condition":
				s.Condition = condition(v)
			default:
				t.Errorf("a statement with %s", key)
			}
		}
		out = append(out, s)
	}
	return out
}

// texts is a text, or a list of them, sorted; CloudFormation's functions as the
// placeholders of deploy/iam.
func texts(v any) []string {
	switch x := v.(type) {
	case string:
		return []string{x}
	case []any:
		var out []string
		for _, item := range x {
			out = append(out, texts(item)...)
		}
		slices.Sort(out)
		return slices.Compact(out)
	case map[string]any:
		return []string{placeholder(x)}
	}
	return []string{fmt.Sprint(v)}
}

// placeholder is what deploy/iam writes where a template has a function.
func placeholder(f map[string]any) string {
	if sub, ok := f["Fn::Sub"].(string); ok {
		return strings.NewReplacer("${AWS::Partition}", "${partition}", "${AWS::Region}", "${region}",
			"${AWS::AccountId}", "${account}", "${DomainId}", "${domain_id}", "${!aws:PrincipalTag/studiobot-profile}", "${own_profile}").Replace(sub)
	}
	raw, _ := json.Marshal(f) // what came from YAML can be written
	known := map[string]string{
		`{"Fn::GetAtt":["Table","Arn"]}`: "${table}",
		`{"Fn::If":["MakesLaunchRole",{"Fn::GetAtt":["LaunchRole","Arn"]},{"Ref":"LaunchRoleArn"}]}`: "${launch_role}",
		`{"Ref":"AppTokenSecretArn"}`:           "${app_token_secret}",
		`{"Ref":"BotTokenSecretArn"}`:           "${bot_token_secret}",
		`{"Fn::GetAtt":["TaskRole","Arn"]}`:     "${task_role}",
		`{"Fn::GetAtt":["RedirectRole","Arn"]}`: "${task_role}",
		`{"Ref":"TaskRoleArns"}`:                "${task_role}",
	}
	if p := known[string(raw)]; p != "" {
		return p
	}
	return string(raw)
}

// condition is a condition as JSON. One that a template has only for a
// perimeter is that of perimeter.json, and says so.
func condition(v any) string {
	if f, ok := v.(map[string]any)["Fn::If"].([]any); ok && f[0] == "HasPerimeter" {
		raw, _ := json.Marshal(f[1])
		text := strings.ReplaceAll(string(raw), `{"Ref":"SourceVpceIds"}`, `["${api_endpoint}","${studio_endpoint}"]`)
		return "perimeter " + text
	}
	raw, _ := json.Marshal(v)
	return string(raw)
}

// documents are the policies that a template has anywhere in it.
func documents(v any) []map[string]any {
	var out []map[string]any
	switch x := v.(type) {
	case map[string]any:
		if _, ok := x["Statement"]; ok {
			return []map[string]any{x}
		}
		for _, child := range x {
			out = append(out, documents(child)...)
		}
	case []any:
		for _, child := range x {
			out = append(out, documents(child)...)
		}
	}
	return out
}

// optional are policies for what people may do beyond opening Studio. The
// templates grant each only where a parameter says so.
func optional() []string {
	return []string{"stop-apps.json", "notebooks.json", "start-notebooks.json", "stop-notebooks.json", "mlflow.json"}
}

// What the templates grant is what deploy/iam has, to the letter.
func TestTemplatesGrantThePolicies(t *testing.T) {
	t.Parallel()
	files := policies(t)
	perimeter := files["perimeter.json"][0]
	launch := append([]string{"launch-own.json", "list.json", "running.json", "trust-launch.json"}, optional()...)
	for template, want := range map[string][]string{
		"deploy/cloudformation/fargate.yaml":     {"assume.json", "store.json", "secrets.json", "trust-ecs-tasks.json"},
		"deploy/cloudformation/launch-role.yaml": nil,
		"deploy/sam/template.yaml":               {"assume.json", "store.json", "secrets.json", "trust-ecs-tasks.json", "trust-lambda.json", "store-redirect.json"},
	} {
		want = append(want, launch...)
		var granted, allowed []string
		for _, policy := range documents(at(t, document(t, read(t, template)), "Resources")) {
			for _, s := range statements(t, policy) {
				if bounds, ok := strings.CutPrefix(s.Condition, "perimeter "); ok {
					if bounds != perimeter.Condition {
						t.Errorf("%s: %s is limited by %s, and perimeter.json by %s", template, s.Sid, bounds, perimeter.Condition)
					}
					s.Condition = ""
				}
				s.Condition = strings.ReplaceAll(s.Condition, "aws:ResourceTag/slack-user-id", "aws:ResourceTag/${notebook_tag}")
				granted = append(granted, fmt.Sprintf("%+v", s))
			}
		}
		for _, file := range want {
			for _, s := range files[file] {
				allowed = append(allowed, fmt.Sprintf("%+v", s))
			}
		}
		slices.Sort(granted)
		slices.Sort(allowed)
		if granted = slices.Compact(granted); !slices.Equal(granted, allowed) {
			t.Errorf("%s grants\n  %s\nand deploy/iam has\n  %s", template, strings.Join(granted, "\n  "), strings.Join(allowed, "\n  "))
		}
	}
}

// What docs/dynamodb.md shows is store.json, filled in, and the redirect needs the
// part of it that store-redirect.json has.
func TestStorePolicies(t *testing.T) {
	t.Parallel()
	_, rest, _ := strings.Cut(read(t, "docs/dynamodb.md"), "```json\n")
	shown, _, ok := strings.Cut(rest, "```")
	var policy map[string]any
	if err := json.Unmarshal([]byte(shown), &policy); err != nil || !ok {
		t.Fatalf("docs/dynamodb.md shows no policy: %v", err)
	}
	files := policies(t)
	all, redirect := files["store.json"][0].Actions, files["store-redirect.json"][0].Actions
	if got := statements(t, policy)[0].Actions; !slices.Equal(got, all) {
		t.Errorf("docs/dynamodb.md shows %v, and store.json has %v", got, all)
	}
	for _, a := range redirect {
		if !slices.Contains(all, a) {
			t.Errorf("only the redirect may %s", a)
		}
	}
	if len(redirect) == len(all) {
		t.Error("the redirect may all that the bot may")
	}
}

// The README's policy is launch.json, filled in.
func TestReadmeHasTheLaunchPolicy(t *testing.T) {
	t.Parallel()
	_, rest, ok := strings.Cut(read(t, "README.md"), "```json\n")
	shown, _, closed := strings.Cut(rest, "```")
	if !ok || !closed {
		t.Fatal("the README shows no policy")
	}
	filled := strings.NewReplacer("${partition}", "aws", "${region}", "us-west-2", "${account}", "111122223333", "${domain_id}", "d-abcdefghijkl").
		Replace(read(t, "deploy/iam/launch.json"))
	if shown != filled {
		t.Errorf("the README shows\n%s\nlaunch.json is\n%s", shown, filled)
	}
}

// docs/attribution.md shows launch-own.json, filled in.
func TestAttributionHasTheLaunchRole(t *testing.T) {
	t.Parallel()
	want := strings.NewReplacer("${partition}", "aws", "${region}", "us-west-2", "${account}", "444455556666", "${domain_id}", "d-abcdefghijkl",
		"${own_profile}", "${aws:PrincipalTag/studiobot-profile}").Replace(fmt.Sprintf("%+v", policies(t)["launch-own.json"]))
	var shown []string
	for i, block := range strings.Split(read(t, "docs/attribution.md"), "```json\n") {
		block, _, _ = strings.Cut(block, "```")
		var policy map[string]any
		if i > 0 && json.Unmarshal([]byte(block), &policy) == nil {
			shown = append(shown, fmt.Sprintf("%+v", statements(t, policy)))
		}
	}
	if !slices.Contains(shown, want) {
		t.Errorf("docs/attribution.md shows\n%s\nand not launch-own.json\n%s", strings.Join(shown, "\n"), want)
	}
}

// Nothing that matters is granted on everything.
func TestPoliciesAreNarrow(t *testing.T) {
	t.Parallel()
	// Lists can't be limited to a resource; Service Authorization Reference.
	everywhere := []string{"sagemaker:ListUserProfiles", "sagemaker:ListSpaces", "sagemaker:ListApps", "sagemaker:ListNotebookInstances"}
	for file, all := range policies(t) {
		for _, s := range all {
			for _, a := range s.Actions {
				if strings.Contains(a, "*") {
					t.Errorf("%s: %s grants %s", file, s.Sid, a)
				}
				if slices.Contains(s.Resources, "*") && !slices.Contains(everywhere, a) {
					t.Errorf("%s: %s grants %s on everything", file, s.Sid, a)
				}
			}
			if s.Sid == "" || s.Effect != "Allow" || len(s.Actions) == 0 {
				t.Errorf("%s: %+v", file, s)
			}
		}
	}
}
