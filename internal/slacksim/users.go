package slacksim

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

const (
	// maxPage is the largest limit users.list takes.
	maxPage = 1000
	// maxUnpaged is how many people users.list returns to who names no limit.
	maxUnpaged = 10_000
)

func (s *Server) usersList(c *call) ([]byte, slackError) {
	team, refusal, code := s.inTeam(c, "team_access_not_granted")
	if code != "" {
		return refusal, code
	}
	limit := 0
	if asked := c.params.Get("limit"); asked != "" {
		var err error
		if limit, err = strconv.Atoi(asked); err != nil || limit < 0 || limit > maxPage {
			return nil, "invalid_limit"
		}
	}
	if limit == 0 {
		if limit = s.people.count(team); limit > maxUnpaged {
			return nil, "limit_required"
		}
	}
	from := ""
	if cursor := c.params.Get("cursor"); cursor != "" {
		raw, err := base64.StdEncoding.DecodeString(cursor)
		user, cut := strings.CutPrefix(string(raw), "user:")
		if err != nil || !cut {
			return nil, "invalid_cursor"
		}
		from = user
	}
	people, next, known := s.people.page(from, limit, team)
	if !known {
		return nil, "invalid_cursor"
	}
	cursor := ""
	if next != "" {
		cursor = base64.StdEncoding.EncodeToString([]byte("user:" + next))
	}
	body := append(make([]byte, 0, 1800*len(people)+200), `{"ok":true,"members":[`...)
	for i, p := range people {
		if i > 0 {
			body = append(body, ',')
		}
		body = s.appendPerson(body, p, c.truthy("include_locale"))
	}
	body = append(body, `],"cache_ts":`...)
	body = strconv.AppendInt(body, time.Now().Unix(), 10)
	return append(body, `,"response_metadata":{"next_cursor":`+quote(cursor)+`}}`...), ""
}

func (s *Server) usersInfo(c *call) ([]byte, slackError) {
	p, known := s.people.get(c.params.Get("user"))
	if !known {
		return nil, "user_not_found"
	}
	body := s.appendPerson([]byte(`{"ok":true,"user":`), p, c.truthy("include_locale"))
	return append(body, '}'), ""
}
