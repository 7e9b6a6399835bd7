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
// what for. A restart forgets them: see decisions.md.
type holders struct {
	mu    sync.Mutex
	held  map[studio.Person]held
	swept time.Time
}

type held struct {
	until   time.Time
	asking  int             // commands that are being told what they may open
	options []studio.Option // without doubles, of all links since the first that may be alive
}

func newHolders() *holders { return &holders{held: map[studio.Person]held{}} }

// ask takes in that somebody is about to be told what they may open. From then
// until told is called they count as holding links, for nobody knows what.
func (h *holders) ask(p studio.Person, now time.Time) {
	h.change(p, now, func(x *held) { x.asking++ })
}

// told takes in what the answer was: all that they may get links for.
func (h *holders) told(p studio.Person, options []studio.Option, now time.Time) {
	h.change(p, now, func(x *held) {
		x.asking = max(0, x.asking-1)
		x.add(options)
	})
}

// note takes in that a person is about to get links.
func (h *holders) note(p studio.Person, options []studio.Option, now time.Time) {
	h.change(p, now, func(x *held) { x.add(options) })
}

func (x *held) add(options []studio.Option) {
	for _, o := range options {
		if !slices.Contains(x.options, o) {
			x.options = append(x.options[:len(x.options):len(x.options)], o) // readers have the old one
		}
	}
}

// change edits what is kept of a person, and forgets who holds nothing.
func (h *holders) change(p studio.Person, now time.Time, edit func(*held)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	x := h.held[p]
	if !now.Before(x.until) {
		x.options = nil
	}
	edit(&x)
	x.until = now.Add(maxLink)
	h.held[p] = x
	if x.asking == 0 && len(x.options) == 0 {
		delete(h.held, p) // got nothing; who isn't known isn't vouched for, either
	}
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
func (h *holders) of(p studio.Person, now time.Time) (held, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	x := h.held[p]
	return x, now.Before(x.until)
}

// asked is the mapping as the bot asks it: whoever is told what they may open is
// noted before. A change that comes between the answer and the link finds them,
// and covers the link. Who is blocked gets nothing.
type asked struct {
	guarded
	h       *halves
	holders *holders
}

// Allowed implements bot.Mapping.
func (a asked) Allowed(ctx context.Context, p studio.Person, o studio.Option) error {
	return a.h.allowed(ctx, p, o)
}

// Options implements bot.Mapping.
func (a asked) Options(ctx context.Context, p studio.Person) (options []studio.Option, unsure []string, err error) {
	a.holders.ask(p, time.Now())
	defer func() { a.holders.told(p, options, time.Now()) }()
	return a.guarded.Options(ctx, p)
}

// launcher is launch.Service, and remembers whom it gave links to, and with which
// target. It is noted before: a change that comes meanwhile must find them.
type launcher struct {
	*launch.Service
	holders  *holders
	sessions sessions
}

// Issue implements bot.Launcher.
func (l launcher) Issue(ctx context.Context, p studio.Person, options []studio.Option, cause string, asked time.Time) (studio.Issued, error) {
	l.holders.note(p, options, time.Now())
	return l.Service.Issue(ctx, p, options, cause, asked)
}

// Arm implements bot.Launcher.
func (l launcher) Arm(ctx context.Context, c studio.Click, allowed func(studio.Option) error) (studio.Opened, error) {
	opened, err := l.Service.Arm(ctx, c, allowed)
	return l.sessions.of(opened), err
}
