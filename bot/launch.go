package bot

import (
	"context"

	"github.com/studiobot/studiobot/studio"
)

// shortcutOpen is the callback_id of the global shortcut.
const shortcutOpen = "open_studio"

// launch answers a launch button of the Home, or the shortcut, with what the
// command would say, in a modal: the links are made now, and everything is asked
// now, whatever the Home shows.
func (b *Bot) launch(ctx context.Context, i interaction, domain string) {
	person, err := b.fromPlace(ctx, i)
	if err != nil {
		b.reply(ctx, i, b.refuse(ctx, request{person: person}, err))
		return
	}
	if m, over := b.limited(ctx, person); over {
		b.reply(ctx, i, m)
		return
	}
	b.reply(ctx, i, b.offer(ctx, request{person: person, domain: domain, cause: i.TriggerID}))
}

// fromPlace is who pressed, and refuses whoever isn't served from the workspace
// where they did: the Home and the shortcut are what the command is.
func (b *Bot) fromPlace(ctx context.Context, i interaction) (studio.Person, error) {
	team, enterprise := i.place()
	if i.Team != nil && i.Team.ID != "" {
		team = i.Team.ID
	}
	p, err := b.o.Mapping.From(ctx, team, enterprise, i.User.ID)
	if err != nil {
		p = studio.Person{Team: team, User: i.User.ID}
	}
	return p, err
}
