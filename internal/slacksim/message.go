package slacksim

import (
	"encoding/json"
	"sort"
	"strconv"
	"sync"
)

// Where a Message came from.
const (
	SourceAck           = "ack"
	SourceResponseURL   = "response_url"
	SourcePostMessage   = "chat.postMessage"
	SourcePostEphemeral = "chat.postEphemeral"
	SourcePerson        = "person" // see Server.Say
	// SourceUpdate is the Method of the record of a message that was replaced.
	SourceUpdate = "chat.update"
	// SourceSchedule: chat.scheduleMessage, when its time had come.
	SourceSchedule = "chat.scheduleMessage"
)

// keptMessages is how many messages of one person, and of all channels
// together, are kept; older ones are forgotten.
const keptMessages = 500

// Message is one message, as somebody sees it.
type Message struct {
	ID        string
	UserID    string // whose it is; empty: everybody in the channel sees it
	ChannelID string
	Author    string // empty: the app
	Ephemeral bool
	Text      string
	// Blocks is as the app sent it, with the block_id that Slack adds where the
	// app left it out.
	Blocks   json.RawMessage
	TS       string
	Replaced int // how many times it was replaced
	Deleted  bool
	Source   string

	buttons []Button
	menus   []Menu
	picks   picks
	order   int
}

// Button is a button of a message or a Home.
type Button struct {
	ActionID, BlockID, Text, URL, Value, Style, AccessibilityLabel string

	Confirm *Confirm // nil: the press has its effect at once
}

// Buttons returns the buttons of the message from top to bottom; the index is
// what Press takes.
func (m Message) Buttons() []Button { return append([]Button(nil), m.buttons...) }

// Menus returns the menus of the message from top to bottom, counted apart
// from its buttons; the index is what Choose takes.
func (m Message) Menus() []Menu { return cloned(m.menus) }

// content is what an app sends to be shown.
type content struct {
	ResponseType    string          `json:"response_type"`
	Text            string          `json:"text"`
	Blocks          json.RawMessage `json:"blocks"`
	ReplaceOriginal bool            `json:"replace_original"`
	DeleteOriginal  bool            `json:"delete_original"`
}

type inbox struct {
	mu      sync.Mutex
	byID    map[string]*Message
	byPlace map[string]*Message   // by channel and timestamp
	lists   map[string][]*Message // by person; "" is what everybody sees
	owners  map[string]string     // of DM channels
	counter int
}

func newInbox() *inbox {
	return &inbox{
		byID: make(map[string]*Message), byPlace: make(map[string]*Message), lists: make(map[string][]*Message),
		owners: make(map[string]string),
	}
}

func place(channelID, ts string) string { return channelID + " " + ts }

// add keeps a new message and gives it its ID.
func (b *inbox) add(m Message) Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.counter++
	m.order, m.ID = b.counter, "M"+strconv.Itoa(b.counter)
	kept := m
	b.byID[m.ID], b.byPlace[place(m.ChannelID, m.TS)] = &kept, &kept
	list := append(b.lists[m.UserID], &kept)
	if len(list) > 2*keptMessages {
		for _, old := range list[:keptMessages] {
			delete(b.byID, old.ID)
			delete(b.byPlace, place(old.ChannelID, old.TS))
		}
		list = append([]*Message(nil), list[keptMessages:]...)
	}
	b.lists[m.UserID] = list
	return m
}

// update changes a message that is still there.
func (b *inbox) update(id string, change func(*Message)) (Message, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	m, known := b.byID[id]
	if !known || m.Deleted {
		return Message{}, false
	}
	change(m)
	return *m, true
}

func (b *inbox) get(id string) (Message, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	m, known := b.byID[id]
	if !known {
		return Message{}, false
	}
	return *m, true
}

func (b *inbox) at(channelID, ts string) (Message, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	m, known := b.byPlace[place(channelID, ts)]
	if !known {
		return Message{}, false
	}
	return *m, true
}

func (b *inbox) open(channel, userID string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.owners[channel] = userID
}

func (b *inbox) owner(channel string) (string, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	userID, known := b.owners[channel]
	return userID, known
}

// Messages returns what a person sees now, oldest first: what only they see,
// their direct messages with the app, and what was said in their channels (in
// all of them for the empty ID). Only the latest few hundred are kept. Deleted
// ones are gone, see Message.
func (s *Server) Messages(userID string) []Message {
	b := s.inbox
	b.mu.Lock()
	defer b.mu.Unlock()
	var seen []Message
	collect := func(list []*Message) {
		for _, m := range list {
			if !m.Deleted && (userID == "" || m.UserID != "" || s.channels.shows(m.ChannelID, userID)) {
				seen = append(seen, *m)
			}
		}
	}
	collect(b.lists[""])
	if userID != "" {
		collect(b.lists[userID])
	}
	sort.Slice(seen, func(i, j int) bool { return seen[i].order < seen[j].order })
	return seen
}

// Message returns one message as it is now, deleted or not.
func (s *Server) Message(id string) (Message, bool) { return s.inbox.get(id) }

// show checks what the app wants to say and lets people see it. A refusal may
// come with a body for the Web API.
func (s *Server) show(m Message, c content) (Message, []byte, slackError) {
	l, refusal, code := s.check(c, m, m.Source)
	if code != "" {
		return Message{}, refusal, code
	}
	m.Text, m.Blocks, m.buttons, m.menus, m.TS = c.Text, l.blocks, l.buttons, l.menus, s.stamp()
	m = s.inbox.add(m)
	s.history.add(Record{Kind: KindShown, Method: m.Source, UserID: m.UserID, ChannelID: m.ChannelID, Note: m.ID})
	return m, nil, ""
}

// replace puts something else in the place of a message.
func (s *Server) replace(id string, c content, method string) (Message, []byte, slackError) {
	m, known := s.inbox.get(id)
	if !known || m.Deleted {
		return Message{}, nil, "message_not_found"
	}
	l, refusal, code := s.check(c, m, method)
	if code != "" {
		return Message{}, refusal, code
	}
	m, there := s.inbox.update(id, func(m *Message) {
		m.Text, m.Blocks, m.buttons, m.menus = c.Text, l.blocks, l.buttons, l.menus
		m.Replaced++
	})
	if !there {
		return Message{}, nil, "message_not_found"
	}
	s.history.add(Record{Kind: KindReplaced, Method: method, UserID: m.UserID, ChannelID: m.ChannelID, Note: id})
	return m, nil, ""
}

func (s *Server) remove(id, method string) slackError {
	m, there := s.inbox.update(id, func(m *Message) { m.Deleted = true })
	if !there {
		return "message_not_found"
	}
	s.history.add(Record{Kind: KindDeleted, Method: method, UserID: m.UserID, ChannelID: m.ChannelID, Note: id})
	return ""
}

func (s *Server) check(c content, m Message, method string) (layout, []byte, slackError) {
	var refusal []byte
	code, note := slackError(""), ""
	l, err := checkBlocks(c.Blocks, maxMessageBlocks)
	switch {
	case err != nil:
		code, note = "invalid_blocks", err.Error()
		refusal = faulty(code, note)
	case runes(c.Text) > maxText:
		code, note = "msg_too_long", "text of more than 40000 characters"
	case c.Text == "" && len(l.blocks) == 0:
		code, note = "no_text", "neither text nor blocks"
	}
	if code != "" {
		s.history.add(Record{Kind: KindRefused, Method: method, UserID: m.UserID, ChannelID: m.ChannelID, Note: note})
	}
	return l, refusal, code
}

// faulty is an error with what is wrong, where Slack says that.
func faulty(code slackError, what string) []byte {
	body, _ := json.Marshal(object{
		"ok": false, "error": code, "response_metadata": object{"messages": []string{"[ERROR] " + what}},
	}) // strings always marshal
	return body
}
