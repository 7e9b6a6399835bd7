package sagemakersim

import "sync"

// historyLimit is how many calls and how many openings are kept.
const historyLimit = 2000

// feed keeps the latest items, numbered from 1, and hands each one on.
type feed[T any] struct {
	mu   sync.Mutex
	ring []T
	seq  int
	subs map[chan T]struct{}
}

func newFeed[T any]() *feed[T] { return &feed[T]{subs: make(map[chan T]struct{})} }

// add stores what number makes of the item's sequence number.
func (f *feed[T]) add(number func(seq int) T) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seq++
	item := number(f.seq)
	if len(f.ring) < historyLimit {
		f.ring = append(f.ring, item)
	} else {
		f.ring[(f.seq-1)%historyLimit] = item
	}
	for sub := range f.subs {
		offer(sub, item)
	}
}

// offer makes room in a full channel by dropping what is oldest in it. There
// is one sender: add, under the lock.
func offer[T any](sub chan T, item T) {
	for {
		select {
		case sub <- item:
			return
		default:
		}
		select {
		case <-sub:
		default:
		}
	}
}

// all copies what is kept, oldest first.
func (f *feed[T]) all() []T {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.seq <= historyLimit {
		return append([]T(nil), f.ring...)
	}
	oldest := f.seq % historyLimit
	return append(append([]T(nil), f.ring[oldest:]...), f.ring[:oldest]...)
}

func (f *feed[T]) subscribe() (<-chan T, func()) {
	sub := make(chan T, 1024)
	f.mu.Lock()
	f.subs[sub] = struct{}{}
	f.mu.Unlock()
	return sub, sync.OnceFunc(func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.subs, sub)
		close(sub)
	})
}
