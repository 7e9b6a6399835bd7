package slacksim

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// codeTTL is the life of an authorization code; Slack's ten minutes.
const codeTTL = 10 * time.Minute

// openID is Sign in with Slack: OpenID Connect with the code flow. With
// Options.PlainOpenID it is the sign-in of some other organisation.
type openID struct {
	mu        sync.Mutex
	redirects []string
	codes     map[string]*grant
	tokens    map[string]grant // access tokens, for userinfo
	browsers  map[string]string
	agreed    map[string]bool // by user: whether the app was allowed
	forgeries []func(*IDToken)
	keys      []signingKey // the last one signs
}

// grant is one authorization, from the page to the token.
type grant struct {
	user, scope, nonce, redirect, challenge string
	expires                                 time.Time
}

func newOpenID() *openID {
	return &openID{codes: map[string]*grant{}, tokens: map[string]grant{}, browsers: map[string]string{}, agreed: map[string]bool{}}
}

// Issuer is the OpenID issuer: http://127.0.0.1:port.
func (s *Server) Issuer() string { return s.base }

// ClientID and ClientSecret are the app's, for signing in.
func (s *Server) ClientID() string { return s.o.ClientID }

// ClientSecret goes with ClientID.
func (s *Server) ClientSecret() string { return s.o.ClientSecret }

// SetRedirectURLs says what the app's manifest lists as redirect_urls. As with
// Slack, an address below one of them is as good.
func (s *Server) SetRedirectURLs(urls ...string) {
	s.openID.mu.Lock()
	defer s.openID.mu.Unlock()
	s.openID.redirects = urls
}

func (o *openID) registered(address string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.ContainsFunc(o.redirects, func(u string) bool {
		return address == u || strings.HasPrefix(address, strings.TrimSuffix(u, "/")+"/") || strings.HasPrefix(address, u+"?")
	})
}

// discovery has what Slack's document has: no word of PKCE, though the token
// endpoint takes a verifier.
func (s *Server) serveDiscovery(w http.ResponseWriter, _ *http.Request) {
	doc := map[string]any{
		"issuer":                                s.base,
		"authorization_endpoint":                s.base + "/openid/connect/authorize",
		"token_endpoint":                        s.base + "/api/openid.connect.token",
		"userinfo_endpoint":                     s.base + "/api/openid.connect.userInfo",
		"jwks_uri":                              s.base + "/openid/connect/keys",
		"scopes_supported":                      []string{"openid", "profile", "email"},
		"response_types_supported":              []string{"code"},
		"response_modes_supported":              []string{"form_post"},
		"grant_types_supported":                 []string{"authorization_code"},
		"subject_types_supported":               []string{"public"},
		"id_token_signing_alg_values_supported": []string{"RS256"},
		"claims_supported":                      []string{"sub", "auth_time", "iss"},
		"claims_parameter_supported":            false,
		"request_parameter_supported":           false,
		"request_uri_parameter_supported":       true,
		"token_endpoint_auth_methods_supported": []string{"client_secret_post", "client_secret_basic"},
	}
	if s.o.PlainOpenID {
		doc["code_challenge_methods_supported"] = []string{"S256"}
	}
	body, _ := json.Marshal(doc)
	reply{body: body}.write(w)
}

// serveToken answers openid.connect.token. Slack says what is wrong with status
// 200; a plain provider with 400 and the standard's words.
func (s *Server) serveToken(w http.ResponseWriter, r *http.Request) {
	s.openIDCall(w, r, "openid.connect.token", func(c *call) ([]byte, slackError) {
		id, secret, basic := r.BasicAuth()
		if !basic {
			id, secret = c.params.Get("client_id"), c.params.Get("client_secret")
		} else {
			id, _ = url.QueryUnescape(id)
			secret, _ = url.QueryUnescape(secret)
		}
		switch {
		case id != s.o.ClientID:
			return nil, s.word("invalid_client_id", "invalid_client")
		case subtle.ConstantTimeCompare([]byte(secret), []byte(s.o.ClientSecret)) != 1:
			return nil, s.word("bad_client_secret", "invalid_client")
		case c.params.Get("grant_type") != "authorization_code":
			return nil, s.word("invalid_grant_type", "unsupported_grant_type")
		}
		g, code := s.openID.redeem(c.params)
		if code != "" {
			return nil, s.word(code, "invalid_grant")
		}
		p, known := s.people.get(g.user)
		if !known || p.Deleted {
			return nil, s.word("account_inactive", "invalid_grant")
		}
		access := "xoxp-" + longSecret()
		idToken, err := s.mint(p, g, access)
		if err != nil {
			return nil, "internal_error"
		}
		s.openID.mu.Lock()
		s.openID.tokens[access] = g
		s.openID.mu.Unlock()
		body, _ := json.Marshal(map[string]any{"ok": true, "access_token": access, "token_type": "Bearer", "id_token": idToken})
		return body, ""
	})
}

func longSecret() string { return secret() + secret() }

// word is Slack's error code, or the standard's for a plain provider.
func (s *Server) word(slack, standard slackError) slackError {
	if s.o.PlainOpenID {
		return standard
	}
	return slack
}

// redeem takes a code: once, for the address that it was sent to, and by who has
// the verifier where there was a challenge. What Slack calls a verifier that
// doesn't fit isn't documented.
func (o *openID) redeem(params url.Values) (grant, slackError) {
	o.mu.Lock()
	defer o.mu.Unlock()
	g := o.codes[params.Get("code")]
	delete(o.codes, params.Get("code"))
	switch {
	case g == nil || time.Now().After(g.expires):
		return grant{}, "invalid_code"
	case g.redirect != params.Get("redirect_uri"):
		return grant{}, "bad_redirect_uri"
	}
	if g.challenge != "" {
		sum := sha256.Sum256([]byte(params.Get("code_verifier")))
		if base64.RawURLEncoding.EncodeToString(sum[:]) != g.challenge {
			return grant{}, "invalid_code_verifier"
		}
	}
	return *g, ""
}

// serveUserInfo answers openid.connect.userInfo.
func (s *Server) serveUserInfo(w http.ResponseWriter, r *http.Request) {
	s.openIDCall(w, r, "openid.connect.userInfo", func(c *call) ([]byte, slackError) {
		token := c.header
		if token == "" {
			token = c.params.Get("token")
		}
		s.openID.mu.Lock()
		g, known := s.openID.tokens[token]
		s.openID.mu.Unlock()
		p, there := s.people.get(g.user)
		if !known || !there || p.Deleted {
			return nil, "invalid_auth"
		}
		claims := s.claims(p, g)
		claims["ok"] = true
		body, _ := json.Marshal(claims)
		return body, ""
	})
}

// openIDCall runs a method of the Web API that has no bot token, with the faults
// and the records of any other. What it was given are secrets, and isn't kept.
func (s *Server) openIDCall(w http.ResponseWriter, r *http.Request, name string, run func(*call) ([]byte, slackError)) {
	c, err := readCall(w, r)
	if err != nil {
		http.Error(w, "unreadable request", http.StatusBadRequest)
		return
	}
	c.method = name
	kept := &call{method: name, params: url.Values{"grant_type": c.params["grant_type"]}}
	s.history.arrived(name)
	s.sleep(r.Context(), s.faults.delay(name))
	if fault, broken := s.faults.take(name); broken && !s.survives(w, r, kept, fault) {
		return
	}
	if wait := s.limits.take(name, ""); wait > 0 {
		s.recordCall(kept, http.StatusTooManyRequests, "ratelimited")
		reply{status: http.StatusTooManyRequests, retryAfter: wait, body: []byte(`{"ok":false,"error":"ratelimited"}`)}.write(w)
		return
	}
	body, code := run(c)
	answer, note := reply{body: body}, ""
	if code != "" {
		answer, note = failure(code)
		if s.o.PlainOpenID {
			answer = reply{status: http.StatusBadRequest, body: []byte(`{"error":` + quote(string(code)) + `}`)}
		}
	}
	s.recordCall(kept, max(answer.status, http.StatusOK), note)
	answer.write(w)
}
