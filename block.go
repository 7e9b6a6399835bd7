package studiobot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/studiobot/studiobot/audit"
	"github.com/studiobot/studiobot/launch"
	"github.com/studiobot/studiobot/studio"
)

// reasonBlocked is the denial of somebody whom an admin has blocked. It has no
// end, and it is about every link: those that are there and those to come.
const reasonBlocked = "blocked"

// homeCopy is the copy in the store that says which workspace is ours, for
// commands that don't ask Slack.
const homeCopy = "home"

// blocked returns studio.ErrBlocked where the person is blocked, and ErrUnsure
// where that can't be asked.
func blocked(ctx context.Context, s launch.Denials, p studio.Person) error {
	denials, err := s.Denied(ctx, p)
	switch {
	case err != nil:
		return fmt.Errorf("%w: who is blocked: %w", studio.ErrUnsure, err)
	case slices.ContainsFunc(denials, func(d launch.Denial) bool { return d.Reason == reasonBlocked }):
		return studio.ErrBlocked
	}
	return nil
}

// block blocks a person. The block counts even where its audit line can't be
// written: letting somebody in is worse.
func block(ctx context.Context, s launch.Denials, trail *audit.Log, actor string, p studio.Person) (before bool, err error) {
	was := blocked(ctx, s, p)
	if err := s.Deny(ctx, p, launch.Denial{Reason: reasonBlocked}); err != nil {
		return false, fmt.Errorf("%w: block %s: %w", studio.ErrUnsure, p, err)
	}
	if errors.Is(was, studio.ErrBlocked) {
		return true, nil
	}
	return false, trail.Write(ctx, audit.Entry{Step: audit.Denied, Team: p.Team, User: p.User, Actor: actor, Reason: reasonBlocked})
}

// unblock ends a block. Without its audit line it doesn't.
func unblock(ctx context.Context, s launch.Denials, trail *audit.Log, actor string, p studio.Person) (before bool, err error) {
	switch err := blocked(ctx, s, p); {
	case err == nil:
		return false, nil
	case !errors.Is(err, studio.ErrBlocked):
		return false, err
	}
	if err := trail.Write(ctx, audit.Entry{Step: audit.Lifted, Team: p.Team, User: p.User, Actor: actor, Reason: reasonBlocked}); err != nil {
		return true, fmt.Errorf("%w: %w", studio.ErrUnsure, err)
	}
	if err := s.Lift(ctx, p, reasonBlocked); err != nil {
		return true, fmt.Errorf("%w: unblock %s: %w", studio.ErrUnsure, p, err)
	}
	return true, nil
}

// Block implements bot.Admin.
func (d *desk) Block(ctx context.Context, by, p studio.Person) (studio.Blocked, error) {
	if by.User == p.User {
		return studio.Blocked{}, studio.ErrOwnBlock
	}
	before, err := block(ctx, d.h.store, d.audit, by.String(), p)
	if err != nil && errors.Is(err, studio.ErrUnsure) {
		return studio.Blocked{}, err
	}
	if err != nil {
		d.h.log.ErrorContext(ctx, "the audit line of a block is missing", "user", p.User, "actor", by.String(), "err", err)
	}
	d.h.operators.lost(p, "blocked")
	return studio.Blocked{Before: before, Lasts: d.lasts}, nil
}

// Unblock implements bot.Admin.
func (d *desk) Unblock(ctx context.Context, by, p studio.Person) (studio.Blocked, error) {
	if by.User == p.User {
		return studio.Blocked{}, studio.ErrOwnBlock
	}
	before, err := unblock(ctx, d.h.store, d.audit, by.String(), p)
	return studio.Blocked{Before: before, Lasts: d.lasts}, err
}

// keepHome keeps which workspace is ours.
func (h *halves) keepHome(team string) {
	ctx, cancel := context.WithTimeout(context.Background(), copyTime)
	defer cancel()
	if err := h.copied.KeepCopy(ctx, homeCopy, time.Now(), []byte(team)); err != nil {
		h.log.Warn("which workspace is ours can't be kept; `studiobot block` has to be told T…/U…", "err", err)
	}
}

// denial is a block as package requests knows it.
func denial(err error) error {
	if errors.Is(err, studio.ErrBlocked) {
		return fmt.Errorf("%w: %w", studio.ErrDenied, err)
	}
	return err
}

// explain is what a person gets and why, a block first.
func (h *halves) explain(ctx context.Context, m interface {
	Explain(context.Context, studio.Person) studio.Explanation
}, p studio.Person) studio.Explanation {
	x := m.Explain(ctx, p)
	key := x.Person
	if home, known := h.directory.Home(); known {
		key.Team = home.Team // a block is kept for the person of our place
	}
	if err := blocked(ctx, h.store, key); err != nil {
		x.Refused = err
	}
	return x
}
