package mapping

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/studiobot/studiobot/studio"
)

// Tag is the source of those whose user profile carries a tag with their Slack
// ID, so that whoever makes the profiles (Terraform, a pipeline) says whose they
// are. The tag's value is a user ID (U…, W…), or T…/U… for one workspace (E…/U…
// for one organisation, as an organisation-wide install has it).
//
// Where several profiles of one domain claim a person, none is used: Answer has
// a Conflict. A profile that is being deleted claims nobody; one that is Failed,
// or not in service yet, does.
type Tag struct{ profiles *Profiles }

// NewTag returns the source for profiles whose options name a Tag.
func NewTag(p *Profiles) *Tag { return &Tag{p} }

// Name is what the source is, for people.
func (t *Tag) Name() string { return "tag " + t.profiles.o.Tag }

// Lookup implements Source. It can't answer before the first complete reading,
// or once the last one is too old.
func (t *Tag) Lookup(_ context.Context, p studio.Person, domain string) (Answer, error) {
	d, err := t.profiles.ready(domain, true)
	if err != nil {
		return Answer{}, err
	}
	return t.answer(d, d.of(p)), nil
}

func (t *Tag) answer(d *domainProfiles, claims []*tagged) Answer {
	switch len(claims) {
	case 0:
		return Answer{}
	case 1:
		return Answer{Known: true, Profile: claims[0].name, Origin: t.Name() + " on " + claims[0].name}
	}
	names := namesOf(claims)
	return Answer{
		Known: true, Origin: t.Name() + " on " + names,
		Conflict: fmt.Sprintf("%s in %s carry the tag %s with the same person", names, d.domain.Name, t.profiles.o.Tag),
	}
}

// Why says why the source has no answer for a person, for the operator.
func (t *Tag) Why(_ context.Context, p studio.Person, domain string) string {
	d, ok := t.profiles.domains[domain]
	if !ok {
		return ""
	}
	for _, other := range d.all() { // for people who ask, not for commands
		switch {
		case other.claim.User != p.User:
		case other.status == deleting:
			return fmt.Sprintf("%s in %s has the tag %s with %s, and is being deleted", other.name, domain, t.profiles.o.Tag, p.User)
		case other.claim.Team != "" && other.claim.Team != p.Team:
			return fmt.Sprintf("%s in %s has the tag %s with %s, which is another workspace's", other.name, domain, t.profiles.o.Tag, other.tag)
		}
	}
	return fmt.Sprintf("no user profile in %s has the tag %s with %s", domain, t.profiles.o.Tag, p.User)
}

// Entries yields every person whom a tag names, domain by domain, as the tag
// names them: without a Team where it has none. It asks nobody and minds no age:
// see Profiles.Age.
func (t *Tag) Entries(yield func(p studio.Person, domain string, a Answer) bool) {
	for _, name := range t.profiles.order {
		d := t.profiles.domains[name]
		var people []studio.Person
		for _, t := range d.all() {
			if t.counts() {
				people = append(people, t.claim)
			}
		}
		slices.SortFunc(people, func(a, b studio.Person) int {
			return cmp.Or(strings.Compare(a.User, b.User), strings.Compare(a.Team, b.Team))
		})
		for _, p := range slices.Compact(people) {
			if a := t.answer(d, d.of(p)); a.Known && !yield(p, name, a) {
				return
			}
		}
	}
}

// Odd yields every user profile whose tag has a value that names nobody, domain
// by domain. value is cut where it is long.
func (t *Tag) Odd(yield func(domain, profile, value string) bool) {
	for _, name := range t.profiles.order {
		for _, p := range t.profiles.domains[name].all() {
			if p.tag != "" && p.claim.User == "" && !yield(name, p.name, p.tag) {
				return
			}
		}
	}
}

// AgeIn is how old the last complete reading of a domain's profiles is, and
// whether there was one.
func (t *Tag) AgeIn(domain string) (time.Duration, bool) { return t.profiles.Age(domain) }
