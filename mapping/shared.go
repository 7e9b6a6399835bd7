package mapping

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/studiobot/studiobot/studio"
)

// owner is somebody with a user profile, on a line of the file.
type owner struct {
	person studio.Person
	entry  person
}

// shared warns of user profiles that several people have in one domain. That
// can be meant: they share its files and apps.
func (r *reader) shared() []string {
	owners := map[string][]owner{}
	for p, entry := range r.users.people {
		for _, profile := range entry.profiles() {
			owners[profile] = append(owners[profile], owner{p, entry})
		}
	}
	type warning struct {
		line int
		text string
	}
	var out []warning
	for profile, all := range owners {
		slices.SortFunc(all, func(a, b owner) int { return cmp.Compare(a.entry.line, b.entry.line) })
		groups := map[string][]string{} // the same people, told once for all their domains
		for i, d := range r.domains {
			if among := sharers(all, profile, i); among != nil {
				said := together(among)
				groups[said] = append(groups[said], d)
			}
		}
		for said, domains := range groups {
			where := "in " + strings.Join(domains, ", ")
			if len(domains) == len(r.domains) {
				where = "in every domain"
			}
			line := all[0].entry.line
			out = append(out, warning{line, fmt.Sprintf("%s:%d: the user profile %s belongs to %s %s; they share its files and apps", r.file, line, profile, said, where)})
		}
	}
	slices.SortFunc(out, func(a, b warning) int { return cmp.Or(cmp.Compare(a.line, b.line), cmp.Compare(a.text, b.text)) })
	var texts []string
	for _, w := range out {
		texts = append(texts, w.text)
	}
	return texts
}

// profiles are the different ones of an entry, in lower case as SageMaker
// compares them.
func (p person) profiles() []string {
	if p.single == nil {
		if p.every.profile == "" {
			return nil
		}
		return []string{strings.ToLower(p.every.profile)}
	}
	var out []string
	for _, g := range p.single {
		if name := strings.ToLower(g.profile); name != "" && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// sharers are those of all who have the profile in that domain, if they are
// several people. One person with two keys is one.
func sharers(all []owner, profile string, domain int) []owner {
	var out []owner
	several := false
	for _, o := range all {
		if strings.EqualFold(o.entry.in(domain).profile, profile) {
			out = append(out, o)
			several = several || o.person.User != out[0].person.User
		}
	}
	if !several {
		return nil
	}
	return out
}

// together lists people with their lines, the first few of many.
func together(among []owner) string {
	const most = 5
	var parts []string
	for _, o := range among[:min(len(among), most)] {
		parts = append(parts, fmt.Sprintf("%s (line %d)", key(o.person), o.entry.line))
	}
	if n := len(among) - most; n > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(parts, ", "), n)
	}
	return strings.Join(parts, ", ")
}
