package validate

import (
	"os/exec"
	"strings"
	"testing"
)

// systemd-analyze reads the unit as systemd would, and judges how much it may do.
func TestSystemdUnit(t *testing.T) {
	t.Parallel()
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		skip(t, "needs systemd-analyze")
	}
	// The program isn't installed here; what is named has to be there.
	unit := strings.ReplaceAll(read(t, "deploy/systemd/studiobot.service"), "/usr/local/bin/studiobot", "/bin/true")
	verify := func(t *testing.T, text string) string {
		cmd := exec.CommandContext(t.Context(), analyze, "verify", "--man=no", write(t, t.TempDir(), "studiobot.service", text))
		out, err := cmd.CombinedOutput()
		if err != nil {
			return string(out) + err.Error()
		}
		return string(out)
	}
	// It prints whatever isn't right, and exits with 0 where it would be ignored.
	if said := verify(t, unit); said != "" {
		t.Errorf("systemd-analyze verify says:\n%s", said)
	}
	for _, c := range []struct{ name, right, wrong, says string }{
		{"a misspelt key", "RestartSec=", "RestartSecs=", "Unknown key 'RestartSecs'"},
		{"a value that is none", "ProtectSystem=strict", "ProtectSystem=very", "protect system value"},
		{"a program that isn't there", "ExecStart=/bin/true", "ExecStart=/bin/nothing-there", "not executable"},
	} {
		if said := verify(t, plant(t, unit, c.right, c.wrong)); !strings.Contains(said, c.says) {
			t.Errorf("%s isn't noticed: %q", c.name, said)
		}
	}
	exposed := func(t *testing.T, text string) error {
		// A tenth of a point: 1.5 is "OK", the best of its words.
		cmd := exec.CommandContext(t.Context(), analyze, "security", "--offline=yes", "--threshold=15", write(t, t.TempDir(), "studiobot.service", text))
		return cmd.Run()
	}
	if err := exposed(t, unit); err != nil {
		t.Errorf("the unit may do more than it needs: %v", err)
	}
	if err := exposed(t, plant(t, unit, "CapabilityBoundingSet=\n", "")); err == nil {
		t.Error("a unit with every capability isn't noticed")
	}
}
