package signin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
	"golang.org/x/sync/singleflight"
)

const (
	// callTime bounds one call to the provider.
	callTime = 5 * time.Second
	// maxAnswer bounds what is read of one.
	maxAnswer = 1 << 20
	// discoverAgain is how long a provider that couldn't be asked isn't asked
	// again, and discovered how long its answer counts.
	discoverAgain = 2 * time.Second
	discoveredFor = 12 * time.Hour
)

// errProvider: the provider can't be asked, or says something that can't be
// right. It may be better soon.
var errProvider = errors.New("the sign-in provider doesn't answer as it should")

// errToken: the provider's word on who signed in isn't accepted.
var errToken = errors.New("the provider's answer isn't accepted")

// provider is the OpenID provider as its discovery document describes it. It is
// asked when first needed, so that nothing waits for it at the start.
type provider struct {
	o      Options
	client *http.Client
	flight singleflight.Group

	mu    sync.Mutex // guards the rest
	known *known
	asked time.Time // when discovery last failed
}

type known struct {
	provider *oidc.Provider
	verifier *oidc.IDTokenVerifier
	oauth    oauth2.Config
	pkce     bool
	names    bool // answers name their issuer (RFC 9207)
	at       time.Time
}

func newProvider(o Options) *provider {
	transport := o.Transport
	if transport == nil {
		transport = http.DefaultTransport
	}
	return &provider{o: o, client: &http.Client{
		Timeout: callTime, Transport: bounded{transport},
		// The secret goes to the address that discovery names, and nowhere else.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// bounded cuts answers that are longer than any should be.
type bounded struct{ http.RoundTripper }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := b.RoundTripper.RoundTrip(r)
	if err == nil {
		resp.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(resp.Body, maxAnswer), resp.Body}
	}
	return resp, err
}

// ready returns the provider, asked if it hasn't been lately. The error is
// errProvider.
func (p *provider) ready(ctx context.Context) (*known, error) {
	p.mu.Lock()
	k, failed := p.known, p.asked
	p.mu.Unlock()
	now := time.Now()
	switch {
	case k != nil && now.Sub(k.at) < discoveredFor:
		return k, nil
	case now.Sub(failed) < discoverAgain && k != nil:
		return k, nil // what was true yesterday is the best there is
	case now.Sub(failed) < discoverAgain:
		return nil, fmt.Errorf("%w: it was asked a moment ago", errProvider)
	}
	answer := p.flight.DoChan("", func() (any, error) { return p.discover(context.WithoutCancel(ctx)) })
	select {
	case r := <-answer:
		if r.Err != nil && k != nil {
			return k, nil
		}
		if r.Err != nil {
			return nil, r.Err
		}
		return r.Val.(*known), nil
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: %w", errProvider, ctx.Err())
	}
}

// discover reads the discovery document.
func (p *provider) discover(ctx context.Context) (*known, error) {
	ctx, cancel := context.WithTimeout(oidc.ClientContext(ctx, p.client), callTime)
	defer cancel()
	k, err := p.read(ctx)
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil {
		p.asked = time.Now()
		p.o.Log.Error("the OpenID provider can't be used for signing in", "issuer", p.o.Issuer, "err", err)
		return nil, fmt.Errorf("%w: %w", errProvider, err)
	}
	p.known = k
	return k, nil
}

func (p *provider) read(ctx context.Context) (*known, error) {
	op, err := oidc.NewProvider(ctx, p.o.Issuer)
	if err != nil {
		return nil, fmt.Errorf("read %s/.well-known/openid-configuration: %w", strings.TrimSuffix(p.o.Issuer, "/"), shorter{err})
	}
	var more struct {
		JWKS    string   `json:"jwks_uri"`
		Methods []string `json:"token_endpoint_auth_methods_supported"`
		PKCE    []string `json:"code_challenge_methods_supported"`
		Names   bool     `json:"authorization_response_iss_parameter_supported"`
	}
	if err := op.Claims(&more); err != nil {
		return nil, fmt.Errorf("read the discovery document: %w", err)
	}
	endpoint := op.Endpoint()
	for _, address := range []string{endpoint.AuthURL, endpoint.TokenURL, more.JWKS, op.UserInfoEndpoint()} {
		if address != "" && !safe(address) || address == "" && address != op.UserInfoEndpoint() {
			return nil, errors.New("the discovery document names an address that is missing or isn't https")
		}
	}
	// One way and no trying: a code is good for one try.
	endpoint.AuthStyle = oauth2.AuthStyleInHeader
	if slices.Contains(more.Methods, "client_secret_post") {
		endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
	scopes := []string{oidc.ScopeOpenID}
	if !p.o.Slack {
		scopes = append(scopes, "email")
	}
	return &known{
		provider: op, verifier: op.Verifier(&oidc.Config{ClientID: p.o.ClientID}),
		oauth: oauth2.Config{ClientID: p.o.ClientID, ClientSecret: p.o.ClientSecret, Endpoint: endpoint, RedirectURL: p.o.redirect(), Scopes: scopes},
		// By the standard an unknown parameter is ignored. Slack's document names
		// no method, and its token endpoint takes the verifier.
		pkce: len(more.PKCE) == 0 || slices.Contains(more.PKCE, "S256"), names: more.Names, at: time.Now(),
	}, nil
}

// safe says whether an address may be sent a secret, or a browser: https, or this
// very machine.
func safe(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Host != "" && u.User == nil && (u.Scheme == "https" || u.Scheme == "http" && loopback(u.Hostname()))
}

func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// shorter is an error without the provider's pages in its text.
type shorter struct{ error }

func (s shorter) Error() string {
	text := s.error.Error()
	if len(text) > 200 {
		text = text[:200] + "…"
	}
	return strings.ToValidUTF8(text, "?")
}

func (s shorter) Unwrap() error { return s.error }

// address is where a browser signs in. With other it is asked for a sign-in anew,
// so that somebody else can.
func (k *known) address(f flow, team string, slack, other bool) string {
	options := []oauth2.AuthCodeOption{oidc.Nonce(f.Nonce)}
	if k.pkce {
		options = append(options, oauth2.S256ChallengeOption(f.Verifier))
	}
	switch {
	case slack && !other && strings.HasPrefix(team, "T"):
		options = append(options, oauth2.SetAuthURLParam("team", team))
	case !slack && other:
		options = append(options, oauth2.SetAuthURLParam("prompt", "login"))
	}
	return k.oauth.AuthCodeURL(f.State, options...)
}
