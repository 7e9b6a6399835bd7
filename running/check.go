package running

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/studiobot/studiobot/studio"
)

const (
	// checkedFor is how old a reading may be to let something happen.
	checkedFor = time.Minute
	// checkTime bounds a look at the thing itself: somebody waits for it.
	checkTime = 2 * time.Second
)

// Check is Allowed for the moment when something happens: a link opens, an app is
// stopped. What is to be started or stopped is looked at itself; so is the rest where
// the last reading is older than a minute, or doesn't have what is named. That takes
// a call or two and at most two seconds. So it isn't for the path of a command. A space that was deleted, or made
// anew by somebody else, is nobody's any more by then. Where AWS doesn't answer the
// error is ErrUnsure, never a yes.
func (k *Keeper) Check(ctx context.Context, p studio.Person, o studio.Option, act Act) error {
	if o.Name == "" {
		return k.Allowed(p, o, act)
	}
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	switch o.Target.Takes() {
	case studio.SpaceName:
		return k.checkSpace(ctx, o, o.Name, o.Target, act, k.Allowed(p, o, act))
	case studio.NotebookName:
		return k.checkNotebook(ctx, p, o, act)
	}
	return k.Allowed(p, o, act)
}

// CheckApp is AllowedApp as Check is Allowed.
func (k *Keeper) CheckApp(ctx context.Context, o studio.Option, a studio.App, act Act) error {
	err := k.AllowedApp(o, a, act)
	if a.Space == "" {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	return k.checkSpace(ctx, o, a.Space, "", act, err)
}

// checkSpace looks at a space where what is known says too little.
func (k *Keeper) checkSpace(ctx context.Context, o studio.Option, name string, target studio.Target, act Act, known error) error {
	d, ok := k.domains[o.Domain]
	if !ok || o.Profile == "" || !studio.SpaceName.Valid(name) {
		return notTheirs()
	}
	if known == nil && act <= Open {
		if l, _ := d.known(); k.o.Now().Sub(l.began) < checkedFor {
			return nil
		}
	}
	s, err := k.o.Lister.Space(ctx, o.Domain, name)
	switch {
	case errors.Is(err, studio.ErrNoTarget):
		return notTheirs()
	case err != nil:
		return cantLook(o.Domain, err)
	case !strings.EqualFold(s.Name, name):
		return notTheirs()
	}
	return judge(s, o.Profile, target, act)
}

// checkNotebook looks at a notebook instance where only its tag says whose it is.
func (k *Keeper) checkNotebook(ctx context.Context, p studio.Person, o studio.Option, act Act) error {
	known := k.Allowed(p, o, act)
	place := k.o.Place(o.Domain)
	n, ok := k.notebooks[place]
	if !ok || !studio.NotebookName.Valid(o.Name) {
		return notTheirs()
	}
	granted, err := k.granted(p)
	if err != nil || k.o.Tag == "" || has(granted[place], o.Name) {
		return known
	}
	if _, began, _ := n.known(); known == nil && act <= Open && k.o.Now().Sub(began) < checkedFor {
		return nil
	}
	i, err := k.o.Lister.Notebook(ctx, place, o.Name)
	switch {
	case errors.Is(err, studio.ErrNoTarget):
		return notTheirs()
	case err != nil:
		return cantLook(o.Domain, err)
	}
	now := notebook{claim: strings.TrimSpace(i.Tags[k.o.Tag])}
	if !now.claims(p) || !strings.EqualFold(i.Name, o.Name) {
		return notTheirs()
	}
	return nil
}

// cantLook keeps the cause as text only: whatever it wraps, it is no answer.
func cantLook(domain string, err error) error {
	return fmt.Errorf("%w: what exists in %s can't be looked at: %v", studio.ErrUnsure, domain, err)
}
