package bot

import (
	"log/slog"
	"runtime/debug"
	"sync"
	"time"
)

const (
	// workers is how many envelopes are worked on at a time. Nearly all need no
	// network; those that ask Slack for somebody unknown wait up to 1.5 s.
	workers = 64
	// backlog is how many more may wait. At a thousand commands a second that
	// is two seconds' worth; what comes on top is told that we are busy.
	backlog = 2048
)

// job is one envelope's work. overflow is done in its place where there is no
// room for it.
type job struct {
	do, overflow func()
	// failed is called when do panics.
	failed func()
}

// pool does jobs: a bounded number at a time, a bounded number waiting.
type pool struct {
	log      *slog.Logger
	jobs     chan job
	overflow chan job
	wg       sync.WaitGroup // jobs taken and not done
	mu       sync.Mutex
	closed   bool
}

func newPool(log *slog.Logger) *pool {
	return &pool{log: log, jobs: make(chan job, backlog), overflow: make(chan job, backlog)}
}

func (p *pool) start() {
	for range workers {
		go func() {
			for j := range p.jobs {
				p.run(j.do, j.failed)
			}
		}()
	}
	go func() {
		for j := range p.overflow {
			p.run(j.overflow, nil)
		}
	}()
}

// take accepts a job without blocking, and says whether there was any room.
func (p *pool) take(j job) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	p.wg.Add(1)
	select {
	case p.jobs <- j:
		return true
	default:
	}
	select {
	case p.overflow <- j:
		return true
	default:
		p.wg.Done()
		return false
	}
}

func (p *pool) run(do, failed func()) {
	defer p.wg.Done()
	defer func() {
		if r := recover(); r != nil {
			p.log.Error("panic in a handler", "panic", r, "stack", string(debug.Stack()))
			p.apologize(failed)
		}
	}()
	do()
}

// apologize answers in the place of a handler that panicked. It may panic for
// the same reason.
func (p *pool) apologize(failed func()) {
	defer func() {
		if r := recover(); r != nil {
			p.log.Error("panic while answering for a handler that panicked", "panic", r)
		}
	}()
	if failed != nil {
		failed()
	}
}

// drain takes no more jobs and waits for those it took, at most that long.
func (p *pool) drain(wait time.Duration) {
	p.mu.Lock()
	p.closed = true
	close(p.jobs)
	close(p.overflow)
	p.mu.Unlock()
	done := make(chan struct{})
	go func() { p.wg.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(wait):
		p.log.Warn("stopping with work unfinished")
	}
}
