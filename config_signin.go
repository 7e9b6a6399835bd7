package studiobot

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"
)

// SignIn says how browsers sign in. Without a ClientID they don't.
type SignIn struct {
	// Issuer is the OpenID provider, exactly as it names itself.
	Issuer   string
	ClientID string
	// Session is how long a browser stays signed in.
	Session time.Duration
	// EmailDomains are the mail domains whose addresses count, and Claims what an
	// ID token must say, with another provider than Slack.
	EmailDomains []string
	Claims       map[string]string
}

// slackIssuer is Slack's own.
const slackIssuer = "https://slack.com"

// signInRows are about who sits in front of a browser.
func signInRows() []row {
	return []row{
		{path: "sign_in", kind: group, doc: "signing in with a browser, by OpenID Connect: for launch.proof: sign_in, and for the page at public_url; see docs/sign-in.md"},
		{path: "sign_in.issuer", kind: text, def: slackIssuer, runes: 300, want: "write the provider's issuer as its discovery document has it, like https://slack.com",
			doc: "the OpenID provider; with another one than Slack the confirmed e-mail address counts",
			at:  func(c *Config) any { return &c.SignIn.Issuer }},
		{path: "sign_in.client_id", kind: text, runes: 300, want: "write the client ID that the provider gave you",
			doc: "the client ID; empty: nobody signs in",
			at:  func(c *Config) any { return &c.SignIn.ClientID }},
		{path: "sign_in.session", kind: duration, def: "8h", from: 5 * time.Minute, to: 24 * time.Hour, whole: true,
			doc: "how long a browser stays signed in",
			at:  func(c *Config) any { return &c.SignIn.Session }},
		{path: "sign_in.email_domains", kind: list, pattern: mailPattern, want: "write a mail domain, like example.com",
			doc: "with another provider than Slack: only addresses of these mail domains count; empty: any that it confirms",
			at:  func(c *Config) any { return &c.SignIn.EmailDomains }},
		{path: "sign_in.claims", kind: pairs, want: "write what the ID token must say, like {hd: example.com}",
			doc: "with another provider than Slack: what an ID token must say, besides",
			at:  func(c *Config) any { return &c.SignIn.Claims }},
	}
}

// signsIn says whether browsers can sign in at all.
func (c *Config) signsIn() bool { return c.SignIn.ClientID != "" }

// slackSignsIn says whether the provider is Slack: its own address, or that of
// the Web API, where SLACK_API_URL names another. The bot token goes there, too.
func (c *Config) slackSignsIn() bool {
	issuer := c.SignIn.Issuer
	return issuer == slackIssuer || c.SlackAPIURL != "" && strings.HasPrefix(c.SlackAPIURL, issuer+"/") && strings.Count(issuer, "/") == 2
}

// signsInByEmail says whether addresses tell who signed in.
func (c *Config) signsInByEmail() bool { return c.signsIn() && !c.slackSignsIn() }

// checkSignIn checks what the file says of signing in.
func (r *reader) checkSignIn() {
	c := &r.cfg
	if c.Launch.Proof == "sign_in" && !c.signsIn() && r.fine("launch.proof") && r.fine("sign_in.client_id") {
		r.wrong(r.line("launch.proof"), "launch.proof", "is sign_in, and nobody can sign in", "write sign_in: {client_id: …}; docs/sign-in.md says where it comes from")
		return
	}
	if !c.signsIn() {
		for _, key := range []string{"sign_in.issuer", "sign_in.session", "sign_in.email_domains", "sign_in.claims"} {
			if _, written := r.lines[key]; written && r.fine("sign_in.client_id") {
				r.wrong(r.line("sign_in"), "sign_in.client_id", "is missing", "write the client ID, or leave sign_in out")
				return
			}
		}
		return
	}
	if _, problem := readURL(c.SignIn.Issuer); problem != "" && r.fine("sign_in.issuer") {
		r.wrong(r.line("sign_in.issuer", "sign_in"), "sign_in.issuer", problem, "write an https address like https://slack.com (http on a loopback host only)")
	}
	for _, key := range []string{"sign_in.email_domains", "sign_in.claims"} {
		if _, written := r.lines[key]; written && c.SignIn.Issuer == slackIssuer {
			r.wrong(r.line(key), key, "goes with another provider than Slack only", "leave it out")
		}
	}
	if c.SignIn.Issuer == "https://accounts.google.com" && c.SignIn.Claims["hd"] == "" && r.fine("sign_in.claims") {
		r.wrong(r.line("sign_in.claims", "sign_in.issuer"), "sign_in.claims", "has no hd: without it anybody's Google account counts that was once opened with an address of yours",
			"write claims: {hd: example.com} with your Google Workspace domain")
	}
}

const (
	clientSecretName = "STUDIOBOT_CLIENT_SECRET"
	cookieKeysName   = "STUDIOBOT_COOKIE_KEYS"
	// maxCookieKeys bounds how many keys there are: one that seals, and those that
	// are on their way out.
	maxCookieKeys = 8
	cookieKeyWant = "write keys of `openssl rand -base64 32`, with spaces between them: the first seals, all of them open"
)

// signInSecrets reads what signing in needs of the environment.
func (r *reader) signInSecrets(getenv func(string) string) {
	if !r.cfg.signsIn() {
		return
	}
	secret, from := r.secretOf(getenv, clientSecretName, "set it to the client secret that the provider gave you", "a file that holds it")
	if strings.IndexFunc(secret, func(c rune) bool { return c <= ' ' || c > '~' }) >= 0 || len(secret) > maxToken {
		r.env(from, "has a space, a line break or another character that no client secret has, or is too long", "put the client secret there, and nothing else")
	}
	keys, from := r.secretOf(getenv, cookieKeysName, cookieKeyWant, "a file that holds them")
	if keys != "" {
		if _, problem := cookieKeys(NewSecret(keys)); problem != "" {
			r.env(from, problem, cookieKeyWant)
		}
	}
	r.cfg.Secrets.ClientSecret, r.cfg.Secrets.CookieKeys = NewSecret(secret), NewSecret(keys)
}

// cookieKeys takes the keys apart. What it says never repeats one.
func cookieKeys(s Secret) (keys [][]byte, problem string) {
	fields := strings.FieldsFunc(s.Reveal(), func(c rune) bool { return c == ',' || c == ' ' || c == '\n' || c == '\r' || c == '\t' })
	if len(fields) == 0 || len(fields) > maxCookieKeys {
		return nil, fmt.Sprintf("has %d keys, not 1 to %d", len(fields), maxCookieKeys)
	}
	for i, f := range fields {
		f = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(f, "="))
		key, err := base64.RawStdEncoding.DecodeString(f)
		switch {
		case err != nil:
			return nil, fmt.Sprintf("has a key (number %d) that isn't base64", i+1)
		case len(key) < 32:
			return nil, fmt.Sprintf("has a key (number %d) of %d bytes, fewer than 32", i+1, len(key))
		case slices.ContainsFunc(keys, func(k []byte) bool { return string(k) == string(key) }):
			return nil, fmt.Sprintf("has a key twice (number %d)", i+1)
		}
		keys = append(keys, key)
	}
	return keys, ""
}
