package mapping

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/studiobot/studiobot/studio"
)

const (
	// putAtOnce is how many links a store takes in one step.
	putAtOnce = 1000
	// maxBy bounds who made a link: two IDs, and what is between them.
	maxBy = 2*maxID + 1
	// patient lets a write find more changes laid over the copy before it puts
	// them together: somebody in Slack waits for it.
	patient = 4
)

// LinkError is what is wrong with a link.
type LinkError struct {
	// Field is the one of Link: Person, Domain, Profile, By or At.
	Field string
	// Problem is a sentence for people, without its full stop.
	Problem string
}

// Error names the field too.
func (e *LinkError) Error() string { return "link: " + e.Field + ": " + e.Problem }

// CheckLink says what is wrong with a link, as a *LinkError, or nil. domains are
// the names of the configured domains.
func CheckLink(l Link, domains []string) error {
	field, problem := "", ""
	switch p, ok := personKey(key(l.Person)); {
	case !ok || p != l.Person:
		field, problem = "Person", noUser(key(l.Person))
	case l.Domain != "" && !slices.Contains(domains, l.Domain):
		field, problem = "Domain", notADomain(l.Domain, domains)
	case l.Denied && l.Profile != "":
		field, problem = "Profile", "who is denied has no user profile"
	case !l.Denied && l.Profile == "":
		field, problem = "Profile", "no user profile"
	case strings.EqualFold(l.Profile, denyWord):
		field, problem = "Profile", "deny is no user profile's name; it stands for none"
	case !l.Denied && notAProfile(l.Profile) != "":
		field, problem = "Profile", notAProfile(l.Profile)
	case len(l.By) > maxBy || !utf8.ValidString(l.By) || strings.ContainsFunc(l.By, unicode.IsControl):
		field, problem = "By", fmt.Sprintf("%q is nobody", clip(l.By))
	case !l.At.IsZero() && (l.At.Year() < 2000 || l.At.Year() > 2100):
		field, problem = "At", "no moment of these days"
	default:
		return nil
	}
	return &LinkError{field, problem}
}

// Put keeps links in the store, each in place of the one of that person and
// domain, up to 1,000 in one step. Before it returns this table's answers follow,
// and who lost something was told of to TableOptions.Changed. Where At is zero it
// becomes now.
//
// The error is a *LinkError, and nothing was written then; or that the store
// can't be asked, and then some may be written. Doing it again is harmless.
func (t *Table) Put(ctx context.Context, links ...Link) error {
	links = slices.Clone(links)
	for i := range links {
		if err := CheckLink(links[i], t.o.Domains); err != nil {
			return err
		}
		links[i].At = t.moment(links[i].At)
	}
	for some := range slices.Chunk(links, putAtOnce) {
		if err := t.o.Links.PutLinks(ctx, some...); err != nil {
			return fmt.Errorf("table: write links: %w", err)
		}
	}
	return t.refresh(ctx, patient)
}

// Drop removes the link of a person in a domain (empty: the one for every
// domain), which needn't be configured any more. It returns the link that was
// there, and whether there was one. Otherwise it is as Put.
func (t *Table) Drop(ctx context.Context, p studio.Person, domain, by string, at time.Time) (Link, bool, error) {
	l, found, err := t.o.Links.DropLink(ctx, p, domain, by, t.moment(at))
	if err != nil {
		return Link{}, false, fmt.Errorf("table: remove a link: %w", err)
	}
	return l, found, t.refresh(ctx, patient)
}

// moment is when something was done, as the store keeps it.
func (t *Table) moment(at time.Time) time.Time {
	if at.IsZero() {
		at = t.o.Now()
	}
	return at.UTC().Truncate(time.Millisecond)
}
