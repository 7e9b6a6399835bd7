package bot

import (
	"sync"
	"time"
)

const (
	// briefly: a connection that is followed by the next one so soon was closed
	// as good as at once.
	briefly = 3 * time.Second
	// briefAllowed is how many of those in a row cause no wait.
	briefAllowed = 3
	// maxPace is the longest wait. The dialer's ten seconds have room for it, and
	// two sockets stay below the 50 openings a minute that Slack allows.
	maxPace = 4 * time.Second
)

// pace says how long to wait before a connection is dialed. The zero value is
// ready.
type pace struct {
	mu    sync.Mutex // guards the rest
	last  time.Time  // when the last connection was dialed; zero: it failed, or there was none
	brief int        // connections in a row that ended at once
}

// next is how long to wait before dialing, now.
func (p *pace) next(now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.last.IsZero() || now.Sub(p.last) >= briefly {
		p.brief = 0
		return 0
	}
	if p.brief++; p.brief < briefAllowed {
		return 0
	}
	return min(jitter(firstBackoff<<min(p.brief-briefAllowed, 10)), maxPace)
}

// dialed notes when a connection was dialed, and whether there is one. Failures
// have waits of their own, see keep.
func (p *pace) dialed(at time.Time, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !ok {
		at = time.Time{}
	}
	p.last = at
}
