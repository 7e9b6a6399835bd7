package mapping

import (
	"context"
	"fmt"
	"slices"

	"github.com/studiobot/studiobot/studio"
)

// errNoHome: Slack hasn't told yet which workspace is ours.
var errNoHome = fmt.Errorf("%w: our own workspace isn't known yet", studio.ErrUnsure)

// Home is the workspace (T…) that the app is installed in, and its organisation
// (E…), empty outside Enterprise Grid.
type Home struct {
	Team, Enterprise string
	// Org: the app is installed in the whole organisation. Team and Enterprise
	// are then both the organisation's ID.
	Org bool
}

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
	// Teams are the workspaces (T…) that may be asked from; empty: all of ours.
	Teams []string
	// UserGroups are the Slack user groups (S…) of which a person must be in one;
	// empty: no matter. DomainGroups says the same for single domains, by their
	// Name, and counts as well.
	UserGroups   []string
	DomainGroups map[string][]string
	// Admins may decide for others: users (U…, W…) and user groups (S…).
	Admins []string
	// Groups says who is in a user group. Required where groups are named.
	Groups *Groups
}

// Admit says why somebody isn't let in, or nil: studio.ErrDeactivated,
// ErrNotPerson (a bot, a workflow, an open invitation), ErrStranger, ErrGuest,
// and ErrUnsure where home isn't known. Who isn't surely one of ours is a
// stranger: Slack's own flag is false for people of another workspace who share
// a channel with us. User groups are another question; see Mapping.Grants.
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

// inGroups says why the user isn't in one of the groups, or nil: ErrNotInGroup,
// or ErrUnsure. No groups ask nothing.
func (a Access) inGroups(user string, groups []string) error {
	if len(groups) == 0 {
		return nil
	}
	in, err := a.Groups.In(user, groups)
	switch {
	case err != nil:
		return err
	case !in:
		return studio.ErrNotInGroup
	}
	return nil
}

// From returns who asks, of a command that was typed or a button that was
// pressed in a workspace, as the payload names them: its team, its enterprise
// (empty outside Enterprise Grid), and the user's ID. The person has Home's Team,
// whatever workspace the payload names: so a ticket that a command issued is
// found by the click on it.
//
// On Enterprise Grid somebody has one user ID in all workspaces of the
// organisation, while the team of a command and the account's team of a click
// may differ. Outside of it the team is ours or it is refused, and nothing
// differs. This says where the question comes from, and nothing of who asks: the
// payload of somebody of another organisation, in a channel shared with them,
// may name our enterprise as the place. Whoever the user ID belongs to, our own
// token's view of it says (Directory), where it names one account; Grants and
// Allowed refuse by that word those who aren't ours.
//
// The error is studio.ErrStranger for a place that isn't ours, ErrTeam for a
// workspace that Access.Teams leaves out (a payload without a team is on no
// list), and ErrUnsure before SetHome. With ErrTeam comes the person too: a press
// names the workspace of the account, not the one where the button stands, and
// that button was sent to somebody in a workspace on the list.
func (m *Mapping) From(_ context.Context, team, enterprise, user string) (studio.Person, error) {
	home, ok := m.o.Directory.Home()
	switch {
	case !ok:
		return studio.Person{}, errNoHome
	case !home.includes(team) && (enterprise == "" || enterprise != home.Enterprise):
		return studio.Person{}, studio.ErrStranger
	case len(m.o.Access.Teams) > 0 && !slices.Contains(m.o.Access.Teams, team):
		return studio.Person{Team: home.Team, User: user}, studio.ErrTeam
	}
	return studio.Person{Team: home.Team, User: user}, nil
}

// Admin says whether the person may decide for others: they are one of
// Access.Admins, and let in by Access.Admit. The user groups of those who may
// open something aren't asked. An error wraps studio.ErrUnsure: it can't be said
// now.
func (m *Mapping) Admin(ctx context.Context, p studio.Person) (bool, error) {
	a := m.o.Access
	var groups []string
	named := false
	for _, id := range a.Admins {
		if slackID(id, "S") {
			groups = append(groups, id)
		} else if id == p.User {
			named = true
		}
	}
	if !named {
		if err := a.inGroups(p.User, groups); err != nil || len(groups) == 0 {
			return false, onlyUnsure(err)
		}
	}
	_, err := m.member(ctx, p)
	return err == nil, onlyUnsure(err)
}
