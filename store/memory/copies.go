package memory

import (
	"bytes"
	"context"
	"sync"
	"time"
)

// copyLimit bounds the copies together, in bytes: each belongs to a process that
// has the same in its own memory.
const copyLimit = 64 << 20

// shelf is the copies.
type shelf struct {
	limit int // of bytes

	mu     sync.Mutex // guards the rest
	byName map[string]keptCopy
	size   int
	closed bool
}

type keptCopy struct {
	data  []byte
	taken time.Time
}

func (x *shelf) close() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.byName, x.size, x.closed = nil, 0, true
}

// drop forgets a copy. x.mu is held.
func (x *shelf) drop(name string) {
	x.size -= len(name) + len(x.byName[name].data)
	delete(x.byName, name)
}

// makeRoom drops copies, the oldest first, until there is room for so many
// bytes. x.mu is held.
func (x *shelf) makeRoom(size int) {
	for x.size+size > x.limit && len(x.byName) > 0 {
		oldest, first := "", true
		for name, c := range x.byName {
			if first || c.taken.Before(x.byName[oldest].taken) {
				oldest, first = name, false
			}
		}
		x.drop(oldest)
	}
}

// KeepCopy implements mapping.Copies. Where there is no room the copies that
// were taken first go, and one that is larger than all the room isn't kept.
func (s *Store) KeepCopy(ctx context.Context, name string, taken time.Time, data []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	x := &s.copies
	x.mu.Lock()
	defer x.mu.Unlock()
	size := len(name) + len(data)
	if x.closed {
		return nil // a cache that lost it
	}
	if was, ok := x.byName[name]; ok {
		if taken.Before(was.taken) {
			return nil
		}
		x.drop(name)
	}
	if size > x.limit {
		return nil
	}
	x.makeRoom(size)
	if x.byName == nil {
		x.byName = map[string]keptCopy{}
	}
	x.byName[name] = keptCopy{bytes.Clone(data), taken}
	x.size += size
	return nil
}

// Copy implements mapping.Copies.
func (s *Store) Copy(ctx context.Context, name string) ([]byte, time.Time, error) {
	if err := ctx.Err(); err != nil {
		return nil, time.Time{}, err
	}
	s.copies.mu.Lock()
	defer s.copies.mu.Unlock()
	c := s.copies.byName[name]
	return bytes.Clone(c.data), c.taken, nil
}

// CopySince implements mapping.Copies.
func (s *Store) CopySince(ctx context.Context, name string, since time.Time) ([]byte, time.Time, error) {
	data, taken, err := s.Copy(ctx, name)
	if err != nil || !since.IsZero() && !taken.After(since) {
		return nil, time.Time{}, err
	}
	return data, taken, nil
}
