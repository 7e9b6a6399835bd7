package launch_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/studiobot/studiobot/launch"
	"github.com/studiobot/studiobot/studio"
)

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
	r.studio.before = nil
	opens(t, r.browser("192.0.2.1").get(link), 302) // handed back
}

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

// What is the matter with something that has a name is said of that.
func TestThingErrors(t *testing.T) {
	t.Parallel()
	notebook := studio.Option{Domain: "research", Label: "Research · dev", Target: studio.Notebook, Name: "gpu-box"}
	server := studio.Option{Domain: "research", Label: "Research · dev", Profile: "jane-doe", Target: studio.MLflow, Name: "tracking"}
	space := studio.Option{Domain: "research", Label: "Research · dev", Profile: "jane-doe", Target: studio.Lab, Name: "my-lab"}
	for _, row := range []struct {
		option studio.Option
		err    error
		status int
		retry  bool
		words  []string
	}{
		{notebook, studio.ErrStopped, 409, false, []string{"The notebook instance gpu-box isn&#39;t running.", "/studio notebook gpu-box"}},
		{notebook, studio.ErrPending, 409, true, []string{"The notebook instance gpu-box is still being prepared.", "Try again"}},
		{notebook, studio.ErrBroken, 409, false, []string{"The notebook instance gpu-box can&#39;t be opened as it is."}},
		{notebook, studio.ErrNoTarget, 404, false, []string{"That isn&#39;t there any more."}},
		{server, studio.ErrStopped, 409, false, []string{"The tracking server tracking isn&#39;t running.", "ask your admin"}},
		{server, studio.ErrPending, 409, true, []string{"The tracking server tracking is still being prepared."}},
		{space, studio.ErrNoTarget, 404, false, []string{"That isn&#39;t there any more.", "/studio"}},
		{space, studio.ErrPending, 409, true, []string{"Your Studio is still being prepared."}},
		{space, studio.ErrBroken, 409, false, []string{"Your Studio can&#39;t be opened as it is."}},
	} {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t, nil)
			r.studio.errs = []error{fmt.Errorf("%w: arn:aws:x", row.err)}
			is, err := r.Issue(t.Context(), jane, []studio.Option{row.option}, "trigger", time.Now())
			if err != nil {
				t.Fatal(err)
			}
			r.mustClick(is.Links[0])
			w := r.browser("192.0.2.1").get(is.Links[0])
			body := w.Body.String()
			if w.Code != row.status || strings.Contains(body, "arn:") || strings.Contains(body, ">Try again<") != row.retry {
				t.Errorf("%s of %s: %d\n%s", row.err, row.option.Name, w.Code, body)
			}
			for _, want := range row.words {
				if !strings.Contains(body, want) {
					t.Errorf("%s of %s: no %q in\n%s", row.err, row.option.Name, want, body)
				}
			}
		})
	}
}
