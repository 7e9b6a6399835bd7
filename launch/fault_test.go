package launch_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strings"
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
		{"look at the ticket", "Load", []fault{failed}, 503, 302, 1},
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
						got, err := r.Issue(t.Context(), jane, options, "t1")
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
		if _, err := r.Issue(t.Context(), jane, options, "t2"); !errors.Is(err, studio.ErrUnsure) {
			t.Errorf("Issue without an audit line = %v", err)
		}
		if r.studio.calls() != 0 {
			t.Error("SageMaker was asked without an audit line")
		}
		r.log.fail(nil)
		opens(t, r.browser("192.0.2.1").get(link), 302)
	})
}

func TestBrowserThatLeavesGetsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, nil)
		ctx, leave := context.WithCancel(t.Context())
		r.studio.before = func(context.Context) error { leave(); return nil } // SageMaker answers all the same
		link := r.issue().Links[0]
		r.mustClick(link)
		if w := r.browser("192.0.2.1").sendContext(ctx, "GET", link.URL, ""); w.Header().Get("Location") != "" {
			t.Error("a Location for a browser that is gone")
		}
		r.studio.before = nil
		opens(t, r.browser("192.0.2.1").get(link), 302)
	})
}

func TestSageMakerHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, nil)
		r.studio.before = func(ctx context.Context) error {
			<-ctx.Done()
			return fmt.Errorf("%w: %w", studio.ErrUnavailable, ctx.Err())
		}
		link := r.issue().Links[0]
		r.mustClick(link)
		started := time.Now()
		says(t, r.browser("192.0.2.1").get(link), 503, "Studio can&#39;t be reached right now.")
		if took := time.Since(started); took > 15*time.Second {
			t.Errorf("the page came after %s", took)
		}
		r.studio.before = nil
		opens(t, r.browser("192.0.2.1").get(link), 302)
	})
}

func TestPanicIsAPage(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.studio.before = func(context.Context) error { panic("boom") }
	link := r.issue().Links[0]
	r.mustClick(link)
	says(t, r.browser("192.0.2.1").get(link), 500, "Something went wrong on our side.")
}

// Whatever goes wrong in Studio: a status, a sentence, the link usable again.
func TestStudioErrors(t *testing.T) {
	t.Parallel()
	secret := errors.New("AccessDeniedException: User: arn:aws:sts::111122223333:assumed-role/x is not authorized")
	for _, row := range []struct {
		err    error
		status int
		retry  bool
		words  string
	}{
		{studio.ErrNoProfile, 404, false, "no user profile “jane-doe” in Research · dev"},
		{studio.ErrForbidden, 403, false, "Give your admin the reference"},
		{studio.ErrThrottled, 503, true, "Wait a few seconds"},
		{studio.ErrUnavailable, 503, true, "Wait a few seconds"},
		{studio.ErrRefused, 502, false, "Give your admin the reference"},
		{studio.ErrIdentityCenter, 409, false, "https://d-sso.studio.us-west-2.sagemaker.aws"},
		{context.DeadlineExceeded, 503, true, "Wait a few seconds"},
		{errors.New("anything else"), 500, true, "Try again"},
	} {
		t.Run(row.err.Error(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, nil)
				r.studio.errs = []error{fmt.Errorf("%w: %w", row.err, secret)}
				link, b := r.issue().Links[0], r.browser("192.0.2.1")
				r.mustClick(link)
				w := b.get(link)
				body := w.Body.String()
				if w.Code != row.status || !strings.Contains(body, row.words) {
					t.Fatalf("got %d, want %d with %q:\n%s", w.Code, row.status, row.words, body)
				}
				if strings.Contains(body, "arn:") || strings.Contains(body, "Exception") {
					t.Error("the page shows what AWS said")
				}
				if strings.Contains(body, ">Try again<") != row.retry {
					t.Errorf("Try again offered: %v", !row.retry)
				}
				id, _, _ := strings.Cut(link.Handle, ".")
				kept, err := r.store.Load(t.Context(), id)
				if err != nil || !strings.Contains(body, kept.Ref) {
					t.Errorf("the page doesn't name the reference %s (%v)", kept.Ref, err)
				}
				opens(t, b.get(link), 302)
			})
		})
	}
}

func TestClientAddress(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, peer, forwarded, want string }{
		{"no proxy", "192.0.2.1", "", "192.0.2.1"},
		{"untrusted peer lies", "192.0.2.1", "203.0.113.5", "192.0.2.1"},
		{"trusted proxy", "10.0.0.1", "203.0.113.5", "203.0.113.5"},
		{"browser writes one itself", "10.0.0.1", "1.1.1.1, 203.0.113.5", "203.0.113.5"},
		{"two trusted proxies", "10.0.0.1", "1.1.1.1, 203.0.113.5, 10.0.0.2", "203.0.113.5"},
		{"with a port", "10.0.0.1", "203.0.113.5:4711", "203.0.113.5"},
		{"IPv6", "10.0.0.1", "[2001:db8::1]:4711", "2001:db8::1"},
		{"IPv4 in IPv6", "::ffff:10.0.0.1", "203.0.113.5", "203.0.113.5"},
		{"rubbish", "10.0.0.1", "unknown", "10.0.0.1"},
		{"nothing", "10.0.0.1", "", "10.0.0.1"},
	} {
		r := newRig(t, func(o *launch.Options) { o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")} })
		b := r.browser(row.peer)
		if strings.Contains(row.peer, ":") {
			b.addr = "[" + row.peer + "]:50000"
		}
		b.send("GET", "https://studio.example.com/launch/x", "", "X-Forwarded-For", row.forwarded)
		if log := r.log.String(); !strings.Contains(log, `"client":"`+row.want+`"`) {
			t.Errorf("%s: want %s in %s", row.name, row.want, log)
		}
	}
}
