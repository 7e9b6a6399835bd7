package main

import (
	"bufio"
	"encoding/json"
	"strings"
	"testing"

	"github.com/studiobot/studiobot/doctor"
)

// The exit status, and both forms of the report.
func TestDoctor(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	_, env := between(t)
	write(t, folder, "users.yaml", "U012AB3CD: jane-doe\n")
	write(t, folder, "studiobot.yaml", least+"listen: 127.0.0.1:0\n")
	code, out, stderr := run(t, folder, env, "doctor")
	if code != exitFailure { // there is no such domain, and no bot
		t.Errorf("exit code %d\n%s%s", code, out, stderr)
	}
	for _, want := range []string{"good     config: studiobot.yaml has no mistake\n", "good     bot token: ", "wrong    domain ", "there is no domain", "warning  store: it is memory", "wrong    public URL: "} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	code, out, _ = run(t, folder, env, "doctor", "--json")
	n := 0
	for lines := bufio.NewScanner(strings.NewReader(out)); lines.Scan(); n++ {
		var f doctor.Finding
		if err := json.Unmarshal(lines.Bytes(), &f); err != nil || f.Check == "" || f.Result == "" || f.Says == "" || (f.Result == doctor.Good) != (f.Next == "") {
			t.Errorf("%s: %+v, %v", lines.Text(), f, err)
		}
	}
	if code != exitFailure || n < 8 {
		t.Errorf("exit code %d, %d lines", code, n)
	}
	// Swapped tokens are a mistake of the config: said as a finding, with the line.
	env[0], env[1] = "SLACK_APP_TOKEN=xoxb-1", "SLACK_BOT_TOKEN=xapp-1"
	if code, out, _ := run(t, folder, env, "doctor", "--json"); code != exitFailure || !strings.Contains(out, "swap the two") || !strings.Contains(out, `"result":"wrong"`) {
		t.Errorf("swapped tokens: exit code %d, %s", code, out)
	}
}
