package demo_test

import (
	"testing"
	"time"

	"github.com/studiobot/studiobot/internal/demo"
	"github.com/studiobot/studiobot/internal/sagemakersim"
	"github.com/studiobot/studiobot/internal/slacksim"
)

// after returns a function that waits until SageMaker was asked n more times as
// match says.
func after(t testing.TB, d *demo.Demo, n int, match func(sagemakersim.Call) bool) (wait func()) {
	t.Helper()
	calls, leave := d.SageMaker.Subscribe()
	t.Cleanup(leave)
	return func() {
		t.Helper()
		late := time.After(patience)
		for n > 0 {
			select {
			case c := <-calls:
				if match(c) {
					n--
				}
			case <-late:
				t.Fatal("SageMaker wasn't asked")
			}
		}
	}
}

// Each source opens Studio for its person. (users.yaml: TestBrowserLaunch.)
func TestBrowserSources(t *testing.T) {
	t.Parallel()
	ctx, d := open(t, demo.Options{})
	for _, who := range []struct{ user, handle, profile, origin string }{
		{"U0TOM", "tom", "forecast-tom", "2. tag slack-user-id: forecast-tom (tag slack-user-id on forecast-tom) ← counts"},
		{"U0MIA", "mia", "mia-larsen", "mia-larsen (email mia.larsen@example.com) ← counts"},
		{"U0ABE", "abe", "ann-berg", "4. table: ann-berg (table, linked by T0ACME/U0ANN"},
	} {
		if who.user == "U0ABE" { // nobody stands in the table from the start
			do(t, ctx, is("U0ANN"), types("/studio admin link @abe ann-berg"), sees("@Abe Cole has the Studio profile ann-berg"))
		}
		do(t, ctx, is(who.user), types("/studio"), sees("as "+who.profile))
		do(t, press(t, ctx, "Open Studio"), sees(who.profile), sees(researchID))
		do(t, ctx, is("U0ANN"), types("/studio admin who @"+who.handle), sees(who.origin))
	}
	// A tag counts as soon as the profiles were listed again.
	do(t, ctx, is("U0TOM"), types("/studio"), until(`document.querySelector("article a.primary")`))
	d.SageMaker.SetTags(researchID, "forecast-tom", map[string]string{"slack-user-id": "U0UMA"})
	// Who asks for a second time has taken in the first answer.
	after(t, d, 2, func(c sagemakersim.Call) bool { return c.Operation == "ListTags" && c.Profile == "forecast-tom" })()
	do(t, ctx, is("U0UMA"), types("/studio"), sees("as forecast-tom"))
	do(t, press(t, ctx, "Open Studio"), sees(researchID))
	do(t, ctx, is("U0TOM"), clicks("article a", "Open Studio"), sees("You aren't linked to a Studio profile yet."))
}

// What nobody can decide for them is told to people in words, and never decided
// by a weaker source.
func TestBrowserSourceRefusals(t *testing.T) {
	t.Parallel()
	ctx, d := open(t, demo.Options{})
	do(t, ctx, is("U0KIM"), types("/studio"), sees("Several Studio profiles claim to be yours."), sees("U0KIM"), sees("Ask in #ml-platform."),
		is("U0NIA"), types("/studio"), sees("You aren't in a group that may open Studio."),
		is("U0ANN"), types("/studio admin who @kim"), sees("Several profiles claim them; neither is used."), sees("tag slack-user-id on kim-park and kim-park-gpu"),
		types("/studio admin who @nia"), sees("They aren't in the domain's user groups."), sees("nia-prod"))
	// Slack tells of a change of the group.
	mark := d.Slack.Mark()
	if err := d.Slack.ChangeUserGroup("S0PROD", "U0SAM", "U0NIA"); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Slack.WaitForAfter(ctx, mark, func(r slacksim.Record) bool { return r.Kind == slacksim.KindAck && r.EnvelopeType == "events_api" }); err != nil {
		t.Fatal(err)
	}
	do(t, ctx, is("U0NIA"), types("/studio prod"), sees("Your Studio is ready."))
	do(t, press(t, ctx, "Open Studio"), sees("nia-prod"))
}

// While the profiles can't be read, what was read last counts for a while; then
// those who depend on it are asked to wait.
func TestBrowserProfilesAway(t *testing.T) {
	t.Parallel()
	ctx, d := open(t, demo.Options{ProfilesAge: 3 * time.Second})
	listed := func(status int) func(sagemakersim.Call) bool {
		return func(c sagemakersim.Call) bool {
			return c.Operation == "ListUserProfiles" && c.Domain == researchID && c.Status == status
		}
	}
	tooOld := after(t, d, 5, listed(400)) // 0.9 s apart at least
	do(t, ctx, clicks("label", "Profiles and tags can’t be read"))
	tooOld()
	do(t, ctx, is("U0TOM"), types("/studio"), sees("We can't check what you may open right now."),
		is("U0MIA"), types("/studio"), sees("We can't check what you may open right now."),
		is("U0JANE"), types("/studio"), sees("Your Studio is ready.")) // by users.yaml
	again := after(t, d, 2, listed(200))
	do(t, ctx, clicks("label", "Profiles and tags can’t be read"))
	again()
	do(t, ctx, is("U0TOM"), types("/studio"), sees("as forecast-tom"))
}
