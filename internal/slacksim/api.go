package slacksim

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// maxBody bounds what is read of any request.
const maxBody = 1 << 20

// call is one Web API call.
type call struct {
	method string
	header string // bearer token
	params url.Values
}

// method answers a call that has the right kind of token. An error is a Slack
// error code, sent with HTTP 200.
type method func(*Server, *call) ([]byte, slackError)

type slackError string

// lookup returns nil for a method that isn't there.
func lookup(name string) method {
	switch name {
	case "apps.connections.open":
		return (*Server).connectionsOpen
	case "auth.test":
		return (*Server).authTest
	case "users.list":
		return (*Server).usersList
	case "users.info":
		return (*Server).usersInfo
	case "usergroups.list":
		return (*Server).userGroupsList
	case "usergroups.users.list":
		return (*Server).userGroupsUsersList
	case "conversations.open":
		return (*Server).conversationsOpen
	case "chat.postMessage":
		return (*Server).chatPostMessage
	case "chat.postEphemeral":
		return (*Server).chatPostEphemeral
	case "views.open":
		return (*Server).viewsOpen
	case "views.publish":
		return (*Server).viewsPublish
	}
	return nil
}

func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request) {
	c, err := readCall(w, r)
	if err != nil {
		http.Error(w, "unreadable request", http.StatusBadRequest)
		return
	}
	s.history.arrived(c.method)
	s.sleep(r.Context(), s.faults.delay(c.method))
	fault, broken := s.faults.take(c.method)
	if broken && !s.survives(w, r, c, fault) {
		return
	}
	answer, note := s.answer(c)
	if broken && fault.HappenedButFailed {
		if !fault.speaks() {
			s.recordCall(c, 0, "answer lost")
			panic(http.ErrAbortHandler)
		}
		answer, note = fault.answer(), "happened but failed"
	}
	s.recordCall(c, max(answer.status, http.StatusOK), note)
	answer.write(w)
}

// survives plays what a fault does before the call has any effect. It reports
// whether the call goes on.
func (s *Server) survives(w http.ResponseWriter, r *http.Request, c *call, f Fault) bool {
	if f.Hang {
		s.recordCall(c, 0, "hangs")
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	}
	s.sleep(r.Context(), f.HangFor)
	if f.HappenedButFailed || f.HangFor > 0 && !f.speaks() {
		return true
	}
	answer := f.answer()
	s.recordCall(c, answer.status, "fault")
	answer.write(w)
	return false
}

func (s *Server) recordCall(c *call, status int, note string) {
	shown := make(map[string]string, len(c.params))
	for name, values := range c.params {
		if name != "token" && len(values) > 0 {
			shown[name] = values[0]
		}
	}
	body, _ := json.Marshal(shown) // strings always marshal
	s.history.add(Record{Kind: KindAPI, Method: c.method, UserID: c.params.Get("user"), Status: status, Body: body, Note: note})
}

// answer runs the method. The note is the Slack error, for the history.
func (s *Server) answer(c *call) (reply, string) {
	run := lookup(c.method)
	if run == nil {
		return failure("unknown_method")
	}
	if code := s.authorise(c); code != "" {
		return failure(code)
	}
	key := ""
	if c.method == "chat.postMessage" {
		key = c.params.Get("channel")
	}
	if wait := s.limits.take(c.method, key); wait > 0 {
		return reply{
			status: http.StatusTooManyRequests, retryAfter: wait, body: []byte(`{"ok":false,"error":"ratelimited"}`),
		}, "ratelimited"
	}
	body, code := run(s, c)
	if code != "" {
		return failure(code)
	}
	return reply{body: body}, ""
}

func failure(code slackError) (reply, string) {
	return reply{body: []byte(`{"ok":false,"error":` + quote(string(code)) + `}`)}, string(code)
}

// authorise checks the token. Only apps.connections.open wants the app's, and
// that in the header alone.
func (s *Server) authorise(c *call) slackError {
	token, want, other := c.header, s.o.BotToken, s.o.AppToken
	if c.method == "apps.connections.open" {
		want, other = other, want
	} else if token == "" {
		token = c.params.Get("token")
	}
	switch token {
	case want:
		return ""
	case "":
		return "not_authed"
	case other:
		return "not_allowed_token_type"
	}
	return "invalid_auth"
}

func readCall(w http.ResponseWriter, r *http.Request) (*call, error) {
	c := &call{method: r.PathValue("method")}
	c.header, _ = strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		raw, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		c.params = jsonParams(raw)
		return c, nil
	}
	err := r.ParseMultipartForm(maxBody)
	if err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return nil, err
	}
	c.params = r.Form
	return c, nil
}

// jsonParams turns a JSON body into parameters: strings as they are, anything
// else as its JSON.
func jsonParams(raw []byte) url.Values {
	params := url.Values{}
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil {
		return params
	}
	for name, value := range members {
		var text string
		if json.Unmarshal(value, &text) != nil {
			text = string(value)
		}
		params.Set(name, text)
	}
	return params
}

// truthy reads a boolean parameter.
func (c *call) truthy(name string) bool {
	v, _ := strconv.ParseBool(c.params.Get(name))
	return v
}

func (s *Server) connectionsOpen(*call) ([]byte, slackError) {
	address := "ws" + strings.TrimPrefix(s.base, "http") + "/link/?ticket=" + s.board.ticket(time.Now()) + "&app_id=" + s.o.AppID
	return []byte(`{"ok":true,"url":` + quote(address) + `}`), ""
}

func (s *Server) authTest(*call) ([]byte, slackError) {
	body, _ := json.Marshal(struct {
		OK         bool   `json:"ok"`
		URL        string `json:"url"`
		Team       string `json:"team"`
		User       string `json:"user"`
		TeamID     string `json:"team_id"`
		UserID     string `json:"user_id"`
		BotID      string `json:"bot_id"`
		Enterprise string `json:"enterprise_id,omitempty"`
		OrgInstall bool   `json:"is_enterprise_install"`
	}{true, "https://acme.slack.com/", "Acme", "studiobot", s.o.TeamID, s.o.BotUserID, "B0STUDIO", s.o.EnterpriseID, false})
	return body, ""
}

const (
	// maxPage is the largest limit users.list takes.
	maxPage = 1000
	// maxUnpaged is how many people users.list returns to who names no limit.
	maxUnpaged = 10_000
)

func (s *Server) usersList(c *call) ([]byte, slackError) {
	limit := 0
	if asked := c.params.Get("limit"); asked != "" {
		var err error
		if limit, err = strconv.Atoi(asked); err != nil || limit < 0 || limit > maxPage {
			return nil, "invalid_limit"
		}
	}
	if limit == 0 {
		if limit = s.people.len(); limit > maxUnpaged {
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
	people, next, known := s.people.page(from, limit)
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
		body = appendUser(body, p, s.o.TeamID, c.truthy("include_locale"))
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
	body := appendUser([]byte(`{"ok":true,"user":`), p, s.o.TeamID, c.truthy("include_locale"))
	return append(body, '}'), ""
}
