package studiobot

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/studiobot/studiobot/studio"
)

// openings is the part of a store that keeps when something was opened last,
// for the access review.
type openings interface {
	// KeepOpened notes when options were opened last: for each person, domain and
	// profile the latest At stays.
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
}

type openedKey struct {
	person          studio.Person
	domain, profile string
}

func newLastOpened(store openings, log *slog.Logger) *lastOpened {
	return &lastOpened{store: store, log: log, waiting: map[openedKey]studio.Opened{}}
}

// note takes in a launch. It doesn't block.
func (l *lastOpened) note(o studio.Opened) {
	l.mu.Lock()
	defer l.mu.Unlock()
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

// write writes what waits; where that fails it goes on waiting.
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
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), openedTime)
	defer cancel()
	if err := l.store.KeepOpened(ctx, all); err != nil {
		l.log.WarnContext(ctx, "when Studio was opened last can't be kept now", "launches", len(all), "err", err)
		for _, o := range all {
			l.note(o)
		}
	}
}
