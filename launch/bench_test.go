package launch_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/studiobot/studiobot/audit"
	"github.com/studiobot/studiobot/launch"
	"github.com/studiobot/studiobot/store/memory"
	"github.com/studiobot/studiobot/studio"
)

// straight is an Opener that has nothing to wait for.
type straight struct{}

func (straight) Open(context.Context, studio.Person, studio.Option) (string, error) {
	return presigned, nil
}

// newBench is a Service whose audit lines are formatted and thrown away.
func newBench(b *testing.B, tickets int) *launch.Service {
	b.Helper()
	store := memory.New(memory.Options{Limit: tickets + 1})
	b.Cleanup(func() { _ = store.Close() })
	log := slog.New(slog.NewJSONHandler(io.Discard, nil))
	s, err := launch.New(b.Context(), launch.Options{
		Store: store, Opener: straight{}, Audit: audit.New(log), Log: log,
		PublicURL: &url.URL{Scheme: "https", Host: "studio.example.com"},
		LinkTTL:   15 * time.Minute, Proof: launch.ProofClick, Command: "/studio",
		Destinations: []string{"https://*.studio.us-west-2.sagemaker.aws"},
	})
	if err != nil {
		b.Fatal(err)
	}
	return s
}

// issueMany issues n links with one button each.
func issueMany(b *testing.B, s *launch.Service, n int) []studio.Link {
	b.Helper()
	links := make([]studio.Link, n)
	for i := range links {
		is, err := s.Issue(b.Context(), jane, options[:1], fmt.Sprintf("trigger-%d", i), time.Now())
		if err != nil {
			b.Fatal(err)
		}
		links[i] = is.Links[0]
	}
	return links
}

func armOne(b *testing.B, s *launch.Service, l studio.Link) {
	b.Helper()
	click := studio.Click{ID: "1763980327.000001", Person: jane, Handle: l.Handle, ResponseURL: "https://hooks.slack.com/actions/x"}
	if _, err := s.Arm(b.Context(), click, func(studio.Option) error { return nil }); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkIssue makes a ticket with one button: what launch adds to a command.
func BenchmarkIssue(b *testing.B) {
	s := newBench(b, b.N)
	b.ReportAllocs()
	b.ResetTimer()
	issueMany(b, s, b.N)
}

// BenchmarkArm applies one click.
func BenchmarkArm(b *testing.B) {
	s := newBench(b, b.N)
	links := issueMany(b, s, b.N)
	b.ReportAllocs()
	b.ResetTimer()
	for _, l := range links {
		armOne(b, s, l)
	}
}

// blank is an answer that nobody reads.
type blank struct {
	header http.Header
	status int
}

func (w *blank) Header() http.Header         { return w.header }
func (w *blank) Write(p []byte) (int, error) { return len(p), nil }
func (w *blank) WriteHeader(status int)      { w.status = status }

// BenchmarkRedeem is a browser's GET of an armed link, without network and
// without SageMaker. An arming lasts 30 s, so it is done in portions.
func BenchmarkRedeem(b *testing.B) {
	const portion = 10_000
	request := httptest.NewRequest(http.MethodGet, "/launch/", nil)
	request.RemoteAddr = "203.0.113.7:50000"
	request.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
	b.ReportAllocs()
	b.ResetTimer()
	for done := 0; done < b.N; done += portion {
		b.StopTimer()
		n := min(portion, b.N-done)
		s := newBench(b, n)
		h := s.Handler()
		paths := make([]string, n)
		for i, l := range issueMany(b, s, n) {
			armOne(b, s, l)
			u, err := url.Parse(l.URL)
			if err != nil {
				b.Fatal(err)
			}
			paths[i] = u.Path
		}
		b.StartTimer()
		for _, path := range paths {
			request.URL.Path = path
			w := blank{header: http.Header{}}
			h.ServeHTTP(&w, request)
			if w.status != http.StatusFound {
				b.Fatalf("status %d", w.status)
			}
		}
	}
}

// BenchmarkPage renders the page of /, which is as long as any other.
func BenchmarkPage(b *testing.B) {
	h := newBench(b, 0).Handler()
	request := httptest.NewRequest(http.MethodGet, "/", nil)
	b.ReportAllocs()
	for b.Loop() {
		w := blank{header: http.Header{}}
		h.ServeHTTP(&w, request)
		if w.status != http.StatusOK {
			b.Fatalf("status %d", w.status)
		}
	}
}
