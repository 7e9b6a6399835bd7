package launch

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/studiobot/studiobot/studio"
)

// theirs returns nil if the person may still open it, errDenied if they may not,
// and ErrUnsure if that can't be said. For a click that is the word of the
// denials: the mapping was asked when it came. Behind the confirm page's button
// there is no click, so the mapping is asked here. A denial may be missing, where
// nobody noticed a loss: the list was changed while no process ran.
func (d *redemption) theirs(ctx context.Context) error {
	if err := d.denied(ctx); err != nil || !d.confirmed || d.s.o.Allowed == nil {
		return err
	}
	err := d.s.o.Allowed(ctx, d.ticket.Person, d.ticket.Buttons[d.button].Option)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, studio.ErrUnsure), ctx.Err() != nil:
		return fmt.Errorf("%w: ask the mapping: %w", studio.ErrUnsure, err)
	}
	return fmt.Errorf("%w: %w", errDenied, err)
}

// denied returns errDenied if the person lost access since the link was issued.
func (d *redemption) denied(ctx context.Context) error {
	denials, err := d.s.o.Store.Denied(ctx, d.ticket.Person)
	if err != nil {
		return storeError("read denials", err)
	}
	if i := slices.IndexFunc(denials, func(x Denial) bool { return x.covers(d.ticket) }); i >= 0 {
		return fmt.Errorf("%w: %s", errDenied, denials[i].Reason)
	}
	return nil
}
