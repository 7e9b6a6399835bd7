package slacksim

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// Team is a workspace of the organisation.
type Team struct {
	ID           string // T…
	Name, Domain string // empty: made from the ID
}

// AddTeam adds a workspace, or renames one. People of the organisation have to
// be added after their workspaces.
func (s *Server) AddTeam(t Team) {
	s.people.mu.Lock()
	defer s.people.mu.Unlock()
	s.people.addTeam(t)
}

// Teams returns the workspaces, the one of Options.TeamID first.
func (s *Server) Teams() []Team {
	s.people.mu.RLock()
	defer s.people.mu.RUnlock()
	return slices.Clone(s.people.teams)
}

// addTeam needs the lock.
func (r *roster) addTeam(t Team) {
	t.Name, t.Domain = or(t.Name, "Workspace "+t.ID), or(t.Domain, strings.ToLower(t.ID))
	if at := slices.IndexFunc(r.teams, func(known Team) bool { return known.ID == t.ID }); at >= 0 {
		r.teams[at] = t
		return
	}
	r.teams = append(r.teams, t)
}

// ours reports whether a workspace is one of the organisation. Under the lock.
func (r *roster) ours(team string) bool {
	return slices.ContainsFunc(r.teams, func(t Team) bool { return t.ID == team })
}

// team is the workspace through which the app knows somebody of that
// workspace: the same where it is one of ours, otherwise the server's.
func (r *roster) team(id string) string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if r.ours(id) {
		return id
	}
	return r.o.TeamID
}

func (r *roster) domain(id string) string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for _, t := range r.teams {
		if t.ID == id {
			return t.Domain
		}
	}
	return strings.ToLower(id)
}

// home is the workspace of a person, the server's if nobody knows them.
func (s *Server) home(userID string) string {
	if p, known := s.people.get(userID); known {
		return p.TeamID
	}
	return s.o.TeamID
}

// inTeam is the workspace that a call is about, empty for all that a
// workspace's token sees: such a token has one, and Slack ignores the
// parameter then. The token of an organisation has to name one. What Slack
// answers where that is none of the organisation's is documented for
// usergroups.list alone, hence unknown.
func (s *Server) inTeam(c *call, unknown slackError) (team string, body []byte, code slackError) {
	if !s.o.OrgInstall {
		return "", nil, ""
	}
	team = c.params.Get("team_id")
	if team == "" {
		return "", []byte(`{"ok":false,"error":"missing_argument","arg":"team_id"}`), "missing_argument"
	}
	s.people.mu.RLock()
	defer s.people.mu.RUnlock()
	if !s.people.ours(team) {
		return "", nil, unknown
	}
	return team, nil, ""
}

// authTeamsList lists the workspaces. A workspace's token is answered with its
// own; the documentation speaks of organisations only.
func (s *Server) authTeamsList(c *call) ([]byte, slackError) {
	limit := 100 // Slack's own default isn't documented
	if asked := c.params.Get("limit"); asked != "" {
		var err error
		if limit, err = strconv.Atoi(asked); err != nil || limit < 1 || limit > maxPage {
			return nil, "invalid_limit"
		}
	}
	teams := s.Teams()
	if !s.o.OrgInstall {
		teams = teams[:1]
	}
	if cursor := c.params.Get("cursor"); cursor != "" {
		raw, err := base64.StdEncoding.DecodeString(cursor)
		id, cut := strings.CutPrefix(string(raw), "team_id:")
		at := slices.IndexFunc(teams, func(t Team) bool { return t.ID == id })
		if err != nil || !cut || at < 0 {
			return nil, "invalid_cursor"
		}
		teams = teams[at:]
	}
	next := ""
	if len(teams) > limit {
		next = base64.StdEncoding.EncodeToString([]byte("team_id:" + teams[limit].ID))
		teams = teams[:limit]
	}
	list := make([]object, 0, len(teams))
	for _, t := range teams {
		list = append(list, object{"id": t.ID, "name": t.Name})
	}
	body, _ := json.Marshal(object{"ok": true, "teams": list, "response_metadata": object{"next_cursor": next}}) // strings always marshal
	return body, ""
}

// authTest says who the token is. An organisation's has the organisation where
// others have their workspace: seen in answers of Slack, not documented.
func (s *Server) authTest(*call) ([]byte, slackError) {
	answer := object{
		"ok": true, "url": "https://acme.slack.com/", "team": "Acme", "team_id": s.o.TeamID,
		"user": "studiobot", "user_id": s.o.BotUserID, "bot_id": "B0STUDIO", "is_enterprise_install": s.o.OrgInstall,
	}
	if s.o.EnterpriseID != "" {
		answer["enterprise_id"] = s.o.EnterpriseID
	}
	if s.o.OrgInstall {
		answer["url"], answer["team"], answer["team_id"] = "https://acme.enterprise.slack.com/", enterpriseName, s.o.EnterpriseID
	}
	body, _ := json.Marshal(answer) // strings always marshal
	return body, ""
}

const enterpriseName = "Acme Holding"

// enterprise is the organisation as it stands in payloads, null outside one.
func (s *Server) enterprise() any {
	if s.o.EnterpriseID == "" {
		return nil
	}
	return object{"id": s.o.EnterpriseID, "name": enterpriseName}
}

// interaction is what all interactive payloads have. The team of an
// organisation's app is null.
func (s *Server) interaction(kind, userID, userTeam string) object {
	payload := object{
		"type": kind, "token": "deprecated", "api_app_id": s.o.AppID,
		"user":       object{"id": userID, "username": s.userName(userID), "name": s.userName(userID), "team_id": userTeam},
		"team":       nil,
		"enterprise": s.enterprise(), "is_enterprise_install": s.o.OrgInstall,
	}
	if !s.o.OrgInstall {
		team := object{"id": s.o.TeamID, "domain": s.people.domain(s.o.TeamID)}
		if s.o.EnterpriseID != "" {
			team["enterprise_id"], team["enterprise_name"] = s.o.EnterpriseID, enterpriseName
		}
		payload["team"] = team
	}
	return payload
}
