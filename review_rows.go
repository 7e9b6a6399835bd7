package studiobot

import (
	"context"
	"errors"
	"slices"

	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/studio"
)

// entry is what one source says of somebody, and what becomes of it.
type entry struct {
	source int // its number, from 0
	// key is whom it is about as it stands there, person the same with the
	// workspace that we are in.
	key, person studio.Person
	domain      string // empty: every one without an entry of its own
	answer      mapping.Answer
	// words are the domains that it speaks of: those of the config where no other
	// entry of the same source says something else.
	words []verdict
}

// verdict is what becomes of an entry in one domain.
type verdict struct {
	domain string
	// before is the number of the earlier source that counts instead, or -1, and
	// origin where that stands.
	before int
	origin string
	// unsure: an earlier source can't answer.
	unsure bool
}

// counts says whether the entry decides.
func (s verdict) counts() bool { return s.before < 0 }

// each calls yield with every entry of every source, in the order of the config,
// until yield returns false. The entry is used again for the next one.
func (r *Review) each(ctx context.Context, yield func(*entry) bool) error {
	names := r.cfg.domainNames()
	e := &entry{}
	going := true
	for i := range r.sources {
		all, ok := r.sources[i].Source.(listed)
		if !ok {
			continue
		}
		all.Entries(func(key studio.Person, domain string, a mapping.Answer) bool {
			*e = entry{source: i, key: key, person: r.person(key), domain: domain, answer: a, words: e.words[:0]}
			for _, name := range names {
				if domain == "" || domain == name {
					r.hear(ctx, e, name)
				}
			}
			going = ctx.Err() == nil && yield(e)
			return going
		})
		if !going {
			break
		}
	}
	return ctx.Err()
}

// hear finds out what becomes of an entry in a domain.
func (r *Review) hear(ctx context.Context, e *entry, domain string) {
	if !r.speaks(ctx, e, domain) {
		return
	}
	w := verdict{domain: domain, before: -1}
	for k := range r.sources[:e.source] {
		switch a, err := r.sources[k].Lookup(ctx, e.person, domain); {
		case err != nil:
			w.unsure = true
		case a.Known && w.before < 0:
			w.before, w.origin = k, a.Origin
		}
	}
	e.words = append(e.words, w)
}

// exact is a source that tells entries apart which say the same.
type exact interface {
	Row(p studio.Person, domain string) (mapping.Link, bool)
}

// speaks says whether the entry is its source's word on the person in a domain,
// and not another one of the same source: of the domain, or of the person in our
// workspace.
func (r *Review) speaks(ctx context.Context, e *entry, domain string) bool {
	src := r.sources[e.source]
	if a, err := src.Lookup(ctx, e.person, domain); err == nil && a != e.answer {
		return false
	}
	rows, ok := src.Source.(exact)
	if !ok {
		return true // where it stands was part of the answer
	}
	has := func(p studio.Person, domain string) bool { _, there := rows.Row(p, domain); return there }
	if e.domain == "" && has(e.key, domain) {
		return false
	}
	return e.key == e.person || !has(e.person, domain) && !has(e.person, "")
}

// Listed is one entry of a source: Profile, or Denied, or the Conflict of several
// profiles that claim the person.
type Listed struct {
	studio.Granted
	Conflict string
}

// List calls yield with everything that every source says, also what doesn't
// count because an earlier source or an entry of its own comes first, in the
// order of the config, until yield returns false. A domain limits it to what is
// said of that one; one that isn't configured is a *DomainError. It reads what the
// sources need.
func (r *Review) List(ctx context.Context, domain string, yield func(Listed) bool) error {
	if domain != "" && !slices.Contains(r.cfg.domainNames(), domain) {
		return &DomainError{domain, Nearest(domain, r.cfg.domainNames())}
	}
	if err := r.readSources(ctx); err != nil {
		return err
	}
	going := true
	for i := range r.sources {
		s := &r.sources[i]
		all, ok := s.Source.(listed)
		if !ok || !going {
			continue
		}
		all.Entries(func(key studio.Person, of string, a mapping.Answer) bool {
			if domain != "" && (of != "" && of != domain || of == "" && !r.speaks(ctx, &entry{source: i, key: key, person: key, answer: a}, domain)) {
				return true
			}
			going = ctx.Err() == nil && yield(Listed{studio.Granted{
				Person: key, Domain: of, Profile: a.Profile, Denied: a.Denied, Source: s.name, Origin: a.Origin,
			}, a.Conflict})
			return going
		})
	}
	return ctx.Err()
}

// DomainError: a domain that isn't configured, and the one that was probably
// meant, or "".
type DomainError struct{ Domain, Meant string }

// Error says what would be right.
func (e *DomainError) Error() string {
	if e.Meant != "" {
		return "there is no domain " + show(e.Domain) + "; did you mean " + e.Meant + "?"
	}
	return "there is no domain " + show(e.Domain)
}

// The states of an access review: what keeps somebody from opening what is
// theirs by the mapping.
const (
	StateAllowed    = "allowed"
	StateDenied     = "denied"   // by the mapping
	StateConflict   = "conflict" // several profiles claim the person
	StateNotChecked = "not checked"
)

// state says whether a person can open what an entry gives them.
func (r *Review) state(ctx context.Context, e *entry, w verdict) string {
	switch {
	case e.answer.Conflict != "":
		return StateConflict
	case e.answer.Denied:
		return StateDenied
	case w.unsure:
		return stateOf(studio.ErrUnsure)
	case r.o.Offline:
		return StateNotChecked
	}
	return stateOf(r.people.Allowed(ctx, e.person, studio.Option{Domain: w.domain, Profile: e.answer.Profile}))
}

// stateOf is the word for why somebody isn't let in.
func stateOf(err error) string {
	if err == nil {
		return StateAllowed
	}
	for _, known := range []struct {
		err  error
		word string
	}{
		{studio.ErrDeactivated, "deactivated"},
		{studio.ErrGuest, "guest"},
		{studio.ErrNotPerson, "not a person"},
		{studio.ErrStranger, "of another workspace"},
		{studio.ErrUnknownPerson, "unknown to slack"},
		{studio.ErrNotInGroup, "not in user group"},
	} {
		if errors.Is(err, known.err) {
			return known.word
		}
	}
	return "not known now"
}
