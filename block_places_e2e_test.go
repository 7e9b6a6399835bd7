package studiobot_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/studiobot/studiobot/internal/sagemakersim"
	"github.com/studiobot/studiobot/internal/slacksim"
)

const blockedWords = "An admin has blocked your access."

// Whoever is blocked can open, stop and start nothing, from whatever place: the
// command and its words, the Home and what stood in it before, the shortcut, and
// buttons in messages from before.
func TestBlockInEveryPlace(t *testing.T) {
	t.Parallel()
	s := blocking()
	s.config, s.before = taggedConfig+"\nstore: sqlite:block.db\n", furnishNotebooks
	r := start(t, s)
	status := *r.command("U0JANE", "status")
	listed := r.listed("U0JANE", "spaces", "forecast")
	old := r.home("U0JANE", "· forecast")
	if button(status, "Stop", "forecast") < 0 || homeButton(old, "Stop", "forecast") < 0 || homeButton(old, "Open Studio", "") < 0 || len(listed.Buttons()) == 0 {
		t.Fatal("there is nothing to block")
	}
	r.command("U0ANN", "admin block U0JANE")
	opened, issued := r.sagemaker.CallCount("CreatePresignedDomainUrl"), r.issued()

	for _, text := range []string{"", "research", "spaces", "space forecast", "notebook", "notebook churn", "mlflow", "status", "remind on"} {
		if m := r.command("U0JANE", text); len(m.Buttons()) != 0 || !strings.Contains(says(m), blockedWords) {
			t.Errorf("/studio %s: %s", text, says(m))
		}
	}
	for _, m := range []slacksim.Message{*listed, status} {
		for i, b := range m.Buttons() {
			if b.URL == "" && b.Text != "Stop" {
				r.press("U0JANE", &m, i)
			}
		}
	}
	r.presses("U0JANE", status, "Stop", "forecast")
	r.await("the refusal of a stop", func() bool { return strings.Contains(r.log.String(), `"reason":"stop: may open nothing"`) })
	r.starts("U0JANE", "churn")
	r.await("the refusal of a start", func() bool { return strings.Contains(r.log.String(), `"reason":"start: may open nothing"`) })
	for _, text := range []string{"Stop", "Open Studio"} {
		r.changes("U0JANE", old, text, "")
	}
	r.modal("U0JANE", blockedWords)
	r.shortcut("U0JANE")
	r.modal("U0JANE", blockedWords)
	if h := r.home("U0JANE", blockedWords); len(h.Buttons()) != 0 && (homeButton(h, "Stop", "") >= 0 || homeButton(h, "Open Studio", "") >= 0) || bytes.Contains(h.View, []byte("forecast")) {
		t.Errorf("the Home of somebody who is blocked: %s", h.View)
	}

	for space, want := range map[string]string{"forecast": sagemakersim.InService, "gpu": sagemakersim.InService} {
		if got := r.app(space); got != want {
			t.Errorf("%s is %s", space, got)
		}
	}
	if got := r.box("churn"); got != sagemakersim.Stopped {
		t.Errorf("the notebook instance is %s", got)
	}
	if n := r.sagemaker.CallCount("CreatePresignedDomainUrl"); n != opened || r.issued() != issued {
		t.Errorf("%d links and %d URLs for somebody who is blocked", r.issued()-issued, n-opened)
	}
	for _, call := range []string{"DeleteApp", "StartNotebookInstance", "StopNotebookInstance", "CreatePresignedNotebookInstanceUrl"} {
		if n := r.sagemaker.CallCount(call); n != 0 {
			t.Errorf("%d calls of %s", n, call)
		}
	}
	r.command("U0ANN", "admin unblock U0JANE")
	r.starts("U0JANE", "churn")
	r.await("the notebook instance to start once the block has ended", func() bool { return r.box("churn") != sagemakersim.Stopped })
}
