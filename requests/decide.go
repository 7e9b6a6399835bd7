package requests

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/studiobot/studiobot/audit"
	"github.com/studiobot/studiobot/studio"
)

// Approve decides for the person. What follows is done by Run. The request that
// is returned is as it stands, also with studio.ErrDecided. Other errors: studio.ErrRequestGone,
// studio.ErrOwnRequest, studio.ErrNotAdmin, studio.ErrUnsure, and studio.ErrNoProfile or
// studio.ErrProfileTaken where there is no such profile to link and none is to
// be made, or it is somebody else's by its tags or by any source: the request
// stays open then. So it does with studio.ErrDenied, where a source denies the
// person.
func (s *Service) Approve(ctx context.Context, d studio.Decision) (studio.Request, error) {
	r, err := s.mayDecide(ctx, d)
	if err != nil {
		return r, err
	}
	if r.Person.User == d.By.User && !s.o.SelfApproval {
		return r, studio.ErrOwnRequest
	}
	if r.Others, err = s.free(ctx, r); err != nil {
		return r, err
	}
	if err := s.possible(ctx, r); err != nil {
		return r, err
	}
	return s.decide(ctx, d, studio.RequestApproved)
}

// Deny decides against the person. Errors are as those of Approve.
func (s *Service) Deny(ctx context.Context, d studio.Decision) (studio.Request, error) {
	d.Reason = strings.TrimSpace(d.Reason)
	if !utf8.ValidString(d.Reason) || utf8.RuneCountInString(d.Reason) > studio.MaxReason {
		return studio.Request{}, fmt.Errorf("%w: the reason is too long, or no text", studio.ErrInvalid)
	}
	if r, err := s.mayDecide(ctx, d); err != nil {
		return r, err
	}
	return s.decide(ctx, d, studio.RequestDenied)
}

// mayDecide returns the request as it is if the approver may decide it now.
func (s *Service) mayDecide(ctx context.Context, d studio.Decision) (studio.Request, error) {
	admin, err := s.o.Admin(ctx, d.By)
	switch {
	case err != nil:
		return studio.Request{}, fmt.Errorf("%w: is this an admin: %w", studio.ErrUnsure, err)
	case !admin:
		s.note(ctx, audit.Entry{Step: audit.Refused, Team: d.By.Team, User: d.By.User, Reason: "not an admin"})
		return studio.Request{}, studio.ErrNotAdmin
	}
	return s.Load(ctx, d.ID, d.Serial)
}

// Load returns an open request. studio.ErrDecided comes with the request as it stands.
func (s *Service) Load(ctx context.Context, id, serial string) (studio.Request, error) {
	r, err := s.o.Store.LoadRequest(ctx, id)
	switch {
	case errors.Is(err, ErrNotFound), err == nil && r.Serial != serial:
		return studio.Request{}, studio.ErrRequestGone
	case err != nil:
		return studio.Request{}, fmt.Errorf("%w: load request: %w", studio.ErrUnsure, err)
	case r.State != studio.RequestOpen, !time.Now().Before(r.Closes):
		return r, studio.ErrDecided
	}
	return r, nil
}

// possible says whether an approval could be carried out. Where AWS doesn't let
// us look, or can't be asked, carrying it out will tell.
func (s *Service) possible(ctx context.Context, r studio.Request) error {
	ctx, cancel := context.WithTimeout(ctx, lookTime) // the press has time for the decision, too
	defer cancel()
	d, _ := s.domain(r.Domain)
	_, err := s.whose(ctx, r)
	switch {
	case errors.Is(err, studio.ErrProfileTaken):
		return err
	case errors.Is(err, studio.ErrNoProfile) && !d.Create:
		return err
	case err != nil && !errors.Is(err, studio.ErrNoProfile):
		s.o.Log.WarnContext(ctx, "a profile couldn't be looked at before its approval", "domain", r.Domain, "profile", r.Profile, "err", err)
	}
	return nil
}

// decide writes the decision: of concurrent ones exactly one.
func (s *Service) decide(ctx context.Context, d studio.Decision, state studio.RequestState) (studio.Request, error) {
	now := moment()
	r, err := s.o.Store.UpdateRequest(ctx, d.ID, func(r *studio.Request) error {
		switch {
		case r.Serial != d.Serial:
			return studio.ErrRequestGone
		case r.State == state && r.Decider == d.By && r.Answer == d.Reason:
			return nil // our own write, whose answer was lost, or the same press again
		case r.State != studio.RequestOpen, !now.Before(r.Closes):
			return studio.ErrDecided
		}
		r.State, r.Decider, r.Decided, r.Answer, r.Next, r.Tries = state, d.By, now, d.Reason, time.Time{}, 0
		return nil
	})
	switch {
	case errors.Is(err, ErrNotFound):
		return r, studio.ErrRequestGone
	case errors.Is(err, studio.ErrDecided), errors.Is(err, studio.ErrRequestGone):
		return r, err
	case err != nil:
		return r, fmt.Errorf("%w: decide request: %w", studio.ErrUnsure, err)
	}
	if r.Decided.Equal(now) {
		e := entry(audit.Approved, r)
		if state == studio.RequestDenied {
			e.Step = audit.Declined
		}
		e.Actor = d.By.String()
		s.note(ctx, e)
	}
	s.nudge()
	return r, nil
}
