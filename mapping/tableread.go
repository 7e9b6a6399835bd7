package mapping

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/studiobot/studiobot/studio"
)

var (
	errTableFull    = fmt.Errorf("the table has more than %d links, or speaks of more than %d domains", maxTable, maxDomains)
	errTableWatched = errors.New("the table is watched already")
)

// Watch asks the store for changes that others made until ctx ends, and returns
// nil then. It is for one goroutine: a second call while one runs is an error.
func (t *Table) Watch(ctx context.Context) error {
	if !t.watched.CompareAndSwap(false, true) {
		return errTableWatched
	}
	defer t.watched.Store(false)
	poll := time.NewTicker(t.o.Poll)
	defer poll.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-poll.C:
			_ = t.refresh(ctx, 1) // logged
		}
	}
}

// refresh brings the copy up to what the store has, and tells who lost
// something. After an error the copy is as it was. patience is that of
// view.with: who waits for an answer has some.
func (t *Table) refresh(ctx context.Context, patience int) error {
	select {
	case t.turn <- struct{}{}:
		defer func() { <-t.turn }()
	case <-ctx.Done():
		return fmt.Errorf("table: wait for another reading: %w", ctx.Err())
	}
	within, cancel := context.WithTimeout(ctx, tableWithin)
	defer cancel()
	asOf, old := t.now(), t.copied.Load()
	fresh, people, err := t.read(within, old, patience)
	if err != nil {
		if ctx.Err() == nil {
			t.failed(ctx, err)
		}
		return fmt.Errorf("table: %w", err)
	}
	t.copied.Store(fresh)
	t.asOf.Store(asOf)
	t.recovered(ctx)
	if old == nil {
		t.o.Log.InfoContext(ctx, "table read", "people", fresh.base.people)
		return nil
	}
	if lost := losers(old.view, fresh.view, people, t.o.Shadows); len(lost) > 0 && t.o.Changed != nil {
		t.o.Changed(lost)
	}
	return nil
}

// read returns a copy that is up to date, made from an older one if there is
// one, and the people who may have lost something.
func (t *Table) read(ctx context.Context, old *copied, patience int) (fresh *copied, people iter.Seq[studio.Person], err error) {
	if old == nil {
		all, revision, err := t.changes(ctx, 0)
		if err != nil {
			return nil, nil, err
		}
		return &copied{view{all, newRoll(t.seed, t.o.Domains)}, revision}, keysOf(all), nil
	}
	changes, revision, err := t.changes(ctx, old.revision)
	switch {
	case err != nil:
		return nil, nil, err
	case revision < old.revision:
		t.o.Log.WarnContext(ctx, "the store is older than what was read of it before; the table is read as a whole")
		fresh, _, err := t.read(ctx, nil, patience)
		if err != nil {
			return nil, nil, err
		}
		return fresh, keysOf(old.base, old.recent, fresh.base), nil
	case changes.count == 0:
		return &copied{old.with(nil, patience), revision}, keysOf(), nil
	}
	fresh = &copied{old.with(changes, patience), revision}
	if fresh.base.full(maxTable+1) || fresh.recent.full(maxTable+1) {
		return nil, nil, errTableFull
	}
	return fresh, fresh.around(changes), nil
}

// changes are those after a revision, as a roll.
func (t *Table) changes(ctx context.Context, after int64) (*roll, int64, error) {
	l := newRoll(t.seed, t.o.Domains)
	i := 0
	revision, err := t.o.Links.LinkChanges(ctx, after, func(c Change) error {
		if l.full(maxTable) {
			return errTableFull
		}
		l.put(rowOf(c))
		breathe(i)
		i++
		return ctx.Err()
	})
	l.done()
	return l, revision, err
}

// rowOf is a change as a row. Whatever a store holds, text that is too long to be
// right gives nobody anything: see roll.add.
func rowOf(c Change) record {
	e := record{person: c.Person, domain: c.Domain, denied: c.Denied, gone: c.Gone, by: c.By}
	if len(e.by) > maxBy {
		e.by = clip(e.by)
	}
	if !c.Denied {
		e.profile = c.Profile
	}
	if !c.At.IsZero() {
		e.mark = seconds(c.At)
	}
	return e
}

// outage is what was told of a store that can't be asked.
type outage struct {
	since       time.Time
	told, stale bool
}

// failed tells an outage once, and once more when the copy has become too old.
func (t *Table) failed(ctx context.Context, err error) {
	age, read := t.Age()
	if !t.away.told {
		t.away = outage{since: t.o.Now(), told: true}
		t.o.Log.WarnContext(ctx, "the table can't be read; what was read last counts for a while", "for", t.o.MaxAge.String(), "err", err)
	}
	if !t.away.stale && (!read || age > t.o.MaxAge) {
		t.away.stale = true
		t.o.Log.ErrorContext(ctx, "the table can't be read, and nothing young enough is known of it; whom it may know is told to try later", "err", err)
	}
}

func (t *Table) recovered(ctx context.Context) {
	if t.away.told {
		t.o.Log.InfoContext(ctx, "the table can be read again", "after", t.o.Now().Sub(t.away.since).Round(time.Second).String())
	}
	t.away = outage{}
}
