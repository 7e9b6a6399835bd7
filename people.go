package studiobot

import (
	"context"
	"runtime/debug"
	"time"

	"github.com/studiobot/studiobot/bot"
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
	// denyTime bounds one write of a denial.
	denyTime = 5 * time.Second
)

// people puts the directory and the mapping together, and turns what they lose
// into denials: a link that is armed already must not open any more.
func (h *halves) people(cfg Config) (*mapping.Mapping, error) {
	access := mapping.Access{Guests: cfg.Access.Guests}
	h.directory = mapping.NewDirectory(mapping.DirectoryOptions{
		Asker: asker{h}, Log: h.log,
		Changed: func(before, after studio.Member) { h.changedInSlack(access, before, after) },
	})
	var sources []mapping.Source
	for i, s := range cfg.Mapping {
		file, err := mapping.OpenFile(mapping.FileOptions{
			Path: s.File, Domains: cfg.domainNames(), Log: h.log, Changed: h.changedInMapping, Shadows: i < len(cfg.Mapping)-1,
		})
		if err != nil {
			return nil, err
		}
		h.users = append(h.users, file)
		sources = append(sources, file)
	}
	return mapping.New(mapping.Options{Domains: cfg.studioDomains(), Sources: sources, Directory: h.directory, Access: access}), nil
}

// changedInSlack denies whoever isn't let in any more, and lifts that where
// they are let in again. It goes by what is known now, not by the news: of two
// changes in a row the older one may come here last.
func (h *halves) changedInSlack(access mapping.Access, before, after studio.Member) {
	home, known := h.directory.Home()
	if !known {
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
		err = h.launch.Deny(ctx, p, launch.Denial{Reason: reasonSlack, Until: time.Now().Add(denySlack)})
	case !was:
		err = h.launch.Lift(ctx, p, reasonSlack)
	}
	if err != nil {
		h.log.Error("links that were issued before a change in Slack may still open until they expire", "user", after.User, "err", err)
	}
}

// changedInMapping denies the links that people hold who lost something, or
// were given another profile.
func (h *halves) changedInMapping(lost []studio.Person) {
	home, known := h.directory.Home()
	if !known {
		return
	}
	now := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), denyTime)
	defer cancel()
	for _, p := range lost {
		if p.Team == "" {
			p.Team = home.Team
		}
		if err := h.launch.Deny(ctx, p, launch.Denial{Reason: reasonMapping, Before: now, Until: now.Add(denyMapping)}); err != nil {
			h.log.Error("links that were issued before a change of the mapping may still open until they expire", "user", p.User, "err", err)
		}
	}
}

// asker asks by the bot, which doesn't exist yet when the directory is made.
type asker struct{ h *halves }

func (a asker) Ask(ctx context.Context, user string) (studio.Member, error) {
	return a.h.bot.Ask(ctx, user)
}

// directory is mapping.Directory as the bot wants it.
type directory struct{ *mapping.Directory }

func (d directory) Begin() bot.Reading { return reading{d.Directory.Begin()} }

// reading gives the memory back that a pass over a large workspace took: its
// pages are megabytes, what is kept of them is not.
type reading struct{ *mapping.Reading }

func (r reading) Done() {
	r.Reading.Done()
	debug.FreeOSMemory()
}
