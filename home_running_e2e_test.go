package studiobot_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/studiobot/studiobot/internal/sagemakersim"
	"github.com/studiobot/studiobot/internal/slacksim"
)

// homeButton is the index of a Home's button with that text, whose value or label
// is about something; -1: there is none.
func homeButton(h slacksim.HomeTab, text, about string) int {
	return slices.IndexFunc(h.Buttons(), func(b slacksim.Button) bool {
		return b.Text == text && strings.Contains(b.Value+b.AccessibilityLabel, about)
	})
}

// changes presses Stop or Start in a Home.
func (r *rig) changes(user string, h slacksim.HomeTab, text, about string) {
	r.t.Helper()
	if p, err := r.slack.PressHome(r.within(), user, homeButton(h, text, about)); err != nil || !p.Acked {
		r.t.Fatalf("%s %s: %+v, %v", text, about, p, err)
	}
}

// What runs stands in the Home, one's own and nobody else's, and is stopped from
// there: a modal says what comes of it, and the Home shows it.
func TestStopFromTheHome(t *testing.T) {
	t.Parallel()
	r := start(t, setup{config: runningConfig, before: furnish})
	r.sagemaker.SetStateDelay(-1)
	h := r.home("U0JANE", "· forecast")
	if bytes.Contains(h.View, []byte("sams")) || homeButton(h, "Stop", "forecast") < 0 || homeButton(h, "Open Studio", "") < 0 {
		t.Fatalf("Jane's Home is %s", h.View)
	}
	r.changes("U0JANE", h, "Stop", "forecast")
	m := r.modal("U0JANE", "JupyterLab in forecast is stopping.")
	r.await("the Home to show it", func() bool {
		h, _ = r.slack.HomeTab("U0JANE")
		return bytes.Contains(h.View, []byte("stopping")) && homeButton(h, "Stop", "forecast") < 0
	})
	r.sagemaker.SetApp(researchID, sagemakersim.App{Type: sagemakersim.JupyterLab, Space: "forecast", Status: sagemakersim.Deleted})
	if gone := r.modal("U0JANE", "JupyterLab in forecast has stopped."); gone.ID != m.ID {
		t.Errorf("another modal says it: %+v", gone)
	}
	r.await("the Home to show that too", func() bool {
		h, _ = r.slack.HomeTab("U0JANE")
		return !bytes.Contains(h.View, []byte("· forecast"))
	})
	for _, space := range []string{"gpu", "team", "sams"} {
		if got := r.app(space); got != sagemakersim.InService {
			t.Errorf("%s is %s", space, got)
		}
	}
}

// Who has closed the modal meanwhile is told of what they wait for all the same.
func TestStartFromTheHome(t *testing.T) {
	t.Parallel()
	r := start(t, setup{config: taggedConfig, before: furnishNotebooks})
	r.sagemaker.SetStateDelay(-1)
	h := r.home("U0JANE", "· churn")
	r.slack.Fail(slacksim.Fault{Method: "views.open", N: 1, SlackError: "expired_trigger_id"})
	r.changes("U0JANE", h, "Start", "churn")
	r.await("it to start", func() bool { return r.box("churn") == sagemakersim.Pending })
	n, _ := r.sagemaker.Notebook("churn")
	n.Status = sagemakersim.InService
	r.sagemaker.SetNotebook(n)
	if m := r.last("U0JANE", "The notebook instance churn is ready."); m.Ephemeral {
		t.Errorf("told by %+v", m)
	}
}

// Whoever has notebook instances only has them in the Home too.
func TestHomeOfNotebooksOnly(t *testing.T) {
	t.Parallel()
	r := start(t, setup{config: taggedConfig, before: furnishNotebooks})
	h := r.home("U0UMA", "Your notebook instances")
	if bytes.Contains(h.View, []byte("sams-box")) || bytes.Contains(h.View, []byte("aren't linked")) {
		t.Errorf("Uma's Home is %s", h.View)
	}
	r.pressHome("U0UMA", "Show what I can open")
	r.modal("U0UMA", "umas-box")
}
