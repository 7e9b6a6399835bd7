package studiobot

import (
	"context"
	"errors"
	"fmt"

	"github.com/studiobot/studiobot/studio"
)

// The kinds of a Finding.
const (
	// FindingDomain: a domain that SageMaker doesn't have, that can't be opened, or
	// that the config doesn't have.
	FindingDomain = "domain"
	// FindingProfile: a user profile that SageMaker doesn't have.
	FindingProfile = "profile"
	// FindingShared: two people have one user profile in a domain.
	FindingShared = "shared"
	// FindingPerson: somebody who isn't let in: deactivated, a guest where guests
	// aren't, of another workspace, no person, or unknown to Slack.
	FindingPerson = "person"
	// FindingShadowed: an entry that never counts, for earlier sources.
	FindingShadowed = "shadowed"
	// FindingTag: a tag whose value is no Slack ID.
	FindingTag = "tag"
	// FindingConflict: several user profiles of a domain claim one person.
	FindingConflict = "conflict"
)

// Finding is something in the mapping that somebody should look at.
type Finding struct {
	Kind string `json:"kind"`
	// At is where it stands: FILE:LINE, or the source's name.
	At string `json:"at"`
	// User is whom it is about, as it stands there: U… or T…/U….
	User    string   `json:"user,omitempty"`
	Profile string   `json:"profile,omitempty"`
	Domains []string `json:"domains,omitempty"`
	// Problem is what is wrong, Mend what to do.
	Problem string `json:"problem"`
	Mend    string `json:"mend"`
}

// String is the line that an operator reads: users.yaml:7: …; ….
func (f Finding) String() string { return f.At + ": " + f.Problem + "; " + f.Mend }

// Lint goes through the whole mapping and calls yield with what is wrong with it,
// until yield returns false: the domains first, then each source in the order of
// the config. The memory that it takes grows with the user profiles, not with the
// entries. Offline neither people, nor profiles and domains are looked at.
//
// The error is that Slack or SageMaker can't be asked: nothing was found to be
// right then.
func (r *Review) Lint(ctx context.Context, yield func(Finding) bool) error {
	if err := r.readAll(ctx); err != nil {
		return err
	}
	going := true
	l := &linter{r: r, first: map[owned]owner{}, yield: func(f Finding) { going = going && yield(f) }}
	if !r.o.Offline {
		if err := l.readDomains(ctx); err != nil {
			return err
		}
	}
	for _, s := range r.sources {
		if tag, ok := s.Source.(interface {
			Odd(yield func(domain, profile, value string) bool)
		}); ok {
			tag.Odd(func(domain, profile, value string) bool {
				l.yield(Finding{
					Kind: FindingTag, At: s.name, Profile: profile, Domains: []string{domain},
					Problem: fmt.Sprintf("%s in %s has the value %q, which is no Slack user ID, and counts for nobody", profile, domain, value),
					Mend:    "write one like U012AB3CD",
				})
				return going
			})
		}
	}
	return r.each(ctx, func(e *entry) bool {
		l.entry(ctx, e)
		return going
	})
}

// linter looks at one entry after the other.
type linter struct {
	r     *Review
	yield func(Finding)
	// profiles are those that SageMaker lists, in lower case, by domain. A domain
	// that can't be opened isn't there.
	profiles map[string]map[string]struct{}
	// first is who was seen first with each user profile.
	first map[owned]owner
}

// owned is a user profile in lower case, as SageMaker compares names.
type owned struct{ domain, profile string }

// owner is who has it: whom, as what, and where that stands.
type owner struct{ user, profile, at string }

// entry looks at one.
func (l *linter) entry(ctx context.Context, e *entry) {
	if l.unconfigured(e) || l.shadowed(e) {
		return
	}
	switch {
	case e.answer.Conflict != "":
		l.say(e, Finding{Kind: FindingConflict, Domains: domainsOf(e.words), Problem: e.answer.Conflict + ", " + e.key.User,
			Mend: "take the tag off all but one; until then none of them is used"})
	case !e.answer.Denied:
		if l.person(ctx, e) {
			l.missing(e)
			l.shared(e)
		}
	}
}

// say tells a finding about an entry.
func (l *linter) say(e *entry, f Finding) {
	f.At, f.User, f.Profile = l.at(e), keyOf(e.key), e.answer.Profile
	l.yield(f)
}

// at is where an entry stands, as short as lines of a linter are.
func (l *linter) at(e *entry) string {
	if s := l.r.sources[e.source]; s.kind != SourceFile {
		return s.name
	}
	return e.answer.Origin
}

// keyOf is how files write a person.
func keyOf(p studio.Person) string {
	if p.Team == "" {
		return p.User
	}
	return p.String()
}

// written says whether somebody wrote the entry down: what the e-mail source
// gives follows from the people and the profiles, and is nobody's to take out.
func (l *linter) written(e *entry) bool { return l.r.sources[e.source].kind != SourceEmail }

// removal is how an entry is taken out.
func (l *linter) removal(e *entry) string {
	switch l.r.sources[e.source].kind {
	case SourceTag:
		return "take the tag off " + e.answer.Profile
	case SourceTable:
		return "remove the link (admin unlink)"
	}
	return "take the entry out"
}

func domainsOf(words []verdict) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = w.domain
	}
	return out
}

// person tells of somebody who isn't let in, and says whether they may be. What
// else is wrong with an entry of somebody who isn't is no matter.
func (l *linter) person(ctx context.Context, e *entry) (may bool) {
	if l.r.o.Offline || len(e.words) == 0 {
		return true
	}
	err := l.r.people.Allowed(ctx, e.person, studio.Option{Domain: e.words[0].domain, Profile: e.answer.Profile})
	if err == nil {
		return true
	}
	for _, known := range []struct {
		err           error
		problem, mend string
	}{
		{studio.ErrDeactivated, "%s is deactivated in Slack", l.removal(e)},
		{studio.ErrGuest, "%s is a guest of the workspace, and access.guests is deny", l.removal(e) + ", or set access.guests to allow"},
		{studio.ErrNotPerson, "%s is a bot or a workflow in Slack, or an invitation that wasn't accepted yet", "correct the ID, or " + l.removal(e)},
		{studio.ErrStranger, "%s is of another workspace or organisation", "correct the ID, or " + l.removal(e)},
		{studio.ErrUnknownPerson, "%s is unknown to Slack", "correct the ID, or " + l.removal(e)},
	} {
		if errors.Is(err, known.err) {
			if l.written(e) {
				l.say(e, Finding{Kind: FindingPerson, Problem: fmt.Sprintf(known.problem, keyOf(e.key)), Mend: known.mend})
			}
			return false
		}
	}
	return true
}
