// Package limits bounds how often somebody may do something: so many times in
// so long, for each key by itself. It knows neither Slack nor browsers; bot
// asks it for each person's commands, launch for the refused requests of each
// address, and for the number of all launches.
package limits

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// maxKeys bounds how many keys are remembered. Beyond it the ones that have been
// quiet the longest are forgotten, which can only let more through.
const maxKeys = 50_000

// Rate is N times in each Per. The zero value is no limit.
type Rate struct {
	N   int
	Per time.Duration
}

// Limiter counts by key. The zero Rate makes one that lets everything through.
// Safe for concurrent use.
type Limiter struct {
	rate Rate

	mu   sync.Mutex // guards the rest
	keys map[string]*bucket
	// swept is when the quiet keys were last dropped.
	swept time.Time
}

type bucket struct {
	tokens *rate.Limiter
	used   time.Time
}

// New returns a Limiter. N times may come at once; then they come back evenly
// over Per.
func New(r Rate) *Limiter { return &Limiter{rate: r, keys: map[string]*bucket{}} }

// Allow counts one, and says whether it is within the rate; otherwise how long
// to wait until it would be.
func (l *Limiter) Allow(key string) (wait time.Duration, ok bool) { return l.use(key, 1) }

// Over says whether the key has used up its rate, without counting.
func (l *Limiter) Over(key string) (wait time.Duration, over bool) {
	wait, ok := l.use(key, 0)
	return wait, !ok
}

// Len is how many keys are remembered.
func (l *Limiter) Len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.keys)
}

func (l *Limiter) use(key string, n int) (wait time.Duration, ok bool) {
	if l.rate.N <= 0 || l.rate.Per <= 0 {
		return 0, true
	}
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sweep(now)
	b := l.keys[key]
	if b == nil {
		if n == 0 {
			return 0, true
		}
		b = &bucket{tokens: rate.NewLimiter(rate.Every(l.rate.Per/time.Duration(l.rate.N)), l.rate.N)}
		l.keys[key] = b
	}
	if n > 0 {
		b.used = now
		if b.tokens.AllowN(now, n) {
			return 0, true
		}
	}
	missing := 1 - b.tokens.TokensAt(now)
	if missing <= 0 {
		return 0, true
	}
	return time.Duration(missing * float64(l.rate.Per) / float64(l.rate.N)), false
}

// sweep drops keys that are full again, and the quietest ones where there are
// too many. l.mu is held.
func (l *Limiter) sweep(now time.Time) {
	if now.Sub(l.swept) < l.rate.Per && len(l.keys) < maxKeys {
		return
	}
	l.swept = now
	for age := l.rate.Per; ; age /= 2 {
		for key, b := range l.keys {
			if now.Sub(b.used) >= age {
				delete(l.keys, key)
			}
		}
		if len(l.keys) < maxKeys {
			return
		}
	}
}
