package demo_test

import (
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/studiobot/studiobot/internal/demo"
	"github.com/studiobot/studiobot/internal/sagemakersim"
)

// landed says where the latest browser ended.
func landed(t *testing.T, d *demo.Demo, app, name, path string) {
	t.Helper()
	all := d.SageMaker.Openings()
	if len(all) == 0 {
		t.Fatal("no browser in Studio")
	}
	if o := all[len(all)-1]; !o.OK || o.App != app || o.Name != name || o.Path != path {
		t.Errorf("landed in %+v, want %s %s %s", o, app, name, path)
	}
}

// choosesFromMenu chooses what holds the text from the last menu.
func choosesFromMenu(text string) chromedp.Action {
	find := `[...document.querySelectorAll("article select")].at(-1)`
	option := `[...(` + find + `?.options ?? [])].findIndex(o => o.textContent.includes(` + quote(text) + `))`
	return chromedp.Tasks{until(option + ` >= 0`), chromedp.Evaluate(`(() => { const s = `+find+`; s.selectedIndex = `+option+`; s.dispatchEvent(new Event("change")); })()`, nil)}
}

// A space, a notebook instance and a tracking server, each by its name.
func TestBrowserPlaces(t *testing.T) {
	t.Parallel()
	ctx, d := open(t, demo.Options{})
	do(t, ctx, is("U0LEA"), types("/studio spaces"), sees("Your spaces: 4."), sees("Churn model"), sees("Team reports"), sees("not running: press Run on its page"))
	do(t, ctx, types("/studio churn"), sees("JupyterLab is ready."))
	do(t, press(t, ctx, "Open JupyterLab"), sees("churn-model"))
	landed(t, d, sagemakersim.JupyterLab, "churn-model", "")
	do(t, ctx, types("/studio code notes"), sees("It isn't running."), sees("press Run there"))
	do(t, press(t, ctx, "Open Code Editor"), sees("notes"))
	landed(t, d, sagemakersim.Portal, "notes", "code-editor/notes")
	do(t, ctx, types("/studio notebook old lab"), sees("Your notebook instance is ready."))
	do(t, press(t, ctx, "Open JupyterLab"), sees("old-reports"))
	landed(t, d, sagemakersim.NotebookPage, "old-reports", "lab")
	do(t, ctx, types("/studio mlflow"), sees("team-tracking"))
	do(t, press(t, ctx, "Open MLflow"), sees("team-tracking"))
	landed(t, d, sagemakersim.MLflow, "team-tracking", "")
	do(t, ctx, types("/studio notebook leas"), sees("The notebook instance leas-notebook isn't running."), sees("Start it, and open it when it is there"))
	// What a menu offers comes as a message with a button.
	do(t, ctx, types("/studio"), choosesFromMenu("Team reports"), sees("The shared space is ready."))
	do(t, press(t, ctx, "Open JupyterLab"), sees("team-reports"))
	landed(t, d, sagemakersim.Portal, "team-reports", "jupyterlab/team-reports")
}

// Jane has none of that, whatever she types.
func TestBrowserPlacesOfOthers(t *testing.T) {
	t.Parallel()
	ctx, _ := open(t, demo.Options{})
	do(t, ctx, is("U0JANE"), types("/studio spaces"), sees("Your spaces: 1."),
		types("/studio churn-model"), sees("I don't know “churn-model”."), sees("What is yours:"),
		types("/studio notebook"), sees("You have no notebook instances."),
		types("/studio notebook old-reports"), sees("I don't know “old-reports”."), unsees("Big training"))
	do(t, ctx, is("U0SAM"), types("/studio notebook gpu"), sees("Your notebook instance is ready."))
}

func TestBrowserScreenshotsOfPlaces(t *testing.T) {
	t.Parallel()
	ctx, _ := open(t, demo.Options{})
	do(t, ctx, is("U0LEA"), types("/studio"), choosesFromMenu("leas-notebook"), sees("isn't running"))
	shoot(t, ctx, "places")
	do(t, ctx, types("/studio spaces"), sees("Your spaces: 4."))
	shoot(t, ctx, "spaces")
	do(t, ctx, types("/studio notebook"), sees("Your notebook instances: 2."), types("/studio nots"), sees("What is yours:"))
	shoot(t, ctx, "notebooks")
}
