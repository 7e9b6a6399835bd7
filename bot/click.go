package bot

import (
	"context"
	"errors"
	"time"

	"github.com/studiobot/studiobot/studio"
)

// clickTime bounds the work on one click, after its acknowledgement.
const clickTime = 8 * time.Second

// arm lets the clicked link open, or replaces the message with why it doesn't.
func (b *Bot) arm(ctx context.Context, c studio.Click) {
	lost := false
	opened, err := b.o.Launcher.Arm(ctx, c, func(o studio.Option) error {
		err := b.o.Mapping.Allowed(ctx, c.Person, o)
		lost = err != nil && !errors.Is(err, studio.ErrUnsure)
		return err
	})
	var m message
	switch {
	case err == nil, errors.Is(err, studio.ErrNotYours):
		// Nobody but its owner sees the message; whoever sent that click gets
		// nothing to look at.
		return
	case errors.Is(err, studio.ErrLinkUsed):
		m = openedMessage(opened)
	case lost:
		m = refusalMessage(b.o, refusal(err), request{person: c.Person})
	case errors.Is(err, studio.ErrUnsure), errors.Is(err, studio.ErrBusy):
		// The link may still be good: the message stays, and this comes below it.
		b.later(c.ResponseURL, notice(wordsPressAgain))
		return
	default:
		m = deadLinkMessage(refusal(err))
	}
	m.ReplaceOriginal = true
	b.later(c.ResponseURL, m)
}

// Opened replaces the message of a link that was opened. It doesn't block.
func (b *Bot) Opened(o studio.Opened) {
	if o.ResponseURL != "" {
		b.later(o.ResponseURL, replacing(o))
	}
}

// OpenedNow is Opened for a process that is frozen when its answer is out: it
// returns when the message is there, or ctx has ended.
func (b *Bot) OpenedNow(ctx context.Context, o studio.Opened) {
	if o.ResponseURL != "" {
		b.respond(ctx, o.ResponseURL, replacing(o))
	}
}

func replacing(o studio.Opened) message {
	m := openedMessage(o)
	m.ReplaceOriginal = true
	return m
}
