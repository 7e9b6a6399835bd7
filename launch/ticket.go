package launch

import (
	"errors"
	"slices"
	"time"

	"github.com/studiobot/studiobot/studio"
)

const (
	// armedFor is how long a click lets its link open.
	armedFor = 30 * time.Second
	// openingFor is how long an attempt may stay unfinished. It is longer than
	// any request lives, so that an attempt found older than that belongs to a
	// process that died before it delivered anything.
	openingFor = 30 * time.Second
)

// Ticket is the record of one message: what a Store keeps. The token that
// opens it is not in it; ID is the token's SHA-256.
type Ticket struct {
	ID      string        `json:"id"`
	Ref     string        `json:"ref"`
	Person  studio.Person `json:"person"`
	Issued  time.Time     `json:"issued"`
	Expires time.Time     `json:"expires"`
	Buttons []Button      `json:"buttons"`
	// Email is a keyed hash of the person's confirmed e-mail address, where
	// browsers sign in with another provider than Slack: so whoever redeems the
	// ticket needs neither directory nor address.
	Email string `json:"email,omitempty"`
}

// Button is one option of a ticket, armed and spent by itself.
type Button struct {
	Option studio.Option `json:"option"`
	// Clicked is the owner's last click, Click its ID and ResponseURL or View
	// where Slack lets the message be replaced.
	Clicked     time.Time `json:"clicked,omitzero"`
	Click       string    `json:"click,omitempty"`
	ResponseURL string    `json:"response_url,omitempty"`
	View        string    `json:"view,omitempty"`
	// Armed is when the current arming began: the click, or a hand-back.
	Armed time.Time `json:"armed,omitzero"`
	// Tried is the browser that a click let through already. Handed back without
	// another click, the button is for that one only.
	Tried *Visitor `json:"tried,omitempty"`
	// Attempt is the redemption that is under way or that succeeded.
	Attempt string    `json:"attempt,omitempty"`
	Opening time.Time `json:"opening,omitzero"`
	Spent   time.Time `json:"spent,omitzero"`
	Burned  time.Time `json:"burned,omitzero"`
	// Visitors are the browsers that asked before the button was armed.
	Visitors []Visitor `json:"visitors,omitempty"`
}

// Clone returns a copy that shares nothing with t. Stores use it so that a
// caller can't change what they keep.
func (t Ticket) Clone() Ticket {
	t.Buttons = slices.Clone(t.Buttons)
	for i := range t.Buttons {
		b := &t.Buttons[i]
		b.Visitors = slices.Clone(b.Visitors)
		if b.Tried != nil {
			tried := *b.Tried
			b.Tried = &tried
		}
	}
	return t
}

// What redeem says besides the sentinels of package studio.
var (
	errNotArmed = errors.New("not armed")
	errOpening  = errors.New("opening elsewhere")
)

// The methods below that change a ticket say two things: whether the record
// changed and must be kept, and what to answer. Both can be true at once: an
// early visitor's wait is noted and it is asked to wait; a button is burned and
// the answer is ErrLinkBurned.

// button returns the button of that index, or ErrLinkUnknown.
func (t *Ticket) button(i int) (*Button, error) {
	if i < 0 || i >= len(t.Buttons) {
		return nil, studio.ErrLinkUnknown
	}
	return &t.Buttons[i], nil
}

// dead says why the button can't open any more, or nil.
func (t *Ticket) dead(b *Button, now time.Time) error {
	switch {
	case !b.Burned.IsZero():
		return studio.ErrLinkBurned
	case !b.Spent.IsZero():
		return studio.ErrLinkUsed
	case !now.Before(t.Expires):
		return studio.ErrLinkExpired
	}
	return nil
}

// opening says whether an attempt is under way.
func (b *Button) opening(now time.Time) bool {
	return !b.Opening.IsZero() && now.Before(b.Opening.Add(openingFor))
}

// armed says whether a click lets the button open now.
func (b *Button) armed(now time.Time) bool {
	return !b.Armed.IsZero() && now.Before(b.Armed.Add(armedFor))
}

// open says whether the button may be opened by that browser now. A click vouches
// for 30 s, in which nobody else may get hold of the link. To a browser that
// signed in as the ticket's person since the click that limit says nothing more:
// a sign-in takes its time, and nobody else's browser gets that far.
func (b *Button) open(v Visitor, now time.Time) bool {
	return b.armed(now) || !b.Clicked.IsZero() && v.proven.After(b.Clicked)
}

// arm applies its owner's click. A redelivered click changes nothing.
func (t *Ticket) arm(i int, c studio.Click, now time.Time) (changed bool, err error) {
	b, err := t.button(i)
	if err != nil {
		return false, err
	}
	if c.Person != t.Person {
		return false, studio.ErrNotYours
	}
	if err := t.dead(b, now); err != nil {
		return false, err
	}
	if c.ID != "" && c.ID == b.Click {
		return false, nil
	}
	b.Clicked, b.Armed, b.Click, b.ResponseURL, b.View, b.Tried = now, now, c.ID, c.ResponseURL, c.View, nil
	return true, nil
}

// redeem lets one attempt through, or says why not: a sentinel of package
// studio, errNotArmed, errOpening or a holdError. With confirmed, a person
// pressed the button of the confirm page, which stands for the click.
func (t *Ticket) redeem(i int, attempt string, v Visitor, confirmed bool, now time.Time) (changed bool, err error) {
	b, err := t.button(i)
	if err != nil {
		return false, err
	}
	if b.Attempt == attempt && !b.Opening.IsZero() {
		return false, nil // our own write, whose answer was lost
	}
	if err := t.dead(b, now); err != nil {
		return false, err
	}
	if b.opening(now) {
		return false, errOpening
	}
	if !confirmed {
		if !b.open(v, now) || b.Tried != nil && !b.Tried.is(v) {
			return false, errNotArmed
		}
		if changed, err := b.yield(v, now); err != nil {
			return changed, err
		}
	}
	b.Attempt, b.Opening, b.Tried = attempt, now, &v
	return true, nil
}

// spend marks the attempt as having got its URL, before that is delivered. It
// fails with errOpening where the attempt was given up and another took over.
// Doing it twice is the same as once.
func (t *Ticket) spend(i int, attempt string, now time.Time) (changed bool, err error) {
	b, err := t.button(i)
	if err != nil {
		return false, err
	}
	if b.Attempt != attempt || !b.opening(now) {
		return false, errOpening
	}
	if !b.Spent.IsZero() {
		return false, nil
	}
	b.Spent = now
	// What only mattered until now is let go of: it is somebody's data, and the
	// record stays until it expires.
	b.Visitors, b.Tried, b.Click, b.ResponseURL, b.View = nil, nil, "", "", ""
	return true, nil
}

// handBack ends an attempt that got no URL: the button is armed anew, for the
// browser that tried, if it ever was armed by a click. An attempt that was
// spent, or that isn't the current one, changes nothing.
func (t *Ticket) handBack(i int, attempt string, now time.Time) (changed bool, err error) {
	b, err := t.button(i)
	if err != nil {
		return false, err
	}
	if b.Attempt != attempt || !b.Spent.IsZero() {
		return false, nil
	}
	b.Attempt, b.Opening = "", time.Time{}
	if !b.Clicked.IsZero() {
		b.Armed = now
	}
	return true, nil
}
