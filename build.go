package studiobot

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/studiobot/studiobot/audit"
	"github.com/studiobot/studiobot/bot"
	"github.com/studiobot/studiobot/launch"
	"github.com/studiobot/studiobot/limits"
	"github.com/studiobot/studiobot/store/dynamodb"
)

// build makes the halves and connects them. It reads files and opens the store,
// and makes no network call but to a store that is in the network.
func (h *halves) build(ctx context.Context, cfg Config, o Options) (err error) {
	trail := h.watching.trail(audit.New(o.Log))
	if h.store, err = openStore(ctx, cfg, o); err != nil {
		return err
	}
	h.store = h.watching.watched(h.store)
	if err = h.openStudio(ctx, cfg, o); err != nil {
		return err
	}
	h.opened = newLastOpened(h.store, o.Log)
	h.buildNotify(cfg, o)
	if err := h.buildLaunch(ctx, cfg, o, trail); err != nil {
		return err
	}
	if h.role.talks() {
		err = h.buildTalking(ctx, cfg, o, trail)
	} else {
		h.bot, err = bot.New(bot.Options{APIURL: cfg.SlackAPIURL, Log: o.Log}) // replaces messages, and isn't run
	}
	if err != nil {
		return err
	}
	h.watchLive(cfg.domainNames())
	h.server = newServer(h.browsers(cfg.PublicURL), h.health(), o.Log)
	return nil
}

// buildLaunch makes the browser side. The bot needs it too: it issues and arms.
func (h *halves) buildLaunch(ctx context.Context, cfg Config, o Options, trail *audit.Log) (err error) {
	h.confirms = launch.Proof(cfg.Launch.Proof) == launch.ProofConfirm
	refused := limits.New(limits.Rate(cfg.Limits.Refused))
	if err = h.buildSignIn(cfg, refused, trail); err != nil {
		return err
	}
	options := launch.Options{
		Store: h.store, Opener: h.studio, Audit: trail, Log: o.Log,
		PublicURL: cfg.PublicURL, LinkTTL: cfg.Launch.LinkTTL, Proof: launch.Proof(cfg.Launch.Proof), Delivery: launch.Delivery(cfg.Launch.Delivery),
		Command: cfg.Command, Help: cfg.Access.Help, SlackURL: o.SlackURL,
		TrustedProxies: cfg.TrustedProxies, Destinations: h.studio.Destinations(),
		SignIn:  func(domain string) string { address, _ := h.studio.SignIn(domain); return address },
		Refused: refused, Alarm: alarm{limits.New(limits.Rate(cfg.Limits.Alarm)), h},
		Watch:   h.watching.clicks(),
		Allowed: h.allowed, // confirm asks it, and is only for a process that has a mapping
		Promise: h.promise,
		Opened:  h.onOpened(o.Lambda),
	}
	h.signedIn(cfg, &options)
	h.launch, err = launch.New(ctx, options)
	return err
}

// buildTalking makes the mapping and the Slack side.
func (h *halves) buildTalking(ctx context.Context, cfg Config, o Options, trail *audit.Log) error {
	if cfg.Store.Kind != StoreMemory {
		h.turn = newTurn(h.store, o.Log, o.Lease)
	}
	people, err := h.people(cfg)
	if err != nil {
		return err
	}
	h.mapping = people
	for _, load := range h.sources.load {
		if err := load(ctx); err != nil {
			return err
		}
	}
	h.operators = newOperators(cfg, h)
	if err := h.buildBot(ctx, cfg, o, people, trail); err != nil {
		return err
	}
	h.buildFront(ctx, cfg, trail)
	h.rotation = &rotation{log: o.Log, now: cfg.Secrets, use: h.bot.SetTokens, every: cmp.Or(o.SecretsEvery, secretsEvery)}
	return nil
}

// waitTurn waits until this copy is the one that reads for all; nil: it always is.
func (h *halves) waitTurn() func(context.Context) error {
	if h.turn == nil {
		return nil
	}
	return h.turn.wait
}

// browsers is what the listener serves besides the health checks.
func (h *halves) browsers(public *url.URL) http.Handler {
	if h.role.opens() {
		return probed(public, h.watching.redirects(h.launch.Handler()))
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if h.front != nil && !strings.HasPrefix(r.URL.Path, public.Path+"/launch/") {
			h.launch.Handler().ServeHTTP(w, r) // / and below, if a balancer leads there
			return
		}
		plain(w, http.StatusNotFound, "This process opens no links: it is the bot alone, and public_url has to lead to one with --role=redirect.")
	})
}

// health is what /readyz asks.
func (h *halves) health() health {
	var checks health
	if h.role.talks() {
		checks = append(checks, func(context.Context) string {
			if h.bot.Ready() {
				return ""
			}
			return "no connection to Slack"
		})
	}
	return append(checks, func(ctx context.Context) string {
		switch err := h.store.Ping(ctx); {
		case err == nil:
			return ""
		case errors.Is(err, dynamodb.ErrClock):
			return "the clock of this machine is wrong"
		}
		return "the store doesn't answer"
	})
}
