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

	"github.com/studiobot/studiobot/bot"
	"github.com/studiobot/studiobot/launch"
	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/notify"
	"github.com/studiobot/studiobot/requests"
	"github.com/studiobot/studiobot/running"
	"github.com/studiobot/studiobot/signin"
	"github.com/studiobot/studiobot/store/dynamodb"
	"github.com/studiobot/studiobot/studio"
	"github.com/studiobot/studiobot/studio/sagemaker"
)

// Options is what a run needs besides its config. Log is required.
type Options struct {
	Log     *slog.Logger
	Version string
	// Listener takes the place of one on Config.Listen; Run closes it.
	Listener net.Listener
	// Lambda serves the links as an AWS Lambda function, and listens nowhere. It is
	// for RoleRedirect.
	Lambda bool
	// Metrics takes the place of one on Config.Metrics, where that is set.
	Metrics net.Listener
	// AWS changes how the SDK's config is loaded: the demo's and the tests'
	// way to a simulator. Production passes none.
	AWS []sagemaker.LoadOption
	// SlackURL is where pages lead back to; empty: Slack's web address.
	SlackURL string
	// SecondSocket is how long after the first Socket Mode connection the
	// second is opened; zero: about five seconds.
	SecondSocket time.Duration
	// SecretsEvery is how often files of secrets are looked at again; zero: 10 s.
	SecretsEvery time.Duration
	// Listening is told the address that browsers reach.
	Listening func(net.Addr)
	// ListCalls is how many background calls a second SageMaker gets, and
	// ListEvery the time between two listings of user profiles; zero: 10, and
	// about five minutes. Simulators take more.
	ListCalls float64
	ListEvery time.Duration
	// Store changes how the SDK's config is loaded for a store in DynamoDB, as AWS
	// does for SageMaker.
	Store []dynamodb.LoadOption
	// Lease is how long one of several copies of studiobot reads for all before it
	// has to say so again, and FollowEvery how often the others look for what it
	// read; zero: 45 and 20 seconds.
	Lease, FollowEvery time.Duration
	// Session changes how long a session is taken to last, whatever SageMaker was
	// asked for: the demo's and the tests' way to one that ends soon. Nil: as the
	// config says.
	Session func(configured time.Duration) time.Duration
	// NotifyEvery is how often it is looked for what people are to be told, and how
	// long after a promise the first look is; zero: the usual.
	NotifyEvery time.Duration
}

// lookEvery is how often the domains are looked at again.
const lookEvery = 10 * time.Minute

// Run serves until ctx ends, then stops in order: no new envelope is taken, the
// taken ones are answered, launches in flight finish. It returns nil after such
// a stop, and an error that says what to do about it otherwise.
func Run(ctx context.Context, cfg Config, o Options) error {
	h := &halves{log: o.Log, role: cfg.Role, holders: newHolders(), sources: &sources{}, listEvery: o.ListEvery, followEvery: o.FollowEvery}
	if h.role == "" {
		h.role = RoleAll
	}
	defer h.close()
	var err error
	if h.watching, err = openWatching(ctx, cfg, o); err != nil {
		return err
	}
	defer h.watching.close()
	if err := h.build(ctx, cfg, o); err != nil {
		return err
	}
	if o.Lambda {
		return h.runLambda(ctx, cfg.PublicURL.Path)
	}
	listener := o.Listener
	if listener == nil {
		if listener, err = listen(ctx, cfg.Listen, cfg.TLS, o.Log); err != nil {
			return err
		}
	}
	o.Log.Info("listening", "address", listener.Addr().String(), "public_url", cfg.PublicURL.String(), "version", o.Version, "role", h.role)
	if o.Listening != nil {
		o.Listening(listener.Addr())
	}
	return h.run(ctx, listener)
}

// halves are the two paths and what they share.
type halves struct {
	log       *slog.Logger
	role      Role
	turn      *turn // nil: the store doesn't last, so that there is no other copy
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
	notify    *notify.Service
	sessions  sessions
	lasts     bool           // the store does, over a restart
	mail      []string       // domains of addresses that count; empty: any
	copied    mapping.Copies // nil: the store doesn't last
	listEvery time.Duration  // between two listings of user profiles; zero: the usual
	running   *running.Keeper
	place     func(domain string) string // which stands for its account and Region
	// followEvery is between two looks for what another copy read; zero: the usual.
	followEvery time.Duration
	launch      *launch.Service
	bot         *bot.Bot
	studio      *sagemaker.Client
	server      *http.Server
	watching    watching
	operators   *operators // nil: a review, or the redirect alone
	undenied    undenied
	rotation    *rotation // nil: as operators

	commands  func(studio.Person) (wait time.Duration, ok bool) // the limit of one person
	signIn    *signin.Service                                   // nil: nobody signs in
	addresses *mapping.Addresses                                // nil: addresses don't tell who signed in
	front     http.Handler                                      // of / and below, where people sign in
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
	if h.turn != nil {
		group.Go(func() error { h.turn.run(ctx); return nil })
	}
	if h.role.talks() {
		group.Go(func() error { return h.bot.Run(ctx) })
		group.Go(func() error { h.operators.run(ctx); return nil })
		group.Go(func() error { h.rotation.run(ctx); return nil })
	}
	group.Go(func() error { return h.watching.run(ctx) })
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
	if h.turn != nil {
		group.Go(func() error { directory{h}.follow(ctx); return nil })
	}
	if h.requests != nil {
		group.Go(func() error { h.requests.Run(ctx); return nil })
	}
	if h.running != nil {
		group.Go(func() error { h.running.Watch(ctx); return nil })
	}
	group.Go(func() error { h.opened.run(ctx); return nil })
	group.Go(func() error { h.notify.Run(ctx); return nil })
	group.Go(func() error { h.look(ctx); return nil })
	err := group.Wait()
	h.bot.Wait()
	h.opened.write(ctx)
	h.notify.Flush(ctx)
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
