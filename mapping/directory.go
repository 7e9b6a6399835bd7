package mapping

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
	"golang.org/x/sync/singleflight"

	"github.com/studiobot/studiobot/studio"
)

// Asker asks Slack for one person. bot.Bot is the one that production has.
type Asker interface {
	// Ask returns what Slack says now. studio.ErrUnknownPerson means that
	// there is no such person; any other error, that Slack can't say.
	Ask(ctx context.Context, user string) (studio.Member, error)
}

const (
	// freshFor is how long what was read of a person counts. The whole
	// workspace is read again every ten minutes, so that two readings in a row
	// may fail before anybody is asked for by name.
	freshFor = 30 * time.Minute
	// unknownFor is how long "there is no such person" counts.
	unknownFor = 30 * time.Second
	// askWithin bounds one question to Slack: a command has 3 s in all.
	askWithin = 1500 * time.Millisecond
	// asksAtOnce bounds the questions under way; Slack takes about a hundred a
	// minute.
	asksAtOnce = 16
	// maxUnknown bounds how many unknown IDs are remembered.
	maxUnknown = 10_000
)

// DirectoryOptions is what a Directory is made of. Log is required.
type DirectoryOptions struct {
	Asker Asker
	Log   *slog.Logger
	// Changed is told when something that is known of a person changed. It is
	// called without locks held, and must not block.
	Changed func(before, after studio.Member)
}

// Directory is the workspace in memory: of each person only what a decision
// needs. It is filled by readings of the whole workspace and by events, and asks
// for single people only where it knows nothing fresh. Safe for concurrent use.
type Directory struct {
	o      DirectoryOptions
	flight singleflight.Group
	asks   *semaphore.Weighted

	mu      sync.RWMutex // guards the rest
	home    Home
	people  map[string]entry
	unknown map[string]time.Time // until when
	names   map[string]uint32    // of teams and organisations, to their index in list
	list    []string
	pass    uint32 // number of the latest reading
	read    time.Time
}

// entry is a person in 24 bytes: an event or an answer younger than a reading
// counts more than it.
type entry struct {
	seen             int64 // Unix seconds
	team, enterprise uint32
	pass             uint32 // the reading that last listed them, or the one they came after
	flags            uint8
}

// The flags of an entry, in the order in which set packs them.
const (
	flagDeleted = 1 << iota
	flagBot
	flagGuest
	flagStranger
	flagInvited
)

// NewDirectory returns an empty directory.
func NewDirectory(o DirectoryOptions) *Directory {
	return &Directory{o: o, asks: semaphore.NewWeighted(asksAtOnce), people: map[string]entry{},
		unknown: map[string]time.Time{}, names: map[string]uint32{"": 0}, list: []string{""}}
}

// SetHome tells which workspace, and which organisation, is ours.
func (d *Directory) SetHome(team, enterprise string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.home = Home{team, enterprise}
}

// Home returns what SetHome was told, and whether it was.
func (d *Directory) Home() (Home, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.home, d.home.Team != ""
}

// Len is how many people are known.
func (d *Directory) Len() int {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return len(d.people)
}

// Put takes in what an event says of one person.
func (d *Directory) Put(m studio.Member) {
	if m.User == "" {
		return
	}
	d.mu.Lock()
	before, known := d.get(m.User)
	d.set(m, d.pass+1) // younger than a reading that is under way
	delete(d.unknown, m.User)
	d.mu.Unlock()
	d.changed(before, m, known)
}

// Member returns what is known of a person: what was read or told in the last
// half hour, or what Slack says when asked. The error is
// studio.ErrUnknownPerson, or studio.ErrUnsure where nothing fresh is known and
// Slack can't say.
func (d *Directory) Member(ctx context.Context, user string) (studio.Member, error) {
	now := time.Now()
	d.mu.RLock()
	e, known := d.people[user]
	m, _ := d.get(user)
	until, missing := d.unknown[user]
	d.mu.RUnlock()
	switch {
	case known && now.Sub(time.Unix(e.seen, 0)) < freshFor:
		return m, nil
	case missing && now.Before(until):
		return studio.Member{}, studio.ErrUnknownPerson
	}
	answer := d.flight.DoChan(user, func() (any, error) { return d.ask(user) })
	select {
	case r := <-answer:
		if r.Err != nil {
			return studio.Member{}, r.Err
		}
		return r.Val.(studio.Member), nil
	case <-ctx.Done():
		return studio.Member{}, fmt.Errorf("%w: %w", studio.ErrUnsure, ctx.Err())
	}
}

// ask asks Slack for one person and keeps the answer. It doesn't end with the
// first of those who wait for it.
func (d *Directory) ask(user string) (studio.Member, error) {
	ctx, cancel := context.WithTimeout(context.Background(), askWithin)
	defer cancel()
	if err := d.asks.Acquire(ctx, 1); err != nil {
		return studio.Member{}, fmt.Errorf("%w: too many people to ask Slack for: %w", studio.ErrUnsure, err)
	}
	defer d.asks.Release(1)
	d.mu.RLock()
	began := d.people[user]
	d.mu.RUnlock()
	m, err := d.o.Asker.Ask(ctx, user)
	d.mu.Lock()
	before, known := d.get(user)
	if known && d.people[user] != began {
		d.mu.Unlock()
		return before, nil // an event came meanwhile: it is younger than the answer
	}
	err = d.answered(user, m, err)
	d.mu.Unlock()
	if err != nil {
		return studio.Member{}, err
	}
	d.changed(before, m, known)
	return m, nil
}

// answered keeps what Slack answered. d.mu is held.
func (d *Directory) answered(user string, m studio.Member, err error) error {
	switch {
	case errors.Is(err, studio.ErrUnknownPerson):
		delete(d.people, user)
		d.forgetUnknown()
		d.unknown[user] = time.Now().Add(unknownFor)
		return studio.ErrUnknownPerson
	case err != nil:
		d.o.Log.Warn("Slack can't be asked for a person", "user", user, "err", err)
		return fmt.Errorf("%w: ask Slack: %w", studio.ErrUnsure, err)
	case m.User != user:
		return fmt.Errorf("%w: Slack answered about somebody else", studio.ErrUnsure)
	}
	d.set(m, d.pass+1) // younger than a reading that is under way
	return nil
}

// forgetUnknown makes room for one more. d.mu is held.
func (d *Directory) forgetUnknown() {
	if len(d.unknown) < maxUnknown {
		return
	}
	now := time.Now()
	for user, until := range d.unknown {
		if now.After(until) || len(d.unknown) >= maxUnknown {
			delete(d.unknown, user)
		}
	}
}

// get unpacks a person. d.mu is held.
func (d *Directory) get(user string) (studio.Member, bool) {
	e, ok := d.people[user]
	if !ok {
		return studio.Member{}, false
	}
	return studio.Member{
		Person: studio.Person{Team: d.list[e.team], User: user}, Enterprise: d.list[e.enterprise],
		Deleted: e.flags&flagDeleted != 0, Bot: e.flags&flagBot != 0, Guest: e.flags&flagGuest != 0,
		Stranger: e.flags&flagStranger != 0, Invited: e.flags&flagInvited != 0,
	}, true
}

// set packs a person. d.mu is held.
func (d *Directory) set(m studio.Member, pass uint32) {
	e := entry{seen: time.Now().Unix(), team: d.name(m.Team), enterprise: d.name(m.Enterprise), pass: pass}
	for i, on := range [...]bool{m.Deleted, m.Bot, m.Guest, m.Stranger, m.Invited} {
		if on {
			e.flags |= 1 << i
		}
	}
	d.people[m.User] = e
}

// name keeps one copy of each team's ID. d.mu is held.
func (d *Directory) name(s string) uint32 {
	i, ok := d.names[s]
	if !ok {
		i = uint32(len(d.list)) //nolint:gosec // there are fewer teams than people
		d.list = append(d.list, s)
		d.names[s] = i
	}
	return i
}

func (d *Directory) changed(before, after studio.Member, known bool) {
	if known && before != after && d.o.Changed != nil {
		d.o.Changed(before, after)
	}
}

// Reading is one pass over the whole workspace.
type Reading struct {
	d    *Directory
	pass uint32
}

// Begin starts a pass. One that isn't brought to its end still refreshes the
// people it has seen.
func (d *Directory) Begin() *Reading {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.pass += 2 // the odd number between two readings is that of events and answers
	return &Reading{d: d, pass: d.pass}
}

// Add takes in a page. What an event said since the pass began is younger and
// stays.
func (r *Reading) Add(members ...studio.Member) {
	type change struct{ before, after studio.Member }
	var changes []change
	r.d.mu.Lock()
	for _, m := range members {
		if m.User == "" {
			continue
		}
		before, known := r.d.get(m.User)
		if known && r.d.people[m.User].pass > r.pass {
			continue
		}
		r.d.set(m, r.pass)
		delete(r.d.unknown, m.User)
		if known && before != m {
			changes = append(changes, change{before, m})
		}
	}
	r.d.mu.Unlock()
	for _, c := range changes {
		r.d.changed(c.before, c.after, true)
	}
}

// Done says that everybody was seen: who wasn't is forgotten, and asked for by
// name if they come.
func (r *Reading) Done() {
	r.d.mu.Lock()
	defer r.d.mu.Unlock()
	for user, e := range r.d.people {
		if e.pass < r.pass {
			delete(r.d.people, user)
		}
	}
	r.d.read = time.Now()
}

// Age is how long ago the whole workspace was last read, and whether it ever
// was.
func (d *Directory) Age() (time.Duration, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return time.Since(d.read), !d.read.IsZero()
}
