package launch

import "sync"

// waiters lets requests sleep until a ticket is armed by this process. An
// arming by another process is seen by looking again every pollEvery.
type waiters struct {
	mu sync.Mutex
	// byTicket has a channel per ticket that somebody waits for; closing it
	// wakes them all. It is removed by wake, or by the last one to leave.
	byTicket map[string]*waiting
}

type waiting struct {
	woken chan struct{}
	count int
}

func newWaiters() *waiters { return &waiters{byTicket: map[string]*waiting{}} }

// join returns a channel that is closed at the next wake, and a function that
// must be called when the wait is over.
func (w *waiters) join(id string) (woken <-chan struct{}, leave func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	x := w.byTicket[id]
	if x == nil {
		x = &waiting{woken: make(chan struct{})}
		w.byTicket[id] = x
	}
	x.count++
	return x.woken, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		x.count--
		if x.count == 0 && w.byTicket[id] == x {
			delete(w.byTicket, id)
		}
	}
}

// wake wakes everybody who waits for the ticket.
func (w *waiters) wake(id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if x := w.byTicket[id]; x != nil {
		close(x.woken)
		delete(w.byTicket, id)
	}
}
