package bot

import (
	"context"
	"errors"
	"time"

	"github.com/slack-go/slack"
)

const (
	// triggerTime is how long Slack takes a trigger, 3 s since the press, less a
	// margin for the way here.
	triggerTime = 2800 * time.Millisecond
	// secondTry is how long a call that failed waits for its second try.
	secondTry = 200 * time.Millisecond
)

// inHome is the Home in which something was pressed, or nil.
func (i interaction) inHome() *homeOpening {
	if i.View.Type != "home" {
		return nil
	}
	team, enterprise := i.place()
	if i.Team != nil && i.Team.ID != "" {
		team = i.Team.ID
	}
	return &homeOpening{team: team, enterprise: enterprise, user: i.User.ID}
}

// modal is the ID of the modal in which something was pressed, or "".
func (i interaction) modal() string {
	if i.View.Type != "modal" || len(i.View.ID) > maxID {
		return ""
	}
	return i.View.ID
}

// inMessage says that it was pressed in a message, which alone has a response
// URL: the Home, a modal and a shortcut have none.
func (i interaction) inMessage() bool { return i.ResponseURL != "" }

// reply shows a message where something was pressed, and only there. In a
// private message and in a modal it takes the place of what stands there if it
// is to replace it, and comes below or on top otherwise. In a direct message it
// always comes below, for those eyes only: that message stays in the
// conversation, and no link may. From the Home and for a shortcut a modal opens.
func (b *Bot) reply(ctx context.Context, i interaction, m message) {
	switch {
	case i.inMessage():
		m.ReplaceOriginal = m.ReplaceOriginal && i.Container.Ephemeral
		b.later(i.ResponseURL, m)
	case i.modal() != "" && m.ReplaceOriginal:
		b.updateView(ctx, i.modal(), messageView(m))
	default:
		b.openView(ctx, i, messageView(m))
	}
}

// messageView is a message as a modal.
func messageView(m message) slack.ModalViewRequest {
	return modal(viewOpen, "Studio", "", "Close", m.Blocks...)
}

// openView opens a modal, on top of the one in which something was pressed. Slack
// takes the trigger for 3 s and once, so a second try after a failure is
// harmless, and so is an event that comes again: the modal is there.
func (b *Bot) openView(ctx context.Context, i interaction, v slack.ModalViewRequest) {
	_, err := b.triggered(ctx, i, v)
	if code := slackCode(err); err == nil || code == "exchanged_trigger_id" || code == "trigger_exchanged" {
		return
	}
	b.o.Log.WarnContext(ctx, "a modal couldn't be opened", "after", time.Since(i.received).Round(time.Millisecond).String(), "err", redact(err))
	if i.inMessage() {
		b.later(i.ResponseURL, notice(wordsNoModal))
		return
	}
	// Nothing is left to answer by but a direct message.
	user := i.User.ID
	b.behind(func(ctx context.Context) {
		if err := b.direct(ctx, user, noWindowMessage()); err != nil {
			b.o.Log.WarnContext(ctx, "somebody got no answer: neither a modal nor a direct message got through", "user", user, "err", err)
		}
	})
}

// triggered makes the call, and makes it again where no answer came. It returns
// the ID of the modal, where that is known.
func (b *Bot) triggered(ctx context.Context, i interaction, v slack.ModalViewRequest) (id string, err error) {
	ctx, cancel := context.WithDeadline(ctx, i.received.Add(triggerTime))
	defer cancel()
	open := b.api().OpenViewContext
	if i.modal() != "" {
		open = b.api().PushViewContext
	}
	opened, err := open(ctx, i.TriggerID, v)
	if err != nil && unanswered(err) && pause(ctx, secondTry) {
		opened, err = open(ctx, i.TriggerID, v)
	}
	if err != nil || opened == nil {
		return "", err
	}
	return opened.ID, nil
}

// unanswered says whether a call failed on its way, so that another may do.
func unanswered(err error) bool {
	var limited *slack.RateLimitedError
	return slackCode(err) == "" && !errors.As(err, &limited)
}

// updateView puts another view in the place of one that is open. It says whether
// somebody sees it: they may have closed it meanwhile.
func (b *Bot) updateView(ctx context.Context, id string, v slack.ModalViewRequest) (seen bool) {
	for attempt := range respondTries {
		_, err := b.api().UpdateViewContext(ctx, v, "", "", id)
		if err == nil {
			return true
		}
		if code := slackCode(err); code == "not_found" || code == "view_not_found" {
			return false
		}
		if slackCode(err) != "" || attempt == respondTries-1 || !pause(ctx, backoff(attempt, err)) {
			b.o.Log.WarnContext(ctx, "a modal couldn't be changed", "attempts", attempt+1, "err", redact(err))
			return false
		}
	}
	return false
}
