package memory

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/studiobot/studiobot/launch"
	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/studio"
)

// linkLimit bounds the links, those that are gone included.
const linkLimit = 1_000_000

// pair is what there is one link of.
type pair struct {
	person studio.Person
	domain string
}

// change is a change that happened. It is never changed itself, so that
// whoever reads needs no lock.
type change struct {
	mapping.Change
	revision int64
}

// table is the links.
type table struct {
	limit int

	mu     sync.Mutex // guards the rest
	latest map[pair]*change
	// log is the changes in their order. Those that aren't the latest of their
	// pair any more are dropped once they are the half of it.
	log      []*change
	revision int64
	closed   bool
}

func (x *table) close() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.latest, x.log, x.closed = nil, nil, true
}

// add makes a change the latest of its pair. x.mu is held.
func (x *table) add(c mapping.Change) {
	if x.latest == nil {
		x.latest = map[pair]*change{}
	}
	x.revision++
	added := &change{c, x.revision}
	x.latest[pairOf(c.Link)] = added
	if x.log = append(x.log, added); len(x.log) > 2*len(x.latest)+100 {
		x.log = slices.DeleteFunc(x.log, func(old *change) bool { return !x.isLatest(old) })
	}
}

// isLatest says whether a change is the latest of its pair. x.mu is held.
func (x *table) isLatest(c *change) bool { return x.latest[pairOf(c.Link)] == c }

func pairOf(l mapping.Link) pair { return pair{l.Person, l.Domain} }

// PutLinks implements mapping.Links. One call is atomic, whatever its size.
// launch.ErrFull where there is no room.
func (s *Store) PutLinks(ctx context.Context, links ...mapping.Link) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	x := &s.links
	x.mu.Lock()
	defer x.mu.Unlock()
	last := make(map[pair]int, len(links))
	came := 0
	for i, l := range links {
		if _, twice := last[pairOf(l)]; !twice && x.latest[pairOf(l)] == nil {
			came++
		}
		last[pairOf(l)] = i
	}
	if x.closed || len(x.latest)+came > x.limit {
		return fmt.Errorf("put links: %w", launch.ErrFull)
	}
	for i, l := range links {
		if last[pairOf(l)] != i {
			continue
		}
		there := x.latest[pairOf(l)]
		if there == nil || there.Gone || there.Profile != l.Profile || there.Denied != l.Denied {
			l.At = l.At.Truncate(time.Millisecond)
			x.add(mapping.Change{Link: l})
		}
	}
	return nil
}

// DropLink implements mapping.Links.
func (s *Store) DropLink(ctx context.Context, p studio.Person, domain, by string, at time.Time) (mapping.Link, bool, error) {
	if err := ctx.Err(); err != nil {
		return mapping.Link{}, false, err
	}
	x := &s.links
	x.mu.Lock()
	defer x.mu.Unlock()
	there := x.latest[pair{p, domain}]
	if there == nil || there.Gone {
		return mapping.Link{}, false, nil
	}
	gone := mapping.Change{Link: there.Link, Gone: true}
	gone.By, gone.At = by, at.Truncate(time.Millisecond)
	x.add(gone)
	return there.Link, true, nil
}

// LinkChanges implements mapping.Links. each may use the store.
func (s *Store) LinkChanges(ctx context.Context, after int64, each func(mapping.Change) error) (int64, error) {
	changes, revision := s.links.since(max(after, 0))
	for _, c := range changes {
		if err := ctx.Err(); err != nil {
			return after, err
		}
		if err := each(c.Change); err != nil {
			return after, err
		}
	}
	return revision, ctx.Err()
}

func (x *table) since(after int64) (changes []*change, revision int64) {
	x.mu.Lock()
	defer x.mu.Unlock()
	first, _ := slices.BinarySearchFunc(x.log, after, func(c *change, after int64) int {
		if c.revision <= after {
			return -1
		}
		return 1
	})
	for _, c := range x.log[first:] {
		if x.isLatest(c) && (after > 0 || !c.Gone) {
			changes = append(changes, c)
		}
	}
	return changes, x.revision
}
