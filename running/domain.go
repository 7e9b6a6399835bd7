package running

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/studiobot/studiobot/studio"
)

// maxKept bounds what is kept of one domain: spaces, and apps. A space takes about
// half a kilobyte, indexes included, an app a third of one: the limit is 80 MB, a
// domain of 1,000 people with two spaces each is 1 MB.
const maxKept = 100_000

// domain is what is known of one.
type domain struct {
	studio.Domain
	k       *Keeper
	reading *reading
	latest  atomic.Pointer[listing] // nil: never read
	active  *activity
}

// listing is one complete reading of a domain. It doesn't change.
type listing struct {
	began  time.Time
	spaces map[string]*studio.Space  // by name
	owned  map[string][]studio.Space // private ones, by owner
	shared []studio.Space
	within map[string][]studio.App // by space
	their  map[string][]studio.App // by user profile
}

// key is what names compare by.
func key(name string) string { return strings.ToLower(name) }

// read lists a domain. The apps come first: of a space that is made in between
// nothing runs yet, as far as anybody is told.
func (d *domain) read(ctx context.Context) error {
	l := &listing{
		began: d.k.o.Now(), spaces: map[string]*studio.Space{}, owned: map[string][]studio.Space{},
		within: map[string][]studio.App{}, their: map[string][]studio.App{},
	}
	apps := 0
	err := d.k.o.Lister.Apps(ctx, d.Name, func(a studio.App) error {
		if apps++; apps > maxKept {
			return fmt.Errorf("%w: more than %d apps", studio.ErrRefused, maxKept)
		}
		if a.Space != "" {
			l.within[key(a.Space)] = append(l.within[key(a.Space)], a)
		} else {
			l.their[key(a.Profile)] = append(l.their[key(a.Profile)], a)
		}
		return nil
	})
	if err == nil {
		err = d.k.o.Lister.Spaces(ctx, d.Name, l.add)
	}
	if err != nil {
		return err
	}
	d.latest.Store(l)
	d.active.listed(l)
	return nil
}

func (l *listing) add(s studio.Space) error {
	if len(l.spaces) >= maxKept {
		return fmt.Errorf("%w: more than %d spaces", studio.ErrRefused, maxKept)
	}
	if _, twice := l.spaces[key(s.Name)]; twice {
		return nil // a listing that moved on meanwhile
	}
	l.spaces[key(s.Name)] = &s
	switch {
	case s.Shared:
		l.shared = append(l.shared, s)
	case s.Owner != "":
		l.owned[key(s.Owner)] = append(l.owned[key(s.Owner)], s)
	}
	return nil
}

// known returns what the listing says, and how far it can be trusted.
func (d *domain) known() (*listing, age) {
	l := d.latest.Load()
	if l == nil {
		return nil, age{}
	}
	return l, d.k.age(l.began)
}
