package mapping

import (
	"context"

	"github.com/studiobot/studiobot/studio"
)

// Answer is what a source says of one person in one domain. The zero value says
// nothing: the next source is asked.
type Answer struct {
	// Known: the source has a word on it. The first source that knows counts.
	Known bool
	// Denied: the person gets nothing in this domain, whatever later sources
	// say.
	Denied bool
	// Profile is the user profile's name, as CreatePresignedDomainUrl takes it;
	// empty where Denied.
	Profile string
	// Origin says where it stands, for the operator: users.yaml:12.
	Origin string
}

// Source is one place where an organisation keeps who has which profile.
type Source interface {
	// Lookup says what the source has on a person in the domain of that name.
	// It is asked at every command and every click, so it answers from what is
	// at hand; one that must wait for somebody ends with ctx. It is safe for
	// concurrent use. It isn't asked whether the person may ask at all.
	//
	// An error means that the source can't answer now, never that it doesn't
	// know: the person is told to try again, and no later source is asked, so
	// that an outage hands nobody to a weaker one. The error's text goes to the
	// log.
	Lookup(ctx context.Context, p studio.Person, domain string) (Answer, error)
}
