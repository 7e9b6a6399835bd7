package slacksim

import (
	"slices"
	"sync"
)

// tokens are those besides the options' that are accepted, and those that were
// revoked.
type tokens struct {
	mu      sync.Mutex
	also    []string
	revoked []string
}

// AddTokens accepts another pair, as while an app's tokens are being replaced.
func (s *Server) AddTokens(app, bot string) {
	s.tokens.mu.Lock()
	defer s.tokens.mu.Unlock()
	s.tokens.also = append(s.tokens.also, app, bot)
}

// RevokeTokens refuses these from now on, with token_revoked. Sockets stay open.
func (s *Server) RevokeTokens(tokens ...string) {
	s.tokens.mu.Lock()
	defer s.tokens.mu.Unlock()
	s.tokens.revoked = append(s.tokens.revoked, tokens...)
}

// known says whether a token is one of those that were added, and whether it was
// revoked.
func (t *tokens) known(token string) (added, revoked bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Contains(t.also, token), slices.Contains(t.revoked, token)
}
