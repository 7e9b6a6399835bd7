package dynamodb

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/studiobot/studiobot/launch"
)

// linger is how long an expired ticket is still known, so that its page can say
// "expired" or "already used".
const linger = time.Minute

func ticketItem(id string) itemKey { return itemKey{"ticket/" + path(id), "ticket"} }

// Create implements launch.Tickets. It is one write, and a read where there is
// such a ticket.
func (s *Store) Create(ctx context.Context, t launch.Ticket) (launch.Ticket, bool, error) {
	record, err := json.Marshal(t)
	if err != nil {
		return launch.Ticket{}, false, fmt.Errorf("write ticket: %w", err)
	}
	now, created, err := s.create(ctx, ticketItem(t.ID), record, t.Expires.Add(linger), true)
	if err == nil && !created {
		t, err = ticketOf(now)
	}
	if err != nil {
		return launch.Ticket{}, false, s.failed(ctx, "create ticket in", err)
	}
	return t, created, nil
}

// Load implements launch.Tickets.
func (s *Store) Load(ctx context.Context, id string) (launch.Ticket, error) {
	x, err := s.get(ctx, ticketItem(id))
	if err != nil {
		return launch.Ticket{}, s.failed(ctx, "load ticket from", err)
	}
	if !x.there || x.over(s.now()) {
		return launch.Ticket{}, launch.ErrNotFound
	}
	t, err := ticketOf(x)
	if err != nil {
		return launch.Ticket{}, s.failed(ctx, "load ticket from", err)
	}
	s.seen.keep(ticketItem(id), x)
	return t, nil
}

func ticketOf(x item) (t launch.Ticket, err error) {
	if !x.there {
		return t, launch.ErrNotFound
	}
	if err := json.Unmarshal(x.record, &t); err != nil {
		return t, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return t, nil
}

// Update implements launch.Tickets: a write, and a read where this process hasn't
// just loaded or written it. What a later version put
// into the record, and this one doesn't know, isn't kept.
func (s *Store) Update(ctx context.Context, id string, change func(*launch.Ticket) error) (launch.Ticket, error) {
	var t launch.Ticket
	var own error // change's, or ErrNotFound
	err := s.edit(ctx, ticketItem(id), func(old item) (record []byte, expires time.Time, err error) {
		if !old.there || old.over(s.now()) {
			own = launch.ErrNotFound
			return nil, time.Time{}, own
		}
		if t, err = ticketOf(old); err != nil {
			return nil, time.Time{}, err
		}
		if own = change(&t); own != nil {
			return nil, time.Time{}, own
		}
		record, err = json.Marshal(t)
		return record, t.Expires.Add(linger), err
	})
	switch {
	case own != nil:
		return t, own
	case err != nil:
		return launch.Ticket{}, s.failed(ctx, "update ticket in", err)
	}
	return t, nil
}
