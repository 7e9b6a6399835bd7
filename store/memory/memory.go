// Package memory keeps everything that a store does in this process. It is the
// default store: one copy of studiobot, nothing to run beside it, and a restart
// makes every live link useless and forgets the table, the requests, who opened
// what, and who is to be reminded or told something. It is bounded, and lets go of what has expired by itself.
//
// memory.go is the contract of launch.Store. Each of the other files is one of
// the others and has a lock of its own, so that nothing holds up tickets.
package memory

import (
	"container/heap"
	"context"
	"crypto/rand"
	"sync"
	"time"

	"github.com/studiobot/studiobot/launch"
	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/notify"
	"github.com/studiobot/studiobot/requests"
	"github.com/studiobot/studiobot/studio"
)

const (
	// DefaultLimit is how many tickets are kept at most: at 2 minutes a link,
	// more than 800 commands a second for as long as they last.
	DefaultLimit = 100_000
	// denialLimit bounds the people with denials. Each is an act of an operator
	// or a change in Slack, so this is a backstop.
	denialLimit = 100_000
	// linger is how long an expired ticket is still known, so that its page can
	// say "expired" or "already used".
	linger = 30 * time.Second
)

// Options is what a Store is made of. The zero value is fine.
type Options struct {
	// Limit is the most tickets kept; zero: DefaultLimit.
	Limit int
}

// Store implements launch.Store, mapping.Links, mapping.Copies, requests.Store
// and notify.Store, notes what was opened, and gives out leases.
type Store struct {
	key   []byte
	limit int

	links    table
	requests requestTable
	copies   shelf
	openings openings
	notices  notices
	leases   leases

	mu      sync.Mutex // guards the rest
	tickets map[string]*entry
	queue   queue // the same entries, soonest to go first
	denials map[studio.Person]map[string]launch.Denial
	sweep   *time.Timer // at the time of queue[0]; nil while the queue is empty
	closed  bool
}

var (
	_ launch.Store   = (*Store)(nil)
	_ mapping.Links  = (*Store)(nil)
	_ mapping.Copies = (*Store)(nil)
	_ requests.Store = (*Store)(nil)
	_ notify.Store   = (*Store)(nil)
)

type entry struct {
	ticket launch.Ticket
	goes   time.Time
}

// New returns an empty store with a key of its own. Close stops its timer.
func New(o Options) *Store {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails, see crypto/rand
	if o.Limit <= 0 {
		o.Limit = DefaultLimit
	}
	return &Store{
		key: key, limit: o.Limit, tickets: map[string]*entry{}, denials: map[studio.Person]map[string]launch.Denial{},
		links: table{limit: linkLimit}, copies: shelf{limit: copyLimit}, openings: openings{limit: openedLimit},
	}
}

// Close lets go of everything. Writes after it fail.
func (s *Store) Close() error {
	s.links.close()
	s.requests.close()
	s.copies.close()
	s.openings.close()
	s.notices.close()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	if s.sweep != nil {
		s.sweep.Stop()
	}
	s.tickets, s.queue, s.denials = nil, nil, nil
	return nil
}

// Key implements launch.Store.
func (s *Store) Key(context.Context) ([]byte, error) { return append([]byte(nil), s.key...), nil }

// Ping implements launch.Store.
func (s *Store) Ping(context.Context) error { return nil }

// Create implements launch.Tickets.
func (s *Store) Create(_ context.Context, t launch.Ticket) (launch.Ticket, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.tickets[t.ID]; e != nil {
		return e.ticket.Clone(), false, nil
	}
	if len(s.tickets) >= s.limit {
		s.letGo(time.Now())
	}
	if s.closed || len(s.tickets) >= s.limit {
		return launch.Ticket{}, false, launch.ErrFull
	}
	e := &entry{ticket: t.Clone(), goes: t.Expires.Add(linger)}
	s.tickets[t.ID] = e
	heap.Push(&s.queue, e)
	if s.queue[0] == e {
		s.schedule()
	}
	return t, true, nil
}

// Load implements launch.Tickets.
func (s *Store) Load(_ context.Context, id string) (launch.Ticket, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.tickets[id]
	if e == nil {
		return launch.Ticket{}, launch.ErrNotFound
	}
	return e.ticket.Clone(), nil
}

// Update implements launch.Tickets.
func (s *Store) Update(_ context.Context, id string, change func(*launch.Ticket) error) (launch.Ticket, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.tickets[id]
	if e == nil {
		return launch.Ticket{}, launch.ErrNotFound
	}
	t := e.ticket.Clone()
	if err := change(&t); err != nil {
		return t, err
	}
	e.ticket = t.Clone()
	return t, nil
}

// Deny implements launch.Denials.
func (s *Store) Deny(_ context.Context, p studio.Person, d launch.Denial) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return launch.ErrFull
	}
	if s.denials[p] == nil {
		if len(s.denials) >= denialLimit {
			s.forgetDenials(time.Now())
		}
		if len(s.denials) >= denialLimit {
			return launch.ErrFull
		}
		s.denials[p] = map[string]launch.Denial{}
	}
	if earlier, there := s.denials[p][d.Reason]; there {
		d = d.With(earlier, time.Now())
	}
	s.denials[p][d.Reason] = d
	return nil
}

// Lift implements launch.Denials.
func (s *Store) Lift(_ context.Context, p studio.Person, reason string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.denials[p], reason)
	if len(s.denials[p]) == 0 {
		delete(s.denials, p)
	}
	return nil
}

// Denied implements launch.Denials.
func (s *Store) Denied(_ context.Context, p studio.Person) ([]launch.Denial, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	var out []launch.Denial
	for _, d := range s.denials[p] {
		if d.Until.IsZero() || now.Before(d.Until) {
			out = append(out, d)
		}
	}
	return out, nil
}

// forgetDenials drops those that are over. s.mu is held.
func (s *Store) forgetDenials(now time.Time) {
	for p, ds := range s.denials {
		for reason, d := range ds {
			if !d.Until.IsZero() && !now.Before(d.Until) {
				delete(ds, reason)
			}
		}
		if len(ds) == 0 {
			delete(s.denials, p)
		}
	}
}

// letGo drops the tickets whose time is over. s.mu is held.
func (s *Store) letGo(now time.Time) {
	for len(s.queue) > 0 && !now.Before(s.queue[0].goes) {
		delete(s.tickets, heap.Pop(&s.queue).(*entry).ticket.ID)
	}
	if len(s.tickets) == 0 {
		s.tickets, s.queue = map[string]*entry{}, nil // a map never gives its memory back
	}
}

// schedule sets the timer to the first entry's time. s.mu is held.
func (s *Store) schedule() {
	wait := max(time.Until(s.queue[0].goes), time.Second)
	if s.sweep != nil {
		s.sweep.Reset(wait)
		return
	}
	s.sweep = time.AfterFunc(wait, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.closed {
			return
		}
		now := time.Now()
		s.letGo(now)
		s.forgetDenials(now)
		if len(s.queue) > 0 {
			s.schedule()
		}
	})
}

// queue is a heap by the time of going.
type queue []*entry

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].goes.Before(q[j].goes) }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)        { *q = append(*q, x.(*entry)) }
func (q *queue) Pop() any {
	old := *q
	e := old[len(old)-1]
	old[len(old)-1] = nil
	*q = old[:len(old)-1]
	return e
}
