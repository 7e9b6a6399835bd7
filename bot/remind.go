package bot

import (
	"context"
	"slices"
	"strings"

	"github.com/studiobot/studiobot/studio"
)

// Reminders keeps who wants to be told before their session ends. notify.Service
// is the one that production has. Its errors wrap the sentinels of package
// studio.
type Reminders interface {
	// Remind keeps whether somebody wants it, Reminding says so.
	Remind(ctx context.Context, p studio.Person, on bool) error
	Reminding(ctx context.Context, p studio.Person) (on bool, err error)
}

// remind answers /studio remind [on | off].
func (b *Bot) remind(ctx context.Context, p studio.Person, words []string) message {
	if b.o.Reminders == nil {
		return helpMessage(b.o, b.isAdmin(ctx, p))
	}
	said := strings.ToLower(strings.Join(words, " "))
	if !slices.Contains([]string{"", "on", "off"}, said) {
		return unknownWordMessage(b.o, cut(said, maxWord), "remind on")
	}
	if said == "" {
		on, err := b.o.Reminders.Reminding(ctx, p)
		if err != nil {
			return notice(wordsRemindUnsure)
		}
		m := notice(remindWords(on, b.o.Forgets))
		m.Blocks = append(m.Blocks, footer("`"+b.o.Command+" remind on` and `"+b.o.Command+" remind off` change that."))
		return m
	}
	return b.setReminders(ctx, p, said == "on")
}

// setReminders turns them on, for somebody who has something to open, or off.
func (b *Bot) setReminders(ctx context.Context, p studio.Person, on bool) message {
	if on {
		if _, _, err := b.o.Mapping.Options(ctx, p); err != nil {
			return b.refuse(ctx, request{person: p}, err)
		}
	}
	if err := b.o.Reminders.Remind(ctx, p, on); err != nil {
		b.o.Log.WarnContext(ctx, "who is reminded couldn't be changed", "user", p.User, "err", err)
		return notice(wordsRemindUnsure)
	}
	return notice(remindWords(on, b.o.Forgets))
}

// switchReminders is the button of the Home, which then shows how it stands.
func (b *Bot) switchReminders(ctx context.Context, i interaction, p studio.Person, on bool) {
	if b.o.Reminders == nil {
		return
	}
	m, over := b.limited(ctx, p)
	if !over {
		m = b.setReminders(ctx, p, on)
	}
	b.reply(ctx, i, m)
	if home := i.inHome(); home != nil {
		b.homes.add(*home)
	}
}
