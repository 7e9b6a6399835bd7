package mapping

import (
	"slices"
	"strings"
	"sync"

	"github.com/studiobot/studiobot/studio"
)

// emailNames is who comes out as which name. It is kept by what the directory
// observes, so it is as complete as the directory is.
type emailNames struct {
	mu    sync.RWMutex
	first map[string]string   // by name: a user who has it
	more  map[string][]string // by name: the others, where there are any
}

// holders returns one user who has the name, and how many have it.
func (n *emailNames) holders(name string) (one string, count int) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	one, ok := n.first[name]
	if !ok {
		return "", 0
	}
	return one, 1 + len(n.more[name])
}

// users returns everybody who has the name.
func (n *emailNames) users(name string) []string {
	n.mu.RLock()
	defer n.mu.RUnlock()
	one, ok := n.first[name]
	if !ok {
		return nil
	}
	return append([]string{one}, n.more[name]...)
}

// sole returns who alone has the name. Called with mu held.
func (n *emailNames) sole(name string) string {
	if len(n.more[name]) > 0 {
		return ""
	}
	return n.first[name]
}

// move makes a user have a name instead of another; either may be empty. It
// returns the users who alone had one of them and don't any more. Doing it again
// changes nothing.
func (n *emailNames) move(user, from, to string) (lost []string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if from == to {
		from = ""
	}
	before := [2]string{n.sole(from), n.sole(to)}
	n.remove(user, from)
	n.add(user, to)
	for i, name := range [2]string{from, to} {
		if b := before[i]; b != "" && n.sole(name) != b && !slices.Contains(lost, b) {
			lost = append(lost, b)
		}
	}
	return lost
}

func (n *emailNames) add(user, name string) {
	one, taken := n.first[name]
	switch {
	case name == "" || one == user && taken || slices.Contains(n.more[name], user):
	case !taken:
		n.first[strings.Clone(name)] = strings.Clone(user)
	default:
		n.more[strings.Clone(name)] = append(n.more[name], strings.Clone(user))
	}
}

func (n *emailNames) remove(user, name string) {
	if name == "" {
		return
	}
	others := n.more[name]
	if n.first[name] == user {
		if len(others) == 0 {
			delete(n.first, name)
			return
		}
		n.first[name], user = others[0], others[0]
	}
	if others = slices.DeleteFunc(others, func(u string) bool { return u == user }); len(others) == 0 {
		delete(n.more, name)
	} else {
		n.more[name] = others
	}
}

// all returns the names that one user alone has, with the user, in no order.
func (n *emailNames) all() (names []string, users map[string]string) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	users = make(map[string]string, len(n.first))
	for name, user := range n.first {
		if len(n.more[name]) == 0 {
			names = append(names, name)
			users[name] = user
		}
	}
	return names, users
}

// nameOf is the name that a member's address makes, or "".
func (e *Email) nameOf(m studio.Member) string {
	if m.Email == "" || !e.listed(m.Email) || strings.Contains(m.Email, "+") {
		return ""
	}
	name, err := e.template.Profile(m.Email)
	if err != nil {
		return ""
	}
	return name
}
