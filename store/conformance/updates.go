package conformance

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/studiobot/studiobot/launch"
)

func updateKeeps(t *testing.T, open func() Store) {
	create(t, open(), ticket("a"))
	got, err := open().Update(ctx, "a", func(x *launch.Ticket) error {
		x.Buttons[1].Attempt = "second"
		x.Buttons[1].Visitors = append(x.Buttons[1].Visitors, launch.Visitor{Net: "x"})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := ticket("a")
	want.Issued, want.Expires, want.Buttons[0] = got.Issued, got.Expires, got.Buttons[0]
	want.Buttons[1].Attempt, want.Buttons[1].Visitors = "second", []launch.Visitor{{Net: "x"}}
	same(t, got, want)
	same(t, load(t, open(), "a"), want)
}

func refusedUpdate(t *testing.T, open func() Store) {
	create(t, open(), ticket("a"))
	before, no := load(t, open(), "a"), errors.New("no")
	got, err := open().Update(ctx, "a", func(x *launch.Ticket) error { x.Buttons[0].Attempt = "x"; return no })
	if !errors.Is(err, no) {
		t.Errorf("Update = %v, want the error of change", err)
	}
	if len(got.Buttons) != 2 || got.Buttons[0].Attempt != "x" {
		t.Error("the ticket isn't returned as change left it")
	}
	same(t, load(t, open(), "a"), before)
}

func nothingShared(t *testing.T, open func() Store) {
	mine := ticket("a")
	create(t, open(), mine)
	mine.Buttons[0].Visitors[0].Net = "changed by the caller"
	loaded := load(t, open(), "a")
	loaded.Buttons[0].Attempt = "changed by the caller"
	var kept *launch.Ticket
	if _, err := open().Update(ctx, "a", func(x *launch.Ticket) error { kept = x; return nil }); err != nil {
		t.Fatal(err)
	}
	kept.Buttons[0].Attempt = "changed after the update"
	if b := load(t, open(), "a").Buttons[0]; b.Attempt != "attempt" || b.Visitors[0].Net != "n" {
		t.Errorf("a caller changed the kept record: %+v", b)
	}
}

func concurrentUpdates(t *testing.T, open func() Store) {
	create(t, open(), ticket("a"))
	var wg sync.WaitGroup
	for range 8 {
		s := open()
		wg.Go(func() {
			for range 5 {
				if _, err := s.Update(ctx, "a", func(x *launch.Ticket) error { x.Ref += "+"; return nil }); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if n := strings.Count(load(t, open(), "a").Ref, "+"); n != 40 {
		t.Errorf("%d of 40 updates are there", n)
	}
}

func oneWinner(t *testing.T, open func() Store) {
	taken := errors.New("taken")
	for n := range 10 {
		id := fmt.Sprint("ticket-", n)
		x := ticket(id)
		x.Buttons[0].Attempt = ""
		create(t, open(), x)
		var wins atomic.Int64
		var wg sync.WaitGroup
		for i := range 16 {
			s := open()
			wg.Go(func() {
				_, err := s.Update(ctx, id, func(x *launch.Ticket) error {
					if x.Buttons[0].Attempt != "" {
						return taken
					}
					x.Buttons[0].Attempt = fmt.Sprint(i)
					return nil
				})
				switch {
				case err == nil:
					wins.Add(1)
				case !errors.Is(err, taken):
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if wins.Load() != 1 {
			t.Fatalf("%d winners", wins.Load())
		}
	}
}
