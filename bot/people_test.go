package bot

import (
	"testing"

	"github.com/slack-go/slack"
)

func TestMemberEmail(t *testing.T) {
	t.Parallel()
	b := &Bot{}
	for _, c := range []struct {
		email     string
		confirmed bool
		want      string
	}{
		{"Jane.Doe@Example.com", true, "jane.doe@example.com"},
		{"jane@example.com", false, ""},
		{"", true, ""},
		// In small letters the Kelvin sign is a k, and that is somebody else.
		{"mi\u212ae@example.com", true, "mi\u212ae@example.com"},
		{"\u0130@example.com", true, "\u0130@example.com"},
	} {
		u := &slack.User{ID: "U0JANE", IsEmailConfirmed: c.confirmed, Profile: slack.UserProfile{Email: c.email}}
		if got := b.member(u).Email; got != c.want {
			t.Errorf("%q: %q, want %q", c.email, got, c.want)
		}
	}
}

// A group's event that comes late changes nothing, and each has it read again.
func TestGroupEventsInOrder(t *testing.T) {
	t.Parallel()
	g := &heardGroups{}
	b := &Bot{o: Options{Groups: g}, regroup: make(chan struct{}, 1)}
	say := func(at int64, added, removed []string) {
		b.groupEvent(groupChange{Type: "subteam_members_changed", Group: "S0ML", Added: added, Removed: removed}, at)
	}
	say(100, nil, []string{"U0JANE"})
	say(99, []string{"U0JANE"}, nil) // delivered again
	say(101, []string{"U0SAM"}, nil)
	b.groupEvent(groupChange{Type: "subteam_members_changed", Group: "<S0ML>", Added: []string{"U0EVE"}}, 200)
	if len(g.heard) != 2 || g.heard[0] != "S0ML [] [U0JANE]" || g.heard[1] != "S0ML [U0SAM] []" {
		t.Errorf("%q", g.heard)
	}
	select {
	case <-b.regroup:
	default:
		t.Error("the groups aren't read again")
	}
}
