package validate

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// root is the repository.
const root = "../.."

// skip is for what isn't on this machine; where nothing may be skipped it fails.
func skip(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("STUDIOBOT_NO_SKIP") == "1" {
		t.Fatal(why)
	}
	t.Skip(why)
}

// read returns a file of the repository.
func read(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// plant puts a mistake in the place of the one text that is right.
func plant(t *testing.T, text, right, wrong string) string {
	t.Helper()
	if strings.Count(text, right) < 1 {
		t.Fatalf("there is no %q to plant a mistake in", right)
	}
	return strings.Replace(text, right, wrong, 1)
}

// write writes a file of a test.
func write(t *testing.T, folder, name, text string) string {
	t.Helper()
	path := filepath.Join(folder, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// program builds the real studiobot.
func program(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "studiobot")
	build := exec.Command("go", "build", "-tags", "lambda.norpc", "-o", path, "./cmd/studiobot")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}

// accepts has the real program check a config for a role.
func accepts(t *testing.T, program, role, config string) {
	t.Helper()
	check := exec.Command(program, "check", "--role="+role, "--config", "env:STUDIOBOT_YAML")
	check.Env = []string{"STUDIOBOT_YAML=" + config}
	if role != "redirect" { // which needs no tokens
		check.Env = append(check.Env, "SLACK_APP_TOKEN=xapp-1-A0-1-abc", "SLACK_BOT_TOKEN=xoxb-1-abc")
	}
	out, err := check.CombinedOutput()
	for line := range strings.Lines(string(out)) {
		if !strings.Contains(line, " is fine: ") {
			t.Errorf("studiobot check says: %s", line)
		}
	}
	if err != nil || !bytes.Contains(out, []byte(" is fine: ")) {
		t.Errorf("studiobot check: %v\n%s", err, out)
	}
	if t.Failed() {
		t.Log(config)
	}
}

// document is a YAML document with CloudFormation's short forms written out:
// !Ref x becomes {"Ref": "x"}.
func document(t *testing.T, text string) map[string]any {
	t.Helper()
	var n yaml.Node
	if err := yaml.Unmarshal([]byte(text), &n); err != nil {
		t.Fatal(err)
	}
	out, ok := value(t, n.Content[0]).(map[string]any)
	if !ok {
		t.Fatal("this is no template")
	}
	return out
}

func value(t *testing.T, n *yaml.Node) any {
	t.Helper()
	short := strings.TrimPrefix(n.Tag, "!")
	if short == n.Tag || strings.HasPrefix(n.Tag, "!!") {
		short = ""
	}
	var out any
	switch n.Kind {
	case yaml.MappingNode:
		group := map[string]any{}
		for i := 0; i < len(n.Content); i += 2 {
			group[n.Content[i].Value] = value(t, n.Content[i+1])
		}
		out = group
	case yaml.SequenceNode:
		list := []any{}
		for _, item := range n.Content {
			list = append(list, value(t, item))
		}
		out = list
	default:
		if short != "" {
			out = n.Value
			break
		}
		if err := n.Decode(&out); err != nil {
			t.Fatal(err)
		}
	}
	switch short {
	case "":
		return out
	case "Ref":
		return map[string]any{"Ref": out}
	case "GetAtt":
		name, attribute, _ := strings.Cut(out.(string), ".")
		return map[string]any{"Fn::GetAtt": []any{name, attribute}}
	default:
		return map[string]any{"Fn::" + short: out}
	}
}

// at walks down a document; a list is walked into by "0".
func at(t *testing.T, v any, path ...string) any {
	t.Helper()
	for i, key := range path {
		switch x := v.(type) {
		case map[string]any:
			v = x[key]
		case []any:
			if key != "0" || len(x) == 0 {
				t.Fatalf("nothing at %v", path[:i+1])
			}
			v = x[0]
		default:
			t.Fatalf("nothing at %v", path[:i+1])
		}
	}
	return v
}
