package studiobot

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/singleflight"

	"github.com/studiobot/studiobot/audit"
	"github.com/studiobot/studiobot/running"
	"github.com/studiobot/studiobot/studio"
	"github.com/studiobot/studiobot/studio/sagemaker"
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
	// changeWithin bounds a stop or a start.
	changeWithin = 14 * time.Second
	// watchEvery is the time between the first two looks at something that stops
	// or starts; it grows up to watchMost.
	watchEvery, watchMost = 5 * time.Second, 30 * time.Second
)

// machines is what people have running: bot.Machines. Whose something is, is
// decided each time: by the mapping and by package running, with a look at the
// thing itself where something is about to happen.
type machines struct {
	mapping interface {
		Options(ctx context.Context, p studio.Person) (options []studio.Option, unsure []string, err error)
		Has(ctx context.Context, p studio.Person, domain string) error
	}
	keeper      *running.Keeper
	studio      *sagemaker.Client
	stop, start bool // the config lets people
	audit       *audit.Log
	log         *slog.Logger
	every       time.Duration // the first pause between two looks

	flights singleflight.Group
	changes changes
}

// Running implements bot.Machines.
func (m *machines) Running(ctx context.Context, p studio.Person) (r studio.Running, fresh bool, err error) {
	options, unsure, err := m.mapping.Options(ctx, p)
	notebooks, unlisted := m.keeper.Notebooks(p)
	if err != nil && !(errors.Is(err, studio.ErrNotMapped) && len(notebooks) > 0) {
		return studio.Running{}, false, err
	}
	now := time.Now()
	r = studio.Running{Holdings: m.keeper.Of(options), Unsure: slices.Clone(unsure)}
	r.Notebooks = slices.DeleteFunc(notebooks, func(n studio.HeldNotebook) bool { return m.barred(ctx, p, n.Domain) != nil })
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

// Stop implements bot.Machines.
func (m *machines) Stop(ctx context.Context, p studio.Person, x studio.Machine) error {
	return m.change(ctx, p, x, audit.Stopping)
}

// Start implements bot.Machines.
func (m *machines) Start(ctx context.Context, p studio.Person, x studio.Machine) error {
	return m.change(ctx, p, x, audit.Starting)
}

// change stops or starts something, once for all presses of the same person that
// come meanwhile.
func (m *machines) change(ctx context.Context, p studio.Person, x studio.Machine, step audit.Step) error {
	key := string(step) + "\n" + p.String() + "\n" + x.Domain + "\n" + x.Notebook + "\n" + x.Space + "\n" + x.Type + "\n" + x.App
	_, err, _ := m.flights.Do(key, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), changeWithin)
		defer cancel()
		o, err := m.changeNow(ctx, p, x, step)
		if err != nil {
			m.refused(ctx, p, x, o, step, err)
		}
		return nil, err
	})
	return err
}

// changeNow is change for one press. The option is the person's, as far as it was
// found.
func (m *machines) changeNow(ctx context.Context, p studio.Person, x studio.Machine, step audit.Step) (studio.Option, error) {
	act, allowed := running.Stop, m.stop
	if step == audit.Starting {
		act, allowed = running.Start, m.start && x.Notebook != ""
	}
	if !allowed {
		return studio.Option{}, studio.ErrSwitchedOff
	}
	o, err := m.theirs(ctx, p, x, act)
	if err != nil {
		return o, err
	}
	if err := m.audit.Write(ctx, entryFor(p, x, o, step)); err != nil { // no line, no change
		return o, err
	}
	status := studio.Deleting
	switch {
	case step == audit.Starting:
		status, err = studio.Pending, m.studio.StartNotebook(ctx, x.Domain, x.Notebook)
	case x.Notebook != "":
		status, err = studio.Stopping, m.studio.StopNotebook(ctx, x.Domain, x.Notebook)
	default:
		err = m.studio.StopApp(ctx, x.Domain, x.Of(o.Profile))
	}
	m.keeper.Changed(x.Domain) // also where it failed: it may have happened
	if err == nil {
		m.changes.note(thingOf(x, o.Profile), status, time.Now())
	}
	return o, err
}

// theirs returns the option by which something is the person's to change, after a
// look at it. studio.ErrNoTarget is the one answer where it isn't.
func (m *machines) theirs(ctx context.Context, p studio.Person, x studio.Machine, act running.Act) (studio.Option, error) {
	if x.Notebook != "" {
		o := studio.Option{Domain: x.Domain, Target: studio.Notebook, Name: x.Notebook}
		if err := m.barred(ctx, p, x.Domain); err != nil {
			return o, err
		}
		return o, m.keeper.Check(ctx, p, o, act)
	}
	o, err := m.option(ctx, p, x.Domain)
	if err != nil {
		return o, err
	}
	return o, m.keeper.CheckApp(ctx, o, x.Of(o.Profile), act)
}

// barred says why somebody gets no notebook instance in a domain's account, or nil.
// A user profile isn't needed for one.
func (m *machines) barred(ctx context.Context, p studio.Person, domain string) error {
	if err := m.mapping.Has(ctx, p, domain); err != nil && !errors.Is(err, studio.ErrNotMapped) {
		return err
	}
	return nil
}

// option is what the mapping grants somebody in a domain.
func (m *machines) option(ctx context.Context, p studio.Person, domain string) (studio.Option, error) {
	options, unsure, err := m.mapping.Options(ctx, p)
	if err != nil {
		return studio.Option{}, err
	}
	for _, o := range options {
		if o.Domain == domain {
			return o, nil
		}
	}
	if slices.Contains(unsure, domain) {
		return studio.Option{}, studio.ErrUnsure
	}
	return studio.Option{}, studio.ErrNoTarget
}

// refused writes the audit line of what wasn't changed, or may not be.
func (m *machines) refused(ctx context.Context, p studio.Person, x studio.Machine, o studio.Option, step audit.Step, cause error) {
	verb := "stop: "
	if step == audit.Starting {
		verb = "start: "
	}
	e := entryFor(p, x, o, audit.Refused)
	e.Reason, e.Err = verb+whyNot(cause), cause
	if err := m.audit.Write(ctx, e); err != nil {
		m.log.ErrorContext(ctx, "audit line is missing", "step", e.Step, "err", err)
	}
}

func whyNot(err error) string {
	switch {
	case errors.Is(err, studio.ErrSwitchedOff):
		return "switched off"
	case errors.Is(err, studio.ErrNoTarget):
		return "not theirs"
	case errors.Is(err, studio.ErrUnsure):
		return "can't be decided now"
	}
	for _, refusal := range []error{studio.ErrNotMapped, studio.ErrDenied, studio.ErrGuest, studio.ErrDeactivated, studio.ErrNotPerson, studio.ErrConflict, studio.ErrNotInGroup, studio.ErrStranger, studio.ErrUnknownPerson} {
		if errors.Is(err, refusal) {
			return "may open nothing"
		}
	}
	return "SageMaker didn't do it"
}

// entryFor begins an audit line about something that runs.
func entryFor(p studio.Person, x studio.Machine, o studio.Option, step audit.Step) audit.Entry {
	e := audit.Entry{Step: step, Team: p.Team, User: p.User, Domain: x.Domain, Profile: o.Profile, Target: x.Type, Name: x.Space}
	switch {
	case x.Notebook != "":
		e.Target, e.Name = string(studio.Notebook), x.Notebook
	case x.Space == "":
		e.Name = x.App
	}
	return e
}
