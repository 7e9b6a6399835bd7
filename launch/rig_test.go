package launch_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/studiobot/studiobot/audit"
	"github.com/studiobot/studiobot/launch"
	"github.com/studiobot/studiobot/store/memory"
	"github.com/studiobot/studiobot/studio"
)

var (
	jane    = studio.Person{Team: "T0ACME", User: "U0JANE"}
	mallory = studio.Person{Team: "T0ACME", User: "U0MALLORY"}
	options = []studio.Option{
		{Domain: "research", Label: "Research · dev", Profile: "jane-doe", Target: studio.Home},
		{Domain: "prod", Label: "Prod", Profile: "jdoe", Target: studio.Home},
	}
)

// presigned is as long as a real one.
var presigned = "https://abcdefghijklmno.studio.us-west-2.sagemaker.aws/auth?token=" + strings.Repeat("x", 4_363)

// script is an Opener that answers from a list and then opens everything.
type script struct {
	mu     sync.Mutex
	errs   []error
	before func(ctx context.Context) error
	opened []studio.Option
}

func (s *script) Open(ctx context.Context, _ studio.Person, o studio.Option) (string, error) {
	if s.before != nil {
		if err := s.before(ctx); err != nil {
			return "", err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opened = append(s.opened, o)
	if len(s.errs) > 0 {
		err := s.errs[0]
		s.errs = s.errs[1:]
		if err != nil {
			return "", err
		}
	}
	return presigned, nil
}

func (s *script) calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.opened)
}

// lockedBuffer is a log that tests read while it is written.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
	err error
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err != nil {
		return 0, b.err
	}
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func (b *lockedBuffer) fail(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.err = err
}

// rig is a Service with everything around it. It works inside a synctest
// bubble, where two minutes pass in no time.
type rig struct {
	*launch.Service
	t       testing.TB
	studio  *script
	store   launch.Store
	handler http.Handler
	log     *lockedBuffer
	mu      sync.Mutex
	opened  []studio.Opened

	triggers atomic.Int64
}

func newRig(t testing.TB, change func(*launch.Options)) *rig {
	t.Helper()
	r := &rig{t: t, studio: &script{}, log: &lockedBuffer{}}
	mem := memory.New(memory.Options{})
	t.Cleanup(func() { _ = mem.Close() })
	r.store = mem
	log := slog.New(slog.NewJSONHandler(r.log, nil))
	public, err := url.Parse("https://studio.example.com")
	if err != nil {
		t.Fatal(err)
	}
	o := launch.Options{
		Store: r.store, Opener: r.studio, Audit: audit.New(log), Log: log, PublicURL: public,
		LinkTTL: 2 * time.Minute, Proof: launch.ProofClick, Command: "/studio", Help: "Ask in #ml-platform.",
		Destinations: []string{"https://*.studio.us-west-2.sagemaker.aws"},
		SignIn:       func(string) string { return "https://d-sso.studio.us-west-2.sagemaker.aws" },
		Opened: func(x studio.Opened) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.opened = append(r.opened, x)
		},
	}
	if change != nil {
		change(&o)
	}
	r.store = o.Store
	r.Service, err = launch.New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	r.handler = r.Handler()
	return r
}

// issue makes a ticket for Jane and returns it.
func (r *rig) issue() studio.Issued {
	r.t.Helper()
	is, err := r.Issue(r.t.Context(), jane, options, fmt.Sprint("trigger-", r.triggers.Add(1)), time.Now())
	if err != nil {
		r.t.Fatal(err)
	}
	return is
}

// click is Slack's word that who pressed the button.
func (r *rig) click(who studio.Person, link studio.Link) error {
	_, err := r.Arm(r.t.Context(), studio.Click{
		ID: fmt.Sprint(time.Now().UnixNano()), Person: who, Handle: link.Handle, ResponseURL: "https://hooks.slack.com/actions/secret",
	}, func(studio.Option) error { return nil })
	return err
}

func (r *rig) mustClick(link studio.Link) {
	r.t.Helper()
	if err := r.click(jane, link); err != nil {
		r.t.Fatalf("click: %v", err)
	}
}

// browser is one browser of one person: an address, a kind, and its cookies.
type browser struct {
	r      *rig
	addr   string
	agent  string
	cookie *http.Cookie
}

func (r *rig) browser(addr string) *browser {
	return &browser{r: r, addr: addr + ":50000", agent: "Mozilla/5.0 Firefox/140"}
}

// send makes one request. header is a list of names and values.
func (b *browser) send(method, target, body string, header ...string) *httptest.ResponseRecorder {
	return b.sendContext(context.Background(), method, target, body, header...)
}

func (b *browser) sendContext(ctx context.Context, method, target, body string, header ...string) *httptest.ResponseRecorder {
	req := httptest.NewRequest(method, target, strings.NewReader(body)).WithContext(ctx)
	req.RemoteAddr = b.addr
	req.Header.Set("User-Agent", b.agent)
	if body != "" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	if b.cookie != nil {
		req.AddCookie(b.cookie)
	}
	w := httptest.NewRecorder()
	b.r.handler.ServeHTTP(w, req)
	for _, c := range w.Result().Cookies() {
		b.cookie = c
	}
	return w
}

func (b *browser) get(link studio.Link) *httptest.ResponseRecorder {
	return b.send(http.MethodGet, link.URL, "")
}

// again is what the waiting page does by itself.
func (b *browser) again(link studio.Link) *httptest.ResponseRecorder {
	return b.send(http.MethodGet, link.URL+"?again", "")
}

var titleTag = regexp.MustCompile(`<title>(.*?)</title>`)

// title is what the page is called, or the status of an answer without one.
func title(w *httptest.ResponseRecorder) string {
	if m := titleTag.FindStringSubmatch(w.Body.String()); m != nil {
		return m[1]
	}
	return fmt.Sprint(w.Code)
}

// opens checks that the answer is the redirect and nothing but.
func opens(t *testing.T, w *httptest.ResponseRecorder, status int) {
	t.Helper()
	if w.Code != status || w.Header().Get("Location") != presigned {
		t.Fatalf("got %d %q, want a redirect to Studio", w.Code, title(w))
	}
	if w.Body.Len() != 0 {
		t.Errorf("the redirect has a body of %d bytes", w.Body.Len())
	}
	for name, want := range map[string]string{"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// says checks that the answer is a page of that status and title.
func says(t *testing.T, w *httptest.ResponseRecorder, status int, want string) {
	t.Helper()
	if w.Code != status || title(w) != want {
		t.Fatalf("got %d %q, want %d %q", w.Code, title(w), status, want)
	}
	if w.Header().Get("Location") != "" {
		t.Error("a page with a Location")
	}
}

const (
	waiting = "Waiting for Slack to confirm that it’s you"
	used    = "This link has already been used."
	expired = "This link has expired."
	unknown = "This link doesn&#39;t work."
	burned  = "This link was switched off to protect you."
	busy    = "Studio is opening in another tab."
	confirm = "Open Studio?"
)
