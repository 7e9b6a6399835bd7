package mapping

import (
	"strings"
	"sync"
	"sync/atomic"
)

const (
	// maxNames is how many workspaces and organisations are told apart. Each
	// organisation that shares a channel with us brings its own.
	maxNames = 60_000
	// elsewhere stands for those that are too many. It is nobody's ID, so who is
	// from there is a stranger.
	elsewhere = "?"
)

// names keeps one copy of each workspace's and organisation's ID, under a short
// number. The empty one has 0, elsewhere 1.
type names struct {
	mu      sync.RWMutex // guards numbers, and writing list
	numbers map[string]uint16
	list    atomic.Pointer[[]string] // only ever grows
}

// name is the ID with that number.
func (n *names) name(i uint16) string { return (*n.list.Load())[i] }

// index is the number of an ID.
func (n *names) index(s string) uint16 {
	n.mu.RLock()
	i, known := n.numbers[s]
	full := len(n.numbers) >= maxNames
	n.mu.RUnlock()
	switch {
	case known:
		return i
	case full || len(s) > maxID:
		return 1
	}
	return n.add(s)
}

// keep makes room for IDs that must be told apart from all others: our own.
func (n *names) keep(ids ...string) {
	for _, id := range ids {
		n.add(id)
	}
}

func (n *names) add(s string) uint16 {
	n.mu.Lock()
	defer n.mu.Unlock()
	if i, known := n.numbers[s]; known {
		return i
	}
	if n.numbers == nil {
		n.numbers = map[string]uint16{}
		n.list.Store(&[]string{})
	}
	old := *n.list.Load()
	i := uint16(len(old)) // at most maxNames, and a few of our own
	s = strings.Clone(s)
	longer := append(old, s) // readers of old don't look beyond its end
	n.numbers[s] = i
	n.list.Store(&longer)
	return i
}
