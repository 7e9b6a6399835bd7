package mapping

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/studiobot/studiobot/studio"
)

const (
	// freshFor is how long what was read of a person counts. The whole
	// workspace is read again every ten minutes, so that two readings in a row
	// may fail before anybody is asked for by name.
	freshFor = 30 * time.Minute
	// maxPeople bounds the directory. Who doesn't fit is asked for by name.
	maxPeople = 1_000_000
	// maxEmail is the length of an address that mail can be sent to.
	maxEmail = 254
	// noReading is before every moment, also those before the directory was made.
	noReading = math.MinInt64
)

// DirectoryOptions is what a Directory is made of. Asker and Log are required.
type DirectoryOptions struct {
	// Asker is asked for people of whom nothing fresh is known.
	Asker Asker
	Log   *slog.Logger
	// Changed is told when anything changed that is known of a person; whether
	// that decides something, Access.Admit says of before and after. Who was
	// unknown before, or is from now on, isn't told of: they are asked for by
	// name at the next click. Called without locks held, by whoever brought the
	// news, possibly several at a time; it must not block for long.
	Changed func(before, after studio.Member)
	// Emails keeps the confirmed e-mail addresses, which takes about twice the
	// memory again. Without it they are dropped.
	Emails bool
	// Observe is told of every word on a person that is kept, whether it changes
	// something or not, and of everybody who is dropped: the zero Member is
	// before for who wasn't known, and after for who isn't any more. Of one person
	// it hears in the order in which the words count; of several, possibly at a
	// time. It is called with locks held, so it must be quick and ask the
	// directory for nobody; Home may be asked. It must be set before anybody is
	// known.
	Observe func(before, after studio.Member)
	// FreshFor is how long what was read of a person counts; zero: 30 minutes.
	FreshFor time.Duration
	// AskWithin bounds one question to Slack, waiting for its turn included;
	// zero: 1.5 s. A command has 3 s in all.
	AskWithin time.Duration
	// Now is the clock; nil: time.Now.
	Now func() time.Time
}

// Directory is the workspace in memory: of each person only what a decision
// needs, in about 60 bytes, without e-mail addresses. It is filled by readings of the whole workspace and
// by events, and asks for single people only where it knows nothing fresh. Safe
// for concurrent use.
//
// Everything that is said of somebody has a moment of which it is true at the
// earliest: the arrival of an event, the beginning of a reading, the asking of a
// question. The youngest word on a person stays, whatever the order in which
// they come in.
type Directory struct {
	o     DirectoryOptions
	born  time.Time
	last  atomic.Int64 // the latest moment given out
	whole atomic.Int64 // the beginning of the latest complete reading, or noReading
	over  atomic.Int64 // when somebody didn't fit in last, or noReading
	home  atomic.Pointer[Home]

	people *people
	absent absent
	flight singleflight.Group
	turns  chan struct{} // as many as questions may be under way
	full   sync.Once
}

// NewDirectory returns an empty directory. Nobody is let in before SetHome.
func NewDirectory(o DirectoryOptions) *Directory {
	if o.FreshFor <= 0 {
		o.FreshFor = freshFor
	}
	if o.AskWithin <= 0 {
		o.AskWithin = askWithin
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	d := &Directory{
		o: o, born: o.Now(), people: newPeople(maxPeople, o.Observe),
		absent: absent{until: map[string]int64{}}, turns: make(chan struct{}, asksAtOnce),
	}
	d.whole.Store(noReading)
	d.over.Store(noReading)
	return d
}

// SetHome tells which workspace, and which organisation, is ours. It may be
// called again.
func (d *Directory) SetHome(team, enterprise string) {
	d.people.names.keep(team, enterprise)
	d.home.Store(&Home{Team: team, Enterprise: enterprise, Org: team != "" && team == enterprise})
}

// Home returns what SetHome was told, and whether it was.
func (d *Directory) Home() (Home, bool) {
	h := d.home.Load()
	if h == nil || h.Team == "" {
		return Home{}, false
	}
	return *h, true
}

// Len is how many people are known.
func (d *Directory) Len() int { return int(d.people.count.Load()) }

// Age is how old the latest complete reading of the workspace is, counted from
// its beginning, and whether there has been one at all.
func (d *Directory) Age() (age time.Duration, complete bool) {
	began := d.whole.Load()
	if began == noReading {
		return 0, false
	}
	return time.Duration(d.now() - began), true
}

// everybody says whether the whole workspace is known, as of a complete reading
// no older than maxAge: nobody was left out for want of room.
func (d *Directory) everybody(maxAge time.Duration) error {
	age, complete := d.Age()
	switch {
	case !complete:
		return errors.New("the people of the workspace haven't been read yet")
	case age >= maxAge:
		return fmt.Errorf("the people of the workspace were read %v ago, longer than %v", age.Round(time.Second), maxAge)
	case d.over.Load() >= d.whole.Load():
		return errors.New("the workspace has more people than the directory holds")
	}
	return nil
}

// Put takes in what an event (user_change, team_join) says of one person.
func (d *Directory) Put(m studio.Member) { d.take(m, d.moment()) }

// Member returns what is known of a person: what was read or told lately, or
// what Slack says when asked. The error is studio.ErrUnknownPerson, or
// studio.ErrUnsure where nothing fresh is known and Slack can't say.
func (d *Directory) Member(ctx context.Context, user string) (studio.Member, error) {
	if user == "" || len(user) > maxID {
		return studio.Member{}, studio.ErrUnknownPerson
	}
	if m, ok := d.fresh(user); ok {
		return m, nil
	}
	if d.absent.has(user, d.now()) {
		return studio.Member{}, studio.ErrUnknownPerson
	}
	return d.askOnce(ctx, user)
}

// fresh returns what is known of a person unless it is too old to count.
func (d *Directory) fresh(user string) (studio.Member, bool) {
	m, asOf, known := d.people.get(user)
	if !known || d.now()-asOf >= int64(d.o.FreshFor) {
		return studio.Member{}, false
	}
	return m, true
}

// take keeps what is true of a person as of a moment, and tells of a change.
func (d *Directory) take(m studio.Member, asOf int64) {
	if m.User == "" || len(m.User) > maxID {
		return
	}
	if !d.o.Emails || len(m.Email) > maxEmail {
		m.Email = ""
	}
	before, known, kept := d.people.put(m, asOf)
	switch {
	case kept && known && before != m && d.o.Changed != nil:
		d.o.Changed(before, m)
	case !kept && !known:
		d.over.Store(d.moment())
		d.full.Do(func() {
			d.o.Log.Warn("the directory is full; who isn't in it is asked for one by one", "people", maxPeople)
		})
	}
}

// now is the time since the directory was made, in nanoseconds.
func (d *Directory) now() int64 { return int64(d.o.Now().Sub(d.born)) }

// moment is now, made larger than every moment before it.
func (d *Directory) moment() int64 {
	for {
		last := d.last.Load()
		next := max(d.now(), last+1)
		if d.last.CompareAndSwap(last, next) {
			return next
		}
	}
}
