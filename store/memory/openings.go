package memory

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/studiobot/studiobot/launch"
	"github.com/studiobot/studiobot/studio"
)

const (
	// openedLimit bounds the persons, domains and profiles that were opened.
	openedLimit = 1_000_000
	// keepOpened is how long it is still known when somebody opened something.
	keepOpened = 400 * 24 * time.Hour
)

// openings is when what was opened last.
type openings struct {
	limit int

	mu         sync.Mutex // guards the rest
	last       map[opening]lastOne
	nextForget time.Time
	closed     bool
}

type opening struct {
	person          studio.Person
	domain, profile string
}

// lastOne is the latest opening.
type lastOne struct {
	at     time.Time
	target studio.Target
	name   string
}

func (x *openings) close() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.last, x.closed = nil, true
}

// KeepOpened notes when options were opened last: for each person, domain and
// profile the latest At stays, in whole milliseconds, with the Target and the
// Name that were opened then. Other fields of Opened than these are not kept. An error means
// that a part of it may have been noted; noting the same again is harmless.
// launch.ErrFull where there is no room.
func (s *Store) KeepOpened(ctx context.Context, opened []studio.Opened) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	x := &s.openings
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.last)+len(opened) > x.limit {
		x.forget()
	}
	if x.last == nil {
		x.last = map[opening]lastOne{}
	}
	for _, o := range opened {
		k := opening{o.Person, o.Option.Domain, o.Option.Profile}
		was, there := x.last[k]
		if !there && (x.closed || len(x.last) >= x.limit) {
			return fmt.Errorf("note what was opened: %w", launch.ErrFull)
		}
		if !there || was.at.Before(o.At.Truncate(time.Millisecond)) {
			x.last[k] = lastOne{o.At.Truncate(time.Millisecond), o.Option.Target, o.Option.Name}
		}
	}
	return nil
}

// forget drops what needn't be known any more, unless it did just now. x.mu is
// held.
func (x *openings) forget() {
	now := time.Now()
	if now.Before(x.nextForget) {
		return
	}
	x.nextForget = now.Add(forgetEvery)
	over := now.Add(-keepOpened)
	for k, last := range x.last {
		if last.at.Before(over) {
			delete(x.last, k)
		}
	}
}

// LastOpened calls each once for every person, domain and profile that was ever
// opened (kept for at least 400 days since), in no particular order. An error
// of each ends it and is returned as it is. each may use the store.
func (s *Store) LastOpened(ctx context.Context, each func(studio.Opened) error) error {
	for _, o := range s.openings.all() {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := each(o); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (x *openings) all() []studio.Opened {
	x.mu.Lock()
	defer x.mu.Unlock()
	out := make([]studio.Opened, 0, len(x.last))
	for k, last := range x.last {
		out = append(out, studio.Opened{Person: k.person, Option: studio.Option{Domain: k.domain, Profile: k.profile, Target: last.target, Name: last.name}, At: last.at})
	}
	return out
}
