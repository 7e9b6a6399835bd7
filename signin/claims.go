package signin

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// identity is what an ID token says of who signed in.
type identity struct{ team, user, enterprise, email string }

// claims are what is read of an ID token. The names with an address are Slack's.
type claims struct {
	Authorized string `json:"azp"`
	Team       string `json:"https://slack.com/team_id"`
	User       string `json:"https://slack.com/user_id"`
	Enterprise string `json:"https://slack.com/enterprise_id"`
	Email      string `json:"email"`
	Verified   yes    `json:"email_verified"`
}

// yes is true, or "true": some providers write it as text. Anything else isn't.
type yes bool

// UnmarshalJSON implements json.Unmarshaler.
func (y *yes) UnmarshalJSON(data []byte) error {
	*y = yes(string(data) == "true" || string(data) == `"true"`)
	return nil
}

// finish exchanges the code, and returns whom the ID token names. Errors are
// errProvider, or errToken for a word that isn't accepted. Their text holds no
// code, token or address.
func (p *provider) finish(ctx context.Context, k *known, f flow, code string) (identity, error) {
	ctx = oidc.ClientContext(ctx, p.client)
	var options []oauth2.AuthCodeOption
	if k.pkce {
		options = append(options, oauth2.VerifierOption(f.Verifier))
	}
	token, err := k.oauth.Exchange(ctx, code, options...)
	if err != nil {
		return identity{}, exchangeError(err)
	}
	raw, _ := token.Extra("id_token").(string)
	if raw == "" {
		return identity{}, fmt.Errorf("%w: it has no ID token", errToken)
	}
	verified, err := k.verifier.Verify(ctx, raw)
	if err != nil {
		return identity{}, fmt.Errorf("%w: %w", errToken, shorter{err})
	}
	// Slack always has a nonce in the token, an empty one where none was sent.
	if f.Nonce == "" || subtle.ConstantTimeCompare([]byte(verified.Nonce), []byte(f.Nonce)) != 1 {
		return identity{}, fmt.Errorf("%w: its nonce isn't ours", errToken)
	}
	if verified.AccessTokenHash != "" {
		if err := verified.VerifyAccessToken(token.AccessToken); err != nil {
			return identity{}, fmt.Errorf("%w: its at_hash doesn't fit", errToken)
		}
	}
	var c claims
	var all map[string]json.RawMessage
	if verified.Claims(&c) != nil || verified.Claims(&all) != nil {
		return identity{}, fmt.Errorf("%w: its claims can't be read", errToken)
	}
	if c.Authorized != "" && c.Authorized != p.o.ClientID || c.Authorized == "" && len(verified.Audience) > 1 {
		return identity{}, fmt.Errorf("%w: it was issued to another client", errToken)
	}
	if p.o.Slack {
		return slackIdentity(c)
	}
	if c.Email == "" && k.provider.UserInfoEndpoint() != "" {
		if c, err = p.userInfo(ctx, k, token, verified.Subject, c, all); err != nil {
			return identity{}, err
		}
	}
	return p.emailIdentity(c, all)
}

// userInfo asks for the address where the ID token has none. Claims that are
// there already stay.
func (p *provider) userInfo(ctx context.Context, k *known, token *oauth2.Token, subject string, c claims, all map[string]json.RawMessage) (claims, error) {
	info, err := k.provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return claims{}, fmt.Errorf("%w: its userinfo address doesn't say who it is", errProvider) // its text is what the provider sent
	}
	var more map[string]json.RawMessage
	if info.Subject == "" || info.Subject != subject || info.Claims(&more) != nil || info.Claims(&c) != nil {
		return claims{}, fmt.Errorf("%w: its userinfo is about somebody else", errToken)
	}
	for name, value := range more {
		if _, there := all[name]; !there {
			all[name] = value
		}
	}
	return c, nil
}

// exchangeError is an error without what the provider sent: that could be a
// token.
func exchangeError(err error) error {
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) {
		return fmt.Errorf("%w: exchange the code: %w", errProvider, shorter{err})
	}
	code := refused.ErrorCode
	if !errorCode.MatchString(code) {
		code = "no error code"
	}
	status := 0
	if refused.Response != nil {
		status = refused.Response.StatusCode
	}
	kind := errToken
	if status >= 500 || status == 429 || code == "ratelimited" || code == "internal_error" || code == "invalid_client" || code == "bad_client_secret" {
		kind = errProvider // ours or theirs to mend, and not the person's
	}
	return fmt.Errorf("%w: exchange the code: status %d, %s", kind, status, code)
}

var (
	errorCode = regexp.MustCompile(`^[a-z_]{1,60}$`)
	slackID   = regexp.MustCompile(`^[A-Z0-9]{1,64}$`)
	// address is an e-mail address as it is compared: letters of ASCII alone,
	// since those of other alphabets come out as one another in lower case.
	address = regexp.MustCompile(`^[a-z0-9.!#$%&'*+/=?^_{|}~-]{1,64}@[a-z0-9]([a-z0-9.-]{0,188}[a-z0-9])?$`)
)

// slackIdentity is who Slack says it is.
func slackIdentity(c claims) (identity, error) {
	if !slackID.MatchString(c.Team) || !slackID.MatchString(c.User) || c.Enterprise != "" && !slackID.MatchString(c.Enterprise) {
		return identity{}, fmt.Errorf("%w: it names no Slack user and workspace", errToken)
	}
	return identity{team: c.Team, user: c.User, enterprise: c.Enterprise}, nil
}

// emailIdentity is whose address the provider vouches for.
func (p *provider) emailIdentity(c claims, all map[string]json.RawMessage) (identity, error) {
	for name, want := range p.o.Claims {
		var got string
		if json.Unmarshal(all[name], &got) != nil || got != want {
			return identity{}, fmt.Errorf("%w: its claim %s isn't the one of sign_in.claims", errToken, name)
		}
	}
	email, ok := Address(c.Email)
	_, domain, _ := strings.Cut(email, "@")
	switch {
	case c.Email == "":
		return identity{}, fmt.Errorf("%w: it has no e-mail address", errAddress)
	case !bool(c.Verified):
		return identity{}, fmt.Errorf("%w: the provider hasn't confirmed it (email_verified)", errAddress)
	case !ok:
		return identity{}, fmt.Errorf("%w: it has characters that can't be compared safely", errAddress)
	case len(p.o.EmailDomains) > 0 && !slices.Contains(p.o.EmailDomains, domain):
		return identity{}, fmt.Errorf("%w: its domain isn't one of sign_in.email_domains", errAddress)
	}
	return identity{email: email}, nil
}

// errAddress: the provider vouches for no address that counts.
var errAddress = errors.New("no e-mail address that counts")

// Address is an e-mail address as it is compared: in lower case. ok is false
// where it can't be compared safely.
func Address(email string) (lower string, ok bool) {
	lower = strings.ToLower(email)
	// The letters of other alphabets have gone by now, so the length tells.
	if len(lower) != len(email) || strings.IndexFunc(email, func(r rune) bool { return r > '~' }) >= 0 {
		return "", false
	}
	return lower, address.MatchString(lower)
}
