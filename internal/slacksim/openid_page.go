package slacksim

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// browserCookie remembers who is signed in to Slack in a browser.
const browserCookie = "slacksim_d"

func hasScope(scopes, want string) bool {
	return slices.Contains(strings.FieldsFunc(scopes, func(r rune) bool { return r == ' ' || r == ',' }), want)
}

// serveAuthorize is the page where a person signs in and lets the app know who
// they are. Here it asks who they are, with a button for each person: the choice
// stays, as a sign-in in a browser does. Where the browser is signed in to the
// workspace that team names and the person has let the app know before, there is
// no page: they go back at once.
func (s *Server) serveAuthorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	redirect := q.Get("redirect_uri")
	switch {
	case q.Get("client_id") != s.o.ClientID:
		authorizeError(w, "invalid_client_id")
	case !s.openID.registered(redirect):
		authorizeError(w, "bad_redirect_uri")
	case q.Get("response_type") != "code":
		authorizeError(w, "invalid_response_type")
	case !hasScope(q.Get("scope"), "openid"):
		authorizeError(w, "invalid_scope")
	case r.Method == http.MethodPost:
		s.chosen(w, r, q)
	default:
		p, signedIn := s.browser(r)
		skips := q.Get("team") != "" && q.Get("team") == p.TeamID
		if s.o.PlainOpenID {
			skips = q.Get("prompt") == ""
		}
		if signedIn && skips && s.openID.agrees(p.ID) {
			s.sendBack(w, r, q, p)
			return
		}
		s.choosePage(w, q)
	}
}

func (o *openID) agrees(user string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.agreed[user]
}

// browser is who is signed in to Slack there.
func (s *Server) browser(r *http.Request) (Person, bool) {
	c, err := r.Cookie(browserCookie)
	if err != nil {
		return Person{}, false
	}
	s.openID.mu.Lock()
	user := s.openID.browsers[c.Value]
	s.openID.mu.Unlock()
	p, known := s.people.get(user)
	return p, known && !p.Deleted
}

// chosen takes the page's button.
func (s *Server) chosen(w http.ResponseWriter, r *http.Request, q url.Values) {
	if err := r.ParseForm(); err != nil {
		authorizeError(w, "invalid_form")
		return
	}
	if r.PostForm.Get("user") == "" {
		http.Redirect(w, r, answerTo(q, url.Values{"error": {"access_denied"}}), http.StatusFound)
		return
	}
	p, known := s.people.get(r.PostForm.Get("user"))
	if !known || p.Deleted || p.Bot {
		authorizeError(w, "account_inactive")
		return
	}
	d := secret()
	s.openID.mu.Lock()
	s.openID.browsers[d], s.openID.agreed[p.ID] = p.ID, true
	s.openID.mu.Unlock()
	http.SetCookie(w, &http.Cookie{Name: browserCookie, Value: d, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
	s.sendBack(w, r, q, p)
}

// sendBack gives the app its code.
func (s *Server) sendBack(w http.ResponseWriter, r *http.Request, q url.Values, p Person) {
	code := longSecret()
	s.openID.mu.Lock()
	s.openID.codes[code] = &grant{
		user: p.ID, scope: q.Get("scope"), nonce: q.Get("nonce"), redirect: q.Get("redirect_uri"), challenge: q.Get("code_challenge"),
		expires: time.Now().Add(codeTTL),
	}
	s.openID.mu.Unlock()
	http.Redirect(w, r, answerTo(q, url.Values{"code": {code}}), http.StatusFound)
}

func answerTo(q, answer url.Values) string {
	if state := q.Get("state"); state != "" {
		answer.Set("state", state)
	}
	return q.Get("redirect_uri") + "?" + answer.Encode()
}

func authorizeError(w http.ResponseWriter, code string) {
	http.Error(w, "Something went wrong when authorizing this app. Error details: "+code, http.StatusBadRequest)
}

func (s *Server) choosePage(w http.ResponseWriter, q url.Values) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	fmt.Fprint(w, "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>Sign in (simulated)</title><h1>Who signs in?</h1>\n")
	fmt.Fprintf(w, "<form method=\"post\" action=\"/openid/connect/authorize?%s\">\n", html.EscapeString(q.Encode()))
	for _, p := range s.People() {
		if p.Deleted || p.Bot || p.ID == "USLACKBOT" {
			continue
		}
		fmt.Fprintf(w, "<p><button name=\"user\" value=\"%s\">%s (%s, %s)</button></p>\n", html.EscapeString(p.ID), html.EscapeString(p.Name), html.EscapeString(p.ID), html.EscapeString(p.TeamID))
	}
	fmt.Fprint(w, "<p><button name=\"user\" value=\"\">Cancel</button></p></form></html>\n")
}
