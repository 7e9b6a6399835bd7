package slacksim

import (
	"encoding/json"
	"errors"
	"fmt"
)

// ErrNoConfirm: the button or the menu has no dialog that a person could
// decline.
var ErrNoConfirm = errors.New("slacksim: no dialog to decline")

// Confirm is the dialog that Slack's client shows before a button or a menu
// has its effect.
type Confirm struct {
	Title, Text  string
	Accept, Deny string // the labels of its two buttons
	Style        string // of the accepting one: primary, danger, or empty
}

type confirmObject struct {
	Title   json.RawMessage `json:"title"`
	Text    json.RawMessage `json:"text"`
	Confirm json.RawMessage `json:"confirm"`
	Deny    json.RawMessage `json:"deny"`
	Style   string          `json:"style"`
}

// read checks the dialog; nil where there is none.
func (c *confirmObject) read() (*Confirm, error) {
	if c == nil {
		return nil, nil
	}
	parts := []struct {
		name  string
		raw   json.RawMessage
		most  int
		kinds []string
	}{
		{"title", c.Title, maxConfirmTitle, []string{"plain_text"}},
		{"text", c.Text, maxConfirmText, []string{"plain_text", "mrkdwn"}},
		{"confirm", c.Confirm, maxConfirmButton, []string{"plain_text"}},
		{"deny", c.Deny, maxConfirmButton, []string{"plain_text"}},
	}
	for _, part := range parts {
		if err := checkText(part.raw, part.most, part.kinds...); err != nil {
			return nil, fmt.Errorf("confirm %s: %w", part.name, err)
		}
	}
	if !styled(c.Style) {
		return nil, fmt.Errorf("confirm: unknown style %q", c.Style)
	}
	return &Confirm{
		Title: plain(c.Title), Text: plain(c.Text), Accept: plain(c.Confirm), Deny: plain(c.Deny), Style: c.Style,
	}, nil
}

// styled reports whether Slack has such a style of a button.
func styled(style string) bool { return style == "" || style == "primary" || style == "danger" }
