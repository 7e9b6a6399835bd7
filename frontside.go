package studiobot

import (
	"context"
	"net/http"

	"github.com/studiobot/studiobot/audit"
	"github.com/studiobot/studiobot/frontdoor"
	"github.com/studiobot/studiobot/launch"
	"github.com/studiobot/studiobot/limits"
	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/signin"
	"github.com/studiobot/studiobot/studio"
)

// buildSignIn makes what signs browsers in, where the config has a client. It
// makes no network call.
func (h *halves) buildSignIn(cfg Config, refused *limits.Limiter, trail *audit.Log) (err error) {
	if !cfg.signsIn() {
		return nil
	}
	keys, _ := cookieKeys(cfg.Secrets.CookieKeys) // checked with the config
	h.signIn, err = signin.New(signin.Options{
		Issuer: cfg.SignIn.Issuer, ClientID: cfg.SignIn.ClientID, ClientSecret: cfg.Secrets.ClientSecret.Reveal(), Slack: cfg.slackSignsIn(),
		EmailDomains: cfg.SignIn.EmailDomains, Claims: cfg.SignIn.Claims, PublicURL: cfg.PublicURL, Keys: keys, Session: cfg.SignIn.Session,
		Team: func() string {
			if h.directory == nil {
				return "" // a redirect alone: the ticket says which workspace
			}
			home, _ := h.directory.Home()
			return home.Team
		},
		Show: func(w http.ResponseWriter, n signin.Notice) {
			v := launch.Sheet{Status: n.Status, Title: n.Title, Says: n.Says, Ref: n.Ref, Help: n.Help}
			if n.Again != "" {
				v.Links = []launch.Action{{Text: "Sign in", Path: n.Again, Main: true}}
			}
			h.launch.Show(w, v)
		},
		Client:  func(r *http.Request) (address, network string) { return h.launch.Client(r) },
		Refused: refused, Audit: trail, Log: h.log,
	})
	return err
}

// signedIn adds to launch's options what it asks of package signin, where people
// sign in. The front door needs the mapping, so a redirect alone has none.
func (h *halves) signedIn(cfg Config, o *launch.Options) {
	if h.signIn == nil {
		return
	}
	o.Browsers, o.Auth, o.Address = browsers{h.signIn}, h.signIn.Handler(), h.addressOf(cfg)
	if h.role.talks() {
		o.Front = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.front.ServeHTTP(w, r) })
	}
}

// browsers is signin.Service as launch and the front door ask it.
type browsers struct{ *signin.Service }

// Begin implements launch.Browsers.
func (b browsers) Begin(w http.ResponseWriter, r *http.Request, back, team string) {
	b.Service.Begin(w, r, signin.Ask{Back: back, Team: team})
}

// addressOf says whose address counts; nil where addresses don't.
func (h *halves) addressOf(cfg Config) func(context.Context, studio.Person) (string, error) {
	if !cfg.signsInByEmail() {
		return nil
	}
	return func(ctx context.Context, p studio.Person) (string, error) { return h.addresses.Of(ctx, p) }
}

// observeAddresses keeps whose the addresses are, where they count.
func (h *halves) observeAddresses(cfg Config) {
	if !cfg.signsInByEmail() {
		return
	}
	h.addresses = mapping.NewAddresses(h.directory)
	h.sources.observe = append(h.sources.observe, h.addresses.Observe)
}

// buildFront makes the page at public_url.
func (h *halves) buildFront(ctx context.Context, cfg Config, trail *audit.Log) {
	if h.signIn == nil {
		return
	}
	h.front = frontdoor.New(frontdoor.Options{
		Base: cfg.PublicURL.Path, Command: cfg.Command, Domains: cfg.studioDomains(),
		Targets: []studio.Target{studio.Home, studio.Lab, studio.Code, studio.Canvas, studio.RStudio, studio.Classic},
		SignIn:  browsers{h.signIn}, Person: h.personOf, Mapping: asked{guarded{h.mapping, h.store}, h, h.holders}, Launcher: launcher{h.launch, h.holders, h.sessions},
		Show: h.launch.Show, Client: h.launch.Client,
		Limit:     h.commands,
		Warm:      func(p studio.Person, options []studio.Option) { go h.warm(context.WithoutCancel(ctx), p, options) },
		OwnSignIn: h.studio.SignIn, Audit: trail, Log: h.log,
	})
}

// personOf is the Slack user who is signed in, as the mapping knows them: by what
// Slack says, or by the address that they alone have there.
func (h *halves) personOf(ctx context.Context, who studio.SignedIn) (studio.Person, error) {
	if who.Email == "" {
		return h.mapping.From(ctx, who.Person.Team, who.Enterprise, who.Person.User)
	}
	home, known := h.directory.Home()
	if !known {
		return studio.Person{}, studio.ErrUnsure
	}
	user, err := h.addresses.Holder(ctx, who.Email)
	if err != nil {
		return studio.Person{}, err
	}
	return h.mapping.From(ctx, home.Team, home.Enterprise, user)
}
