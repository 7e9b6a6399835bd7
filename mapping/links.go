package mapping

import (
	"context"
	"time"

	"github.com/studiobot/studiobot/studio"
)

// Link is one row of the table: who has which profile in a domain, made in
// Slack or on the command line.
type Link struct {
	// Person's Team is empty where the row is about the user ID in whatever
	// workspace, as a bare ID in a users file is.
	Person studio.Person
	// Domain is the Name of a domain; empty: every domain that has no row of its
	// own for the person.
	Domain string
	// Profile is the user profile; empty where Denied.
	Profile string
	Denied  bool
	// By is who made it, as studio.Person.String writes it, or a word of ours
	// like "import". At is when, in whole milliseconds.
	By string
	At time.Time
}

// Change is a link that came, replaced another, or went.
type Change struct {
	Link
	// Gone: there is no such link any more. Profile and Denied are then those of
	// the link that was there, By and At tell who removed it, and when.
	Gone bool
}

// Links is what keeps the table. store/sqlite is one that lasts.
// store/conformance holds each engine to this contract. Everything in it is
// shared by all processes that open the same store, and every method may be
// called concurrently.
//
// An error means that the store can't be asked, and that the write may or may
// not have happened. Writing the same again is harmless.
type Links interface {
	// PutLinks keeps the links, each in place of the one of that person and
	// domain; of two for the same pair the later one stays. One call is atomic
	// up to 1,000 links; more are best given at once, which engines write faster.
	// A link that stands there already, the same but for By
	// and At, is left alone: it makes no change.
	PutLinks(ctx context.Context, links ...Link) error
	// DropLink removes the link of a person in a domain (empty: the one for
	// every domain) and says whether there was one.
	DropLink(ctx context.Context, p studio.Person, domain, by string, at time.Time) (Link, bool, error)
	// LinkChanges calls each with the latest change of every person and domain
	// that changed after the revision, in the order of the changes, and returns
	// the revision that it got to. Revision 0 is before everything: each is then
	// called for all links that there are, and for none that are gone. Where
	// nothing changed it returns at least after; less means that the store was
	// put back to an older state. No change is missed however writes and reads overlap. An error of each ends it, and
	// is returned as it is.
	LinkChanges(ctx context.Context, after int64, each func(Change) error) (revision int64, err error)
}
