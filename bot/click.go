package bot

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/studiobot/studiobot/studio"
)

// interaction is what is used of the payload of a pressed button.
type interaction struct {
	Type        string `json:"type"`
	TriggerID   string `json:"trigger_id"`
	ResponseURL string `json:"response_url"`
	Team        *struct {
		ID string `json:"id"`
	} `json:"team"` // null where the app is installed for an organisation
	User struct {
		ID     string `json:"id"`
		TeamID string `json:"team_id"`
	} `json:"user"`
	Actions []struct {
		ActionID string `json:"action_id"`
		Value    string `json:"value"`
		ActionTS string `json:"action_ts"`
	} `json:"actions"`
}

// The buttons of our messages. An open button carries its index too, since
// action IDs are unique within a message.
const (
	actionOpen   = "open"
	actionFresh  = "fresh"
	actionSignIn = "sign_in"
)

// clickTime bounds the work on one click, after its acknowledgement.
const clickTime = 8 * time.Second

// person is who pressed. Somebody of another workspace may press a button in a
// channel that is shared: what counts is whose account it is, not where.
func (i interaction) person() studio.Person {
	p := studio.Person{User: i.User.ID, Team: i.User.TeamID}
	if p.Team == "" && i.Team != nil {
		p.Team = i.Team.ID
	}
	return p
}

// interaction works on a click that was acknowledged. Anything that isn't a
// click on one of our buttons is left alone.
func (b *Bot) interaction(i interaction) {
	person := i.person()
	if i.Type != "block_actions" || len(i.Actions) == 0 || !slackID.MatchString(person.Team) || !slackID.MatchString(person.User) {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), clickTime)
	defer cancel()
	a := i.Actions[0]
	name, _, _ := strings.Cut(a.ActionID, ":")
	switch name {
	case actionOpen:
		if len(a.ActionTS) <= maxID && len(i.ResponseURL) <= maxURL {
			b.arm(ctx, studio.Click{ID: a.ActionTS, Person: person, Handle: a.Value, ResponseURL: i.ResponseURL})
		}
	case actionFresh:
		m, over := b.limited(ctx, person)
		if over {
			b.later(i.ResponseURL, m) // below the message, whose button stays
			return
		}
		m = b.offer(ctx, request{person: person, domain: b.knownDomain(a.Value), cause: i.TriggerID})
		m.ReplaceOriginal = true
		b.later(i.ResponseURL, m)
	}
}

// knownDomain is the value of a fresh button, if it still names a domain.
func (b *Bot) knownDomain(value string) string {
	for _, d := range b.o.Domains {
		if d.Name == value {
			return value
		}
	}
	return ""
}

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
	if o.ResponseURL == "" {
		return
	}
	m := openedMessage(o)
	m.ReplaceOriginal = true
	b.later(o.ResponseURL, m)
}
