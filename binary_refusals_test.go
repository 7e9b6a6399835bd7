package studiobot_test

import (
	"maps"
	"path/filepath"
	"strings"
	"testing"
)

// All mistakes at once, of the file and of the environment, and nothing of what
// the tokens are.
func testBadConfig(t *testing.T, binary string) {
	r := surroundings(t)
	good := binaryConfig("https://studio.test", "127.0.0.1:0", "")
	bad := binaryConfig("http://studio.test", "nowhere", "launch: {link_ttl: 20m, prof: click}")
	env := r.environment()
	broken := maps.Clone(env)
	broken["SLACK_APP_TOKEN"] = "hunter2"
	delete(broken, "SLACK_BOT_TOKEN")
	broken["SLACK_API_URL"] = "http://slack.test/api/"
	for _, row := range []struct {
		name, config string
		env          map[string]string
		want         []string // how the lines begin
	}{
		{"the file", bad, env, []string{
			"studiobot.yaml:1: public_url: ", "studiobot.yaml:2: listen: ", "studiobot.yaml:7: launch.link_ttl: ", "studiobot.yaml:7: launch.prof: ",
		}},
		{"the environment", good, broken, []string{
			"environment: SLACK_APP_TOKEN: ", "environment: SLACK_BOT_TOKEN: ", "environment: SLACK_API_URL: ",
		}},
		{"both", strings.Replace(good, "listen: 127.0.0.1:0", "listen: nowhere", 1), broken, []string{
			"studiobot.yaml:2: listen: ", "environment: SLACK_APP_TOKEN: ", "environment: SLACK_BOT_TOKEN: ", "environment: SLACK_API_URL: ",
		}},
		{"the users file", good + "users: {}\n", env, []string{"studiobot.yaml:8: users: "}},
	} {
		p := newFolder(t, binary, row.config)
		for _, command := range []string{"check", "serve"} {
			code, out, log := p.run(t, row.env, command)
			lines := strings.Split(strings.TrimSuffix(log, "\n"), "\n")
			if code != 2 || out != "" || len(lines) != len(row.want) {
				t.Errorf("%s: %s: exit code %d, %q, %d lines, want %d\n%s", row.name, command, code, out, len(lines), len(row.want), log)
				continue
			}
			for _, want := range row.want {
				if n := strings.Count("\n"+log, "\n"+want); n != 1 {
					t.Errorf("%s: %s: %d lines begin with %q\n%s", row.name, command, n, want, log)
				}
			}
			if strings.Contains(log, "hunter2") {
				t.Errorf("%s: %s shows a token", row.name, command)
			}
		}
	}
	p := newFolder(t, binary, good)
	put(t, filepath.Join(p.dir, "users.yaml"), "U0JANE: {moon: jane-doe}\nU0SAM: -sam-\n")
	if code, _, log := p.run(t, env, "serve"); code != 2 || strings.Count(log, "users.yaml:") != 2 {
		t.Errorf("a bad users file: exit code %d\n%s", code, log)
	}
}

// A token that Slack refuses for good ends the program, with the setting to
// mend and without the token.
func testWrongToken(t *testing.T, binary string) {
	r := surroundings(t)
	p := newFolder(t, binary, binaryConfig("https://studio.test", "127.0.0.1:0", ""))
	for setting, wrong := range map[string]string{
		"SLACK_APP_TOKEN": "xapp-1-A0OTHER-1-hunter2",
		"SLACK_BOT_TOKEN": "xoxb-1-1-hunter2",
	} {
		env := r.environment()
		env[setting] = wrong
		code, out, log := p.run(t, env, "serve")
		lines := strings.Split(strings.TrimSpace(log), "\n")
		last := lines[len(lines)-1]
		if code != 1 || out != "" || !strings.HasPrefix(last, "studiobot: ") || !strings.Contains(last, setting) {
			t.Errorf("%s: exit code %d, %q\n%s", setting, code, out, last)
		}
		if strings.Contains(log, "hunter2") {
			t.Errorf("the wrong %s is in the log", setting)
		}
	}
}
