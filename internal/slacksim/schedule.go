package slacksim

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"sync"
	"time"
)

// ErrNoScheduled: no message with that scheduled_message_id waits.
var ErrNoScheduled = errors.New("slacksim: no such scheduled message")

// Slack's limits of chat.scheduleMessage and chat.deleteScheduledMessage
// (docs.slack.dev/reference/methods).
const (
	maxAhead       = 120 * 24 * time.Hour
	scheduleWindow = 5 * time.Minute
	maxPerWindow   = 30 // messages to one channel
	deleteMargin   = time.Minute
)

// Scheduled is a message that waits for its time.
type Scheduled struct {
	ID        string // scheduled_message_id, Q…
	UserID    string // whose direct message it will be; empty: it goes to a channel
	ChannelID string
	Text      string
	Blocks    json.RawMessage // as the app sent them
	At        time.Time

	timer *time.Timer
}

type schedule struct {
	mu   sync.Mutex
	byID map[string]Scheduled
}

func newSchedule() *schedule { return &schedule{byID: make(map[string]Scheduled)} }

// stop forgets all that waits.
func (b *schedule) stop() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, m := range b.byID {
		m.timer.Stop()
	}
	clear(b.byID)
}

// take takes a message out, where ready accepts it.
func (b *schedule) take(id string, ready func(Scheduled) bool) (Scheduled, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	m, known := b.byID[id]
	if !known || !ready(m) {
		return Scheduled{}, false
	}
	m.timer.Stop()
	delete(b.byID, id)
	return m, true
}

// crowded reports whether one more message to a channel would be too many in
// some five minutes. Under the lock.
func (b *schedule) crowded(channel string, at time.Time) bool {
	times := []time.Time{at}
	for _, m := range b.byID {
		if m.ChannelID == channel && m.At.Sub(at).Abs() < scheduleWindow {
			times = append(times, m.At)
		}
	}
	slices.SortFunc(times, time.Time.Compare)
	for i := maxPerWindow; i < len(times); i++ {
		if times[i].Sub(times[i-maxPerWindow]) < scheduleWindow {
			return true
		}
	}
	return false
}

// Scheduled returns the messages that wait, the next one first.
func (s *Server) Scheduled() []Scheduled {
	b := s.waiting
	b.mu.Lock()
	defer b.mu.Unlock()
	list := make([]Scheduled, 0, len(b.byID))
	for _, m := range b.byID {
		list = append(list, m)
	}
	slices.SortFunc(list, func(x, y Scheduled) int { return x.At.Compare(y.At) })
	return list
}

// PostScheduled posts a message as if its time had come. It fails with
// ErrNoScheduled, also where the app can't write there any more.
func (s *Server) PostScheduled(id string) (Message, error) {
	m, known := s.waiting.take(id, func(Scheduled) bool { return true })
	if known {
		if shown, code := s.due(m); code == "" {
			return shown, nil
		}
	}
	return Message{}, ErrNoScheduled
}

// due shows a message whose time has come. What Slack does where the app has
// left the channel meanwhile is not documented: here nobody sees it.
func (s *Server) due(m Scheduled) (Message, slackError) {
	message, code := s.addressed(m.ChannelID, SourceSchedule)
	if code != "" {
		s.history.add(Record{Kind: KindUnscheduled, Method: SourceSchedule, UserID: m.UserID, ChannelID: m.ChannelID, Note: m.ID})
		return Message{}, code
	}
	shown, _, code := s.show(message, content{Text: m.Text, Blocks: m.Blocks})
	return shown, code
}

func (s *Server) chatScheduleMessage(c *call) ([]byte, slackError) {
	message, code := s.addressed(c.params.Get("channel"), SourceSchedule)
	if code != "" {
		return nil, code
	}
	seconds, err := strconv.ParseInt(c.params.Get("post_at"), 10, 64)
	at := time.Unix(seconds, 0)
	switch ahead := time.Until(at); {
	case err != nil:
		return nil, "invalid_time"
	case ahead <= 0:
		return nil, "time_in_past"
	case ahead > maxAhead:
		return nil, "time_too_far"
	}
	said := c.content()
	l, refusal, code := s.check(said, message, c.method)
	if code != "" {
		return refusal, code
	}
	m := Scheduled{
		ID: s.slackID("Q"), UserID: message.UserID, ChannelID: message.ChannelID, Text: said.Text, Blocks: said.Blocks, At: at,
	}
	if !s.keepScheduled(m) {
		return nil, "restricted_too_many"
	}
	s.history.add(Record{Kind: KindScheduled, Method: c.method, UserID: m.UserID, ChannelID: m.ChannelID, Note: m.ID})
	preview := object{"type": "delayed_message", "bot_id": "B0STUDIO", "text": m.Text}
	if l.blocks != nil {
		preview["blocks"] = l.blocks
	}
	// The documentation shows post_at as a string, Slack's Node types have the
	// number that others get.
	body, _ := json.Marshal(object{
		"ok": true, "channel": m.ChannelID, "scheduled_message_id": m.ID, "post_at": seconds, "message": preview,
	}) // strings and checked blocks always marshal
	return body, ""
}

// keepScheduled lets a message wait, unless there are too many.
func (s *Server) keepScheduled(m Scheduled) bool {
	b := s.waiting
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.crowded(m.ChannelID, m.At) {
		return false
	}
	m.timer = time.AfterFunc(time.Until(m.At), func() {
		if due, there := b.take(m.ID, func(Scheduled) bool { return !s.closed() }); there {
			_, _ = s.due(due) // recorded
		}
	})
	b.byID[m.ID] = m
	return true
}

// chatDeleteScheduledMessage takes a message back, until a minute before its
// time.
func (s *Server) chatDeleteScheduledMessage(c *call) ([]byte, slackError) {
	channel := c.params.Get("channel")
	place, code := s.addressed(channel, SourceSchedule)
	if code == "channel_not_found" {
		return nil, code
	}
	m, taken := s.waiting.take(c.params.Get("scheduled_message_id"), func(m Scheduled) bool {
		return m.ChannelID == or(place.ChannelID, channel) && time.Until(m.At) > deleteMargin
	})
	if !taken {
		return nil, "invalid_scheduled_message_id"
	}
	s.history.add(Record{Kind: KindUnscheduled, Method: c.method, UserID: m.UserID, ChannelID: m.ChannelID, Note: m.ID})
	return []byte(`{"ok":true}`), ""
}
