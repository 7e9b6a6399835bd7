package slacksim

import (
	"context"
	"slices"
	"sync"
	"time"
)

const (
	maxSockets = 10
	// keptEnvelopes is how many envelopes stay known, for second
	// acknowledgements and for Redeliver.
	keptEnvelopes = 20_000
	ticketTTL     = time.Minute
)

// switchboard holds what belongs to the sockets: the open ones, the tickets
// that open one, and the envelopes that went out.
type switchboard struct {
	mu        sync.Mutex
	tickets   map[string]time.Time
	triggers  map[string]*trigger
	trigOrder []string
	sockets   []*socket // in the order they opened
	turn      int
	opened    int // sockets so far
	envelopes map[string]*envelope
	order     []string // of envelopes, oldest first
	orphans   map[*Pending]struct{}
	waiting   map[*Pending]struct{} // not settled
	pendings  uint64
	muted     bool // no pings
	shut      bool
	changed   chan struct{} // closed when a socket opens or ends
}

type trigger struct {
	userID  string
	expires time.Time
	used    bool
}

func newSwitchboard() *switchboard {
	return &switchboard{
		tickets: make(map[string]time.Time), triggers: make(map[string]*trigger),
		envelopes: make(map[string]*envelope), orphans: make(map[*Pending]struct{}),
		waiting: make(map[*Pending]struct{}), changed: make(chan struct{}),
	}
}

// close lets no further socket in and ends every wait.
func (b *switchboard) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.shut = true
	for p := range b.waiting {
		b.settle(p, Answer{EnvelopeID: p.env.id, Error: ErrorClosed})
	}
}

func (b *switchboard) ticket(now time.Time) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	for t, expires := range b.tickets {
		if now.After(expires) {
			delete(b.tickets, t)
		}
	}
	t := secret()
	b.tickets[t] = now.Add(ticketTTL)
	return t
}

// useTicket reports whether the ticket opens a socket; it does so once.
func (b *switchboard) useTicket(t string, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	expires, known := b.tickets[t]
	delete(b.tickets, t)
	return known && now.Before(expires)
}

// keepTrigger remembers a trigger_id until it expires.
func (b *switchboard) keepTrigger(id, userID string, expires time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	for len(b.trigOrder) > 0 {
		// Expired ones stay a minute, so that their use gets the right error.
		if old := b.triggers[b.trigOrder[0]]; now.Sub(old.expires) < time.Minute && len(b.trigOrder) < keptEnvelopes {
			break
		}
		delete(b.triggers, b.trigOrder[0])
		b.trigOrder = b.trigOrder[1:]
	}
	b.triggers[id] = &trigger{userID: userID, expires: expires}
	b.trigOrder = append(b.trigOrder, id)
}

// useTrigger takes a trigger_id and returns whose it is.
func (b *switchboard) useTrigger(id string) (userID string, _ slackError) {
	b.mu.Lock()
	defer b.mu.Unlock()
	t, known := b.triggers[id]
	switch {
	case !known:
		return "", "invalid_trigger_id"
	case t.used:
		return "", "exchanged_trigger_id"
	case time.Now().After(t.expires):
		return "", "expired_trigger_id"
	}
	t.used = true
	return t.userID, ""
}

// join adds a socket and calls start, unless the switchboard is shut. It
// returns how many there are; of more than maxSockets this one is not kept.
func (b *switchboard) join(k *socket, start func()) (open int, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.shut {
		return 0, false
	}
	b.opened++
	k.id = b.opened
	start()
	if open = len(b.sockets) + 1; open <= maxSockets {
		b.sockets = append(b.sockets, k)
	}
	return open, true
}

func (b *switchboard) announce() {
	close(b.changed)
	b.changed = make(chan struct{})
}

// open returns the sockets that take envelopes.
func (b *switchboard) open() []*socket {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(b.sockets), func(k *socket) bool { return !k.ready || k.closing })
}

// pick returns the next open socket in turn, nil where there is none.
func (b *switchboard) pick() *socket {
	for range b.sockets {
		k := b.sockets[b.turn%len(b.sockets)]
		b.turn++
		if k.ready && !k.closing {
			return k
		}
	}
	return nil
}

// Connections counts the sockets that take envelopes.
func (s *Server) Connections() int { return len(s.board.open()) }

// WaitConnections waits until at least n sockets are open, or none for n = 0.
func (s *Server) WaitConnections(ctx context.Context, n int) error {
	for {
		s.board.mu.Lock()
		changed := s.board.changed
		s.board.mu.Unlock()
		if open := s.Connections(); open >= n && (n > 0 || open == 0) {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		case <-s.quit.Done():
			return ErrClosed
		}
	}
}
