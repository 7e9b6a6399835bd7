package studiobot

import (
	"context"
	"sync"
	"time"

	"github.com/studiobot/studiobot/launch"
	"github.com/studiobot/studiobot/studio"
)

// maxLink is longer than any link lives.
const maxLink = 16 * time.Minute

// holders are the people who got a link from this process that may be alive.
type holders struct {
	mu    sync.Mutex
	until map[studio.Person]time.Time
	swept time.Time
}

func newHolders() *holders { return &holders{until: map[studio.Person]time.Time{}} }

func (h *holders) note(p studio.Person, now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.until[p] = now.Add(maxLink)
	if now.Sub(h.swept) < maxLink {
		return
	}
	h.swept = now
	for p, until := range h.until {
		if !now.Before(until) {
			delete(h.until, p)
		}
	}
}

func (h *holders) holds(p studio.Person, now time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return now.Before(h.until[p])
}

// launcher is launch.Service, and remembers whom it gave links to. It is noted
// before: a change that comes meanwhile must find them.
type launcher struct {
	*launch.Service
	holders *holders
}

// Issue implements bot.Launcher.
func (l launcher) Issue(ctx context.Context, p studio.Person, options []studio.Option, cause string, asked time.Time) (studio.Issued, error) {
	l.holders.note(p, time.Now())
	return l.Service.Issue(ctx, p, options, cause, asked)
}
