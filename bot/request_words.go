package bot

import (
	"errors"

	"github.com/studiobot/studiobot/studio"
)

// What is said around requests for access, by the rules of words.go.

var (
	wordsNoModal       = refusalWords{title: "Slack didn't open the form.", next: "Press the button once more."}
	wordsNothingToAsk  = refusalWords{title: "There is nothing to ask for.", next: "By now you have access to everything here, or it is turned off for you. Type the command again to see."}
	wordsNoProfileName = refusalWords{title: "That is no Studio profile's name.", next: "A profile's name has letters, digits, and hyphens between them, and up to 63 characters."}
	wordsNoRequests    = refusalWords{title: "Nobody can ask for access here.", next: "Set `access.approvals_channel` in studiobot.yaml to let people ask."}
)

// requestRefusal words why a request couldn't be made.
func requestRefusal(err error) refusalWords {
	switch {
	case errors.Is(err, studio.ErrInvalid):
		return wordsNoProfileName
	case errors.Is(err, studio.ErrDenied):
		return refusalWords{title: "Studio is turned off for you.", next: "It is turned off for you. Ask your admin."}
	case errors.Is(err, studio.ErrBusy):
		return refusalWords{title: "Too many requests are open.", next: "Too many requests of yours wait for a decision already. Ask your admin."}
	}
	return refusalWords{title: "We can't take your request right now.", next: "We can't take your request right now. Try again in a minute."}
}

// decisionRefusal words why an approver's press decided nothing. r is the
// request as it stands, where that is known.
func decisionRefusal(err error, r studio.Request) refusalWords {
	switch {
	case errors.Is(err, studio.ErrDecided):
		return refusalWords{title: "That was decided already.", next: decidedBy(r)}
	case errors.Is(err, studio.ErrRequestGone):
		return refusalWords{title: "That request isn't there any more.", next: "A newer one may stand further down in the channel."}
	case errors.Is(err, studio.ErrOwnRequest):
		return refusalWords{title: "That is your own request.", next: "Somebody else has to approve it."}
	case errors.Is(err, studio.ErrNotAdmin):
		return refusalWords{title: "Only admins decide requests.", next: "Whoever runs this bot can add you to `access.admins`."}
	case errors.Is(err, studio.ErrNoProfile):
		return refusalWords{title: "There is no such Studio profile.", next: "Nothing was decided. Make the user profile " + escape(r.Profile) + " first, then press Approve again; or deny the request."}
	case errors.Is(err, studio.ErrProfileTaken):
		return refusalWords{title: "That Studio profile belongs to somebody else.",
			next: "Nothing was decided. " + belongs(r) + "Deny the request and have them ask for another profile. If they are meant to share its files and apps, link it with the admin command."}
	case errors.Is(err, studio.ErrDenied):
		return refusalWords{title: "An entry denies that person.", next: "Nothing was decided. The admin command `who` tells which entry it is: take that out first, then press Approve again; or deny the request."}
	case errors.Is(err, studio.ErrInvalid):
		return refusalWords{title: "That reason is too long.", next: "Up to 500 characters, please."}
	}
	return refusalWords{title: "We couldn't note your decision.", next: "Press the button once more in a minute."}
}

// belongs says whose the profile is, where another source says so.
func belongs(r studio.Request) string {
	if len(r.Others) == 0 {
		return "Its tag names another person. "
	}
	return "It is " + persons(r.Others) + "'s. "
}

// decidedBy says who was faster, and how.
func decidedBy(r studio.Request) string {
	switch r.State {
	case studio.RequestApproved:
		return "Approved by " + person(r.Decider) + "."
	case studio.RequestDenied:
		return "Denied by " + person(r.Decider) + "."
	}
	return "It has closed."
}

// closing is what is said when a request ended without a decision, or couldn't
// be carried out.
type closing struct{ approvers, title, next string }

// closedWords words the Answer of a closed request.
func closedWords(answer string) closing {
	switch answer {
	case studio.AnswerExpired:
		return closing{"Nobody decided within a week.", "Your request for Studio has closed.", "Nobody decided within a week. You can ask again."}
	case studio.AnswerWithdrawn:
		return closing{"It was approved, and an admin has taken it back since.", "Your access to Studio was taken back.", "An admin did that before it was ready."}
	case studio.AnswerDenied:
		return closing{"It was approved, but an entry denies that person. Nothing was linked.",
			"Your request was approved, but Studio is turned off for you.", "Ask your admins."}
	case studio.AnswerTaken:
		return closing{"It was approved, but that profile is another person's, by its tag or an entry. Nothing was linked.",
			"Your request was approved, but that Studio profile is somebody else's.", "Ask again with another profile's name."}
	case studio.AnswerForbidden:
		return closing{"It was approved, but AWS doesn't let the bot make or look at the profile. Check the bot's role; the log has the details.",
			"Your request was approved, but something is missing on our side.", "Your admins have been told. Ask again later."}
	}
	return closing{"It was approved, but the profile couldn't be made. The log has the details.",
		"Your request was approved, but your Studio profile couldn't be made.", "Your admins have been told. Ask again later."}
}

// adminRefusal words why an admin's command wasn't done.
func adminRefusal(err error) refusalWords {
	switch {
	case errors.Is(err, studio.ErrNoTable):
		return refusalWords{reason: "no table", title: "There is no table to keep links in.",
			next: "Add `- table: true` to `mapping` in studiobot.yaml, and a store that lasts."}
	case errors.Is(err, studio.ErrOwnRequest):
		return refusalWords{reason: "oneself", title: "You can't link or unlink yourself.", next: "Another admin has to do it."}
	case errors.Is(err, studio.ErrOwnBlock):
		return refusalWords{reason: "oneself", title: "You can't block or unblock yourself.", next: "Another admin has to do it, or whoever runs the bot: `studiobot block`, `studiobot unblock`."}
	case errors.Is(err, errNotBlocked):
		return refusalWords{reason: "couldn't be written", title: "That couldn't be written down.", next: "Nothing may have changed. Try again right now; if it stays like this, whoever runs the bot has to look at its store."}
	case errors.Is(err, studio.ErrLinksLive):
		return refusalWords{reason: "live links couldn't be denied", title: "That was done, but links they already hold may still open.",
			next: "It couldn't be written down that those are dead. Type the same command again until it says so, or block the person; otherwise the links die when their time is over."}
	case errors.Is(err, studio.ErrInvalid):
		return refusalWords{reason: "invalid", title: "That can't be linked.", next: "Check the profile's name and the domain."}
	case errors.Is(err, studio.ErrUnsure):
		return refusalWords{reason: "can't be decided now", title: "The store doesn't answer right now.", next: "Nothing may have changed. Try again in a minute."}
	}
	return refusalWords{reason: "internal error", title: "Something went wrong on our side.", next: "Try again in a minute; the log has the details."}
}
