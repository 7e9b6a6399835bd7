package launch

import (
	"sync"
	"time"
)

const (
	// notedFor is how long something that goes on and on is noted once.
	notedFor = time.Minute
	// maxNoted bounds what is remembered for that.
	maxNoted = 10_000
)

// noted remembers what was said lately, so that a flood is one line a minute
// and not the log's end.
type noted struct {
	mu   sync.Mutex
	when map[string]time.Time
}

// first says whether it is the first time within a minute. Where too much is
// going on to remember, it isn't.
func (n *noted) first(what string) bool {
	now := time.Now()
	n.mu.Lock()
	defer n.mu.Unlock()
	if at, known := n.when[what]; known && now.Sub(at) < notedFor {
		return false
	}
	if len(n.when) >= maxNoted {
		for k, at := range n.when {
			if now.Sub(at) >= notedFor {
				delete(n.when, k)
			}
		}
		if len(n.when) >= maxNoted {
			return false
		}
	}
	if n.when == nil {
		n.when = map[string]time.Time{}
	}
	n.when[what] = now
	return true
}
