package studiobot_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/studiobot/studiobot/internal/slacksim"
)

const waitingTitle = "Waiting for Slack to confirm that it’s you"

// pressed presses with the given options, and returns the link.
func (r *rig) pressed(m *slacksim.Message, o slacksim.PressOptions) string {
	r.t.Helper()
	o.MessageID = m.ID
	p, err := r.slack.PressWith(r.within(), o)
	if err != nil {
		r.t.Fatalf("press: %v", err)
	}
	return p.URL
}

// What a browser gets, by when Slack reports the click.
func TestClickArming(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name string
		// press returns the link, and has the event sent as the row says.
		press  func(r *rig, m *slacksim.Message) string
		status int
		title  string
		opened int
	}{
		{"before the browser", func(r *rig, m *slacksim.Message) string { return r.press("U0JANE", m, 0) }, 302, "", 1},
		{"after the browser", func(r *rig, m *slacksim.Message) string {
			return r.pressed(m, slacksim.PressOptions{Delay: 700 * time.Millisecond})
		}, 302, "", 1},
		{"late", func(r *rig, m *slacksim.Message) string {
			return r.pressed(m, slacksim.PressOptions{Delay: 4 * time.Second})
		}, 200, waitingTitle, 0},
		{"never", func(r *rig, m *slacksim.Message) string {
			return r.pressed(m, slacksim.PressOptions{NoEvent: true})
		}, 200, waitingTitle, 0},
		{"twice", func(r *rig, m *slacksim.Message) string { return r.pressed(m, slacksim.PressOptions{Times: 2}) }, 302, "", 1},
		{"by someone else", func(r *rig, m *slacksim.Message) string {
			return r.pressed(m, slacksim.PressOptions{As: "U0SAM"})
		}, 200, waitingTitle, 0},
		{"by someone of another workspace", func(r *rig, m *slacksim.Message) string {
			return r.pressed(m, slacksim.PressOptions{AsTeam: "T0OTHER"})
		}, 200, waitingTitle, 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			r := start(t, setup{})
			a := r.get(row.press(r, r.command("U0JANE", "")))
			if a.status != row.status || a.title != row.title {
				t.Errorf("got %d %q, want %d %q", a.status, a.title, row.status, row.title)
			}
			if n := r.sagemaker.CallCount("CreatePresignedDomainUrl"); n != row.opened {
				t.Errorf("SageMaker was asked %d times, want %d", n, row.opened)
			}
		})
	}
}

// A click that comes after the waiting page opens it at one of its reloads.
func TestWaitingPageOpensWhenTheClickArrives(t *testing.T) {
	t.Parallel()
	r := start(t, setup{})
	m := r.command("U0JANE", "")
	link := r.pressed(m, slacksim.PressOptions{Delay: 3 * time.Second})
	b := browser()
	var a answer
	r.await("Studio", func() bool {
		address := link
		if a.title == waitingTitle {
			address += "?again"
		}
		var err error
		if a, err = fetch(r.within(), b, address); err != nil {
			t.Fatal(err)
		}
		return a.status == http.StatusFound
	})
}

func TestClickOnASpentTicket(t *testing.T) {
	t.Parallel()
	r := start(t, setup{})
	m := r.command("U0JANE", "")
	link := r.press("U0JANE", m, 0)
	r.launches(link, researchID, "jane-doe")
	r.await("the message to be replaced", func() bool { x, _ := r.slack.Message(m.ID); return x.Replaced == 1 })
	// The same click, delivered once more.
	var envelope string
	for _, rec := range r.slack.History() {
		if rec.Kind == slacksim.KindEnvelope && rec.EnvelopeType == "interactive" {
			envelope = rec.EnvelopeID
		}
	}
	if a, err := r.slack.Redeliver(envelope); err != nil || !a.Acked {
		t.Fatalf("redelivered: %+v, %v", a, err)
	}
	r.await("the message to say once more that it was opened", func() bool { x, _ := r.slack.Message(m.ID); return x.Replaced == 2 })
	if x, _ := r.slack.Message(m.ID); !strings.Contains(x.Text, "Opened at") {
		t.Errorf("the message says %q", x.Text)
	}
	if n := r.sagemaker.CallCount("CreatePresignedDomainUrl"); n != 1 {
		t.Errorf("SageMaker was asked %d times", n)
	}
}

func TestClickOnAnExpiredTicket(t *testing.T) {
	t.Parallel()
	r := start(t, setup{launch: "", linkTTL: time.Second})
	m := r.command("U0JANE", "")
	link := m.Buttons()[0].URL
	r.await("the link to expire", func() bool {
		a := r.get(link + "?again")
		return a.status == http.StatusGone && a.title == "This link has expired."
	})
	r.press("U0JANE", m, 0)
	r.await("the message to be replaced", func() bool { x, _ := r.slack.Message(m.ID); return x.Replaced == 1 })
	x, _ := r.slack.Message(m.ID)
	if !strings.Contains(x.Text, "expired") || len(x.Buttons()) != 1 || x.Buttons()[0].URL != "" {
		t.Errorf("the message says %q with %+v", x.Text, x.Buttons())
	}
	r.press("U0JANE", &x, 0)
	r.await("a fresh link", func() bool { x, _ = r.slack.Message(m.ID); return x.Replaced == 2 && x.Buttons()[0].URL != "" })
	if n := r.sagemaker.CallCount("CreatePresignedDomainUrl"); n != 0 {
		t.Errorf("SageMaker was asked %d times", n)
	}
}

// Whoever loses access between the command and the click arms nothing; between
// the click and the browser, the deny record stops it.
func TestAccessTakenAway(t *testing.T) {
	t.Parallel()
	deactivate := func(r *rig) {
		r.slack.ChangePerson(slacksim.Person{ID: "U0JANE", Name: "jane", Deleted: true})
		r.await("the denial", func() bool { return strings.Contains(r.log.String(), `"step":"denied"`) })
	}
	unlink := func(r *rig) {
		r.writeUsers("U0SAM: {research: sam-research, prod: sam-prod}\n")
		r.await("the denial", func() bool { return strings.Contains(r.log.String(), `"step":"denied"`) })
	}
	guest := func(r *rig) {
		r.slack.ChangePerson(slacksim.Person{ID: "U0JANE", Name: "jane", Guest: true})
		r.await("the denial", func() bool { return strings.Contains(r.log.String(), `"step":"denied"`) })
	}
	for name, take := range map[string]func(*rig){"deactivated": deactivate, "unlinked": unlink, "made a guest": guest} {
		t.Run(name+" before the click", func(t *testing.T) {
			t.Parallel()
			r := start(t, setup{})
			m := r.command("U0JANE", "")
			take(r)
			a := r.get(r.press("U0JANE", m, 0))
			if a.status == http.StatusFound || r.sagemaker.CallCount("CreatePresignedDomainUrl") != 0 {
				t.Errorf("got %d %q", a.status, a.title)
			}
			r.await("the message to say so", func() bool {
				x, _ := r.slack.Message(m.ID)
				return x.Replaced == 1 && len(x.Buttons()) == 0
			})
		})
		t.Run(name+" after the click", func(t *testing.T) {
			t.Parallel()
			r := start(t, setup{})
			link := r.press("U0JANE", r.command("U0JANE", ""), 0)
			take(r)
			a := r.get(link)
			if a.status != http.StatusForbidden || a.title != "Your access has changed." || r.sagemaker.CallCount("CreatePresignedDomainUrl") != 0 {
				t.Errorf("got %d %q", a.status, a.title)
			}
		})
	}
}

// Somebody who is let in again can launch at once.
func TestAccessGivenBack(t *testing.T) {
	t.Parallel()
	r := start(t, setup{})
	r.slack.ChangePerson(slacksim.Person{ID: "U0JANE", Name: "jane", Deleted: true})
	r.await("the denial", func() bool { return strings.Contains(r.log.String(), `"step":"denied"`) })
	r.slack.ChangePerson(slacksim.Person{ID: "U0JANE", Name: "jane"})
	r.await("its end", func() bool { return strings.Contains(r.log.String(), `"step":"lifted"`) })
	r.launches(r.press("U0JANE", r.command("U0JANE", ""), 0), researchID, "jane-doe")
}

func TestRemapped(t *testing.T) {
	t.Parallel()
	r := start(t, setup{})
	r.sagemaker.AddProfile(researchID, "jane-two")
	m := r.command("U0JANE", "")
	link := r.press("U0JANE", m, 0)
	r.writeUsers("U0JANE: {research: jane-two}\n")
	r.await("the denial", func() bool { return strings.Contains(r.log.String(), `"step":"denied"`) })
	if a := r.get(link); a.status != http.StatusForbidden {
		t.Errorf("the old link gave %d %q", a.status, a.title)
	}
	r.launches(r.press("U0JANE", r.command("U0JANE", ""), 0), researchID, "jane-two")
}

func TestBrokenUsersFileKeepsTheLastGoodOne(t *testing.T) {
	t.Parallel()
	r := start(t, setup{})
	r.writeUsers("U0JANE: {research: jane.doe}\nnobody: x\n")
	r.await("the refusal", func() bool { return strings.Contains(r.log.String(), "is refused") })
	r.launches(r.press("U0JANE", r.command("U0JANE", ""), 0), researchID, "jane-doe")
}
