package bot

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slack-go/slack"

	"github.com/studiobot/studiobot/mapping"
)

// hearing is a Bot whose user groups S0ML and S0OPS are as production's are.
func hearing() (*Bot, *mapping.Groups) {
	log := slog.New(slog.DiscardHandler)
	g := mapping.NewGroups(mapping.GroupsOptions{IDs: []string{"S0ML", "S0OPS"}, Log: log})
	for _, id := range g.IDs() {
		g.Set(id, []string{"U0JANE", "U0MAY"}, g.Moment())
	}
	return &Bot{o: Options{Groups: g, Log: log}, regroup: make(chan struct{}, 1)}, g
}

// membersChanged tells of a change that was made at that second.
func (b *Bot) membersChanged(at int64, group string, added, removed []string) {
	b.groupEvent(groupChange{Type: "subteam_members_changed", Group: group, Added: added, Removed: removed}, at)
}

func disabled(group string) (e groupChange) {
	e.Type, e.Subteam.ID, e.Subteam.DateDelete = "subteam_updated", group, 1
	return e
}

func inGroup(t *testing.T, g *mapping.Groups, group string) string {
	t.Helper()
	var out []string
	for _, u := range []string{"U0JANE", "U0MAY", "U0SAM"} {
		in, err := g.In(u, []string{group})
		if err != nil {
			t.Fatal(err)
		}
		if in {
			out = append(out, u)
		}
	}
	return strings.Join(out, " ")
}

// Whoever left is out, in whatever order the events come; whoever came is in
// unless they left later.
func TestGroupEventsOutOfOrder(t *testing.T) {
	t.Parallel()
	jane, sam := []string{"U0JANE"}, []string{"U0SAM"}
	for name, c := range map[string]struct {
		say  func(b *Bot)
		want string
	}{
		"in order": {func(b *Bot) {
			b.membersChanged(100, "S0ML", nil, jane)
			b.membersChanged(101, "S0ML", jane, nil)
		}, "U0JANE U0MAY"},
		"a removal behind somebody else's addition": {func(b *Bot) {
			b.membersChanged(101, "S0ML", sam, nil)
			b.membersChanged(100, "S0ML", nil, jane)
		}, "U0MAY U0SAM"},
		"an addition behind somebody else's": {func(b *Bot) {
			b.membersChanged(101, "S0ML", nil, jane)
			b.membersChanged(100, "S0ML", sam, nil)
		}, "U0MAY U0SAM"},
		"an addition behind the same person's removal": {func(b *Bot) {
			b.membersChanged(100, "S0ML", nil, jane)
			b.membersChanged(99, "S0ML", []string{"U0JANE", "U0SAM"}, nil)
		}, "U0MAY U0SAM"},
		"an older removal doesn't hide a younger one": {func(b *Bot) {
			b.membersChanged(100, "S0ML", nil, jane)
			b.membersChanged(90, "S0ML", nil, jane)
			b.membersChanged(95, "S0ML", jane, nil)
		}, "U0MAY"},
		"a removal behind the same person's addition": {func(b *Bot) {
			b.membersChanged(101, "S0ML", jane, nil)
			b.membersChanged(100, "S0ML", nil, jane)
		}, "U0MAY"}, // the reading that follows mends it
		"both in one second": {func(b *Bot) {
			b.membersChanged(100, "S0ML", nil, jane)
			b.membersChanged(100, "S0ML", jane, nil)
		}, "U0JANE U0MAY"},
		"an addition without a time": {func(b *Bot) {
			b.membersChanged(100, "S0ML", nil, jane)
			b.membersChanged(0, "S0ML", jane, nil)
		}, "U0MAY"},
		"another group's removal": {func(b *Bot) {
			b.membersChanged(100, "S0OPS", nil, jane)
			b.membersChanged(99, "S0ML", jane, nil)
		}, "U0JANE U0MAY"},
		"an addition behind the group's end": {func(b *Bot) {
			b.groupEvent(disabled("S0ML"), 100)
			b.membersChanged(99, "S0ML", jane, nil)
			b.membersChanged(101, "S0ML", sam, nil)
		}, "U0SAM"},
		"the group's end behind an addition": {func(b *Bot) {
			b.membersChanged(101, "S0ML", sam, nil)
			b.groupEvent(disabled("S0ML"), 100)
		}, ""},
	} {
		b, g := hearing()
		c.say(b)
		if got := inGroup(t, g, "S0ML"); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		if len(b.regroup) != 1 {
			t.Errorf("%s: the groups aren't read again", name)
		}
	}
}

// Nobody comes back in because more left than are remembered.
func TestGroupEventsBound(t *testing.T) {
	t.Parallel()
	b, g := hearing()
	b.membersChanged(100, "S0ML", nil, []string{"U0JANE"})
	for i := range 5 * maxLeft {
		b.membersChanged(90, "S0ML", nil, []string{fmt.Sprint("U", i)})
	}
	b.membersChanged(99, "S0ML", []string{"U0JANE"}, nil)
	b.membersChanged(101, "S0ML", []string{"U0SAM"}, nil)
	if got := inGroup(t, g, "S0ML"); got != "U0MAY U0SAM" {
		t.Errorf("%q", got)
	}
	if n := len(b.left.groups["S0ML"].left); n > maxLeft {
		t.Errorf("%d are remembered", n)
	}
}

// Groups that the config doesn't name wake nobody and take no memory.
func TestGroupEventsOfOthers(t *testing.T) {
	t.Parallel()
	b, _ := hearing()
	for _, group := range []string{"S0OTHER", "<S0ML>", ""} {
		b.membersChanged(100, group, []string{"U0SAM"}, []string{"U0JANE"})
		b.groupEvent(disabled(group), 100)
	}
	b.groupEvent(groupChange{Type: "subteam_updated", Group: "S0ML"}, 100) // says nothing of who is in
	if len(b.regroup) != 0 || len(b.left.groups) != 0 || len(b.told.at) != 0 {
		t.Errorf("woken %d, remembered %v %v", len(b.regroup), b.left.groups, b.told.at)
	}
}

// busySlack is a Slack that always says to come back in ten minutes. The simulator
// can't stand in here: its clock is the real one.
type busySlack chan time.Time

func (c busySlack) Do(r *http.Request) (*http.Response, error) {
	c <- time.Now()
	return &http.Response{
		StatusCode: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"600"}}, Body: io.NopCloser(strings.NewReader("")), Request: r,
	}, nil
}

// What Slack says of when to come back holds, whatever events come meanwhile.
func TestGroupEventsWaitForSlack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, _ := hearing()
		calls := make(busySlack, 100)
		b.client.Store(slack.New("xoxb-1", slack.OptionHTTPClient(calls)))
		b.home.Store(&home{team: "E0ORG", enterprise: "E0ORG", org: true}) // its workspaces are asked for first
		go b.readGroups(t.Context())
		first := <-calls
		b.membersChanged(100, "S0ML", nil, []string{"U0JANE"})
		if waited := (<-calls).Sub(first); waited < 10*time.Minute {
			t.Errorf("asked again after %v", waited)
		}
	})
}
