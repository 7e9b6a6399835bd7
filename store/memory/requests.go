package memory

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/studiobot/studiobot/requests"
	"github.com/studiobot/studiobot/studio"
)

const (
	// unfinishedLimit is how many requests may be unfinished, as requests.Store
	// says. finishedLimit bounds the finished ones: more than 3,000 a day.
	unfinishedLimit = 10_000
	finishedLimit   = 100_000
	// keepFinished is how long a finished request is still known.
	keepFinished = 30 * 24 * time.Hour
	// forgetEvery is how often a table that is full looks for what is over: it
	// looks at everything.
	forgetEvery = time.Minute
)

// requestTable is the requests.
type requestTable struct {
	mu         sync.Mutex // guards the rest
	byID       map[string]keptRequest
	unfinished int
	nextForget time.Time
	closed     bool
}

// keptRequest is a request, and when it was written last.
type keptRequest struct {
	studio.Request
	written time.Time
}

func (x *requestTable) close() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.byID, x.unfinished, x.closed = nil, 0, true
}

// put keeps r under an ID in place of what is there. x.mu is held.
func (x *requestTable) put(id string, r studio.Request) {
	if was, ok := x.byID[id]; ok && !was.Finished {
		x.unfinished--
	}
	if !r.Finished {
		x.unfinished++
	}
	if x.byID == nil {
		x.byID = map[string]keptRequest{}
	}
	x.byID[id] = keptRequest{r, time.Now()}
}

// forget drops the finished ones that needn't be known any more, unless it did
// just now. x.mu is held.
func (x *requestTable) forget() {
	now := time.Now()
	if now.Before(x.nextForget) {
		return
	}
	x.nextForget = now.Add(forgetEvery)
	over := now.Add(-keepFinished)
	for id, r := range x.byID {
		if r.Finished && r.written.Before(over) {
			delete(x.byID, id)
		}
	}
}

// CreateRequest implements requests.Store. ErrFull also where 100,000 are
// finished within 30 days.
func (s *Store) CreateRequest(ctx context.Context, r studio.Request) (studio.Request, bool, error) {
	if err := ctx.Err(); err != nil {
		return studio.Request{}, false, err
	}
	x := &s.requests
	x.mu.Lock()
	defer x.mu.Unlock()
	if kept, ok := x.byID[r.ID]; ok && !kept.Finished {
		return kept.Request, false, nil
	}
	if len(x.byID) >= finishedLimit {
		x.forget()
	}
	if x.closed || x.unfinished >= unfinishedLimit || len(x.byID) >= finishedLimit+unfinishedLimit {
		return studio.Request{}, false, requests.ErrFull
	}
	x.put(r.ID, r)
	return r, true, nil
}

// LoadRequest implements requests.Store.
func (s *Store) LoadRequest(ctx context.Context, id string) (studio.Request, error) {
	if err := ctx.Err(); err != nil {
		return studio.Request{}, err
	}
	s.requests.mu.Lock()
	defer s.requests.mu.Unlock()
	r, ok := s.requests.byID[id]
	if !ok {
		return studio.Request{}, requests.ErrNotFound
	}
	return r.Request, nil
}

// UpdateRequest implements requests.Store. change is called once, while nobody
// else gets at the requests.
func (s *Store) UpdateRequest(ctx context.Context, id string, change func(*studio.Request) error) (studio.Request, error) {
	if err := ctx.Err(); err != nil {
		return studio.Request{}, err
	}
	x := &s.requests
	x.mu.Lock()
	defer x.mu.Unlock()
	kept, ok := x.byID[id]
	if !ok {
		return studio.Request{}, requests.ErrNotFound
	}
	r := kept.Request
	if err := change(&r); err != nil {
		return r, err
	}
	x.put(id, r)
	return r, nil
}

// UnfinishedRequests implements requests.Store.
func (s *Store) UnfinishedRequests(ctx context.Context) ([]studio.Request, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("read requests: %w", err)
	}
	out := s.requests.listUnfinished()
	slices.SortFunc(out, func(a, b studio.Request) int {
		return cmp.Or(a.Asked.Compare(b.Asked), cmp.Compare(a.ID, b.ID))
	})
	return out, nil
}

func (x *requestTable) listUnfinished() []studio.Request {
	x.mu.Lock()
	defer x.mu.Unlock()
	out := make([]studio.Request, 0, x.unfinished)
	for _, r := range x.byID {
		if !r.Finished {
			out = append(out, r.Request)
		}
	}
	return out
}
