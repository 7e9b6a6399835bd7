package studiobot

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/studiobot/studiobot/launch"
	"github.com/studiobot/studiobot/studio"
)

// maxLink is longer than any link lives.
const maxLink = 16 * time.Minute

// holders are the people who got a link from this process that may be alive, and
// what for.
type holders struct {
	mu    sync.Mutex
	held  map[studio.Person]held
	swept time.Time
}

type held struct {
	until   time.Time
	options []studio.Option // without doubles, of all links since the first that may be alive
}

func newHolders() *holders { return &holders{held: map[studio.Person]held{}} }

// note takes in that a person is about to get links.
func (h *holders) note(p studio.Person, options []studio.Option, now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	x := h.held[p]
	if !now.Before(x.until) {
		x.options = nil
	}
	for _, o := range options {
		if !slices.Contains(x.options, o) {
			x.options = append(x.options[:len(x.options):len(x.options)], o) // readers have the old one
		}
	}
	x.until = now.Add(maxLink)
	h.held[p] = x
	if now.Sub(h.swept) < maxLink {
		return
	}
	h.swept = now
	for p, x := range h.held {
		if !now.Before(x.until) {
			delete(h.held, p)
		}
	}
}

// of returns what a person's links from this process may open, and whether there
// are any that may be alive.
func (h *holders) of(p studio.Person, now time.Time) ([]studio.Option, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	x := h.held[p]
	return x.options, now.Before(x.until)
}

// launcher is launch.Service, and remembers whom it gave links to. It is noted
// before: a change that comes meanwhile must find them.
type launcher struct {
	*launch.Service
	holders *holders
}

// Issue implements bot.Launcher.
func (l launcher) Issue(ctx context.Context, p studio.Person, options []studio.Option, cause string, asked time.Time) (studio.Issued, error) {
	l.holders.note(p, options, time.Now())
	return l.Service.Issue(ctx, p, options, cause, asked)
}
