package mapping

import (
	"fmt"

	"github.com/studiobot/studiobot/studio"
)

// errNoHome: Slack hasn't told yet which workspace is ours.
var errNoHome = fmt.Errorf("%w: our own workspace isn't known yet", studio.ErrUnsure)

// Home is the workspace (T…) that the app is installed in, and its organisation
// (E…), empty outside Enterprise Grid. For an organisation-wide install both
// are the organisation.
type Home struct{ Team, Enterprise string }

// includes says whether something that came from a team came from our place.
func (h Home) includes(team string) bool {
	return team != "" && (team == h.Team || team == h.Enterprise)
}

// owns says whether the person belongs to our workspace or organisation. On
// Enterprise Grid a colleague of another workspace is one of us, and the
// organisation decides; elsewhere the workspace does.
func (h Home) owns(m studio.Member) bool {
	if h.Enterprise != "" && m.Enterprise != "" {
		return m.Enterprise == h.Enterprise
	}
	return h.includes(m.Team)
}

// Access says who of the workspace may ask.
type Access struct {
	// Guests lets single- and multi-channel guests in.
	Guests bool
}

// Admit says why somebody isn't let in, or nil: studio.ErrDeactivated,
// ErrNotPerson (a bot, a workflow, an open invitation), ErrStranger, ErrGuest,
// and ErrUnsure where home isn't known. Who isn't surely one of ours is a
// stranger: Slack's own flag is false for people of another workspace who share
// a channel with us.
func (a Access) Admit(m studio.Member, home Home) error {
	switch {
	case home.Team == "":
		return errNoHome
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
