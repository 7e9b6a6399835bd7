package studiobot_test

import (
	"context"
	"os"
	"os/exec"
	"testing"

	"github.com/chromedp/chromedp"
)

// chromium is a real browser with one tab, or the test is skipped.
func chromium(t testing.TB) context.Context {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		alloc, stop := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU)...)
		t.Cleanup(stop)
		alloc, cancel := context.WithTimeout(alloc, 3*patience)
		t.Cleanup(cancel)
		ctx, closeTab := chromedp.NewContext(alloc, chromedp.WithErrorf(func(string, ...any) {}))
		t.Cleanup(closeTab)
		return ctx
	}
	if os.Getenv("STUDIOBOT_NO_SKIP") != "" {
		t.Fatal("needs Chromium, and nothing may be skipped")
	}
	t.Skip("needs Chromium")
	return nil
}

// With delivery: page a browser lands in Studio by itself, and by the confirm
// page's button; going back opens nothing again.
func TestDeliveryByPageInBrowser(t *testing.T) {
	t.Parallel()
	tab := chromium(t)
	r := start(t, setup{launch: ", delivery: page, proof: confirm"})
	landed := func(n int) {
		t.Helper()
		r.await("Studio to open", func() bool { return len(r.sagemaker.Openings()) == n })
		if o := r.sagemaker.Openings()[n-1]; !o.OK || o.Profile != "jane-doe" {
			t.Errorf("Studio opened %+v", o)
		}
		// The next navigation would cut this one off.
		r.await("the page to be there", func() bool {
			var there bool
			err := chromedp.Run(tab, chromedp.Evaluate(`location.pathname.startsWith("/studio/") && document.readyState == "complete"`, &there))
			return err == nil && there
		})
	}
	run := func(actions ...chromedp.Action) {
		t.Helper()
		if err := chromedp.Run(tab, actions...); err != nil {
			t.Fatal(err)
		}
	}
	link := r.press("U0JANE", r.command("U0JANE", ""), 0)
	run(chromedp.Navigate(link))
	landed(1)
	if a := r.get(link); a.title != "This link has already been used." {
		t.Errorf("the link again: %q", a.title)
	}
	run(chromedp.Navigate(r.command("U0JANE", "").Buttons()[0].URL), chromedp.Click(`button[type=submit]`, chromedp.ByQuery))
	landed(2)
	var title string
	run(chromedp.NavigateBack(), chromedp.Title(&title))
	if n := r.sagemaker.CallCount("CreatePresignedDomainUrl"); n != 2 {
		t.Errorf("%d URLs, want 2", n)
	}
}
