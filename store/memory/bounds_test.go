package memory_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/studiobot/studiobot/launch"
	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/requests"
	"github.com/studiobot/studiobot/store/memory"
	"github.com/studiobot/studiobot/studio"
)

func open(t *testing.T) *memory.Store {
	t.Helper()
	s := memory.New(memory.Options{})
	t.Cleanup(func() { _ = s.Close() })
	s.SetLimits(3, 100, 3)
	return s
}

func link(user, profile string) mapping.Link {
	return mapping.Link{Person: studio.Person{Team: "T1", User: user}, Profile: profile}
}

func TestLinksAreLimited(t *testing.T) {
	t.Parallel()
	ctx, s := t.Context(), open(t)
	if err := s.PutLinks(ctx, link("U1", "a"), link("U2", "a"), link("U1", "b")); err != nil {
		t.Fatal(err)
	}
	if err := s.PutLinks(ctx, link("U3", "a"), link("U4", "a")); !errors.Is(err, launch.ErrFull) {
		t.Errorf("PutLinks of more than there is room for = %v", err)
	}
	if err := s.PutLinks(ctx, link("U1", "c"), link("U3", "a")); err != nil {
		t.Errorf("PutLinks of what there is room for = %v", err)
	}
	n := 0
	if _, err := s.LinkChanges(ctx, 0, func(mapping.Change) error { n++; return nil }); err != nil || n != 3 {
		t.Errorf("%d links, %v", n, err)
	}
}

// However often links change, what is kept of the changes doesn't grow, and
// whoever reads them misses none.
func TestChangesOfLinksAreBounded(t *testing.T) {
	t.Parallel()
	ctx, s := t.Context(), open(t)
	var rev int64
	for n := range 1000 {
		if err := s.PutLinks(ctx, link("U1", strconv.Itoa(n)), link("U2", "a")); err != nil {
			t.Fatal(err)
		}
		last := ""
		var err error
		rev, err = s.LinkChanges(ctx, rev, func(c mapping.Change) error { last += c.Person.User + c.Profile; return nil })
		if want := fmt.Sprint("U1", n); err != nil || (last != want && n > 0) {
			t.Fatalf("after write %d: %s, %v", n, last, err)
		}
	}
	if n := s.Log(); n > 200 {
		t.Errorf("%d changes of 2 links are kept", n)
	}
}

// each may use the store: nothing is locked meanwhile.
func TestEachMayUseTheStore(t *testing.T) {
	t.Parallel()
	ctx, s := t.Context(), open(t)
	opened := []studio.Opened{{Person: studio.Person{User: "U1"}}}
	if err := errors.Join(s.PutLinks(ctx, link("U1", "a")), s.KeepOpened(ctx, opened)); err != nil {
		t.Fatal(err)
	}
	_, err := s.LinkChanges(ctx, 0, func(mapping.Change) error { return s.PutLinks(ctx, link("U2", "a")) })
	if err != nil {
		t.Error(err)
	}
	if err := s.LastOpened(ctx, func(studio.Opened) error { return s.KeepOpened(ctx, opened) }); err != nil {
		t.Error(err)
	}
}

func TestCopiesAreBounded(t *testing.T) {
	t.Parallel()
	ctx, s := t.Context(), open(t)
	at := time.Now()
	keep := func(name string, after time.Duration, size int) {
		t.Helper()
		if err := s.KeepCopy(ctx, name, at.Add(after), make([]byte, size)); err != nil {
			t.Fatal(err)
		}
	}
	has := func(want ...string) {
		t.Helper()
		for _, name := range []string{"a", "b", "c", "huge"} {
			_, taken, err := s.Copy(ctx, name)
			there := false
			for _, w := range want {
				there = there || w == name
			}
			if err != nil || taken.IsZero() == there {
				t.Errorf("copy %s is there: %v, %v", name, !taken.IsZero(), err)
			}
		}
	}
	keep("a", 2, 40)
	keep("b", 1, 40)
	has("a", "b")
	keep("c", 3, 40) // the oldest goes
	has("a", "c")
	keep("huge", 4, 100)
	has("a", "c")
	for n := range 10 { // its own predecessor makes room
		keep("c", time.Duration(5+n), 41+n)
	}
	has("a", "c")
	keep("a", 20, 100) // and is lost where the new one is too large
	has("c")
}

func TestOpeningsAreLimited(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		s := memory.New(memory.Options{})
		defer func() { _ = s.Close() }()
		s.SetLimits(3, 100, 3)
		opened := func(user int) error {
			return s.KeepOpened(ctx, []studio.Opened{{Person: studio.Person{User: strconv.Itoa(user)}, At: time.Now()}})
		}
		for n := range 3 {
			if err := opened(n); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(399 * 24 * time.Hour) // the bubble's clock
		if err := opened(2); err != nil {
			t.Errorf("one that is there = %v", err)
		}
		if err := opened(3); !errors.Is(err, launch.ErrFull) {
			t.Errorf("one too many = %v", err)
		}
		time.Sleep(2 * 24 * time.Hour)
		if err := opened(3); err != nil {
			t.Errorf("after the others went = %v", err)
		}
		n := 0
		if err := s.LastOpened(ctx, func(studio.Opened) error { n++; return nil }); err != nil || n != 2 {
			t.Errorf("%d are there, %v", n, err)
		}
	})
}

func TestRequestsAreLimited(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		s := memory.New(memory.Options{})
		defer func() { _ = s.Close() }()
		ask := func(id string, finished bool) error {
			_, _, err := s.CreateRequest(ctx, studio.Request{ID: id, Finished: finished})
			return err
		}
		for n := range memory.UnfinishedLimit {
			if err := ask(strconv.Itoa(n), false); err != nil {
				t.Fatal(err)
			}
		}
		if err := ask("one too many", false); !errors.Is(err, requests.ErrFull) {
			t.Errorf("beyond the limit = %v", err)
		}
		if err := ask("0", false); err != nil {
			t.Errorf("one that is there = %v", err)
		}
		if _, err := s.UpdateRequest(ctx, "0", func(r *studio.Request) error { r.Finished = true; return nil }); err != nil {
			t.Fatal(err)
		}
		for n := 1; n < memory.FinishedLimit; n++ {
			if err := ask("finished "+strconv.Itoa(n), true); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(29 * 24 * time.Hour) // the bubble's clock
		if err := ask("another", false); err != nil {
			t.Errorf("after one is finished = %v", err)
		}
		if _, err := s.LoadRequest(ctx, "0"); err != nil {
			t.Errorf("finished 29 days ago: %v", err)
		}
		time.Sleep(2 * 24 * time.Hour)
		_ = ask("0", false) // full, but looks for what is over
		if _, err := s.LoadRequest(ctx, "finished 1"); !errors.Is(err, requests.ErrNotFound) {
			t.Errorf("finished 31 days ago: %v", err)
		}
		if rs, err := s.UnfinishedRequests(ctx); err != nil || len(rs) != memory.UnfinishedLimit {
			t.Errorf("%d are unfinished, %v", len(rs), err)
		}
	})
}

func TestClosedStoreTakesNothing(t *testing.T) {
	t.Parallel()
	ctx, s := t.Context(), open(t)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	_, _, ask := s.CreateRequest(ctx, studio.Request{ID: "a"})
	for what, err := range map[string]error{
		"PutLinks": s.PutLinks(ctx, link("U1", "a")), "CreateRequest": ask, "KeepOpened": s.KeepOpened(ctx, make([]studio.Opened, 1)),
	} {
		if err == nil {
			t.Errorf("%s of a closed store works", what)
		}
	}
	if err := s.KeepCopy(ctx, "a", time.Now(), nil); err != nil {
		t.Error(err)
	}
}
