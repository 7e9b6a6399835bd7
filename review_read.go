package studiobot

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/studiobot/studiobot/mapping"
)

const (
	// peopleCopy is how old a reading of the workspace that the store has may be
	// and still serve to explain one person, who is asked for anyhow. A running
	// bot keeps a new one every ten minutes.
	peopleCopy = 30 * time.Minute
	// profilesCopy is the same for user profiles. It is longer than a running bot
	// takes from one reading of 20,000 tags to the next, so that looking at the
	// mapping doesn't double what SageMaker is asked.
	profilesCopy = 90 * time.Minute
	// passes is how often a reading of the profiles is begun: one that lists much
	// less than the copy before it counts at the second time.
	passes = 2
	// progressEvery is how often the log hears that a reading goes on.
	progressEvery = 10 * time.Second
)

// introduce asks Slack who we are, which also brings back what the store has of
// the people.
func (r *Review) introduce(ctx context.Context) error {
	return r.once(&r.introduced, func() error { return r.h.bot.Introduce(ctx) })
}

// readGroups reads the user groups.
func (r *Review) readGroups(ctx context.Context) error {
	return r.once(&r.grouped, func() error {
		if err := r.introduce(ctx); err != nil {
			return err
		}
		return r.h.bot.ReadGroups(ctx)
	})
}

// readPeople reads the whole workspace, unless a copy of it will do and there is
// one.
func (r *Review) readPeople(ctx context.Context, copyWillDo bool) error {
	if err := r.introduce(ctx); err != nil {
		return err
	}
	if age, complete := r.h.directory.Age(); copyWillDo && complete && age < peopleCopy && !r.o.Fresh {
		return nil
	}
	return r.once(&r.everybody, func() error {
		r.h.log.InfoContext(ctx, "reading the people of the workspace; fifty thousand take some minutes")
		count := func() []any { return []any{"people", r.h.directory.Len()} }
		return r.tell(ctx, "reading the people of the workspace", count, func() error { return r.h.bot.ReadPeople(ctx) })
	})
}

// once does something unless it was done.
func (r *Review) once(done *bool, do func() error) error {
	if *done {
		return nil
	}
	err := do()
	*done = err == nil
	return err
}

// readSources reads what the sources of the config need that isn't at hand.
func (r *Review) readSources(ctx context.Context) error {
	if err := r.readTable(ctx); err != nil || r.o.Offline {
		return err
	}
	if r.cfg.has(SourceEmail) {
		if err := r.readPeople(ctx, true); err != nil {
			return err
		}
	}
	return r.readProfiles(ctx)
}

// readTable reads what an import has changed, which takes about as long as
// reading all: so not before somebody looks.
func (r *Review) readTable(ctx context.Context) error {
	if !r.imported {
		return nil
	}
	err := r.h.sources.table.Load(ctx)
	r.imported = err != nil
	return err
}

// readProfiles reads what the tag and e-mail sources go by.
func (r *Review) readProfiles(ctx context.Context) error {
	return r.once(&r.profiled, func() error {
		for _, tag := range slices.Sorted(maps.Keys(r.h.sources.profiles)) {
			if err := r.readTagged(ctx, tag, r.h.sources.profiles[tag]); err != nil {
				return fmt.Errorf("the user profiles can't be read: %w", err)
			}
		}
		return nil
	})
}

func (r *Review) readTagged(ctx context.Context, tag string, p *mapping.Profiles) (err error) {
	if !r.o.Fresh {
		p.Load(ctx)
	}
	old := func(d Domain) bool {
		age, complete := p.Age(d.Name)
		return !complete || age >= profilesCopy
	}
	if !slices.ContainsFunc(r.cfg.Domains, old) {
		return nil
	}
	r.h.log.InfoContext(ctx, "reading the user profiles; twenty thousand with their tags take half an hour", "tag", tag)
	count := func() (out []any) {
		for _, d := range r.cfg.Domains {
			profiles, tagged := p.Count(d.Name)
			out = append(out, d.Name, fmt.Sprintf("%d profiles, %d tagged", profiles, tagged))
		}
		return out
	}
	return r.tell(ctx, "reading the user profiles", count, func() error {
		for range passes {
			if err = p.Pass(ctx); err == nil || ctx.Err() != nil {
				break
			}
		}
		return errors.Join(ctx.Err(), err)
	})
}

// tell does something that takes its time, and logs every so often how far it is.
func (r *Review) tell(ctx context.Context, what string, count func() []any, do func() error) error {
	done := make(chan struct{})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(progressEvery)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				r.h.log.InfoContext(ctx, what, count()...)
			case <-done:
				return
			}
		}
	}()
	defer func() { close(done); <-ended }()
	return do()
}
