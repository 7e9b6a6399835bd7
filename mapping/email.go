package mapping

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/studiobot/studiobot/studio"
)

// directoryMaxAge is how long a complete reading of the workspace says whose
// addresses come out as the same name.
const directoryMaxAge = time.Hour

// EmailOptions is what an Email source is made of. All but MaxAge and Changed
// are required.
type EmailOptions struct {
	// Template makes the profile's name; see ParseTemplate.
	Template string
	// MailDomains are the mail domains whose addresses count, exactly: none of
	// their subdomains.
	MailDomains []string
	// Profiles are those that exist.
	Profiles *Profiles
	// Directory has the addresses: its options have Emails, and an Observe that
	// calls the source's.
	Directory *Directory
	// MaxAge is how long a complete reading of the directory serves; zero: 1 hour.
	MaxAge time.Duration
	// Changed is told by Watch who alone had a profile's name by their address,
	// and doesn't any more: it is another's too now, or they have another
	// address. Their Team is empty.
	Changed func([]studio.Person)
}

// Email is the source of those whose confirmed address makes the name of a user
// profile that exists. An address is weaker than an ID: administrators of Slack
// and of the mail can give it to another.
//
// An address with a plus sign gives nothing: its owner chooses what stands behind
// it, and so somebody else's name. Nor does it count where names come out the
// same, or they could take that name away.
//
// Where the addresses of several people of the workspace come out as one name
// it knows none of them, whether they are deactivated or not; bots and strangers
// don't count. So it can't answer before the whole workspace was read once, and
// once that is longer ago than MaxAge.
type Email struct {
	o        EmailOptions
	template Template
	domains  map[string]bool
	names    emailNames

	mu   sync.Mutex
	lost []studio.Person // not told yet
	more chan struct{}   // holds one when there are some
}

// NewEmail returns the source. The error says what is wrong with the
// template, or that the directory keeps no addresses.
func NewEmail(o EmailOptions) (*Email, error) {
	t, err := ParseTemplate(o.Template)
	switch {
	case err != nil:
		return nil, err
	case !o.Directory.o.Emails:
		return nil, errors.New("the directory keeps no e-mail addresses")
	}
	if o.MaxAge <= 0 {
		o.MaxAge = directoryMaxAge
	}
	e := &Email{
		o: o, template: t, domains: map[string]bool{},
		names: emailNames{first: map[string]string{}, more: map[string][]string{}},
		more:  make(chan struct{}, 1),
	}
	for _, d := range o.MailDomains {
		e.domains[strings.ToLower(d)] = true
	}
	return e, nil
}

// Observe is for DirectoryOptions.Observe.
func (e *Email) Observe(before, after studio.Member) {
	var to string
	if e.counts(after) {
		to = e.nameOf(after)
	}
	user := after.User
	if user == "" {
		user = before.User
	}
	lost := e.names.move(user, e.nameOf(before), to)
	if _, answered := e.o.Directory.Age(); !answered || len(lost) == 0 || e.o.Changed == nil {
		return
	}
	e.mu.Lock()
	for _, u := range lost {
		if u != user || after.User != "" { // who is dropped is asked for by name
			e.lost = append(e.lost, studio.Person{User: strings.Clone(u)})
		}
	}
	e.mu.Unlock()
	select {
	case e.more <- struct{}{}:
	default: // whoever is told takes all
	}
}

// counts says whether a member's name is theirs: of the people of the workspace,
// the deactivated too.
func (e *Email) counts(m studio.Member) bool {
	home, known := e.o.Directory.Home()
	return !m.Bot && !m.Stranger && (!known || home.owns(m))
}

// Watch tells Changed of losses until ctx ends.
func (e *Email) Watch(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-e.more:
		}
		e.mu.Lock()
		lost := e.lost
		e.lost = nil
		e.mu.Unlock()
		if len(lost) > 0 {
			e.o.Changed(lost)
		}
	}
}

// Name is what the source is, for people.
func (e *Email) Name() string { return "email " + e.template.text }

// listed says whether addresses of that mail domain count.
func (e *Email) listed(email string) bool {
	_, domain, ok := cutAddress(email)
	return ok && (e.domains[domain] || e.domains[strings.ToLower(domain)])
}

// Lookup implements Source.
func (e *Email) Lookup(ctx context.Context, p studio.Person, domain string) (Answer, error) {
	a, _, err := e.answer(ctx, p, domain)
	return a, err
}

// Why says why the source has no answer for a person, for the operator.
func (e *Email) Why(ctx context.Context, p studio.Person, domain string) string {
	_, why, err := e.answer(ctx, p, domain)
	if err != nil || why == nil {
		return ""
	}
	return why()
}

// answer says what the source has, or, when asked, why it has nothing.
func (e *Email) answer(ctx context.Context, p studio.Person, domain string) (a Answer, why func() string, err error) {
	if err := e.o.Directory.everybody(e.o.MaxAge); err != nil {
		return Answer{}, nil, err
	}
	m, err := e.o.Directory.Member(ctx, p.User)
	switch {
	case errors.Is(err, studio.ErrUnknownPerson):
		return Answer{}, func() string { return "Slack knows no such person" }, nil
	case err != nil:
		return Answer{}, nil, err
	}
	d, err := e.o.Profiles.ready(domain, false)
	if err != nil {
		return Answer{}, nil, err
	}
	if !e.counts(m) {
		return Answer{}, func() string { return "bots and people of other workspaces don't count" }, nil
	}
	if m.Email == "" {
		return Answer{}, func() string { return "Slack has no confirmed e-mail address of the person" }, nil
	}
	if !e.listed(m.Email) {
		return Answer{}, func() string { return fmt.Sprintf("%s isn't of a mail domain that counts", m.Email) }, nil
	}
	if strings.Contains(m.Email, "+") {
		return Answer{}, func() string {
			return fmt.Sprintf("the confirmed address %s has a plus sign: whoever has the part before it gets mail of any such address, and could choose a name", m.Email)
		}, nil
	}
	name, err := e.template.Profile(m.Email)
	if err != nil {
		no := err
		return Answer{}, func() string { return fmt.Sprintf("the confirmed address %s makes no name: %v", m.Email, no) }, nil
	}
	return e.holder(m, name, d)
}

// holder is answer for the name that a member's address makes.
func (e *Email) holder(m studio.Member, name string, d *domainProfiles) (Answer, func() string, error) {
	switch one, count := e.names.holders(name); {
	case count > 1:
		return Answer{}, func() string {
			return fmt.Sprintf("the confirmed address %s makes %s, as those of others do, %d people in all; none of them gets it", m.Email, name, count)
		}, nil
	case one != m.User:
		return Answer{}, nil, fmt.Errorf("it isn't known yet who else has the name %s", name)
	}
	profile, exists := d.get(name)
	if !exists || profile.status == deleting {
		return Answer{}, func() string {
			return fmt.Sprintf("the confirmed address %s makes %s, which doesn't exist in %s", m.Email, name, d.domain.Name)
		}, nil
	}
	if profile.anothers(m.User) {
		return Answer{}, func() string {
			return fmt.Sprintf("the confirmed address %s makes %s, whose tag names %s", m.Email, name, profile.claim)
		}, nil
	}
	return Answer{Known: true, Profile: profile.name, Origin: "email " + m.Email}, nil, nil
}

// Namesakes are the people whose address makes the name of that user profile,
// there or not: nobody else can be given it without reading what they do in it,
// or will.
func (e *Email) Namesakes(profile string) []studio.Person {
	var out []studio.Person
	for _, user := range e.names.users(strings.ToLower(profile)) {
		out = append(out, studio.Person{User: user})
	}
	return out
}

// Entries yields everybody who gets a profile by their address, domain by
// domain, without a Team. It asks nobody and minds no age: see Profiles.Age and
// Directory.Age.
func (e *Email) Entries(yield func(p studio.Person, domain string, a Answer) bool) {
	names, users := e.names.all()
	slices.Sort(names)
	for _, domain := range e.o.Profiles.order {
		d := e.o.Profiles.domains[domain]
		for _, name := range names {
			t, ok := d.get(name)
			if !ok || t.status == deleting || t.anothers(users[name]) {
				continue
			}
			origin := e.Name()
			if m, _, known := e.o.Directory.people.get(users[name]); known {
				origin = "email " + m.Email
			}
			if !yield(studio.Person{User: users[name]}, domain, Answer{Known: true, Profile: t.name, Origin: origin}) {
				return
			}
		}
	}
}

// AgeIn is how old the last complete reading of a domain's profiles is, and
// whether there was one.
func (e *Email) AgeIn(domain string) (time.Duration, bool) { return e.o.Profiles.Age(domain) }
