package studiobot_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/studiobot/studiobot"
	"github.com/studiobot/studiobot/internal/slacksim"
)

// opensHome lets somebody open their Home.
func (r *rig) opensHome(user string) {
	r.t.Helper()
	if a, err := r.slack.OpenHome(r.within(), user); err != nil || !a.Acked {
		r.t.Fatalf("app_home_opened of %s: %+v, %v", user, a, err)
	}
}

// home opens somebody's Home and waits until it says that.
func (r *rig) home(user, says string) slacksim.HomeTab {
	r.t.Helper()
	r.opensHome(user)
	var h slacksim.HomeTab
	r.await("the Home of "+user+" to say "+says, func() bool {
		h, _ = r.slack.HomeTab(user)
		return bytes.Contains(h.Blocks, []byte(says))
	})
	return h
}

// pressHome presses the button of that text in a Home.
func (r *rig) pressHome(user, text string) *slacksim.Press {
	r.t.Helper()
	h, _ := r.slack.HomeTab(user)
	at := slices.IndexFunc(h.Buttons(), func(b slacksim.Button) bool { return b.Text == text })
	p, err := r.slack.PressHome(r.within(), user, at)
	if err != nil || !p.Acked || p.Error != "" {
		r.t.Fatalf("the Home's %q: %+v, %v", text, p, err)
	}
	return p
}

// modal waits until somebody has a modal in front of them that says that.
func (r *rig) modal(user, says string) slacksim.Modal {
	r.t.Helper()
	var m slacksim.Modal
	r.await("a modal that says "+says, func() bool {
		m, _ = r.slack.Modal(user)
		return bytes.Contains(m.Blocks, []byte(says))
	})
	return m
}

// pressModal presses a button of the modal and returns what the browser opens.
func (r *rig) pressModal(user string, button int) string {
	r.t.Helper()
	p, err := r.slack.PressModal(r.within(), user, button)
	if err != nil || !p.Acked || p.Error != "" {
		r.t.Fatalf("press in the modal: %+v, %v", p, err)
	}
	return p.URL
}

// shortcut uses the shortcut that the manifest has.
func (r *rig) shortcut(user string) *slacksim.Answer {
	r.t.Helper()
	m, _ := readManifest(r.t, studiobot.Manifest(nil))
	if len(m.Features.Shortcuts) != 1 || m.Features.Shortcuts[0].Type != "global" {
		r.t.Fatalf("the manifest's shortcuts: %+v", m.Features.Shortcuts)
	}
	a, err := r.slack.Shortcut(r.within(), user, m.Features.Shortcuts[0].CallbackID)
	if err != nil || !a.Acked || a.Error != "" {
		r.t.Fatalf("the shortcut of %s: %+v, %v", user, a, err)
	}
	return a
}

// issued is how many links were made.
func (r *rig) issued() int { return strings.Count(r.log.String(), `"step":"issued"`) }

// From the Home to Studio: no link before the press, the modal's button is armed
// by the click, and says what became of it.
func TestLaunchFromTheHome(t *testing.T) {
	t.Parallel()
	r := start(t, setup{})
	h := r.home("U0JANE", "Research · dev account")
	if r.issued() != 0 || bytes.Contains(h.View, []byte("/launch/")) || bytes.Contains(h.View, []byte(r.url)) || strings.Contains(string(h.View), "sam-") {
		t.Fatalf("the Home holds a link, or somebody else's data: %s", h.View)
	}
	press := r.pressHome("U0JANE", "Open Studio")
	m := r.modal("U0JANE", "Your Studio is ready.")
	if r.issued() != 1 || len(m.Buttons()) != 1 || !strings.HasPrefix(m.Buttons()[0].URL, r.url+"/launch/") {
		t.Fatalf("%d links, modal %+v", r.issued(), m)
	}
	if _, err := r.slack.Redeliver(press.EnvelopeID); err != nil {
		t.Fatal(err)
	}
	if _, err := r.slack.RedeliverAs(press.EnvelopeID, slacksim.RedeliverOptions{NewID: true, RetryAttempt: 1}); err != nil {
		t.Fatal(err)
	}
	r.await("the presses that came again", func() bool { return r.slack.Calls("views.open") == 3 })
	if again, _ := r.slack.Modal("U0JANE"); again.ID != m.ID || r.issued() != 1 || len(r.slack.Messages("U0JANE")) != 0 {
		t.Errorf("%d links, modal %s then %s, messages %v", r.issued(), m.ID, again.ID, r.slack.Messages("U0JANE"))
	}
	link := r.pressModal("U0JANE", 0)
	r.launches(link, researchID, "jane-doe")
	opened := r.modal("U0JANE", "Opened at")
	if opened.ID != m.ID || !bytes.Contains(opened.Blocks, []byte("Your session ends")) || len(opened.Buttons()) != 1 || opened.Buttons()[0].URL != "" {
		t.Fatalf("then the modal is %+v", opened)
	}
	if a := r.get(link); a.status != 410 {
		t.Errorf("the used link gives %d", a.status)
	}
	r.pressModal("U0JANE", 0) // a fresh one, in the same modal
	if fresh := r.modal("U0JANE", "Your Studio is ready."); fresh.ID != m.ID || fresh.Buttons()[0].URL == link {
		t.Errorf("the fresh link stands in %+v", fresh)
	}
	r.launches(r.pressModal("U0JANE", 0), researchID, "jane-doe")
}

// The modal's link alone opens nothing, and nobody else's click arms it.
func TestModalLinkIsOnlyTheirs(t *testing.T) {
	t.Parallel()
	r := start(t, setup{})
	r.home("U0JANE", "Research")
	r.pressHome("U0JANE", "Open Studio")
	link := r.modal("U0JANE", "Your Studio is ready.").Buttons()[0].URL
	for _, o := range []slacksim.PressOptions{{NoEvent: true}, {As: "U0SAM"}, {AsTeam: "T0OTHER"}} {
		o.UserID, o.Modal = "U0JANE", true
		if _, err := r.slack.PressWith(r.within(), o); err != nil {
			t.Fatal(err)
		}
		if a := r.get(link); a.status != 200 || a.title != waitingTitle {
			t.Errorf("%+v: %d %q", o, a.status, a.title)
		}
	}
}

// The shortcut answers with a modal, in a thread as anywhere, for everybody what
// the command would say.
func TestShortcut(t *testing.T) {
	t.Parallel()
	r := start(t, setup{})
	a := r.shortcut("U0SAM")
	m := r.modal("U0SAM", "Which one do you want to open?")
	if len(m.Buttons()) != 2 || r.issued() != 2 {
		t.Fatalf("%d links, modal %+v", r.issued(), m)
	}
	if _, err := r.slack.Redeliver(a.EnvelopeID); err != nil {
		t.Fatal(err)
	}
	r.await("the shortcut that came again", func() bool { return r.slack.Calls("views.open") == 2 })
	if r.issued() != 2 {
		t.Errorf("it made %d links", r.issued())
	}
	r.launches(r.pressModal("U0SAM", 1), prodID, "sam-prod")
	r.modal("U0SAM", "as *sam-prod*")
	r.shortcut("U0UMA")
	r.modal("U0UMA", "You aren't linked to a Studio profile yet.")
	r.shortcut("U0GUS")
	r.modal("U0GUS", "Guests can't open Studio from here.")
}

// What a Home shows follows the mapping at the next opening; what a stale one
// shows opens nothing.
func TestHomeAfterLosingAccess(t *testing.T) {
	t.Parallel()
	r := start(t, setup{})
	r.home("U0JANE", "jane-doe")
	r.writeUsers("U0SAM: {research: sam-research}\n")
	r.await("the new list", func() bool { return strings.Contains(r.command("U0JANE", "").Text, "aren't linked") })
	before := r.issued()
	r.pressHome("U0JANE", "Open Studio") // stale
	r.modal("U0JANE", "You aren't linked to a Studio profile yet.")
	if h := r.home("U0JANE", "You aren't linked"); r.issued() != before || bytes.Contains(h.View, []byte("jane-doe")) {
		t.Errorf("%d links, Home %s", r.issued()-before, h.View)
	}
}

// Who is refused, who is nobody of ours, and what needs no call.
func TestHomeOfEverybody(t *testing.T) {
	t.Parallel()
	r := start(t, setup{})
	for user, says := range map[string]string{
		"U0UMA": "You aren't linked to a Studio profile yet.", "U0BAN": "Studio is turned off for you.", "U0GUS": "Guests can't open Studio",
		"U0SAM": "Which one do you want to open?",
	} {
		if h := r.home(user, says); user != "U0SAM" && slices.ContainsFunc(h.Buttons(), func(b slacksim.Button) bool { return strings.HasPrefix(b.ActionID, "launch") }) {
			t.Errorf("%s has launch buttons", user)
		}
	}
	published := r.slack.Calls("views.publish")
	for range 5 {
		r.opensHome("U0SAM") // shows what it should
	}
	for _, user := range []string{"U0BOT", "U0STR"} {
		r.opensHome(user)
	}
	for _, event := range []string{
		`{"type":"app_home_opened","user":"U0JANE","tab":"messages"}`, `{"type":"app_home_opened","user":{"id":"U0JANE"},"tab":"home"}`,
		`{"type":"app_home_opened","user":"not an ID","tab":"home"}`, `{"type":"app_home_opened"}`,
	} {
		if a, err := r.slack.SendEvent(r.within(), []byte(event)); err != nil || !a.Acked {
			t.Errorf("%s: %+v, %v", event, a, err)
		}
	}
	r.home("U0JANE", "jane-doe") // behind all of them
	if n := r.slack.Calls("views.publish"); n != published+1 {
		t.Errorf("%d more Homes were published, want one", n-published)
	}
	if h, there := r.slack.HomeTab("U0STR"); there {
		t.Errorf("a stranger has a Home: %s", h.View)
	}
}

// What Slack refuses costs a log line; a Home comes with the next try.
func TestHomeFaults(t *testing.T) {
	t.Parallel()
	r := start(t, setup{})
	r.slack.Fail(slacksim.Fault{Method: "views.publish", N: 1, RetryAfter: time.Second})
	r.home("U0JANE", "jane-doe")
	r.slack.Fail(slacksim.Fault{Method: "views.publish", N: 2, Status: 503})
	r.home("U0SAM", "Which one")
	r.slack.Fail(slacksim.Fault{Method: "views.publish", N: 1, SlackError: "not_enabled"})
	r.opensHome("U0UMA")
	r.await("a word on what to mend", func() bool { return strings.Contains(r.log.String(), "switched off in the Slack app") })
	r.launches(r.press("U0JANE", r.command("U0JANE", ""), 0), researchID, "jane-doe")
}

// Where no modal opens, a direct message has a button for a fresh link, whose
// answer comes below it, for those eyes only.
func TestModalThatDoesNotOpen(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name  string
		fault slacksim.Fault
		opens bool
	}{
		{"an expired trigger", slacksim.Fault{Method: "views.open", N: 1, SlackError: "expired_trigger_id"}, false},
		{"a rate limit", slacksim.Fault{Method: "views.open", N: 1, RetryAfter: 30 * time.Second}, false},
		{"an answer that was lost", slacksim.Fault{Method: "views.open", N: 1, HappenedButFailed: true}, true},
		{"a server error", slacksim.Fault{Method: "views.open", N: 1, Status: 500}, true},
		{"a black hole", slacksim.Fault{Method: "views.open", N: 1, Hang: true}, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			r := start(t, setup{})
			r.slack.Fail(row.fault)
			r.shortcut("U0JANE")
			if row.opens {
				r.modal("U0JANE", "Your Studio is ready.")
				r.launches(r.pressModal("U0JANE", 0), researchID, "jane-doe")
				if n := len(r.slack.Messages("U0JANE")); n != 0 || r.issued() != 1 {
					t.Errorf("%d messages, %d links", n, r.issued())
				}
				return
			}
			m := r.last("U0JANE", "Slack didn't open the window in time.")
			if m.Ephemeral || strings.Contains(string(m.Blocks), "/launch/") {
				t.Fatalf("the direct message is %+v", m)
			}
			r.press("U0JANE", m, 0)
			fresh := r.last("U0JANE", "Your Studio is ready.")
			if !fresh.Ephemeral || fresh.ID == m.ID {
				t.Fatalf("the fresh link stands in %+v", fresh)
			}
			r.launches(r.press("U0JANE", fresh, 0), researchID, "jane-doe")
		})
	}
}

// A modal that was closed is no trouble, and a direct message that is refused is
// told the operator.
func TestNoWayToAnswer(t *testing.T) {
	t.Parallel()
	r := start(t, setup{})
	r.shortcut("U0JANE")
	r.modal("U0JANE", "Your Studio is ready.")
	link := r.pressModal("U0JANE", 0)
	if _, err := r.slack.CloseModal(r.within(), "U0JANE"); err != nil {
		t.Fatal(err)
	}
	r.launches(link, researchID, "jane-doe")
	r.await("the modal to be looked for", func() bool { return r.slack.Calls("views.update") == 1 })
	r.slack.Fail(slacksim.Fault{Method: "views.open", N: 1, SlackError: "expired_trigger_id"})
	r.slack.Fail(slacksim.Fault{Method: "chat.postMessage", N: 1, SlackError: "messages_tab_disabled"})
	r.shortcut("U0JANE")
	r.await("a word for the operator", func() bool { return strings.Contains(r.log.String(), "neither a modal nor a direct message") })
	if strings.Contains(r.log.String(), "a modal couldn't be changed") {
		t.Error("a closed modal was a warning")
	}
}

// Somebody without access asks for it from the Home and from the shortcut's
// modal.
func TestRequestFromHomeAndModal(t *testing.T) {
	t.Parallel()
	r := start(t, asking(t))
	r.home("U0UMA", "You aren't linked")
	r.pressHome("U0UMA", "Request access")
	r.modal("U0UMA", "Your admins get this in Slack.")
	if _, err := r.slack.CloseModal(r.within(), "U0UMA"); err != nil {
		t.Fatal(err)
	}
	r.shortcut("U0UMA")
	shown := r.modal("U0UMA", "You aren't linked")
	r.pressModal("U0UMA", 0)
	form := r.modal("U0UMA", "Your admins get this in Slack.")
	if form.ID != shown.ID || form.Submit == "" {
		t.Fatalf("the form is %+v", form)
	}
	if s, err := r.slack.SubmitModal(r.within(), "U0UMA", map[string]string{"domain": "research", "profile": "uma-lind"}); err != nil || s.Action != "update" {
		t.Fatalf("sent: %+v, %v", s, err)
	}
	r.modal("U0UMA", "Your request was sent.")
}

// Thousands at nine: each waits once, and the calls keep to Slack's rate.
func TestManyHomesAtOnce(t *testing.T) {
	t.Parallel()
	var people []slacksim.Person
	for i := range 200 {
		people = append(people, slacksim.Person{ID: fmt.Sprintf("U1%03d", i), Name: fmt.Sprintf("p%d", i)})
	}
	r := start(t, setup{people: people})
	for range 3 {
		for _, p := range people {
			r.opensHome(p.ID)
		}
	}
	// Who came last isn't behind all of them, and the command doesn't notice.
	r.home("U0JANE", "jane-doe")
	if n := r.slack.Calls("views.publish"); n > 60 {
		t.Errorf("%d Homes at once", n)
	}
	r.launches(r.press("U0JANE", r.command("U0JANE", ""), 0), researchID, "jane-doe")
}
