package main

import (
	"strings"
	"testing"
)

// The kill switch on the command line: what it says, and its exit status. It needs
// no token.
func TestBlock(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write(t, folder, "users.yaml", "U012AB3CD: jane-doe\n")
	write(t, folder, "memory.yaml", least)
	write(t, folder, "studiobot.yaml", least+"store: sqlite:bot.db\n")
	for _, row := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"block", "U012AB3CD", "--config", "memory.yaml"}, exitFailure, "the store is memory"},
		{[]string{"block"}, exitUsage, "a Slack user ID is missing"},
		{[]string{"block", "jane"}, exitUsage, "block: "},
		{[]string{"block", "U012AB3CD"}, exitFailure, "name it, as in T0123ABCD/U012AB3CD"},
		{[]string{"unblock", "T0ACME/U012AB3CD"}, exitOK, "wasn't blocked; nothing was changed"},
		{[]string{"block", "T0ACME/U012AB3CD"}, exitOK, "is blocked: their live links are dead"},
		{[]string{"block", "T0ACME/U012AB3CD"}, exitOK, "was blocked already"},
		{[]string{"unblock", "T0ACME/U012AB3CD"}, exitOK, "isn't blocked any more"},
	} {
		code, out, stderr := run(t, folder, nil, row.args...)
		if code != row.code || !strings.Contains(out+stderr, row.want) {
			t.Errorf("%v: exit code %d, %q %q", row.args, code, out, stderr)
		}
		if done := strings.Contains(stderr, `"actor":"command line","reason":"blocked"`); done != (strings.Contains(row.want, "is blocked:") || strings.Contains(row.want, "any more")) {
			t.Errorf("%v: audit lines %s", row.args, stderr)
		}
	}
}
