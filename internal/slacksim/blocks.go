package slacksim

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"unicode/utf8"
)

// Slack's limits, in characters unless said otherwise
// (docs.slack.dev/reference/block-kit).
const (
	maxMessageBlocks = 50
	maxViewBlocks    = 100
	maxElements      = 25 // of an actions block
	maxContext       = 10 // elements of a context block
	maxText          = 40000
	maxSection       = 3000
	maxFields        = 10
	maxField         = 2000
	maxHeader        = 150
	maxID            = 255 // block_id and action_id
	maxButtonText    = 75
	maxButtonURL     = 3000
	maxButtonValue   = 2000
	maxLabel         = 75 // accessibility_label
	maxAltText       = 2000
	maxConfirmTitle  = 100
	maxConfirmText   = 300
	maxConfirmButton = 30
	maxInputLabel    = 2000
	maxHint          = 2000
	maxPlaceholder   = 150
	maxTyped         = 3000 // characters of a text input
	maxOptions       = 100  // of a menu, of a group, and groups of a menu
	maxOptionText    = 75   // and the label of a group, and a description
	maxOptionValue   = 150  // the Node types still say 75
	maxOptionURL     = 3000
	maxOverflow      = 5 // options of an overflow
)

func runes(text string) int { return utf8.RuneCountInString(text) }

type textObject struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

type block struct {
	Type      string            `json:"type"`
	BlockID   string            `json:"block_id"`
	Text      json.RawMessage   `json:"text"`
	Fields    []json.RawMessage `json:"fields"`
	Elements  []json.RawMessage `json:"elements"`
	Element   json.RawMessage   `json:"element"`
	Accessory json.RawMessage   `json:"accessory"`
	ImageURL  string            `json:"image_url"`
	SlackFile json.RawMessage   `json:"slack_file"`
	AltText   string            `json:"alt_text"`
	Label     json.RawMessage   `json:"label"` // of an input, as the next two
	Hint      json.RawMessage   `json:"hint"`
	Optional  bool              `json:"optional"`
}

type element struct {
	Type     string          `json:"type"`
	ActionID string          `json:"action_id"`
	Text     json.RawMessage `json:"text"`
	URL      string          `json:"url"`
	Value    string          `json:"value"`
	Style    string          `json:"style"`
	Label    string          `json:"accessibility_label"`
	Confirm  *confirmObject  `json:"confirm"`
}

// layout is what the blocks of one message or view come to.
type layout struct {
	blocks  json.RawMessage // with the IDs that Slack adds; nil: none
	buttons []Button
	menus   []Menu  // outside of input blocks
	fields  []Field // of the input blocks
}

// checker walks the blocks of one message or view.
type checker struct {
	blockIDs, actionIDs map[string]bool
	layout
}

// checkBlocks applies the limits; null and absent blocks are none.
func checkBlocks(raw json.RawMessage, most int) (layout, error) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || string(raw) == "null" {
		return layout{}, nil
	}
	var list []json.RawMessage
	if err := json.Unmarshal(raw, &list); err != nil {
		return layout{}, errors.New("blocks is not an array")
	}
	if len(list) == 0 {
		return layout{}, nil
	}
	if len(list) > most {
		return layout{}, fmt.Errorf("%d blocks, at most %d", len(list), most)
	}
	c := checker{blockIDs: make(map[string]bool), actionIDs: make(map[string]bool)}
	for i := range list {
		full, err := c.block(list[i], i)
		if err != nil {
			return layout{}, fmt.Errorf("/blocks/%d: %w", i, err)
		}
		list[i] = full
	}
	var err error
	c.blocks, err = json.Marshal(list)
	return c.layout, err
}

func (c *checker) block(raw json.RawMessage, at int) (json.RawMessage, error) {
	var b block
	if err := json.Unmarshal(raw, &b); err != nil {
		return nil, errors.New("not a block object")
	}
	if runes(b.BlockID) > maxID {
		return nil, fmt.Errorf("block_id of more than %d characters", maxID)
	}
	if b.BlockID == "" {
		b.BlockID = "b" + strconv.Itoa(at)
		var err error
		if raw, err = with(raw, "block_id", json.RawMessage(quote(b.BlockID))); err != nil {
			return nil, err
		}
	}
	if c.blockIDs[b.BlockID] {
		return nil, errors.New("block_id used twice")
	}
	c.blockIDs[b.BlockID] = true
	if b.Type == "input" {
		return c.input(raw, b)
	}
	return raw, c.kind(b)
}

// kind checks what a block of its type holds. Types this simulator knows
// without their limits pass; types Slack doesn't have don't.
func (c *checker) kind(b block) error {
	switch b.Type {
	case "section":
		return c.section(b)
	case "header":
		return checkText(b.Text, maxHeader, "plain_text")
	case "actions":
		if n := len(b.Elements); n == 0 || n > maxElements {
			return fmt.Errorf("%d elements, 1 to %d", n, maxElements)
		}
		for i, raw := range b.Elements {
			if err := c.element(raw, b.BlockID); err != nil {
				return fmt.Errorf("elements/%d: %w", i, err)
			}
		}
		return nil
	case "context":
		return checkContext(b.Elements)
	case "image":
		return checkImage(b.ImageURL, b.SlackFile, b.AltText)
	case "divider", "rich_text", "markdown", "table", "video", "file", "context_actions":
		return nil
	}
	return fmt.Errorf("unsupported type %q", b.Type)
}

func (c *checker) section(b block) error {
	if len(b.Text) == 0 && len(b.Fields) == 0 {
		return errors.New("neither text nor fields")
	}
	if len(b.Text) > 0 {
		if err := checkText(b.Text, maxSection, "mrkdwn", "plain_text"); err != nil {
			return fmt.Errorf("text: %w", err)
		}
	}
	if len(b.Fields) > maxFields {
		return fmt.Errorf("%d fields, at most %d", len(b.Fields), maxFields)
	}
	for i, raw := range b.Fields {
		if err := checkText(raw, maxField, "mrkdwn", "plain_text"); err != nil {
			return fmt.Errorf("fields/%d: %w", i, err)
		}
	}
	if len(b.Accessory) > 0 {
		if err := c.element(b.Accessory, b.BlockID); err != nil {
			return fmt.Errorf("accessory: %w", err)
		}
	}
	return nil
}

func checkContext(elements []json.RawMessage) error {
	if n := len(elements); n == 0 || n > maxContext {
		return fmt.Errorf("%d elements, 1 to %d", n, maxContext)
	}
	for i, raw := range elements {
		var image block
		if json.Unmarshal(raw, &image) == nil && image.Type == "image" {
			if err := checkImage(image.ImageURL, image.SlackFile, image.AltText); err != nil {
				return fmt.Errorf("elements/%d: %w", i, err)
			}
			continue
		}
		if err := checkText(raw, maxSection, "mrkdwn", "plain_text"); err != nil {
			return fmt.Errorf("elements/%d: %w", i, err)
		}
	}
	return nil
}

func checkImage(address string, file json.RawMessage, alt string) error {
	switch {
	case address == "" && len(file) == 0:
		return errors.New("neither image_url nor slack_file")
	case runes(address) > maxButtonURL:
		return fmt.Errorf("image_url of more than %d characters", maxButtonURL)
	case alt == "" || runes(alt) > maxAltText:
		return fmt.Errorf("alt_text of %d characters, 1 to %d", runes(alt), maxAltText)
	}
	return nil
}

func checkText(raw json.RawMessage, most int, kinds ...string) error {
	var t textObject
	if len(raw) == 0 || json.Unmarshal(raw, &t) != nil {
		return errors.New("not a text object")
	}
	if n := runes(t.Text); n == 0 || n > most {
		return fmt.Errorf("%d characters, 1 to %d", n, most)
	}
	for _, kind := range kinds {
		if t.Type == kind {
			return nil
		}
	}
	return fmt.Errorf("text type %q not allowed here", t.Type)
}

// with sets a member of a JSON object.
func with(raw json.RawMessage, name string, value json.RawMessage) (json.RawMessage, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return nil, err
	}
	members[name] = value
	return json.Marshal(members)
}

// addressable reports whether Slack takes it as the address of a button.
func addressable(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme != "" && (u.Host != "" || u.Opaque != "")
}
