package metrics

import (
	"slices"
	"strings"
	"sync"

	"github.com/studiobot/studiobot/audit"
)

// other is what a label says where it has no more room, or where a value isn't
// one of ours.
const other = "other"

// How many values a label may have.
const (
	maxReasons    = 80
	maxOperations = 64
	maxValue      = 60 // characters
)

// labels turns what is said to the values of labels, a bounded number of each.
type labels struct {
	domains, steps, kinds, results, limits []string

	reasons, operations seen
}

func newLabels(domains []string) *labels {
	l := &labels{
		domains: slices.Clone(domains),
		kinds:   []string{"command", "interactive", "event"},
		results: []string{"ok", "throttled", "forbidden", "not_found", "refused", "unavailable", "canceled"},
		limits:  []string{"person", "refused", "alarm"},
	}
	for _, s := range audit.Steps() {
		l.steps = append(l.steps, s.Key)
	}
	l.reasons.most, l.operations.most = maxReasons, maxOperations
	return l
}

func (l *labels) kind(s string) string      { return among(l.kinds, s) }
func (l *labels) result(s string) string    { return among(l.results, s) }
func (l *labels) limit(s string) string     { return among(l.limits, s) }
func (l *labels) step(s audit.Step) string  { return among(l.steps, string(s)) }
func (l *labels) reason(s string) string    { return l.reasons.of(s) }
func (l *labels) operation(s string) string { return l.operations.of(s) }
func (l *labels) domain(s string) string {
	if s == "" {
		return ""
	}
	return among(l.domains, s)
}

// among returns the value if it is one of those that are known.
func among(known []string, s string) string {
	if slices.Contains(known, s) {
		return s
	}
	return other
}

// seen takes the first values that come, up to a number, for labels whose values
// are fixed words of other packages. Whatever else comes is other.
type seen struct {
	most   int
	mu     sync.RWMutex
	values map[string]bool
}

func (x *seen) of(s string) string {
	x.mu.RLock()
	known := x.values[s]
	x.mu.RUnlock()
	if known {
		return s
	}
	if s == "" || len(s) > maxValue || strings.IndexFunc(s, odd) >= 0 {
		return other
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if !x.values[s] {
		if len(x.values) >= x.most {
			return other
		}
		if x.values == nil {
			x.values = map[string]bool{}
		}
		x.values[s] = true
	}
	return s
}

// odd says whether a character doesn't stand in a fixed phrase. Digits aren't
// there, so that no ID, address or token can be.
func odd(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || strings.ContainsRune(" ,:'-_", r))
}
