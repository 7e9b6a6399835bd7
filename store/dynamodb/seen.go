package dynamodb

import "sync"

// maxSeen bounds the items that are remembered.
const maxSeen = 4096

// seen are items as this process saw them last: a click loads a ticket and then
// arms it, and whoever opens it writes it twice. What is remembered is good for one
// write on the condition that it is still so, and saves that write's reading. It
// never answers anything.
type seen struct {
	mu    sync.Mutex
	items map[itemKey]item
}

// keep remembers an item. Where there are too many, any other is forgotten.
func (x *seen) keep(k itemKey, i item) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.items == nil {
		x.items = map[itemKey]item{}
	}
	for other := range x.items {
		if len(x.items) < maxSeen {
			break
		}
		delete(x.items, other)
	}
	i.all = nil // nobody asks a remembered one
	x.items[k] = i
}

// take returns what is remembered, and forgets it.
func (x *seen) take(k itemKey) (item, bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	i, ok := x.items[k]
	delete(x.items, k)
	return i, ok
}
