package launch

import (
	"slices"
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
	maxVisitors = 12
	// sameAddress is how many different browsers of one address may wait for a
	// click before another one of there is taken for one of them: a program that
	// changes its name at every request.
	sameAddress = 3
)

// Visitor is a browser that asked too early. It is kept as hashes: the record
// tells visitors apart and says nothing of who they are.
type Visitor struct {
	Net    string    `json:"net"`    // of address and browser
	Addr   string    `json:"addr"`   // of the address alone
	Cookie string    `json:"cookie"` // of the waiting page's cookie
	First  time.Time `json:"first"`
	// Asked is when it first asked after the click.
	Asked time.Time `json:"asked,omitzero"`

	// Guessed: it brought no known cookie, and is taken for an early visitor
	// because address and browser are the same.
	Guessed bool `json:"guessed,omitempty"`

	// proven is when the browser signed in as the ticket's person; zero: that
	// isn't asked for. It isn't kept.
	proven time.Time

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
		if before == nil {
			if b.guessedWrong(v) {
				b.Burned = now
				return true, studio.ErrLinkBurned
			}
			before = b.disguised(v)
		}
		if before == nil || !b.early(before) {
			return false, nil
		}
		v.Guessed = true
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

// disguised returns an early visitor that v may be under another name: one of
// several that came from its address.
func (b *Button) disguised(v Visitor) *Visitor {
	var first *Visitor
	n := 0
	for i := range b.Visitors {
		if o := &b.Visitors[i]; o.Addr == v.Addr && b.early(o) {
			first = o
			n++
		}
	}
	if n < sameAddress {
		return nil
	}
	return first
}

// guessedWrong says whether somebody of v's address is made to wait only
// because they look like an early visitor. Then v, who doesn't, may be the one
// who parked there with the other's looks.
func (b *Button) guessedWrong(v Visitor) bool {
	return slices.ContainsFunc(b.Visitors, func(o Visitor) bool { return o.Guessed && o.Addr == v.Addr && o.asked(b.Clicked) })
}

// is says whether two requests come from one browser.
func (v *Visitor) is(o Visitor) bool { return v.Cookie == o.Cookie || v.Net == o.Net }

// early says whether the visitor knew the link well before the click.
func (b *Button) early(v *Visitor) bool { return v.First.Before(b.Clicked.Add(-earlyBy)) }

// asked says whether the visitor asked since the click.
func (v *Visitor) asked(click time.Time) bool {
	return !v.Asked.IsZero() && !v.Asked.Before(click)
}
