package studiobot_test

import (
	"strings"
	"testing"
	"time"

	"github.com/studiobot/studiobot/internal/sagemakersim"
	"github.com/studiobot/studiobot/internal/slacksim"
)

// runningConfig lets people stop and start, and knows prices.
const runningConfig = `studio: {allow_stop: true}
notebooks: {allow_start: true}
prices: {per_hour: {ml.t3.medium: 0.05, ml.g5.xlarge: 1.408}}`

// furnish puts spaces and apps of everybody into the domains.
func furnish(r *rig) {
	now := time.Now()
	for _, s := range []sagemakersim.Space{
		{Name: "forecast", Owner: "jane-doe", VolumeGB: 5}, {Name: "gpu", Display: "GPU <box>", Owner: "jane-doe", VolumeGB: 100}, {Name: "quiet", Owner: "jane-doe"},
		{Name: "team", Shared: true}, {Name: "sams", Owner: "sam-research"},
	} {
		r.sagemaker.SetSpace(researchID, s)
	}
	for _, a := range []sagemakersim.App{
		{Type: sagemakersim.JupyterLab, Space: "forecast", Created: now.Add(-4 * time.Hour), Active: now.Add(-3 * time.Hour)},
		{Type: sagemakersim.JupyterLab, Space: "gpu", Instance: "ml.g5.xlarge", Created: now.Add(-time.Hour), Active: now.Add(-time.Minute)},
		{Type: sagemakersim.JupyterLab, Space: "team", Created: now.Add(-time.Hour)},
		{Type: sagemakersim.JupyterLab, Space: "sams", Created: now.Add(-time.Hour)},
		{Type: sagemakersim.Canvas, Profile: "jane-doe", Instance: "ml.t3.large", Created: now.Add(-time.Hour), Active: now.Add(-2 * time.Hour)},
		{Type: sagemakersim.Canvas, Profile: "sam-research"},
	} {
		r.sagemaker.SetApp(researchID, a)
	}
	r.sagemaker.SetSpace(prodID, sagemakersim.Space{Name: "live", Owner: "sam-prod"})
	r.sagemaker.SetApp(prodID, sagemakersim.App{Type: sagemakersim.CodeEditor, Space: "live"})
}

// button finds a button of a message by what it says and is about.
func button(m slacksim.Message, text, about string) int {
	for i, b := range m.Buttons() {
		if b.Text == text && strings.Contains(b.AccessibilityLabel, about) {
			return i
		}
	}
	return -1
}

// now is a message as it stands.
func (r *rig) now(m *slacksim.Message) slacksim.Message {
	r.t.Helper()
	x, ok := r.slack.Message(m.ID)
	if !ok {
		r.t.Fatal("the message is gone")
	}
	return x
}

func (r *rig) app(space string) string {
	a, _ := r.sagemaker.App(researchID, sagemakersim.App{Type: sagemakersim.JupyterLab, Space: space})
	return a.Status
}

// tells says whether a message has all of those texts.
func tells(m slacksim.Message, texts ...string) bool {
	said := strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(m.Text + "\n" + string(m.Blocks))
	for _, text := range texts {
		if !strings.Contains(said, text) {
			return false
		}
	}
	return true
}

func TestStatus(t *testing.T) {
	t.Parallel()
	r := start(t, setup{config: runningConfig, before: furnish})
	m := *r.command("U0JANE", "status")
	if !m.Ephemeral || m.Source != slacksim.SourceAck || !tells(m, "3 things of yours are running: 1.458 USD an hour, and one whose price isn't known.",
		"*JupyterLab* · forecast", "idle for 3 hours", "ml.t3.medium", "at most 0.2", "GPU &lt;box&gt;", "used a moment ago", "1.408 USD an hour", "*Canvas* · Research", "idle for 2 hours",
		"*JupyterLab* · team", "shared, others may be working in it", "Closing a tab stops nothing") {
		t.Errorf("status is %s", m.Blocks)
	}
	if tells(m, "sams") || tells(m, "quiet") {
		t.Errorf("status shows what isn't hers, or doesn't run: %s", m.Blocks)
	}
	var stops []string
	for _, b := range m.Buttons() {
		stops = append(stops, b.Text+" "+b.AccessibilityLabel)
		if b.Confirm == nil || b.Confirm.Accept != "Stop" || !strings.Contains(b.Confirm.Text, "Kept: ") || !strings.Contains(b.Confirm.Text, "Lost: what is in memory") {
			t.Errorf("%s asks %+v", b.AccessibilityLabel, b.Confirm)
		}
	}
	if got := strings.Join(stops, "\n"); got != "Stop Stop JupyterLab forecast in Research · dev account\nStop Stop JupyterLab GPU <box> in Research · dev account\nStop Stop Canvas in Research · dev account" {
		t.Errorf("buttons:\n%s", got)
	}
	if m := *r.command("U0SAM", "stat prod"); !tells(m, "One thing of yours is running: 0.05 USD an hour.", "Code Editor", "live") || tells(m, "sams") {
		t.Errorf("status of one domain is %s", m.Blocks)
	}
	if m := *r.command("U0UMA", "status"); !tells(m, "You aren't linked to a Studio profile yet.") {
		t.Errorf("status of somebody without a profile is %s", m.Blocks)
	}
}

// Where SageMaker is slow the acknowledgement says so in time (the simulator
// refuses it after three seconds), and the answer follows.
func TestStatusOfASlowSageMaker(t *testing.T) {
	t.Parallel()
	r := start(t, setup{config: runningConfig, before: func(r *rig) {
		furnish(r)
		r.sagemaker.Fail(sagemakersim.Fault{Operation: "ListApps", N: -1, Delay: 2 * time.Second})
	}})
	first := *r.command("U0JANE", "status")
	if !tells(first, "Looking at what runs") || first.Source != slacksim.SourceAck {
		t.Fatalf("the acknowledgement says %s", first.Blocks)
	}
	r.await("the answer to follow", func() bool {
		all := r.slack.Messages("U0JANE")
		last := all[len(all)-1]
		return len(all) == 2 && last.Source == slacksim.SourceResponseURL && tells(last, "3 things of yours are running", "idle for 3 hours")
	})
	if r.now(&first).Replaced != 0 {
		t.Error("the first message was replaced, which Slack doesn't do")
	}
}

// What can't be listed is said, and isn't "nothing".
func TestStatusWithoutSageMaker(t *testing.T) {
	t.Parallel()
	r := start(t, setup{config: runningConfig, before: func(r *rig) {
		furnish(r)
		r.sagemaker.Fail(sagemakersim.Fault{Operation: "ListApps", N: -1, Code: "AccessDeniedException"})
	}})
	r.command("U0JANE", "status")
	r.await("the answer", func() bool {
		all := r.slack.Messages("U0JANE")
		return tells(all[len(all)-1], "We can't see right now what runs in Research · dev account.") && !tells(all[len(all)-1], "Nothing of yours")
	})
	r.launches(r.press("U0JANE", r.command("U0JANE", ""), 0), researchID, "jane-doe")
}
