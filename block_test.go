package studiobot

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"testing"
	"time"

	"github.com/studiobot/studiobot/audit"
	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/studio"

	"github.com/studiobot/studiobot/launch"
)

// brokenStore writes and reads no denials while it is broken.
type brokenStore struct {
	store
	broken bool
}

var errBroken = errors.New("disk full")

func (s *brokenStore) Deny(ctx context.Context, p studio.Person, d launch.Denial) error {
	if s.broken {
		return errBroken
	}
	return s.store.Deny(ctx, p, d)
}

func (s *brokenStore) Denied(ctx context.Context, p studio.Person) ([]launch.Denial, error) {
	if s.broken {
		return nil, errBroken
	}
	return s.store.Denied(ctx, p)
}

// brokenDesk is a desk whose store can break.
func brokenDesk(t *testing.T) (*desk, *brokenStore) {
	t.Helper()
	h := losing(t, sourceFunc(func() mapping.Answer { return mapping.Answer{Known: true, Profile: "jane-doe"} }))
	broken := &brokenStore{store: h.store}
	h.store = broken
	h.opened = newLastOpened(h.store, h.log)
	h.operators = newOperators(Config{}, h)
	log := slog.New(slog.DiscardHandler)
	var err error
	h.launch, err = launch.New(t.Context(), launch.Options{Store: broken, Audit: audit.New(log), Log: log, PublicURL: &url.URL{Scheme: "https", Host: "studio.example.com"}, Proof: launch.ProofClick})
	if err != nil {
		t.Fatal(err)
	}
	return &desk{h: h, mapping: h.mapping, domains: []string{"research"}, audit: audit.New(log)}, broken
}

var ann, jane = studio.Person{Team: "T0ACME", User: "U0ANN"}, studio.Person{Team: "T0ACME", User: "U0JANE"}

// A block that couldn't be written isn't said to be there, and while it can't be
// read who is blocked nobody is offered anything.
func TestBlockThatCantBeWritten(t *testing.T) {
	t.Parallel()
	d, store := brokenDesk(t)
	store.broken = true
	if _, err := d.Block(t.Context(), ann, jane); !errors.Is(err, studio.ErrUnsure) || !errors.Is(err, errBroken) {
		t.Errorf("block: %v", err)
	}
	if _, err := d.Unblock(t.Context(), ann, jane); !errors.Is(err, studio.ErrUnsure) {
		t.Errorf("unblock: %v", err)
	}
	m := asked{guarded{d.mapping, store}, d.h, d.h.holders}
	if options, _, err := m.Options(t.Context(), jane); !errors.Is(err, studio.ErrUnsure) || len(options) != 0 {
		t.Errorf("options: %v, %v", options, err)
	}
	if err := m.Allowed(t.Context(), jane, studio.Option{Domain: "research", Profile: "jane-doe"}); !errors.Is(err, studio.ErrUnsure) {
		t.Errorf("allowed: %v", err)
	}
	store.broken = false
	if done, err := d.Block(t.Context(), ann, jane); err != nil || done.Before {
		t.Errorf("block: %+v, %v", done, err)
	}
	if err := m.Has(t.Context(), jane, "research"); !errors.Is(err, studio.ErrBlocked) {
		t.Errorf("has: %v", err)
	}
	if err := d.denied(t.Context(), jane, "research"); !errors.Is(err, studio.ErrDenied) {
		t.Errorf("a request of somebody who is blocked: %v", err)
	}
}

// Whose denial couldn't be written is remembered: the admin hears of it, and the
// next try writes it.
func TestLinksThatStayAlive(t *testing.T) {
	t.Parallel()
	d, store := brokenDesk(t)
	issued := time.Now()
	d.h.holders.note(jane, []studio.Option{{Domain: "research", Profile: "other"}}, issued)
	store.broken = true
	d.h.changedInMapping([]studio.Person{{User: "U0JANE"}})
	if err := d.h.denyAgain(t.Context(), jane); !errors.Is(err, studio.ErrLinksLive) {
		t.Errorf("while it is broken: %v", err)
	}
	store.broken = false
	if err := d.h.denyAgain(t.Context(), jane); err != nil || !d.h.denied(t, jane, issued) {
		t.Errorf("the next try: %v", err)
	}
	if err := d.h.denyAgain(t.Context(), jane); err != nil {
		t.Errorf("once it is written: %v", err)
	}
}
