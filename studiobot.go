// Package studiobot is the whole program as a value: Run connects the Slack
// side (bot) with the browser side (launch), and is the one place where the two
// meet. cmd/studiobot runs it in production, cmd/demo between two simulators,
// and tests in between.
//
// A reader who wants the story of a launch follows
//
//	/studio    bot/command.go -> launch/service.go (Issue)
//	the click  bot/click.go   -> launch/service.go (Arm)
//	a browser  launch/handler.go -> launch/redeem.go -> studio/sagemaker/open.go
package studiobot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/studiobot/studiobot/audit"
	"github.com/studiobot/studiobot/bot"
	"github.com/studiobot/studiobot/launch"
	"github.com/studiobot/studiobot/limits"
	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/requests"
	"github.com/studiobot/studiobot/signin"
	"github.com/studiobot/studiobot/store/memory"
	"github.com/studiobot/studiobot/store/sqlite"
	"github.com/studiobot/studiobot/studio"
	"github.com/studiobot/studiobot/studio/sagemaker"
)

// Options is what a run needs besides its config. Log is required.
type Options struct {
	Log     *slog.Logger
	Version string
	// Listener takes the place of one on Config.Listen; Run closes it.
	Listener net.Listener
	// AWS changes how the SDK's config is loaded: the demo's and the tests'
	// way to a simulator. Production passes none.
	AWS []sagemaker.LoadOption
	// SlackURL is where pages lead back to; empty: Slack's web address.
	SlackURL string
	// SecondSocket is how long after the first Socket Mode connection the
	// second is opened; zero: about five seconds.
	SecondSocket time.Duration
	// Listening is told the address that browsers reach.
	Listening func(net.Addr)
	// ListCalls is how many background calls a second SageMaker gets, and
	// ListEvery the time between two listings of user profiles; zero: 10, and
	// about five minutes. Simulators take more.
	ListCalls float64
	ListEvery time.Duration
}

// lookEvery is how often the domains are looked at again.
const lookEvery = 10 * time.Minute

// Run serves until ctx ends, then stops in order: no new envelope is taken, the
// taken ones are answered, launches in flight finish. It returns nil after such
// a stop, and an error that says what to do about it otherwise.
func Run(ctx context.Context, cfg Config, o Options) error {
	h := &halves{log: o.Log, holders: newHolders()}
	defer h.close()
	err := h.build(ctx, cfg, o)
	if err != nil {
		return err
	}
	listener := o.Listener
	if listener == nil {
		if listener, err = listen(ctx, cfg.Listen, cfg.TLS, o.Log); err != nil {
			return err
		}
	}
	o.Log.Info("listening", "address", listener.Addr().String(), "public_url", cfg.PublicURL.String(), "version", o.Version)
	if o.Listening != nil {
		o.Listening(listener.Addr())
	}
	return h.run(ctx, listener)
}

// halves are the two paths and what they share.
type halves struct {
	log       *slog.Logger
	store     store
	directory *mapping.Directory
	asker     mapping.Asker // nil: the bot
	freshFor  time.Duration // of what is known of a person; zero: the usual
	groups    *mapping.Groups
	denying   sync.Mutex // orders what changes in Slack mean
	sources   *sources
	requests  *requests.Service // nil: nobody can ask for access
	holders   *holders
	mapping   *mapping.Mapping
	confirms  bool // a page's button opens links, too
	opened    *lastOpened
	mail      []string       // domains of addresses that count; empty: any
	copied    mapping.Copies // nil: the store doesn't last
	listEvery time.Duration  // between two listings of user profiles; zero: the usual
	launch    *launch.Service
	bot       *bot.Bot
	studio    *sagemaker.Client
	server    *http.Server
	commands  *limits.Limiter    // of one person
	signIn    *signin.Service    // nil: nobody signs in
	addresses *mapping.Addresses // nil: addresses don't tell who signed in
	front     http.Handler       // of / and below, where people sign in
}

// store is everything that outlives a process, closed in the end.
type store interface {
	launch.Store
	mapping.Links
	mapping.Copies
	requests.Store
	openings
	Close() error
}

// openStore opens the store that the config names.
func openStore(ctx context.Context, c Store) (store, error) {
	if c.Kind != StoreSQLite {
		return memory.New(memory.Options{}), nil
	}
	s, err := sqlite.Open(ctx, c.Path, sqlite.Options{})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// close lets go of the store, after everything that uses it has ended.
func (h *halves) close() {
	if h.store == nil {
		return
	}
	if err := h.store.Close(); err != nil {
		h.log.Error("the store couldn't be closed", "err", err)
	}
}

// run runs everything until ctx ends or one of it can't go on.
func (h *halves) run(ctx context.Context, listener net.Listener) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return h.bot.Run(ctx) })
	group.Go(func() error {
		if err := h.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve: %w", err)
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
		defer cancel()
		if err := h.server.Shutdown(stop); err != nil {
			h.log.Warn("stopping with launches in flight", "err", err)
			return h.server.Close()
		}
		return nil
	})
	for _, watch := range h.sources.watch {
		group.Go(func() error { return watch(ctx) })
	}
	if h.requests != nil {
		group.Go(func() error { h.requests.Run(ctx); return nil })
	}
	group.Go(func() error { h.opened.run(ctx); return nil })
	group.Go(func() error { h.look(ctx); return nil })
	err := group.Wait()
	h.bot.Wait()
	h.opened.write(ctx)
	return err
}

// look keeps an eye on the domains.
func (h *halves) look(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		h.studio.Look(ctx)
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// build makes the halves and connects them. It reads files and opens the store,
// and makes no network call.
func (h *halves) build(ctx context.Context, cfg Config, o Options) (err error) {
	trail := audit.New(o.Log)
	if h.store, err = openStore(ctx, cfg.Store); err != nil {
		return err
	}
	if err = h.openStudio(ctx, cfg, o); err != nil {
		return err
	}
	h.opened = newLastOpened(h.store, o.Log)
	refused := limits.New(limits.Rate(cfg.Limits.Refused))
	if err = h.buildSignIn(cfg, refused, trail); err != nil {
		return err
	}
	signedIn, front := h.signedIn()
	h.launch, err = launch.New(ctx, launch.Options{
		Store: h.store, Opener: h.studio, Audit: trail, Log: o.Log,
		PublicURL: cfg.PublicURL, LinkTTL: cfg.Launch.LinkTTL, Proof: launch.Proof(cfg.Launch.Proof),
		Command: cfg.Command, Help: cfg.Access.Help, SlackURL: o.SlackURL,
		TrustedProxies: cfg.TrustedProxies, Destinations: h.studio.Destinations(),
		SignIn:   func(domain string) string { address, _ := h.studio.SignIn(domain); return address },
		Browsers: signedIn, Front: front, Address: h.addressOf(cfg),
		Refused: refused, Alarm: limits.New(limits.Rate(cfg.Limits.Alarm)),
		Allowed: func(ctx context.Context, p studio.Person, o studio.Option) error { return h.mapping.Allowed(ctx, p, o) },
		Opened:  func(x studio.Opened) { h.opened.note(x); h.bot.Opened(x) },
	})
	if err != nil {
		return err
	}
	people, err := h.people(cfg)
	if err != nil {
		return err
	}
	h.mapping, h.confirms = people, launch.Proof(cfg.Launch.Proof) == launch.ProofConfirm
	for _, load := range h.sources.load {
		if err := load(ctx); err != nil {
			return err
		}
	}
	if err := h.buildBot(ctx, cfg, o, people, trail); err != nil {
		return err
	}
	h.buildFront(ctx, cfg, trail)
	h.server = newServer(h.launch.Handler(), health{
		func(context.Context) string {
			if h.bot.Ready() {
				return ""
			}
			return "no connection to Slack"
		},
		func(ctx context.Context) string {
			if h.store.Ping(ctx) == nil {
				return ""
			}
			return "the store doesn't answer"
		},
	}, o.Log)
	return nil
}
