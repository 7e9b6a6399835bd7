package conformance

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/studiobot/studiobot/studio"
)

func refusedRequestUpdate(t *testing.T, open func() Store) {
	want, no := request("a"), errors.New("no")
	ask(t, open(), want)
	got, err := open().UpdateRequest(ctx, "a", func(r *studio.Request) error {
		r.Answer, r.Finished = "x", true
		return no
	})
	if !errors.Is(err, no) {
		t.Errorf("UpdateRequest = %v, want the error of change", err)
	}
	if got.Answer != "x" {
		t.Error("the request isn't returned as change left it")
	}
	loadsRequest(t, open(), want)
	if rs, err := open().UnfinishedRequests(ctx); err != nil || len(rs) != 1 {
		t.Errorf("UnfinishedRequests = %+v, %v", rs, err)
	}
}

func concurrentRequestUpdates(t *testing.T, open func() Store) {
	ask(t, open(), request("a"))
	var wg sync.WaitGroup
	for range 8 {
		s := open()
		wg.Go(func() {
			for range 5 {
				if _, err := s.UpdateRequest(ctx, "a", func(r *studio.Request) error { r.Tries++; return nil }); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if r, err := open().LoadRequest(ctx, "a"); err != nil || r.Tries != 40 {
		t.Errorf("%d of 40 updates are there (%v)", r.Tries, err)
	}
}

// oneDecider is two approvers at once, and more.
func oneDecider(t *testing.T, open func() Store) {
	decided := errors.New("decided")
	for n := range 5 {
		id := fmt.Sprint("request-", n)
		ask(t, open(), request(id))
		var wins atomic.Int64
		var wg sync.WaitGroup
		for i := range 16 {
			s := open()
			wg.Go(func() {
				r, err := s.UpdateRequest(ctx, id, func(r *studio.Request) error {
					if r.State != studio.RequestOpen {
						return decided
					}
					r.State, r.Decider = studio.RequestApproved, studio.Person{Team: "T1", User: fmt.Sprint("U", i)}
					return nil
				})
				switch {
				case err == nil:
					wins.Add(1)
				case !errors.Is(err, decided):
					t.Error(err)
				case r.Decider.User == "":
					t.Error("the other one doesn't see who decided")
				}
			})
		}
		wg.Wait()
		if wins.Load() != 1 {
			t.Fatalf("%d decided", wins.Load())
		}
	}
}

func unfinishedOldestFirst(t *testing.T, open func() Store) {
	start := now()
	for id, after := range map[string]time.Duration{
		"third": 3 * time.Millisecond, "first": -time.Hour, "finished": 0, "second": 2 * time.Millisecond, "fourth": 24 * time.Hour,
	} {
		r := request(id)
		r.Asked = start.Add(after)
		ask(t, open(), r)
	}
	finish(t, open(), "finished")
	order := func() (ids []string) {
		t.Helper()
		rs, err := open().UnfinishedRequests(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rs {
			ids = append(ids, r.ID)
			loadsRequest(t, open(), r)
		}
		return ids
	}
	if got := order(); !slices.Equal(got, []string{"first", "second", "third", "fourth"}) {
		t.Errorf("the order is %v", got)
	}
	_, err := open().UpdateRequest(ctx, "first", func(r *studio.Request) error { r.Asked = start.Add(48 * time.Hour); return nil })
	if err != nil {
		t.Fatal(err)
	}
	finish(t, open(), "third")
	if got := order(); !slices.Equal(got, []string{"second", "fourth", "first"}) {
		t.Errorf("then it is %v", got)
	}
}
