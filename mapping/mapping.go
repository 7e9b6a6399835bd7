// Package mapping says which Studio user profiles a Slack user has, and who may
// ask at all. It reaches neither Slack nor AWS: who people are comes from the
// Directory, which others fill, and which profile is theirs from Sources, asked
// in the order of the config. The users file is one.
//
// Start with Mapping.Grants, which is asked at every command, and
// Mapping.Allowed, which is asked again at every click. Neither makes a network
// call for somebody whom the directory knows. Then
//
//	source.go     what a source promises
//	yaml.go       users.yaml, read strictly; csv.go: the same as CSV
//	roll.go       what was read, in few bytes; view.go: with changes laid over it
//	file.go       users.yaml as a source; watch.go reads it again when it changes
//	directory.go  the workspace in memory; ask.go asks for single people
//	table.go      links made in Slack as a source, over what links.go asks of a store
//	profiles.go   the user profiles of each domain, as SageMaker lists them
//	tag.go        who is named by a profile's tag, as a source
//	email.go      whose address makes the name of a profile, as a source
//	access.go     who may ask, and from where; groups.go: Slack's user groups
//	explain.go    what somebody gets, and why
package mapping

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/studiobot/studiobot/studio"
)

// Options is what a Mapping is made of.
type Options struct {
	// Domains are offered in this order.
	Domains []studio.Domain
	// Sources are asked in this order, for each domain by itself.
	Sources []Source
	// Directory says who people are, and which workspace is ours. Required.
	Directory *Directory
	// Access says who of the workspace may ask.
	Access Access
}

// Mapping decides what a person may open. It is safe for concurrent use.
type Mapping struct {
	o Options
}

// New returns a Mapping.
func New(o Options) *Mapping {
	o.Domains, o.Sources = slices.Clone(o.Domains), slices.Clone(o.Sources)
	return &Mapping{o}
}

// Grants is what a person may open now.
type Grants struct {
	// Options are in the order of the config, one per domain, never empty.
	Options []studio.Option
	// Unsure names the domains whose sources can't answer now. They are neither
	// granted nor refused: whoever asks for one of them is told to try again.
	Unsure []string
}

// Grants returns what the person may open. Where one domain's sources, or its
// user groups, can't answer, the others are still offered, and Unsure names that
// domain. A domain whose user groups the person isn't in isn't offered.
//
// Without any option the error is one of package studio's: why the person isn't
// let in (see Access.Admit), ErrUnknownPerson, ErrNotInGroup for the user groups
// of the whole bot, ErrUnsure where the directory or anything else can't answer,
// ErrConflict where several profiles of a domain claim the person, ErrNotInGroup
// where they would have a profile but for the domain's user groups or where these
// refuse them in every domain, ErrDenied where every domain is denied, and
// ErrNotMapped otherwise.
func (m *Mapping) Grants(ctx context.Context, p studio.Person) (Grants, error) {
	if err := m.admit(ctx, p); err != nil {
		return Grants{}, err
	}
	g := Grants{Options: make([]studio.Option, 0, len(m.o.Domains))}
	var unsure, conflict error
	var denied, outside, barred int
	for i := range m.o.Domains {
		d := &m.o.Domains[i]
		profile, err := m.grant(ctx, p, d.Name)
		switch {
		case err == nil:
			g.Options = append(g.Options, studio.Option{Domain: d.Name, Label: d.Label, Profile: profile, Target: d.Open})
		case errors.Is(err, studio.ErrUnsure):
			unsure = err
			g.Unsure = append(g.Unsure, d.Name)
		case errors.Is(err, studio.ErrConflict):
			conflict = err
		case errors.Is(err, studio.ErrNotInGroup):
			outside++
			if _, err := m.profile(ctx, p, d.Name); err == nil {
				barred++
			}
		case errors.Is(err, studio.ErrDenied):
			denied++
		}
	}
	all := func(n int) bool { return n > 0 && n == len(m.o.Domains) }
	switch {
	case len(g.Options) > 0:
		return g, nil
	case unsure != nil:
		return Grants{}, unsure
	case conflict != nil:
		return Grants{}, conflict
	case barred > 0, all(outside):
		return Grants{}, studio.ErrNotInGroup
	case all(denied):
		return Grants{}, studio.ErrDenied
	}
	return Grants{}, studio.ErrNotMapped
}

// Options is Grants in two parts.
func (m *Mapping) Options(ctx context.Context, p studio.Person) (options []studio.Option, unsure []string, err error) {
	g, err := m.Grants(ctx, p)
	return g.Options, g.Unsure, err
}

// Allowed says whether the person may still open the option: let in, and with
// that profile in that domain. SageMaker compares profile names without case,
// and so does this. Errors are as those of Grants, for that one domain.
func (m *Mapping) Allowed(ctx context.Context, p studio.Person, o studio.Option) error {
	if err := m.admit(ctx, p); err != nil {
		return err
	}
	if !slices.ContainsFunc(m.o.Domains, func(d studio.Domain) bool { return d.Name == o.Domain }) {
		return fmt.Errorf("%w: the domain isn't configured any more", studio.ErrNotMapped)
	}
	profile, err := m.grant(ctx, p, o.Domain)
	if err != nil {
		return err
	}
	if !strings.EqualFold(profile, o.Profile) {
		return fmt.Errorf("%w: another profile by now", studio.ErrNotMapped)
	}
	return nil
}

// Has says why the person gets nothing in a domain, or nil. Errors are as those
// of Allowed.
func (m *Mapping) Has(ctx context.Context, p studio.Person, domain string) error {
	if err := m.admit(ctx, p); err != nil {
		return err
	}
	_, err := m.grant(ctx, p, domain)
	return err
}

// admit says whether the person may ask at all.
func (m *Mapping) admit(ctx context.Context, p studio.Person) error {
	if _, err := m.member(ctx, p); err != nil {
		return err
	}
	return m.o.Access.inGroups(p.User, m.o.Access.UserGroups)
}

// member returns somebody whom Access.Admit lets in. A command or a click from a
// place that isn't ours costs no question to Slack.
func (m *Mapping) member(ctx context.Context, p studio.Person) (studio.Member, error) {
	home, ok := m.o.Directory.Home()
	if !ok {
		return studio.Member{}, errNoHome
	}
	if !home.includes(p.Team) {
		return studio.Member{}, studio.ErrStranger
	}
	member, err := m.o.Directory.Member(ctx, p.User)
	if err != nil {
		return studio.Member{}, err
	}
	return member, m.o.Access.Admit(member, home)
}

// grant is what the person may open in a domain: one whose user groups they are
// in, and where they have a profile.
func (m *Mapping) grant(ctx context.Context, p studio.Person, domain string) (string, error) {
	if err := m.o.Access.inGroups(p.User, m.o.Access.DomainGroups[domain]); err != nil {
		return "", err
	}
	return m.profile(ctx, p, domain)
}

// profile asks the sources in their order; the first that knows counts.
func (m *Mapping) profile(ctx context.Context, p studio.Person, domain string) (string, error) {
	for _, s := range m.o.Sources {
		a, err := s.Lookup(ctx, p, domain)
		if profile, err := heard(a, err, domain); profile != "" || err != nil {
			return profile, err
		}
	}
	return "", studio.ErrNotMapped
}

// heard is what an answer comes to: a profile, why there is none, or nothing at
// all. The cause of an ErrUnsure is kept as text only: whatever a source's error
// wraps, it is no answer.
func heard(a Answer, err error, domain string) (string, error) {
	switch {
	case err != nil:
		return "", fmt.Errorf("%w: %s: %v", studio.ErrUnsure, domain, err)
	case a.Conflict != "":
		return "", fmt.Errorf("%w: %s", studio.ErrConflict, a.Conflict)
	case a.Denied:
		return "", studio.ErrDenied
	case !a.Known:
		return "", nil
	case !studio.ValidProfile(a.Profile):
		return "", fmt.Errorf("%w: %s: %s gives %q, which is no user profile's name", studio.ErrUnsure, domain, a.Origin, clip(a.Profile))
	}
	return a.Profile, nil
}
