package demo_test

import (
	"testing"
	"time"

	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/studiobot/studiobot/internal/demo"
)

func TestBrowserLaunch(t *testing.T) {
	t.Parallel()
	ctx, d := open(t, demo.Options{})
	do(t, ctx, sees("Slack, SageMaker and Studio are simulated"), types("/studio"), sees("Your Studio is ready."), sees("Only visible to you"))
	tab := press(t, ctx, "Open Studio")
	do(t, tab, sees("jane-doe"), sees("d-research00001"))
	do(t, ctx, sees("Opened at"), sees("Get a fresh link"), sees("redirect: 302"), sees("CreatePresignedDomainUrl"))
	// The fresh link comes in place, and works.
	do(t, ctx, clicks("article button", "Get a fresh link"), sees("Your Studio is ready."))
	do(t, press(t, ctx, "Open Studio"), sees("jane-doe"))
	if n := len(d.SageMaker.Openings()); n != 2 {
		t.Errorf("Studio was opened %d times, want 2", n)
	}
}

func TestBrowserUsedLink(t *testing.T) {
	t.Parallel()
	ctx, _ := open(t, demo.Options{})
	var link string
	do(t, ctx, types("/studio"), sees("Your Studio is ready."), chromedp.AttributeValue(`article a.primary`, "href", &link, nil, chromedp.ByQuery))
	do(t, press(t, ctx, "Open Studio"), sees("jane-doe"))
	tab, cancel := chromedp.NewContext(ctx)
	defer cancel()
	do(t, tab, chromedp.Navigate(link), sees("This link has already been used."), sees("type /studio in Slack"), sees("Reference"))
}

func TestBrowserExpiredLink(t *testing.T) {
	t.Parallel()
	ctx, _ := open(t, demo.Options{LinkTTL: time.Second})
	var link string
	do(t, ctx, types("/studio"), sees("Your Studio is ready."), chromedp.AttributeValue(`article a.primary`, "href", &link, nil, chromedp.ByQuery))
	tab, cancel := chromedp.NewContext(ctx)
	defer cancel()
	// The waiting page turns into the expired one by itself.
	do(t, tab, chromedp.Navigate(link), sees("This link has expired."))
}

func TestBrowserWaitingPageOpensByItself(t *testing.T) {
	t.Parallel()
	ctx, _ := open(t, demo.Options{})
	do(t, ctx, sets("clicks", "late"), types("/studio"), sees("Your Studio is ready."))
	tab := press(t, ctx, "Open Studio")
	do(t, tab, sees("Waiting for Slack to confirm that it’s you"))
	do(t, tab, sees("jane-doe"), sees("d-research00001"))
}

func TestBrowserConfirmPage(t *testing.T) {
	t.Parallel()
	ctx, _ := open(t, demo.Options{Proof: "confirm"})
	do(t, ctx, sets("clicks", "never"), types("/studio"), sees("Your Studio is ready."))
	tab := press(t, ctx, "Open Studio")
	do(t, tab, sees("Open Studio?"), sees("jane-doe"), sees("Research"))
	// Without script: the browser's own form, and a redirect that the page's
	// policy must let pass.
	do(t, tab, chromedp.SendKeys("button", kb.Enter, chromedp.ByQuery), sees("d-research00001"))
}

func TestBrowserRefusals(t *testing.T) {
	t.Parallel()
	ctx, d := open(t, demo.Options{})
	do(t, ctx, is("U0UMA"), types("/studio"), sees("You aren't linked to a Studio profile yet."), sees("U0UMA"))
	do(t, ctx, is("U0GUS"), types("/studio"), sees("Guests can't open Studio"))
	do(t, ctx, is("U0DEE"), types("/studio"), sees("deactivated."))
	do(t, ctx, is("U0SAM"), types("/studio"), sees("Which one do you want to open?"), sees("Production"))
	do(t, press(t, ctx, "Production"), sees("sam-prod"))
	if n := d.SageMaker.CallCount("CreatePresignedDomainUrl"); n != 1 {
		t.Errorf("SageMaker was asked %d times, want once", n)
	}
}

func TestBrowserSwitches(t *testing.T) {
	t.Parallel()
	ctx, _ := open(t, demo.Options{})
	do(t, ctx, sets("sagemaker", "throttled"), types("/studio"), sees("Your Studio is ready."))
	tab := press(t, ctx, "Open Studio")
	do(t, tab, sees("AWS is busy right now."))
	do(t, ctx, sets("sagemaker", ""))
	do(t, tab, clicks("a", "Try again"), sees("d-research00001"))
	do(t, ctx, clicks("label", "Jane’s profile is missing"), types("/studio"), sees("Your Studio is ready."))
	do(t, press(t, ctx, "Open Studio"), sees("Your Studio profile wasn't found."))
	do(t, ctx, clicks("button", "Slack refreshes its sockets"), sees("Slack asked every socket"), sees("disconnect (refresh_requested)"))
	do(t, ctx, types("/studio help"), sees("Open SageMaker Studio from Slack"))
}

// Everything works from the keyboard: completion, sending, the button.
func TestBrowserKeyboard(t *testing.T) {
	t.Parallel()
	ctx, d := open(t, demo.Options{})
	do(t, ctx,
		chromedp.Focus("#compose", chromedp.ByQuery),
		chromedp.KeyEvent("/"),
		until(`document.querySelectorAll("#suggestions li").length === 7`),
		chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.ArrowDown),
		until(`document.getElementById("compose").getAttribute("aria-activedescendant") === "suggestion-1"`),
		chromedp.KeyEvent(kb.Enter),
		sees("Your Studio is ready."),
		chromedp.Focus(`article a.primary`, chromedp.ByQuery),
	)
	opened := chromedp.WaitNewTarget(ctx, func(i *target.Info) bool { return i.Type == "page" })
	do(t, ctx, chromedp.KeyEvent(kb.Enter))
	select {
	case <-opened:
	case <-time.After(patience):
		t.Fatal("no new tab")
	}
	do(t, ctx, sees("Opened at"))
	if n := len(d.SageMaker.Openings()); n != 1 {
		t.Errorf("Studio was opened %d times", n)
	}
}
