package demo_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

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
	// What chromedp says about events that it doesn't know is of no use; what
	// fails comes back from Run.
	ctx, closeTab := chromedp.NewContext(alloc, chromedp.WithErrorf(func(string, ...any) {}))
	t.Cleanup(closeTab)
	do(t, ctx, chromedp.Navigate(d.URL), until(`document.querySelectorAll("#person option").length > 1`))
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
	return pressIn(t, ctx, "article a", label)
}

// pressIn is press for a button somewhere else.
func pressIn(t testing.TB, ctx context.Context, selector, label string) context.Context {
	t.Helper()
	opened := chromedp.WaitNewTarget(ctx, func(i *target.Info) bool { return i.Type == "page" })
	do(t, ctx, clicks(selector, label))
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

// another opens the page once more, as somebody else.
func another(t testing.TB, ctx context.Context, d *demo.Demo, user string) context.Context {
	t.Helper()
	tab, cancel := chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	do(t, tab, chromedp.Navigate(d.URL), until(`document.querySelectorAll("#person option").length > 1`), is(user))
	return tab
}

// unsees waits until the page doesn't hold a text any more.
func unsees(text string) chromedp.Action {
	return until(`!document.body.innerText.includes(` + quote(text) + `)`)
}

// form waits until a form of that title lies over the page, or none.
func form(title string) chromedp.Action {
	if title == "" {
		return until(`!document.getElementById("modal").open`)
	}
	return until(`document.getElementById("modal").open && document.getElementById("modal-title").textContent === ` + quote(title))
}

// fills types into a field of the form, in place of what stands there.
func fills(block, text string) chromedp.Action {
	field := "#field-" + block
	return chromedp.Tasks{
		until(`document.querySelector(` + quote(field) + `)`),
		chromedp.Evaluate(`document.querySelector(`+quote(field)+`).select()`, nil), chromedp.SendKeys(field, text, chromedp.ByQuery),
	}
}

// chooses chooses from a menu of the form.
func chooses(block, value string) chromedp.Action {
	return chromedp.Tasks{until(`document.getElementById(` + quote("field-"+block) + `)`), sets("field-"+block, value)}
}

func sends() chromedp.Action { return clicks("#modal-submit", "") }

// asks asks for access to a domain, from the message that refuses it.
func asks(domain, profile, reason string) chromedp.Action {
	return chromedp.Tasks{
		types("/studio"), sees("You aren't linked to a Studio profile yet."), clicks("article button", "Request access"), form("Request access"),
		chooses("domain", domain), fills("profile", profile), fills("reason", reason), sends(), sees("Your request was sent."),
		clicks("#modal-close", "Done"), form(""),
	}
}
