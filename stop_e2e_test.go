package studiobot_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"github.com/studiobot/studiobot/internal/sagemakersim"
	"github.com/studiobot/studiobot/internal/slacksim"
)

// presses presses a button that asks first, and accepts.
func (r *rig) presses(user string, m slacksim.Message, text, about string) {
	r.t.Helper()
	i := button(m, text, about)
	if i < 0 {
		r.t.Fatalf("no button %s %s in %s", text, about, m.Blocks)
	}
	r.press(user, &m, i)
}

// stopKey is the value of a Stop button.
func stopKey(space string) string { return "app/research/" + space + "/JupyterLab/default" }

// latest is the latest message of a person.
func (r *rig) latest(user string) slacksim.Message {
	all := r.slack.Messages(user)
	return all[len(all)-1]
}

// reads says whether somebody has a message with those texts.
func (r *rig) reads(user string, texts ...string) bool {
	for _, m := range r.slack.Messages(user) {
		if tells(m, texts...) {
			return true
		}
	}
	return false
}

func TestStop(t *testing.T) {
	t.Parallel()
	r := start(t, setup{config: runningConfig, before: furnish})
	r.sagemaker.SetStateDelay(-1)
	m := *r.command("U0JANE", "status")
	r.presses("U0JANE", m, "Stop", "forecast")
	r.await("the message to say that it stops", func() bool {
		return tells(r.now(&m), "JupyterLab in forecast is stopping.", "Kept: the space and the files", "2 things of yours are running: 1.408 USD", "*JupyterLab* · forecast", "ml.t3.medium · stopping")
	})
	if got := r.app("forecast"); got != sagemakersim.Deleting {
		t.Errorf("the app is %s", got)
	}
	if x := r.now(&m); button(x, "Stop", "forecast") >= 0 || button(x, "Stop", "GPU") < 0 {
		t.Errorf("buttons %+v", x.Buttons())
	}
	r.sagemaker.SetApp(researchID, sagemakersim.App{Type: sagemakersim.JupyterLab, Space: "forecast", Status: sagemakersim.Deleted})
	r.await("the message to say that it has stopped", func() bool {
		x := r.now(&m)
		return tells(x, "JupyterLab in forecast has stopped.") && !tells(x, "· forecast")
	})
	for _, space := range []string{"gpu", "team", "sams"} {
		if got := r.app(space); got != sagemakersim.InService {
			t.Errorf("%s is %s", space, got)
		}
	}
	for _, want := range []string{`"step":"stopping","team":"T0ACME","user":"U0JANE","domain":"research","profile":"jane-doe","target":"JupyterLab","name":"forecast"`} {
		if n := strings.Count(r.log.String(), want); n != 1 {
			t.Errorf("%d lines %s", n, want)
		}
	}
}

// Whoever leaves it running in the dialog leaves it running.
func TestStopDeclined(t *testing.T) {
	t.Parallel()
	r := start(t, setup{config: runningConfig, before: furnish})
	m := *r.command("U0JANE", "status")
	if _, err := r.slack.PressWith(r.within(), slacksim.PressOptions{UserID: "U0JANE", MessageID: m.ID, Button: button(m, "Stop", "forecast"), Decline: true}); err != nil {
		t.Fatal(err)
	}
	r.presses("U0JANE", m, "Stop", "Canvas")
	r.await("Canvas to stop", func() bool { return tells(r.now(&m), "Canvas has stopped.") })
	if got := r.app("forecast"); got != sagemakersim.InService {
		t.Errorf("the app is %s", got)
	}
}

// Pressed twice, by two at once, delivered again, gone already: nobody reads
// anything else than that it stops.
func TestStopIsIdempotent(t *testing.T) {
	t.Parallel()
	r := start(t, setup{config: runningConfig, before: furnish})
	r.sagemaker.SetStateDelay(-1)
	m := *r.command("U0JANE", "status")
	i := button(m, "Stop", "forecast")
	p, err := r.slack.PressWith(r.within(), slacksim.PressOptions{UserID: "U0JANE", MessageID: m.ID, Button: i, Times: 5})
	if err != nil || !p.Acked {
		t.Fatalf("%+v, %v", p, err)
	}
	if _, err := r.slack.Redeliver(p.EnvelopeID); err != nil {
		t.Fatal(err)
	}
	r.await("it to stop", func() bool { return tells(r.now(&m), "JupyterLab in forecast is stopping.") })
	r.sagemaker.SetApp(researchID, sagemakersim.App{Type: sagemakersim.JupyterLab, Space: "forecast", Status: sagemakersim.Deleted})
	r.await("it to have stopped", func() bool { return tells(r.now(&m), "JupyterLab in forecast has stopped.") })
	// An older message still has the button.
	old := r.forged("U0JANE", stopKey("forecast"))
	r.await("the same words for what is gone already", func() bool { return tells(r.now(&old), "JupyterLab in forecast has stopped.") })
	for _, x := range r.slack.Messages("U0JANE") {
		if tells(x, "wrong") || tells(x, "isn't there") {
			t.Errorf("somebody reads %s", x.Blocks)
		}
	}
}

// forged presses, as a person, a button of a message of theirs that carries any
// value: what a tampered client, or a button of an older message, could send.
func (r *rig) forged(user, value string) slacksim.Message {
	r.t.Helper()
	m := r.planted(user, value)
	r.press(user, &m, 0)
	return m
}

// planted puts a message with a Stop and a Start button of that value into
// somebody's conversation.
func (r *rig) planted(user, value string) slacksim.Message {
	r.t.Helper()
	client := slack.New(r.slack.BotToken(), slack.OptionAPIURL(r.slack.APIURL()))
	b := slack.NewButtonBlockElement("stop:0", value, slack.NewTextBlockObject(slack.PlainTextType, "Stop", false, false))
	s := slack.NewButtonBlockElement("start:0", value, slack.NewTextBlockObject(slack.PlainTextType, "Start", false, false))
	_, at, err := client.PostMessageContext(r.within(), user, slack.MsgOptionText("old", false), slack.MsgOptionBlocks(slack.NewActionBlock("x", b, s)))
	if err != nil {
		r.t.Fatal(err)
	}
	all := r.slack.Messages(user)
	return all[slices.IndexFunc(all, func(m slacksim.Message) bool { return m.TS == at })]
}

// Who may stop what: nothing but one's own stops, and what is somebody else's
// can't be told from what doesn't exist.
func TestStopAuthority(t *testing.T) {
	t.Parallel()
	r := start(t, setup{config: runningConfig, before: func(r *rig) {
		furnish(r)
		r.sagemaker.SetSpace(researchID, sagemakersim.Space{Name: "deleted-soon", Owner: "jane-doe"})
		r.sagemaker.SetApp(researchID, sagemakersim.App{Type: sagemakersim.JupyterLab, Space: "deleted-soon"})
	}})
	r.command("U0JANE", "status") // a reading that says whose what was
	r.sagemaker.SetSpace(researchID, sagemakersim.Space{Name: "deleted-soon", Owner: "sam-research"})
	const notTheirs = "That isn't there any more, or isn't yours."
	for _, c := range []struct{ name, user, value, words string }{
		{"one's own", "U0JANE", stopKey("gpu"), "JupyterLab in gpu is stopping."},
		{"one's own, spelled otherwise", "U0JANE", stopKey("FORECAST"), "JupyterLab in FORECAST is stopping."},
		{"of one's profile", "U0JANE", "app/research//Canvas/default", "Canvas is stopping."},
		{"shared", "U0JANE", stopKey("team"), notTheirs},
		{"somebody else's", "U0JANE", stopKey("sams"), notTheirs},
		{"nobody's", "U0JANE", stopKey("nothing"), notTheirs},
		{"handed to somebody else since the last reading", "U0JANE", stopKey("deleted-soon"), notTheirs},
		{"of a domain without a profile", "U0JANE", "app/prod/live/CodeEditor/default", notTheirs},
		{"of no domain", "U0JANE", "app/nowhere/forecast/JupyterLab/default", notTheirs},
		{"a notebook of nobody", "U0JANE", "notebook/research/nothing", notTheirs},
		{"without a profile", "U0UMA", stopKey("sams"), "You aren't linked to a Studio profile yet."},
		{"denied", "U0BAN", stopKey("sams"), "Studio is turned off for you."},
		{"a guest", "U0GUS", stopKey("sams"), "Guests can't open Studio from here."},
		{"deactivated", "U0DEE", stopKey("sams"), "Your Slack account is deactivated."},
	} {
		m := r.forged(c.user, c.value)
		r.await(c.name, func() bool { return tells(r.now(&m), c.words) || tells(r.latest(c.user), c.words) })
	}
	// One's own word on somebody else's press.
	m := *r.command("U0SAM", "status research")
	if _, err := r.slack.PressWith(r.within(), slacksim.PressOptions{UserID: "U0SAM", MessageID: m.ID, Button: button(m, "Stop", "sams"), As: "U0JANE"}); err != nil {
		t.Fatal(err)
	}
	r.await("the audit line of somebody else's press", func() bool { return strings.Count(r.log.String(), `"reason":"stop: not theirs"`) == 8 })
	for _, space := range []string{"team", "sams", "deleted-soon"} {
		if got := r.app(space); got != sagemakersim.InService {
			t.Errorf("%s is %s", space, got)
		}
	}
	if a, _ := r.sagemaker.App(researchID, sagemakersim.App{Type: sagemakersim.Canvas, Profile: "sam-research"}); a.Status != sagemakersim.InService {
		t.Errorf("Canvas of somebody else is %s", a.Status)
	}
	if n := r.sagemaker.CallCount("DeleteApp"); n != 3 {
		t.Errorf("%d calls of DeleteApp, want one for each that was theirs", n)
	}
	for _, odd := range []string{"", "app", "disk/research/x", "app/research/../JupyterLab/default", strings.Repeat("a", 2000)} {
		if odd != "" {
			r.forged("U0JANE", odd) // acknowledged, and nothing else
		}
	}
}

// With studio.allow_stop off there is no button, and an older one does nothing.
func TestStopSwitchedOff(t *testing.T) {
	t.Parallel()
	r := start(t, setup{before: furnish})
	m := *r.command("U0JANE", "status")
	if len(m.Buttons()) != 0 || !tells(m, "Stop it in Studio, under *Running instances*.") {
		t.Errorf("status is %s", m.Blocks)
	}
	r.forged("U0JANE", stopKey("forecast"))
	r.await("the words", func() bool { return tells(r.latest("U0JANE"), "Nothing can be stopped from Slack here.") })
	if got := r.app("forecast"); got != sagemakersim.InService || !strings.Contains(r.log.String(), `"reason":"stop: switched off"`) {
		t.Errorf("the app is %s", got)
	}
}

// What SageMaker doesn't do is said, and what it did without an answer is done.
func TestStopFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		fault sagemakersim.Fault
		words string
		after string
	}{
		{"refused", sagemakersim.Fault{Operation: "DeleteApp", N: -1, Code: "ValidationException"}, "SageMaker refuses to stop it.", sagemakersim.InService},
		{"not permitted", sagemakersim.Fault{Operation: "DeleteApp", N: -1, Code: "AccessDeniedException"}, "AWS doesn't let us stop it.", sagemakersim.InService},
		{"throttled", sagemakersim.Fault{Operation: "DeleteApp", N: -1, Code: "ThrottlingException"}, "AWS is busy right now.", sagemakersim.InService},
		{"away", sagemakersim.Fault{Operation: "DeleteApp", N: -1, Drop: true}, "AWS didn't answer in time.", sagemakersim.InService},
		{"no answer", sagemakersim.Fault{Operation: "DeleteApp", N: -1, Hang: true}, "AWS didn't answer in time.", sagemakersim.InService},
		{"done, the answer lost", sagemakersim.Fault{Operation: "DeleteApp", HappenedButFailed: true}, "is stopping.", sagemakersim.Deleting},
		{"done, every answer lost", sagemakersim.Fault{Operation: "DeleteApp", N: -1, HappenedButFailed: true}, "AWS didn't answer in time.", sagemakersim.Deleting},
		{"no look at whose it is", sagemakersim.Fault{Operation: "DescribeSpace", N: -1, Drop: true}, "We can't check right now whether it is yours.", sagemakersim.InService},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := start(t, setup{config: runningConfig, before: furnish})
			r.sagemaker.SetStateDelay(-1)
			m := *r.command("U0JANE", "status")
			r.sagemaker.Fail(c.fault)
			r.presses("U0JANE", m, "Stop", "forecast")
			r.await("the words", func() bool { return tells(r.now(&m), c.words) || tells(r.latest("U0JANE"), c.words) })
			if got := r.app("forecast"); got != c.after {
				t.Errorf("the app is %s", got)
			}
			if c.words != "is stopping." && button(r.now(&m), "Stop", "forecast") < 0 {
				t.Error("the button is gone, so that nobody can try again")
			}
		})
	}
}

// Presses count as commands do.
func TestStopLimit(t *testing.T) {
	t.Parallel()
	r := start(t, setup{config: runningConfig, before: furnish, limits: "person: 3/1h"})
	m := *r.command("U0JANE", "status")
	for range 4 {
		r.forged("U0JANE", stopKey("sams"))
	}
	r.await("the limit", func() bool { return r.reads("U0JANE", "That was a lot of commands at once.") })
	r.presses("U0JANE", m, "Stop", "forecast")
	if n := r.sagemaker.CallCount("DeleteApp"); n != 0 || r.app("forecast") != sagemakersim.InService {
		t.Errorf("%d calls", n)
	}
}
