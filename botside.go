package studiobot

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/studiobot/studiobot/audit"
	"github.com/studiobot/studiobot/bot"
	"github.com/studiobot/studiobot/limits"
	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/requests"
	"github.com/studiobot/studiobot/studio"
)

// buildBot makes the Slack side, and what it shares with people who decide.
func (h *halves) buildBot(ctx context.Context, cfg Config, o Options, people *mapping.Mapping, trail *audit.Log) (err error) {
	h.commands = limits.New(limits.Rate(cfg.Limits.Person))
	options := bot.Options{
		AppToken: cfg.Secrets.AppToken.Reveal(), BotToken: cfg.Secrets.BotToken.Reveal(), APIURL: cfg.SlackAPIURL,
		Command: cfg.Command, Help: cfg.Access.Help, Domains: cfg.studioDomains(), LinkTTL: cfg.Launch.LinkTTL,
		Mapping: asked{people, h.holders}, Launcher: launcher{h.launch, h.holders}, Directory: directory{h},
		Audit: trail, Log: o.Log, SignIn: h.studio.SignIn, SecondSocket: o.SecondSocket,
		Limit: func(p studio.Person) (time.Duration, bool) { return h.commands.Allow(p.String()) },
		Warm:  func(domains []string) { go h.studio.Warm(context.WithoutCancel(ctx), domains...) },
	}
	if h.groups != nil {
		options.Groups = h.groups
	}
	desk := &desk{h: h, mapping: people, sources: h.sources, domains: cfg.domainNames(), self: cfg.Access.SelfApproval, audit: trail}
	if len(cfg.Access.Admins) > 0 {
		options.Admin = desk
	}
	for _, src := range cfg.Mapping {
		h.mail = append(h.mail, src.Domains...)
	}
	if cfg.takesRequests() {
		h.requests = requests.New(requests.Options{
			Store: h.store, Desk: approvers{h}, Table: linker{desk}, Maker: h.studio, Domains: cfg.requestDomains(), Tags: cfg.slackTags(), Denied: desk.denied, Others: desk.others,
			Admin: people.Admin, SelfApproval: cfg.Access.SelfApproval, Audit: trail, Log: o.Log,
		})
		options.Requests, options.Approvals, options.Propose = h.requests, cfg.Access.ApprovalsChannel, h.propose
	}
	h.bot, err = bot.New(options)
	return err
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
