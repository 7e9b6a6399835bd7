package mapping_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/studio"
)

var errAway = errors.New("slack is away")

func TestAskOnlyForTheUnknownAndTheStale(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &asker{answer: func(_ context.Context, user string) (studio.Member, error) { return member(user), nil }}
		d := newDirectory(t, a, nil)
		d.Put(member("U1"))
		know(t, d, member("U1"))
		know(t, d, member("U2"))
		know(t, d, member("U2"))
		if a.total() != 1 {
			t.Errorf("%d questions, want 1 for U2", a.total())
		}
		time.Sleep(30*time.Minute - time.Second)
		know(t, d, member("U1"))
		if a.total() != 1 {
			t.Errorf("%d questions just before it is stale", a.total())
		}
		time.Sleep(2 * time.Second)
		know(t, d, member("U1"))
		if a.total() != 2 {
			t.Errorf("%d questions, want 2", a.total())
		}
	})
}

func TestAskWithoutAnswerIsUnsure(t *testing.T) {
	t.Parallel()
	hang := func(ctx context.Context) (studio.Member, error) { <-ctx.Done(); return member("U1"), ctx.Err() }
	for name, answer := range map[string]func(ctx context.Context) (studio.Member, error){
		"an error":              func(context.Context) (studio.Member, error) { return member("U1"), errAway },
		"an error that lies":    func(context.Context) (studio.Member, error) { return member("U1"), studio.ErrDenied },
		"about somebody else":   func(context.Context) (studio.Member, error) { return member("U2"), nil },
		"nothing about anybody": func(context.Context) (studio.Member, error) { return studio.Member{}, nil },
		"a panic":               func(context.Context) (studio.Member, error) { panic("broken") },
		"no answer":             hang,
		"one who doesn't stop":  func(context.Context) (studio.Member, error) { time.Sleep(time.Minute); return member("U1"), errAway },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := newDirectory(t, &asker{answer: func(ctx context.Context, _ string) (studio.Member, error) { return answer(ctx) }}, nil)
				d.Put(member("U1"))
				time.Sleep(time.Hour) // known once, stale now: nobody is let in on a guess
				began := time.Now()
				m, err := d.Member(t.Context(), "U1")
				if !errors.Is(err, studio.ErrUnsure) || errors.Is(err, studio.ErrDenied) || m != (studio.Member{}) {
					t.Errorf("%+v, %v", m, err)
				}
				if took := time.Since(began); took > 1500*time.Millisecond {
					t.Errorf("took %v", took)
				}
				time.Sleep(time.Hour)
				ctx, cancel := context.WithCancel(t.Context())
				cancel()
				if _, err := d.Member(ctx, "U1"); !errors.Is(err, studio.ErrUnsure) {
					t.Errorf("cancelled: %v", err)
				}
				time.Sleep(time.Hour) // until everybody has gone home
			})
		})
	}
}

func TestAskOnceForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &asker{answer: func(_ context.Context, user string) (studio.Member, error) {
			time.Sleep(time.Second)
			return member(user), nil
		}}
		d := newDirectory(t, a, nil)
		first, leave := context.WithCancel(t.Context())
		var all sync.WaitGroup
		all.Go(func() {
			if _, err := d.Member(first, "U1"); !errors.Is(err, studio.ErrUnsure) {
				t.Errorf("who left: %v", err)
			}
		})
		synctest.Wait()
		for range 50 {
			all.Go(func() { know(t, d, member("U1")) })
		}
		synctest.Wait()
		leave() // the others still get the answer
		all.Wait()
		if a.total() != 1 {
			t.Errorf("%d questions", a.total())
		}
	})
}

func TestAskNotTooManyAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var at, most atomic.Int32
		a := &asker{answer: func(_ context.Context, user string) (studio.Member, error) {
			most.Store(max(most.Load(), at.Add(1)))
			defer at.Add(-1)
			time.Sleep(time.Second)
			return member(user), nil
		}}
		d := newDirectory(t, a, nil)
		var good, bad atomic.Int32
		var all sync.WaitGroup
		for i := range 40 {
			all.Go(func() {
				_, err := d.Member(t.Context(), fmt.Sprintf("U%d", i))
				switch {
				case err == nil:
					good.Add(1)
				case errors.Is(err, studio.ErrUnsure):
					bad.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		all.Wait()
		if most.Load() != 16 || good.Load() != 16 || bad.Load() != 24 {
			t.Errorf("%d at once, %d answered, %d unsure", most.Load(), good.Load(), bad.Load())
		}
		time.Sleep(time.Minute)
	})
}

func TestAskRemembersTheUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &asker{}
		d := newDirectory(t, a, nil)
		unknown := func(user string) {
			t.Helper()
			if _, err := d.Member(t.Context(), user); !errors.Is(err, studio.ErrUnknownPerson) {
				t.Errorf("%s: %v", user, err)
			}
		}
		for range 3 {
			unknown("U1")
		}
		unknown("")
		unknown(strings.Repeat("U", 65))
		if a.total() != 1 {
			t.Errorf("%d questions, want 1", a.total())
		}
		time.Sleep(30 * time.Second)
		unknown("U1")
		if a.total() != 2 {
			t.Errorf("%d questions, want 2", a.total())
		}
		d.Put(member("U1")) // joined
		know(t, d, member("U1"))
		for i := range 10_100 { // more than are remembered
			unknown(fmt.Sprintf("X%d", i))
		}
		unknown("X10099")
		if a.total() != 2+10_101 {
			t.Errorf("%d questions; the last ones weren't to be remembered", a.total())
		}
		time.Sleep(time.Minute)
		unknown("X10099")
		unknown("X10099")
		if a.total() != 2+10_102 {
			t.Errorf("%d questions; there was room again", a.total())
		}
	})
}

// An answer that is older than what came meanwhile changes nothing.
func TestAskAgainstWhatCameMeanwhile(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		said      func() (studio.Member, error)
		meanwhile func(*mapping.Directory)
		want      studio.Member
	}{
		"deactivated": {func() (studio.Member, error) { return member("U1"), nil },
			func(d *mapping.Directory) { d.Put(deleted("U1")) }, deleted("U1")},
		"joined": {func() (studio.Member, error) { return studio.Member{}, studio.ErrUnknownPerson },
			func(d *mapping.Directory) { d.Put(member("U1")) }, member("U1")},
		"Slack is away": {func() (studio.Member, error) { return studio.Member{}, errAway },
			func(d *mapping.Directory) { d.Put(member("U1")) }, member("U1")},
		"a pass that began later": {func() (studio.Member, error) { return member("U1"), nil },
			func(d *mapping.Directory) { read(d, deleted("U1")) }, deleted("U1")},
		"a pass without them": {func() (studio.Member, error) { return member("U1"), nil },
			func(d *mapping.Directory) { read(d, member("U2")) }, member("U1")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var d *mapping.Directory
			d = newDirectory(t, &asker{answer: func(context.Context, string) (studio.Member, error) {
				c.meanwhile(d)
				return c.said()
			}}, nil)
			know(t, d, c.want)
			know(t, d, c.want)
		})
	}
	t.Run("a pass that began before", func(t *testing.T) {
		t.Parallel()
		d := newDirectory(t, &asker{answer: func(context.Context, string) (studio.Member, error) { return deleted("U1"), nil }}, nil)
		r := d.Begin()
		know(t, d, deleted("U1"))
		r.Add(member("U1"))
		r.Done()
		know(t, d, deleted("U1"))
	})
}

// The Monday at nine: no call per person.
func TestAskNobodyWhomTheDirectoryKnows(t *testing.T) {
	t.Parallel()
	a := &asker{}
	d := newDirectory(t, a, nil)
	r := d.Begin()
	for i := range 5000 {
		r.Add(member(fmt.Sprintf("U%d", i)))
	}
	r.Done()
	var all sync.WaitGroup
	for i := range 5000 {
		all.Go(func() {
			if _, err := d.Member(t.Context(), fmt.Sprintf("U%d", i)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if a.total() != 0 {
		t.Errorf("%d questions", a.total())
	}
}
