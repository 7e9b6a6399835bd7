// Package mapping says which Studio user profiles a Slack user has, and who may
// ask at all. It reaches neither Slack nor AWS: who people are comes from the
// Directory (directory.go), which others fill, and which profile is theirs from
// Sources, asked in the order of the config. The users file (users.go, file.go)
// is one.
//
// Start with Mapping.Options, which is asked at every command, and
// Mapping.Allowed, which is asked again at every click. Neither makes a network
// call for somebody whom the directory knows.
package mapping

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/studiobot/studiobot/studio"
)

// Answer is what a source says of one person in one domain.
type Answer struct {
	// Known: the source has a word on it. The first source that knows counts.
	Known bool
	// Denied: nobody further down the list may say otherwise.
	Denied bool
	// Profile is the user profile; empty where Denied.
	Profile string
	// Origin says where it stands, for the operator: users.yaml:12.
	Origin string
}

// Source is one place where an organisation keeps who has which profile.
type Source interface {
	// Lookup answers from what is at hand, without waiting for a network. It
	// is safe for concurrent use. An error means that it can't answer now: the
	// person is asked to try again, and no later source is asked, so that
	// nobody is handed to a weaker one.
	Lookup(ctx context.Context, p studio.Person, domain string) (Answer, error)
}

// Options is what a Mapping is made of.
type Options struct {
	Domains   []studio.Domain
	Sources   []Source
	Directory *Directory
	Access    Access
}

// Mapping decides what a person may open.
type Mapping struct {
	o Options
}

// New returns a Mapping.
func New(o Options) *Mapping { return &Mapping{o} }

// Options returns what the person may open now, in the order of the config.
// Without any the error is one of package studio's: why the person isn't let
// in, ErrNotMapped, ErrDenied, or ErrUnsure where a source can't answer. Where
// one domain's source can't answer, the other domains are still offered.
func (m *Mapping) Options(ctx context.Context, p studio.Person) ([]studio.Option, error) {
	if err := m.admit(ctx, p); err != nil {
		return nil, err
	}
	var options []studio.Option
	denied := false
	var unsure error
	for _, d := range m.o.Domains {
		o, err := m.option(ctx, p, d)
		switch {
		case err == nil:
			options = append(options, o)
		case errors.Is(err, studio.ErrDenied):
			denied = true
		case errors.Is(err, studio.ErrUnsure):
			unsure = err
		}
	}
	switch {
	case len(options) > 0:
		return options, nil
	case unsure != nil:
		return nil, unsure
	case denied:
		return nil, studio.ErrDenied
	}
	return nil, studio.ErrNotMapped
}

// Allowed says whether the person may still open the option: let in, and with
// that profile in that domain. SageMaker compares profile names without case,
// and so does this.
func (m *Mapping) Allowed(ctx context.Context, p studio.Person, o studio.Option) error {
	if err := m.admit(ctx, p); err != nil {
		return err
	}
	for _, d := range m.o.Domains {
		if d.Name != o.Domain {
			continue
		}
		now, err := m.option(ctx, p, d)
		if err != nil {
			return err
		}
		if !strings.EqualFold(now.Profile, o.Profile) {
			return fmt.Errorf("%w: another profile by now", studio.ErrNotMapped)
		}
		return nil
	}
	return fmt.Errorf("%w: the domain isn't configured any more", studio.ErrNotMapped)
}

// admit says whether the person may ask at all.
func (m *Mapping) admit(ctx context.Context, p studio.Person) error {
	home, ok := m.o.Directory.Home()
	if !ok {
		return fmt.Errorf("%w: the workspace isn't known yet", studio.ErrUnsure)
	}
	if !home.includes(p.Team) {
		return studio.ErrStranger
	}
	member, err := m.o.Directory.Member(ctx, p.User)
	if err != nil {
		return err
	}
	return m.o.Access.Admit(member, home)
}

// option asks the sources in their order; the first that knows counts.
func (m *Mapping) option(ctx context.Context, p studio.Person, d studio.Domain) (studio.Option, error) {
	for _, s := range m.o.Sources {
		a, err := s.Lookup(ctx, p, d.Name)
		switch {
		case err != nil:
			return studio.Option{}, fmt.Errorf("%w: %s: %w", studio.ErrUnsure, d.Name, err)
		case a.Denied:
			return studio.Option{}, studio.ErrDenied
		case a.Known:
			return studio.Option{Domain: d.Name, Label: d.Label, Profile: a.Profile, Target: d.Open}, nil
		}
	}
	return studio.Option{}, studio.ErrNotMapped
}
