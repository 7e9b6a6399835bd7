package mapping

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/studiobot/studiobot/studio"
)

// deleting is the Status of a profile that claims nobody any more. One that is
// Failed still does: somebody gave it to that person, and another source would
// hand them something else.
const deleting = "Deleting"

// domainProfiles is what is known of the user profiles of one domain.
type domainProfiles struct {
	domain  studio.Domain
	shadows bool

	mu       sync.RWMutex
	profiles map[string]*tagged   // by the name in lower case; what they point to doesn't change
	claims   map[string][]*tagged // by user ID: those that name the user, and count
	clashes  map[string]string    // by user ID: the conflicts that were told
	listed   time.Time            // the beginning of the last complete listing
	whole    time.Time            // the beginning of the last complete reading
	doubted  bool                 // the last listing lost too many, and didn't count
}

// tagged is a user profile, and whom its tag names.
type tagged struct {
	name, status string
	modified     int64         // as SageMaker says, in nanoseconds
	read         int64         // when its tags were read, in nanoseconds; 0: never
	stale        bool          // it is new, or changed since its tags were read
	tag          string        // the tag's value, clipped where it is no claim
	claim        studio.Person // zero: none
}

func (t *tagged) counts() bool { return t != nil && t.claim.User != "" && t.status != deleting }

// anothers says that the tag, as far as it was read, names somebody else.
func (t *tagged) anothers(user string) bool { return t.counts() && t.claim.User != user }

// news is what a change means for others.
type news struct {
	lost    []studio.Person
	clashes []clash
}

// clash is a user whom several profiles claim; without profiles: not any more.
type clash struct{ user, profiles string }

func (n *news) add(more news) {
	n.lost, n.clashes = append(n.lost, more.lost...), append(n.clashes, more.clashes...)
}

func newDomainProfiles(d studio.Domain, shadows bool) *domainProfiles {
	return &domainProfiles{
		domain: d, shadows: shadows,
		profiles: map[string]*tagged{}, claims: map[string][]*tagged{}, clashes: map[string]string{},
	}
}

func (d *domainProfiles) times() (listed, whole time.Time) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.listed, d.whole
}

func (d *domainProfiles) count() (profiles, claiming int) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for _, all := range d.claims {
		claiming += len(all)
	}
	return len(d.profiles), claiming
}

func (d *domainProfiles) get(name string) (tagged, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	t, ok := d.profiles[strings.ToLower(name)]
	if !ok {
		return tagged{}, false
	}
	return *t, true
}

// put keeps a profile in place of the one of that name; nil: it is gone.
func (d *domainProfiles) put(key string, after *tagged) news {
	d.mu.Lock()
	defer d.mu.Unlock()
	before := d.profiles[key]
	if after == nil {
		delete(d.profiles, key)
	} else {
		d.profiles[key] = after
	}
	var n news
	for _, user := range claimed(before, after) {
		was := d.claims[user]
		now := slices.DeleteFunc(slices.Clone(was), func(t *tagged) bool { return t == before })
		if after.counts() && after.claim.User == user {
			now = append(now, after)
		}
		if len(now) == 0 {
			delete(d.claims, user)
		} else {
			d.claims[strings.Clone(user)] = now
		}
		n.add(d.compare(user, was, now))
	}
	return n
}

// claimed are the users whom one of the two names.
func claimed(before, after *tagged) []string {
	var users []string
	if before.counts() {
		users = append(users, before.claim.User)
	}
	if after.counts() && !slices.Contains(users, after.claim.User) {
		users = append(users, after.claim.User)
	}
	return users
}

// compare says what it means for a user that was became now. Before the first
// complete reading nobody was given anything. Called with mu held.
func (d *domainProfiles) compare(user string, was, now []*tagged) (n news) {
	teams := []string{""}
	for _, t := range slices.Concat(was, now) {
		if !slices.Contains(teams, t.claim.Team) {
			teams = append(teams, t.claim.Team)
		}
	}
	var at []*tagged
	for _, team := range teams {
		had, has := forTeam(was, team), forTeam(now, team)
		if len(has) > 1 {
			at = append(at, has...)
		}
		lost := len(had) == 1 && (len(has) != 1 || !strings.EqualFold(had[0].name, has[0].name)) ||
			d.shadows && len(had) == 0 && len(has) > 0
		if lost && !d.whole.IsZero() {
			n.lost = append(n.lost, studio.Person{Team: team, User: user})
		}
	}
	profiles := namesOf(at)
	if profiles == d.clashes[user] {
		return n
	}
	if profiles == "" {
		delete(d.clashes, user)
	} else {
		d.clashes[strings.Clone(user)] = profiles
	}
	n.clashes = append(n.clashes, clash{user, profiles})
	return n
}

// forTeam are the claims that are about the user in that workspace: those that
// name it, and those that name none.
func forTeam(claims []*tagged, team string) []*tagged {
	if len(claims) == 1 && (claims[0].claim.Team == "" || claims[0].claim.Team == team) {
		return claims // nearly always
	}
	var out []*tagged
	for _, t := range claims {
		if t.claim.Team == "" || t.claim.Team == team {
			out = append(out, t)
		}
	}
	return out
}

// namesOf lists profiles in one order: "jane and jane-doe".
func namesOf(all []*tagged) string {
	names := make([]string, len(all))
	for i, t := range all {
		names[i] = t.name
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), " and ")
}

// of returns the claims on a person that count.
func (d *domainProfiles) of(p studio.Person) []*tagged {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return forTeam(d.claims[p.User], p.Team) // put makes new ones, and changes none
}

// all returns what is known, by name.
func (d *domainProfiles) all() []*tagged {
	d.mu.RLock()
	out := make([]*tagged, 0, len(d.profiles))
	for _, t := range d.profiles {
		out = append(out, t)
	}
	d.mu.RUnlock()
	slices.SortFunc(out, func(a, b *tagged) int { return cmp.Compare(a.name, b.name) })
	return out
}
