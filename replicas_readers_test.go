package studiobot_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/studiobot/studiobot"
	"github.com/studiobot/studiobot/internal/slacksim"
)

// One copy reads the workspace and the tags for all. The others know everybody by
// what it read, and hear of what changes. When it goes another one reads.
func TestOneCopyReadsForAll(t *testing.T) {
	t.Parallel()
	eachShared(t, func(t *testing.T, s sharing) {
		s2 := s.on(setup{sources: ", {tag: slack-user-id}"})
		r := start(t, s2)
		r.sagemaker.SetTags(researchID, "sam-research", map[string]string{"slack-user-id": "U0UMA"})
		r.await("the tags", func() bool { return strings.Contains(r.log.String(), `"user profiles read"`) })
		copies := []*rig{r, r.another(s2), r.another(s2)}
		r.sockets(6)
		before := r.slack.Calls("users.list")
		for _, c := range copies[1:] {
			c.await("the profiles that the first read", func() bool { return strings.Contains(c.log.String(), "user profiles known") })
		}
		r.await("everybody to know of the tag", func() bool {
			for range 6 {
				if len(r.command("U0UMA", "").Buttons()) != 1 {
					return false
				}
			}
			return true
		})
		for range 6 { // every socket
			r.launches(r.at(r.press("U0UMA", r.command("U0UMA", ""), 0)), researchID, "sam-research")
		}
		if n := r.slack.Calls("users.list"); n != before {
			t.Errorf("users.list was called %d times more", n-before)
		}
		if n := r.slack.Calls("users.info"); n != 0 {
			t.Errorf("%d people were asked for by name", n)
		}
		// Somebody else has the profile now: all hear of it.
		r.sagemaker.SetTags(researchID, "sam-research", map[string]string{"slack-user-id": "U0NEW"})
		r.slack.AddPeople(slacksim.Person{ID: "U0NEW", Name: "new"})
		r.await("everybody to know of the other tag", func() bool {
			for range 6 {
				if len(r.command("U0NEW", "").Buttons()) != 1 || !strings.Contains(r.command("U0UMA", "").Text, "linked") {
					return false
				}
			}
			return true
		})
		if err := r.shut(); err != nil {
			t.Fatal(err)
		}
		r.await("another copy to read", func() bool {
			return strings.Contains(copies[1].log.String()+copies[2].log.String(), `"workspace read"`)
		})
	})
}

// The bot and the redirect in processes of their own.
func TestBotAndRedirectApart(t *testing.T) {
	t.Parallel()
	eachShared(t, func(t *testing.T, s sharing) {
		r := start(t, s.on(setup{role: studiobot.RoleBot}))
		redirect := r.another(s.on(setup{role: studiobot.RoleRedirect, env: map[string]string{"SLACK_APP_TOKEN": "", "SLACK_BOT_TOKEN": ""}, away: true}))
		for _, c := range []*rig{r, redirect} {
			if a := c.get(c.url + "/readyz"); a.status != http.StatusOK {
				t.Errorf("/readyz: %d %s", a.status, a.body)
			}
		}
		if n := r.slack.Connections(); n != 2 {
			t.Errorf("%d sockets", n)
		}
		m := r.command("U0JANE", "")
		link := r.press("U0JANE", m, 0)
		if a := r.get(r.at(link)); a.status != http.StatusNotFound {
			t.Errorf("the bot gives %d %q", a.status, a.title)
		}
		redirect.launches(redirect.at(link), researchID, "jane-doe")
		r.await("the message to be replaced", func() bool {
			now, _ := r.slack.Message(m.ID)
			return strings.Contains(now.Text, "Opened at")
		})
		denied := r.press("U0JANE", r.command("U0JANE", ""), 0)
		r.slack.ChangePerson(slacksim.Person{ID: "U0JANE", Name: "jane", Deleted: true})
		r.await("the denial", func() bool { return strings.Contains(r.log.String(), `"step":"denied"`) })
		if a := redirect.get(redirect.at(denied)); a.status != http.StatusForbidden {
			t.Errorf("after the loss: %d %q", a.status, a.title)
		}
	})
}

// What a process alone could do, and two apart can't, is a mistake of the config.
func TestRolesAreChecked(t *testing.T) {
	t.Parallel()
	text := []byte("public_url: https://studio.example.com\ndomains: [{name: research, id: d-abcdefghijkl, region: us-west-2}]\nmapping: [{file: users.yaml}]\nlaunch: {proof: confirm}\n")
	none := func(string) string { return "" }
	for role, want := range map[studiobot.Role][]string{
		studiobot.RoleAll:      {"SLACK_APP_TOKEN", "SLACK_BOT_TOKEN", "users.yaml"},
		studiobot.RoleBot:      {"SLACK_APP_TOKEN", "SLACK_BOT_TOKEN", "users.yaml", "store: memory can't be shared", "launch.proof"},
		studiobot.RoleRedirect: {"store: memory can't be shared", "launch.proof"},
	} {
		_, err := studiobot.ParseAs(role, "studiobot.yaml", text, none)
		if err == nil {
			t.Fatal("no mistake")
		}
		if n := strings.Count(err.Error(), "\n") + 1; n != len(want) {
			t.Errorf("%s: %d mistakes:\n%v", role, n, err)
		}
		for _, w := range want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: nothing of %s:\n%v", role, w, err)
			}
		}
	}
	if _, err := studiobot.ParseRole("both"); err == nil {
		t.Error("any role is one")
	}
}
