package studiobot

import (
	"context"
	"crypto/rand"
	"log/slog"
	"sync"
	"time"
)

// leases is the part of a store that lets one of several copies of studiobot work
// for all.
type leases interface {
	// Lease gives the holder a lease for a while, or more of what they have, unless
	// somebody else has it; held says whether they have it now. It is atomic.
	Lease(ctx context.Context, lease, holder string, term time.Duration) (held bool, err error)
	// Release ends a lease, if the holder has it.
	Release(ctx context.Context, lease, holder string) error
}

const (
	// readersLease is held by the copy that reads the workspace, and the user
	// profiles with their tags, for all.
	readersLease = "readers"
	// leaseTerm is how long it is held; it is renewed three times in that. After
	// a copy that died another one reads when its term is over.
	leaseTerm = 45 * time.Second
	// leaseTime bounds one look at the store.
	leaseTime = 3 * time.Second
)

// turn says whether it is this copy's turn to read what all copies need. Two may
// believe so for a moment: then both read, which costs calls and nothing else.
type turn struct {
	store  leases
	log    *slog.Logger
	holder string
	term   time.Duration

	mu      sync.Mutex // guards the rest
	until   time.Time
	changed chan struct{} // closed when it may have become ours
}

func newTurn(store leases, log *slog.Logger, term time.Duration) *turn {
	if term <= 0 {
		term = leaseTerm
	}
	return &turn{store: store, log: log, holder: rand.Text(), term: term, changed: make(chan struct{})}
}

// take asks for the lease, or for more of it.
func (t *turn) take(ctx context.Context) {
	began := time.Now()
	within, cancel := context.WithTimeout(ctx, min(leaseTime, t.term/3))
	defer cancel()
	held, err := t.store.Lease(within, readersLease, t.holder, t.term)
	if err != nil {
		if ctx.Err() == nil {
			t.log.DebugContext(ctx, "whose turn it is to read can't be known now", "err", err)
		}
		return // what we had ends by itself
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	was := began.Before(t.until)
	switch {
	case held:
		// It ends for us before it ends for the others.
		t.until = began.Add(t.term - t.term/6)
		if !was {
			t.log.InfoContext(ctx, "this copy reads the workspace and the user profiles for all")
			close(t.changed)
			t.changed = make(chan struct{})
		}
	case was:
		t.log.InfoContext(ctx, "another copy reads the workspace and the user profiles for all")
		t.until = time.Time{}
	}
}

// run keeps asking until ctx ends, and then lets another copy have it at once.
func (t *turn) run(ctx context.Context) {
	tick := time.NewTicker(t.term / 3)
	defer tick.Stop()
	for {
		t.take(ctx)
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.release(ctx)
			return
		}
	}
}

func (t *turn) release(ctx context.Context) {
	t.mu.Lock()
	t.until = time.Time{}
	t.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaseTime)
	defer cancel()
	if err := t.store.Release(ctx, readersLease, t.holder); err != nil {
		t.log.DebugContext(ctx, "another copy reads a while later: the lease couldn't be released", "err", err)
	}
}

// wait waits until it is this copy's turn, or returns ctx's error.
func (t *turn) wait(ctx context.Context) error {
	for {
		t.mu.Lock()
		mine, changed := time.Now().Before(t.until), t.changed
		t.mu.Unlock()
		if mine {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
