package studiobot

import (
	"strings"
	"sync"
	"time"

	"github.com/studiobot/studiobot/studio"
)

const (
	// changedFor is how long what was just stopped or started is remembered: a
	// listing that began later knows by itself.
	changedFor = 15 * time.Minute
	// maxChanges bounds how many are.
	maxChanges = 10_000
	// gone is the status of an app that doesn't exist any more.
	gone = "gone"
)

// changes are what was just stopped or started, so that nobody is shown an older
// listing's word on it.
type changes struct {
	mu   sync.Mutex
	made map[thing]made
}

type made struct {
	status string
	at     time.Time
}

// thing names a machine, whoever asks: names compare without case.
type thing struct{ domain, profile, space, kind, app, notebook string }

func thingOf(x studio.Machine, profile string) thing {
	t := thing{x.Domain, "", strings.ToLower(x.Space), x.Type, strings.ToLower(x.App), strings.ToLower(x.Notebook)}
	if x.Notebook == "" && x.Space == "" {
		t.profile = strings.ToLower(profile)
	}
	return t
}

// note takes in what has become of something.
func (c *changes) note(t thing, status string, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.made == nil {
		c.made = map[thing]made{}
	}
	if len(c.made) >= maxChanges {
		for key, m := range c.made {
			if at.Sub(m.at) > changedFor {
				delete(c.made, key)
			}
		}
	}
	if _, there := c.made[t]; there || len(c.made) < maxChanges {
		c.made[t] = made{status, at}
	}
}

// since returns the status that something got after a listing began.
func (c *changes) since(t thing, read, now time.Time) (string, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	m, there := c.made[t]
	if there && now.Sub(m.at) > changedFor {
		delete(c.made, t)
		there = false
	}
	return m.status, there && !m.at.Before(read)
}

// apply brings what a listing says up to what was changed since. What it changes
// belongs to the caller.
func (c *changes) apply(r *studio.Running, now time.Time) {
	for i := range r.Holdings {
		h := &r.Holdings[i]
		h.Apps = c.applyApps(h, h.Apps, now)
		for j := range h.Spaces {
			h.Spaces[j].Apps = c.applyApps(h, h.Spaces[j].Apps, now)
		}
	}
	for i := range r.Notebooks {
		n := &r.Notebooks[i]
		if status, changed := c.since(thingOf(n.Machine(), ""), n.Read, now); changed {
			n.Status = status
		}
	}
}

func (c *changes) applyApps(h *studio.Holding, apps []studio.App, now time.Time) []studio.App {
	var out []studio.App
	for _, a := range apps {
		status, changed := c.since(thingOf(a.Machine(h.Domain), h.Profile), h.Read, now)
		switch {
		case !changed:
		case status == gone:
			continue
		default:
			a.Status = status
		}
		out = append(out, a)
	}
	return out
}
