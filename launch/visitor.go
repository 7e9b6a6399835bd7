package launch

import (
	"time"

	"github.com/studiobot/studiobot/studio"
)

// Someone who got hold of a link can't open it, but could sit on the waiting
// page and be served by the owner's click. So whoever was there well before the
// click goes last, and where two such browsers ask, nobody is served.

const (
	// earlyBy is how long before the click a browser must have asked to count
	// as an early visitor: someone who knew the link before it was pressed.
	earlyBy = 2 * time.Second
	// earlyWait is how long an early visitor waits for a newcomer, and
	// rivalWait how long where there were other early visitors: their page
	// looks again every 2 s, and each must get the chance to show itself
	// before one of them is served.
	earlyWait = 2 * time.Second
	rivalWait = 3 * time.Second
	// maxVisitors bounds the record. So many different browsers waiting for
	// one click can't be its owner's.
	maxVisitors = 32
)

// Visitor is a browser that asked too early. It is kept as hashes: the record
// tells visitors apart and says nothing of who they are.
type Visitor struct {
	Net    string    `json:"net"`    // of address and browser
	Cookie string    `json:"cookie"` // of the waiting page's cookie
	First  time.Time `json:"first"`
	// Asked is when it first asked after the click.
	Asked time.Time `json:"asked,omitzero"`

	// fresh marks a request that brought no cookie; Cookie is the one that its
	// answer sets.
	fresh bool
}

// holdError asks an early visitor to ask again after a while.
type holdError struct{ until time.Time }

func (holdError) Error() string { return "early visitor waits" }

// see records a browser that asked before the click, once. One browser too
// many burns the button.
func (t *Ticket) see(i int, v Visitor, now time.Time) (changed bool, err error) {
	b, err := t.button(i)
	if err != nil {
		return false, err
	}
	if err := t.dead(b, now); err != nil {
		return false, err
	}
	known, before := b.known(v)
	if known != nil || before != nil && v.fresh {
		return false, nil
	}
	return true, b.add(v, before, now)
}

// known finds the browser by its cookie, and the earliest one of the same
// address and kind: a browser without a known cookie may be that same one with
// cookies turned off, so it counts as having come as early.
func (b *Button) known(v Visitor) (same, before *Visitor) {
	for i := range b.Visitors {
		o := &b.Visitors[i]
		if o.Cookie == v.Cookie {
			same = o
		}
		if o.Net == v.Net && (before == nil || o.First.Before(before.First)) {
			before = o
		}
	}
	return same, before
}

// add records a browser, or burns the button where there are too many.
func (b *Button) add(v Visitor, before *Visitor, now time.Time) error {
	if before != nil {
		v.First = before.First
	}
	if len(b.Visitors) == maxVisitors {
		b.Burned = now
		return studio.ErrLinkBurned
	}
	b.Visitors = append(b.Visitors, v)
	return nil
}

// yield makes an early visitor wait for a newcomer, and burns the button where
// two early visitors ask for it: one of them isn't its owner, and nothing
// tells which.
func (b *Button) yield(v Visitor, now time.Time) (changed bool, err error) {
	me, before := b.known(v)
	if me == nil {
		if before == nil || !b.early(before) {
			return false, nil
		}
		if err := b.add(v, before, now); err != nil {
			return true, err
		}
		me = &b.Visitors[len(b.Visitors)-1]
	}
	if !b.early(me) {
		return false, nil
	}
	wait, contested := earlyWait, false
	for j := range b.Visitors {
		if other := &b.Visitors[j]; other != me && b.early(other) {
			wait = rivalWait
			contested = contested || other.asked(b.Clicked)
		}
	}
	if !me.asked(b.Clicked) {
		me.Asked = now
		return true, holdError{until: now.Add(wait)}
	}
	if until := me.Asked.Add(wait); now.Before(until) {
		return false, holdError{until: until}
	}
	if contested {
		b.Burned = now
		return true, studio.ErrLinkBurned
	}
	return false, nil
}

// early says whether the visitor knew the link well before the click.
func (b *Button) early(v *Visitor) bool { return v.First.Before(b.Clicked.Add(-earlyBy)) }

// asked says whether the visitor asked since the click.
func (v *Visitor) asked(click time.Time) bool {
	return !v.Asked.IsZero() && !v.Asked.Before(click)
}
