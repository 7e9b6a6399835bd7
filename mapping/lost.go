package mapping

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/studiobot/studiobot/studio"
)

// losers are those of the people of whom the new version says less than the old
// one, or something else: a grant is gone, has become another profile, or a
// denial stands where nothing stood (another source may have granted). With
// shadows a grant where nothing stood counts too: it hides a later source's.
// Sorted.
func losers(old, fresh view, people iter.Seq[studio.Person], shadows bool) []studio.Person {
	lost := func(p studio.Person) bool {
		for _, domain := range fresh.base.names[1 : fresh.base.configured+1] {
			before, after := old.lookup(p, domain), fresh.lookup(p, domain)
			switch profile := before.profile(); {
			case profile != "" && !strings.EqualFold(profile, after.profile()),
				before.silent() && (after.denied() || shadows && !after.silent()):
				return true
			}
		}
		return false
	}
	var out []studio.Person
	for p := range people {
		if lost(p) {
			// A copy: a denial would keep a whole roll alive otherwise.
			out = append(out, studio.Person{Team: strings.Clone(p.Team), User: strings.Clone(p.User)})
		}
	}
	slices.SortFunc(out, func(a, b studio.Person) int {
		return cmp.Or(cmp.Compare(a.User, b.User), cmp.Compare(a.Team, b.Team))
	})
	return out
}

// keysOf are the people of several rolls, each once: bare IDs and those of a
// workspace.
func keysOf(rolls ...*roll) iter.Seq[studio.Person] {
	return func(yield func(studio.Person) bool) {
		for i, l := range rolls {
			whole := l.each(func(_ uint32, r *row) bool {
				if r.flags&rowFirst == 0 {
					return true
				}
				p := l.person(r)
				told := slices.ContainsFunc(rolls[:i], func(earlier *roll) bool { return earlier.head(p) != nil })
				return told || yield(p)
			})
			if !whole {
				return
			}
		}
	}
}

// around are the people of changes and, of a bare ID among them, also those whom
// other rows name with a workspace: where these say nothing, the bare one counts.
func (v view) around(changes *roll) iter.Seq[studio.Person] {
	teams := slices.AppendSeq(slices.Collect(maps.Keys(v.base.teams)), maps.Keys(v.recent.teams))
	slices.Sort(teams)
	teams = slices.Compact(teams)
	if len(teams)*changes.people > v.base.people+v.recent.people {
		return keysOf(changes, v.base, v.recent)
	}
	return func(yield func(studio.Person) bool) {
		for p := range keysOf(changes) {
			if !yield(p) {
				return
			}
			if p.Team != "" {
				continue
			}
			for _, team := range teams {
				p.Team = team
				if changes.head(p) == nil && (v.base.head(p) != nil || v.recent.head(p) != nil) && !yield(p) {
					return
				}
			}
		}
	}
}
