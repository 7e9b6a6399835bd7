package main

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/studiobot/studiobot/internal/sagemakersim"
	"github.com/studiobot/studiobot/internal/slacksim"
)

// office is a folder with a mapping of every kind, between two simulators.
func office(t *testing.T) (folder string, env []string) {
	t.Helper()
	slack, err := slacksim.Start(slacksim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(slack.Close)
	slack.AddPeople(
		slacksim.Person{ID: "U0JANE", Name: "jane", Email: "jane@example.com", EmailConfirmed: true}, slacksim.Person{ID: "U0DEE", Name: "dee", Deleted: true},
		slacksim.Person{ID: "U0TAG", Name: "tag"}, slacksim.Person{ID: "U0TAB", Name: "tab"}, slacksim.Person{ID: "U0NEW", Name: "new"},
	)
	aws, err := sagemakersim.Start(sagemakersim.Options{Domains: []sagemakersim.Domain{
		{ID: "d-abcdefghijkl", Profiles: []sagemakersim.Profile{
			{Name: "jane"}, {Name: "tab"}, {Name: "tagged", Tags: map[string]string{"slack-user-id": "U0TAG"}},
		}},
		{ID: "d-bcdefghijklm", Profiles: []sagemakersim.Profile{{Name: "jane-prod"}}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(aws.Close)
	folder = t.TempDir()
	write(t, folder, "users.yaml", "U0JANE: {prod: jane-prod}\nU0DEE: dee\nU0BAN: deny\n")
	write(t, folder, "studiobot.yaml", strings.Replace(least, "  - file: users.yaml\n", `  - file: users.yaml
  - tag: slack-user-id
  - {email: "{{ .Local }}", domains: [example.com]}
  - table: true
store: sqlite:bot.db
`, 1))
	write(t, folder, "table.csv", "slack_id,profile,domain\nU0TAB,tab,research\nU0JANE,tab,research\nU0NEW,tab,research\n")
	return folder, []string{
		"SLACK_APP_TOKEN=" + slack.AppToken(), "SLACK_BOT_TOKEN=" + slack.BotToken(), "SLACK_API_URL=" + slack.APIURL(),
		"AWS_ENDPOINT_URL=" + aws.URL(), "AWS_ACCESS_KEY_ID=AKIATEST", "AWS_SECRET_ACCESS_KEY=secret", "AWS_EC2_METADATA_DISABLED=true",
	}
}

// undated is a text without the day on which the test ran.
func undated(text string) string {
	return regexp.MustCompile(` on \d{4}-\d\d-\d\d`).ReplaceAllString(text, " on DATE")
}

// A mapping from the first list to the access review.
func TestMapping(t *testing.T) {
	t.Parallel()
	folder, env := office(t)
	for _, c := range []struct {
		args  []string
		noEnv bool
		code  int
		out   string // a line, or a golden file
	}{
		{args: []string{"import", "table.csv", "--dry-run"}, noEnv: true, out: "nothing was written; it would be 3 new, 0 changed, 0 the same\n"},
		{args: []string{"import", "table.csv"}, noEnv: true, out: "3 new, 0 changed, 0 the same\n"},
		{args: []string{"import", "table.csv"}, noEnv: true, out: "0 new, 0 changed, 3 the same\n"},
		{args: []string{"explain", "U0JANE"}, out: "explain.golden.txt"},
		{args: []string{"explain", "U0DEE"}, code: exitFailure, out: "explain-deactivated.golden.txt"},
		{args: []string{"explain", "U0GONE"}, code: exitFailure, out: "explain-unknown.golden.txt"},
		{args: []string{"explain", "--offline", "U0TAB"}, noEnv: true, out: "explain-offline.golden.txt"},
		{args: []string{"explain", "U0BAN", "--offline"}, noEnv: true, code: exitFailure, out: "explain-denied.golden.txt"},
		{args: []string{"list"}, out: "list.golden.txt"},
		{args: []string{"list", "--domain", "prod", "--offline"}, noEnv: true, out: "list-prod.golden.txt"},
		{args: []string{"lint"}, code: exitFailure, out: "lint.golden.txt"},
		{args: []string{"lint", "--json"}, code: exitFailure, out: "lint.golden.jsonl"},
		{args: []string{"export"}, out: "export.golden.csv"},
	} {
		use := env
		if c.noEnv {
			use = nil
		}
		code, out, stderr := run(t, folder, use, append([]string{"mapping"}, c.args...)...)
		if code != c.code {
			t.Errorf("%v: exit code %d\n%s%s", c.args, code, out, stderr)
		}
		if strings.HasSuffix(c.out, "\n") {
			if out != c.out {
				t.Errorf("%v: %q", c.args, out)
			}
			continue
		}
		golden(t, c.out, undated(out))
		for _, secret := range env[:2] {
			if _, value, _ := strings.Cut(secret, "="); strings.Contains(out+stderr, value) {
				t.Errorf("%v: a token came out", c.args)
			}
		}
	}
}

// What is logged while the answer is made goes to standard error, each change
// with its audit line.
func TestMappingLogsBesideTheAnswer(t *testing.T) {
	t.Parallel()
	folder, _ := office(t)
	_, _, stderr := run(t, folder, nil, "mapping", "import", "table.csv")
	changes := 0
	for line := range strings.Lines(stderr) {
		var entry struct{ Msg, Step, Actor, After string }
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Errorf("no line of JSON: %s", line)
		}
		if entry.Msg == "audit" && entry.Step == "linked" && entry.Actor == "import" && entry.After == "tab" {
			changes++
		}
	}
	if changes != 3 {
		t.Errorf("%d audit lines in\n%s", changes, stderr)
	}
}

func TestMappingRefuses(t *testing.T) {
	t.Parallel()
	folder, env := office(t)
	write(t, folder, "wrong.csv", "U0ONE,one\nu0two,two\nU0THREE,\n")
	write(t, folder, "filed.yaml", least)
	write(t, folder, "broken.yaml", strings.Replace(least, "users.yaml", "wrong.csv", 1))
	for _, c := range []struct {
		env  []string
		args []string
		code int
		want string // how the last line on standard error ends
	}{
		{nil, []string{"import", "wrong.csv"}, exitUsage, "wrong.csv:3: no user profile; write one, or deny"},
		{nil, []string{"import", "nowhere.csv"}, exitUsage, "nowhere.csv: can't be read (no such file or directory)"},
		{nil, []string{"import", "table.csv", "--config", "filed.yaml"}, exitUsage, "studiobot: mapping import: there is no table in the mapping of filed.yaml; add the source - table: true, and a store that lasts"},
		{nil, []string{"import", "table.csv", "--config", "nowhere.yaml"}, exitUsage, "nowhere.yaml: there is no such file; `studiobot config init` writes one to start from"},
		{nil, []string{"explain", "U0JANE"}, exitUsage, "environment: SLACK_BOT_TOKEN: is missing; set it to a token beginning with xoxb-, or SLACK_BOT_TOKEN_FILE to a file that holds it"},
		{env, []string{"explain", "jane"}, exitUsage, "Copy member ID)"},
		{nil, []string{"list", "--offline", "--domain", "prd"}, exitUsage, "studiobot: mapping list: there is no domain prd; did you mean prod?"},
		{nil, []string{"list", "--offline", "--config", "broken.yaml"}, exitUsage, "wrong.csv:3: no user profile; write one, or deny"},
		{append(slices.Clone(env), "SLACK_BOT_TOKEN=xoxb-hunter2"), []string{"lint"}, exitFailure, "check SLACK_BOT_TOKEN: it is wrong, revoked, of another app, or no bot token (xoxb-…)"},
	} {
		code, out, stderr := run(t, folder, c.env, append([]string{"mapping"}, c.args...)...)
		lines := strings.Split(strings.TrimSpace(stderr), "\n")
		if code != c.code || !strings.HasSuffix(lines[len(lines)-1], c.want) || out != "" || strings.Contains(stderr, "hunter2") {
			t.Errorf("%v: exit code %d, %q\n%s", c.args, code, out, stderr)
		}
	}
}

// A mapping that is all right is said to be.
func TestLintOfWhatIsRight(t *testing.T) {
	t.Parallel()
	folder, env := office(t)
	write(t, folder, "users.yaml", "U0JANE: {prod: jane-prod}\nU0GONE: deny\n")
	code, out, stderr := run(t, folder, env, "mapping", "lint")
	if code != exitOK || out != "" || !strings.HasSuffix(stderr, "\nnothing to mend\n") {
		t.Errorf("exit code %d, %q\n%s", code, out, stderr)
	}
}
