package notify_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/studiobot/studiobot/notify"
	"github.com/studiobot/studiobot/store/memory"
	"github.com/studiobot/studiobot/studio"
)

var jane = studio.Person{Team: "T0ACME", User: "U0JANE"}

// desk keeps what people are told, after failing as often as it is asked to.
type desk struct {
	mu    sync.Mutex
	fails []error
	told  []string
	asked chan string
}

func (d *desk) take(what string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked <- what
	if len(d.fails) > 0 {
		err := d.fails[0]
		d.fails = d.fails[1:]
		return err
	}
	d.told = append(d.told, what)
	return nil
}

func (d *desk) SessionEnds(_ context.Context, n studio.Notice) error {
	return d.take("ends " + n.Person.User + " " + n.Option.Domain)
}
func (d *desk) Became(_ context.Context, n studio.Notice, why error) error {
	if why == nil {
		return d.take("ready " + n.Option.Domain)
	}
	return d.take("not ready " + n.Option.Domain + ": " + why.Error())
}

type rig struct {
	*notify.Service
	store   *memory.Store
	desk    *desk
	looks   chan error
	allowed func() error
}

func start(t *testing.T, fails ...error) *rig {
	t.Helper()
	r := &rig{store: memory.New(memory.Options{}), desk: &desk{fails: fails, asked: make(chan string, 100)}, looks: make(chan error, 100), allowed: func() error { return nil }}
	t.Cleanup(func() { _ = r.store.Close() })
	r.Service = notify.New(notify.Options{
		Store: r.store, Desk: r.desk, Log: slog.New(slog.DiscardHandler), Every: time.Millisecond, FirstLook: time.Millisecond,
		Allowed: func(context.Context, studio.Person, studio.Option) error { return r.allowed() },
		Look: func(ctx context.Context, _ studio.Option) error {
			select {
			case err := <-r.looks:
				return err
			case <-ctx.Done():
				return ctx.Err()
			}
		},
	})
	return r
}

func (r *rig) run(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { r.Run(ctx) })
	t.Cleanup(func() { cancel(); wg.Wait() })
}

func (r *rig) next(t *testing.T, want string) {
	t.Helper()
	select {
	case got := <-r.desk.asked:
		if got != want {
			t.Errorf("told %q, want %q", got, want)
		}
	case <-time.After(20 * time.Second):
		t.Fatalf("nobody was told %q", want)
	}
}

// gone says whether nothing waits any more, of either kind.
func (r *rig) gone(t *testing.T) bool {
	t.Helper()
	far := time.Now().Add(48 * time.Hour)
	for _, kind := range []studio.NoticeKind{studio.NoticeEnds, studio.NoticeReady} {
		left, err := r.store.TakeNotices(t.Context(), kind, far, far, 10)
		if err != nil || len(left) > 0 {
			return false
		}
	}
	return true
}

func option(domain string) studio.Option {
	return studio.Option{Domain: domain, Label: domain, Profile: "jane-doe"}
}

// Looks go on until it is ready, whatever else comes in between.
func TestPromiseIsKept(t *testing.T) {
	t.Parallel()
	r := start(t)
	for _, err := range []error{studio.ErrPending, studio.ErrUnavailable, studio.ErrForbidden, nil} {
		r.looks <- err
	}
	if !r.Promise(t.Context(), jane, option("research")) {
		t.Fatal("not promised")
	}
	r.run(t)
	r.next(t, "ready research")
}

// It ends after a while, also where the bot was away, and somebody is told; not
// hours later.
func TestPromiseEnds(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		ended time.Duration
		told  string
	}{
		"just now":       {time.Second, "not ready research: being prepared"},
		"an hour ago":    {time.Hour, "not ready research: being prepared"},
		"yesterday":      {24 * time.Hour, ""},
		"and it's there": {time.Minute, "ready research"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t)
			if row.told == "ready research" {
				r.looks <- nil
			} else {
				r.looks <- studio.ErrUnavailable
			}
			end := time.Now().Add(-row.ended)
			n := studio.Notice{Kind: studio.NoticeReady, Person: jane, About: "a", Serial: "1", Option: option("research"), Ends: end, Due: end}
			later := n
			later.About, later.Option, later.Ends, later.Due = "b", option("prod"), time.Now().Add(time.Hour), time.Now()
			for _, x := range []studio.Notice{n, later} {
				if err := r.store.PutNotice(t.Context(), x); err != nil {
					t.Fatal(err)
				}
			}
			r.looks <- nil
			r.run(t)
			if row.told != "" {
				r.next(t, row.told)
			}
			r.next(t, "ready prod") // the one behind, and nothing before it
		})
	}
}

// Nobody is told of what they may not open; who can't be asked about is asked
// about again, and who can't be told isn't tried for ever.
func TestWhoIsTold(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name    string
		allowed error
		fails   []error
		asked   bool
		gone    bool
	}{
		{"allowed", nil, nil, true, true},
		{"not any more", studio.ErrNotMapped, nil, false, true},
		{"nobody knows", studio.ErrUnsure, nil, false, false},
		{"no such user", nil, []error{studio.ErrUnknownPerson}, true, true},
		{"Slack is away", nil, []error{errors.New("503")}, true, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			r := start(t, row.fails...)
			checked := make(chan struct{}, 100)
			r.allowed = func() error { checked <- struct{}{}; return row.allowed }
			if err := r.Remind(t.Context(), jane, true); err != nil {
				t.Fatal(err)
			}
			r.Opened(studio.Opened{Person: jane, Option: option("research"), At: time.Now(), Ends: time.Now().Add(notify.Before + 50*time.Millisecond)})
			ctx, cancel := context.WithCancel(context.Background())
			var wg sync.WaitGroup
			wg.Go(func() { r.Run(ctx) })
			<-checked
			if row.asked {
				r.next(t, "ends U0JANE research")
			}
			cancel()
			wg.Wait()
			if gone := r.gone(t); gone != row.gone {
				t.Errorf("it is gone: %v", gone)
			}
		})
	}
}

// What was opened needs no telling that it can be; a session that is over, or
// nearly, no reminder.
func TestOpenedEndsThePromise(t *testing.T) {
	t.Parallel()
	r := start(t)
	if err := r.Remind(t.Context(), jane, true); err != nil {
		t.Fatal(err)
	}
	r.Promise(t.Context(), jane, option("research"))
	r.Opened(studio.Opened{Person: jane, Option: option("research"), At: time.Now(), Ends: time.Now().Add(notify.Before - time.Second)})
	r.Flush(t.Context())
	if !r.gone(t) {
		t.Error("something still waits")
	}
	over := studio.Notice{Kind: studio.NoticeEnds, Person: jane, About: "a", Serial: "1", Option: option("research"), Ends: time.Now().Add(30 * time.Second), Due: time.Now()}
	next := over
	next.About, next.Option, next.Ends, next.Due = "b", option("prod"), time.Now().Add(5*time.Minute), time.Now().Add(time.Millisecond)
	for _, n := range []studio.Notice{over, next} {
		if err := r.store.PutNotice(t.Context(), n); err != nil {
			t.Fatal(err)
		}
	}
	r.run(t)
	r.next(t, "ends U0JANE prod")
}

// Notebook instances and tracking servers have sessions of their own, all else of
// a domain is one.
func TestSessions(t *testing.T) {
	t.Parallel()
	r := start(t)
	if err := r.Remind(t.Context(), jane, true); err != nil {
		t.Fatal(err)
	}
	for _, o := range []studio.Option{
		option("research"), {Domain: "research", Profile: "jane-doe", Target: studio.Lab, Name: "s"}, option("prod"),
		{Domain: "research", Target: studio.Notebook, Name: "n"}, {Domain: "research", Target: studio.NotebookLab, Name: "n"}, {Domain: "research", Target: studio.MLflow, Name: "n"},
	} {
		r.Opened(studio.Opened{Person: jane, Option: o, At: time.Now(), Ends: time.Now().Add(time.Hour)})
	}
	r.Flush(t.Context())
	far := time.Now().Add(48 * time.Hour)
	left, err := r.store.TakeNotices(t.Context(), studio.NoticeEnds, far, far, 10)
	if err != nil || len(left) != 4 {
		t.Errorf("%d sessions, %v", len(left), err)
	}
}
