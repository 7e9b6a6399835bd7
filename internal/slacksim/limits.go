package slacksim

import (
	"math"
	"sync"
	"time"
)

// Calls per minute by tier; Slack promises "at least" these.
const (
	tier2 = 20
	tier3 = 50
	tier4 = 100
	// perChannel is chat.postMessage's about one a second and channel.
	perChannel = 60
)

// limiter is a token bucket per method. Its capacity is a minute's worth: a
// burst that large passes, then the calls come in at the rate of the tier.
type limiter struct {
	off     bool
	perMin  map[string]int
	mu      sync.Mutex
	buckets map[string]*bucket
}

type bucket struct {
	tokens float64
	at     time.Time
}

func newLimiter(o Options) *limiter {
	l := &limiter{off: o.NoRateLimits, buckets: make(map[string]*bucket), perMin: map[string]int{
		"apps.connections.open": tier3,
		"auth.teams.list":       tier2,
		"conversations.open":    tier3,
		"users.list":            tier2,
		"users.info":            tier4,
		"usergroups.list":       tier2,
		"usergroups.users.list": tier2,
		"views.open":            tier4,
		"views.publish":         tier4,
		"views.push":            tier4,
		"views.update":          tier4,
		"chat.update":           tier3,
		"chat.delete":           tier3,
		"chat.postEphemeral":    tier4,
		"chat.postMessage":      perChannel,

		"chat.scheduleMessage":        tier3,
		"chat.deleteScheduledMessage": tier3,

		"openid.connect.token":    tier4,
		"openid.connect.userInfo": tier3,
	}}
	for method, n := range o.RateLimits {
		l.perMin[method] = n
	}
	return l
}

// take counts a call. It returns how long to wait where there were too many,
// and 0 otherwise. The key is what the limit counts separately, as a channel.
func (l *limiter) take(method, key string) time.Duration {
	perMin := l.perMin[method]
	if l.off || perMin <= 0 {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	b := l.buckets[method+" "+key]
	if b == nil {
		b = &bucket{tokens: float64(perMin), at: now}
		l.buckets[method+" "+key] = b
	}
	b.tokens = math.Min(float64(perMin), b.tokens+now.Sub(b.at).Minutes()*float64(perMin))
	b.at = now
	if b.tokens >= 1 {
		b.tokens--
		return 0
	}
	return max(time.Millisecond, time.Duration((1-b.tokens)/float64(perMin)*float64(time.Minute)))
}
