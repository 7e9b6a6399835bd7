package launch_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/studiobot/studiobot/launch"
	"github.com/studiobot/studiobot/studio"
)

// fault is one failing call: failed, or failed but happened.
type fault struct {
	err      error
	happened bool
}

// flaky is a store whose next calls fail as asked, by method.
type flaky struct {
	launch.Store
	mu   sync.Mutex
	fail map[string][]fault
}

func (f *flaky) next(method string) fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	list := f.fail[method]
	if len(list) == 0 {
		return fault{}
	}
	f.fail[method] = list[1:]
	return list[0]
}

func (f *flaky) Create(ctx context.Context, t launch.Ticket) (launch.Ticket, bool, error) {
	x := f.next("Create")
	if x.err == nil || x.happened {
		t, created, err := f.Store.Create(ctx, t)
		if x.err == nil {
			return t, created, err
		}
	}
	return launch.Ticket{}, false, x.err
}

func (f *flaky) Load(ctx context.Context, id string) (launch.Ticket, error) {
	if x := f.next("Load"); x.err != nil {
		return launch.Ticket{}, x.err
	}
	return f.Store.Load(ctx, id)
}

func (f *flaky) Update(ctx context.Context, id string, change func(*launch.Ticket) error) (launch.Ticket, error) {
	x := f.next("Update")
	if x.err == nil || x.happened {
		t, err := f.Store.Update(ctx, id, change)
		if x.err == nil {
			return t, err
		}
	}
	return launch.Ticket{}, x.err
}

func (f *flaky) Denied(ctx context.Context, p studio.Person) ([]launch.Denial, error) {
	if x := f.next("Denied"); x.err != nil {
		return nil, x.err
	}
	return f.Store.Denied(ctx, p)
}

// Every failing store call of a launch, as failed and as failed but happened:
// the link opens now or at the next try, and never twice.
func TestStoreFaults(t *testing.T) {
	t.Parallel()
	away := errors.New("store is away")
	failed, happened := fault{err: away}, fault{err: away, happened: true}
	ok := fault{}
	for _, row := range []struct {
		name   string
		method string
		faults []fault // of the calls after the click
		first  int     // status of the first GET
		second int     // of the second
		opened int
	}{
		{"a look isn't needed", "Load", []fault{failed}, 302, 410, 1},
		{"claim", "Update", []fault{failed}, 503, 302, 1},
		{"claim happened", "Update", []fault{happened}, 503, 302, 1},
		{"denials", "Denied", []fault{failed}, 503, 302, 1},
		{"spend, once", "Update", []fault{ok, failed}, 302, 410, 1},
		{"spend happened", "Update", []fault{ok, happened}, 302, 410, 1},
		{"spend, twice", "Update", []fault{ok, failed, failed}, 503, 302, 1},
		{"spend, twice, first happened", "Update", []fault{ok, happened, failed}, 503, 410, 0},
		{"spend, for good", "Update", []fault{ok, failed, failed, failed, failed}, 503, 409, 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var f *flaky
				r := newRig(t, func(o *launch.Options) {
					f = &flaky{Store: o.Store, fail: map[string][]fault{}}
					o.Store = f
				})
				link, b := r.issue().Links[0], r.browser("192.0.2.1")
				r.mustClick(link)
				f.fail[row.method] = row.faults
				first := b.get(link)
				if first.Code != row.first {
					t.Errorf("first try: %d %q, want %d", first.Code, title(first), row.first)
				}
				second := b.get(link)
				if second.Code != row.second {
					t.Errorf("second try: %d %q, want %d", second.Code, title(second), row.second)
				}
				if len(r.opened) != row.opened {
					t.Errorf("opened %d times, want %d", len(r.opened), row.opened)
				}
				if row.second != 409 {
					return
				}
				time.Sleep(30 * time.Second) // the attempt is given up
				r.mustClick(link)
				opens(t, b.get(link), 302)
			})
		})
	}
}

func TestArmAndIssueFaults(t *testing.T) {
	t.Parallel()
	away := errors.New("store is away")
	for _, method := range []string{"Create", "Load", "Update"} {
		for _, happened := range []bool{false, true} {
			t.Run(fmt.Sprint(method, " happened ", happened), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					var f *flaky
					r := newRig(t, func(o *launch.Options) {
						f = &flaky{Store: o.Store, fail: map[string][]fault{method: {{err: away, happened: happened}}}}
						o.Store = f
					})
					var is studio.Issued
					failures := 0
					for range 2 { // Slack delivers again, the person presses again
						got, err := r.Issue(t.Context(), jane, options, "t1", time.Now())
						if err != nil {
							failures++
							if !errors.Is(err, studio.ErrUnsure) {
								t.Errorf("Issue = %v, want ErrUnsure", err)
							}
							continue
						}
						is = got
						if err := r.click(jane, is.Links[0]); err != nil {
							failures++
							if !errors.Is(err, studio.ErrUnsure) {
								t.Errorf("Arm = %v, want ErrUnsure", err)
							}
						}
					}
					if failures != 1 {
						t.Errorf("%d failures, want the one asked for", failures)
					}
					opens(t, r.browser("192.0.2.1").get(is.Links[0]), 302)
				})
			})
		}
	}
}

func TestNoAuditLineNoLaunch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, nil)
		link := r.issue().Links[0]
		r.mustClick(link)
		r.log.fail(os.ErrClosed) // a full disk
		says(t, r.browser("192.0.2.1").get(link), 503, "We can&#39;t check your link right now.")
		if _, err := r.Issue(t.Context(), jane, options, "t2", time.Now()); !errors.Is(err, studio.ErrUnsure) {
			t.Errorf("Issue without an audit line = %v", err)
		}
		if r.studio.calls() != 0 {
			t.Error("SageMaker was asked without an audit line")
		}
		r.log.fail(nil)
		opens(t, r.browser("192.0.2.1").get(link), 302)
	})
}

// Whatever goes wrong in Studio: a status, a sentence, the link usable again.
