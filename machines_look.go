package studiobot

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/studiobot/studiobot/studio"
)

const (
	// youngFor is how old a listing may be to be shown without another look. That
	// of the notebook instances takes longer, a call for each.
	youngFor, youngNotebooks = time.Minute, 5 * time.Minute
	// lookWithin bounds the fresh look, activityWithin the questions when somebody
	// last worked in an app: a call each, for the first maxActivities, a few at a
	// time.
	lookWithin, activityWithin      = 9 * time.Second, 3 * time.Second
	maxActivities, activitiesAtOnce = 10, 4
)

// Running implements bot.Machines.
func (m *machines) Running(ctx context.Context, p studio.Person) (r studio.Running, fresh bool, err error) {
	options, unsure, err := m.mapping.Options(ctx, p)
	notebooks, unlisted := m.keeper.Notebooks(p)
	if err != nil && !(errors.Is(err, studio.ErrNotMapped) && len(notebooks) > 0) {
		return studio.Running{}, false, err
	}
	now := time.Now()
	r = studio.Running{Holdings: m.keeper.Of(options), Unsure: slices.Clone(unsure)}
	r.Notebooks = slices.DeleteFunc(notebooks, func(n studio.HeldNotebook) bool { return mapped(ctx, m.mapping, p, option(n.Machine())) != nil })
	doubt := func(domain string) {
		fresh = false
		if !slices.Contains(r.Unsure, domain) {
			r.Unsure = append(r.Unsure, domain)
		}
	}
	fresh = true
	for _, h := range r.Holdings {
		if !h.Known() || h.Stale {
			doubt(h.Domain)
		}
		fresh = fresh && now.Sub(h.Read) < youngFor
	}
	for _, place := range unlisted {
		doubt(place)
	}
	for _, n := range r.Notebooks {
		if n.Read.IsZero() || n.Stale {
			doubt(n.Domain)
		}
		fresh = fresh && now.Sub(n.Read) < youngNotebooks
	}
	m.changes.apply(&r, now)
	return r, fresh && len(idleUnknown(&r)) == 0, nil
}

// idleUnknown are the apps of their own of which nobody has said when somebody
// last worked in them.
func idleUnknown(r *studio.Running) []*appIn {
	var out []*appIn
	add := func(domain string, apps []studio.App) {
		for i := range apps {
			if a := &apps[i]; a.Status == studio.InService && a.Active.IsZero() && len(out) < maxActivities {
				out = append(out, &appIn{domain, a})
			}
		}
	}
	for i := range r.Holdings {
		h := &r.Holdings[i]
		for j := range h.Spaces {
			if h.Spaces[j].Own {
				add(h.Domain, h.Spaces[j].Apps)
			}
		}
		add(h.Domain, h.Apps)
	}
	return out
}

// appIn is an app in its domain.
type appIn struct {
	domain string
	app    *studio.App
}

// Look implements bot.Machines.
func (m *machines) Look(ctx context.Context, p studio.Person) (studio.Running, error) {
	known, fresh, err := m.Running(ctx, p)
	if err != nil || fresh {
		return known, err
	}
	look, cancel := context.WithTimeout(ctx, lookWithin)
	defer cancel()
	var all sync.WaitGroup
	for _, domain := range stale(known, time.Now()) {
		all.Go(func() {
			if err := m.keeper.Refresh(look, domain); err != nil { // what is known has to do
				m.log.InfoContext(ctx, "what runs couldn't be read anew in time", "domain", domain, "err", err)
			}
		})
	}
	all.Wait()
	r, _, err := m.Running(ctx, p)
	if err == nil {
		m.activities(ctx, &r)
	}
	return r, err
}

// stale are the domains of which another listing is wanted.
func stale(r studio.Running, now time.Time) []string {
	out := slices.Clone(r.Unsure)
	for _, h := range r.Holdings {
		if now.Sub(h.Read) >= youngFor {
			out = append(out, h.Domain)
		}
	}
	for _, n := range r.Notebooks {
		if now.Sub(n.Read) >= youngNotebooks {
			out = append(out, n.Domain)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// activities asks when somebody last worked in what runs. What can't be heard in
// time isn't said.
func (m *machines) activities(ctx context.Context, r *studio.Running) {
	ctx, cancel := context.WithTimeout(ctx, activityWithin)
	defer cancel()
	var group errgroup.Group
	group.SetLimit(activitiesAtOnce)
	for _, x := range idleUnknown(r) {
		group.Go(func() error {
			if at, err := m.studio.Activity(ctx, x.domain, *x.app); err == nil {
				x.app.Active = at
			}
			return nil
		})
	}
	_ = group.Wait() // its functions return nil
}
