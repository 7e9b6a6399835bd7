package mapping

import (
	"github.com/studiobot/studiobot/studio"
)

// view is a roll, and what has changed since it was written laid over it. The
// two have the same seed and the same configured domains.
type view struct {
	base   *roll
	recent *roll // nil: nothing
}

// word is what a view says of a person; the zero value says nothing.
type word struct {
	l *roll
	r *row
}

func (w word) silent() bool { return w.r == nil || w.r.flags&rowGone != 0 }

func (w word) denied() bool { return !w.silent() && w.r.flags&rowDenied != 0 }

// profile is the user profile, "" where there is none. The text is the roll's.
func (w word) profile() string {
	if w.silent() || w.r.flags&rowDenied != 0 {
		return ""
	}
	return w.l.read(w.r.profile, w.r.profileLen)
}

// lookup says what there is of a person in a configured domain. A row with the
// workspace wins over one of the bare user ID, in the domains that it speaks
// of; a row of the domain wins over one for every domain.
func (v view) lookup(p studio.Person, domain string) word {
	i, known := v.base.domains[domain]
	if !known || i > v.base.configured {
		return word{}
	}
	if p.Team != "" && (len(v.base.teams) > 0 || v.recent != nil && len(v.recent.teams) > 0) {
		if w := v.of(p, i); !w.silent() {
			return w
		}
	}
	return v.of(studio.Person{User: p.User}, i)
}

// of is what the rows of that very person say.
func (v view) of(p studio.Person, domain uint16) word {
	sum := v.base.sum(p)
	single, every := v.base.said(sum, p, domain)
	one, all := word{v.base, single}, word{v.base, every}
	if v.recent != nil {
		single, every = v.recent.said(sum, p, domain)
		if single != nil {
			one = word{v.recent, single}
		}
		if every != nil {
			all = word{v.recent, every}
		}
	}
	if !one.silent() {
		return one
	}
	return all
}

// answer is a word as a source gives it. said is the profile with the origin
// behind it, so that both are one copy: a ticket would keep a whole roll alive
// otherwise.
func (w word) answer(said []byte) Answer {
	all, n := string(said), len(w.profile())
	return Answer{Known: true, Denied: w.denied(), Profile: all[:n], Origin: all[n:]}
}

// has says whether there is a row of that person and domain, even one that says
// that it is gone.
func (l *roll) has(p studio.Person, domain string) bool {
	i, known := uint16(0), true
	if domain != "" {
		i, known = l.domains[domain]
	}
	if !known {
		return false
	}
	single, every := l.said(l.sum(p), p, i)
	return single != nil || i == 0 && every != nil
}

// each calls yield with each row that counts, until it returns false.
func (v view) each(yield func(word) bool) {
	whole := v.base.each(func(_ uint32, r *row) bool {
		return v.recent != nil && v.recent.has(v.base.person(r), v.base.names[r.domain]) || yield(word{v.base, r})
	})
	if !whole || v.recent == nil {
		return
	}
	v.recent.each(func(_ uint32, r *row) bool { return r.flags&rowGone != 0 || yield(word{v.recent, r}) })
}

const (
	// Up to recentLeast rows stay laid over the base, or the recentPart'th part
	// of the base where that is more. Every change copies what is laid over, and
	// putting the two together copies everything.
	recentLeast = 1024
	recentPart  = 16
)

// with is the view with changes laid over it; none is nil. With patience times
// the rows that may stay there it is put together into one.
func (v view) with(changes *roll, patience int) view {
	recent := v.recent
	if changes != nil {
		recent = merged(recent, changes, true)
	}
	if recent.count > patience*max(recentLeast, v.base.count/recentPart) {
		v.base, recent = merged(v.base, recent, false), newRoll(v.base.seed, v.base.names[1:v.base.configured+1])
	}
	return view{v.base, recent}
}

// merged is a roll of the older rows and the newer ones, which win. Without
// those that are gone, unless they hide something still.
func merged(older, newer *roll, keepGone bool) *roll {
	out := newRoll(older.seed, older.names[1:older.configured+1])
	older.each(func(_ uint32, r *row) bool {
		if !newer.has(older.person(r), older.names[r.domain]) {
			out.add(older.record(r))
		}
		return true
	})
	newer.each(func(_ uint32, r *row) bool {
		if keepGone || r.flags&rowGone == 0 {
			out.add(newer.record(r))
		}
		return true
	})
	out.done()
	return out
}

// key is how a file writes a person.
func key(p studio.Person) string {
	if p.Team == "" {
		return p.User
	}
	return p.String()
}

// row is the row of exactly that person and domain (empty: every domain), where
// there is one.
func (v view) row(p studio.Person, domain string) word {
	i := uint16(0)
	if domain != "" {
		var known bool
		if i, known = v.base.domains[domain]; !known {
			return word{}
		}
	}
	exact := func(l *roll) *row {
		single, every := l.said(l.sum(p), p, i)
		if i == 0 && single == nil {
			return every
		}
		return single
	}
	if v.recent != nil {
		if r := exact(v.recent); r != nil {
			return word{v.recent, r}
		}
	}
	if r := exact(v.base); r != nil {
		return word{v.base, r}
	}
	return word{}
}
