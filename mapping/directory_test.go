package mapping_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/studio"
)

func known(ctx context.Context, user string) (studio.Member, error) { return member(user), nil }

// is fails the test unless the directory says that of the person.
func is(t *testing.T, d *mapping.Directory, want studio.Member) {
	t.Helper()
	if got, err := d.Member(t.Context(), want.User); err != nil || got != want {
		t.Errorf("%+v %v, want %+v", got, err, want)
	}
}

func TestFreshMembersAreNotAskedFor(t *testing.T) {
	t.Parallel()
	const n = 5000
	a := &asker{}
	d := newDirectory(t, a, nil)
	r := d.Begin()
	for i := range n {
		r.Add(member(fmt.Sprintf("U%d", i)))
	}
	r.Done()
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { is(t, d, member(fmt.Sprintf("U%d", i))) })
	}
	all.Wait()
	if a.total() != 0 || d.Len() != n {
		t.Errorf("%d questions, %d people", a.total(), d.Len())
	}
}

// TestEveryFlagIsKept puts each combination in and takes it out again.
func TestEveryFlagIsKept(t *testing.T) {
	t.Parallel()
	d := newDirectory(t, &asker{}, nil)
	for bits := range 1 << 5 {
		m := studio.Member{
			Person:  studio.Person{Team: fmt.Sprintf("T%d", bits%3), User: fmt.Sprintf("U%d", bits)},
			Deleted: bits&1 != 0, Bot: bits&2 != 0, Guest: bits&4 != 0, Stranger: bits&8 != 0, Invited: bits&16 != 0,
		}
		if bits%2 == 0 {
			m.Enterprise = ourEnterprise
		}
		d.Put(m)
		is(t, d, m)
	}
}

func TestUnknownPersonIsAskedForOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &asker{answer: func(_ context.Context, user string) (studio.Member, error) {
			time.Sleep(time.Second) // of the bubble: everybody waits by then
			return member(user), nil
		}}
		d := newDirectory(t, a, nil)
		var all sync.WaitGroup
		for range 200 {
			all.Go(func() { is(t, d, member("U0NEW")) })
		}
		all.Wait()
		is(t, d, member("U0NEW"))
		if a.total() != 1 {
			t.Errorf("%d questions", a.total())
		}
	})
}

func TestStaleMemberIsAskedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &asker{}
		var told []string
		d := newDirectory(t, a, func(before, after studio.Member) {
			told = append(told, fmt.Sprintf("%s %t->%t", after.User, before.Deleted, after.Deleted))
		})
		d.Put(member("U0JANE"))
		time.Sleep(30*time.Minute - time.Second)
		is(t, d, member("U0JANE"))
		if a.total() != 0 {
			t.Errorf("asked after less than half an hour")
		}
		time.Sleep(time.Second)
		gone := member("U0JANE")
		gone.Deleted = true
		a.answer = func(context.Context, string) (studio.Member, error) { return gone, nil }
		is(t, d, gone)
		is(t, d, gone)
		if a.total() != 1 {
			t.Errorf("%d questions", a.total())
		}
		if !slices.Equal(told, []string{"U0JANE false->true"}) {
			t.Errorf("told of %q", told)
		}
	})
}

func TestAskThatFails(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func(context.Context, string) (studio.Member, error){
		"an error":      func(context.Context, string) (studio.Member, error) { return studio.Member{}, errOutage },
		"somebody else": func(context.Context, string) (studio.Member, error) { return member("U0ELSE"), nil },
		"nobody":        func(context.Context, string) (studio.Member, error) { return studio.Member{}, nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDirectory(t, &asker{answer: answer}, nil)
			if m, err := d.Member(t.Context(), "U0JANE"); !errors.Is(err, studio.ErrUnsure) || m != (studio.Member{}) {
				t.Errorf("%+v %v", m, err)
			}
			if d.Len() != 0 {
				t.Errorf("%d people are kept", d.Len())
			}
		})
	}
}

func TestAskThatHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDirectory(t, &asker{answer: func(ctx context.Context, _ string) (studio.Member, error) {
			<-ctx.Done()
			return studio.Member{}, ctx.Err()
		}}, nil)
		start := time.Now()
		var all sync.WaitGroup
		for i := range 100 { // more than may be under way: waiting for a turn counts too
			all.Go(func() {
				_, err := d.Member(t.Context(), fmt.Sprintf("U%d", i))
				if took := time.Since(start); !errors.Is(err, studio.ErrUnsure) || took != 1500*time.Millisecond {
					t.Errorf("%v after %s", err, took)
				}
			})
		}
		all.Wait()

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start = time.Now()
		if _, err := d.Member(ctx, "U0JANE"); !errors.Is(err, studio.ErrUnsure) || time.Since(start) != time.Second {
			t.Errorf("%v after %s, with a second's patience", err, time.Since(start))
		}
		time.Sleep(askEnds) // the question outlives who asked it
	})
}

// askEnds is longer than a question to Slack takes.
const askEnds = 2 * time.Second

func TestUnknownIsRemembered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &asker{}
		d := newDirectory(t, a, nil)
		unknown := func(questions int) {
			t.Helper()
			if _, err := d.Member(t.Context(), "U0WHO"); !errors.Is(err, studio.ErrUnknownPerson) || a.total() != questions {
				t.Errorf("%v after %d questions, want %d", err, a.total(), questions)
			}
		}
		unknown(1)
		time.Sleep(30*time.Second - time.Nanosecond)
		unknown(1)
		time.Sleep(time.Nanosecond)
		unknown(2)
		d.Put(member("U0WHO")) // joined
		is(t, d, member("U0WHO"))
	})
}

// TestUnknownAreBounded asks for more people than are remembered: each is still
// answered, and the directory doesn't grow.
func TestUnknownAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n = 10_000 + 100
		a := &asker{}
		d := newDirectory(t, a, nil)
		for i := range n {
			if _, err := d.Member(t.Context(), fmt.Sprintf("U%d", i)); !errors.Is(err, studio.ErrUnknownPerson) {
				t.Fatal(err)
			}
		}
		before := a.total()
		for i := range n {
			_, _ = d.Member(t.Context(), fmt.Sprintf("U%d", i))
		}
		if again := a.total() - before; again < 100 || d.Len() != 0 {
			t.Errorf("%d of %d asked for again, %d people", again, n, d.Len())
		}
	})
}

// TestEventDuringAnAsk has Slack answer with what was true before an event.
func TestEventDuringAnAsk(t *testing.T) {
	t.Parallel()
	gone := member("U0JANE")
	gone.Deleted = true
	for name, answer := range map[string]func(context.Context, string) (studio.Member, error){
		"old news":  known,
		"unknown":   func(context.Context, string) (studio.Member, error) { return studio.Member{}, studio.ErrUnknownPerson },
		"no answer": func(context.Context, string) (studio.Member, error) { return studio.Member{}, errOutage },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var d *mapping.Directory
			d = newDirectory(t, &asker{answer: func(ctx context.Context, user string) (studio.Member, error) {
				d.Put(gone)
				return answer(ctx, user)
			}}, nil)
			is(t, d, gone)
			is(t, d, gone)
		})
	}
}
