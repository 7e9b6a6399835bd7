package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the golden files anew")

// asProgram makes this test binary the program itself.
const asProgram = "STUDIOBOT_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// patience bounds every wait of these tests.
const patience = 30 * time.Second

// started is the program in a process of its own.
type started struct {
	cmd      *exec.Cmd
	out, err bytes.Buffer // to be read after wait only
}

// launch starts the program in a folder. Of the environment it has env only.
func launch(t *testing.T, folder string, env []string, args ...string) *started {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	p := &started{cmd: exec.CommandContext(ctx, self, args...)}
	p.cmd.Dir, p.cmd.Stdout, p.cmd.Stderr = folder, &p.out, &p.err
	p.cmd.Env = append([]string{asProgram + "=1", "HOME=" + folder, "GORACE=atexit_sleep_ms=0"}, env...)
	if dir := os.Getenv("GOCOVERDIR"); dir != "" {
		p.cmd.Env = append(p.cmd.Env, "GOCOVERDIR="+dir)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return p
}

// wait returns the exit code.
func (p *started) wait(t *testing.T) int {
	t.Helper()
	var exit *exec.ExitError
	if err := p.cmd.Wait(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return p.cmd.ProcessState.ExitCode()
}

// run runs the program to its end.
func run(t *testing.T, folder string, env []string, args ...string) (code int, out, stderr string) {
	t.Helper()
	p := launch(t, folder, env, args...)
	code = p.wait(t)
	return code, p.out.String(), p.err.String()
}

func write(t *testing.T, folder, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (go test -update writes it anew); got:\n%s", path, got)
	}
}

func tokens() []string { return []string{"SLACK_APP_TOKEN=xapp-1-x", "SLACK_BOT_TOKEN=xoxb-1-x"} }

const least = `public_url: https://studio.example.com
domains:
  - {name: research, id: d-abcdefghijkl, region: us-west-2}
  - {name: prod, id: d-bcdefghijklm, region: us-west-2}
mapping:
  - file: users.yaml
`

func TestHelp(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for name, args := range map[string][]string{
		"help.golden.txt":        {"--help"},
		"help-serve.golden.txt":  {"serve", "--help"},
		"help-init.golden.txt":   {"help", "config", "init"},
		"help-health.golden.txt": {"health", "-h"},
		"help-list.golden.txt":   {"mapping", "list", "-h"},
		"help-lint.golden.txt":   {"help", "mapping", "lint"},
		"help-import.golden.txt": {"mapping", "import", "--help", "users.csv"},
	} {
		code, out, stderr := run(t, folder, nil, args...)
		if code != exitOK || stderr != "" {
			t.Errorf("%v: exit code %d, %q", args, code, stderr)
		}
		golden(t, name, out)
	}
	for _, args := range [][]string{{"help"}, {"-h"}, {"-help"}} {
		_, want, _ := run(t, folder, nil, "--help")
		if code, out, _ := run(t, folder, nil, args...); code != exitOK || out != want {
			t.Errorf("%v: exit code %d, %q", args, code, out)
		}
	}
}

// Every command is in the overview, and says what it does.
func TestHelpNamesEveryCommand(t *testing.T) {
	t.Parallel()
	_, overview, _ := run(t, t.TempDir(), nil, "--help")
	for _, c := range commands() {
		if !strings.Contains(overview, "  "+c.name) || !strings.Contains(overview, c.short) {
			t.Errorf("%s isn't in the overview", c.name)
		}
		if code, out, _ := run(t, t.TempDir(), nil, append([]string{"help"}, strings.Fields(c.name)...)...); code != exitOK || !strings.Contains(out, c.short) {
			t.Errorf("help %s: exit code %d, %q", c.name, code, out)
		}
	}
}

func TestUsageErrors(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for _, c := range []struct {
		args []string
		want string // the last line on standard error
	}{
		{nil, "studiobot: no command; `studiobot serve` runs the bot"},
		{[]string{"chek"}, "studiobot: there is no command \"chek\"; did you mean `studiobot check`?"},
		{[]string{"dance"}, "studiobot: there is no command \"dance\"; `studiobot --help` lists them"},
		{[]string{"config"}, "studiobot: config alone is no command; did you mean `studiobot config init`?"},
		{[]string{"config", "inti"}, "studiobot: there is no command \"config inti\"; did you mean `studiobot config init`?"},
		{[]string{"help", "srve"}, "studiobot: there is no command \"srve\"; did you mean `studiobot serve`?"},
		{[]string{"serve", "--confg", "x"}, "studiobot: serve: flag provided but not defined: -confg; see `studiobot help serve`"},
		{[]string{"serve", "--config"}, "studiobot: serve: flag needs an argument: -config; see `studiobot help serve`"},
		{[]string{"serve", "studiobot.yaml"}, "studiobot: serve: \"studiobot.yaml\" is too much; see `studiobot help serve`"},
		{[]string{"mapping"}, "studiobot: mapping alone is no command; did you mean `studiobot mapping explain`?"},
		{[]string{"mapping", "exprot"}, "studiobot: there is no command \"mapping exprot\"; did you mean `studiobot mapping export`?"},
		{[]string{"mapping", "explain"}, "studiobot: mapping explain: a Slack user ID is missing; see `studiobot help mapping explain`"},
		{[]string{"mapping", "explain", "U1", "--offline", "U2"}, "studiobot: mapping explain: \"U2\" is too much; see `studiobot help mapping explain`"},
		{[]string{"mapping", "import", "--offline", "a.csv"}, "studiobot: mapping import: flag provided but not defined: -offline; see `studiobot help mapping import`"},
		{[]string{"mapping", "import", "a.csv", "--", "--dry-run"}, "studiobot: mapping import: \"--dry-run\" is too much; see `studiobot help mapping import`"},
		{[]string{"mapping", "export", "x.csv"}, "studiobot: mapping export: \"x.csv\" is too much; see `studiobot help mapping export`"},
		{[]string{"config", "init", "a", "b"}, "studiobot: config init: \"b\" is too much; name one file"},
	} {
		code, out, stderr := run(t, folder, nil, c.args...)
		lines := strings.Split(strings.TrimSpace(stderr), "\n")
		if code != exitUsage || out != "" || lines[len(lines)-1] != c.want {
			t.Errorf("%v: exit code %d, %q, %q", c.args, code, out, stderr)
		}
	}
	if _, _, stderr := run(t, folder, nil); !strings.Contains(stderr, "usage: studiobot COMMAND") {
		t.Errorf("without arguments there is no help: %q", stderr)
	}
	if entries, err := os.ReadDir(folder); err != nil || len(entries) > 0 {
		t.Errorf("something was written: %v, %v", entries, err)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write(t, folder, "studiobot.yaml", least)
	write(t, folder, "users.yaml", "U012AB3CD: jane-doe\n")
	write(t, folder, "warned.yaml", strings.Replace(least, "us-west-2}", "us-west-2, profile_tags: {studiobot: enabled}}", 1))
	write(t, folder, "wrong.yaml", least+"listn: :8080\nlaunch: {link_ttl: 20m}\n")
	for _, c := range []struct {
		env         []string
		args        []string
		code        int
		out, stderr string
	}{
		{tokens(), nil, exitOK, "studiobot.yaml is fine: 2 domains, 1 source of the mapping, memory store, proof click\n", ""},
		{tokens(), []string{"--config", "warned.yaml"}, exitOK, "warned.yaml is fine: 2 domains, 1 source of the mapping, memory store, proof click\n",
			"warning: warned.yaml:3: domains[0].profile_tags has no effect without create_profiles\n"},
		{tokens()[:1], []string{"-config=wrong.yaml"}, exitUsage, "", "wrong.yaml:7: listn: is no key of the config; did you mean listen?\n" +
			"wrong.yaml:8: launch.link_ttl: 20m is too long; write a duration from 10s to 15m\n" +
			"environment: SLACK_BOT_TOKEN: is missing; set it to a token beginning with xoxb-, or SLACK_BOT_TOKEN_FILE to a file that holds it\n"},
		{tokens(), []string{"--config", "nowhere.yaml"}, exitUsage, "", "nowhere.yaml: there is no such file; `studiobot config init` writes one to start from\n"},
		{append(tokens(), "CONFIG="+least), []string{"--config", "env:CONFIG"}, exitOK,
			"env:CONFIG is fine: 2 domains, 1 source of the mapping, memory store, proof click\n", ""},
		{append(tokens(), "CONFIG=listn: :8080\n"+least), []string{"--config", "env:CONFIG"}, exitUsage, "",
			"env:CONFIG:1: listn: is no key of the config; did you mean listen?\n"},
		{tokens(), []string{"--config", "env:CONFIG"}, exitUsage, "",
			"env:CONFIG: the variable is missing or empty; put the lines of a studiobot.yaml into it\n"},
	} {
		if code, out, stderr := run(t, folder, c.env, append([]string{"check"}, c.args...)...); code != c.code || out != c.out || stderr != c.stderr {
			t.Errorf("%v: exit code %d\n%s%s", c.args, code, out, stderr)
		}
	}
}

func TestConfigInit(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if code, out, stderr := run(t, folder, nil, "config", "init"); code != exitOK || stderr != "" || !strings.Contains(out, "studiobot.yaml is written") {
		t.Errorf("exit code %d, %q, %q", code, out, stderr)
	}
	written, err := os.ReadFile(filepath.Join(folder, "studiobot.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if code, out, _ := run(t, folder, nil, "config", "init", "-"); code != exitOK || out != string(written) {
		t.Errorf("what is printed isn't what is written: %q", out)
	}
	write(t, folder, "users.yaml", "U012AB3CD: jane-doe\n")
	if code, _, stderr := run(t, folder, tokens(), "check"); code != exitOK || stderr != "" {
		t.Errorf("the example has mistakes: %s", stderr)
	}
	write(t, folder, "mine.yaml", "mine")
	code, _, stderr := run(t, folder, nil, "config", "init", "mine.yaml")
	if code != exitUsage || stderr != "studiobot: mine.yaml exists and stays as it is; name another file, or - to print\n" {
		t.Errorf("exit code %d, %q", code, stderr)
	}
	if data, err := os.ReadFile(filepath.Join(folder, "mine.yaml")); err != nil || string(data) != "mine" {
		t.Errorf("it was overwritten: %q, %v", data, err)
	}
	if code, _, stderr := run(t, folder, nil, "config", "init", "no/such/folder.yaml"); code != exitFailure {
		t.Errorf("exit code %d, %q", code, stderr)
	}
}

func TestPrinted(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write(t, folder, "studiobot.yaml", least+"command: /ml-lab\n") // neither tokens nor users.yaml are there
	_, plain, _ := run(t, folder, nil, "manifest")
	if file, err := os.ReadFile(filepath.Join("..", "..", "manifest.yaml")); err != nil || plain != string(file) {
		t.Errorf("manifest: %v, %q", err, plain)
	}
	want := strings.Replace(plain, "command: /studio", "command: /ml-lab", 1)
	if code, out, stderr := run(t, folder, nil, "manifest", "--config", "studiobot.yaml"); code != exitOK || out != want || out == plain {
		t.Errorf("exit code %d, %q, %q", code, out, stderr)
	}
	if code, _, _ := run(t, folder, nil, "manifest", "--config", "nowhere.yaml"); code != exitUsage {
		t.Errorf("exit code %d for a config that isn't there", code)
	}
	reference, err := os.ReadFile(filepath.Join("..", "..", "docs", "config.md"))
	if code, out, _ := run(t, folder, nil, "config", "reference"); code != exitOK || err != nil || out != string(reference) {
		t.Errorf("config reference: exit code %d, %v", code, err)
	}
	for _, args := range [][]string{{"version"}, {"--version"}} {
		if code, out, _ := run(t, folder, nil, args...); code != exitOK || !slices.Equal(strings.Fields(out)[:1], []string{"studiobot"}) || !strings.Contains(out, "go1.") {
			t.Errorf("%v: exit code %d, %q", args, code, out)
		}
	}
}
