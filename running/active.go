package running

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/studiobot/studiobot/studio"
)

// maxActive is how many apps of a domain are asked about in one go: a call each.
const maxActive = 200

// activity is when somebody last worked in the apps of a domain. A listing doesn't
// tell, and each costs a call, so only those are asked about that somebody was
// shown within the last hour.
type activity struct {
	d       *domain
	reading *reading

	mu    sync.Mutex
	shown map[appKey]time.Time
	last  map[appKey]time.Time // zero: SageMaker doesn't know
}

// appKey is what names an app of a domain.
type appKey struct{ space, profile, kind, name string }

func keyOf(a studio.App) appKey { return appKey{key(a.Space), key(a.Profile), a.Type, a.Name} }

// newActivity has a reading of its own, which nobody waits for.
func (k *Keeper) newActivity(d *domain) *activity {
	a := &activity{d: d, shown: map[appKey]time.Time{}, last: map[appKey]time.Time{}}
	a.reading = k.newReading("when people last worked in the apps of a domain", d.Name, a.read)
	return a
}

// of returns the apps with what is known, and notes that they are shown.
func (a *activity) of(apps []studio.App) []studio.App {
	if len(apps) == 0 {
		return nil
	}
	out := slices.Clone(apps)
	now := a.d.k.o.Now()
	news := false
	a.mu.Lock()
	for i := range out {
		k := keyOf(out[i])
		out[i].Active = a.last[k]
		if out[i].Status == studio.InService {
			_, before := a.shown[k]
			news = news || !before
			a.shown[k] = now
		}
	}
	a.mu.Unlock()
	if news {
		a.reading.soon()
	} else {
		a.reading.use()
	}
	return out
}

// listed forgets apps that are gone.
func (a *activity) listed(l *listing) {
	there := map[appKey]bool{}
	for _, by := range []map[string][]studio.App{l.within, l.their} {
		for _, apps := range by {
			for _, app := range apps {
				there[keyOf(app)] = true
			}
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for k := range a.shown {
		if !there[k] {
			delete(a.shown, k)
		}
	}
	for k := range a.last {
		if !there[k] {
			delete(a.last, k)
		}
	}
}

// wanted are the apps that were shown within the last hour, the latest first.
func (a *activity) wanted() []appKey {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.d.k.o.Now()
	var out []appKey
	for k, at := range a.shown {
		if now.Sub(at) >= usedFor {
			delete(a.shown, k)
			delete(a.last, k)
			continue
		}
		out = append(out, k)
	}
	slices.SortFunc(out, func(x, y appKey) int { return a.shown[y].Compare(a.shown[x]) })
	return out[:min(len(out), maxActive)]
}

func (a *activity) read(ctx context.Context) error {
	for _, k := range a.wanted() {
		at, err := a.d.k.o.Lister.Activity(ctx, a.d.Name, studio.App{Space: k.space, Profile: k.profile, Type: k.kind, Name: k.name})
		switch {
		case errors.Is(err, studio.ErrNoTarget):
			continue
		case err != nil:
			return err
		}
		a.mu.Lock()
		if _, there := a.shown[k]; there {
			a.last[k] = at
		}
		a.mu.Unlock()
	}
	return nil
}
