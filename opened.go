package studiobot

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/studiobot/studiobot/studio"
)

// openings is the part of a store that keeps when something was opened last,
// for the access review.
type openings interface {
	// KeepOpened notes when options were opened last: for each person, domain and
	// profile the latest At stays, and what was opened then.
	KeepOpened(ctx context.Context, opened []studio.Opened) error
	// LastOpened calls each once for every person, domain and profile that was
	// ever opened, kept for at least 400 days. An error of each ends it, and is
	// returned as it is.
	LastOpened(ctx context.Context, each func(studio.Opened) error) error
}

const (
	// openedEvery is how often what was opened is written: a launch makes no
	// write of its own for that. What a crash loses is what was opened since.
	openedEvery = 10 * time.Second
	// maxOpened bounds what waits for a store that is away.
	maxOpened = 100_000
	// openedTime bounds one write.
	openedTime = 10 * time.Second
)

// lastOpened collects what was opened, and writes it every so often.
type lastOpened struct {
	store openings
	log   *slog.Logger

	mu      sync.Mutex
	waiting map[openedKey]studio.Opened
	recent  map[studio.Person][]studio.Opened // what has a name, the latest first
}

const (
	// maxRecent is how many things with a name are kept of a person, of those that
	// the store kept or that were opened since, and recentPeople of how many people.
	maxRecent, recentPeople = 3, 50_000
	// recentFor is how long they may have been opened before.
	recentFor = 60 * 24 * time.Hour
)

// last returns what a person opened last of what has a name, the latest first.
func (l *lastOpened) last(p studio.Person) []studio.Option {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []studio.Option
	for _, o := range l.recent[p] {
		out = append(out, o.Option)
	}
	return out
}

// remember takes in what somebody opened. l.mu is held.
func (l *lastOpened) remember(o studio.Opened) {
	if o.Option.Name == "" || time.Since(o.At) >= recentFor {
		return
	}
	before, known := l.recent[o.Person]
	if !known && len(l.recent) >= recentPeople {
		return
	}
	all := slices.DeleteFunc(slices.Clone(before), func(x studio.Opened) bool {
		return x.Option.Domain == o.Option.Domain && x.Option.Target == o.Option.Target && strings.EqualFold(x.Option.Name, o.Option.Name)
	})
	all = append(all, studio.Opened{Option: o.Option, At: o.At})
	slices.SortStableFunc(all, func(a, b studio.Opened) int { return b.At.Compare(a.At) })
	l.recent[o.Person] = all[:min(len(all), maxRecent)]
}

// load reads what the store kept. Without it nobody is offered what they opened
// before the start.
func (l *lastOpened) load(ctx context.Context) {
	err := l.store.LastOpened(ctx, func(o studio.Opened) error {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.remember(o)
		return nil
	})
	if err != nil && ctx.Err() == nil {
		l.log.WarnContext(ctx, "what people opened last can't be read", "err", err)
	}
}

type openedKey struct {
	person          studio.Person
	domain, profile string
}

func newLastOpened(store openings, log *slog.Logger) *lastOpened {
	return &lastOpened{store: store, log: log, waiting: map[openedKey]studio.Opened{}, recent: map[studio.Person][]studio.Opened{}}
}

// note takes in a launch. It doesn't block.
func (l *lastOpened) note(o studio.Opened) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.remember(o)
	key := openedKey{o.Person, o.Option.Domain, o.Option.Profile}
	if _, there := l.waiting[key]; !there && len(l.waiting) >= maxOpened {
		return
	}
	if before := l.waiting[key]; before.At.After(o.At) {
		return
	}
	l.waiting[key] = studio.Opened{Person: o.Person, Option: o.Option, At: o.At}
}

// run writes until ctx ends, and once more then.
func (l *lastOpened) run(ctx context.Context) {
	l.load(ctx)
	tick := time.NewTicker(openedEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			l.write(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// each calls note with everything that was opened: what the store has, and what
// waits for it.
func (l *lastOpened) each(ctx context.Context, note func(studio.Opened)) error {
	l.mu.Lock()
	for _, o := range l.waiting {
		note(o)
	}
	l.mu.Unlock()
	return l.store.LastOpened(ctx, func(o studio.Opened) error {
		note(o)
		return nil
	})
}

// write writes what waits; where that fails it goes on waiting. It goes on where
// ctx has ended, but not beyond its deadline.
func (l *lastOpened) write(ctx context.Context) {
	l.mu.Lock()
	batch := l.waiting
	l.waiting = map[openedKey]studio.Opened{}
	l.mu.Unlock()
	if len(batch) == 0 {
		return
	}
	all := make([]studio.Opened, 0, len(batch))
	for _, o := range batch {
		all = append(all, o)
	}
	end := time.Now().Add(openedTime)
	if its, ok := ctx.Deadline(); ok && its.Before(end) {
		end = its
	}
	ctx, cancel := context.WithDeadline(context.WithoutCancel(ctx), end)
	defer cancel()
	if err := l.store.KeepOpened(ctx, all); err != nil {
		l.log.WarnContext(ctx, "when Studio was opened last can't be kept now", "launches", len(all), "err", err)
		for _, o := range all {
			l.note(o)
		}
	}
}
