package studiobot_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/studiobot/studiobot/internal/sagemakersim"
	"github.com/studiobot/studiobot/internal/slacksim"
)

func TestLaunch(t *testing.T) {
	t.Parallel()
	r := start(t, setup{})
	m := r.command("U0JANE", "")
	if !m.Ephemeral || m.UserID != "U0JANE" || m.Source != slacksim.SourceAck || len(m.Buttons()) != 1 || m.Buttons()[0].Style != "primary" {
		t.Fatalf("message %+v", m)
	}
	link := r.press("U0JANE", m, 0)
	if !strings.HasPrefix(link, r.url+"/launch/") || strings.Contains(m.Text, link) {
		t.Fatal("the link isn't in the button alone")
	}
	r.launches(link, researchID, "jane-doe")
	calls := r.sagemaker.Calls()
	if call := calls[len(calls)-1]; call.ExpiresIn != 5 || call.Session != 8*3600 || !strings.Contains(call.UserAgent, "studiobot") {
		t.Errorf("SageMaker was asked %+v", call)
	}
	// The message is replaced, with a button that makes a fresh link in place.
	replaced := func() bool { x, _ := r.slack.Message(m.ID); return x.Replaced == 1 }
	r.await("the message to be replaced", replaced)
	x, _ := r.slack.Message(m.ID)
	if !strings.Contains(x.Text, "as jane-doe") || len(x.Buttons()) != 1 || x.Buttons()[0].URL != "" {
		t.Fatalf("replaced by %+v", x)
	}
	if a := r.get(link); a.status != http.StatusGone || !strings.Contains(a.title, "already been used") {
		t.Errorf("the used link gave %d %q", a.status, a.title)
	}
	r.press("U0JANE", &x, 0)
	r.await("the fresh link", func() bool { x, _ = r.slack.Message(m.ID); return x.Replaced == 2 })
	r.launches(r.press("U0JANE", &x, 0), researchID, "jane-doe")
	for _, method := range []string{"users.info", "chat.postEphemeral", "chat.postMessage", "views.open"} {
		if n := r.slack.Calls(method); n != 0 {
			t.Errorf("%d calls of %s on the way", n, method)
		}
	}
	for _, step := range []string{"issued", "armed", "opening", "opened"} {
		if n := strings.Count(r.log.String(), `"msg":"audit","step":"`+step+`"`); n != 2 {
			t.Errorf("%d %s lines for two launches", n, step)
		}
	}
}

func TestTwoDomains(t *testing.T) {
	t.Parallel()
	r := start(t, setup{})
	m := r.command("U0SAM", "")
	b := m.Buttons()
	if len(b) != 2 || b[0].Text != "Research · dev account" || b[1].Text != "Production" || b[0].Style != "primary" || b[1].Style != "" {
		t.Fatalf("buttons %+v", b)
	}
	r.launches(r.press("U0SAM", m, 1), prodID, "sam-prod")
	only := r.command("U0SAM", "prod")
	if b := only.Buttons(); len(b) != 1 || b[0].Text != "Open Studio" {
		t.Fatalf("/studio prod: %+v", b)
	}
	r.launches(r.press("U0SAM", only, 0), prodID, "sam-prod")
}

func TestWords(t *testing.T) {
	t.Parallel()
	r := start(t, setup{})
	for text, want := range map[string]string{
		"help":    "Type /studio to get a private button",
		"reserch": "Did you mean “research”?",
		"zebra":   "I don't know “zebra”",
		"<@U1>":   "I don't know “&lt;@U1&gt;”",
	} {
		if m := r.command("U0SAM", text); !strings.Contains(m.Text, want) || len(m.Buttons()) != 0 {
			t.Errorf("/studio %s says %q, want %q", text, m.Text, want)
		}
	}
}

// Whoever gets no link learns why and what to do, in private; SageMaker and
// Slack are asked nothing.
func TestRefusedPeople(t *testing.T) {
	t.Parallel()
	r := start(t, setup{})
	for _, row := range []struct{ user, text, want, reason string }{
		{"U0UMA", "", "Your Slack ID is U0UMA", "not mapped"},
		{"U0BAN", "", "Studio is turned off for you", "denied by the mapping"},
		{"U0GUS", "", "Guests can't open Studio", "guest"},
		{"U0DEE", "", "deactivated", "deactivated"},
		{"U0BOT", "", "only for people", "not a person"},
		{"U0STR", "", "only for members of this workspace", "of another workspace"},
		{"U0NOBODY", "", "Slack doesn't tell us who you are", "unknown to Slack"},
		{"U0JANE", "prod", "You don't have a Studio profile there", "no profile in that domain"},
	} {
		m := r.command(row.user, row.text)
		if !m.Ephemeral || len(m.Buttons()) != 0 || !strings.Contains(m.Text, row.want) {
			t.Errorf("%s: %q with %d buttons, want %q", row.user, m.Text, len(m.Buttons()), row.want)
		}
		if !strings.Contains(m.Text, "#ml-platform") {
			t.Errorf("%s isn't told whom to ask: %q", row.user, m.Text)
		}
		if !strings.Contains(r.log.String(), `"reason":"`+row.reason+`"`) {
			t.Errorf("%s: no audit line with the reason %q", row.user, row.reason)
		}
	}
	if n := r.sagemaker.CallCount("CreatePresignedDomainUrl"); n != 0 {
		t.Errorf("SageMaker was asked %d times", n)
	}
	a, err := r.slack.CommandWith(r.within(), slacksim.CommandOptions{UserID: "U0JANE", Command: "/studio", TeamID: "T0OTHER"})
	if err != nil || a.Message == nil || !strings.Contains(a.Message.Text, "only for members of this workspace") {
		t.Errorf("another workspace: %+v, %v", a, err)
	}
}

func TestGuestsWhereTheyAreAllowed(t *testing.T) {
	t.Parallel()
	r := start(t, setup{access: ", guests: allow"})
	r.launches(r.press("U0GUS", r.command("U0GUS", "research"), 0), researchID, "sam-research")
}

// SageMaker refuses, throttles, is away or hangs: a page in plain words, and the
// link works again where that can help.
func TestSageMakerTrouble(t *testing.T) {
	t.Parallel()
	const op = "CreatePresignedDomainUrl"
	for _, row := range []struct {
		name   string
		fault  sagemakersim.Fault
		status int
		title  string
		again  bool
	}{
		{"throttled once", sagemakersim.Fault{Operation: op, N: 1, Code: "ThrottlingException"}, 302, "", true},
		{"throttled", sagemakersim.Fault{Operation: op, N: -1, Code: "ThrottlingException"}, 503, "AWS is busy right now.", true},
		{"faulty", sagemakersim.Fault{Operation: op, N: -1, Status: 500}, 503, "Studio can&#39;t be reached right now.", true},
		{"cut", sagemakersim.Fault{Operation: op, N: -1, Drop: true}, 503, "Studio can&#39;t be reached right now.", true},
		{"hanging", sagemakersim.Fault{Operation: op, N: -1, Hang: true}, 503, "Studio can&#39;t be reached right now.", true},
		{"access denied", sagemakersim.Fault{Operation: op, N: -1, Code: "AccessDeniedException", Message: "User: arn:aws:sts::1:x is not authorized"}, 403, "This profile can&#39;t be opened from here.", false},
		{"hostile address", sagemakersim.Fault{Operation: op, N: -1, URL: "https://evil.example/auth?token=x"}, 502, "Studio refused to open.", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			r := start(t, setup{})
			r.sagemaker.Fail(row.fault)
			link := r.press("U0JANE", r.command("U0JANE", ""), 0)
			began := time.Now()
			a := r.get(link)
			if a.status != row.status || a.title != row.title {
				t.Fatalf("got %d %q, want %d %q", a.status, a.title, row.status, row.title)
			}
			if took := time.Since(began); took > 15*time.Second {
				t.Errorf("the page took %s", took)
			}
			if strings.Contains(a.body, "arn:") || strings.Contains(a.body, "evil") || strings.Contains(a.body, "Exception") {
				t.Error("the page shows what AWS said")
			}
			if row.status == 302 {
				return
			}
			if strings.Contains(a.body, "Try again") != row.again {
				t.Errorf("Try again offered: %v", !row.again)
			}
			r.sagemaker.ClearFaults()
			r.launches(link, researchID, "jane-doe")
		})
	}
}

func TestMissingProfile(t *testing.T) {
	t.Parallel()
	r := start(t, setup{})
	r.sagemaker.RemoveProfile(researchID, "jane-doe")
	a := r.get(r.press("U0JANE", r.command("U0JANE", ""), 0))
	if a.status != 404 || !strings.Contains(a.body, "jane-doe") {
		t.Errorf("got %d %q", a.status, a.title)
	}
}

func TestIdentityCenterDomain(t *testing.T) {
	t.Parallel()
	r := start(t, setup{before: func(r *rig) {
		r.sagemaker.SetDomain(sagemakersim.Domain{ID: prodID, Name: "prod", AuthMode: sagemakersim.AuthModeSSO})
	}})
	r.await("the domains to be looked at", func() bool { return r.sagemaker.CallCount("DescribeDomain") >= 2 })
	r.await("the operator to be told", func() bool { return strings.Contains(r.log.String(), "Identity Center") })
	m := r.command("U0SAM", "prod")
	b := m.Buttons()
	if len(b) != 1 || b[0].Text != "Sign in to Studio" || !strings.HasPrefix(b[0].URL, "https://") {
		t.Fatalf("buttons %+v", b)
	}
	r.press("U0SAM", m, 0)
	if n := r.sagemaker.CallCount("CreatePresignedDomainUrl"); n != 0 {
		t.Errorf("SageMaker was asked for a presigned URL %d times", n)
	}
	both := r.command("U0SAM", "")
	r.launches(r.press("U0SAM", both, 0), researchID, "sam-research")
}
