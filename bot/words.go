package bot

import (
	"errors"
	"fmt"
	"time"

	"github.com/studiobot/studiobot/studio"
)

// The messages speak to a data scientist who wants to work: what happened, then
// the next step, in short sentences. Never an error text, an ARN or a code.
// Whoever is refused learns why and whom to ask. reason is for the audit line:
// a fixed phrase that a query may compare.

// refusalWords is what is said to somebody who gets no link.
type refusalWords struct {
	reason string
	title  string
	next   string
	// ask adds the operator's sentence, showID the person's Slack ID, which is
	// what an admin needs to add them.
	ask, showID bool
	// helpInstead: the operator's sentence says what next would say.
	helpInstead bool
	// fresh offers a button for another link.
	fresh bool
	// mayAsk offers a button to ask for access, where people can.
	mayAsk bool
}

// refusal turns an error into words.
func refusal(err error) refusalWords {
	for _, known := range refusals() {
		if errors.Is(err, known.err) {
			return known.words
		}
	}
	return refusalWords{reason: "internal error", title: "Something went wrong on our side.", next: "Try again in a minute.", ask: true}
}

type knownRefusal struct {
	err   error
	words refusalWords
}

func refusals() []knownRefusal {
	return []knownRefusal{
		{studio.ErrNotMapped, refusalWords{reason: "not mapped", ask: true, helpInstead: true, showID: true, mayAsk: true,
			title: "You aren't linked to a Studio profile yet.", next: "Ask your admin to add you."}},
		{errNotThatDomain, refusalWords{reason: "no profile in that domain", ask: true, showID: true, mayAsk: true,
			title: "You don't have a Studio profile there.", next: "Leave the name out to see what you can open."}},
		{studio.ErrDenied, refusalWords{reason: "denied by the mapping", ask: true,
			title: "Studio is turned off for you.", next: "Your admin has switched your access off."}},
		{studio.ErrBlocked, refusalWords{reason: "blocked", ask: true,
			title: "Studio is turned off for you.", next: "An admin has blocked your access."}},
		{studio.ErrConflict, refusalWords{reason: "several profiles claim them", ask: true, showID: true,
			title: "Several Studio profiles claim to be yours.", next: "Your admin has to say which one is right."}},
		{studio.ErrNotInGroup, refusalWords{reason: "not in a user group", ask: true,
			title: "You aren't in a group that may open Studio.", next: "Your admin decides who is in it."}},
		{studio.ErrTeam, refusalWords{reason: "workspace not allowed", ask: true,
			title: "Studio can't be opened from this workspace.", next: "Type the command in a workspace of your organisation where it is allowed."}},
		{studio.ErrGuest, refusalWords{reason: "guest", ask: true,
			title: "Guests can't open Studio from here.", next: "It takes a full member's Slack account."}},
		{studio.ErrDeactivated, refusalWords{reason: "deactivated", ask: true,
			title: "Your Slack account is deactivated.", next: "Studio opens only for active members."}},
		{studio.ErrNotPerson, refusalWords{reason: "not a person", ask: true,
			title: "Studio opens only for people.", next: "This account is a bot, a workflow, or an invitation that wasn't accepted yet."}},
		{studio.ErrStranger, refusalWords{reason: "of another workspace", ask: true,
			title: "Studio opens only for members of this workspace.", next: "Your account belongs to another one."}},
		{studio.ErrUnknownPerson, refusalWords{reason: "unknown to Slack", ask: true,
			title: "Slack doesn't tell us who you are.", next: "Try again in a minute."}},
		{studio.ErrNoTarget, refusalWords{reason: "no such target", fresh: true,
			title: "That isn't there any more, or isn't yours.", next: "Get a fresh link to see what you can open."}},
		{studio.ErrLinkExpired, refusalWords{reason: "link expired", fresh: true,
			title: "This link has expired.", next: "Get a fresh one and press it right away."}},
		{studio.ErrLinkUnknown, refusalWords{reason: "link unknown", fresh: true,
			title: "This link doesn't work any more.", next: "Get a fresh one."}},
		{studio.ErrLinkBurned, refusalWords{reason: "two early visitors", fresh: true, ask: true,
			title: "This link was switched off to protect you.",
			next:  "Another browser had it open before you pressed the button. Nothing was opened. If that wasn't you, tell your admin."}},
		{studio.ErrBusy, refusalWords{reason: "too busy",
			title: "Too much is going on right now.", next: "Try again in a minute."}},
		{studio.ErrUnsure, refusalWords{reason: "can't be decided now",
			title: "We can't check what you may open right now.", next: "Try again in a minute."}},
	}
}

// Notices without a reason: nothing was decided.
var (
	wordsBusy       = refusalWords{title: "Too much is going on right now.", next: "Try again in a minute."}
	wordsBroken     = refusalWords{title: "Something went wrong on our side.", next: "Try again in a minute."}
	wordsPressAgain = refusalWords{title: "We couldn't check your click right now.", next: "Press the button once more."}
)

// wordsNoWindow is the answer to a press in the Home, or to the shortcut, where
// Slack opened nothing; wordsRemindUnsure where the store doesn't answer.
var (
	wordsNoWindow     = refusalWords{title: "Slack didn't open the window in time.", next: "Press the button for a fresh link."}
	wordsRemindUnsure = refusalWords{title: "We can't look that up right now.", next: "Nothing may have changed. Try again in a minute."}
)

// remindWords say how reminders stand for somebody.
func remindWords(on, forgets bool) refusalWords {
	if !on {
		return refusalWords{title: "Reminders are off.", next: "Turned on, a direct message comes 10 minutes before a Studio session ends."}
	}
	w := refusalWords{title: "Reminders are on.", next: "From your next opening on, a direct message comes 10 minutes before your Studio session ends."}
	if forgets {
		w.next += " That lasts until the bot is restarted."
	}
	return w
}

// wordsNoServer is said to somebody whose domains have no tracking server.
var wordsNoServer = refusalWords{title: "There is no MLflow tracking server for you.", next: "Your admin can add one to a domain of yours."}

// tooMany is said to somebody who asks more often than limits.person lets them.
func tooMany(wait time.Duration) refusalWords {
	return refusalWords{reason: "too many commands", title: "That was a lot of commands at once.",
		next: "Wait " + spell(max(wait, time.Second).Round(time.Second)) + ", then try again."}
}

// readyNote is what stands below the buttons.
func readyNote(ttl time.Duration) string {
	return fmt.Sprintf("Opens once, within %s, only for you.", spell(ttl))
}

// spell writes a duration as people say it.
func spell(d time.Duration) string {
	n, unit := int(d.Round(time.Second)/time.Second), "second"
	if d >= 2*time.Minute && d%time.Minute == 0 || d == time.Minute {
		n, unit = int(d/time.Minute), "minute"
	}
	if n != 1 {
		unit += "s"
	}
	return fmt.Sprintf("%d %s", n, unit)
}
