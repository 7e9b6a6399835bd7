package sagemakersim

import (
	"bytes"
	"crypto/rand"
	_ "embed"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"
)

//go:embed page.html
var pageSource string

// pages draws what a browser sees of the simulated Studio and of the sign-in
// page that an old URL ends on.
type pages struct{ tmpl *template.Template }

// page is what the template shows.
type page struct {
	Nonce string
	Title string
	// Studio
	Domain, Name, Profile string
	Ends                  string // RFC 3339
	EndsAt                string // for people
	Left                  string
	Opened                string
	// Sign-in
	Why string
}

func newPages() (*pages, error) {
	t, err := template.New("page").Parse(pageSource)
	if err != nil {
		return nil, fmt.Errorf("parse page: %w", err)
	}
	return &pages{tmpl: t}, nil
}

func (p *pages) render(w http.ResponseWriter, status int, v page) {
	v.Nonce = rand.Text()
	var b bytes.Buffer
	if err := p.tmpl.Execute(&b, v); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	quiet(w)
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; style-src 'nonce-"+v.Nonce+"'; script-src 'nonce-"+v.Nonce+"'")
	h.Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the browser may be gone
}

// quiet keeps the token and the session out of caches and referrers.
func quiet(w http.ResponseWriter) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("X-Content-Type-Options", "nosniff")
}

// serveAuth is where a presigned URL leads: into Studio, or to the sign-in.
func (s *Server) serveAuth(w http.ResponseWriter, r *http.Request) {
	token := r.URL.Query().Get("token")
	if token == "" {
		token = r.URL.Query().Get("authToken")
	}
	s.enter(w, r, token, "", "")
}

// enter lets a browser in with a token, at the host of a notebook instance where
// that is named.
func (s *Server) enter(w http.ResponseWriter, r *http.Request, token, notebook, path string) {
	quiet(w)
	if r.Method != http.MethodGet { // GET patterns match HEAD too
		w.WriteHeader(http.StatusNoContent)
		return
	}
	now := time.Now()
	g, reason := s.urls.redeem(token, now)
	if reason == "" && !strings.EqualFold(g.notebook, notebook) {
		g, reason = grant{}, ReasonUnknown
	}
	to, at := "/signin/"+reason, arrival{}
	if reason == "" {
		if notebook != "" {
			g.path = path
		}
		at = s.arrive(g)
		reason, to = at.reason, at.to
		if to == "" {
			to = "/studio/" + s.urls.begin(visit{grant: g, arrival: at, ends: now.Add(g.session)})
		}
	}
	s.openings.add(func(seq int) Opening {
		return Opening{
			Seq: seq, At: now, Domain: g.domainID, Profile: g.profile, App: at.app, Name: at.name, Path: at.path, OK: reason == "", Reason: reason,
		}
	})
	s.o.Log.Debug("sagemakersim", "browser", "auth", "domain", g.domainID, "profile", g.profile, "app", at.app, "name", at.name, "reason", reason)
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusFound)
}

func (s *Server) serveStudio(w http.ResponseWriter, r *http.Request) {
	v, ok := s.urls.visit(r.PathValue("session"))
	left := time.Until(v.ends)
	if !ok || left <= 0 {
		s.pages.render(w, http.StatusUnauthorized, page{Title: "Sign in", Why: "The Studio session is over."})
		return
	}
	s.pages.render(w, http.StatusOK, page{
		Title: "SageMaker Studio", Domain: v.domainID, Name: v.domainName, Profile: v.profile, Opened: v.arrival.words(),
		Ends: v.ends.UTC().Format(time.RFC3339), EndsAt: v.ends.UTC().Format("15:04:05 UTC"), Left: spell(left),
	})
}

func (s *Server) serveSignIn(w http.ResponseWriter, r *http.Request) {
	why, ok := map[string]string{
		ReasonExpired: "The presigned URL had expired.",
		ReasonUsed:    "The presigned URL was already used.",
		ReasonUnknown: "The presigned URL is not one of this simulator's.",
	}[r.PathValue("why")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	s.pages.render(w, http.StatusOK, page{Title: "Sign in", Why: why})
}

// spell writes a duration as the page's script does: 7 h 59 min 58 s.
func spell(d time.Duration) string {
	total := int(d.Seconds())
	return fmt.Sprintf("%d h %d min %d s", total/3600, total/60%60, total%60)
}
