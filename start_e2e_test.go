package studiobot_test

import (
	"strings"
	"testing"

	"github.com/studiobot/studiobot/internal/sagemakersim"
	"github.com/studiobot/studiobot/internal/slacksim"
)

// taggedConfig gives notebook instances by a tag.
var taggedConfig = strings.Replace(runningConfig, "allow_start: true", "allow_start: true, tag: slack-user-id", 1)

// furnishNotebooks adds notebook instances.
func furnishNotebooks(r *rig) {
	furnish(r)
	of := func(user string) map[string]string { return map[string]string{"slack-user-id": user} }
	for _, n := range []sagemakersim.Notebook{
		{Name: "churn", Tags: of("U0JANE"), Status: sagemakersim.Stopped}, {Name: "busy", Tags: of("U0JANE")},
		{Name: "sams-box", Tags: of("U0SAM"), Status: sagemakersim.Stopped}, {Name: "nobodys", Status: sagemakersim.Stopped},
		{Name: "umas-box", Tags: of("U0UMA"), Status: sagemakersim.Stopped}, {Name: "bans-box", Tags: of("U0BAN"), Status: sagemakersim.Stopped},
	} {
		r.sagemaker.SetNotebook(n)
	}
}

func (r *rig) box(name string) string {
	n, _ := r.sagemaker.Notebook(name)
	return n.Status
}

// starts presses a forged or a real Start button.
func (r *rig) starts(user, name string) slacksim.Message {
	r.t.Helper()
	m := r.planted(user, "notebook/research/"+name)
	r.press(user, &m, 1)
	return m
}

func TestStartNotebook(t *testing.T) {
	t.Parallel()
	r := start(t, setup{config: taggedConfig, before: furnishNotebooks})
	r.sagemaker.SetStateDelay(-1)
	m := *r.command("U0JANE", "status")
	if !tells(m, "4 things of yours are running", "*Notebook instance* · busy", "*Notebook instance* · churn", "stopped · 0.05 USD an hour once it runs") || tells(m, "sams-box") || tells(m, "nobodys") {
		t.Fatalf("status is %s", m.Blocks)
	}
	r.presses("U0JANE", m, "Start", "churn")
	r.await("it to start", func() bool {
		return tells(r.now(&m), "The notebook instance churn is starting.", "You'll be told here when it is ready.", "*Notebook instance* · churn", "ml.t3.medium · starting")
	})
	if got := r.box("churn"); got != sagemakersim.Pending {
		t.Errorf("the instance is %s", got)
	}
	n, _ := r.sagemaker.Notebook("churn")
	n.Status = sagemakersim.InService
	r.sagemaker.SetNotebook(n)
	r.await("to be told that it is ready", func() bool {
		return tells(r.latest("U0JANE"), "The notebook instance churn is ready.", "`/studio notebook churn`")
	})
	if m := *r.command("U0JANE", "status"); !tells(m, "5 things of yours are running") || button(m, "Stop", "churn") < 0 || button(m, "Start", "churn") >= 0 {
		t.Errorf("status is %s", m.Blocks)
	}
	if n := strings.Count(r.log.String(), `"step":"starting","team":"T0ACME","user":"U0JANE","domain":"research","target":"notebook","name":"churn"`); n != 1 {
		t.Errorf("%d audit lines", n)
	}
}

func TestStopNotebook(t *testing.T) {
	t.Parallel()
	r := start(t, setup{config: taggedConfig, before: furnishNotebooks})
	m := *r.command("U0JANE", "status")
	if i := button(m, "Stop", "busy"); i < 0 || !strings.Contains(m.Buttons()[i].Confirm.Text, "Kept: the files in /home/ec2-user/SageMaker.") {
		t.Fatalf("status is %s", m.Blocks)
	}
	r.presses("U0JANE", m, "Stop", "busy")
	r.await("it to have stopped", func() bool {
		x := r.now(&m)
		return tells(x, "The notebook instance busy has stopped.") && button(x, "Start", "busy") >= 0 && button(x, "Stop", "busy") < 0
	})
}

// Who may start and stop which notebook instance.
func TestNotebookAuthority(t *testing.T) {
	t.Parallel()
	r := start(t, setup{config: taggedConfig, before: furnishNotebooks})
	r.command("U0JANE", "status")
	n, _ := r.sagemaker.Notebook("busy")
	n.Tags = map[string]string{"slack-user-id": "U0SAM"}
	r.sagemaker.SetNotebook(n)
	const notTheirs = "That isn't there any more, or isn't yours."
	for _, c := range []struct{ user, name, words string }{
		{"U0JANE", "sams-box", notTheirs}, {"U0JANE", "nobodys", notTheirs}, {"U0JANE", "nothing", notTheirs}, {"U0JANE", "busy", notTheirs},
		{"U0BAN", "bans-box", "Studio is turned off for you."},
		{"U0UMA", "umas-box", "The notebook instance umas-box is starting."}, // needs no profile
		{"U0JANE", "churn", "The notebook instance churn is starting."},
	} {
		m := r.starts(c.user, c.name)
		r.await(c.user+" starting "+c.name, func() bool { return tells(r.now(&m), c.words) || tells(r.latest(c.user), c.words) })
		if c.words == notTheirs {
			r.forged(c.user, "notebook/research/"+c.name)
		}
	}
	r.await("the refused stops", func() bool { return strings.Count(r.log.String(), `"reason":"stop: not theirs"`) == 4 })
	if r.box("sams-box") != sagemakersim.Stopped || r.box("nobodys") != sagemakersim.Stopped || r.box("bans-box") != sagemakersim.Stopped || r.box("busy") != sagemakersim.InService {
		t.Errorf("sams-box is %s, nobodys %s, bans-box %s, busy %s", r.box("sams-box"), r.box("nobodys"), r.box("bans-box"), r.box("busy"))
	}
	if starts, stops := r.sagemaker.CallCount("StartNotebookInstance"), r.sagemaker.CallCount("StopNotebookInstance"); starts != 2 || stops != 0 {
		t.Errorf("%d starts, %d stops", starts, stops)
	}
}

// Who is denied where the instance is doesn't get at it by another domain of the
// same account.
func TestNotebookOfADeniedDomain(t *testing.T) {
	t.Parallel()
	r := start(t, setup{
		config: taggedConfig, users: usersYAML + "U0HAL: {research: deny, prod: sam-prod}\n", people: []slacksim.Person{{ID: "U0HAL", Name: "hal"}},
		before: func(r *rig) {
			furnishNotebooks(r)
			r.sagemaker.SetNotebook(sagemakersim.Notebook{Name: "hals-box", Tags: map[string]string{"slack-user-id": "U0HAL"}, Status: sagemakersim.Stopped})
		},
	})
	for _, domain := range []string{"research", "prod", "nowhere"} {
		m := r.planted("U0HAL", "notebook/"+domain+"/hals-box")
		r.press("U0HAL", &m, 1)
	}
	r.await("three refusals", func() bool { return strings.Count(r.log.String(), `"reason":"start: `) == 3 })
	if n := r.sagemaker.CallCount("StartNotebookInstance"); n != 0 || r.box("hals-box") != sagemakersim.Stopped {
		t.Errorf("%d starts, it is %s", n, r.box("hals-box"))
	}
}

func TestStartFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, words string
		prepare     func(r *rig)
	}{
		{"still stopping", "It is still stopping.", func(r *rig) { r.become("churn", sagemakersim.Stopping) }},
		{"no capacity", "SageMaker refuses to start it.", func(r *rig) {
			r.sagemaker.Fail(sagemakersim.Fault{Operation: "StartNotebookInstance", N: -1, Code: "ResourceLimitExceeded"})
		}},
		{"not permitted", "AWS doesn't let us start it.", func(r *rig) {
			r.sagemaker.Fail(sagemakersim.Fault{Operation: "StartNotebookInstance", N: -1, Code: "AccessDeniedException"})
		}},
		{"running already", "The notebook instance churn is ready.", func(r *rig) { r.become("churn", sagemakersim.InService) }},
		{"the answer lost", "The notebook instance churn is ready.", func(r *rig) {
			r.sagemaker.Fail(sagemakersim.Fault{Operation: "StartNotebookInstance", HappenedButFailed: true})
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := start(t, setup{config: taggedConfig, before: furnishNotebooks})
			r.command("U0JANE", "status")
			c.prepare(r)
			r.starts("U0JANE", "churn")
			r.await(c.words, func() bool { return r.reads("U0JANE", c.words) })
		})
	}
}

func (r *rig) become(name, status string) {
	n, _ := r.sagemaker.Notebook(name)
	n.Status = status
	r.sagemaker.SetNotebook(n)
}

// A start that fails, or is stopped by somebody else, is told too; so is a promise
// that a restart breaks.
func TestStartedNever(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, words string
		then        func(r *rig)
	}{
		{"fails", "It can't be started.", func(r *rig) { r.become("churn", sagemakersim.Failed) }},
		{"is stopped", "It was stopped before it was ready.", func(r *rig) { r.become("churn", sagemakersim.Stopped) }},
		{"is deleted", "That isn't there any more, or isn't yours.", func(r *rig) { r.sagemaker.RemoveNotebook("churn") }},
		{"restart", "This bot is being restarted, and doesn't watch it any more. Type `/studio status`", func(r *rig) {
			if err := r.shut(); err != nil {
				r.t.Error(err)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := start(t, setup{config: taggedConfig, before: furnishNotebooks})
			r.sagemaker.SetStateDelay(-1)
			m := r.starts("U0JANE", "churn")
			r.await("it to start", func() bool { return tells(r.now(&m), "is starting.") })
			c.then(r)
			r.await(c.words, func() bool { return r.reads("U0JANE", c.words) })
		})
	}
}

func TestStartSwitchedOff(t *testing.T) {
	t.Parallel()
	r := start(t, setup{config: "notebooks: {tag: slack-user-id}", before: furnishNotebooks})
	if m := *r.command("U0JANE", "status"); tells(m, "churn") || len(m.Buttons()) != 0 {
		t.Errorf("status is %s", m.Blocks)
	}
	r.starts("U0JANE", "churn")
	r.await("the words", func() bool { return r.reads("U0JANE", "Notebook instances can't be started from Slack here.") })
	if got := r.box("churn"); got != sagemakersim.Stopped {
		t.Errorf("it is %s", got)
	}
}
