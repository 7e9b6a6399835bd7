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
	"github.com/studiobot/studiobot/internal/sagemakersim"
	"github.com/studiobot/studiobot/internal/slacksim"
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
		if list := strings.HasPrefix(s.Action, "sagemaker:List"); s.Effect != "Allow" || (s.Resource == "*") != list {
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

// So does the table of docs/opens.md, beyond that.
func TestOpensPolicy(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("docs/opens.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(raw), "| for | actions | resource |")
	var allowed []string
	for _, m := range regexp.MustCompile("`([A-Z][A-Za-z]+)`").FindAllStringSubmatch(table, -1) {
		allowed = append(allowed, m[1])
	}
	r := start(t, placesSetup())
	r.listed("U0JANE", "spaces", "running")
	r.listed("U0JANE", "notebook", "tagged-box")
	for _, name := range []string{"janes-lab", "gpu-box", "team-tracking"} {
		r.lands("U0JANE", r.command("U0JANE", name), 0)
	}
	r.get(r.press("U0JANE", r.command("U0JANE", "old-tracking"), 0)) // it is stopped, and why is looked up
	space, box := r.command("U0JANE", "janes-code"), r.command("U0JANE", "tagged-box")
	r.sagemaker.RemoveSpace(researchID, "janes-code")
	r.sagemaker.SetNotebook(sagemakersim.Notebook{Name: "tagged-box"})
	for name, m := range map[string]*slacksim.Message{"janes-code": space, "tagged-box": box} {
		r.await(name+" to be gone", func() bool { return strings.Contains(says(r.command("U0JANE", name)), "I don't know") })
		r.press("U0JANE", m, 0)
	}
	r.await("both to be looked at", func() bool {
		return r.sagemaker.CallCount("DescribeSpace") > 0 && r.sagemaker.CallCount("DescribeNotebookInstance") > 0 && r.sagemaker.CallCount("DescribeApp") > 0
	})
	var called []string
	for _, c := range r.sagemaker.Calls() {
		basic := slices.Contains([]string{"CreatePresignedDomainUrl", "DescribeDomain", "DescribeUserProfile", "ListSpaces", "ListApps"}, c.Operation)
		if c.Signed && !basic && !slices.Contains(called, c.Operation) {
			called = append(called, c.Operation)
		}
	}
	slices.Sort(allowed)
	slices.Sort(called)
	if !slices.Equal(allowed, called) {
		t.Errorf("the table has %v, called were %v", allowed, called)
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

// What docs/running.md permits beside the README's policy is what is called when
// things are looked at, stopped and started.
func TestRunningPolicy(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(filepath.Join("docs", "running.md"))
	if err != nil {
		t.Fatal(err)
	}
	allowed := policyActions(t, append(blocks(readme(t), "json"), blocks(string(raw), "json")...))
	r := start(t, setup{config: taggedConfig, before: furnishNotebooks})
	r.launches(r.press("U0SAM", r.command("U0SAM", "prod studio"), 0), prodID, "sam-prod")
	m := *r.command("U0JANE", "status")
	r.presses("U0JANE", m, "Stop", "forecast")
	r.await("an app to stop", func() bool { return r.reads("U0JANE", "JupyterLab in forecast has stopped.") })
	r.starts("U0JANE", "churn")
	r.await("a notebook instance to start", func() bool { return r.reads("U0JANE", "churn is ready.") })
	r.forged("U0JANE", "notebook/research/busy")
	r.await("a notebook instance to stop", func() bool { return r.reads("U0JANE", "busy has stopped.") })
	for _, c := range r.sagemaker.Calls() {
		if c.Signed && !allowed[c.Operation] {
			t.Errorf("%s is called, and not permitted", c.Operation)
		}
	}
	for action := range allowed {
		if action != "DescribeUserProfile" && r.sagemaker.CallCount(action) == 0 { // only where a launch is refused
			t.Errorf("%s is permitted, and not called", action)
		}
	}
}

// actions are what policies allow.
func policyActions(t *testing.T, policies []string) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	for _, raw := range policies {
		var policy struct {
			Statement []struct {
				Effect string
				Action any
			}
		}
		if err := json.Unmarshal([]byte(raw), &policy); err != nil {
			t.Fatal(err)
		}
		for _, s := range policy.Statement {
			all, several := s.Action.([]any)
			if !several {
				all = []any{s.Action}
			}
			for _, a := range all {
				out[strings.TrimPrefix(a.(string), "sagemaker:")] = true
			}
		}
	}
	return out
}

// What docs/running.md tells people to write is right.
func TestRunningConfigs(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(filepath.Join("docs", "running.md"))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, block := range blocks(string(raw), "yaml") {
		all.WriteString(block)
	}
	cfg, err := studiobot.Parse(filepath.Join(configFolder(t), "studiobot.yaml"), []byte(least+all.String()), tokens)
	if err != nil || len(cfg.Warnings) > 0 || !cfg.Studio.AllowStop || !cfg.Notebooks.AllowStart || len(cfg.Prices.PerHour) != 2 {
		t.Errorf("%+v, %v", cfg, err)
	}
}
