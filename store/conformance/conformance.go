// Package conformance is the suite that every store engine must pass: it holds
// the contracts of launch.Store, mapping.Links, mapping.Copies, requests.Store,
// notify.Store, Openings and Leases to account. An engine's own test is a few lines:
//
//	conformance.Run(t, func(t *testing.T) (open func() conformance.Store) { … })
//
// open may be called several times and returns a handle to the same store, as
// two processes would have; an engine that lives in one process returns the
// same value. It isn't called concurrently.
package conformance

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"testing"
	"time"

	"github.com/studiobot/studiobot/launch"
	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/notify"
	"github.com/studiobot/studiobot/requests"
	"github.com/studiobot/studiobot/studio"
)

// Store is all that an engine keeps.
type Store interface {
	launch.Store
	mapping.Links
	mapping.Copies
	requests.Store
	notify.Store
	Openings
	Leases
}

// Leases let one of several processes do something for all. Everything in it is
// shared by all processes that open the same store, and every method may be
// called concurrently.
type Leases interface {
	// Lease gives the holder a lease for a while, or more of what they have, unless
	// somebody else has it; held says whether they have it now. It is atomic: of
	// concurrent holders one has it. Time is that of each process's own clock, so
	// that two may believe to have it for as long as their clocks differ.
	Lease(ctx context.Context, lease, holder string, term time.Duration) (held bool, err error)
	// Release ends a lease, if the holder has it.
	Release(ctx context.Context, lease, holder string) error
}

// Openings is when what was opened last, for whoever reviews access. Everything
// in it is shared by all processes that open the same store, and every method
// may be called concurrently.
type Openings interface {
	// KeepOpened notes when options were opened last: for each person, domain
	// and profile the latest At stays, in whole milliseconds, with the Target and
	// the Name that were opened then. Other fields than these are not kept. An error
	// means that a part of it may have been noted; noting the same again is
	// harmless.
	KeepOpened(ctx context.Context, opened []studio.Opened) error
	// LastOpened calls each once for every person, domain and profile that was
	// ever opened (kept for at least 400 days since), in no particular order. An
	// error of each ends it and is returned as it is.
	LastOpened(ctx context.Context, each func(studio.Opened) error) error
}

// suite is tests by name. Each gets an empty store of its own.
type suite map[string]func(t *testing.T, open func() Store)

// Run runs the suite. fresh makes an empty store that is cleaned up with t.
func Run(t *testing.T, fresh func(t *testing.T) (open func() Store)) {
	all := suite{"Ping": ping, "KeyIsShared": keyIsShared, "CancelledContextIsNoOtherError": cancelled}
	for _, s := range []suite{tickets(), denials(), links(), requestsSuite(), copies(), openings(), notices(), leases()} {
		maps.Copy(all, s)
	}
	for name, test := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, fresh(t))
		})
	}
}

var ctx = context.Background()

func ping(t *testing.T, open func() Store) {
	if err := open().Ping(ctx); err != nil {
		t.Error(err)
	}
}

func keyIsShared(t *testing.T, open func() Store) {
	a, err := open().Key(ctx)
	if err != nil || len(a) != 32 {
		t.Fatalf("Key = %d bytes, %v", len(a), err)
	}
	if bytes.Equal(a, make([]byte, 32)) {
		t.Error("the key is all zero")
	}
	first := bytes.Clone(a)
	a[0]++ // the caller's copy
	b, err := open().Key(ctx)
	if err != nil || !bytes.Equal(first, b) {
		t.Errorf("another handle has another key (%v)", err)
	}
}

// cancelled: an engine must not turn a cancelled context into an answer.
func cancelled(t *testing.T, open func() Store) {
	gone, cancel := context.WithCancel(ctx)
	cancel()
	create(t, open(), ticket("a"))
	if _, err := open().Load(gone, "a"); err != nil && (errors.Is(err, launch.ErrNotFound) || !errors.Is(err, context.Canceled)) {
		t.Errorf("Load with a cancelled context = %v", err)
	}
	s := open()
	p := studio.Person{Team: "T1", User: "U1"}
	errs := map[string]error{
		"PutLinks":   s.PutLinks(gone, link("U1", "research", "jane-doe")),
		"KeepCopy":   s.KeepCopy(gone, "a", now(), []byte("x")),
		"KeepOpened": s.KeepOpened(gone, []studio.Opened{opened("U1", now())}),
		"LastOpened": s.LastOpened(gone, func(studio.Opened) error { return nil }),
	}
	errs["SetReminders"], errs["PutNotice"] = s.SetReminders(gone, p, true), s.PutNotice(gone, noticeOf("U1", "a", now()))
	errs["MoveNotice"], errs["DropNotice"] = s.MoveNotice(gone, noticeOf("U1", "a", now())), s.DropNotice(gone, noticeOf("U1", "a", now()))
	_, errs["Reminders"] = s.Reminders(gone, p)
	_, errs["TakeNotices"] = s.TakeNotices(gone, studio.NoticeReady, now(), now(), 1)
	_, _, errs["DropLink"] = s.DropLink(gone, p, "research", "", now())
	_, errs["LinkChanges"] = s.LinkChanges(gone, 0, func(mapping.Change) error { return nil })
	_, _, errs["Copy"] = s.Copy(gone, "a")
	_, _, errs["CopySince"] = s.CopySince(gone, "a", now())
	_, errs["Lease"] = s.Lease(gone, "a", "me", time.Minute)
	errs["Release"] = s.Release(gone, "a", "me")
	_, _, errs["CreateRequest"] = s.CreateRequest(gone, request("a"))
	_, errs["LoadRequest"] = s.LoadRequest(gone, "a")
	_, errs["UpdateRequest"] = s.UpdateRequest(gone, "a", func(*studio.Request) error { return nil })
	_, errs["UnfinishedRequests"] = s.UnfinishedRequests(gone)
	for what, err := range errs {
		if !errors.Is(err, context.Canceled) || errors.Is(err, requests.ErrNotFound) {
			t.Errorf("%s with a cancelled context = %v", what, err)
		}
	}
}
