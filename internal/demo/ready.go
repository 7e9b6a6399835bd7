package demo

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// started knows what studiobot has still to read before everybody gets the right
// answer. It goes by studiobot's own log: the simulators see what was asked, and
// not when the answer was taken in.
type started struct {
	done chan struct{}

	mu      sync.Mutex
	missing map[string]int // by the message of the log
}

// newStarted waits for that many copies: one of them reads the workspace and the
// user profiles, and the others take in what it read.
func newStarted(copies int) *started {
	return &started{done: make(chan struct{}), missing: map[string]int{
		"workspace read": 1, "user groups read": copies, profilesRead: copies * len(domains(time.Now())),
	}}
}

const profilesRead = "user profiles read"

func (s *started) note(message string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if strings.HasPrefix(message, "user profiles known") { // as another copy read them
		message = profilesRead
	}
	n, expected := s.missing[message]
	if !expected {
		return
	}
	if n > 1 {
		s.missing[message]--
		return
	}
	delete(s.missing, message)
	if len(s.missing) == 0 {
		close(s.done)
	}
}

// wait waits until everything was read.
func (s *started) wait(ctx context.Context) error {
	select {
	case <-s.done:
		return nil
	case <-ctx.Done():
		s.mu.Lock()
		defer s.mu.Unlock()
		return fmt.Errorf("studiobot didn't get as far as %s: %w", strings.Join(slices.Sorted(maps.Keys(s.missing)), ", "), ctx.Err())
	}
}

// logHandler passes studiobot's log on, shows its audit lines in the panel, and
// sees what was read.
type logHandler struct {
	feed    *feed
	started *started
	next    slog.Handler
	copy    int // which copy's log it is; 0: there is one
}

func (h logHandler) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelInfo || h.next.Enabled(ctx, l)
}

func (h logHandler) Handle(ctx context.Context, r slog.Record) error {
	if r.Message == "audit" {
		i := auditItem(r)
		i.Copy = h.copy
		h.feed.tell(i)
	}
	h.started.note(r.Message)
	if !h.next.Enabled(ctx, r.Level) {
		return nil
	}
	return h.next.Handle(ctx, r)
}

func (h logHandler) WithAttrs(a []slog.Attr) slog.Handler {
	h.next = h.next.WithAttrs(a)
	return h
}

func (h logHandler) WithGroup(name string) slog.Handler {
	h.next = h.next.WithGroup(name)
	return h
}
