package studiobot

import (
	"context"
	"errors"
	"time"

	"github.com/studiobot/studiobot/studio"
)

// Stopped implements bot.Machines.
func (m *machines) Stopped(ctx context.Context, p studio.Person, x studio.Machine) error {
	if x.Notebook != "" {
		return m.settles(ctx, x, studio.Stopped, func(n studio.NotebookInstance) (bool, error) {
			return n.Status == studio.Stopped || n.Status == studio.Failed, nil
		})
	}
	o, err := m.granted(ctx, p, x.Domain)
	if err != nil {
		return err
	}
	return m.again(ctx, func() (bool, error) {
		_, err := m.studio.App(ctx, x.Domain, x.Of(o.Profile))
		if !errors.Is(err, studio.ErrNoTarget) {
			return false, nil // still there, or not known now
		}
		m.became(x, o.Profile, gone)
		return true, nil
	})
}

// Started implements bot.Machines.
func (m *machines) Started(ctx context.Context, _ studio.Person, x studio.Machine) error {
	stopped := 0
	return m.settles(ctx, x, studio.InService, func(n studio.NotebookInstance) (bool, error) {
		switch n.Status {
		case studio.InService:
			return true, nil
		case studio.Failed, studio.Deleting:
			return false, studio.ErrBroken
		case studio.Stopped, studio.Stopping:
			if stopped++; stopped > 1 { // the first may be older than the start
				return false, studio.ErrStopped
			}
		}
		return false, nil
	})
}

// settles looks at a notebook instance until done, or an error of it, says that
// this is over.
func (m *machines) settles(ctx context.Context, x studio.Machine, status string, done func(studio.NotebookInstance) (bool, error)) error {
	return m.again(ctx, func() (bool, error) {
		n, err := m.studio.Notebook(ctx, x.Domain, x.Notebook)
		switch {
		case errors.Is(err, studio.ErrNoTarget):
			m.keeper.Changed(x.Domain)
			return false, err
		case err != nil:
			return false, nil // not known now
		}
		is, err := done(n)
		switch {
		case is:
			m.became(x, "", status)
		case err != nil:
			m.keeper.Changed(x.Domain)
		}
		return is, err
	})
}

// became takes in what has become of something.
func (m *machines) became(x studio.Machine, profile, status string) {
	m.changes.note(thingOf(x, profile), status, time.Now())
	m.keeper.Changed(x.Domain)
}

// again looks again and again, more and more seldom, until look says that it is
// over.
func (m *machines) again(ctx context.Context, look func() (bool, error)) error {
	pause := m.every
	for {
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
		over, err := look()
		if over || err != nil {
			return err
		}
		pause = min(pause+pause/2, watchMost)
	}
}
