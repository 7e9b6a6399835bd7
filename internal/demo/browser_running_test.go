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
	do(t, ctx, is("U0LEA"), types("/studio status"), sees("4 things of yours are running: 1.573 USD an hour."), sees("Big training"), sees("idle for 17 hours"),
		sees("Closing a tab stops nothing"))
	// Asked first; Escape and the other button leave it running.
	do(t, ctx, rowButton("Big training", "Stop"), asksFirst(true), sees("Kept: the space and the files on its volume."), sees("Lost: what is in memory"),
		clicks("#confirm button", "Leave it running"), asksFirst(false), rowButton("Big training", "Stop"), asksFirst(true), chromedp.KeyEvent(kb.Escape), asksFirst(false))
	if !runsBigTraining(d) {
		t.Fatal("it was stopped by somebody who left it running")
	}
	do(t, ctx, rowButton("Big training", "Stop"), asksFirst(true), clicks("#confirm button", "Stop"), asksFirst(false),
		sees("JupyterLab in big-training is stopping."), sees("ml.g5.xlarge · stopping"), sees("DeleteApp: d-research00001 / big-training / JupyterLab"),
		sees("JupyterLab in big-training has stopped."), sees("3 things of yours are running: 0.165 USD an hour."), unsees("idle for 17 hours"))
	if runsBigTraining(d) {
		t.Error("it still runs")
	}
}

func TestBrowserStartNotebook(t *testing.T) {
	t.Parallel()
	ctx, _ := open(t, demo.Options{})
	do(t, ctx, is("U0LEA"), types("/studio status"), sees("leas-notebook"), rowButton("leas-notebook", "Start"), sees("The notebook instance leas-notebook is starting."),
		sees("StartNotebookInstance: leas-notebook"), sees("The notebook instance leas-notebook is ready."), sees("/studio notebook leas-notebook"))
	do(t, ctx, is("U0JANE"), types("/studio status"), sees("Nothing of yours is running."),
		until(`!/leas-notebook|Big training/.test(document.getElementById("messages").innerText)`))
}

// A menu of what else there is can be chosen from.
func TestBrowserChoose(t *testing.T) {
	t.Parallel()
	ctx, _ := open(t, demo.Options{})
	do(t, ctx, is("U0LEA"), types("/studio"), sees("Your Studio is ready."), until(`document.querySelector("article select")`),
		chromedp.Evaluate(`(() => { const s = document.querySelector("article select"); s.selectedIndex = 1; s.dispatchEvent(new Event("change")); })()`, nil),
		until(`document.querySelectorAll("article.bot").length > 1 || !document.querySelector("article select")`))
}
