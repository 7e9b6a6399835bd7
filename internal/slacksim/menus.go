package slacksim

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
)

// The kinds of a Menu. The menus of people, channels and dates are let through
// and nobody can use them.
const (
	MenuOverflow = "overflow" // the three dots
	MenuSelect   = FieldSelect
)

// Menu is a menu of a message or of a Home, outside of input blocks.
type Menu struct {
	ActionID, BlockID string
	Kind              string
	Placeholder       string
	Options           []Option
	Value             string // the option that the app chose, empty: none
	Confirm           *Confirm
}

// menu checks a menu and keeps it.
func (c *checker) menu(raw json.RawMessage, e element, confirm *Confirm, blockID string) error {
	m := Menu{ActionID: e.ActionID, BlockID: blockID, Kind: e.Type, Confirm: confirm}
	if m.ActionID == "" { // Slack makes one up
		m.ActionID = "m" + strconv.Itoa(len(c.menus))
	}
	if e.Type == MenuSelect {
		f, err := checkField(raw)
		if err != nil {
			return err
		}
		m.Placeholder, m.Options, m.Value = f.Placeholder, f.Options, f.Value
	} else {
		options, err := checkOverflow(raw)
		if err != nil {
			return err
		}
		m.Options = options
	}
	c.menus = append(c.menus, m)
	return nil
}

// checkOverflow reads the options of an overflow. Slack once wanted two of
// them; it takes one since 2019 (slackapi/python-slack-sdk#1218), and its
// documentation now says "up to five".
func checkOverflow(raw json.RawMessage) ([]Option, error) {
	var e struct {
		Options []optionObject `json:"options"`
	}
	if err := json.Unmarshal(raw, &e); err != nil {
		return nil, errors.New("options: a member of the wrong type")
	}
	if n := len(e.Options); n == 0 || n > maxOverflow {
		return nil, fmt.Errorf("%d options, 1 to %d", n, maxOverflow)
	}
	options := make([]Option, len(e.Options))
	for i, o := range e.Options {
		if err := o.check(true); err != nil {
			return nil, fmt.Errorf("options/%d: %w", i, err)
		}
		options[i] = o.option("")
	}
	return options, nil
}

// option finds one by its value, the first where several have it.
func (m Menu) option(value string) (Option, bool) {
	at := slices.IndexFunc(m.Options, func(o Option) bool { return o.Value == value })
	if at < 0 {
		return Option{}, false
	}
	return m.Options[at], true
}

// cloned lets a caller keep and change the list of menus.
func cloned(menus []Menu) []Menu {
	menus = slices.Clone(menus)
	for i := range menus {
		menus[i].Options = slices.Clone(menus[i].Options)
	}
	return menus
}

// wire is an option as payloads have it.
func (o Option) wire() object {
	w := object{"text": object{"type": "plain_text", "text": o.Text, "emoji": true}, "value": o.Value}
	if o.Description != "" {
		w["description"] = object{"type": "plain_text", "text": o.Description, "emoji": true}
	}
	if o.URL != "" {
		w["url"] = o.URL
	}
	return w
}

// action is the choice of an option as it stands in block_actions, without its
// time. Whether a url comes back with its option is not documented: it does
// here, unless Options.OmitActionURL is set.
func (m Menu) action(o Option, omitURL bool) object {
	if omitURL {
		o.URL = ""
	}
	a := object{"type": m.Kind, "action_id": m.ActionID, "block_id": m.BlockID, "selected_option": o.wire()}
	if m.Placeholder != "" {
		a["placeholder"] = object{"type": "plain_text", "text": m.Placeholder, "emoji": true}
	}
	return a
}

// pick is what a person chose in a select, which shows it from then on.
type pick struct{ userID, blockID, actionID, value string }

// picks are those of one message or view; they are replaced, never changed.
// Where the app replaces the message they stay for menus with the same IDs:
// that Slack wants new a block_id with each version of a message suggests it,
// nothing documents it.
type picks []pick

func (p picks) with(k pick) picks {
	p = slices.DeleteFunc(slices.Clone(p), func(old pick) bool {
		return old.userID == k.userID && old.blockID == k.blockID && old.actionID == k.actionID
	})
	return append(p, k)
}

// shown is the option that a select shows to a person.
func (p picks) shown(userID string, m Menu) (Option, bool) {
	for _, k := range p {
		if k.userID == userID && k.blockID == m.BlockID && k.actionID == m.ActionID {
			if o, there := m.option(k.value); there {
				return o, true
			}
		}
	}
	return m.option(m.Value)
}

// state adds what the selects show to the values of a payload. An overflow has
// no state.
func (p picks) state(values object, userID string, menus []Menu) object {
	for _, m := range menus {
		if m.Kind != MenuSelect {
			continue
		}
		state := object{"type": m.Kind, "selected_option": nil}
		if o, there := p.shown(userID, m); there {
			state["selected_option"] = o.wire()
		}
		inBlock(values, m.BlockID)[m.ActionID] = state
	}
	return values
}

// inBlock is the part of a state that belongs to one block.
func inBlock(values object, blockID string) object {
	part, there := values[blockID].(object)
	if !there {
		part = object{}
		values[blockID] = part
	}
	return part
}
