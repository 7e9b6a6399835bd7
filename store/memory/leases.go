package memory

import (
	"context"
	"sync"
	"time"
)

// leases is who works for all: in one process, whoever asks first.
type leases struct {
	mu     sync.Mutex // guards the rest
	byName map[string]lease
}

type lease struct {
	holder string
	ends   time.Time
}

// Lease gives the holder a lease for a while, or more of what they have, unless
// somebody else has it; held says whether they have it now. It is atomic.
func (s *Store) Lease(ctx context.Context, name, holder string, term time.Duration) (held bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	x := &s.leases
	x.mu.Lock()
	defer x.mu.Unlock()
	now := time.Now()
	if was := x.byName[name]; was.holder != holder && now.Before(was.ends) {
		return false, nil
	}
	if x.byName == nil {
		x.byName = map[string]lease{}
	}
	x.byName[name] = lease{holder, now.Add(term)}
	return true, nil
}

// Release ends a lease, if the holder has it.
func (s *Store) Release(ctx context.Context, name, holder string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.leases.mu.Lock()
	defer s.leases.mu.Unlock()
	if s.leases.byName[name].holder == holder {
		delete(s.leases.byName, name)
	}
	return nil
}
