package mapping

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/studiobot/studiobot/studio"
)

const (
	// passEvery is the pause between two readings of a domain's profiles.
	passEvery = 5 * time.Minute
	// profilesMaxAge is how long the last good reading serves.
	profilesMaxAge = 6 * time.Hour
	// retryAfter is the pause after a reading that failed, doubled at each next
	// one up to the usual pause.
	retryAfter = 15 * time.Second
	// domainsAtOnce is how many domains are read at the same time.
	domainsAtOnce = 4
	// maxProfiles bounds what is kept of one domain.
	maxProfiles = 100_000
)

// Lister lists user profiles. studio/sagemaker is the one that production has.
// It paces itself, and what it is asked ends with ctx. Errors' texts go to the
// log.
type Lister interface {
	// Profiles calls each with every user profile of the domain of that name. An
	// error of each ends it, and is returned as it is. Without an error all were
	// seen.
	Profiles(ctx context.Context, domain string, each func(studio.Profile) error) error
	// ProfileTags returns the tags of a user profile; studio.ErrNoProfile where
	// it is gone.
	ProfileTags(ctx context.Context, domain, profile string) (map[string]string, error)
}

// ProfilesOptions is what Profiles are made of. Lister, Domains and Log are
// required.
type ProfilesOptions struct {
	Lister Lister
	// Domains are those that are read. A copy counts only for the domain with
	// the same ID and Region.
	Domains []studio.Domain
	// Tag is the key of the tag that carries a Slack user ID; empty: no tags are
	// read.
	Tag string
	// Copies keep each complete reading beyond this process; nil: nobody does.
	Copies Copies
	// Turn waits until it is this process's turn to read, and is called before
	// each reading: where several share the Copies, one reads for all, and the
	// others take its copies in. Nil: it always is.
	Turn func(ctx context.Context) error
	// FollowEvery is how often is looked for a copy of another process; zero: 20 s.
	FollowEvery time.Duration
	Log         *slog.Logger
	// Every is the pause between two readings of a domain, give or take a tenth;
	// zero: 5 minutes.
	Every time.Duration
	// MaxAge is how long a reading serves, counted from its beginning; zero: 6
	// hours. After that nothing is known, and the sources say so.
	MaxAge time.Duration
	// Changed is told, after that is in force, who lost the profile that a tag
	// gave them, or has another one now. Their Team is empty where the tag names
	// no workspace. Called without locks held, possibly several at a time.
	Changed func([]studio.Person)
	// Shadows: sources follow the tags whose grants these hide, so that a person
	// who is claimed for the first time may have had something else before, and
	// is told of too.
	Shadows bool
	// Now is the clock; nil: time.Now.
	Now func() time.Time
}

// Profiles knows the user profiles of each domain, and whom their tags name, as
// SageMaker listed them in the background. Looking something up asks nobody. Safe
// for concurrent use.
//
// What a reading finds counts at once, each profile and each tag by itself:
// someone tagged a minute ago doesn't wait for twenty thousand others. What a
// reading doesn't list any more is gone at the end of the listing. One that fails
// keeps what was known, and makes it no younger.
type Profiles struct {
	o       ProfilesOptions
	domains map[string]*domainProfiles
	order   []string
}

// NewProfiles returns Profiles that know nothing yet: see Load, Watch and Pass.
func NewProfiles(o ProfilesOptions) *Profiles {
	if o.Every <= 0 {
		o.Every = passEvery
	}
	if o.MaxAge <= 0 {
		o.MaxAge = profilesMaxAge
	}
	if o.FollowEvery <= 0 {
		o.FollowEvery = followEvery
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	p := &Profiles{o: o, domains: map[string]*domainProfiles{}}
	for _, d := range o.Domains {
		p.domains[d.Name] = newDomainProfiles(d, o.Shadows)
		p.order = append(p.order, d.Name)
	}
	return p
}

// Watch loads the copies, then reads every domain again and again until ctx
// ends: at most four domains at a time. With ProfilesOptions.Turn it takes in
// what others read, too.
func (p *Profiles) Watch(ctx context.Context) {
	turns := make(chan struct{}, domainsAtOnce)
	var all sync.WaitGroup
	for _, name := range p.order {
		all.Go(func() { p.watch(ctx, p.domains[name], turns) })
		if p.o.Turn != nil && p.o.Copies != nil {
			all.Go(func() { p.follow(ctx, p.domains[name]) })
		}
	}
	all.Wait()
}

func (p *Profiles) watch(ctx context.Context, d *domainProfiles, turns chan struct{}) {
	p.load(ctx, d)
	for failed := 0; ; {
		if p.o.Turn != nil && p.o.Turn(ctx) != nil {
			return
		}
		select {
		case turns <- struct{}{}:
		case <-ctx.Done():
			return
		}
		err := p.pass(ctx, d)
		<-turns
		if ctx.Err() != nil {
			return
		}
		wait := p.o.Every
		switch {
		case err != nil:
			if failed == 0 {
				p.o.Log.WarnContext(ctx, "the user profiles of a domain couldn't be read; what was known stays until it is too old",
					"domain", d.domain.Name, "max_age", p.o.MaxAge, "err", err)
			}
			wait = min(wait, retryAfter<<min(failed, 10))
			failed++
		case failed > 0:
			p.o.Log.InfoContext(ctx, "the user profiles of a domain can be read again", "domain", d.domain.Name)
			failed = 0
		}
		select {
		case <-time.After(wait - wait/10 + rand.N(wait/5+1)):
		case <-ctx.Done():
			return
		}
	}
}

// Pass reads every domain once, completely: for the command line. The error
// joins those of the domains.
func (p *Profiles) Pass(ctx context.Context) error {
	var errs error
	for _, name := range p.order {
		if err := p.pass(ctx, p.domains[name]); err != nil {
			errs = errors.Join(errs, fmt.Errorf("%s: %w", name, err))
		}
	}
	return errs
}

// Age is how old the last complete reading of a domain is, tags included,
// counted from its beginning; and whether there has been one at all.
func (p *Profiles) Age(domain string) (age time.Duration, complete bool) {
	d, ok := p.domains[domain]
	if !ok {
		return 0, false
	}
	_, whole := d.times()
	if whole.IsZero() {
		return 0, false
	}
	return p.o.Now().Sub(whole), true
}

// Count is how many user profiles are known in a domain, and how many of them
// name a person by their tag.
func (p *Profiles) Count(domain string) (profiles, tagged int) {
	d, ok := p.domains[domain]
	if !ok {
		return 0, 0
	}
	return d.count()
}

// ready returns the domain if what is known of it is young enough: of its list,
// or of its tags too.
func (p *Profiles) ready(domain string, tags bool) (*domainProfiles, error) {
	d, ok := p.domains[domain]
	if !ok {
		return nil, fmt.Errorf("the user profiles of %s aren't read", clip(domain))
	}
	at, whole := d.times()
	if tags {
		at = whole
	}
	if at.IsZero() {
		return nil, fmt.Errorf("the user profiles of %s haven't been read yet", domain)
	}
	if age := p.o.Now().Sub(at); age >= p.o.MaxAge {
		return nil, fmt.Errorf("the user profiles of %s were read %v ago, longer than %v", domain, age.Round(time.Second), p.o.MaxAge)
	}
	return d, nil
}

// publish tells what a change of one domain means: the log of conflicts, and
// Changed of losses.
func (p *Profiles) publish(d *domainProfiles, n news) {
	for _, c := range n.clashes {
		if c.profiles == "" {
			p.o.Log.Info("no two user profiles claim the person any more", "domain", d.domain.Name, "tag", p.o.Tag, "user", c.user)
			continue
		}
		p.o.Log.Warn("several user profiles claim one person; none of them is used",
			"domain", d.domain.Name, "tag", p.o.Tag, "user", c.user, "profiles", c.profiles)
	}
	if len(n.lost) > 0 && p.o.Changed != nil {
		slices.SortFunc(n.lost, func(a, b studio.Person) int { return strings.Compare(a.String(), b.String()) })
		p.o.Changed(slices.Compact(n.lost))
	}
}
