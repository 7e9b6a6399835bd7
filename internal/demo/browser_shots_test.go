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

// look is a screen to look at the page on.
type look struct {
	name          string
	width, height int64
	scheme        string
}

// overflows says which part of the page is wider than its place.
const overflows = `[document.documentElement, ...document.querySelectorAll("#messages, #modal, #modal-body, #confirm, article, .switches")]
	.filter(e => e.scrollWidth > e.clientWidth).map(e => e.tagName + "#" + e.id + "." + e.className).join(" ")`

// looks are the screens: wide and narrow, light and dark. Without somebody who
// looks at the pictures two of them do: colours take no room.
func looks(folder string) []look {
	all := []look{{"wide-light", 1280, 860, "light"}, {"narrow-dark", 390, 844, "dark"}, {"wide-dark", 1280, 860, "dark"}, {"narrow-light", 390, 844, "light"}}
	if folder == "" {
		return all[:2]
	}
	return all
}

// shoot takes a picture of the page on every screen, and fails where anything is
// cut off.
func shoot(t *testing.T, ctx context.Context, scene string) {
	t.Helper()
	folder := os.Getenv("STUDIOBOT_SCREENSHOTS")
	for _, l := range looks(folder) {
		var shot []byte
		var wide string
		do(t, ctx, chromedp.EmulateViewport(l.width, l.height),
			chromedp.ActionFunc(func(ctx context.Context) error {
				return emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: l.scheme}}).Do(ctx)
			}),
			chromedp.Evaluate(`{ const m = document.getElementById("messages"); m.scrollTop = m.scrollHeight; m.scrollIntoView({ block: "nearest" }); }`, nil),
			chromedp.Evaluate(overflows, &wide), chromedp.CaptureScreenshot(&shot))
		if wide != "" {
			t.Errorf("%s, %s: wider than the screen: %s", scene, l.name, wide)
		}
		if len(shot) < 10_000 {
			t.Errorf("%s, %s: a picture of %d bytes", scene, l.name, len(shot))
		}
		if folder != "" {
			if err := os.WriteFile(filepath.Join(folder, scene+"-"+l.name+".png"), shot, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// The README's picture is made here, so that it shows what there is.
// STUDIOBOT_SCREENSHOTS=folder writes one of every scene, light and dark, wide
// and narrow, to look at.
func TestBrowserScreenshots(t *testing.T) {
	t.Parallel()
	ctx, _ := open(t, demo.Options{})
	do(t, ctx, is("U0SAM"), types("/studio"), sees("Which one do you want to open?"))
	do(t, press(t, ctx, "Production"), sees("sam-prod"))
	do(t, ctx, sees("Opened at"), is("U0JANE"), types("/studio"), sees("Your Studio is ready."), sees("acknowledgement with the message"))
	shoot(t, ctx, "demo")
	do(t, ctx, is("U0UMA"), types("/studio"), sees("You aren't linked"), clicks("article button", "Request access"), form("Request access"),
		fills("profile", "uma lind"), fills("reason", "Churn forecasts for the spring campaign"), sends(), sees("A profile's name has letters"))
	shoot(t, ctx, "form")
	do(t, ctx, fills("profile", "uma-lind"), sends(), sees("Your request was sent."))
	shoot(t, ctx, "sent")
}

func TestBrowserScreenshotsOfAdmins(t *testing.T) {
	t.Parallel()
	ctx, _ := open(t, demo.Options{})
	do(t, ctx, is("U0UMA"), asks("research", "uma-lind", "Churn forecasts for the spring campaign"),
		is("U0ANN"), sees("@Uma Lind asks for"), clicks("article button", "Deny…"), form("Deny the request"),
		fills("reason", "Take part in the introduction first, please: it is every Monday at ten"), sends(), form(""), sees("Denied by"),
		is("U0UMA"), sees("Your request for Studio was denied."))
	shoot(t, ctx, "denied")
	do(t, ctx, asks("prod", "team-prod", "A very long reason "+longWord), is("U0ANN"), sees("@Uma Lind asks for the Studio profile team-prod"),
		clicks("article button", "Deny…"), form("Deny the request"))
	shoot(t, ctx, "deny")
	do(t, ctx, clicks("#modal-close", "Cancel"), form(""), clicks("article button", "Approve"), sees("Approved by @Ann Berg"))
	shoot(t, ctx, "approvals")
	do(t, ctx, types("/studio admin who @uma"), sees("@Uma Lind may ask"), types("/studio admin who @kim"), sees("@Kim Park may ask"))
	shoot(t, ctx, "who")
	do(t, ctx, types("/studio admin list"), sees("What each source says"), types("/studio admin"), sees("Admin commands"), chromedp.SendKeys("#compose", "/studio a", chromedp.ByQuery),
		until(`document.querySelectorAll("#suggestions li").length === 5`))
	shoot(t, ctx, "list")
}

// longWord is what no screen has room for.
const longWord = "https://wiki.example.com/display/ML/0123456789012345678901234567890123456789012345678901234567890123456789"

func TestBrowserScreenshotsOfWhatRuns(t *testing.T) {
	t.Parallel()
	ctx, _ := open(t, demo.Options{})
	do(t, ctx, is("U0LEA"), types("/studio status"), sees("4 things of yours are running"))
	shoot(t, ctx, "status")
	do(t, ctx, rowButton("Big training", "Stop"), asksFirst(true))
	shoot(t, ctx, "stop")
	do(t, ctx, clicks("#confirm button", "Stop"), asksFirst(false), sees("is stopping."))
	shoot(t, ctx, "stopping")
	do(t, ctx, sees("JupyterLab in big-training has stopped."), rowButton("leas-notebook", "Start"), sees("The notebook instance leas-notebook is ready."))
	shoot(t, ctx, "started")
}
