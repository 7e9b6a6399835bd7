package studiobot

import (
	"context"
	"time"

	"github.com/studiobot/studiobot/launch"
	"github.com/studiobot/studiobot/notify"
	"github.com/studiobot/studiobot/studio"
)

// sessions know how long a session of each domain lasts.
type sessions struct {
	byDomain map[string]time.Duration
	changed  func(configured time.Duration) time.Duration // nil: as it is
}

// of says of a launch when the session ends that began with it.
func (s sessions) of(o studio.Opened) studio.Opened {
	lasts, known := s.byDomain[o.Option.Domain]
	if !known || o.At.IsZero() {
		return o
	}
	if s.changed != nil {
		lasts = s.changed(lasts)
	}
	o.Ends = o.At.Add(lasts)
	return o
}

// buildNotify makes what tells people later.
func (h *halves) buildNotify(cfg Config, o Options) {
	h.sessions = sessions{byDomain: map[string]time.Duration{}, changed: o.Session}
	for _, d := range cfg.studioDomains() {
		h.sessions.byDomain[d.Name] = d.Session
	}
	h.lasts = cfg.Store.Kind != StoreMemory
	var desk notify.Desk
	if h.role.talks() {
		desk = teller{h}
	}
	h.notify = notify.New(notify.Options{
		Store: h.store, Desk: desk, Log: o.Log, Look: h.studio.Ready, Every: o.NotifyEvery, FirstLook: o.NotifyEvery,
		Allowed: h.allowedAsKnown,
	})
}

// tellOpened tells everybody who wants to know of a launch. It doesn't block.
func (h *halves) tellOpened(o studio.Opened) {
	o = h.sessions.of(o)
	h.opened.note(o)
	h.notify.Opened(o)
	h.bot.Opened(o)
}

// promise notes that somebody is to be told when something is ready.
func (h *halves) promise(ctx context.Context, p studio.Person, o studio.Option) launch.Promised {
	switch {
	case !h.notify.Promise(ctx, p, o):
		return launch.NotPromised
	case h.lasts:
		return launch.PromisedSurely
	}
	return launch.PromisedForNow
}

// teller speaks by the bot, which doesn't exist yet when the notices do.
type teller struct{ h *halves }

func (t teller) SessionEnds(ctx context.Context, n studio.Notice) error {
	return t.h.bot.SessionEnds(ctx, n)
}
func (t teller) Became(ctx context.Context, n studio.Notice, why error) error {
	return t.h.bot.Became(ctx, n, why)
}
