package studiobot

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/studiobot/studiobot/audit"
	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/studio"
)

// ReviewOptions is what a Review needs besides its config.
type ReviewOptions struct {
	// Options are as those of Run; Log hears of the progress and gets the audit
	// lines. Listener and what else is about serving doesn't count.
	Options
	// Offline: neither Slack nor AWS is asked. Only files and the table answer,
	// and people aren't checked.
	Offline bool
	// Fresh: what the store has of an earlier reading of Slack and SageMaker
	// doesn't count.
	Fresh bool
}

// Review is the mapping for whoever looks at it from outside of a running bot,
// which may use the same store meanwhile: who gets what and why, what is wrong
// with it, who can open what, and a list that is taken into the table. It serves
// nobody and takes nobody's link away; the bots that run hear of changes by the
// store. It is for one goroutine.
//
// What it needs of Slack and SageMaker it reads when that is needed first, and
// then once. review_read.go reads, review_rows.go goes through the sources.
type Review struct {
	o       ReviewOptions
	cfg     Config
	h       *halves
	people  *mapping.Mapping
	audit   *audit.Log
	sources []source

	introduced, grouped, profiled bool // what was done
	// imported: the table isn't what was read of it any more.
	imported bool
	// everybody: the whole workspace was read just now, so that who isn't in it
	// isn't there. Asking for each of them by name would take hours.
	everybody bool
}

// source is a source of the config, as far as it is asked.
type source struct {
	kind, name string
	mapping.Source
}

// reviewFor is longer than any review takes, reading included: what was read for
// it counts to its end.
const reviewFor = 24 * time.Hour

// OpenReview opens the store and the sources of the config: it reads the users
// files and the table, and makes no network call but to a store that is in the
// network. The error is mapping.Mistakes, or that something can't be opened.
func OpenReview(ctx context.Context, cfg Config, o ReviewOptions) (*Review, error) {
	r := &Review{o: o, cfg: cfg, h: &halves{log: o.Log, freshFor: reviewFor, listEvery: o.ListEvery}, audit: audit.New(o.Log)}
	r.h.asker = r
	if err := r.open(ctx); err != nil {
		r.h.close()
		return nil, err
	}
	return r, nil
}

func (r *Review) open(ctx context.Context) (err error) {
	if r.h.store, err = openStore(ctx, r.cfg, r.o.Options); err != nil {
		return err
	}
	if !r.o.Offline {
		if err := r.h.openStudio(ctx, r.cfg, r.o.Options); err != nil {
			return err
		}
	}
	if r.people, err = r.h.people(r.cfg); err != nil {
		return err
	}
	for _, load := range r.h.sources.load {
		if err := load(ctx); err != nil {
			return err
		}
	}
	r.sources = make([]source, len(r.h.sources.list))
	asked := make([]mapping.Source, len(r.sources))
	for i, src := range r.h.sources.list {
		s := source{kind: r.h.sources.kinds[i], Source: src}
		if n, ok := src.(interface{ Name() string }); ok {
			s.name = n.Name()
		}
		if r.o.Offline && s.kind != SourceFile && s.kind != SourceTable {
			s.Source = unasked(s.name)
		}
		r.sources[i], asked[i] = s, s.Source
	}
	if r.o.Offline {
		r.people = mapping.New(mapping.Options{Domains: r.cfg.studioDomains(), Sources: asked, Directory: r.h.directory})
		return nil
	}
	return r.h.buildBot(ctx, r.cfg, r.o.Options, r.people, r.audit)
}

// Close lets go of the store.
func (r *Review) Close() { r.h.close() }

// unasked stands for a source that isn't asked, by its name.
type unasked string

// Lookup implements mapping.Source.
func (unasked) Lookup(context.Context, studio.Person, string) (mapping.Answer, error) {
	return mapping.Answer{}, nil
}

// Name is that of the source.
func (u unasked) Name() string { return string(u) }

// Why says that nothing was asked.
func (unasked) Why(context.Context, studio.Person, string) string { return "wasn't asked (--offline)" }

var errOffline = errors.New("nobody is asked")

// Ask implements mapping.Asker.
func (r *Review) Ask(ctx context.Context, user string) (studio.Member, error) {
	switch {
	case r.o.Offline:
		return studio.Member{}, errOffline
	case r.everybody:
		return studio.Member{}, studio.ErrUnknownPerson
	}
	return r.h.bot.Ask(ctx, user)
}

// Explained is what a person gets, and why. Offline: nobody was asked who that
// is, and some sources may not have been asked either.
type Explained struct {
	studio.Explanation
	Offline bool
}

// Gets says whether there is anything that the person can open.
func (e Explained) Gets() bool {
	if e.Refused != nil {
		return false
	}
	for _, d := range e.Domains {
		if d.Err == nil {
			return true
		}
	}
	return false
}

// IDError says what is wrong with what should be a Slack user ID.
type IDError struct{ problem string }

// Error is a sentence for the operator.
func (e *IDError) Error() string { return e.problem }

// readPerson reads U…, or T…/U… for one workspace.
func readPerson(id string) (studio.Person, error) {
	p := studio.Person{User: id}
	if team, user, both := strings.Cut(id, "/"); both && team != "" {
		p = studio.Person{Team: team, User: user}
	}
	var wrong *mapping.LinkError
	if errors.As(mapping.CheckLink(mapping.Link{Person: p, Denied: true}, nil), &wrong) {
		return p, &IDError{wrong.Problem}
	}
	return p, nil
}

// Explain says what somebody (U…, or T…/U…) gets now and why, as the bot would
// decide. An id that is none is an *IDError.
func (r *Review) Explain(ctx context.Context, id string) (Explained, error) {
	p, err := readPerson(id)
	if err != nil {
		return Explained{}, err
	}
	if r.o.Offline {
		if err := r.readSources(ctx); err != nil {
			return Explained{}, err
		}
		e := Explained{r.people.Explain(ctx, p), true}
		e.Refused = nil // nobody was asked
		return e, nil
	}
	if err := r.readGroups(ctx); err != nil {
		return Explained{}, err
	}
	if err := r.readSources(ctx); err != nil {
		return Explained{}, err
	}
	p = r.person(p)
	member, err := r.h.bot.Ask(ctx, p.User)
	gone := errors.Is(err, studio.ErrUnknownPerson)
	switch {
	case err == nil:
		r.h.directory.Put(member)
	case !gone:
		return Explained{}, fmt.Errorf("ask Slack for %s: %w", p.User, err)
	}
	e := Explained{Explanation: r.h.explain(ctx, r.people, p)}
	if gone { // an earlier reading may have known them
		e.Known, e.Member, e.Refused = false, studio.Member{}, studio.ErrUnknownPerson
	}
	return e, nil
}

// person is whom a source means: where it names no workspace, one of ours.
func (r *Review) person(key studio.Person) studio.Person {
	if home, known := r.h.directory.Home(); known && key.Team == "" {
		key.Team = home.Team
	}
	return key
}
