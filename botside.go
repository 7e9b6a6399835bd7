package studiobot

import (
	"context"
	"slices"
	"strings"

	"github.com/studiobot/studiobot/audit"
	"github.com/studiobot/studiobot/bot"
	"github.com/studiobot/studiobot/limits"
	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/requests"
	"github.com/studiobot/studiobot/studio"
)

// buildBot makes the Slack side, and what it shares with people who decide.
func (h *halves) buildBot(ctx context.Context, cfg Config, o Options, people *mapping.Mapping, trail *audit.Log) (err error) {
	h.commands = h.watching.commands(limits.New(limits.Rate(cfg.Limits.Person)).Allow)
	options := bot.Options{
		AppToken: cfg.Secrets.AppToken.Reveal(), BotToken: cfg.Secrets.BotToken.Reveal(), APIURL: cfg.SlackAPIURL,
		Command: cfg.Command, Help: cfg.Access.Help, Domains: cfg.studioDomains(), LinkTTL: cfg.Launch.LinkTTL,
		Mapping: asked{guarded{people, h.store}, h, h.holders}, Launcher: launcher{h.launch, h.holders, h.sessions}, Directory: directory{h},
		Audit: trail, Log: o.Log, SignIn: h.studio.SignIn, SecondSocket: o.SecondSocket, Turn: h.waitTurn(),
		Limit: h.commands, Watch: h.watching.envelopes(),
		Warm: func(p studio.Person, options []studio.Option) { go h.warm(context.WithoutCancel(ctx), p, options) },
	}
	options.Reminders, options.Forgets = h.notify, !h.lasts
	if h.groups != nil {
		options.Groups = h.groups
	}
	h.running = h.newKeeper(cfg, o)
	options.Machines = h.machines(cfg, o, guarded{people, h.store}, trail)
	options.AllowStop, options.AllowStart, options.Prices = cfg.Studio.AllowStop, cfg.Notebooks.AllowStart, cfg.Prices
	options.Places, options.Recent = h.running, h.opened.last
	desk := &desk{h: h, mapping: people, sources: h.sources, domains: cfg.domainNames(), self: cfg.Access.SelfApproval, lasts: h.lasts, audit: trail}
	if len(cfg.Access.Admins) > 0 {
		options.Admin = desk
	}
	for _, src := range cfg.Mapping {
		h.mail = append(h.mail, src.Domains...)
	}
	if cfg.takesRequests() {
		h.requests = requests.New(requests.Options{
			Store: h.store, Desk: approvers{h}, Table: linker{desk}, Maker: h.studio, Domains: cfg.requestDomains(), Tags: cfg.slackTags(), Denied: desk.denied, Others: desk.others,
			Admin: desk.Is, SelfApproval: cfg.Access.SelfApproval, Audit: trail, Log: o.Log,
		})
		options.Requests, options.Approvals, options.Propose = h.requests, cfg.Access.ApprovalsChannel, h.propose
	}
	if h.bot, err = bot.New(options); err == nil && h.operators != nil {
		h.operators.bot = h.bot
	}
	return err
}

// machines are what people have running.
func (h *halves) machines(cfg Config, o Options, people decider, trail *audit.Log) *machines {
	m := &machines{
		mapping: people, keeper: h.running, place: cfg.place, studio: h.studio, stop: cfg.Studio.AllowStop, start: cfg.Notebooks.AllowStart,
		audit: trail, log: o.Log, every: watchEvery,
	}
	if o.ListEvery > 0 {
		m.every = min(o.ListEvery, watchEvery)
	}
	return m
}

// propose guesses the user profile of somebody who asks for one.
func (h *halves) propose(ctx context.Context, p studio.Person) string {
	m, err := h.directory.Member(ctx, p.User)
	_, domain, _ := strings.Cut(m.Email, "@")
	if err != nil || len(h.mail) > 0 && !slices.Contains(h.mail, domain) {
		return "" // an address that anybody can have says nothing
	}
	return mapping.Propose(m.Email)
}

// approvers speaks by the bot, which doesn't exist yet when requests are.
type approvers struct{ h *halves }

func (a approvers) Show(ctx context.Context, r studio.Request) (channel, message string, err error) {
	return a.h.bot.Show(ctx, r)
}
func (a approvers) Tell(ctx context.Context, r studio.Request) error { return a.h.bot.Tell(ctx, r) }

// requestDomains are the domains that can be asked for.
func (c *Config) requestDomains() []requests.Domain {
	out := make([]requests.Domain, len(c.Domains))
	for i, d := range c.Domains {
		out[i] = requests.Domain{Name: d.Name, Label: d.Label, Create: d.CreateProfiles, Tags: d.ProfileTags}
	}
	return out
}
