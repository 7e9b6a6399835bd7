package mapping

import "github.com/studiobot/studiobot/studio"

// Home is the workspace, and the organisation, that this studiobot serves.
type Home struct{ Team, Enterprise string }

// includes says whether a team is ours: the workspace itself, or the
// organisation that it is part of.
func (h Home) includes(team string) bool {
	return team != "" && (team == h.Team || team == h.Enterprise)
}

// Access says who of the workspace may ask.
type Access struct {
	// Guests lets single- and multi-channel guests in.
	Guests bool
}

// Admit says why somebody isn't let in, with a sentinel of package studio, or
// nil. What isn't surely a member of ours is a stranger: Slack's own flag is
// false for people of another workspace who share a channel with us.
func (a Access) Admit(m studio.Member, home Home) error {
	switch {
	case m.Deleted:
		return studio.ErrDeactivated
	case m.Bot, m.Invited:
		return studio.ErrNotPerson
	case m.Stranger, !home.owns(m):
		return studio.ErrStranger
	case m.Guest && !a.Guests:
		return studio.ErrGuest
	}
	return nil
}

// owns says whether the person belongs to our workspace or organisation.
func (h Home) owns(m studio.Member) bool {
	return h.includes(m.Team) || h.Enterprise != "" && m.Enterprise == h.Enterprise
}
