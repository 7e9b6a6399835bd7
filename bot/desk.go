package bot

import (
	"context"
	"errors"
	"fmt"

	"github.com/slack-go/slack"

	"github.com/studiobot/studiobot/studio"
)

// Show puts a request into the approvals channel, or replaces what stands there:
// requests.Desk. Where that message is gone it stays gone once the request is
// decided.
func (b *Bot) Show(ctx context.Context, r studio.Request) (channel, at string, err error) {
	m := requestMessage(r)
	if r.Message == "" {
		if r.State != studio.RequestOpen {
			return r.Channel, r.Message, nil // nobody has seen it, and nothing is to decide
		}
		channel, at, err = b.api().PostMessageContext(ctx, b.o.Approvals, b.chat(m)...)
	} else {
		channel, at, _, err = b.api().UpdateMessageContext(ctx, r.Channel, r.Message, b.chat(m)...)
		if code := slackCode(err); code == "message_not_found" || code == "channel_not_found" {
			return r.Channel, r.Message, nil
		}
	}
	if err != nil {
		return "", "", fmt.Errorf("%w%s", redact(err), mendChannel(err))
	}
	return channel, at, nil
}

// mendChannel says what to do about a channel that can't be written to.
func mendChannel(err error) string {
	switch slackCode(err) {
	case "not_in_channel":
		return ": invite the app to access.approvals_channel"
	case "channel_not_found":
		return ": access.approvals_channel isn't there, or it is private and the app isn't in it"
	case "is_archived":
		return ": access.approvals_channel is archived"
	case "missing_scope":
		return ": paste the output of `studiobot manifest --config studiobot.yaml` into the Slack app and reinstall it"
	}
	return ""
}

// Tell sends the person who asked a direct message about what became of it.
func (b *Bot) Tell(ctx context.Context, r studio.Request) error {
	_, _, err := b.api().PostMessageContext(ctx, r.Person.User, b.chat(toldMessage(b.o, r))...)
	switch slackCode(err) {
	case "channel_not_found", "user_not_found", "user_disabled", "cannot_dm_bot", "account_inactive":
		return fmt.Errorf("%w: %w", studio.ErrUnknownPerson, redact(err))
	}
	if err != nil {
		return redact(err)
	}
	return nil
}

// slackCode is Slack's word for what is wrong, or "".
func slackCode(err error) string {
	var answer slack.SlackErrorResponse
	if errors.As(err, &answer) {
		return answer.Err
	}
	return ""
}

// chat is a message as chat.postMessage and chat.update take it.
func (b *Bot) chat(m message) []slack.MsgOption {
	return []slack.MsgOption{
		slack.MsgOptionText(m.Text, false), slack.MsgOptionBlocks(m.Blocks...),
		slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl(),
	}
}
