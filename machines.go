package studiobot

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/studiobot/studiobot/audit"
	"github.com/studiobot/studiobot/running"
	"github.com/studiobot/studiobot/studio"
	"github.com/studiobot/studiobot/studio/sagemaker"
)

const (
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
	mapping     decider // behind the kill switch
	keeper      *running.Keeper
	place       func(domain string) string // which domain stands for its account
	studio      *sagemaker.Client
	stop, start bool // the config lets people
	audit       *audit.Log
	log         *slog.Logger
	every       time.Duration // the first pause between two looks

	flights singleflight.Group
	changes changes
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
		o := option(x)
		if m.place(x.Domain) != x.Domain { // ours name the place, whose denials count
			return o, studio.ErrNoTarget
		}
		if err := mapped(ctx, m.mapping, p, o); err != nil {
			return o, err
		}
		return o, m.keeper.Check(ctx, p, o, act)
	}
	o, err := m.granted(ctx, p, x.Domain)
	if err != nil {
		return o, err
	}
	return o, m.keeper.CheckApp(ctx, o, x.Of(o.Profile), act)
}

// option is a notebook instance as something to open.
func option(x studio.Machine) studio.Option {
	return studio.Option{Domain: x.Domain, Target: studio.Notebook, Name: x.Notebook}
}

// granted is what the mapping grants somebody in a domain.
func (m *machines) granted(ctx context.Context, p studio.Person, domain string) (studio.Option, error) {
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
	for _, refusal := range []error{studio.ErrNotMapped, studio.ErrDenied, studio.ErrBlocked, studio.ErrGuest, studio.ErrDeactivated, studio.ErrNotPerson, studio.ErrConflict, studio.ErrNotInGroup, studio.ErrStranger, studio.ErrUnknownPerson} {
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
