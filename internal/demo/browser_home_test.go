package demo_test

import (
	"context"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/studiobot/studiobot/internal/demo"
)

// opensHome shows the app's Home.
func opensHome() chromedp.Action {
	return chromedp.Tasks{clicks("#tab-home", "Home"), until(`!document.getElementById("home").hidden`)}
}

// homeSays waits until the Home holds a text, modalSays until the form over it does.
func homeSays(text string) chromedp.Action {
	return until(`document.getElementById("home").innerText.includes(` + quote(text) + `)`)
}

func modalSays(text string) chromedp.Action {
	return until(`document.getElementById("modal").open && document.getElementById("modal-body").innerText.includes(` + quote(text) + `)`)
}

// From the Home to Studio and back to a fresh link, all of it in one window.
func TestBrowserHome(t *testing.T) {
	t.Parallel()
	ctx, _ := open(t, demo.Options{})
	do(t, ctx, is("U0SAM"), opensHome(), homeSays("Which one do you want to open?"), homeSays("gpu-box"), homeSays("Reminders are off."),
		until(`!/janes-|Big training|\/launch\//.test(document.getElementById("home").innerHTML)`),
		clicks("#home button", "Production"), form("Studio"), modalSays("Your Studio is ready."))
	tab := pressIn(t, ctx, "#modal a", "Open")
	do(t, tab, sees("sam-prod"))
	do(t, ctx, modalSays("as sam-prod"), modalSays("Your session ends"), clicks("#modal button", "Get a fresh link"), modalSays("Your Studio is ready."))
	do(t, pressIn(t, ctx, "#modal a", "Production"), sees("sam-prod"))
	do(t, ctx, modalSays("Opened at"), clicks("#modal-close", "Close"), form(""),
		clicks("#home button", "Turn on"), modalSays("Reminders are on."), clicks("#modal-close", "Close"), form(""), homeSays("Reminders are on."))
	// Everybody's is their own.
	do(t, ctx, is("U0UMA"), homeSays("You aren't linked to a Studio profile yet."), clicks("#home button", "Request access"), form("Request access"),
		clicks("#modal-close", "Cancel"), form(""), is("U0GUS"), homeSays("Guests can't open Studio from here."), is("U0JANE"), homeSays("jane-doe"))
}

// The shortcut, from the keyboard.
func TestBrowserShortcut(t *testing.T) {
	t.Parallel()
	ctx, _ := open(t, demo.Options{})
	do(t, ctx, is("U0TOM"), chromedp.Focus("#shortcut", chromedp.ByQuery), chromedp.KeyEvent(kb.Enter), form("Studio"), modalSays("Your Studio is ready."),
		sees("envelope: the shortcut was used"))
	do(t, pressIn(t, ctx, "#modal a", ""), sees("forecast-tom"))
	do(t, ctx, modalSays("as forecast-tom"), chromedp.KeyEvent(kb.Escape), form(""), is("U0UMA"), clicks("#shortcut", ""), modalSays("You aren't linked"))
}

// reminded is on, opens Studio and gets the reminder.
func reminded(t *testing.T, ctx context.Context) {
	t.Helper()
	do(t, ctx, clicks("#short", ""), is("U0TOM"), types("/studio remind on"), sees("Reminders are on."), types("/studio research"), sees("Your Studio is ready."))
	do(t, press(t, ctx, ""), sees("forecast-tom"))
	do(t, ctx, sees("Your Studio session ends today at"), sees("Direct message"))
}

func TestBrowserReminder(t *testing.T) {
	t.Parallel()
	ctx, _ := open(t, demo.Options{})
	reminded(t, ctx)
	do(t, ctx, clicks("article button", "Get a fresh link"), sees("Only visible to you"), until(`document.querySelectorAll("article a").length >= 1`))
	do(t, press(t, ctx, ""), sees("forecast-tom"))
}

// What is being prepared: the page promises, and the message comes.
func TestBrowserPending(t *testing.T) {
	t.Parallel()
	ctx, _ := open(t, demo.Options{})
	do(t, ctx, clicks("#pending", ""), types("/studio research"), sees("Your Studio is ready."))
	do(t, press(t, ctx, ""), sees("Your Studio is still being prepared."), sees("You get a message in Slack when it’s ready"))
	do(t, ctx, clicks("#pending", ""), sees("Press the button for a link that opens it."), clicks("article button", "Get the link"), until(`document.querySelectorAll("article a").length >= 2`))
}

func TestBrowserScreenshotsOfTheHome(t *testing.T) {
	t.Parallel()
	ctx, _ := open(t, demo.Options{})
	do(t, ctx, is("U0LEA"), opensHome(), homeSays("Big training"))
	shoot(t, ctx, "home")
	do(t, ctx, clicks("#home button", "Open Studio"), modalSays("Your Studio is ready."))
	shoot(t, ctx, "home-modal")
	do(t, ctx, clicks("#modal-close", "Close"), form(""), is("U0UMA"), homeSays("You aren't linked"))
	shoot(t, ctx, "home-refused")
	do(t, ctx, clicks("#tab-channel", ""))
	reminded(t, ctx)
	shoot(t, ctx, "reminder")
}
