package running

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/studiobot/studiobot/studio"
)

// reading is one thing that is read again and again while somebody uses it.
type reading struct {
	k          *Keeper
	kind, name string
	read       func(context.Context) error
	wake       chan struct{} // there is something to do earlier than planned

	mu   sync.Mutex
	used time.Time // when somebody last asked
	due  time.Time // when the next one is
	bars bool      // AWS doesn't permit it
	next *flight   // who waits for one that hasn't begun; nil: nobody
}

// flight is one reading that somebody waits for.
type flight struct {
	done chan struct{}
	err  error
}

func (f *flight) wait(ctx context.Context) error {
	select {
	case <-f.done:
		return f.err
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", studio.ErrUnavailable, ctx.Err())
	}
}

func (k *Keeper) newReading(kind, name string, read func(context.Context) error) *reading {
	now := k.o.Now()
	r := &reading{k: k, kind: kind, name: name, read: read, wake: make(chan struct{}, 1), used: now, due: now}
	k.readings = append(k.readings, r)
	return r
}

// use notes that somebody asked, and returns whether AWS doesn't permit it at all.
// Where it was left alone meanwhile, that begins the next reading.
func (r *reading) use() (barred bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.k.o.Now()
	if now.Sub(r.used) >= usedFor {
		r.poke()
	}
	r.used = now
	return r.bars
}

// soon asks for a reading in a moment.
func (r *reading) soon() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.used = r.k.o.Now()
	if at := r.used.Add(soonAfter); at.Before(r.due) {
		r.due = at
	}
	r.poke()
}

// again asks for a reading now.
func (r *reading) again() *flight {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.used = r.k.o.Now()
	r.due = r.used
	if r.next == nil {
		r.next = &flight{done: make(chan struct{})}
	}
	r.poke()
	return r.next
}

// poke lets watch look at due again. r.mu is held.
func (r *reading) poke() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

func (r *reading) watch(ctx context.Context, turns chan struct{}) {
	for failed := 0; r.turn(ctx); {
		select {
		case turns <- struct{}{}:
		case <-ctx.Done():
			return
		}
		waits, began := r.begin()
		took, err := r.timed(ctx)
		<-turns
		if ctx.Err() != nil {
			err = fmt.Errorf("%w: %w", studio.ErrUnavailable, ctx.Err())
		}
		if waits != nil {
			waits.err = err
			close(waits.done)
		}
		failed = r.done(ctx, began, took, failed, err)
	}
}

// turn returns true when it is time for the next reading, false when ctx is over.
func (r *reading) turn(ctx context.Context) bool {
	for ctx.Err() == nil {
		wait, idle := r.wait()
		if !idle && wait <= 0 {
			return true
		}
		var timer <-chan time.Time
		if !idle {
			timer = time.After(wait)
		}
		select {
		case <-timer:
		case <-r.wake:
		case <-ctx.Done():
		}
	}
	return false
}

// wait is how long it is until the next reading; idle: nobody uses it.
func (r *reading) wait() (wait time.Duration, idle bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.k.o.Now()
	return r.due.Sub(now), r.next == nil && now.Sub(r.used) >= usedFor
}

// begin takes those who wait for a reading: they get this one.
func (r *reading) begin() (*flight, time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	waits := r.next
	r.next = nil
	now := r.k.o.Now()
	r.due = now.Add(retryMost) // what is asked for meanwhile comes earlier
	return waits, now
}

func (r *reading) timed(ctx context.Context) (time.Duration, error) {
	start := r.k.o.Now()
	err := r.read(ctx)
	return r.k.o.Now().Sub(start), err
}

// done plans the next reading, and counts the failures in a row.
func (r *reading) done(ctx context.Context, began time.Time, took time.Duration, failed int, err error) int {
	pause := max(r.k.o.Every, patience*took)
	switch log := r.k.o.Log; {
	case ctx.Err() != nil:
	case err != nil:
		if failed == 0 {
			log.WarnContext(ctx, r.kind+" couldn't be read; what was known stays until it is too old", "domain", r.name, "err", err)
		}
		pause = min(retryAfter<<min(failed, 10), retryMost)
		failed++
	case failed > 0:
		log.InfoContext(ctx, r.kind+" can be read again", "domain", r.name)
		failed = 0
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.bars = errors.Is(err, studio.ErrForbidden)
	due := r.k.o.Now().Add(pause - pause/10 + rand.N(pause/5+1))
	// Who asked while it was read gets theirs as planned.
	if asked := r.due.Before(began.Add(retryMost)); !asked {
		r.due = due
	}
	return failed
}
