package slacksim

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
)

// interactive reports whether Slack has such an element, or such an accessory.
// Of all but the button, the overflow, the text input and the two menus of
// inputs.go only the action_id and the dialog are checked.
func interactive(kind string) bool {
	switch kind {
	case "button", "workflow_button", "overflow", "checkboxes", "radio_buttons", "image",
		"datepicker", "datetimepicker", "timepicker",
		"static_select", "external_select", "users_select", "conversations_select", "channels_select",
		"multi_static_select", "multi_external_select", "multi_users_select",
		"multi_conversations_select", "multi_channels_select",
		"plain_text_input", "rich_text_input", "number_input", "email_text_input", "url_text_input":
		return true
	}
	return false
}

// identify checks what all elements have.
func (c *checker) identify(raw json.RawMessage) (element, error) {
	var e element
	if len(raw) == 0 || json.Unmarshal(raw, &e) != nil {
		return element{}, errors.New("not an element object")
	}
	if !interactive(e.Type) {
		return element{}, fmt.Errorf("unsupported element type %q", e.Type)
	}
	if runes(e.ActionID) > maxID {
		return element{}, fmt.Errorf("action_id of more than %d characters", maxID)
	}
	if e.ActionID != "" {
		if c.actionIDs[e.ActionID] {
			return element{}, errors.New("action_id used twice")
		}
		c.actionIDs[e.ActionID] = true
	}
	return e, nil
}

// element checks what stands in an actions block or beside a section, and
// keeps what a person can use of it.
func (c *checker) element(raw json.RawMessage, blockID string) error {
	e, err := c.identify(raw)
	if err != nil {
		return err
	}
	confirm, err := e.Confirm.read()
	if err != nil {
		return err
	}
	switch e.Type {
	case "button":
		return c.button(e, confirm, blockID)
	case MenuOverflow, MenuSelect:
		return c.menu(raw, e, confirm, blockID)
	}
	_, err = checkField(raw)
	return err
}

func (c *checker) button(e element, confirm *Confirm, blockID string) error {
	if err := checkButton(e); err != nil {
		return err
	}
	if e.ActionID == "" { // Slack makes one up
		e.ActionID = "a" + strconv.Itoa(len(c.buttons))
	}
	c.buttons = append(c.buttons, Button{
		ActionID: e.ActionID, BlockID: blockID, Text: plain(e.Text), URL: e.URL, Value: e.Value,
		Style: e.Style, AccessibilityLabel: e.Label, Confirm: confirm,
	})
	return nil
}

func checkButton(e element) error {
	if err := checkText(e.Text, maxButtonText, "plain_text"); err != nil {
		return fmt.Errorf("text: %w", err)
	}
	switch {
	case runes(e.URL) > maxButtonURL:
		return fmt.Errorf("url of more than %d characters", maxButtonURL)
	case e.URL != "" && !addressable(e.URL):
		return errors.New("url is not an address")
	case runes(e.Value) > maxButtonValue:
		return fmt.Errorf("value of more than %d characters", maxButtonValue)
	case runes(e.Label) > maxLabel:
		return fmt.Errorf("accessibility_label of more than %d characters", maxLabel)
	case !styled(e.Style):
		return fmt.Errorf("unknown style %q", e.Style)
	}
	return nil
}
