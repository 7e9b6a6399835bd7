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
func (b *Bot) arm(ctx context.Context, i interaction, c studio.Click) {
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
	case lost && errors.Is(err, studio.ErrNoTarget):
		m = deadLinkMessage(refusal(err))
	case lost:
		m = refusalMessage(b.o, refusal(err), request{person: c.Person})
	case errors.Is(err, studio.ErrUnsure), errors.Is(err, studio.ErrBusy):
		// The link may still be good: the message stays, and this comes below it.
		b.reply(ctx, i, notice(wordsPressAgain))
		return
	default:
		m = deadLinkMessage(refusal(err))
	}
	m.ReplaceOriginal = true
	b.reply(ctx, i, m)
}

// Opened replaces the message, or the modal, of a link that was opened. It
// doesn't block.
func (b *Bot) Opened(o studio.Opened) {
	m := openedMessage(o)
	switch {
	case o.View != "":
		b.behind(func(ctx context.Context) { b.updateView(ctx, o.View, messageView(m)) })
	case o.ResponseURL != "":
		m.ReplaceOriginal = true
		b.later(o.ResponseURL, m)
	}
}
