package launch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/studiobot/studiobot/studio"
)

// ErrNotFound is what a Store says of a ticket that it doesn't have.
var ErrNotFound = errors.New("no such ticket")

// ErrFull is what a Store says where it can't take another ticket.
var ErrFull = errors.New("store is full")

// Store keeps tickets and denials. Everything in it is shared by all processes
// that open the same store, and every method may be called concurrently.
// store/conformance holds each engine to this contract.
//
// An error other than the ones named means that the store can't be asked, and
// that the write may or may not have happened. Callers ask again with the same
// values; every method gives the same result for it.
type Store interface {
	Tickets
	Denials
	// Key returns 32 secret bytes, made when the store was, the same for all
	// processes that share it. Tokens are derived from it.
	Key(ctx context.Context) ([]byte, error)
	// Ping says whether the store answers.
	Ping(ctx context.Context) error
}

// Tickets is the part of a Store that keeps tickets.
type Tickets interface {
	// Create keeps t, unless there is a ticket with its ID: then that one is
	// returned as it is, and created is false. It is atomic: of concurrent
	// calls with one ID exactly one creates. ErrFull where there is no room.
	Create(ctx context.Context, t Ticket) (kept Ticket, created bool, err error)
	// Load returns a ticket, or ErrNotFound. It sees every write that was
	// acknowledged before it, by whichever process.
	Load(ctx context.Context, id string) (Ticket, error)
	// Update applies change to the ticket as it is and keeps the result,
	// atomically: no other write comes between. change may be called more than
	// once and must depend on nothing but its argument; where it returns an
	// error nothing is written and that error is returned with the ticket as
	// change left it. ErrNotFound where there is no such ticket.
	Update(ctx context.Context, id string, change func(*Ticket) error) (Ticket, error)
}

// Denials is the part of a Store that keeps who lost access since a link was
// issued, so that whoever redeems it needs neither directory nor mapping.
type Denials interface {
	// Deny keeps d for the person. Of two with one Reason the later Before and the
	// later Until stay, each by itself (zero is later than every other), unless
	// the earlier one is over: a word that comes late takes nothing back.
	Deny(ctx context.Context, p studio.Person, d Denial) error
	// Lift removes the person's denial with that reason, if there is one.
	Lift(ctx context.Context, p studio.Person, reason string) error
	// Denied returns the person's denials whose Until hasn't passed.
	Denied(ctx context.Context, p studio.Person) ([]Denial, error)
}

// Denial says that tickets of a person open nothing.
type Denial struct {
	// Reason is a short fixed phrase; there is one denial of each at a time.
	Reason string `json:"reason"`
	// Before limits it to tickets issued before that moment; zero: all.
	Before time.Time `json:"before,omitzero"`
	// Until is when it ends by itself; zero: when it is lifted.
	Until time.Time `json:"until,omitzero"`
}

// With is the denial that stays where there is an earlier one with its reason.
func (d Denial) With(earlier Denial, now time.Time) Denial {
	if !earlier.Until.IsZero() && !now.Before(earlier.Until) {
		return d // that one is over
	}
	d.Before, d.Until = later(d.Before, earlier.Before), later(d.Until, earlier.Until)
	return d
}

// later is the later one of two moments, where zero is later than any.
func later(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && a.After(b) {
		return a
	}
	return b
}

// covers says whether the denial is about a ticket.
func (d Denial) covers(t Ticket) bool {
	return d.Before.IsZero() || t.Issued.Before(d.Before)
}

// storeError sorts a store's error: no such ticket, or no answer.
func storeError(doing string, err error) error {
	if errors.Is(err, ErrNotFound) {
		return studio.ErrLinkUnknown
	}
	return fmt.Errorf("%w: %s: %w", studio.ErrUnsure, doing, err)
}
