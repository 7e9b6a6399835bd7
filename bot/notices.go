package bot

import (
	"context"
	"errors"
	"fmt"

	"github.com/slack-go/slack"

	"github.com/studiobot/studiobot/studio"
)

// SessionEnds tells somebody that their session ends soon: notify.Desk.
func (b *Bot) SessionEnds(ctx context.Context, n studio.Notice) error {
	return b.direct(ctx, n.Person.User, endsMessage(b.o, n))
}

// Became tells somebody what became of what was being prepared: notify.Desk.
func (b *Bot) Became(ctx context.Context, n studio.Notice, why error) error {
	return b.direct(ctx, n.Person.User, becameMessage(b.o, n, why))
}

// direct sends somebody a direct message. studio.ErrUnknownPerson where trying
// again won't help.
func (b *Bot) direct(ctx context.Context, user string, m message) error {
	_, _, err := b.api().PostMessageContext(ctx, user, b.chat(m)...)
	switch slackCode(err) {
	case "channel_not_found", "user_not_found", "user_disabled", "cannot_dm_bot", "account_inactive", "is_archived", "restricted_action":
		return fmt.Errorf("%w: %w", studio.ErrUnknownPerson, redact(err))
	case "messages_tab_disabled", "missing_scope":
		return fmt.Errorf("%w: %w: paste the output of `studiobot manifest --config studiobot.yaml` into the Slack app and reinstall it", studio.ErrUnknownPerson, redact(err))
	}
	if err != nil {
		return redact(err)
	}
	return nil
}

// endsMessage reminds of the end of a session. It stays in the conversation, so
// its button makes the link when it is pressed.
func endsMessage(o Options, n studio.Notice) message {
	return newMessage("Your Studio session ends "+n.Ends.UTC().Format("2006-01-02 15:04")+" UTC. Save your work; the button gets you a fresh link.",
		section("*Your Studio session ends "+when(n.Ends)+".*\nSave your work. A fresh link signs you in again; what is running goes on."),
		slack.NewActionBlock("studio", freshButton(n.Option.Domain)),
		footer(escape(n.Option.Label)+" · `"+o.Command+" remind off` ends these reminders"))
}

// becameMessage says what became of what was being prepared.
func becameMessage(o Options, n studio.Notice, why error) message {
	w := becameWords(why, subject(n.Option))
	what := escape(n.Option.Label) + " · " + thing(n.Option.Target)
	if n.Option.Profile != "" {
		what += " · as " + escape(n.Option.Profile)
	}
	where := footer(what)
	blocks := []slack.Block{section("*" + w.title + "*\n" + w.next)}
	if w.fresh {
		open := freshButton(n.Option.Domain)
		open.Text = plainText("Get the link")
		blocks = append(blocks, slack.NewActionBlock("studio", open))
	}
	blocks = append(blocks, where)
	if w.ask {
		blocks = append(blocks, helpFooter(o)...)
	}
	return newMessage(w.title+" "+w.next, blocks...)
}

// subject is what an option's thing is called at the beginning of a sentence.
func subject(o studio.Option) string {
	switch o.Target.Takes() {
	case studio.NotebookName:
		return "The notebook instance " + o.Name
	case studio.ServerName:
		return "The tracking server " + o.Name
	}
	return "Your Studio"
}

// becameWords words the outcome.
func becameWords(why error, what string) refusalWords {
	switch {
	case why == nil:
		return refusalWords{title: what + " is ready.", next: "Press the button for a link that opens it.", fresh: true}
	case errors.Is(why, studio.ErrBroken):
		return refusalWords{title: what + " couldn't be prepared.", next: "SageMaker says that it has failed, or that it is being deleted. Your admin can see why.", ask: true}
	case errors.Is(why, studio.ErrStopped):
		return refusalWords{title: what + " has stopped again.", next: "It was being started, and isn't running now.", ask: true}
	case errors.Is(why, studio.ErrNoProfile), errors.Is(why, studio.ErrNoTarget):
		return refusalWords{title: "What you waited for isn't there any more.", next: "It was removed, or has another name now.", ask: true}
	}
	return refusalWords{title: what + " still isn't ready.", next: "That takes longer than it should, so we stopped looking. Try it later, or ask your admin.", ask: true, fresh: true}
}

// noWindowMessage follows where no modal could be opened.
func noWindowMessage() message {
	m := notice(wordsNoWindow)
	m.Blocks = append(m.Blocks, slack.NewActionBlock("studio", freshButton("")))
	return m
}
