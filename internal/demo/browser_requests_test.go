package demo_test

import (
	"maps"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/studiobot/studiobot/internal/demo"
)

const researchID = "d-research00001"

// From "you aren't linked" to an open Studio, with an approver in between.
func TestBrowserRequestApproved(t *testing.T) {
	t.Parallel()
	uma, d := open(t, demo.Options{})
	ann := another(t, uma, d, "U0ANN")
	do(t, uma, is("U0UMA"), types("/studio"), sees("You aren't linked to a Studio profile yet."),
		clicks("article button", "Request access"), form("Request access"),
		until(`document.getElementById("field-profile").value === "uma-lind"`), // from her address
		fills("profile", "uma lind!"), sends(),
		until(`document.getElementById("field-profile-error").textContent.includes("letters, digits, and hyphens")`),
		until(`document.activeElement.id === "field-profile" && document.activeElement.getAttribute("aria-invalid") === "true"`),
		fills("profile", "uma-lind"), fills("reason", "Churn model, see <b>OPS-42</b> & co"), sends(),
		sees("Your request was sent."), clicks("#modal-close", "Done"), form(""))
	do(t, ann, sees("@Uma Lind asks for the Studio profile uma-lind in Research · dev account."), sees("Churn model, see <b>OPS-42</b> & co"),
		sees("#studio-approvals · visible to Ann Berg and Abe Cole"), clicks("article button", "Approve"), sees("Approved by @Ann Berg, today at"))
	do(t, uma, sees("Direct message"), sees("You have access to Studio now."), sees("approved by @Ann Berg"))
	do(t, ann, unsees("Being carried out."), sees("CreateUserProfile: d-research00001 / uma-lind → HTTP 200"))
	p, made := d.SageMaker.Profile(researchID, "uma-lind")
	if want := map[string]string{"slack-user-id": "U0UMA", "studiobot": "enabled"}; !made || !maps.Equal(p.Tags, want) {
		t.Errorf("the profile: there %v, tags %v, want %v", made, p.Tags, want)
	}
	do(t, uma, types("/studio research"), sees("Your Studio is ready."))
	do(t, press(t, uma, "Open Studio"), sees("uma-lind"), sees(researchID))
}

func TestBrowserRequestDenied(t *testing.T) {
	t.Parallel()
	uma, d := open(t, demo.Options{})
	ann := another(t, uma, d, "U0ANN")
	do(t, uma, is("U0UMA"), asks("prod", "uma-prod", "please"))
	// Nobody makes profiles in production, so there is nothing to approve.
	do(t, ann, sees("@Uma Lind asks for"), clicks("article button", "Approve"), sees("There is no such Studio profile."), sees("Nothing was decided."))
	do(t, ann, clicks("article button", "Deny…"), form("Deny the request"), sends(),
		until(`document.getElementById("field-reason-error").textContent.includes("complete this required field")`),
		fills("reason", "Ask for research first"), sends(), form(""), sees("Denied by @Ann Berg"), sees("Ask for research first"))
	do(t, uma, sees("Your request for Studio was denied."), sees("Ask for research first"), sees("Ask in #ml-platform."))
	// That was no "never": she can ask again. What is somebody else's isn't given
	// away by a press, though.
	do(t, uma, asks("prod", "sam-prod", ""))
	do(t, ann, sees("Studio profile sam-prod"), clicks("article button", "Approve"), sees("That Studio profile belongs to somebody else."), sees("It is @Sam Okoye's."))
}

// Two approvers at once: one decides, the other sees it.
func TestBrowserTwoApprovers(t *testing.T) {
	t.Parallel()
	uma, d := open(t, demo.Options{})
	ann, abe := another(t, uma, d, "U0ANN"), another(t, uma, d, "U0ABE")
	do(t, uma, is("U0UMA"), asks("research", "uma-lind", "please"))
	do(t, abe, sees("@Uma Lind asks for"), clicks("article button", "Deny…"), form("Deny the request"), fills("reason", "no budget"))
	do(t, ann, sees("@Uma Lind asks for"), clicks("article button", "Approve"), sees("Approved by @Ann Berg"))
	do(t, abe, sees("Approved by @Ann Berg"), until(`document.getElementById("field-reason").value === "no budget"`),
		sends(), sees("That was decided already."), sees("Approved by @Ann Berg."),
		clicks("#modal-close", "Done"), form(""))
	do(t, uma, sees("You have access to Studio now."), unsees("no budget"))
}

// Everything in a form works from the keyboard, and the focus goes where people
// expect it.
func TestBrowserFormKeyboard(t *testing.T) {
	t.Parallel()
	ctx, d := open(t, demo.Options{})
	key := func(k string) chromedp.Action { return chromedp.KeyEvent(k) }
	on := func(id string) chromedp.Action { return until(`document.activeElement.id === ` + quote(id)) }
	onButton := func(text string) chromedp.Action {
		return until(`document.activeElement.textContent === ` + quote(text))
	}
	do(t, ctx, is("U0UMA"), types("/studio"), sees("You aren't linked"), chromedp.Focus(`article button.primary`, chromedp.ByQuery),
		key(kb.Enter), form("Request access"), on("field-domain"), key(kb.Escape), form(""), onButton("Request access"))
	if _, open := d.Slack.Modal("U0UMA"); open {
		t.Error("Slack's form is still open after Escape")
	}
	do(t, ctx, key(kb.Enter), form("Request access"), on("field-domain"), key("P"), // Production
		until(`document.getElementById("field-domain").value === "prod"`),
		key(kb.Tab), on("field-profile"), key(kb.Tab), on("field-reason"), key(kb.Tab), on("modal-close"), key(kb.Tab), on("modal-submit"),
		key(kb.Enter), sees("Your request was sent."), on("modal-close"), key(kb.Enter), form(""), onButton("Request access"))
	// Labels, hints and errors belong to their fields.
	var described string
	do(t, ctx, is("U0ANN"), sees("asks for the Studio profile"), clicks("article button", "Deny…"), form("Deny the request"), on("field-reason"),
		chromedp.Evaluate(`(() => { const f = document.getElementById("field-reason");
			return f.labels[0].textContent + "|" + f.getAttribute("aria-describedby").split(" ").map(id => document.getElementById(id).textContent).join("|") + "|" + document.getElementById("modal").getAttribute("aria-labelledby"); })()`, &described))
	if want := "Why not?||The person who asked gets to read this.|modal-title"; described != want {
		t.Errorf("the field is described by %q, want %q", described, want)
	}
	do(t, ctx, key(kb.Escape), form(""), onButton("Deny…"))
}
