package studiobot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/studiobot/studiobot/studio"
)

// readDomains asks SageMaker about the domains, and for their user profiles: as
// they are now, whatever the store has of them.
func (l *linter) readDomains(ctx context.Context) error {
	client := l.r.h.studio
	client.Look(ctx)
	l.profiles = map[string]map[string]struct{}{}
	for _, d := range l.r.cfg.Domains {
		f := Finding{Kind: FindingDomain, At: "domain " + d.Name, Domains: []string{d.Name}}
		if _, sso := client.SignIn(d.Name); sso {
			f.Problem = d.ID + " is in Identity Center mode (AuthMode SSO) and has no presigned URLs: nobody can be sent there"
			f.Mend = "take it out of the config, or use a domain with AuthMode IAM"
			l.yield(f)
			continue
		}
		listed := map[string]struct{}{}
		err := client.Profiles(ctx, d.Name, func(p studio.Profile) error {
			if p.Status != deletingStatus {
				listed[strings.ToLower(p.Name)] = struct{}{}
			}
			return nil
		})
		switch {
		case errors.Is(err, studio.ErrNoProfile):
			f.Problem = "SageMaker has no domain " + d.ID + " in " + d.Region
			f.Mend = "correct id and region in the config, or use AWS credentials of its account"
			l.yield(f)
		case err != nil:
			return fmt.Errorf("the user profiles of %s can't be listed: %w", d.Name, err)
		default:
			l.profiles[d.Name] = listed
		}
	}
	return nil
}

// deletingStatus is SageMaker's word for a profile that is about to go.
const deletingStatus = "Deleting"

// unconfigured tells of an entry about a domain that isn't configured: the table
// may have some of an earlier config.
func (l *linter) unconfigured(e *entry) bool {
	if e.domain == "" || slices.Contains(l.r.cfg.domainNames(), e.domain) {
		return false
	}
	l.say(e, Finding{
		Kind: FindingDomain, Domains: []string{e.domain},
		Problem: fmt.Sprintf("%s has a word in %s, which the config doesn't have", keyOf(e.key), e.domain),
		Mend:    l.removal(e) + ", or configure the domain again",
	})
	return true
}

// shadowed tells of an entry that counts nowhere, because earlier sources speak
// of the same person in all of its domains.
func (l *linter) shadowed(e *entry) bool {
	if len(e.words) == 0 || slices.ContainsFunc(e.words, verdict.counts) {
		return false
	}
	if !l.written(e) {
		return true // it is there for those whom the others don't know
	}
	var origins []string
	for _, w := range e.words {
		if !slices.Contains(origins, w.origin) {
			origins = append(origins, w.origin)
		}
	}
	what := "has " + e.answer.Profile
	switch {
	case e.answer.Denied:
		what = "is denied"
	case e.answer.Conflict != "":
		what = "is claimed by several profiles"
	}
	domains := domainsOf(e.words)
	l.say(e, Finding{
		Kind: FindingShadowed, Domains: domains,
		Problem: fmt.Sprintf("%s %s in %s, which never counts: %s comes first", keyOf(e.key), what, names(domains), strings.Join(origins, " and ")),
		Mend:    "keep one of the two",
	})
	return true
}

func names(domains []string) string { return strings.Join(domains, ", ") }

// missing tells of a user profile that isn't there, of those who would get it.
// The sources that go by SageMaker's own list name no others.
func (l *linter) missing(e *entry) {
	if kind := l.r.sources[e.source].kind; kind != SourceFile && kind != SourceTable {
		return
	}
	var domains []string
	for _, w := range e.words {
		listed, known := l.profiles[w.domain]
		if !known || !w.counts() {
			continue
		}
		if _, there := listed[strings.ToLower(e.answer.Profile)]; !there {
			domains = append(domains, w.domain)
		}
	}
	if len(domains) > 0 {
		l.say(e, Finding{
			Kind: FindingProfile, Domains: domains,
			Problem: fmt.Sprintf("the user profile %s of %s doesn't exist in %s", e.answer.Profile, keyOf(e.key), names(domains)),
			Mend:    "make it, or correct the name",
		})
	}
}

// shared tells of a user profile that somebody before has too: once for all
// domains where it is the same person.
func (l *linter) shared(e *entry) {
	var with []owner
	var domains map[owner][]string
	for _, w := range e.words {
		if !w.counts() {
			continue
		}
		key := owned{w.domain, strings.ToLower(e.answer.Profile)}
		first, taken := l.first[key]
		switch {
		case !taken:
			l.first[key] = owner{e.person.User, e.answer.Profile, e.answer.Origin}
		case first.user != e.person.User:
			if domains == nil {
				domains = map[owner][]string{}
			}
			if len(domains[first]) == 0 {
				with = append(with, first)
			}
			domains[first] = append(domains[first], w.domain)
		}
	}
	for _, first := range with {
		where := names(domains[first])
		problem := fmt.Sprintf("%s has the user profile %s in %s, as %s has (%s)", keyOf(e.key), e.answer.Profile, where, first.user, first.at)
		if first.profile != e.answer.Profile {
			problem = fmt.Sprintf("%s has the user profile %s in %s, and %s has %s (%s), which is the same one to SageMaker",
				keyOf(e.key), e.answer.Profile, where, first.user, first.profile, first.at)
		}
		l.say(e, Finding{Kind: FindingShared, Domains: domains[first], Problem: problem + "; they share its files and apps", Mend: "give one of them another"})
	}
}
