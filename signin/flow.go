package signin

import (
	"crypto/rand"
	"crypto/subtle"
	"sync"
	"time"

	"golang.org/x/oauth2"
)

const (
	// flowTime is how long a sign-in may take: time to find a second factor.
	flowTime = 10 * time.Minute
	// maxFlows is how many sign-ins one browser may have under way, in several
	// tabs. The oldest go first.
	maxFlows = 3
	// maxState bounds what is looked for.
	maxState = 64
	// maxUsed bounds how many states are remembered as used.
	maxUsed = 20_000
)

// flow is one sign-in on its way, and is kept in the browser's sealed cookie: who
// comes back with its state is the browser that began it.
type flow struct {
	State    string    `json:"s"` // names it in the provider's answer
	Nonce    string    `json:"n"` // the ID token must repeat it
	Verifier string    `json:"v"` // PKCE: shows that we began it
	Back     string    `json:"b"` // where to go then: a path of ours
	Expires  time.Time `json:"e"`
}

func newFlow(back string, now time.Time) flow {
	return flow{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), Back: back, Expires: now.Add(flowTime)}
}

// alive are the flows that aren't over, the last maxFlows at most.
func alive(flows []flow, now time.Time) []flow {
	var out []flow
	for _, f := range flows {
		if now.Before(f.Expires) {
			out = append(out, f)
		}
	}
	return out[max(0, len(out)-maxFlows):]
}

// takeFlow finds the flow with that state, and returns the others.
func takeFlow(flows []flow, state string) (found flow, others []flow, ok bool) {
	if state == "" || len(state) > maxState {
		return flow{}, flows, false
	}
	for _, f := range flows {
		if !ok && subtle.ConstantTimeCompare([]byte(f.State), []byte(state)) == 1 {
			found, ok = f, true
			continue
		}
		others = append(others, f)
	}
	return found, others, ok
}

// used remembers which states came back already: a browser's cookie could be put
// back to what it was. Where too many come back at once the oldest are forgotten;
// what the provider's code is worth then, it says itself.
type used struct {
	mu   sync.Mutex
	when map[string]time.Time // until when a state could come again
	by   []string             // in order
}

// first says whether it is the state's first time, and takes note.
func (u *used) first(state string, until time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if _, again := u.when[state]; again {
		return false
	}
	if u.when == nil {
		u.when = map[string]time.Time{}
	}
	now := time.Now()
	for len(u.by) > 0 && (len(u.by) >= maxUsed || now.After(u.when[u.by[0]])) {
		delete(u.when, u.by[0])
		u.by = u.by[1:]
	}
	u.when[state] = until
	u.by = append(u.by, state)
	return true
}
