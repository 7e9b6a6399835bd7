package bot

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/studiobot/studiobot/audit"
	"github.com/studiobot/studiobot/studio"
)

// interaction is what is used of the payload of a pressed button, or of a modal
// that was sent.
type interaction struct {
	Type        string `json:"type"`
	TriggerID   string `json:"trigger_id"`
	ResponseURL string `json:"response_url"`
	Team        *struct {
		ID string `json:"id"`
	} `json:"team"` // null where the app is installed for an organisation
	Enterprise *struct {
		ID string `json:"id"`
	} `json:"enterprise"`
	User struct {
		ID     string `json:"id"`
		TeamID string `json:"team_id"`
	} `json:"user"`
	Channel struct {
		ID string `json:"id"`
	} `json:"channel"`
	Container struct {
		Ephemeral bool `json:"is_ephemeral"`
	} `json:"container"`
	Actions []struct {
		ActionID string `json:"action_id"`
		Value    string `json:"value"`
		ActionTS string `json:"action_ts"`
		Selected struct {
			Value string `json:"value"`
		} `json:"selected_option"`
	} `json:"actions"`
	View viewState `json:"view"`
	// CallbackID is the shortcut's.
	CallbackID string `json:"callback_id"`

	received time.Time
}

// The buttons of our messages. A button of which a message may have several
// carries its index too, since action IDs are unique within a message.
const (
	actionOpen    = "open"
	actionFresh   = "fresh"
	actionSignIn  = "sign_in"
	actionAsk     = "ask"
	actionChoose  = "choose"
	actionSpaces  = "spaces"
	actionApprove = "approve"
	actionDeny    = "deny"
	actionLaunch  = "launch"
	actionRemind  = "remind"
	actionStop    = "stop"
	actionStart   = "start"
)

// place is where something was pressed or typed.
func (i interaction) place() (team, enterprise string) {
	// Somebody of another workspace may press a button in a channel that is
	// shared: what counts is whose account it is, not where.
	team = i.User.TeamID
	if team == "" && i.Team != nil {
		team = i.Team.ID
	}
	if i.Enterprise != nil {
		enterprise = i.Enterprise.ID
	}
	return team, enterprise
}

// valid says whether the identifiers are such as Slack sends.
func (i interaction) valid() bool {
	team, enterprise := i.place()
	return slackID.MatchString(team) && slackID.MatchString(i.User.ID) && (enterprise == "" || slackID.MatchString(enterprise)) &&
		len(i.TriggerID) <= maxID && len(i.ResponseURL) <= maxURL
}

// armFirst is how long the acknowledgement of a click on a link waits for the
// click to count.
const armFirst = time.Second

// opens says whether it is a press of a button that opens a link.
func (i interaction) opens() bool {
	if len(i.Actions) == 0 {
		return false
	}
	name, _, _ := strings.Cut(i.Actions[0].ActionID, ":")
	return name == actionOpen
}

// interactive works on an interaction. A button is acknowledged first, unless it
// opens a link; a modal's acknowledgement carries what the modal says next.
func (b *Bot) interactive(ctx context.Context, e envelope) {
	var i interaction
	err := json.Unmarshal(e.Payload, &i)
	i.received = e.received
	if err == nil && i.Type == "view_submission" && i.valid() {
		b.acknowledge(e, b.submitted(ctx, i))
		return
	}
	if err == nil && i.Type == "block_actions" && i.valid() && i.opens() {
		// Whoever dies before it is armed hasn't taken it: Slack, as far as it
		// sends such a click again, sends it to another copy of studiobot.
		acknowledge := sync.OnceFunc(func() { b.acknowledge(e, nil) })
		late := time.AfterFunc(armFirst, acknowledge)
		defer late.Stop()
		b.pressed(i)
		acknowledge()
		return
	}
	b.acknowledge(e, nil)
	if err != nil {
		b.note("a payload can't be read", e)
		return
	}
	// Anything that isn't a press of one of our buttons or our shortcut is left
	// alone.
	switch {
	case !i.valid():
	case i.Type == "block_actions" && len(i.Actions) > 0:
		b.pressed(i)
	case i.Type == "shortcut" && i.CallbackID == shortcutOpen:
		ctx, cancel := context.WithTimeout(context.Background(), clickTime)
		defer cancel()
		b.launch(ctx, i, "")
	}
}

// pressed works on a press of a button.
func (b *Bot) pressed(i interaction) {
	ctx, cancel := context.WithTimeout(context.Background(), clickTime)
	defer cancel()
	a := i.Actions[0]
	name, _, _ := strings.Cut(a.ActionID, ":")
	if name == actionLaunch {
		b.launch(ctx, i, b.knownDomain(a.Value))
		return
	}
	person, err := b.from(ctx, i)
	if err != nil {
		// Nobody of ours, and nothing for them to look at.
		team, _ := i.place()
		b.audit(ctx, audit.Entry{Step: audit.Refused, Team: team, User: i.User.ID, Reason: "click: " + refusal(err).reason, Err: err})
		return
	}
	switch name {
	case actionOpen:
		if len(a.ActionTS) <= maxID {
			b.arm(ctx, i, studio.Click{ID: a.ActionTS, Person: person, Handle: a.Value, ResponseURL: i.ResponseURL, View: i.modal()})
		}
	case actionFresh:
		m, over := b.limited(ctx, person)
		if over {
			b.reply(ctx, i, m) // below the message, whose button stays
			return
		}
		m = b.offer(ctx, request{person: person, domain: b.knownDomain(a.Value), cause: i.TriggerID})
		m.ReplaceOriginal = true
		b.reply(ctx, i, m)
	case actionRemind:
		b.switchReminders(ctx, i, person, a.Value == "on")
	case actionChoose:
		b.chosen(ctx, i, person, a.Selected.Value)
	case actionSpaces:
		b.turned(ctx, i, person, a.Value)
	case actionAsk:
		b.ask(ctx, i, person, b.knownDomain(a.Value))
	case actionApprove, actionDeny:
		if m, over := b.limited(ctx, person); over {
			b.later(i.ResponseURL, m)
			return
		}
		if name == actionApprove {
			b.approve(ctx, i, person, a.Value)
		} else {
			b.askWhy(ctx, i, person, a.Value)
		}
	case actionStop, actionStart:
		b.change(ctx, i, person, name == actionStart)
	}
}

// from is who pressed, by the mapping's rules of whose place that is. The list of
// workspaces is about where people type: a press names its account's own.
func (b *Bot) from(ctx context.Context, i interaction) (studio.Person, error) {
	team, enterprise := i.place()
	p, err := b.o.Mapping.From(ctx, team, enterprise, i.User.ID)
	if errors.Is(err, studio.ErrTeam) && p.User != "" {
		return p, nil
	}
	return p, err
}

// knownDomain is the value of a button, if it still names a domain.
func (b *Bot) knownDomain(value string) string {
	for _, d := range b.o.Domains {
		if d.Name == value {
			return value
		}
	}
	return ""
}
