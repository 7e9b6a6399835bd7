package launch

import (
	"crypto/rand"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/studiobot/studiobot/studio"
)

// longWait is when the waiting page stops asking for patience and says what to
// do instead.
const longWait = 15 * time.Second

// pages answers with everything that a browser sees of us; page.go writes it.
type pages struct {
	o      Options
	policy string // Content-Security-Policy, without the style's nonce
}

func newPages(o Options) *pages {
	// A browser applies form-action to the redirect that answers the form.
	targets := strings.Join(append([]string{"'self'"}, o.Destinations...), " ")
	return &pages{o: o, policy: "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action " + targets}
}

// headers sets what every answer carries. The address holds the token, so
// nothing may be cached, framed, sniffed or told to another site.
func (p *pages) headers(w http.ResponseWriter, styleNonce string) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Robots-Tag", "noindex, nofollow, nosnippet")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	csp := p.policy
	if styleNonce != "" {
		csp += "; img-src data:; style-src 'nonce-" + styleNonce + "'"
	}
	h.Set("Content-Security-Policy", csp)
}

func (p *pages) render(w http.ResponseWriter, status int, v page) {
	styleNonce := rand.Text()
	p.headers(w, styleNonce)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, v.html(styleNonce)) // the browser may be gone; there is nobody to tell
}

// back leads to the person's workspace in Slack.
func (p *pages) back(t Ticket) string {
	base := p.o.SlackURL
	if base == "" {
		base = "https://app.slack.com/client/"
	}
	return base + url.PathEscape(t.Person.Team)
}

func (p *pages) index(w http.ResponseWriter) {
	p.render(w, http.StatusOK, page{Title: indexTitle, Back: p.back(Ticket{}), Says: []string{
		"Type " + p.o.Command + " in Slack. You get a private message with a button; one click later you are in Studio.",
		"The button works once, for " + spell(p.o.LinkTTL) + ", and only for you.",
	}})
}

func (p *pages) waiting(w http.ResponseWriter, t Ticket, since time.Time) {
	says := waitingSays
	if time.Since(since) >= longWait {
		says = waitingLong
	}
	p.render(w, http.StatusOK, page{Title: waitingTitle, Says: []string{says}, Busy: true, Refresh: "?" + again, Ref: t.Ref, Back: p.back(t)})
}

func (p *pages) confirm(w http.ResponseWriter, t Ticket, i int, nonce string) {
	b := t.Buttons[i]
	p.render(w, http.StatusOK, page{Title: confirmTitle, Says: []string{confirmNext}, Confirm: nonce, Ref: t.Ref,
		Label: b.Option.Label, Profile: b.Option.Profile, Name: b.Option.Name, Back: p.back(t)})
}

// notice shows a refusal; other is where somebody else can sign in.
func (p *pages) notice(w http.ResponseWriter, t Ticket, o studio.Option, n notice, ref, other string) {
	v := page{Title: n.title, Says: []string{n.says, n.next}, Retry: n.retry, Ref: ref, Back: p.back(t)}
	if n.help && p.o.Help != "" {
		v.Says = append(v.Says, p.o.Help)
	}
	if other != "" {
		v.Links = append(v.Links, Action{Text: "Sign in as somebody else", Path: other, Main: true})
	}
	if n.front && p.o.Front != nil {
		v.Links = append(v.Links, Action{Text: "Open Studio from here", Path: p.o.PublicURL.Path + "/"})
	}
	if n.signIn && p.o.SignIn != nil {
		v.SignIn = p.o.SignIn(o.Domain)
	}
	p.render(w, n.status, v)
}
