package launch

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/studiobot/studiobot/studio"
)

// The pages speak to a data scientist who wants to work. What happened, then
// what to do, in short sentences. No error text, no ARN, no status code, no
// blame. Every page that isn't Studio says how to get there.

// notice is what a page says. Reason is the fixed phrase of the audit line;
// the rest is for the person.
type notice struct {
	status int
	reason string
	title  string
	says   string
	next   string
	// retry offers to try the same link again.
	retry bool
	// signIn offers the domain's own sign-in address.
	signIn bool
	// help adds the operator's sentence.
	help bool
	// other offers to sign in as somebody else, and front to choose on our own
	// page.
	other, front bool
	// security marks a line that somebody should look at.
	security bool
}

// Answers that no sentinel stands for.
var (
	errDenied     = errors.New("access was taken away")
	errNotForBots = errors.New("prefetch or crawler")
	errForm       = errors.New("form refused")
	errMethod     = errors.New("method not allowed")
	errPath       = errors.New("no such page")
	errTooMany    = errors.New("too many refused requests")
	errPanic      = errors.New("panic")
)

// reason is the audit phrase of an error.
func reason(err error) string { return explain(err, words{}).reason }

// words is what the sentences are filled with.
type words struct {
	command string
	option  studio.Option
	ttl     time.Duration
	wait    time.Duration // with errTooMany
	// promised goes with ErrPending.
	promised Promised
}

// explain turns an error into what the page says.
func explain(err error, w words) notice {
	fresh := fmt.Sprintf("For a fresh link type %s in Slack.", w.command)
	for _, known := range linkNotices(w, fresh) {
		if errors.Is(err, known.err) {
			return known.notice
		}
	}
	if errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, studio.ErrUnsure) {
		err = studio.ErrUnavailable
	}
	if errors.Is(err, context.Canceled) {
		return notice{status: http.StatusServiceUnavailable, reason: "browser gone"}
	}
	for _, known := range studioNotices(w) {
		if errors.Is(err, known.err) {
			return known.notice
		}
	}
	return notice{status: http.StatusInternalServerError, reason: "internal error", retry: true, help: true,
		title: "Something went wrong on our side.", says: "Studio wasn't opened.",
		next: "Try again. If it stays like this, give your admin the reference below."}
}

type knownNotice struct {
	err    error
	notice notice
}

// linkNotices are about the link itself.
func linkNotices(w words, fresh string) []knownNotice {
	return []knownNotice{
		{errOther, notice{status: http.StatusForbidden, reason: errOther.Error(), other: true, security: true,
			title: "Another account is needed.",
			says:  "This link was made in Slack for a different account than the one you are signed in with here. Nothing was opened.",
			next:  "If that account is yours, sign in with it. If not, type " + w.command + " in Slack for a link of your own."}},
		{errNoAddress, notice{status: http.StatusForbidden, reason: errNoAddress.Error(), help: true,
			title: "Your account can't be recognised.",
			says:  "You are signed in with an e-mail address, and Slack has no confirmed one that is yours alone.",
			next:  "Ask your admin to set your e-mail address in Slack."}},
		{studio.ErrLinkUsed, notice{status: http.StatusGone, reason: "link already used", front: true,
			title: "This link has already been used.", says: "Studio probably opened in another tab.", next: fresh}},
		{studio.ErrLinkExpired, notice{status: http.StatusGone, reason: "link expired", front: true,
			title: "This link has expired.", says: fmt.Sprintf("Links work for %s.", spell(w.ttl)), next: fresh}},
		{studio.ErrLinkBurned, notice{status: http.StatusForbidden, reason: "two early visitors", help: true, security: true,
			title: "This link was switched off to protect you.",
			says:  "Another browser had it open before you pressed the button, so somebody else may have your link. Nothing was opened.",
			next:  "Type " + w.command + " in Slack for a fresh link. If you didn't open it twice yourself, tell your admin."}},
		{studio.ErrLinkUnknown, notice{status: http.StatusNotFound, reason: "link unknown", front: true,
			title: "This link doesn't work.", says: "It may be incomplete, or it is an old one.", next: fresh}},
		{errOpening, notice{status: http.StatusConflict, reason: "opening elsewhere", retry: true,
			title: "Studio is opening in another tab.", says: "This link is being used right now.",
			next: "If Studio doesn't appear within a few seconds, try again."}},
		{errDenied, notice{status: http.StatusForbidden, reason: "access was taken away", help: true,
			title: "Your access has changed.", says: "This link doesn't open Studio any more.",
			next: "Type " + w.command + " in Slack to see what you can open."}},
		{errNotForBots, notice{status: http.StatusForbidden, reason: "prefetch or crawler",
			title: "This link is for one person's browser.", says: "It opens nothing for previews and scanners.",
			next: "Press the button in Slack to open Studio."}},
		{errForm, notice{status: http.StatusForbidden, reason: "form refused",
			title: "That button press can't be accepted.", says: "It didn't come from our own page.",
			next: "Press the button in Slack again."}},
		{errMethod, notice{status: http.StatusMethodNotAllowed, reason: "method not allowed",
			title: "This link opens in a browser.", says: "It was asked for in a way that isn't supported.", next: fresh}},
		{errTooMany, notice{status: http.StatusTooManyRequests, reason: "too many refused requests",
			title: "Too many links that don't work.", says: "They came from your network address.",
			next: "Wait " + spell(w.wait) + ", then press the button in Slack again."}},
		{errPath, notice{status: http.StatusNotFound, reason: "no such page",
			title: "There is no such page here.", says: "The address may be incomplete.", next: fresh}},
	}
}

// studioNotices are about what lies behind the link.
func studioNotices(w words) []knownNotice {
	where := w.option.Label
	if where == "" {
		where = "Studio"
	}
	return append(thingNotices(w, where), []knownNotice{
		{studio.ErrNoProfile, notice{status: http.StatusNotFound, reason: "no such profile", help: true,
			title: "Your Studio profile wasn't found.",
			says:  fmt.Sprintf("There is no user profile “%s” in %s.", w.option.Profile, where),
			next:  "Ask your admin to check which profile you are linked to."}},
		{studio.ErrForbidden, notice{status: http.StatusForbidden, reason: "not permitted by AWS", help: true,
			title: "This profile can't be opened from here.",
			says:  fmt.Sprintf("AWS doesn't let us open %s for you.", where),
			next:  "Give your admin the reference below."}},
		{studio.ErrThrottled, notice{status: http.StatusServiceUnavailable, reason: "throttled by AWS", retry: true,
			title: "AWS is busy right now.", says: "Too much is going on at once, so Studio wasn't opened.",
			next: "Wait a few seconds, then try again."}},
		{studio.ErrUnavailable, notice{status: http.StatusServiceUnavailable, reason: "SageMaker unavailable", retry: true,
			title: "Studio can't be reached right now.", says: "AWS didn't answer in time, so nothing was opened.",
			next: "Wait a few seconds, then try again."}},
		{studio.ErrIdentityCenter, notice{status: http.StatusConflict, reason: "domain in Identity Center mode", signIn: true, help: true,
			title: fmt.Sprintf("%s has its own sign-in.", where), says: "It can't be opened from Slack.",
			next: "Sign in with your organisation's account instead."}},
		{studio.ErrRefused, notice{status: http.StatusBadGateway, reason: "refused by SageMaker", help: true,
			title: "Studio refused to open.", says: "AWS gave an answer that we don't send you to.",
			next: "Give your admin the reference below."}},
		{studio.ErrBusy, notice{status: http.StatusServiceUnavailable, reason: "too busy", retry: true,
			title: "Too many people are opening Studio at once.", says: "Nothing was opened.",
			next: "Wait a few seconds, then try again."}},
		{studio.ErrUnsure, notice{status: http.StatusServiceUnavailable, reason: "can't be decided now", retry: true,
			title: "We can't check your link right now.", says: "Nothing was opened, and your link is still good.",
			next: "Wait a few seconds, then try again."}},
		{studio.ErrNotYours, notice{status: http.StatusForbidden, reason: "somebody else's link", security: true}},
		{studio.ErrNotMapped, notice{status: http.StatusForbidden, reason: "not mapped"}},
		{studio.ErrDenied, notice{status: http.StatusForbidden, reason: "denied by the mapping"}},
		{studio.ErrBlocked, notice{status: http.StatusForbidden, reason: "blocked"}},
		{studio.ErrGuest, notice{status: http.StatusForbidden, reason: "guest"}},
		{studio.ErrDeactivated, notice{status: http.StatusForbidden, reason: "deactivated"}},
		{studio.ErrNotPerson, notice{status: http.StatusForbidden, reason: "not a person"}},
		{studio.ErrStranger, notice{status: http.StatusForbidden, reason: "of another workspace"}},
		{studio.ErrUnknownPerson, notice{status: http.StatusForbidden, reason: "unknown to Slack"}},
	}...)
}

// thingNotices are about the state of what was to be opened: Studio, or something
// that has a name.
func thingNotices(w words, where string) []knownNotice {
	what, stopped := "Your Studio", "Start it in the console, or ask your admin."
	switch w.option.Target.Takes() {
	case studio.NotebookName:
		what = "The notebook instance " + w.option.Name
		stopped = fmt.Sprintf("Type %s notebook %s in Slack: where people may start it, there is a button. Otherwise ask your admin.", w.command, w.option.Name)
	case studio.ServerName:
		what = "The tracking server " + w.option.Name
	}
	return []knownNotice{
		{studio.ErrPending, notice{status: http.StatusConflict, reason: "being prepared", retry: true, help: true,
			title: what + " is still being prepared.", says: fmt.Sprintf("It isn't ready yet in %s.", where),
			next: pendingNext(w)}},
		{studio.ErrBroken, notice{status: http.StatusConflict, reason: "failed, or being deleted", help: true,
			title: what + " can't be opened as it is.", says: "SageMaker says that it has failed, or that it is being deleted.",
			next: "Your admin can see why. Give them the reference below."}},
		{studio.ErrStopped, notice{status: http.StatusConflict, reason: "not running", help: true,
			title: what + " isn't running.", says: "It was stopped, and has to be started first.", next: stopped}},
		{studio.ErrNoTarget, notice{status: http.StatusNotFound, reason: "no such target", help: true,
			title: "That isn't there any more.", says: fmt.Sprintf("It was removed, or has another name now, in %s.", where),
			next: "Type " + w.command + " in Slack to see what you can open."}},
	}
}

// pendingNext says what to do while something is being prepared.
func pendingNext(w words) string {
	switch w.promised {
	case PromisedSurely:
		return "That takes a few minutes. You get a message in Slack when it’s ready; you can close this page."
	case PromisedForNow:
		return "That takes a few minutes. You should get a message in Slack when it’s ready. If none comes, type " + w.command + " there."
	}
	return "That takes a few minutes. Try again then, or type " + w.command + " in Slack."
}

// Sentences of the pages that are no refusal.
const (
	waitingTitle = "Waiting for Slack to confirm that it’s you"
	waitingSays  = "This takes a moment. The page looks again by itself."
	waitingLong  = "Slack hasn’t told us that you pressed the button. Go back to Slack and press it once more; Studio then opens by itself."
	confirmTitle = "Open Studio?"
	confirmNext  = "Press the button if it was you who asked for this in Slack."
	leavingTitle = "Opening Studio"
	leavingSays  = "Studio opens in this tab. If it doesn’t, press the button now: it works for a few seconds only."
	leavingNext  = "For a fresh link type %s in Slack."
	indexTitle   = "Open SageMaker Studio from Slack"
)

// spell writes a duration as people say it.
func spell(d time.Duration) string {
	n, unit := int(d/time.Second), "second"
	if d >= 2*time.Minute && d%time.Minute == 0 || d == time.Minute {
		n, unit = int(d/time.Minute), "minute"
	}
	if n != 1 {
		unit += "s"
	}
	return fmt.Sprintf("%d %s", n, unit)
}
