package signin

import (
	"net/http"
	"time"

	"github.com/studiobot/studiobot/studio"
)

// session is what the session cookie holds, sealed.
type session struct {
	Issuer     string    `json:"i"`
	Client     string    `json:"c"`
	Team       string    `json:"t,omitempty"`
	User       string    `json:"u,omitempty"`
	Enterprise string    `json:"o,omitempty"`
	Email      string    `json:"m,omitempty"`
	Since      time.Time `json:"s"`
	Until      time.Time `json:"e"`
}

// cookieName is that of a cookie of ours. Over https it has the prefix with which
// browsers keep it to this very host, its path and https, so that no other host
// of the domain can plant one. Plain http is for loopback alone (see New), where
// browsers take neither the prefix nor Secure.
func (s *Service) cookieName(what string) string {
	if s.o.PublicURL.Scheme == "https" {
		return "__Host-studiobot_" + what
	}
	return "studiobot_" + what
}

// setCookie gives the browser a cookie that no script reads and no other site
// sends along but by leading the person here. An empty value takes it away.
func (s *Service) setCookie(w http.ResponseWriter, what, value string, life time.Duration) {
	c := &http.Cookie{
		Name: s.cookieName(what), Value: value, Path: "/", MaxAge: max(1, int(life/time.Second)),
		HttpOnly: true, Secure: s.o.PublicURL.Scheme == "https", SameSite: http.SameSiteLaxMode,
	}
	if value == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

// Session returns who the browser is signed in as. ok is false where it isn't:
// no cookie, one that another key sealed, for another provider or client, or one
// whose time is over.
func (s *Service) Session(r *http.Request) (who studio.SignedIn, ok bool) {
	cookies := r.CookiesNamed(s.cookieName("session"))
	if len(cookies) != 1 {
		return studio.SignedIn{}, false // none; or somebody planted another
	}
	var c session
	if s.sessions.open(cookies[0].Value, &c) != nil || c.Issuer != s.o.Issuer || c.Client != s.o.ClientID {
		return studio.SignedIn{}, false
	}
	now := s.now()
	// The life that the config says now counts, also for a session from before.
	until := c.Until
	if latest := c.Since.Add(s.o.Session); latest.Before(until) {
		until = latest
	}
	if !now.Before(until) || c.Since.After(now.Add(time.Minute)) {
		return studio.SignedIn{}, false
	}
	return studio.SignedIn{
		Person: studio.Person{Team: c.Team, User: c.User}, Enterprise: c.Enterprise, Email: c.Email, Since: c.Since, Until: until,
	}, true
}

// keep gives the browser its session.
func (s *Service) keep(w http.ResponseWriter, id identity) error {
	now := s.now()
	text, err := s.sessions.seal(session{
		Issuer: s.o.Issuer, Client: s.o.ClientID, Team: id.team, User: id.user, Enterprise: id.enterprise, Email: id.email,
		Since: now, Until: now.Add(s.o.Session),
	})
	if err != nil {
		return err
	}
	s.setCookie(w, "session", text, s.o.Session)
	return nil
}

// flows are the sign-ins that this browser has under way.
func (s *Service) flows(r *http.Request) []flow {
	var flows []flow
	cookies := r.CookiesNamed(s.cookieName("sign_in"))
	if len(cookies) != 1 || s.begun.open(cookies[0].Value, &flows) != nil {
		return nil
	}
	return alive(flows, s.now())
}

// setFlows gives the browser what it has under way from now on.
func (s *Service) setFlows(w http.ResponseWriter, flows []flow) error {
	if len(flows) == 0 {
		s.setCookie(w, "sign_in", "", 0)
		return nil
	}
	text, err := s.begun.seal(alive(flows, s.now()))
	if err != nil {
		return err
	}
	s.setCookie(w, "sign_in", text, flowTime)
	return nil
}
