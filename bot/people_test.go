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
