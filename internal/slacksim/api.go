package slacksim

import (
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
// error code, sent with HTTP 200, in the body given or else alone.
type method func(*Server, *call) ([]byte, slackError)

type slackError string

// lookup returns nil for a method that isn't there.
func lookup(name string) method {
	switch name {
	case "apps.connections.open":
		return (*Server).connectionsOpen
	case "auth.test":
		return (*Server).authTest
	case "auth.teams.list":
		return (*Server).authTeamsList
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
	case "chat.update":
		return (*Server).chatUpdate
	case "chat.delete":
		return (*Server).chatDelete
	case "chat.scheduleMessage":
		return (*Server).chatScheduleMessage
	case "chat.deleteScheduledMessage":
		return (*Server).chatDeleteScheduledMessage
	case "views.open":
		return (*Server).viewsOpen
	case "views.push":
		return (*Server).viewsPush
	case "views.update":
		return (*Server).viewsUpdate
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
	if s.o.Scopes != nil && c.method != "apps.connections.open" {
		w.Header().Set("X-OAuth-Scopes", strings.Join(s.o.Scopes, ","))
	}
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
	if body := s.lacks(c.method); body != nil {
		return reply{body: body}, "missing_scope"
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
	if code != "" && body == nil {
		return failure(code)
	}
	return reply{body: body}, string(code)
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
	added, revoked := s.tokens.known(token)
	switch {
	case revoked:
		return "token_revoked"
	case added && strings.HasPrefix(token, want[:len("xapp-")]):
		return ""
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
// else as its JSON, null not at all.
func jsonParams(raw []byte) url.Values {
	params := url.Values{}
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil {
		return params
	}
	for name, value := range members {
		if string(value) == "null" {
			continue
		}
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
