package sagemakersim

import (
	"sync"
	"time"
)

// throttle lets a number of calls of each operation through per second.
type throttle struct {
	mu      sync.Mutex
	rate    float64 // 0: any number
	buckets map[string]*bucket
	refused int
}

// bucket has the calls that are left, as of a moment.
type bucket struct {
	left float64
	at   time.Time
}

func newThrottle(rate float64) *throttle {
	return &throttle{rate: rate, buckets: make(map[string]*bucket)}
}

// refuses counts one call.
func (t *throttle) refuses(operation string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.rate <= 0 {
		return false
	}
	full := max(1, t.rate)
	b, ok := t.buckets[operation]
	if !ok {
		b = &bucket{left: full, at: now}
		t.buckets[operation] = b
	}
	b.left = min(full, b.left+now.Sub(b.at).Seconds()*t.rate)
	b.at = now
	if b.left < 1 {
		t.refused++
		return true
	}
	b.left--
	return false
}

// SetCallsPerSecond is Options.CallsPerSecond from now on, with a fresh burst.
func (s *Server) SetCallsPerSecond(rate float64) {
	s.throttle.mu.Lock()
	defer s.throttle.mu.Unlock()
	s.throttle.rate = rate
	clear(s.throttle.buckets)
}

// Throttled counts the calls that CallsPerSecond refused since the start.
func (s *Server) Throttled() int {
	s.throttle.mu.Lock()
	defer s.throttle.mu.Unlock()
	return s.throttle.refused
}
