package launch

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/studiobot/studiobot/audit"
	"github.com/studiobot/studiobot/studio"
)

const (
	// waitForClick is how long a browser that came before the click is kept
	// waiting: Slack documents no order between the two.
	waitForClick = 2 * time.Second
	// pollEvery is how often a wait looks at the store, for a click that
	// reached another process. Clicks of this process wake it at once.
	pollEvery = 250 * time.Millisecond
	// cleanUp bounds the writes that follow a request whose browser is gone.
	cleanUp = 3 * time.Second
)

// redemption is one request's way from the link to the presigned URL.
type redemption struct {
	s         *Service
	id        string
	button    int
	attempt   string
	visitor   Visitor
	confirmed bool
	client    string

	ticket   Ticket // as last seen
	claiming bool   // a claim was written, or may have been
	// responseURL and view are those of the click that let this redemption through.
	responseURL, view string
	// waited is how long this browser had waited for that click.
	waited time.Duration
}

// newAttempt names a redemption. A store write that was made twice because its
// answer was lost is recognised by it.
func newAttempt() string { return rand.Text() }

// run waits for the click, claims the button, and asks for the presigned URL.
// On success the button is spent and the caller must deliver the URL. On
// errNotArmed nothing changed; on any other error the button was handed back if
// it had been claimed.
func (d *redemption) run(ctx context.Context, wait time.Duration) (presigned string, err error) {
	if err := d.claim(ctx, wait); err != nil {
		if errors.Is(err, errNotArmed) {
			if denied := d.denied(ctx); errors.Is(denied, errDenied) {
				return "", denied // no press will open it any more
			}
			return "", d.seen(ctx)
		}
		if d.claiming && errors.Is(err, studio.ErrUnsure) {
			d.handBack(ctx, err) // the write may have happened
		}
		return "", err
	}
	defer func() {
		if p := recover(); p != nil {
			d.handBack(ctx, errPanic)
			panic(p)
		}
	}()
	b := d.ticket.Buttons[d.button]
	d.responseURL, d.view, d.waited = b.ResponseURL, b.View, b.Clicked.Sub(d.waitingSince())
	presigned, err = d.open(ctx)
	if err == nil {
		err = d.spend(ctx)
	}
	if err != nil {
		d.handBack(ctx, err)
		return "", err
	}
	return presigned, nil
}

// claim tries until the button is ours, the time for a click is over, or the
// answer is final.
func (d *redemption) claim(ctx context.Context, wait time.Duration) error {
	patience := time.Now().Add(wait)
	// Nearly always the click came first, so the first try is to claim.
	if err := d.take(ctx); !errors.Is(err, errNotArmed) && !errors.As(err, new(holdError)) {
		return err
	}
	for {
		woken, leave := d.s.waiters.join(d.id) // before the look, or a click in between is missed
		err := d.try(ctx)
		var hold holdError
		var pause time.Duration
		switch {
		case errors.As(err, &hold):
			pause, woken = time.Until(hold.until), nil
		case errors.Is(err, errNotArmed):
			pause = min(pollEvery, time.Until(patience))
		}
		if pause <= 0 && hold.until.IsZero() {
			leave()
			return err
		}
		gone := sleep(ctx, pause, woken)
		leave()
		if gone != nil && errors.Is(err, errNotArmed) {
			return err
		}
		if gone != nil {
			return gone
		}
	}
}

// try looks at the ticket and claims the button if it may be opened now. It
// writes only where there is something to claim.
func (d *redemption) try(ctx context.Context) error {
	t, err := d.s.o.Store.Load(ctx, d.id)
	if err != nil {
		return storeError("load ticket", err)
	}
	d.ticket = t
	b, err := t.button(d.button)
	if err != nil {
		return err
	}
	now := time.Now()
	if err := t.dead(b, now); err != nil {
		return err
	}
	if !d.confirmed && !b.open(d.visitor, now) && !b.opening(now) {
		return errNotArmed
	}
	return d.take(ctx)
}

// take claims the button if it may be opened now.
func (d *redemption) take(ctx context.Context) error {
	d.claiming = true
	_, err := d.write(ctx, func(t *Ticket) (bool, error) {
		return t.redeem(d.button, d.attempt, d.visitor, d.confirmed, time.Now())
	})
	return err
}

// write changes the ticket, and reports a button that this change burned.
func (d *redemption) write(ctx context.Context, change func(*Ticket) (bool, error)) (changed bool, err error) {
	t, changed, err := d.s.update(ctx, d.id, change)
	if t.ID != "" {
		d.ticket = t
	}
	if changed && errors.Is(err, studio.ErrLinkBurned) {
		e := t.entry(audit.Burned, d.button)
		e.Reason, e.Client = reason(err), d.client
		d.s.note(ctx, e)
	}
	return changed, err
}

// writeTwice repeats a write that failed, because a failure leaves open whether
// it happened.
func (d *redemption) writeTwice(ctx context.Context, change func(*Ticket) (bool, error)) (changed bool, err error) {
	changed, err = d.write(ctx, change)
	if errors.Is(err, studio.ErrUnsure) {
		return d.write(ctx, change)
	}
	return changed, err
}

// seen records a browser that came before the click, also one that is gone.
func (d *redemption) seen(ctx context.Context) error {
	if d.s.o.Proof == ProofConfirm {
		return errNotArmed // whoever holds the link may confirm anyway
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanUp)
	defer cancel()
	_, err := d.write(ctx, func(t *Ticket) (bool, error) { return t.see(d.button, d.visitor, time.Now()) })
	if err != nil {
		return err
	}
	return errNotArmed
}

// waitingSince is when this browser first asked.
func (d *redemption) waitingSince() time.Time {
	if b, err := d.ticket.button(d.button); err == nil {
		same, before := b.known(d.visitor)
		for _, v := range []*Visitor{same, before} {
			if v != nil {
				return v.First
			}
		}
	}
	return d.visitor.First
}

// open asks for the presigned URL, after it was found that the person may still
// open it and the audit line was written: no line, no launch. That is looked at
// again afterwards, since SageMaker may have taken its time.
func (d *redemption) open(ctx context.Context) (string, error) {
	if err := d.theirs(ctx); err != nil {
		return "", err
	}
	if err := d.s.o.Audit.Write(ctx, d.entry(audit.Opening)); err != nil {
		return "", fmt.Errorf("%w: %w", studio.ErrUnsure, err)
	}
	presigned, err := d.s.o.Opener.Open(ctx, d.ticket.Person, d.ticket.Buttons[d.button].Option)
	if err != nil {
		return "", err
	}
	if err := ctx.Err(); err != nil {
		return "", err // a browser that is gone gets nothing
	}
	return presigned, d.theirs(ctx)
}

// spend marks the button as used before the URL is delivered: whatever happens
// then, it isn't delivered a second time.
func (d *redemption) spend(ctx context.Context) error {
	_, err := d.writeTwice(ctx, func(t *Ticket) (bool, error) { return t.spend(d.button, d.attempt, time.Now()) })
	return err
}

// handBack lets the link be tried again, also where the browser is gone.
func (d *redemption) handBack(ctx context.Context, cause error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanUp)
	defer cancel()
	changed, err := d.writeTwice(ctx, func(t *Ticket) (bool, error) { return t.handBack(d.button, d.attempt, time.Now()) })
	if err != nil {
		d.s.o.Log.ErrorContext(ctx, "a link couldn't be handed back; it can be tried again in 30 s", "ref", d.ticket.Ref, "err", err)
		return
	}
	if !changed {
		return // never ours, or already spent
	}
	e := d.entry(audit.HandedBack)
	e.Reason, e.Err = reason(cause), cause
	d.s.note(ctx, e)
	d.s.waiters.wake(d.id)
}

// delivered is called once the answer with the URL was written.
func (d *redemption) delivered() {
	b := d.ticket.Buttons[d.button]
	d.s.note(context.Background(), d.entry(audit.Opened))
	if d.s.o.Watch != nil && !d.confirmed {
		d.s.o.Watch.Arrived(max(0, d.waited))
	}
	if d.s.o.Alarm != nil {
		if _, ok := d.s.o.Alarm.Allow("all"); !ok && d.s.noted.first("alarm") {
			d.s.o.Log.Error("more launches than limits.alarm; nobody is refused", "ref", d.ticket.Ref)
		}
	}
	if d.s.o.Opened != nil {
		d.s.o.Opened(studio.Opened{Ref: d.ticket.Ref, Person: d.ticket.Person, Option: b.Option, At: b.Spent, ResponseURL: d.responseURL, View: d.view})
	}
}

func (d *redemption) entry(step audit.Step) audit.Entry {
	e := d.ticket.entry(step, d.button)
	e.Client = d.client
	return e
}

// sleep waits until the time is over or woken is closed, or returns the
// context's error.
func sleep(ctx context.Context, t time.Duration, woken <-chan struct{}) error {
	timer := time.NewTimer(t)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-woken:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
