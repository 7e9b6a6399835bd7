package notify

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/studiobot/studiobot/studio"
)

const (
	// batch is how many are taken at a time, taskTime bounds one of them, and lease
	// is how long a batch is for whoever took it.
	batch    = 10
	taskTime = 10 * time.Second
	lease    = 2 * time.Minute
	// retryWait is how long something waits that couldn't be done or decided.
	retryWait = 20 * time.Second
	// tooLate is how long before its end nobody needs to be told of a session.
	tooLate = time.Minute
	// lateTells is how long after Ends an outcome is still told: the bot may have
	// been down, or Slack away.
	lateTells = 6 * time.Hour
)

// rounds does what is due of one kind until ctx ends.
func (s *Service) rounds(ctx context.Context, kind studio.NoticeKind, do func(context.Context, studio.Notice) time.Duration) {
	tick := time.NewTicker(s.o.Every)
	defer tick.Stop()
	for {
		for s.round(ctx, kind, do) == batch {
			continue // there may be more
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// round takes one batch, and says how many there were. do returns after how long
// a notice is due again; 0: it is done with.
func (s *Service) round(ctx context.Context, kind studio.NoticeKind, do func(context.Context, studio.Notice) time.Duration) int {
	taken, err := s.take(ctx, kind)
	if err != nil {
		if ctx.Err() == nil {
			s.o.Log.ErrorContext(ctx, "what people are to be told can't be read; it waits", "kind", kind, "err", err)
		}
		return 0
	}
	for _, n := range taken {
		if ctx.Err() != nil {
			return 0 // the next process has it when the lease is over
		}
		task, cancel := context.WithTimeout(ctx, taskTime)
		again := do(task, n)
		cancel()
		s.keep(ctx, n, again)
	}
	return len(taken)
}

func (s *Service) take(ctx context.Context, kind studio.NoticeKind) ([]studio.Notice, error) {
	ctx, cancel := context.WithTimeout(ctx, keepTime)
	defer cancel()
	now := moment()
	return s.o.Store.TakeNotices(ctx, kind, now, now.Add(lease), batch)
}

// keep writes what becomes of a notice, also while we stop.
func (s *Service) keep(ctx context.Context, n studio.Notice, again time.Duration) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepTime)
	defer cancel()
	err := error(nil)
	if again == 0 {
		err = s.o.Store.DropNotice(ctx, n)
	} else {
		n.Due, n.Tries = moment().Add(again), n.Tries+1
		err = s.o.Store.MoveNotice(ctx, n)
	}
	if err != nil {
		s.o.Log.ErrorContext(ctx, "what was done of a notice couldn't be noted; it may be told again", "kind", n.Kind, "err", err)
	}
}

// ends reminds somebody, if they still want it and may still open it.
func (s *Service) ends(ctx context.Context, n studio.Notice) time.Duration {
	if time.Until(n.Ends) < tooLate {
		return 0
	}
	on, err := s.o.Store.Reminders(ctx, n.Person)
	switch {
	case err != nil:
		return retryWait
	case !on:
		return 0
	}
	if may, again := s.may(ctx, n); !may {
		return again
	}
	return s.tell(ctx, n, func() error { return s.o.Desk.SessionEnds(ctx, n) })
}

// ready looks whether what somebody waits for can be opened, and tells them.
func (s *Service) ready(ctx context.Context, n studio.Notice) time.Duration {
	over := time.Until(n.Ends) <= 0
	if time.Until(n.Ends) < -lateTells {
		return 0
	}
	if may, again := s.may(ctx, n); !may {
		return again
	}
	if err := s.looks.Wait(ctx); err != nil {
		return retryWait
	}
	why := s.o.Look(ctx, n.Option)
	switch {
	case why == nil:
	case errors.Is(why, studio.ErrBroken), errors.Is(why, studio.ErrStopped), errors.Is(why, studio.ErrNoProfile), errors.Is(why, studio.ErrNoTarget):
		s.o.Log.WarnContext(ctx, "what somebody waits for won't be ready", "domain", n.Option.Domain, "profile", n.Option.Profile, "name", n.Option.Name, "user", n.Person.User, "err", why)
	case !over:
		if !errors.Is(why, studio.ErrPending) {
			s.o.Log.InfoContext(ctx, "can't look whether it is ready; it will be looked at again", "domain", n.Option.Domain, "err", why)
		}
		return min(s.o.FirstLook<<min(n.Tries, 8), longestWait)
	default:
		s.o.Log.WarnContext(ctx, "what somebody waits for isn't ready after half an hour", "domain", n.Option.Domain, "profile", n.Option.Profile, "name", n.Option.Name, "err", why)
		why = studio.ErrPending
	}
	return s.tell(ctx, n, func() error { return s.o.Desk.Became(ctx, n, why) })
}

// may says whether somebody may still open what they would be told of; if not,
// after how long to ask again, 0: never.
func (s *Service) may(ctx context.Context, n studio.Notice) (bool, time.Duration) {
	err := s.o.Allowed(ctx, n.Person, n.Option)
	switch {
	case err == nil:
		return true, 0
	case errors.Is(err, studio.ErrUnsure) && time.Until(n.Ends) > -lateTells:
		return false, retryWait
	}
	s.o.Log.InfoContext(ctx, "somebody isn't told any more: they may not open it", "kind", n.Kind, "user", n.Person.User, "domain", n.Option.Domain)
	return false, 0
}

// tell sends a message in its turn, and says after how long to try again.
func (s *Service) tell(ctx context.Context, n studio.Notice, send func() error) time.Duration {
	err := s.tells.Wait(ctx)
	if err == nil {
		err = send()
	}
	if err == nil {
		return 0
	}
	s.o.Log.WarnContext(ctx, "somebody couldn't be told", "kind", n.Kind, "user", n.Person.User, "try", n.Tries+1, "err", err)
	if errors.Is(err, studio.ErrUnknownPerson) {
		return 0
	}
	return retryWait
}

// sorted turns a store's error into a sentinel of package studio.
func sorted(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrFull):
		return fmt.Errorf("%w: %w", studio.ErrBusy, err)
	}
	return fmt.Errorf("%w: %w", studio.ErrUnsure, err)
}
