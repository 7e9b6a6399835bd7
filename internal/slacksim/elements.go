package slacksim

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
)

// interactive reports whether Slack has such an element, or such an accessory.
// Of all but the button, the text input and the two menus of inputs.go only
// the action_id is checked.
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

func (c *checker) element(raw json.RawMessage, blockID string) error {
	var e element
	if len(raw) == 0 || json.Unmarshal(raw, &e) != nil {
		return errors.New("not an element object")
	}
	if !interactive(e.Type) {
		return fmt.Errorf("unsupported element type %q", e.Type)
	}
	if runes(e.ActionID) > maxID {
		return fmt.Errorf("action_id of more than %d characters", maxID)
	}
	if e.ActionID != "" {
		if c.actionIDs[e.ActionID] {
			return errors.New("action_id used twice")
		}
		c.actionIDs[e.ActionID] = true
	}
	if e.Type != "button" {
		_, err := checkField(raw)
		return err
	}
	if err := checkButton(e); err != nil {
		return err
	}
	if e.ActionID == "" { // Slack makes one up
		e.ActionID = "a" + strconv.Itoa(len(c.buttons))
	}
	var text textObject
	_ = json.Unmarshal(e.Text, &text) // checkButton has read it
	c.buttons = append(c.buttons, Button{
		ActionID: e.ActionID, BlockID: blockID, Text: text.Text, URL: e.URL, Value: e.Value,
		Style: e.Style, AccessibilityLabel: e.Label,
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
	case e.Style != "" && e.Style != "primary" && e.Style != "danger":
		return fmt.Errorf("unknown style %q", e.Style)
	case e.Confirm == nil:
		return nil
	}
	parts := []struct {
		name  string
		raw   json.RawMessage
		most  int
		kinds []string
	}{
		{"title", e.Confirm.Title, maxConfirmTitle, []string{"plain_text"}},
		{"text", e.Confirm.Text, maxConfirmText, []string{"plain_text", "mrkdwn"}},
		{"confirm", e.Confirm.Confirm, maxConfirmButton, []string{"plain_text"}},
		{"deny", e.Confirm.Deny, maxConfirmButton, []string{"plain_text"}},
	}
	for _, part := range parts {
		if err := checkText(part.raw, part.most, part.kinds...); err != nil {
			return fmt.Errorf("confirm %s: %w", part.name, err)
		}
	}
	return nil
}
