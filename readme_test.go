package studiobot_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/studiobot/studiobot"
	"github.com/studiobot/studiobot/mapping"
)

func readme(t *testing.T) string {
	t.Helper()
	raw, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// blocks returns the fenced blocks of one language.
func blocks(text, language string) []string {
	var out []string
	for _, m := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	return out
}

// What the README tells people to write is right as it stands there.
func TestReadmeConfig(t *testing.T) {
	t.Parallel()
	yaml := blocks(readme(t), "yaml")
	if len(yaml) != 2 {
		t.Fatalf("%d YAML blocks, want the config and the users file", len(yaml))
	}
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "users.yaml"), []byte(yaml[1]), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"SLACK_APP_TOKEN": "xapp-1-A0-1-abc", "SLACK_BOT_TOKEN": "xoxb-1-abc"}
	cfg, err := studiobot.Parse(filepath.Join(folder, "studiobot.yaml"), []byte(yaml[0]), func(k string) string { return env[k] })
	if err != nil {
		t.Fatal(err)
	}
	if len(cfg.Warnings) > 0 {
		t.Errorf("the README's config warns: %v", cfg.Warnings)
	}
	if mistakes, _ := mapping.Check("users.yaml", []byte(yaml[1]), []string{"research"}); len(mistakes) > 0 {
		t.Error(mistakes)
	}
}

// The CSV that people are shown is one, in the README and in docs/mapping.md.
func TestDocumentedCSV(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(filepath.Join("docs", "mapping.md"))
	if err != nil {
		t.Fatal(err)
	}
	files := append(blocks(readme(t), "csv"), blocks(string(raw), "csv")...)
	if len(files) != 3 {
		t.Fatalf("%d CSV blocks", len(files))
	}
	for _, file := range files {
		file = strings.ReplaceAll(file, "\n   ", "\n") // in a list
		if mistakes, _ := mapping.Check("users.csv", []byte(strings.TrimSpace(file)+"\n"), []string{"research", "prod"}); len(mistakes) > 0 {
			t.Errorf("%v in\n%s", mistakes, file)
		}
	}
}

// The policy allows what is called, and no more.
func TestReadmePolicy(t *testing.T) {
	t.Parallel()
	policies := blocks(readme(t), "json")
	if len(policies) != 1 {
		t.Fatalf("%d JSON blocks, want the policy", len(policies))
	}
	var policy struct {
		Statement []struct{ Effect, Action, Resource string }
	}
	if err := json.Unmarshal([]byte(policies[0]), &policy); err != nil {
		t.Fatal(err)
	}
	var allowed []string
	for _, s := range policy.Statement {
		allowed = append(allowed, strings.TrimPrefix(s.Action, "sagemaker:"))
		if s.Effect != "Allow" || strings.HasPrefix(s.Resource, "*") {
			t.Errorf("statement %+v", s)
		}
	}
	r := start(t, setup{})
	r.launches(r.press("U0JANE", r.command("U0JANE", ""), 0), researchID, "jane-doe")
	r.sagemaker.SetProfileStatus(researchID, "jane-doe", "Failed", "no role") // and why is looked up
	r.get(r.press("U0JANE", r.command("U0JANE", ""), 0))
	r.await("the domains to be looked at", func() bool { return r.sagemaker.CallCount("DescribeDomain") >= 2 })
	var called []string
	for _, c := range r.sagemaker.Calls() {
		if c.Signed && !slices.Contains(called, c.Operation) {
			called = append(called, c.Operation)
		}
	}
	slices.Sort(allowed)
	slices.Sort(called)
	if !slices.Equal(allowed, called) {
		t.Errorf("the policy allows %v, called were %v", allowed, called)
	}
}

// Every file that the README leads to is there, and so is every command.
func TestReadmeLeadsSomewhere(t *testing.T) {
	t.Parallel()
	text := readme(t)
	for _, m := range regexp.MustCompile(`\]\(([^)#]+)\)`).FindAllStringSubmatch(text, -1) {
		if strings.HasPrefix(m[1], "http") {
			continue
		}
		if _, err := os.Stat(m[1]); err != nil {
			t.Errorf("the README leads to %s: %v", m[1], err)
		}
	}
	files, err := filepath.Glob("cmd/studiobot/*.go")
	if err != nil {
		t.Fatal(err)
	}
	var commands []byte
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		commands = append(commands, text...)
	}
	for _, m := range regexp.MustCompile(`\./studiobot ([a-z]+)`).FindAllStringSubmatch(text, -1) {
		if !strings.Contains(string(commands), `"`+m[1]) {
			t.Errorf("the README runs studiobot %s, which isn't there", m[1])
		}
	}
}
