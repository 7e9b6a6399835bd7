package demo_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/studiobot/studiobot/internal/demo"
)

// patience bounds what a browser test waits for.
const patience = 30 * time.Second

// chromium finds the browser, or skips the test.
func chromium(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("STUDIOBOT_NO_SKIP") != "" {
		t.Fatal("needs Chromium, and nothing may be skipped")
	}
	t.Skip("needs Chromium")
	return ""
}

// open starts a demo and a browser that shows it.
func open(t testing.TB, o demo.Options) (context.Context, *demo.Demo) {
	t.Helper()
	path := chromium(t)
	d, err := demo.Start(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("close: %v", err)
		}
	})
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path),
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("disable-quic", true), chromedp.WindowSize(1280, 860))
	alloc, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	alloc, cancel := context.WithTimeout(alloc, 3*patience)
	t.Cleanup(cancel)
	ctx, closeTab := chromedp.NewContext(alloc)
	t.Cleanup(closeTab)
	do(t, ctx, chromedp.Navigate(d.URL), until(`document.querySelectorAll("#person option").length === 5`))
	return ctx, d
}

func do(t testing.TB, ctx context.Context, actions ...chromedp.Action) {
	t.Helper()
	// No deadline of its own: a browser or a tab lives as long as the context of
	// its first action. open has the deadline.
	if err := chromedp.Run(ctx, actions...); err != nil {
		t.Fatalf("browser: %v", err)
	}
}

// until waits until an expression is true in the page. The page may be on its
// way to another one meanwhile: what was asked of the old one is asked again.
func until(expression string) chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for {
			var ok bool
			if err := chromedp.Evaluate(`Boolean(`+expression+`)`, &ok).Do(ctx); err == nil && ok {
				return nil
			}
			select {
			case <-tick.C:
			case <-ctx.Done():
				var text string
				look, done := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
				defer done()
				_ = chromedp.Evaluate(`document.body.innerText`, &text).Do(look)
				return fmt.Errorf("waited for %s in vain; the page says:\n%s", expression, text)
			}
		}
	})
}

// sees waits until the page holds a text.
func sees(text string) chromedp.Action {
	return until(`document.body && document.body.innerText.includes(` + quote(text) + `)`)
}

// clicks clicks the last element of that selector that holds the text, as a
// person would: a browser opens no tab for a script.
func clicks(selector, text string) chromedp.Action {
	find := `[...document.querySelectorAll(` + quote(selector) + `)].filter(e => e.textContent.includes(` + quote(text) + `)).at(-1)`
	return chromedp.Tasks{until(find), chromedp.Evaluate(find+`.click()`, nil, func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithUserGesture(true) })}
}

func quote(s string) string { return `"` + strings.ReplaceAll(s, `"`, `\"`) + `"` }

// is chooses who types.
func is(user string) chromedp.Action {
	return chromedp.Evaluate(`(() => { const p = document.getElementById("person"); p.value = `+quote(user)+`; p.dispatchEvent(new Event("change")); })()`, nil)
}

func sets(id, value string) chromedp.Action {
	return chromedp.Evaluate(`(async () => { const e = document.getElementById(`+quote(id)+`); e.value = `+quote(value)+`; e.dispatchEvent(new Event("change")); await new Promise(r => setTimeout(r, 0)); })()`, nil)
}

// types types a line and sends it.
func types(text string) chromedp.Action {
	return chromedp.SendKeys("#compose", text+kb.Escape+kb.Enter, chromedp.ByQuery)
}

// press presses a button of the last message and returns the tab that opens.
func press(t testing.TB, ctx context.Context, label string) context.Context {
	t.Helper()
	opened := chromedp.WaitNewTarget(ctx, func(i *target.Info) bool { return i.Type == "page" })
	do(t, ctx, clicks("article a", label))
	select {
	case id := <-opened:
		tab, cancel := chromedp.NewContext(ctx, chromedp.WithTargetID(id))
		t.Cleanup(cancel)
		return tab
	case <-time.After(patience):
		t.Fatal("no new tab")
		return nil
	}
}

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
		until(`document.querySelectorAll("#suggestions li").length === 4`),
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

// The README's picture is made here, so that it shows what there is.
// STUDIOBOT_SCREENSHOTS=folder writes one of every page, light and dark, wide
// and narrow, to look at.
func TestBrowserScreenshots(t *testing.T) {
	t.Parallel()
	folder := os.Getenv("STUDIOBOT_SCREENSHOTS")
	ctx, _ := open(t, demo.Options{})
	do(t, ctx, is("U0SAM"), types("/studio"), sees("Which one do you want to open?"))
	do(t, press(t, ctx, "Production"), sees("sam-prod"))
	do(t, ctx, sees("Opened at"), is("U0JANE"), types("/studio"), sees("Your Studio is ready."), sees("acknowledgement with the message"))
	for _, look := range []struct {
		name   string
		width  int64
		height int64
		scheme string
	}{{"wide-light", 1280, 860, "light"}, {"wide-dark", 1280, 860, "dark"}, {"narrow-light", 390, 844, "light"}, {"narrow-dark", 390, 844, "dark"}} {
		var shot []byte
		var overflow bool
		do(t, ctx, chromedp.EmulateViewport(look.width, look.height),
			chromedp.ActionFunc(func(ctx context.Context) error {
				return emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: look.scheme}}).Do(ctx)
			}),
			chromedp.Evaluate(`document.documentElement.scrollWidth > document.documentElement.clientWidth`, &overflow),
			chromedp.CaptureScreenshot(&shot))
		if overflow {
			t.Errorf("%s: the page is wider than the screen", look.name)
		}
		if len(shot) < 10_000 {
			t.Errorf("%s: a picture of %d bytes", look.name, len(shot))
		}
		if folder != "" {
			if err := os.WriteFile(filepath.Join(folder, "demo-"+look.name+".png"), shot, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}
