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
	// empty where Denied, and where there is a Conflict.
	Profile string
	// Conflict says, in words for the operator, what contradicts what: the
	// person is known, and nobody can say which profile is theirs. Like a denial
	// it counts, whatever later sources say.
	Conflict string
	// Origin says where it stands, for the operator: users.yaml:12.
	Origin string
}

// Source is one place where an organisation keeps who has which profile. For
// Mapping.Explain it may also have a Name() string that says what it is, and a
//
//	Why(ctx context.Context, p studio.Person, domain string) string
//
// that says why it has no word on somebody, both in the operator's terms.
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
