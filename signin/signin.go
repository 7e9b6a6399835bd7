package signin

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/studiobot/studiobot/audit"
)

// Limiter bounds how often something may happen, for each key by itself.
type Limiter interface {
	// Allow counts one, and says how long to wait where it is one too many.
	Allow(key string) (wait time.Duration, ok bool)
	// Over says whether it would be one too many, without counting.
	Over(key string) (wait time.Duration, over bool)
}

// Options is what a Service is made of. All but Slack, EmailDomains, Claims,
// Refused, Client and Transport are required.
type Options struct {
	// Issuer is the provider, exactly as its discovery document names itself.
	Issuer                 string
	ClientID, ClientSecret string
	// Slack: the provider is Slack, and names the user and the workspace.
	// Otherwise the confirmed e-mail address counts.
	Slack bool
	// EmailDomains are the mail domains that count; empty: any. Claims are what an
	// ID token must say, besides.
	EmailDomains []string
	Claims       map[string]string
	// PublicURL is where browsers reach us, without a trailing slash: https, or
	// http on loopback.
	PublicURL *url.URL
	// Keys seal cookies: the first one, while each of them opens. At least 32
	// bytes each.
	Keys [][]byte
	// Session is how long a browser stays signed in.
	Session time.Duration
	// Team is the workspace to sign in to, where nothing else says; may be nil.
	Team func() string
	// Show answers with a page.
	Show func(w http.ResponseWriter, n Notice)
	// Client is the browser's address and its network, for the trail and Refused.
	Client func(r *http.Request) (address, network string)
	// Refused limits the sign-ins of one network that come to nothing: each may
	// cost a call to the provider.
	Refused Limiter
	Audit   *audit.Log
	Log     *slog.Logger
	// Transport reaches the provider; nil: the usual one, with HTTPS_PROXY.
	Transport http.RoundTripper
}

// Service signs browsers in.
type Service struct {
	o        Options
	base     string // the path of PublicURL
	sessions sealer
	begun    sealer
	provider *provider
	used     used
	now      func() time.Time
}

// redirect is where the provider sends browsers back to.
func (o Options) redirect() string { return o.PublicURL.String() + "/auth/callback" }

// New returns a Service. It makes no network call.
func New(o Options) (*Service, error) {
	if o.PublicURL.Scheme != "https" && !loopback(o.PublicURL.Hostname()) {
		return nil, errors.New("signing in needs an https public_url")
	}
	s := &Service{o: o, base: o.PublicURL.Path, now: time.Now}
	var err error
	if s.sessions, err = newSealer(o.Keys, "session"); err != nil {
		return nil, err
	}
	if s.begun, err = newSealer(o.Keys, "sign-in"); err != nil {
		return nil, err
	}
	s.provider = newProvider(o)
	return s, nil
}

// Ask says how a browser is sent to sign in.
type Ask struct {
	// Back is the path to come back to; what isn't one of ours becomes the front
	// door's.
	Back string
	// Team is the workspace to sign in to, where that is known.
	Team string
	// Other asks for a sign-in anew, so that somebody else can.
	Other bool
}

// Begin sends the browser to the provider.
func (s *Service) Begin(w http.ResponseWriter, r *http.Request, a Ask) {
	if !ownPath(s.base, a.Back) {
		a.Back = s.base + "/"
	}
	if a.Team == "" && s.o.Team != nil {
		a.Team = s.o.Team()
	}
	ctx, cancel := context.WithTimeout(r.Context(), callTime)
	defer cancel()
	known, err := s.provider.ready(ctx)
	if err != nil {
		s.refuse(w, r, a.Back, err)
		return
	}
	f := newFlow(a.Back, s.now())
	if err := s.setFlows(w, append(s.flows(r), f)); err != nil {
		s.refuse(w, r, a.Back, err)
		return
	}
	s.send(w, http.StatusFound, known.address(f, a.Team, s.o.Slack, a.Other))
}

// send answers with a redirect and no body. The address of a sign-in is nobody
// else's business.
func (s *Service) send(w http.ResponseWriter, status int, address string) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Location", address)
	h.Set("Content-Length", "0")
	w.WriteHeader(status)
}

// Handler serves /auth/start, /auth/callback and /auth/out, below PublicURL's
// path.
func (s *Service) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch name, method := strings.TrimPrefix(r.URL.Path, s.base+"/auth/"), r.Method; {
		case name == "start" && method == http.MethodGet:
			s.start(w, r)
		case name == "callback" && method == http.MethodGet:
			s.callback(w, r)
		case name == "out" && method == http.MethodPost:
			s.out(w, r)
		case name == "start" || name == "callback" || name == "out":
			w.Header().Set("Allow", map[bool]string{true: http.MethodPost, false: http.MethodGet}[name == "out"])
			s.refuse(w, r, "", errMethod)
		default:
			s.refuse(w, r, "", errPath)
		}
	})
}

// start begins a sign-in for the link of a page.
func (s *Service) start(w http.ResponseWriter, r *http.Request) {
	if !isPage(r) {
		s.refuse(w, r, "", errMethod)
		return
	}
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil || len(r.URL.RawQuery) > 4*maxBack {
		q = nil
	}
	s.Begin(w, r, Ask{Back: q.Get("back"), Other: q.Get("other") == "1"})
}

// isPage says whether a browser is opening a page; one that doesn't say is taken
// to.
func isPage(r *http.Request) bool {
	mode, dest := r.Header.Get("Sec-Fetch-Mode"), r.Header.Get("Sec-Fetch-Dest")
	return (mode == "" || mode == "navigate") && (dest == "" || dest == "document")
}

// StartPath is the address of a link that begins a sign-in.
func (s *Service) StartPath(back string, other bool) string {
	q := url.Values{"back": {back}}
	if other {
		q.Set("other", "1")
	}
	return s.base + "/auth/start?" + q.Encode()
}

// OutPath is where a form signs the browser out.
func (s *Service) OutPath() string { return s.base + "/auth/out" }

const (
	// maxQuery bounds the provider's answer, and maxCode the code in it.
	maxQuery = 8 << 10
	maxCode  = 4 << 10
)

// callback is the way back from the provider.
func (s *Service) callback(w http.ResponseWriter, r *http.Request) {
	if !isPage(r) {
		s.refuse(w, r, "", errMethod)
		return
	}
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil || len(r.URL.RawQuery) > maxQuery {
		s.refuse(w, r, "", errState)
		return
	}
	f, others, ok := takeFlow(s.flows(r), q.Get("state"))
	if !ok || !s.used.first(f.State, f.Expires) {
		s.refuse(w, r, "", errState)
		return
	}
	if err := s.setFlows(w, others); err != nil {
		s.refuse(w, r, f.Back, err)
		return
	}
	if wait, over := s.over(r); over {
		s.refuse(w, r, f.Back, tooManyError{wait})
		return
	}
	id, err := s.identify(r.Context(), q, f)
	if err != nil && s.o.Refused != nil {
		_, network := s.client(r)
		s.o.Refused.Allow("sign-in " + network)
	}
	if err == nil {
		err = s.note(r, id)
	}
	if err == nil {
		err = s.keep(w, id)
	}
	if err != nil {
		s.refuse(w, r, f.Back, err)
		return
	}
	s.send(w, http.StatusSeeOther, s.o.PublicURL.Scheme+"://"+s.o.PublicURL.Host+f.Back)
}

// identify takes the provider's answer to a flow.
func (s *Service) identify(ctx context.Context, q url.Values, f flow) (identity, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*callTime)
	defer cancel()
	known, err := s.provider.ready(ctx)
	if err != nil {
		return identity{}, err
	}
	// A provider that names itself is the one that was asked, or an answer was
	// mixed in.
	if iss := q.Get("iss"); iss != "" && iss != s.o.Issuer || iss == "" && known.names {
		return identity{}, fmt.Errorf("%w: it comes from another issuer", errToken)
	}
	code := q.Get("code")
	switch problem := q.Get("error"); {
	case problem == "access_denied":
		return identity{}, errCancelled
	case problem != "" && errorCode.MatchString(problem):
		return identity{}, fmt.Errorf("%w: it says %s", errProvider, problem)
	case problem != "", code == "", len(code) > maxCode:
		return identity{}, fmt.Errorf("%w: it has no code", errToken)
	}
	return s.provider.finish(ctx, known, f, code)
}

// note writes the trail's line: without it nobody is signed in.
func (s *Service) note(r *http.Request, id identity) error {
	e := audit.Entry{Step: audit.SignedIn, Team: id.team, User: id.user}
	e.Client, _ = s.client(r)
	return s.o.Audit.Write(r.Context(), e)
}

// out signs the browser out. The form has to be one of ours.
func (s *Service) out(w http.ResponseWriter, r *http.Request) {
	if err := http.NewCrossOriginProtection().Check(r); err != nil || !isPage(r) {
		s.refuse(w, r, "", errForm)
		return
	}
	s.setCookie(w, "session", "", 0)
	s.setCookie(w, "sign_in", "", 0)
	s.o.Show(w, Notice{Status: http.StatusOK, Title: signedOutTitle, Says: []string{signedOutSays}, Again: s.base + "/"})
}

func (s *Service) client(r *http.Request) (address, network string) {
	if s.o.Client == nil {
		return "", ""
	}
	return s.o.Client(r)
}

// over says whether too many sign-ins from there came to nothing at the provider.
// What costs no call to it isn't counted: a whole office shares an address.
func (s *Service) over(r *http.Request) (time.Duration, bool) {
	if s.o.Refused == nil {
		return 0, false
	}
	_, network := s.client(r)
	return s.o.Refused.Over("sign-in " + network)
}
