package demo_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/studiobot/studiobot/internal/demo"
)

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
