package demo_test

import (
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/studiobot/studiobot/internal/demo"
)

// The admin commands, with the names as people type them.
func TestBrowserAdminCommands(t *testing.T) {
	t.Parallel()
	ctx, _ := open(t, demo.Options{})
	do(t, ctx, is("U0ANN"),
		types("/studio admin"), sees("Admin commands"),
		types("/studio admin who @uma"), sees("@Uma Lind may ask"), sees("nothing. No source knows them."),
		types("/studio admin link @Uma sam-research"), sees("@Uma Lind has the Studio profile sam-research in Research · dev account now."),
		sees("The same profile belongs to @Sam Okoye"),
		types("/studio admin who @uma"), sees("Research · dev account: sam-research"), sees("← counts"),
		types("/studio admin list"), sees("@Jane Doe: jane-doe in Research · dev account"), sees("@Uma Lind: sam-research in Research · dev account"), sees("@Mia Larsen: mia-larsen"),
		types("/studio admin requests"), sees("No request waits for a decision."),
		types("/studio admin link @nobody x"), sees("That is no admin command."),
		types("/studio help"), sees("what admins can do"), chromedp.SendKeys("#compose", "/studio admin who @u", chromedp.ByQuery),
		until(`[...document.querySelectorAll("#suggestions li")].map(li => li.textContent).join() === "/studio admin who @uma"`),
	)
	// To everybody else "admin" is a word like any other.
	do(t, ctx, chromedp.Evaluate(`document.getElementById("compose").value = ""`, nil), is("U0JANE"), types("/studio admin who @uma"), sees("I don't know “admin"),
		types("/studio help"), until(`document.querySelectorAll("article.bot").length === 2`), unsees("dmin commands"), unsees("what admins can do"))
}

// Whoever is unlinked loses the links that they hold, also one that they pressed
// already.
func TestBrowserUnlinkKillsLinks(t *testing.T) {
	t.Parallel()
	ctx, d := open(t, demo.Options{})
	do(t, ctx, is("U0ANN"), types("/studio admin link @uma sam-research"), sees("@Uma Lind has the Studio profile sam-research"),
		is("U0UMA"), types("/studio"), sees("Your Studio is ready."))
	do(t, press(t, ctx, "Open Studio"), sees("sam-research"))
	do(t, ctx, sees("Opened at"), clicks("article button", "Get a fresh link"), sees("Your Studio is ready."),
		types("/studio"), until(`document.querySelectorAll("article a.primary").length === 2`))
	messages := d.Slack.Messages("U0UMA")
	armed := messages[len(messages)-2] // it is pressed, and its browser is slow
	if p, err := d.Slack.Press(ctx, "U0UMA", armed.ID, 0); err != nil || !p.Acked {
		t.Fatalf("press: %+v, %v", p, err)
	}
	do(t, ctx, is("U0ANN"), types("/studio admin unlink @uma"), sees("Taken back from @Uma Lind:"), sees("Their live links don't work any more."))
	tab, cancel := chromedp.NewContext(ctx)
	defer cancel()
	do(t, tab, chromedp.Navigate(armed.Buttons()[0].URL), sees("Your access has changed."))
	do(t, ctx, is("U0UMA"), until(`document.querySelectorAll("article a.primary").length === 2`), clicks("article a", "Open Studio"),
		sees("You aren't linked to a Studio profile yet."))
	if n := len(d.SageMaker.Openings()); n != 1 {
		t.Errorf("Studio was opened %d times, want once", n)
	}
}
