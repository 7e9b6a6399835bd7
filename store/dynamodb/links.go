package dynamodb

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/studio"
)

const (
	// linksAtOnce is how many links one entry of the log has at most, and so how
	// many are written in one step.
	linksAtOnce = 1000
	// keepState is how long the state of the links is kept in memory after a
	// write: an import makes many in a row, and between two admins' hours pass.
	keepState = 10 * time.Minute
)

// pair is what there is one link of.
type pair struct {
	person studio.Person
	domain string
}

func pairOf(l mapping.Link) pair { return pair{l.Person, l.Domain} }

// linkLog is what this process knows of the log of links, for its own writes.
// Between writes it knows nothing: mapping.Table has the links in memory already.
type linkLog struct {
	turn sync.Mutex // held by whoever writes; guards the rest
	// state is the latest change of each pair, as of a revision.
	state    map[pair]mapping.Change
	revision int64
	// cut is the revision of a snapshot that there is.
	cut  int64
	drop *time.Timer
}

// forget lets go of the memory.
func (x *linkLog) forget() {
	x.turn.Lock()
	defer x.turn.Unlock()
	x.state, x.revision = nil, 0
	if x.drop != nil {
		x.drop.Stop()
	}
}

// keepAwhile forgets the state when it hasn't been used for long. x.turn is held.
func (x *linkLog) keepAwhile() {
	if x.drop == nil {
		x.drop = time.AfterFunc(keepState, x.forget)
		return
	}
	x.drop.Reset(keepState)
}

// PutLinks implements mapping.Links: one write for up to 1,000 links, besides the
// reading of what others wrote.
func (s *Store) PutLinks(ctx context.Context, links ...mapping.Link) error {
	s.links.turn.Lock()
	defer s.links.turn.Unlock()
	for some := range slices.Chunk(links, linksAtOnce) {
		err := s.change(ctx, func(state map[pair]mapping.Change) []mapping.Change { return differences(state, some) })
		if err != nil {
			return s.failed(ctx, "put links into", err)
		}
	}
	if len(links) == 0 && ctx.Err() != nil {
		return s.failed(ctx, "put links into", ctx.Err())
	}
	return nil
}

// differences are the links that say something else than the state does; of two
// for one pair the later one.
func differences(state map[pair]mapping.Change, links []mapping.Link) (changes []mapping.Change) {
	last := make(map[pair]int, len(links))
	for i, l := range links {
		last[pairOf(l)] = i
	}
	for i, l := range links {
		there, known := state[pairOf(l)]
		same := known && !there.Gone && there.Profile == l.Profile && there.Denied == l.Denied
		if last[pairOf(l)] == i && !same {
			l.At = l.At.UTC().Truncate(time.Millisecond)
			changes = append(changes, mapping.Change{Link: l})
		}
	}
	return changes
}

// DropLink implements mapping.Links.
func (s *Store) DropLink(ctx context.Context, p studio.Person, domain, by string, at time.Time) (was mapping.Link, found bool, err error) {
	s.links.turn.Lock()
	defer s.links.turn.Unlock()
	err = s.change(ctx, func(state map[pair]mapping.Change) []mapping.Change {
		there, known := state[pair{p, domain}]
		if found = known && !there.Gone; !found {
			return nil
		}
		was = there.Link
		gone := mapping.Change{Link: there.Link, Gone: true}
		gone.By, gone.At = by, at.UTC().Truncate(time.Millisecond)
		return []mapping.Change{gone}
	})
	if err != nil {
		return mapping.Link{}, false, s.failed(ctx, "drop a link of", err)
	}
	if !found {
		return mapping.Link{}, false, nil
	}
	return was, true, nil
}

// change appends to the log what decide makes of the state as it is: again where
// another copy appended something meanwhile. s.links.turn is held.
func (s *Store) change(ctx context.Context, decide func(map[pair]mapping.Change) []mapping.Change) error {
	x := &s.links
	defer x.keepAwhile()
	if x.state == nil {
		x.state = map[pair]mapping.Change{}
	}
	for try := range maxEdits {
		if err := s.catchUp(ctx); err != nil {
			return err
		}
		changes := decide(x.state)
		if len(changes) == 0 {
			return nil
		}
		fat, ours, err := s.append(ctx, x.revision+1, changes)
		if err != nil {
			return err
		}
		if ours {
			x.take(x.revision+1, changes)
			s.tidy(ctx, fat)
			return nil
		}
		if err := giveWay(ctx, try); err != nil {
			return err
		}
	}
	return ErrContended
}

// catchUp brings the state up to the log. x.turn is held.
func (s *Store) catchUp(ctx context.Context) error {
	x := &s.links
	again, revision, err := s.since(ctx, x.revision, func(revision int64, c mapping.Change) { x.state[pairOf(c.Link)] = c })
	if err != nil || again {
		// What was read in part is no state.
		x.state, x.revision = map[pair]mapping.Change{}, 0
	}
	if err != nil {
		return err
	}
	if again {
		return s.catchUp(ctx)
	}
	x.revision = revision
	return nil
}

func (x *linkLog) take(revision int64, changes []mapping.Change) {
	for _, c := range changes {
		x.state[pairOf(c.Link)] = c
	}
	x.revision = revision
}

// LinkChanges implements mapping.Links. each may use the store.
func (s *Store) LinkChanges(ctx context.Context, after int64, each func(mapping.Change) error) (int64, error) {
	after = max(after, 0)
	var all []mapping.Change
	latest := map[pair]int{}
	older, revision, err := s.since(ctx, after, func(_ int64, c mapping.Change) {
		latest[pairOf(c.Link)] = len(all)
		all = append(all, c)
	})
	if err != nil {
		return after, s.failed(ctx, "read links of", err)
	}
	if older {
		return revision, nil
	}
	for i, c := range all {
		if latest[pairOf(c.Link)] != i || after == 0 && c.Gone {
			continue
		}
		if err := ctx.Err(); err != nil {
			return after, err
		}
		if err := each(c); err != nil {
			return after, err
		}
	}
	return revision, nil
}

// errMoved: the log was cut short while it was read.
var errMoved = errors.New("the log of links was cut while it was read")

// since calls each with all changes after a revision, in their order, and returns
// the revision that it got to; older says that the log is behind after: the table
// was put back to an older state, and each wasn't called.
func (s *Store) since(ctx context.Context, after int64, each func(revision int64, c mapping.Change)) (older bool, revision int64, err error) {
	for try := range copyTries {
		var entries []entry
		if entries, err = s.tail(ctx, after); err == nil {
			revision = after
			for _, e := range entries {
				for _, c := range e.changes {
					each(e.revision, c)
				}
				revision = e.revision
			}
			return false, revision, nil
		}
		if errors.Is(err, errBehind) {
			head, err := s.head(ctx)
			return true, head, err
		}
		if !errors.Is(err, errMoved) {
			return false, 0, err
		}
		// What came after that revision isn't in the log any more, or not all of
		// it: the snapshot has it.
		if entries, err = s.fromSnapshot(ctx, after); err == nil {
			for _, e := range entries {
				for _, c := range e.changes {
					each(e.revision, c)
				}
				revision = e.revision
			}
			return false, revision, nil
		}
		if !errors.Is(err, errMoved) && !errors.Is(err, errNoPiece) {
			return false, 0, err
		}
		if err := giveWay(ctx, try); err != nil {
			return false, 0, err
		}
	}
	return false, 0, fmt.Errorf("%w, %d times", errMoved, copyTries)
}
