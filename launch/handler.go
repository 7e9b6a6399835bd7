package launch

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"path"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/studiobot/studiobot/audit"
	"github.com/studiobot/studiobot/studio"
)

// maxBody bounds the confirm form.
const maxBody = 4 << 10

// Handler serves /launch/{token} and /. Paths are below PublicURL's own path.
func (s *Service) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc(s.path, s.serveLaunch)
	base := strings.TrimSuffix(s.path, "launch/")
	if s.o.Front == nil {
		mux.HandleFunc(base+"{$}", s.serveIndex)
	} else {
		mux.Handle(base+"{$}", s.o.Front)
		mux.Handle(base+"open/", s.o.Front)
	}
	if s.o.Auth != nil {
		mux.Handle(base+"auth/", s.o.Auth)
	}
	for _, path := range []string{"open", "auth"} { // ServeMux would redirect
		mux.HandleFunc(base+path, func(w http.ResponseWriter, r *http.Request) { s.refuse(w, r, Ticket{}, 0, errPath) })
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { s.refuse(w, r, Ticket{}, 0, errPath) })
	return s.recovered(mux)
}

// recovered answers a panic with a page and a log line without the path, which
// holds the token.
func (s *Service) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p == http.ErrAbortHandler { //nolint:errorlint // a panic value, compared as net/http does
				panic(p)
			}
			s.o.Log.ErrorContext(r.Context(), "panic in the redirect", "panic", p, "stack", string(debug.Stack()))
			s.refuse(w, r, Ticket{}, 0, errPanic)
		}()
		if s.ignoresForwarded(r) {
			s.proxyHint.Do(func() {
				s.o.Log.Warn("X-Forwarded-For is ignored; if this is your load balancer, name it in trusted_proxies, or all browsers count as one", "from", r.RemoteAddr)
			})
		}
		// ServeMux would redirect to the clean path, and repeat a token in a
		// page of its own.
		if clean := path.Clean(r.URL.Path); clean != strings.TrimSuffix(r.URL.Path, "/") && r.URL.Path != "/" {
			s.refuse(w, r, Ticket{}, 0, errPath)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// serveIndex says what this is and how to get a link.
func (s *Service) serveIndex(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		s.refuse(w, r, Ticket{}, 0, errMethod)
		return
	}
	s.pages.index(w)
}

func (s *Service) serveLaunch(w http.ResponseWriter, r *http.Request) {
	allow := "GET, HEAD, OPTIONS"
	if s.o.Proof == ProofConfirm {
		allow += ", POST"
	}
	switch {
	case r.Method == http.MethodHead:
		s.pages.headers(w, "")
		w.WriteHeader(http.StatusOK)
	case r.Method == http.MethodOptions:
		s.pages.headers(w, "")
		w.Header().Set("Allow", allow)
		w.WriteHeader(http.StatusNoContent)
	case r.Method == http.MethodGet && looksAhead(r):
		s.refuse(w, r, Ticket{}, 0, errNotForBots)
	case r.Method == http.MethodGet:
		s.serveGet(w, r)
	case r.Method == http.MethodPost && s.o.Proof == ProofConfirm:
		s.servePost(w, r)
	default:
		w.Header().Set("Allow", allow)
		s.refuse(w, r, Ticket{}, 0, errMethod)
	}
}

// token is what follows /launch/ in the path.
func (s *Service) token(r *http.Request) (id string, button int, err error) {
	return parseToken(strings.TrimPrefix(r.URL.Path, s.path))
}

// again is the query of the waiting page's own reloads. They don't wait, the
// page does.
const again = "again"

func (s *Service) serveGet(w http.ResponseWriter, r *http.Request) {
	id, i, err := s.token(r)
	if err != nil {
		s.refuse(w, r, Ticket{}, 0, err)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), requestTime)
	defer cancel()
	v, cookie := s.visitor(r)
	wait := waitForClick
	if r.URL.RawQuery == again {
		wait = 0
	}
	d := &redemption{s: s, id: id, button: i, attempt: newAttempt(), visitor: v, client: s.clientAddress(r).String()}
	if s.o.Proof == ProofSignIn && d.prove(ctx, w, r) {
		return
	}
	presigned, err := d.run(ctx, wait)
	if errors.Is(err, errNotArmed) && wait > 0 && s.o.Watch != nil {
		s.o.Watch.Unclicked()
	}
	switch {
	case err == nil:
		s.sendOff(w, d, http.StatusFound, presigned)
	case errors.Is(err, errNotArmed) && s.o.Proof == ProofConfirm:
		s.pages.confirm(w, d.ticket, i, s.nonce(id, i))
	case errors.Is(err, errNotArmed):
		s.setVisitorCookie(w, cookie)
		s.pages.waiting(w, d.ticket, d.waitingSince())
	default:
		s.refuse(w, r, d.ticket, i, err)
	}
}

// servePost takes the confirm page's form. It must come from that page of this
// very link: the nonce shows it, and the browser's own word on the origin. (The
// page is sent with no-referrer, so its Origin is "null"; Sec-Fetch-Site is
// what http.CrossOriginProtection goes by.)
func (s *Service) servePost(w http.ResponseWriter, r *http.Request) {
	id, i, err := s.token(r)
	if err != nil {
		s.refuse(w, r, Ticket{}, 0, err)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if err := http.NewCrossOriginProtection().Check(r); err != nil || looksAhead(r) {
		s.refuse(w, r, Ticket{}, 0, errForm)
		return
	}
	if err := r.ParseForm(); err != nil || !hmac.Equal([]byte(r.PostForm.Get("nonce")), []byte(s.nonce(id, i))) {
		s.refuse(w, r, Ticket{}, 0, errForm)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), requestTime)
	defer cancel()
	v, _ := s.visitor(r)
	d := &redemption{s: s, id: id, button: i, attempt: newAttempt(), visitor: v, confirmed: true, client: s.clientAddress(r).String()}
	presigned, err := d.run(ctx, 0)
	if err != nil {
		s.refuse(w, r, d.ticket, i, err)
		return
	}
	s.sendOff(w, d, http.StatusSeeOther, presigned)
}

// nonce ties the confirm form to one button of one link.
func (s *Service) nonce(id string, button int) string {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte("confirm\x00" + formatHandle(id, button)))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// refuse answers with the page for err, and writes the audit line. Where the
// browser is gone there is nobody to refuse anything.
func (s *Service) refuse(w http.ResponseWriter, r *http.Request, t Ticket, i int, err error) {
	if errors.Is(r.Context().Err(), context.Canceled) {
		return
	}
	ref := t.Ref
	if ref == "" {
		ref = newReference()
	}
	var option studio.Option
	if b, err := t.button(i); err == nil {
		option = b.Option
	}
	about := words{command: s.o.Command, option: option, ttl: s.o.LinkTTL}
	if errors.Is(err, studio.ErrPending) && t.ID != "" && s.o.Promise != nil {
		about.promised = s.o.Promise(r.Context(), t.Person, option)
	}
	client := s.clientAddress(r).String()
	n := explain(err, about)
	quiet := false
	// Whoever has a link of ours is told what is the matter with it, also in an
	// office where somebody tries links that don't exist.
	if t.ID == "" && n.status < http.StatusInternalServerError && s.o.Refused != nil {
		if wait, ok := s.o.Refused.Allow(hostNetwork(s.clientAddress(r))); !ok {
			about.wait = max(wait, time.Second).Round(time.Second)
			err = errTooMany
			n = explain(err, about)
			w.Header().Set("Retry-After", strconv.Itoa(int(about.wait/time.Second)))
			quiet = !s.noted.first(client)
		}
	}
	if n.status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "5")
	}
	if !quiet {
		e := t.entry(audit.Refused, i)
		e.Ref, e.Reason, e.Err, e.Client = ref, n.reason, err, client
		s.note(r.Context(), e)
	}
	other := ""
	if n.other && s.o.Browsers != nil {
		other = s.o.Browsers.StartPath(r.URL.Path, true)
	}
	s.pages.notice(w, t, option, n, ref, other)
}

// requestTime bounds one request, waits and SageMaker included.
const requestTime = 14 * time.Second
