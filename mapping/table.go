package mapping

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/studiobot/studiobot/studio"
)

const (
	// tablePoll is how often the store is asked for changes.
	tablePoll = 5 * time.Second
	// tableMaxAge is how long what was read last counts while the store is away.
	tableMaxAge = 10 * time.Minute
	// tableWithin bounds one reading of the store.
	tableWithin = time.Minute
	// maxTable bounds the rows of the table.
	maxTable = 4_000_000
)

// TableOptions is what a Table is made of. Links and Log are required.
type TableOptions struct {
	Links Links
	// Domains are the names of the configured domains.
	Domains []string
	Log     *slog.Logger
	// Changed is as FileOptions.Changed. Called by Watch, Put and Drop, whoever
	// finds the change, one at a time, and before Put and Drop return; it must
	// call neither.
	Changed func([]studio.Person)
	// Shadows is as FileOptions.Shadows.
	Shadows bool
	// Poll is how often the store is asked for changes that others made; zero:
	// 5 s.
	Poll time.Duration
	// MaxAge is how long what was read last counts while the store can't be
	// asked; zero: 10 minutes.
	MaxAge time.Duration
	// Now is the clock; nil: time.Now.
	Now func() time.Time
}

// Table is the links made in Slack as a source. It answers from memory: a copy of
// all links, brought up to date by what has changed since. Safe for concurrent
// use.
type Table struct {
	o    TableOptions
	born time.Time
	seed maphash.Seed

	copied  atomic.Pointer[copied] // nil: not read yet
	asOf    atomic.Int64           // of which moment it is true at least, as now counts
	watched atomic.Bool

	turn chan struct{} // held by whoever reads the store; guards the rest
	away outage
}

// copied is a copy of the table. It doesn't change any more.
type copied struct {
	view
	revision int64
}

// NewTable returns a table that can't answer before Load or Watch has read it.
func NewTable(o TableOptions) *Table {
	if o.Poll <= 0 {
		o.Poll = tablePoll
	}
	if o.MaxAge <= 0 {
		o.MaxAge = tableMaxAge
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Domains = slices.Clone(o.Domains)
	return &Table{o: o, born: o.Now(), seed: maphash.MakeSeed(), turn: make(chan struct{}, 1)}
}

// Name is what the source is, for people.
func (t *Table) Name() string { return "table" }

// now is the time since the table was made, in nanoseconds.
func (t *Table) now() int64 { return int64(t.o.Now().Sub(t.born)) }

var errTableUnread = errors.New("the table hasn't been read yet")

// Lookup implements Source. The error is that the store hasn't been read yet, or
// couldn't be for longer than TableOptions.MaxAge.
func (t *Table) Lookup(_ context.Context, p studio.Person, domain string) (Answer, error) {
	c := t.copied.Load()
	if c == nil {
		return Answer{}, errTableUnread
	}
	if age := t.now() - t.asOf.Load(); age > int64(t.o.MaxAge) {
		return Answer{}, fmt.Errorf("the table couldn't be read for %v", time.Duration(age).Round(time.Second))
	}
	w := c.lookup(p, domain)
	if w.silent() {
		return Answer{}, nil
	}
	return linked(w), nil
}

// linked tells who made a link, and when: table, linked by T…/U… on 2026-11-24.
func linked(w word) Answer {
	var room [192]byte
	b := append(append(room[:0], w.profile()...), "table"...)
	if by := w.l.makers[w.r.by]; by != "" {
		verb := ", linked by "
		if w.denied() {
			verb = ", denied by "
		}
		b = append(append(b, verb...), by...)
	}
	if w.r.mark > 0 {
		b = time.Unix(int64(w.r.mark), 0).UTC().AppendFormat(append(b, " on "...), time.DateOnly)
	}
	return w.answer(b)
}

// Entries calls yield with every link, until yield returns false: with none
// before the table was read. domain is empty for a link about every domain that
// has none of its own for the person; it may be one that isn't configured any
// more. p's text belongs to the whole table: who keeps it for long keeps a copy.
func (t *Table) Entries(yield func(p studio.Person, domain string, a Answer) bool) {
	if c := t.copied.Load(); c != nil {
		c.each(func(w word) bool { return yield(w.l.person(w.r), w.l.names[w.r.domain], linked(w)) })
	}
}

// Row returns the link of exactly that person and domain (empty: the one for
// every domain), and whether there is one: what an admin's change would replace.
// By and At aren't told.
func (t *Table) Row(p studio.Person, domain string) (Link, bool) {
	c := t.copied.Load()
	if c == nil {
		return Link{}, false
	}
	w := c.row(p, domain)
	if w.silent() {
		return Link{}, false
	}
	return Link{Person: p, Domain: domain, Profile: strings.Clone(w.profile()), Denied: w.denied()}, true
}

// Load reads the table. Watch does that too; only after Load the table can answer
// from the first command on.
func (t *Table) Load(ctx context.Context) error { return t.refresh(ctx, 1) }

// Age is how old what the table answers from is, and whether it was read at all.
func (t *Table) Age() (age time.Duration, read bool) {
	if t.copied.Load() == nil {
		return 0, false
	}
	return time.Duration(t.now() - t.asOf.Load()), true
}

// AgeIn is Age: the table is read as a whole.
func (t *Table) AgeIn(string) (age time.Duration, read bool) { return t.Age() }
