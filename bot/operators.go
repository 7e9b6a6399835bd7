package bot

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/studiobot/studiobot/studio"
)

// errNotBlocked: a block or its end couldn't be written.
var errNotBlocked = errors.New("the block couldn't be written")

// blocking marks an error as being about a block.
func blocking(err error) error {
	if errors.Is(err, studio.ErrUnsure) {
		return fmt.Errorf("%w: %w", errNotBlocked, err)
	}
	return err
}

// blockedMessage says what a block, or its end, did.
func blockedMessage(o Options, p studio.Person, block bool, done studio.Blocked) message {
	var text string
	switch {
	case block && done.Before:
		text = person(p) + " was blocked already, and is."
	case block:
		text = person(p) + " is blocked: their live links open nothing any more, and they get no new ones, whatever the mapping says."
	case done.Before:
		text = person(p) + " isn't blocked any more. They get what the mapping says; links from before may open while their time lasts."
	default:
		text = person(p) + " wasn't blocked; nothing was changed. An entry of the mapping that denies them stays: the admin command `who` tells."
	}
	blocks := []slack.Block{section(text)}
	if block && !done.Lasts {
		blocks = append(blocks, section("*It ends when this bot restarts:* `store` is memory. Set one that lasts, or take the person out of the mapping, too."))
	}
	if block {
		blocks = append(blocks, section("A Studio that is open already stays open: whoever is in `access.admins` gets a message if one may be. End it in AWS, see “Locking somebody out” in docs/operations.md."))
	}
	title := "The block was ended."
	if block {
		title = "The person is blocked."
	}
	return newMessage(title, blocks...)
}

// maxSessions is how many sessions one message names.
const maxSessions = 10

// TellSessions sends each of these users a direct message about sessions of
// people who lost their access, and says how many got none.
func (b *Bot) TellSessions(ctx context.Context, to []string, why string, sessions []studio.Session) error {
	var lines []string
	for i, s := range sessions {
		if i == maxSessions {
			lines = append(lines, fmt.Sprintf("And %d more; the log has them all.", len(sessions)-maxSessions))
			break
		}
		lines = append(lines, fmt.Sprintf("• %s as *%s* in *%s*, until %s at the longest",
			person(s.Person), escape(s.Profile), escape(label(b.o, s.Domain)), clock(s.Until)))
	}
	return b.directAll(ctx, to, newMessage("A Studio session may still run.",
		section("*A Studio session may still run* of somebody who is "+escape(why)+":\n"+strings.Join(lines, "\n")),
		footer("They get no new links. Stop the profile's apps in SageMaker, or deny the profile in IAM: “Locking somebody out” in docs/operations.md.")))
}

// TellAlarm sends each of these users a direct message that more is opened than
// limits.alarm says.
func (b *Bot) TellAlarm(ctx context.Context, to []string, rate string) error {
	return b.directAll(ctx, to, newMessage("More Studio launches than usual.",
		section("*More Studio launches than usual:* more than "+escape(rate)+" (`limits.alarm`). Nobody is refused."),
		footer("Look in the audit trail who launches. `"+b.o.Command+" admin block @person` stops somebody.")))
}

// clock is a moment as each reader's Slack writes it.
func clock(t time.Time) string {
	return fmt.Sprintf("<!date^%d^{date_short_pretty} {time}|%s>", t.Unix(), t.UTC().Format("2006-01-02 15:04 UTC"))
}

// directAll sends a direct message to each, one after the other.
func (b *Bot) directAll(ctx context.Context, to []string, m message) error {
	var failed []error
	for _, user := range to {
		if _, _, err := b.api().PostMessageContext(ctx, user, b.chat(m)...); err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", user, redact(err)))
		}
	}
	return errors.Join(failed...)
}
