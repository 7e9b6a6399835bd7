package requests

import (
	"context"
	"errors"

	"github.com/studiobot/studiobot/studio"
)

// show puts it before the approvers.
func (s *Service) show(ctx context.Context, r *studio.Request) error {
	if r.State == studio.RequestOpen {
		s.lookUp(ctx, r)
	}
	channel, message, err := s.o.Desk.Show(ctx, *r)
	if err != nil {
		if r.State != studio.RequestOpen && r.Tries >= maxTells {
			s.o.Log.ErrorContext(ctx, "the approvers' message doesn't tell the decision: it can't be replaced", "ref", r.Ref(), "err", err)
			return nil
		}
		return err
	}
	r.Channel, r.Message = channel, message
	return nil
}

// announce has the approvers' message tell that it was approved: the rest may
// take minutes. Where that fails it says so in the end; the person doesn't wait.
func (s *Service) announce(ctx context.Context, r *studio.Request) error {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	if _, _, err := s.o.Desk.Show(ctx, *r); err != nil {
		s.o.Log.WarnContext(ctx, "the approvers' message doesn't tell yet that a request is being carried out", "ref", r.Ref(), "err", err)
	}
	return nil
}

// tell has the person hear what became of it.
func (s *Service) tell(ctx context.Context, r *studio.Request) error {
	err := s.o.Desk.Tell(ctx, *r)
	if errors.Is(err, studio.ErrUnknownPerson) || err != nil && r.Tries >= maxTells {
		s.o.Log.ErrorContext(ctx, "somebody couldn't be told what became of their request for access", "ref", r.Ref(), "user", r.Person.User, "err", err)
		return nil
	}
	return err
}

// unlink takes back what was linked while an admin withdrew it.
func (s *Service) unlink(ctx context.Context, r *studio.Request) error {
	return s.o.Table.Unlink(ctx, *r)
}

// link writes the row of the table. Hours may have passed since the approval, and
// with another one the same profile may be somebody's by now.
func (s *Service) link(ctx context.Context, r *studio.Request) error {
	if _, err := s.free(ctx, *r); err != nil {
		return err
	}
	return s.o.Table.Link(ctx, *r)
}
