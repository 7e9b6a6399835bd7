package mapping

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/studiobot/studiobot/studio"
)

const (
	// groupsMaxAge is how long a reading of a user group serves.
	groupsMaxAge = time.Hour
	// maxGroups and maxGroupUsers bound what is kept: at the very most some 50
	// bytes for each of ten million.
	maxGroups     = 100
	maxGroupUsers = 100_000
)

// GroupsOptions is what Groups are made of. IDs and Log are required.
type GroupsOptions struct {
	// IDs are the user groups (S…), at most 100. Of others nothing is kept.
	IDs []string
	Log *slog.Logger
	// MaxAge is how long a reading serves, counted from its beginning; zero: 1
	// hour.
	MaxAge time.Duration
	// Changed is told, after that is in force, who left a group. Called without
	// locks held, by whoever brought the news, possibly several at a time.
	Changed func(users []string)
	// Now is the clock; nil: time.Now.
	Now func() time.Time
}

// Groups knows who is in which Slack user group: by readings of whole groups and
// by events. Safe for concurrent use; asking takes the same time whatever their
// size.
//
// As in a Directory, the youngest word counts: what an event says after a reading
// began stays, though the reading may not know it yet. A reading is of the moment
// at which it began, which comes from Moment.
type Groups struct {
	o     GroupsOptions
	order []string

	writing sync.Mutex // held by Set and Apply, from before mu until after it
	last    time.Time  // the latest moment given out; guarded by moments
	moments sync.Mutex

	mu     sync.RWMutex // guards what the groups hold
	groups map[string]*group
}

// group is one user group.
type group struct {
	asOf  time.Time // the moment of the reading that counts; zero: none
	users map[string]struct{}
	// since are what events said after asOf: whether the user is in.
	since map[string]groupWord
	lossy time.Time // events up to this moment were too many to remember
}

type groupWord struct {
	in bool
	at time.Time
}

// NewGroups returns Groups that know of nobody yet.
func NewGroups(o GroupsOptions) *Groups {
	if o.MaxAge <= 0 {
		o.MaxAge = groupsMaxAge
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	g := &Groups{o: o, groups: map[string]*group{}}
	for _, id := range o.IDs {
		if len(g.groups) == maxGroups {
			o.Log.Error("too many user groups; nobody is let in by those beyond", "groups", maxGroups)
			break
		}
		if _, twice := g.groups[id]; !twice && slackID(id, "S") {
			g.groups[id] = &group{users: map[string]struct{}{}, since: map[string]groupWord{}}
			g.order = append(g.order, id)
		}
	}
	return g
}

// IDs are the groups that are kept, in the order of the options.
func (g *Groups) IDs() []string { return slices.Clone(g.order) }

// Moment is now, made later than every moment before it: no reading and no event
// are of the same one.
func (g *Groups) Moment() time.Time {
	g.moments.Lock()
	defer g.moments.Unlock()
	next := g.o.Now()
	if !next.After(g.last) {
		next = g.last.Add(1)
	}
	g.last = next
	return next
}

// Members are up to that many users of a group, as far as it is known.
func (g *Groups) Members(id string, most int) []string {
	g.mu.RLock()
	defer g.mu.RUnlock()
	of := g.groups[id]
	if of == nil {
		return nil
	}
	var out []string
	for u := range of.users {
		if len(out) == most {
			break
		}
		out = append(out, u)
	}
	slices.Sort(out)
	return out
}

// Age is how old the latest reading of a group is, counted from its beginning,
// and whether there was one.
func (g *Groups) Age(id string) (time.Duration, bool) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	of := g.groups[id]
	if of == nil || of.asOf.IsZero() {
		return 0, false
	}
	return g.o.Now().Sub(of.asOf), true
}

// In says whether the user is in one of the groups. Where none that is known
// says yes, and another isn't known or was read too long ago, the error wraps
// studio.ErrUnsure. A nil Groups knows none.
func (g *Groups) In(user string, groups []string) (bool, error) {
	if g == nil {
		return false, fmt.Errorf("%w: no user groups are read", studio.ErrUnsure)
	}
	now := g.o.Now()
	g.mu.RLock()
	defer g.mu.RUnlock()
	var unsure string
	for _, id := range groups {
		of := g.groups[id]
		if of == nil || of.asOf.IsZero() || now.Sub(of.asOf) >= g.o.MaxAge {
			unsure = id
			continue
		}
		if _, in := of.users[user]; in {
			return true, nil
		}
	}
	if unsure != "" {
		return false, fmt.Errorf("%w: nothing fresh is known of the user group %s", studio.ErrUnsure, unsure)
	}
	return false, nil
}

// Set takes in a complete reading of a group that began at a moment. One that
// began before the reading that counts changes nothing. More than 100,000 users
// are refused: the group then grows too old to answer.
func (g *Groups) Set(id string, users []string, asOf time.Time) {
	of := g.groups[id]
	if of == nil {
		return
	}
	if len(users) > maxGroupUsers {
		g.o.Log.Error("a user group is too large; its reading is left out", "group", id, "users", len(users), "most", maxGroupUsers)
		return
	}
	fresh := make(map[string]struct{}, len(users))
	for _, u := range users {
		if u != "" && len(u) <= maxID {
			fresh[strings.Clone(u)] = struct{}{} // the caller's may be a piece of a whole page
		}
	}
	g.writing.Lock()
	if !asOf.After(of.asOf) || !asOf.After(of.lossy) {
		g.writing.Unlock()
		return
	}
	since := map[string]groupWord{}
	for u, w := range of.since {
		if w.at.After(asOf) {
			since[u] = w
			w.apply(fresh, u)
		}
	}
	var left []string
	for u := range of.users {
		if _, in := fresh[u]; !in {
			left = append(left, u)
		}
	}
	g.mu.Lock()
	of.asOf, of.users, of.since = asOf, fresh, since
	g.mu.Unlock()
	g.writing.Unlock()
	g.tell(left)
}

// Apply takes in an event: who came to a group and who left it. Somebody in both
// left. Where there are more than can be kept, the group doesn't answer before its
// next reading.
func (g *Groups) Apply(id string, added, removed []string) {
	of := g.groups[id]
	if of == nil {
		return
	}
	g.writing.Lock()
	at := g.Moment() // within the lock, so that the later of two events counts
	g.mu.Lock()
	var left []string
	full := false
	for i, u := range slices.Concat(added, removed) {
		_, was := of.users[u]
		w := groupWord{in: i < len(added), at: at}
		if u == "" || len(u) > maxID {
			continue
		}
		if w.in && !was && len(of.users) >= maxGroupUsers || len(of.since) >= maxGroupUsers {
			full = true
			break
		}
		u = strings.Clone(u)
		of.since[u] = w
		w.apply(of.users, u)
		if was && !w.in {
			left = append(left, u)
		}
	}
	if full { // only a reading that begins from here on is younger than all of them
		of.asOf, of.lossy = time.Time{}, at
		of.since = map[string]groupWord{}
		g.o.Log.Warn("too many changes of a user group; it counts again when it was read again", "group", id)
	}
	g.mu.Unlock()
	g.writing.Unlock()
	g.tell(left)
}

// apply makes a word true of the users.
func (w groupWord) apply(users map[string]struct{}, user string) {
	if w.in {
		users[user] = struct{}{}
	} else {
		delete(users, user)
	}
}

func (g *Groups) tell(left []string) {
	if len(left) > 0 && g.o.Changed != nil {
		slices.Sort(left)
		g.o.Changed(left)
	}
}
