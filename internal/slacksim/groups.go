package slacksim

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ErrNoGroup: there is no such user group.
var ErrNoGroup = errors.New("slacksim: no such user group")

// maxGroupUsers is how many members subteam_updated lists.
const maxGroupUsers = 500

// UserGroup is a user group (a "subteam") of one workspace.
type UserGroup struct {
	ID           string // S…
	TeamID       string // empty: the server's
	Name, Handle string // empty: the ID, and it in lower case
	Members      []string
	Disabled     bool
}

type group struct {
	UserGroup
	created, updated int64 // Unix seconds
	disabled         int64 // 0: not
}

// AddUserGroup adds or replaces a user group (S…) and its members without
// telling the app.
func (s *Server) AddUserGroup(id string, members ...string) {
	s.PutUserGroup(UserGroup{ID: id, Members: members})
}

// PutUserGroup is AddUserGroup with choices.
func (s *Server) PutUserGroup(g UserGroup) {
	g.TeamID, g.Name, g.Handle = or(g.TeamID, s.o.TeamID), or(g.Name, g.ID), or(g.Handle, strings.ToLower(g.ID))
	g.Members = append([]string{}, g.Members...)
	now := time.Now().Unix()
	kept := &group{UserGroup: g, created: now, updated: now}
	if g.Disabled {
		kept.disabled = now
	}
	s.people.mu.Lock()
	defer s.people.mu.Unlock()
	s.people.groups[g.ID] = kept
}

// ChangeUserGroup replaces the members of a group and sends
// subteam_members_changed where that makes a difference and the token has
// usergroups:read. (An app that subscribes to subteam_updated would get that
// as well; here only DisableUserGroup sends it.) It fails with ErrNoGroup.
func (s *Server) ChangeUserGroup(id string, members ...string) error {
	s.people.mu.Lock()
	g, known := s.people.groups[id]
	if !known {
		s.people.mu.Unlock()
		return ErrNoGroup
	}
	without := func(list, others []string) []string {
		return slices.DeleteFunc(append([]string{}, list...), func(u string) bool { return slices.Contains(others, u) })
	}
	added, removed := without(members, g.Members), without(g.Members, members)
	g.Members = append([]string{}, members...)
	previous := g.touch()
	updated, team := g.updated, g.TeamID
	s.people.mu.Unlock()
	if len(added)+len(removed) == 0 || !s.holds("usergroups:read") {
		return nil
	}
	count := func(list []string) any { // a string in the documentation, a number in Slack's Node types
		if s.o.NumericCounts {
			return len(list)
		}
		return strconv.Itoa(len(list))
	}
	body, _ := json.Marshal(object{
		"type": "subteam_members_changed", "subteam_id": id, "team_id": team,
		"date_previous_update": previous, "date_update": updated, "event_ts": s.stamp(),
		"added_users": added, "added_users_count": count(added),
		"removed_users": removed, "removed_users_count": count(removed),
	}) // strings and numbers always marshal
	s.sendEvent(body, team)
	return nil
}

// DisableUserGroup disables a group and sends subteam_updated. Its members
// stay, as with Slack, where who enables it again has them back. It fails with
// ErrNoGroup.
func (s *Server) DisableUserGroup(id string) error {
	s.people.mu.Lock()
	g, known := s.people.groups[id]
	if !known {
		s.people.mu.Unlock()
		return ErrNoGroup
	}
	g.touch()
	g.Disabled, g.disabled = true, g.updated
	whole, team := g.object(s.o, true, true), g.TeamID
	s.people.mu.Unlock()
	if !s.holds("usergroups:read") {
		return nil
	}
	if users, _ := whole["users"].([]string); len(users) > maxGroupUsers {
		whole["users"] = users[:maxGroupUsers]
	}
	body, _ := json.Marshal(object{"type": "subteam_updated", "subteam": whole, "event_ts": s.stamp()}) // as above
	s.sendEvent(body, team)
	return nil
}

// touch moves the time of the last change on, by a second at least: two
// changes in one keep their order. It returns the previous one.
func (g *group) touch() int64 {
	previous := g.updated
	g.updated = max(time.Now().Unix(), previous+1)
	return previous
}

// object is the group on the wire.
func (g *group) object(o Options, users, count bool) object {
	whole := object{
		"id": g.ID, "team_id": g.TeamID, "is_usergroup": true, "is_subteam": true, "name": g.Name,
		"description": "", "handle": g.Handle, "is_external": false, "date_create": g.created,
		"date_update": g.updated, "date_delete": g.disabled, "auto_type": nil, "auto_provision": false,
		"enterprise_subteam_id": "", "created_by": "U0ADMIN", "updated_by": "U0ADMIN", "deleted_by": nil,
		"prefs": object{"channels": []string{}, "groups": []string{}}, "channel_count": 0,
	}
	if o.EnterpriseID != "" {
		whole["enterprise_id"] = o.EnterpriseID
	}
	if g.Disabled {
		whole["deleted_by"] = "U0ADMIN"
	}
	if users {
		whole["users"] = append([]string{}, g.Members...)
	}
	if count {
		whole["user_count"] = len(g.Members)
	}
	return whole
}

func (s *Server) userGroupsList(c *call) ([]byte, slackError) {
	team, body, code := s.inTeam(c, "invalid_team")
	if code != "" {
		return body, code
	}
	s.people.mu.RLock()
	defer s.people.mu.RUnlock()
	groups := []object{}
	for _, id := range s.people.groupIDs() {
		g := s.people.groups[id]
		if team != "" && g.TeamID != team || g.Disabled && !c.truthy("include_disabled") {
			continue
		}
		groups = append(groups, g.object(s.o, c.truthy("include_users"), c.truthy("include_count")))
	}
	return okWith("usergroups", groups), ""
}

// groupIDs are the IDs in order. Under the lock.
func (r *roster) groupIDs() []string {
	ids := make([]string, 0, len(r.groups))
	for id := range r.groups {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// userGroupsUsersList answers for a disabled group only who asks for those;
// that it has no members otherwise is said of the parameter, not of the error.
func (s *Server) userGroupsUsersList(c *call) ([]byte, slackError) {
	team, body, code := s.inTeam(c, "no_such_subteam")
	if code != "" {
		return body, code
	}
	s.people.mu.RLock()
	defer s.people.mu.RUnlock()
	g, known := s.people.groups[c.params.Get("usergroup")]
	if !known || team != "" && g.TeamID != team || g.Disabled && !c.truthy("include_disabled") {
		return nil, "no_such_subteam"
	}
	return okWith("users", g.Members), ""
}
