package slacksim

import (
	"encoding/json"
	"slices"
	"strings"
)

// scopeOf is the scope that a method wants, empty if it wants none
// (docs.slack.dev/reference/methods).
func scopeOf(method string) string {
	switch method {
	case "users.list", "users.info":
		return "users:read"
	case "usergroups.list", "usergroups.users.list":
		return "usergroups:read"
	case "chat.postMessage", "chat.postEphemeral", "chat.update", "chat.delete",
		"chat.scheduleMessage", "chat.deleteScheduledMessage":
		return "chat:write"
	case "conversations.open":
		return "im:write"
	}
	return ""
}

// holds reports whether the bot token has a scope.
func (s *Server) holds(scope string) bool {
	return s.o.Scopes == nil || slices.Contains(s.o.Scopes, scope)
}

// lacks is the answer where the token's scopes don't reach, nil where they do.
func (s *Server) lacks(method string) []byte {
	needed := scopeOf(method)
	if needed == "" || s.holds(needed) {
		return nil
	}
	body, _ := json.Marshal(object{
		"ok": false, "error": "missing_scope", "needed": needed, "provided": strings.Join(s.o.Scopes, ","),
	}) // strings always marshal
	return body
}
