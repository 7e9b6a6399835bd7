package signin

import (
	"crypto/rand"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/studiobot/studiobot/audit"
)

var key, otherKey = []byte(strings.Repeat("k", 32)), []byte(strings.Repeat("o", 32))

// service is one whose provider is never asked.
func service(t testing.TB, public string, keys ...[]byte) *Service {
	t.Helper()
	u, err := url.Parse(public)
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(Options{
		Issuer: "https://slack.com", ClientID: "client", ClientSecret: "secret", Slack: true, PublicURL: u, Keys: keys, Session: time.Hour,
		Show:  func(w http.ResponseWriter, n Notice) { w.WriteHeader(n.Status) },
		Audit: audit.New(slog.New(slog.DiscardHandler)), Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// signedIn is the cookie that the service gives a browser.
func signedIn(t testing.TB, s *Service) *http.Cookie {
	t.Helper()
	w := httptest.NewRecorder()
	if err := s.keep(w, identity{team: "T0ACME", user: "U0JANE"}); err != nil {
		t.Fatal(err)
	}
	return w.Result().Cookies()[0]
}

func with(cookies ...*http.Cookie) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	for _, c := range cookies {
		r.AddCookie(c)
	}
	return r
}

func TestSessionCookie(t *testing.T) {
	t.Parallel()
	s := service(t, "https://studio.example.com/bot", key)
	c := signedIn(t, s)
	if c.Name != "__Host-studiobot_session" || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.MaxAge != 3600 {
		t.Errorf("the cookie is %+v", c)
	}
	if strings.Contains(c.Value, "U0JANE") || len(c.Value) > 1000 {
		t.Errorf("its value is %s", c.Value)
	}
	who, ok := s.Session(with(c))
	if !ok || who.Person.String() != "T0ACME/U0JANE" || who.Until.Sub(who.Since) != time.Hour {
		t.Fatalf("%+v, %v", who, ok)
	}
	change := func(f func(*Service)) *Service {
		other := service(t, "https://studio.example.com/bot", key)
		f(other)
		return other
	}
	sealed := func(v any) string {
		text, err := s.begun.seal(v)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	now := time.Now()
	flows := sealed([]flow{newFlow("/", now)})
	begun := sealed(session{Issuer: s.o.Issuer, Client: s.o.ClientID, Team: "T0ACME", User: "U0JANE", Since: now, Until: now.Add(time.Hour)})
	for name, x := range map[string]struct {
		s       *Service
		cookies []*http.Cookie
	}{
		"none":               {s, nil},
		"empty":              {s, []*http.Cookie{{Name: c.Name}}},
		"a letter changed":   {s, []*http.Cookie{{Name: c.Name, Value: c.Value[:len(c.Value)-3] + "AAA"}}},
		"too long":           {s, []*http.Cookie{{Name: c.Name, Value: strings.Repeat("A", 5000)}}},
		"two":                {s, []*http.Cookie{c, c}},
		"the other cookie's": {s, []*http.Cookie{{Name: c.Name, Value: flows}}},
		"sealed for that":    {s, []*http.Cookie{{Name: c.Name, Value: begun}}},
		"another key":        {service(t, "https://studio.example.com/bot", otherKey), []*http.Cookie{c}},
		"another client":     {change(func(s *Service) { s.o.ClientID = "other" }), []*http.Cookie{c}},
		"another issuer":     {change(func(s *Service) { s.o.Issuer = "https://example.com" }), []*http.Cookie{c}},
		"its time is over":   {change(func(s *Service) { s.now = func() time.Time { return time.Now().Add(time.Hour) } }), []*http.Cookie{c}},
		"shorter by now": {change(func(s *Service) {
			s.o.Session, s.now = time.Minute, func() time.Time { return time.Now().Add(2 * time.Minute) }
		}), []*http.Cookie{c}},
		"of the future":  {change(func(s *Service) { s.now = func() time.Time { return time.Now().Add(-time.Hour) } }), []*http.Cookie{c}},
		"by http's name": {s, []*http.Cookie{{Name: "studiobot_session", Value: c.Value}}},
	} {
		if who, ok := x.s.Session(with(x.cookies...)); ok || who.Person.User != "" {
			t.Errorf("%s: signed in as %s", name, who.Person)
		}
	}
	if _, ok := service(t, "https://studio.example.com", otherKey, key).Session(with(c)); !ok {
		t.Error("an old key doesn't open")
	}
	loopback := signedIn(t, service(t, "http://127.0.0.1:8080", key))
	if loopback.Name != "studiobot_session" || loopback.Secure || !loopback.HttpOnly {
		t.Errorf("on loopback: %+v", loopback)
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		public string
		keys   [][]byte
	}{
		"http":      {"http://studio.example.com", [][]byte{key}},
		"no key":    {"https://studio.example.com", nil},
		"short key": {"https://studio.example.com", [][]byte{key, key[:31]}},
	} {
		u, _ := url.Parse(x.public)
		if _, err := New(Options{PublicURL: u, Keys: x.keys}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestOwnPath(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]bool{
		"/": true, "/open/research": true, "/open/research/lab": true, "/launch/abc-_.0": true,
		"": false, "//": false, "//evil.example.com": false, `/\evil.example.com`: false, "/open": false, "/open/": false, "/open/../x": false,
		"/open/./x": false, "/open//x": false, "/open/x/": false, "/launch/%2e": false, "/launch/a?b": false, "/launch/a#b": false, "/auth/out": false,
		"https://evil.example.com/": false, "open/x": false, "/open/x\r\n": false, "/open/é": false, "/open/" + strings.Repeat("x", 200): false,
	} {
		if got := ownPath("", path); got != want {
			t.Errorf("%q: %v", path, got)
		}
		if got := ownPath("/bot", "/bot"+path); got != want {
			t.Errorf("below /bot, %q: %v", path, got)
		}
		if ownPath("/bot", path) {
			t.Errorf("%q is none below /bot", path)
		}
	}
	if ownPath("/bot", "/botx/") {
		t.Error("/botx/ is none below /bot")
	}
}

// A browser keeps a bounded number of sign-ins, and each is good once.
func TestFlowsAreBounded(t *testing.T) {
	t.Parallel()
	now := time.Now()
	var flows []flow
	for range 10 {
		flows = alive(append(flows, newFlow("/open/"+strings.Repeat("x", maxBack-6), now)), now)
	}
	if len(flows) != maxFlows {
		t.Fatalf("%d", len(flows))
	}
	s := service(t, "https://studio.example.com", key)
	text, err := s.begun.seal(flows)
	if err != nil || len(text) > 3000 {
		t.Errorf("%d bytes, %v", len(text), err)
	}
	found, others, ok := takeFlow(flows, flows[1].State)
	if !ok || found != flows[1] || len(others) != maxFlows-1 {
		t.Errorf("%v %+v", ok, others)
	}
	if _, _, again := takeFlow(others, flows[1].State); again {
		t.Error("found again")
	}
	if got := alive(flows, now.Add(flowTime)); len(got) != 0 {
		t.Errorf("%d are alive after their time", len(got))
	}
	var u used
	for i := range 2 * maxUsed {
		if !u.first(string(rune('a'+i%26))+strings.Repeat("x", i/26%50)+url.QueryEscape(time.Duration(i).String()), now.Add(time.Hour)) {
			t.Fatalf("the state %d was there before", i)
		}
	}
	if len(u.by) > maxUsed || len(u.when) != len(u.by) {
		t.Errorf("%d and %d are remembered", len(u.by), len(u.when))
	}
}

func TestAddress(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Jane@Example.com": "jane@example.com", "j.d+x@example.com": "j.d+x@example.com",
		"": "", "jane": "", "@example.com": "", "jane@": "", "a@b@c": "", "jane @example.com": "", "\u212Aate@example.com": "", "ja\u0131ne@example.com": "",
		"jane@ex\u00e4mple.com": "", "jane@example.com\n": "", strings.Repeat("a", 65) + "@example.com": "",
	} {
		if got, ok := Address(in); got != want && ok || ok != (want != "") {
			t.Errorf("%q: %q, %v", in, got, ok)
		}
	}
}

func FuzzOwnPath(f *testing.F) {
	for _, seed := range []string{"/", "//x", "/open/a/b", "/launch/x.0", `/\x`, "/open/..", "/bot/open/x"} {
		f.Add("", seed)
		f.Add("/bot", "/bot"+seed)
	}
	site, _ := url.Parse("https://studio.example.com")
	f.Fuzz(func(t *testing.T, base, path string) {
		if base != "" && base != "/bot" || !ownPath(base, path) {
			return
		}
		u, err := site.Parse(path)
		if err != nil || u.Scheme != "https" || u.Host != site.Host || u.Path != path || u.RawQuery != "" || u.Fragment != "" || u.User != nil || strings.ContainsAny(path, "\\\r\n%?#") {
			t.Errorf("%q leads to %v, %v", path, u, err)
		}
	})
}

// Nothing opens but what was sealed, to the letter. Each process has a key of its
// own, so that what another one sealed is no cookie, either.
func FuzzCookie(f *testing.F) {
	k := make([]byte, 32)
	_, _ = rand.Read(k)
	s := service(f, "https://studio.example.com", k, otherKey)
	c := signedIn(f, s)
	f.Add("eyJhbGciOiJub25lIn0.e30.", uint(0), byte('A'))
	f.Add("a.b.c.d.e", uint(len(c.Value)-1), byte('B'))
	f.Add(c.Value[:20], uint(40), byte('.'))
	f.Fuzz(func(t *testing.T, value string, at uint, letter byte) {
		changed := []byte(c.Value)
		changed[at%uint(len(changed))] = letter
		for _, v := range []string{value, string(changed)} {
			if who, ok := s.Session(with(&http.Cookie{Name: c.Name, Value: v})); ok && v != c.Value {
				t.Errorf("%q opens as %v", v, who)
			}
			var flows []flow
			if s.begun.open(v, &flows) == nil {
				t.Errorf("%q opens as a sign-in", v)
			}
		}
	})
}

func FuzzCallback(f *testing.F) {
	s := service(f, "https://studio.example.com", key)
	own := newFlow("/", time.Now())
	text, err := s.begun.seal([]flow{own})
	if err != nil {
		f.Fatal(err)
	}
	f.Add("code=x&state=y")
	f.Add("state=" + strings.Repeat("a", 100) + "&error=access_denied")
	f.Add("state=%zz;;&iss=x")
	f.Fuzz(func(t *testing.T, query string) {
		if strings.Contains(query, own.State) {
			return
		}
		r := with(&http.Cookie{Name: "__Host-studiobot_sign_in", Value: text})
		r.URL = &url.URL{Path: "/auth/callback", RawQuery: query}
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		if w.Code != http.StatusBadRequest || len(w.Result().Cookies()) > 0 {
			t.Errorf("%q: %d, %v", query, w.Code, w.Result().Cookies())
		}
	})
}
