package studio

import "time"

// SignedIn is who a browser is signed in as, by OpenID Connect. It has either a
// Person, by Slack's own sign-in, or an Email, by another provider.
type SignedIn struct {
	// Person is the Slack user, with the workspace (T…) that they signed in to.
	Person Person
	// Enterprise is the Slack organisation, where Slack named one.
	Enterprise string
	// Email is the address that the provider vouches for, in lower case.
	Email string
	// Since is when the sign-in ended, Until when the browser has to sign in again.
	Since, Until time.Time
}

// Is says whether the browser is signed in, by Slack, as that very person. On
// Enterprise Grid a user has one ID in all workspaces, and a person's Team may
// be the organisation.
func (s SignedIn) Is(p Person) bool {
	return s.Person.User != "" && s.Person.User == p.User && p.Team != "" &&
		(s.Person.Team == p.Team || s.Enterprise == p.Team)
}
