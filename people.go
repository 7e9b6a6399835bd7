package studiobot

import (
	"context"
	"time"

	"github.com/studiobot/studiobot/launch"
	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/studio"
)

// The reasons of denials: fixed phrases of the audit trail.
const (
	reasonSlack   = "changed in Slack"
	reasonMapping = "changed in the mapping"
)

const (
	// denySlack is how long somebody whom Slack no longer lets in is denied,
	// unless Slack takes it back: longer than any copy's directory may be
	// behind.
	denySlack = time.Hour
	// denyMapping is longer than any link that was issued before the mapping
	// changed.
	denyMapping = 20 * time.Minute
	// denyTime bounds the write of one denial.
	denyTime = 5 * time.Second
	// denyAll bounds the writes of one change, whose source waits for them.
	denyAll = time.Minute
	// stillEach and stillAll bound how long is asked whether one person, and all
	// people of one change, have what they lost by another source. That may be a
	// question to Slack, and the denials wait for it: who can't be asked in time
	// is denied.
	stillEach, stillAll = 100 * time.Millisecond, time.Second
	// manyLost is how many people are denied whether they hold a link or not:
	// another copy may have issued it. A list of a million that was emptied is
	// told to every copy, and each denies those whose links are its own.
	manyLost = 1000
)

// people puts the directory and the mapping together, and turns what they lose
// into denials: a link that is armed already must not open any more.
func (h *halves) people(cfg Config) (*mapping.Mapping, error) {
	if ids := cfg.userGroups(); len(ids) > 0 {
		h.groups = mapping.NewGroups(mapping.GroupsOptions{IDs: ids, Log: h.log, Changed: func(users []string) {
			lost := make([]studio.Person, len(users))
			for i, u := range users {
				lost[i].User = u
			}
			h.changedInMapping(lost)
		}})
	}
	access := h.access(cfg)
	if h.asker == nil {
		h.asker = asker{h}
	}
	h.directory = mapping.NewDirectory(mapping.DirectoryOptions{
		Asker: h.asker, Log: h.log, Emails: cfg.readsEmail(), FreshFor: h.freshFor,
		Changed: func(before, after studio.Member) { h.changedInSlack(access, before, after) },
		Observe: func(before, after studio.Member) {
			for _, observe := range h.sources.observe {
				observe(before, after)
			}
		},
	})
	var err error
	if h.sources, err = h.openSources(cfg); err != nil {
		return nil, err
	}
	h.observeAddresses(cfg)
	h.copied = h.copies(cfg)
	return mapping.New(mapping.Options{Domains: cfg.studioDomains(), Sources: h.sources.list, Directory: h.directory, Access: access}), nil
}

// changedInSlack denies whoever isn't let in any more, and lifts that where
// they are let in again. It goes by what is known now, not by the news: of two
// changes in a row the older one may come here last.
func (h *halves) changedInSlack(access mapping.Access, before, after studio.Member) {
	home, known := h.directory.Home()
	if !known || h.launch == nil { // a review gives out no links
		return
	}
	h.denying.Lock()
	defer h.denying.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), denyTime)
	defer cancel()
	if now, err := h.directory.Member(ctx, after.User); err == nil {
		after = now
	}
	p := studio.Person{Team: home.Team, User: after.User}
	was, is := access.Admit(before, home) == nil, access.Admit(after, home) == nil
	var err error
	switch {
	case !is:
		if was && after.Deleted && h.operators != nil {
			h.operators.lost(p, "deactivated in Slack")
		}
		err = h.launch.Deny(ctx, p, launch.Denial{Reason: reasonSlack, Until: time.Now().Add(denySlack)})
	case !was:
		err = h.launch.Lift(ctx, p, reasonSlack)
	}
	if err != nil {
		h.log.Error("links that were issued before a change in Slack may still open until they expire", "user", after.User, "err", err)
	}
}

// changedInMapping denies the links that people hold who lost something, or
// were given another profile. It is called when the new state is in force.
func (h *halves) changedInMapping(lost []studio.Person) {
	home, known := h.directory.Home()
	if !known || h.launch == nil {
		return
	}
	now := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), stillAll)
	defer cancel()
	all, stop := context.WithTimeout(context.Background(), denyAll)
	defer stop()
	many := len(lost) > manyLost
	for _, p := range lost {
		if p.Team == "" {
			p.Team = home.Team
		}
		x, holds := h.holders.of(p, now)
		if many && !holds || holds && h.still(ctx, p, x) {
			continue
		}
		h.denyBefore(all, p, now)
	}
}

// denyBefore denies the links that a person got before now. Each has a time of its
// own: one that hangs must not use up that of the others.
func (h *halves) denyBefore(ctx context.Context, p studio.Person, now time.Time) {
	ctx, cancel := context.WithTimeout(ctx, denyTime)
	defer cancel()
	err := h.launch.Deny(ctx, p, launch.Denial{Reason: reasonMapping, Before: now, Until: now.Add(denyMapping)})
	h.undenied.note(p, now, err != nil)
	if err != nil {
		h.log.Error("links that were issued before a change of the mapping may still open until they expire", "user", p.User, "err", err)
	}
}

// still says whether everything that a person's links from this process may open
// is theirs as it was: another source says the same now. Where that can't be said
// soon it isn't so, nor while they are being offered something: it isn't known
// what. Where a page's button opens a link, no click is there to ask again, so
// that it is never so.
func (h *halves) still(ctx context.Context, p studio.Person, x held) bool {
	if h.confirms || h.mapping == nil || x.asking > 0 || ctx.Err() != nil {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, stillEach)
	defer cancel()
	for _, o := range x.options {
		if h.known(ctx, p, o) != nil {
			return false
		}
	}
	return true
}

// asker asks by the bot, which doesn't exist yet when the directory is made.
type asker struct{ h *halves }

func (a asker) Ask(ctx context.Context, user string) (studio.Member, error) {
	return a.h.bot.Ask(ctx, user)
}
