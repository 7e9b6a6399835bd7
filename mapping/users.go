package mapping

import (
	"cmp"
	"slices"
	"strings"

	"github.com/studiobot/studiobot/studio"
)

// users is a users file that was read. It doesn't change any more.
type users struct {
	// people have an empty Team where the key is the bare user ID.
	people map[studio.Person]person
	// teams: some keys name a workspace.
	teams bool
	// domains is the place of each configured domain in person.single.
	domains map[string]int
	// blank: there isn't even a {} in the file.
	blank bool
}

// person is what the file says of somebody: of every domain, or of single ones.
type person struct {
	line   int
	origin string
	every  grant
	single []grant // nil, or as many as there are domains
}

// grant is a profile, or a denial; the zero value says nothing.
type grant struct {
	profile string
	denied  bool
}

func (g grant) silent() bool { return g == grant{} }

// in returns what the entry says of one domain.
func (p person) in(domain int) grant {
	if p.single == nil {
		return p.every
	}
	return p.single[domain]
}

// lookup says what the file has on a person in a domain, and where. A key with
// the workspace wins over the bare user ID, in the domains that it speaks of.
func (u *users) lookup(p studio.Person, domain string) (g grant, origin string) {
	i, ok := u.domains[domain]
	if !ok {
		return grant{}, ""
	}
	if u.teams {
		if entry, ok := u.people[p]; ok {
			if g := entry.in(i); !g.silent() {
				return g, entry.origin
			}
		}
	}
	entry, ok := u.people[studio.Person{User: p.User}]
	if !ok {
		return grant{}, ""
	}
	return entry.in(i), entry.origin
}

// losers are the people of whom the new version says less than the old one, or
// something else: a grant is gone, has become another profile, or a denial
// stands where nothing stood (another source may have granted). With shadows a
// grant where nothing stood counts too: it hides a later source's. Sorted.
func losers(old, fresh *users, shadows bool) []studio.Person {
	lost := func(p studio.Person) bool {
		for domain := range fresh.domains {
			before, _ := old.lookup(p, domain)
			after, _ := fresh.lookup(p, domain)
			switch {
			case before.profile != "" && !strings.EqualFold(before.profile, after.profile),
				before.silent() && (after.denied || shadows && !after.silent()):
				return true
			}
		}
		return false
	}
	var out []studio.Person
	for p := range old.people {
		if lost(p) {
			out = append(out, p)
		}
	}
	for p := range fresh.people {
		if _, both := old.people[p]; !both && lost(p) {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b studio.Person) int {
		return cmp.Or(cmp.Compare(a.User, b.User), cmp.Compare(a.Team, b.Team))
	})
	return out
}

// key is how the file writes a person.
func key(p studio.Person) string {
	if p.Team == "" {
		return p.User
	}
	return p.String()
}
