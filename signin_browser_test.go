package studiobot_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// tab is a page in a real browser.
type tab struct {
	t   *testing.T
	ctx context.Context
}

// opensTab is a tab of a real browser, or the test is skipped.
func opensTab(t *testing.T) tab {
	t.Helper()
	return tab{t, chromium(t)}
}

func (b tab) do(actions ...chromedp.Action) {
	b.t.Helper()
	if err := chromedp.Run(b.ctx, actions...); err != nil {
		b.t.Fatalf("browser: %v", err)
	}
}

// until waits until an expression is true in the page.
func (b tab) until(expression string) {
	b.t.Helper()
	b.do(chromedp.ActionFunc(func(ctx context.Context) error {
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
				_ = chromedp.Evaluate(`location.href + "\n" + document.body.innerText`, &text).Do(look)
				return fmt.Errorf("waited for %s in vain; the page says:\n%s", expression, text)
			}
		}
	}))
}

// heading waits for a page of that title.
func (b tab) heading(title string) {
	b.t.Helper()
	b.until(fmt.Sprintf(`document.readyState === "complete" && document.querySelector("h1")?.textContent === %q`, title))
}

// presses clicks what has that text, as a person would.
func (b tab) presses(text string) {
	b.t.Helper()
	find := fmt.Sprintf(`[...document.querySelectorAll("a, button")].find(e => e.textContent.includes(%q))`, text)
	b.until(find)
	b.do(chromedp.Evaluate(find+`.click()`, nil, func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithUserGesture(true) }))
}

// shot keeps a picture of the page to look at, on a phone and in the dark.
func (b tab) shot(name string) {
	b.t.Helper()
	folder := os.Getenv("STUDIOBOT_SHOTS")
	if folder == "" {
		return
	}
	for _, scheme := range []string{"light", "dark"} {
		var png []byte
		width := int64(1000)
		if scheme == "dark" {
			width = 340
		}
		b.do(emulation.SetDeviceMetricsOverride(width, 700, 1, false),
			emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}), chromedp.FullScreenshot(&png, 100))
		if err := os.WriteFile(filepath.Join(folder, name+"-"+scheme+".png"), png, 0o600); err != nil {
			b.t.Fatal(err)
		}
	}
	b.do(emulation.SetDeviceMetricsOverride(1000, 800, 1, false))
}

// names are what a screen reader says of the page's buttons and links, sorted.
func (b tab) names() []string {
	b.t.Helper()
	var out []string
	b.do(chromedp.ActionFunc(func(ctx context.Context) error {
		nodes, err := accessibility.GetFullAXTree().Do(ctx)
		for _, n := range nodes {
			if n.Role == nil || n.Name == nil {
				continue
			}
			var role, name string
			if err := errors.Join(json.Unmarshal(n.Role.Value, &role), json.Unmarshal(n.Name.Value, &name)); err != nil {
				return err
			}
			if role == "button" || role == "link" {
				out = append(out, role+" "+name)
			}
		}
		slices.Sort(out)
		return err
	}))
	return out
}

// inStudio waits until the browser is in Studio, and opened it n times by now.
func (b tab) inStudio(r *rig, n int) {
	b.t.Helper()
	b.until(fmt.Sprintf(`location.href.startsWith(%q) || location.host.includes("studio.")`, r.sagemaker.URL()))
	if openings := r.sagemaker.Openings(); len(openings) != n || !openings[n-1].OK || openings[n-1].Profile != "jane-doe" {
		b.t.Fatalf("Studio was opened: %+v, want %d times", openings, n)
	}
}

// The whole way in a real browser: its cookies, its policies, its keyboard.
func TestSignInInTheBrowser(t *testing.T) {
	t.Parallel()
	b := opensTab(t)
	r := signsIn(t, setup{host: "localhost"})
	b.do(chromedp.Navigate(r.pressedLink("U0JANE")))
	b.heading("Who signs in?")
	b.presses("sam (U0SAM")
	b.heading("Another account is needed.")
	b.shot("another")
	if names := b.names(); !slices.Contains(names, "link Sign in as somebody else") {
		t.Errorf("the page has %q", names)
	}
	b.presses("Sign in as somebody else")
	b.heading("Who signs in?")
	b.presses("jane (U0JANE")
	b.inStudio(r, 1)
	b.do(chromedp.Navigate(r.pressedLink("U0JANE")))
	b.inStudio(r, 2)

	b.do(chromedp.Navigate(r.url + "/"))
	b.heading("What do you want to open?")
	b.shot("choices")
	want := []string{"button Open Studio: Research · dev account", "button Sign out", "link Back to Slack", "link Link to bookmark: Research · dev account", "link Sign in as somebody else"}
	if names := b.names(); !slices.Equal(names, want) {
		t.Errorf("a screen reader says %q, want %q", names, want)
	}
	b.do(chromedp.KeyEvent(kb.Enter)) // the first button has the focus
	b.inStudio(r, 3)
	b.do(chromedp.Navigate(r.url + "/"))
	b.heading("What do you want to open?")
	b.do(chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.Enter)) // the link to bookmark
	b.inStudio(r, 4)
	b.do(chromedp.Navigate(r.url + "/"))
	b.presses("Sign out")
	b.heading("You are signed out here.")
	b.shot("signed-out")
	b.do(chromedp.Navigate(r.url + "/"))
	b.heading("Open SageMaker Studio")
	b.shot("welcome")
	b.do(chromedp.Navigate(r.url + "/auth/callback?code=x&state=y"))
	b.heading("This sign-in can’t be completed.")
	b.shot("state")
}

// Another site can lead a browser here, and open nothing behind its owner's back.
func TestOtherSitesInTheBrowser(t *testing.T) {
	t.Parallel()
	b := opensTab(t)
	r := signsIn(t, setup{host: "localhost"})
	evil := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, map[string]string{
			"/go":    `<script>location = %q</script>`,
			"/post":  `<form method="post" action=%q></form><script>document.forms[0].submit()</script>`,
			"/frame": `<h1>Frame</h1><iframe src=%q onload="document.title = 'loaded'"></iframe>`,
			"/fetch": `<h1>Fetch</h1><script>fetch(%q, {credentials: "include", mode: "no-cors"}).finally(() => document.title = "loaded")</script>`,
			"/link":  `<h1>Link</h1><a href=%q>my notebook</a>`,
		}[q.URL.Path], r.url+"/open/research")
	}))
	t.Cleanup(evil.Close)
	b.do(chromedp.Navigate(r.url + "/open/research"))
	b.heading("Who signs in?")
	b.presses("jane (U0JANE")
	// Signing in was all that the person did here; the browser may count it as
	// asking for the page, or not.
	b.until(`document.querySelector("h1")?.textContent === "Open Studio?" || location.port !== "` + r.url[strings.LastIndex(r.url, ":")+1:] + `" && !document.querySelector("form[action*=authorize]")`)
	issued := func() int { return strings.Count(r.log.String(), `"step":"issued"`) }
	before := issued()
	b.do(chromedp.Navigate(evil.URL + "/go"))
	b.heading("Open Studio?")
	b.shot("ask")
	b.do(chromedp.Navigate(evil.URL + "/post"))
	b.heading("That button press can’t be accepted.")
	for _, path := range []string{"/frame", "/fetch"} {
		b.do(chromedp.Navigate(evil.URL + path))
		b.until(`document.title === "loaded"`)
	}
	if n := issued(); n != before {
		t.Errorf("%d launches in the background", n-before)
	}
	opened := len(r.sagemaker.Openings())
	b.do(chromedp.Navigate(evil.URL + "/link"))
	b.presses("my notebook")
	b.inStudio(r, opened+1)
	b.do(chromedp.Navigate(evil.URL + "/go"))
	b.heading("Open Studio?")
	b.presses("Open Studio")
	b.inStudio(r, opened+2)
}
