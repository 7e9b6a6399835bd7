package slacksim

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
)

// The kinds of a Field. Other elements don't fit into an input block of the
// simulator: it refuses them.
const (
	FieldText   = "plain_text_input"
	FieldSelect = "static_select"
	FieldUser   = "users_select"
)

// Field is what a person fills in.
type Field struct {
	BlockID, ActionID string
	Kind              string
	Label, Hint       string
	Placeholder       string
	Value             string // typed, the chosen option's value, or a user ID; empty: nothing
	Options           []Option
	Optional          bool
	Multiline         bool
	MinLength         int // characters of a text; 0: no limit
	MaxLength         int
	Error             string // what stands under it in red
}

// Option is one choice of a FieldSelect or a Menu.
type Option struct {
	Group       string // label of its group, empty if it is in none
	Text, Value string
	Description string
	URL         string // what the browser opens; of a MenuOverflow only
}

// input checks an input block and keeps its field. It adds the action_id that
// Slack makes up.
func (c *checker) input(raw json.RawMessage, b block) (json.RawMessage, error) {
	if err := checkText(b.Label, maxInputLabel, "plain_text"); err != nil {
		return nil, fmt.Errorf("label: %w", err)
	}
	if len(b.Hint) > 0 {
		if err := checkText(b.Hint, maxHint, "plain_text"); err != nil {
			return nil, fmt.Errorf("hint: %w", err)
		}
	}
	if _, err := c.identify(b.Element); err != nil {
		return nil, fmt.Errorf("element: %w", err)
	}
	f, err := checkField(b.Element)
	if err != nil {
		return nil, fmt.Errorf("element: %w", err)
	}
	if f.Kind == "" {
		return nil, errors.New("element: not simulated in an input block")
	}
	if f.ActionID == "" {
		f.ActionID = "f" + strconv.Itoa(len(c.fields))
		element, err := with(b.Element, "action_id", json.RawMessage(quote(f.ActionID)))
		if err != nil {
			return nil, err
		}
		if raw, err = with(raw, "element", element); err != nil {
			return nil, err
		}
	}
	f.BlockID, f.Optional, f.Label, f.Hint = b.BlockID, b.Optional, plain(b.Label), plain(b.Hint)
	c.fields = append(c.fields, f)
	return raw, nil
}

// plain is the text of a text object that was checked, empty if there is none.
func plain(raw json.RawMessage) string {
	var t textObject
	_ = json.Unmarshal(raw, &t)
	return t.Text
}

type fieldElement struct {
	Type          string          `json:"type"`
	ActionID      string          `json:"action_id"`
	Placeholder   json.RawMessage `json:"placeholder"`
	Multiline     bool            `json:"multiline"`
	MinLength     *int            `json:"min_length"`
	MaxLength     *int            `json:"max_length"`
	InitialValue  string          `json:"initial_value"`
	InitialUser   string          `json:"initial_user"`
	InitialOption *optionObject   `json:"initial_option"`
	Options       []optionObject  `json:"options"`
	Groups        []struct {
		Label   json.RawMessage `json:"label"`
		Options []optionObject  `json:"options"`
	} `json:"option_groups"`
}

type optionObject struct {
	Text        json.RawMessage `json:"text"`
	Value       string          `json:"value"`
	Description json.RawMessage `json:"description"`
	URL         *string         `json:"url"`
}

// checkField checks an element that can be a Field. Of others it returns one
// without a kind.
func checkField(raw json.RawMessage) (Field, error) {
	var e fieldElement
	var kind struct {
		Type string `json:"type"`
	}
	if json.Unmarshal(raw, &kind) != nil {
		return Field{}, errors.New("not an element object")
	}
	switch kind.Type {
	case FieldText, FieldSelect, FieldUser:
	default:
		return Field{}, nil
	}
	if err := json.Unmarshal(raw, &e); err != nil {
		return Field{}, errors.New("a member of the wrong type")
	}
	f := Field{ActionID: e.ActionID, Kind: e.Type, Placeholder: plain(e.Placeholder)}
	if len(e.Placeholder) > 0 {
		if err := checkText(e.Placeholder, maxPlaceholder, "plain_text"); err != nil {
			return Field{}, fmt.Errorf("placeholder: %w", err)
		}
	}
	switch e.Type {
	case FieldText:
		return e.text(f)
	case FieldSelect:
		return e.menu(f)
	}
	f.Value = e.InitialUser
	return f, nil
}

func (e fieldElement) text(f Field) (Field, error) {
	f.Value, f.Multiline, f.MaxLength = e.InitialValue, e.Multiline, maxTyped
	if e.MinLength != nil {
		f.MinLength = *e.MinLength
	}
	if e.MaxLength != nil {
		f.MaxLength = *e.MaxLength
	}
	switch {
	case f.MinLength < 0 || f.MinLength > maxTyped:
		return Field{}, fmt.Errorf("min_length %d, 0 to %d", f.MinLength, maxTyped)
	case f.MaxLength < 1 || f.MaxLength > maxTyped:
		return Field{}, fmt.Errorf("max_length %d, 1 to %d", f.MaxLength, maxTyped)
	case f.MinLength > f.MaxLength:
		return Field{}, errors.New("min_length above max_length")
	case runes(f.Value) > maxTyped:
		return Field{}, fmt.Errorf("initial_value of more than %d characters", maxTyped)
	}
	return f, nil
}

func (e fieldElement) menu(f Field) (Field, error) {
	if (e.Options != nil) == (e.Groups != nil) {
		return Field{}, errors.New("either options or option_groups")
	}
	add := func(group string, options []optionObject) error {
		if n := len(options); n == 0 || n > maxOptions {
			return fmt.Errorf("%d options, 1 to %d", n, maxOptions)
		}
		for i, o := range options {
			if err := o.check(false); err != nil {
				return fmt.Errorf("options/%d: %w", i, err)
			}
			f.Options = append(f.Options, o.option(group))
		}
		return nil
	}
	if e.Options != nil {
		if err := add("", e.Options); err != nil {
			return Field{}, err
		}
	} else if n := len(e.Groups); n == 0 || n > maxOptions {
		return Field{}, fmt.Errorf("%d option_groups, 1 to %d", n, maxOptions)
	}
	for i, g := range e.Groups {
		if err := checkText(g.Label, maxOptionText, "plain_text"); err != nil {
			return Field{}, fmt.Errorf("option_groups/%d: label: %w", i, err)
		}
		if err := add(plain(g.Label), g.Options); err != nil {
			return Field{}, fmt.Errorf("option_groups/%d: %w", i, err)
		}
	}
	if e.InitialOption == nil {
		return f, nil
	}
	f.Value = e.InitialOption.Value
	if o, there := f.option(f.Value); !there || o.Text != plain(e.InitialOption.Text) {
		return Field{}, errors.New("initial_option is none of the options")
	}
	return f, nil
}

// check applies the limits. Only an overflow takes a url: elsewhere an empty
// one is refused too (slack-go/slack#587).
func (o optionObject) check(urls bool) error {
	if err := checkText(o.Text, maxOptionText, "plain_text"); err != nil {
		return fmt.Errorf("text: %w", err)
	}
	if n := runes(o.Value); n == 0 || n > maxOptionValue {
		return fmt.Errorf("value of %d characters, 1 to %d", n, maxOptionValue)
	}
	if len(o.Description) > 0 {
		if err := checkText(o.Description, maxOptionText, "plain_text"); err != nil {
			return fmt.Errorf("description: %w", err)
		}
	}
	switch {
	case o.URL == nil:
		return nil
	case !urls:
		return errors.New("url outside of an overflow")
	case runes(*o.URL) > maxOptionURL:
		return fmt.Errorf("url of more than %d characters", maxOptionURL)
	case !addressable(*o.URL):
		return errors.New("url is not an address")
	}
	return nil
}

// option is a choice that was checked.
func (o optionObject) option(group string) Option {
	option := Option{Group: group, Text: plain(o.Text), Value: o.Value, Description: plain(o.Description)}
	if o.URL != nil {
		option.URL = *o.URL
	}
	return option
}

// option finds one by its value.
func (f Field) option(value string) (Option, bool) {
	for _, o := range f.Options {
		if o.Value == value {
			return o, true
		}
	}
	return Option{}, false
}
