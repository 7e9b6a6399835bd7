package studiobot_test

import (
	"net/http"
	"strings"
	"testing"
)

// At the defaults 20 launches in a row by one person pass and 80 commands
// don't; nobody else notices.
func TestLimitOfCommands(t *testing.T) {
	t.Parallel()
	r := start(t, setup{limits: "person: 30/1m"})
	for range 20 {
		r.launches(r.press("U0JANE", r.command("U0JANE", ""), 0), researchID, "jane-doe")
	}
	refused := 0
	for range 60 {
		if m := r.command("U0JANE", ""); strings.Contains(m.Text, "That was a lot of commands at once. Wait ") && len(m.Buttons()) == 0 {
			refused++
		}
	}
	if refused < 40 {
		t.Errorf("%d of 60 commands more were refused", refused)
	}
	r.launches(r.press("U0SAM", r.command("U0SAM", "research"), 0), researchID, "sam-research")
}

// A flood of bad links from one address is slowed down and fills no log; a link
// that is armed opens from the very same address.
func TestLimitOfRefusedRequests(t *testing.T) {
	t.Parallel()
	r := start(t, setup{limits: "refused: 30/1m, person: off"})
	last := 0
	for range 200 {
		last = r.get(r.url + "/launch/" + strings.Repeat("A", 43) + ".0").status
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("after 200 bad links the status is %d", last)
	}
	if n := strings.Count(r.log.String(), `"step":"refused"`); n > 40 {
		t.Errorf("%d audit lines for a flood", n)
	}
	r.launches(r.press("U0JANE", r.command("U0JANE", ""), 0), researchID, "jane-doe")
}

// The alarm is a log line, once; nobody is refused.
func TestAlarm(t *testing.T) {
	t.Parallel()
	r := start(t, setup{limits: "alarm: 3/1m, person: off"})
	for range 8 {
		r.launches(r.press("U0JANE", r.command("U0JANE", ""), 0), researchID, "jane-doe")
	}
	if n := strings.Count(r.log.String(), "more launches than limits.alarm"); n != 1 {
		t.Errorf("%d alarms, want one", n)
	}
}
