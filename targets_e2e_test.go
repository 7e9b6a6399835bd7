package studiobot_test

import (
	"strings"
	"testing"

	"github.com/studiobot/studiobot/internal/sagemakersim"
)

// Where people land, by what they type, in either order and by beginnings.
func TestTargets(t *testing.T) {
	t.Parallel()
	r := start(t, setup{domain: ", open: canvas"})
	for _, c := range []struct{ text, says, app, path string }{
		{"", "Open Canvas", "Canvas", ""}, // the domain's own default
		{"studio", "Open Studio", sagemakersim.Portal, ""},
		{"lab", "Open JupyterLab", sagemakersim.Portal, "jupyterlab"},
		{"Code", "Open Code Editor", sagemakersim.Portal, "code-editor"},
		{"rs research", "Open RStudio", "RStudioServerPro", ""},
		{"research cla", "Open Studio Classic", "JupyterServer", ""},
	} {
		m := r.command("U0JANE", c.text)
		if !strings.Contains(says(m), c.says) {
			t.Errorf("%q: no %q in %s", c.text, c.says, says(m))
		}
		r.launches(r.press("U0JANE", m, 0), researchID, "jane-doe")
		all := r.sagemaker.Openings()
		if o := all[len(all)-1]; o.App != c.app || o.Path != c.path {
			t.Errorf("%q landed in %s %q, want %s %q", c.text, o.App, o.Path, c.app, c.path)
		}
	}
	// In two domains at once.
	m := r.command("U0SAM", "can")
	if got := says(m); !strings.Contains(got, "Canvas · Production") || !strings.Contains(got, "Canvas · Research") {
		t.Errorf("%s", got)
	}
	r.launches(r.press("U0SAM", m, 1), prodID, "sam-prod")
	for text, want := range map[string]string{"lab code": "I don't know “code”.", "r": "I don't know “r”."} {
		if got := says(r.command("U0JANE", text)); !strings.Contains(got, want) {
			t.Errorf("%q: %s", text, got)
		}
	}
}
