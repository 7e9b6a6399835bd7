package sagemaker_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/studiobot/studiobot/internal/sagemakersim"
	"github.com/studiobot/studiobot/studio"
)

func TestOpen(t *testing.T) {
	t.Parallel()
	sim := startSim(t, sagemakersim.Options{})
	c := newClient(t, sim.URL(), nil)
	for _, target := range []studio.Target{"", studio.Home} {
		o := jane
		o.Target = target
		url, err := c.Open(t.Context(), me, o)
		if err != nil {
			t.Fatal(err)
		}
		if len(url) != 4429 {
			t.Errorf("the URL has %d characters", len(url))
		}
		resp, err := http.Get(url)
		if err != nil {
			t.Fatal("the URL can't be loaded")
		}
		resp.Body.Close()
		if !strings.HasPrefix(resp.Request.URL.Path, "/studio/") {
			t.Errorf("the browser ended on %s", resp.Request.URL.Path)
		}
	}
	call := sim.Calls()[0]
	if call.Domain != research.ID || call.Profile != "jane-doe" || call.ExpiresIn != 5 || call.Session != 8*3600 ||
		call.LandingURI != "" || call.Space != "" || !call.Signed || !strings.Contains(call.UserAgent, "app/studiobot") {
		t.Errorf("asked for %+v", call)
	}
}

func TestOpenRegion(t *testing.T) {
	t.Parallel()
	sim := startSim(t, sagemakersim.Options{Region: "eu-west-1"})
	c := newClient(t, sim.URL(), nil)
	if _, err := c.Open(t.Context(), me, studio.Option{Domain: "prod", Profile: "JANE-Doe"}); err != nil {
		t.Errorf("its own Region: %v", err)
	}
	_, err := c.Open(t.Context(), me, jane) // signed for us-west-2
	wantKind(t, err, studio.ErrForbidden)
}

func TestOpenRefusesBeforeAsking(t *testing.T) {
	t.Parallel()
	sim := startSim(t, sagemakersim.Options{})
	c := newClient(t, sim.URL(), nil)
	for _, tt := range []struct {
		name string
		o    studio.Option
		kind error
	}{
		{"unknown domain", studio.Option{Domain: "other", Profile: "jane-doe"}, studio.ErrNoProfile},
		{"no profile", studio.Option{Domain: "research"}, studio.ErrRefused},
		{"a space", studio.Option{Domain: "research", Profile: "John Doe"}, studio.ErrRefused},
		{"an e-mail address", studio.Option{Domain: "research", Profile: "jane@example.com"}, studio.ErrRefused},
		{"a line end", studio.Option{Domain: "research", Profile: "jane\n"}, studio.ErrRefused},
		{"64 characters", studio.Option{Domain: "research", Profile: strings.Repeat("a", 64)}, studio.ErrRefused},
		{"another target", studio.Option{Domain: "research", Profile: "jane-doe", Target: "emacs"}, studio.ErrRefused},
		{"a space that can't be", studio.Option{Domain: "research", Profile: "jane-doe", Target: studio.Lab, Name: "../other"}, studio.ErrRefused},
		{"a space behind a slash", studio.Option{Domain: "research", Profile: "jane-doe", Target: studio.Lab, Name: "/lab"}, studio.ErrRefused},
		{"a name for what has none", studio.Option{Domain: "research", Profile: "jane-doe", Target: studio.Canvas, Name: "x"}, studio.ErrRefused},
		{"a name for Studio's home", studio.Option{Domain: "research", Profile: "jane-doe", Name: "x"}, studio.ErrRefused},
		{"a space without a profile", studio.Option{Domain: "research", Target: studio.Lab, Name: "x"}, studio.ErrRefused},
		{"a notebook instance without a name", studio.Option{Domain: "research", Target: studio.Notebook}, studio.ErrRefused},
		{"a bad profile beside it", studio.Option{Domain: "research", Profile: "a b", Target: studio.Notebook, Name: "x"}, studio.ErrRefused},
		{"a long name of one", studio.Option{Domain: "research", Target: studio.NotebookLab, Name: strings.Repeat("x", 64)}, studio.ErrRefused},
		{"a tracking server without a name", studio.Option{Domain: "research", Target: studio.MLflow}, studio.ErrRefused},
		{"a long name of one", studio.Option{Domain: "research", Target: studio.MLflow, Name: strings.Repeat("x", 257)}, studio.ErrRefused},
	} {
		_, err := c.Open(t.Context(), me, tt.o)
		t.Run(tt.name, func(t *testing.T) { wantKind(t, err, tt.kind) })
	}
	if n := len(sim.Calls()); n != 0 {
		t.Errorf("%d calls", n)
	}
}

func TestOpenNotThere(t *testing.T) {
	t.Parallel()
	sim := startSim(t, sagemakersim.Options{})
	sim.RemoveProfile(research.ID, "jane-doe")
	_, err := newClient(t, sim.URL(), nil).Open(t.Context(), me, jane)
	wantKind(t, err, studio.ErrNoProfile)
}

// A connection that leads nowhere takes one attempt, not the whole time.
func TestOpenHanging(t *testing.T) {
	t.Parallel()
	t.Run("once", func(t *testing.T) {
		t.Parallel()
		sim := startSim(t, sagemakersim.Options{})
		c := newClient(t, sim.URL(), nil)
		c.SetTimes(500*time.Millisecond, time.Minute)
		sim.Fail(sagemakersim.Fault{Hang: true})
		if _, err := c.Open(t.Context(), me, jane); err != nil {
			t.Error(err)
		}
		if n := sim.CallCount(presign); n < 2 {
			t.Errorf("%d attempts", n)
		}
	})
	t.Run("always", func(t *testing.T) {
		t.Parallel()
		sim := startSim(t, sagemakersim.Options{})
		c := newClient(t, sim.URL(), nil)
		c.SetTimes(50*time.Millisecond, time.Minute)
		sim.Fail(sagemakersim.Fault{N: -1, Hang: true})
		_, err := c.Open(t.Context(), me, jane)
		wantKind(t, err, studio.ErrUnavailable)
		if n := sim.CallCount(presign); n > 3 {
			t.Errorf("%d attempts", n)
		}
	})
	t.Run("until the overall deadline", func(t *testing.T) {
		t.Parallel()
		sim := startSim(t, sagemakersim.Options{})
		c := newClient(t, sim.URL(), nil)
		c.SetTimes(time.Minute, 200*time.Millisecond)
		sim.Fail(sagemakersim.Fault{N: -1, Hang: true})
		_, err := c.Open(t.Context(), me, jane)
		wantKind(t, err, studio.ErrUnavailable)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the cause isn't the deadline: %v", err)
		}
	})
}

func TestOpenNobodyThere(t *testing.T) {
	t.Parallel()
	t.Run("nobody accepts", func(t *testing.T) {
		t.Parallel()
		deaf, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer deaf.Close()
		c := newClient(t, "http://"+deaf.Addr().String(), nil)
		c.SetTimes(50*time.Millisecond, time.Minute)
		_, err = c.Open(t.Context(), me, jane)
		wantKind(t, err, studio.ErrUnavailable)
	})
	t.Run("nobody listens", func(t *testing.T) {
		t.Parallel()
		gone, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		gone.Close()
		_, err = newClient(t, "http://"+gone.Addr().String(), nil).Open(t.Context(), me, jane)
		wantKind(t, err, studio.ErrUnavailable)
	})
}

// An answer that ends too early says nothing about the request.
func TestOpenCutShort(t *testing.T) {
	t.Parallel()
	attempts := make(chan struct{}, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		attempts <- struct{}{}
		w.Header().Set("Content-Length", "4000")
		_, _ = w.Write([]byte(`{"AuthorizedUrl":"http`))
	}))
	t.Cleanup(server.Close)
	_, err := newClient(t, server.URL, nil).Open(t.Context(), me, jane)
	wantKind(t, err, studio.ErrUnavailable)
	if len(attempts) != 3 {
		t.Errorf("%d attempts", len(attempts))
	}
}

// One that begins and never ends takes one attempt as well.
func TestOpenBodyHangs(t *testing.T) {
	t.Parallel()
	attempts := make(chan struct{}, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		attempts <- struct{}{}
		_, _ = w.Write([]byte(`{"AuthorizedUrl":"http`))
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}))
	t.Cleanup(server.Close)
	c := newClient(t, server.URL, nil)
	c.SetTimes(100*time.Millisecond, time.Minute)
	_, err := c.Open(t.Context(), me, jane)
	wantKind(t, err, studio.ErrUnavailable)
	if n := len(attempts); n > 3 {
		t.Errorf("%d attempts", n)
	}
}

// SageMaker doesn't redirect; whoever does isn't SageMaker.
func TestOpenFollowsNoRedirect(t *testing.T) {
	t.Parallel()
	elsewhere := startSim(t, sagemakersim.Options{})
	server := httptest.NewServer(http.RedirectHandler(elsewhere.URL(), http.StatusTemporaryRedirect))
	t.Cleanup(server.Close)
	_, err := newClient(t, server.URL, nil).Open(t.Context(), me, jane)
	wantKind(t, err, studio.ErrRefused)
	if n := len(elsewhere.Calls()); n != 0 {
		t.Errorf("a signed request went elsewhere: %d calls", n)
	}
}

func TestOpenCallerGaveUp(t *testing.T) {
	t.Parallel()
	sim := startSim(t, sagemakersim.Options{})
	c := newClient(t, sim.URL(), nil)
	sim.Fail(sagemakersim.Fault{Hang: true})
	calls, stop := sim.Subscribe()
	defer stop()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := c.Open(ctx, me, jane)
		done <- err
	}()
	<-calls
	cancel()
	err := <-done
	wantKind(t, err, studio.ErrUnavailable)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("not recognisable: %v", err)
	}
}
