package demo_test

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/studiobot/studiobot/internal/demo"
	"github.com/studiobot/studiobot/internal/sagemakersim"
)

// asksFirst waits for the dialog of a button, or that there is none.
func asksFirst(open bool) chromedp.Action {
	if open {
		return until(`document.getElementById("confirm").open`)
	}
	return until(`!document.getElementById("confirm").open`)
}

// rowButton is a button beside the row that holds the text.
func rowButton(row, label string) chromedp.Action {
	find := `[...document.querySelectorAll("article .withbutton")].filter(e => e.textContent.includes(` + quote(row) + `)).at(-1)?.querySelector("button")`
	return chromedp.Tasks{until(find + `?.textContent === ` + quote(label)), chromedp.Evaluate(find+`.click()`, nil)}
}

func runsBigTraining(d *demo.Demo) bool {
	a, ok := d.SageMaker.App("d-research00001", sagemakersim.App{Type: sagemakersim.JupyterLab, Space: "big-training"})
	return ok && a.Status == sagemakersim.InService
}

func TestBrowserStop(t *testing.T) {
	t.Parallel()
	ctx, d := open(t, demo.Options{})
	do(t, ctx, types("/studio status"), sees("3 things of yours are running: 1.458 USD an hour."), sees("Big training"), sees("idle for 17 hours"), sees("shared, others may be working in it"),
		sees("Closing a tab stops nothing"))
	// Asked first; Escape and the other button leave it running.
	do(t, ctx, rowButton("Big training", "Stop"), asksFirst(true), sees("Kept: the space and the files on its volume."), sees("Lost: what is in memory"),
		clicks("#confirm button", "Leave it running"), asksFirst(false), rowButton("Big training", "Stop"), asksFirst(true), chromedp.KeyEvent(kb.Escape), asksFirst(false))
	if !runsBigTraining(d) {
		t.Fatal("it was stopped by somebody who left it running")
	}
	do(t, ctx, rowButton("Big training", "Stop"), asksFirst(true), clicks("#confirm button", "Stop"), asksFirst(false),
		sees("JupyterLab in big-training is stopping."), sees("ml.g5.xlarge · stopping"), sees("DeleteApp: d-research00001 / big-training / JupyterLab"),
		sees("JupyterLab in big-training has stopped."), sees("2 things of yours are running: 0.05 USD an hour."), unsees("idle for 17 hours"))
	if runsBigTraining(d) {
		t.Error("it still runs")
	}
}

func TestBrowserStartNotebook(t *testing.T) {
	t.Parallel()
	ctx, _ := open(t, demo.Options{})
	do(t, ctx, types("/studio status"), sees("janes-notebook"), rowButton("janes-notebook", "Start"), sees("The notebook instance janes-notebook is starting."),
		sees("StartNotebookInstance: janes-notebook"), sees("The notebook instance janes-notebook is ready."), sees("/studio notebook janes-notebook"))
	do(t, ctx, is("U0SAM"), types("/studio status"), sees("sams-notebook"),
		until(`!/janes-notebook|Big training/.test(document.getElementById("messages").innerText)`))
}
