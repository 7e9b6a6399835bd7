package slacksim

import (
	"errors"
	"slices"
	"strings"
	"sync"
)

// ErrNotInChannel: the person is not in the channel, or there is none.
var ErrNotInChannel = errors.New("slacksim: not in the channel")

// general is the channel that is always there, with everybody and the app in
// it, unless AddChannel replaces it.
const general = "C0GENERAL"

// Channel is a channel with members. (Direct messages need none.)
type Channel struct {
	ID        string // C…
	Name      string
	Private   bool
	Archived  bool
	Members   []string // user IDs
	BotMember bool     // the app is in it

	everybody bool // is a member
}

type channelBook struct {
	mu   sync.RWMutex
	byID map[string]Channel
}

func newChannelBook() *channelBook {
	return &channelBook{byID: map[string]Channel{general: {ID: general, Name: "general", BotMember: true, everybody: true}}}
}

// AddChannel adds or replaces a channel without telling the app. Messages in
// it stay.
func (s *Server) AddChannel(c Channel) {
	c.Name, c.Members = or(c.Name, strings.ToLower(c.ID)), slices.Clone(c.Members)
	s.channels.mu.Lock()
	defer s.channels.mu.Unlock()
	s.channels.byID[c.ID] = c
}

// Channel returns a channel; its members are a copy.
func (s *Server) Channel(id string) (Channel, bool) {
	c, known := s.channels.get(id)
	c.Members = slices.Clone(c.Members)
	return c, known
}

func (b *channelBook) get(id string) (Channel, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	c, known := b.byID[id]
	return c, known
}

func (c Channel) has(userID string) bool { return c.everybody || slices.Contains(c.Members, userID) }

// shows reports whether a person sees what is said in a channel. A command can
// be typed in channels that nobody added: everybody sees those.
func (b *channelBook) shows(id, userID string) bool {
	c, known := b.get(id)
	return !known || c.has(userID)
}

// postable says why the app can't write in a channel. Slack doesn't tell of a
// private one that the app isn't in.
func (s *Server) postable(id string) slackError {
	c, known := s.channels.get(id)
	switch {
	case !known, c.Private && !c.BotMember:
		return "channel_not_found"
	case c.Archived:
		return "is_archived"
	case !c.BotMember && !slices.Contains(s.o.Scopes, "chat:write.public"):
		return "not_in_channel"
	}
	return ""
}

// channelName is what payloads call a channel.
func (s *Server) channelName(id string) string {
	c, known := s.channels.get(id)
	switch {
	case strings.HasPrefix(id, "D"):
		return "directmessage"
	case !known:
		return "general"
	case c.Private:
		return "privategroup"
	}
	return c.Name
}

// Say lets a person write in a channel that AddChannel made, or in #general.
// The app hears nothing of it and can't change it. It fails with
// ErrNotInChannel.
func (s *Server) Say(userID, channelID, text string) (Message, error) {
	if c, known := s.channels.get(channelID); !known || !c.has(userID) || c.Archived {
		return Message{}, ErrNotInChannel
	}
	m := s.inbox.add(Message{ChannelID: channelID, Author: userID, Text: text, Source: SourcePerson, TS: s.stamp()})
	s.history.add(Record{Kind: KindShown, Method: m.Source, UserID: userID, ChannelID: channelID, Note: m.ID})
	return m, nil
}
