package requests

import (
	"context"
	"errors"
	"time"

	"github.com/studiobot/studiobot/audit"
	"github.com/studiobot/studiobot/studio"
)

const (
	// lease is how long whoever works on a request has it for themselves: longer
	// than a round of its steps takes, so that one found older belongs to a
	// process that died.
	lease = 2 * time.Minute
	// stepTime bounds one step.
	stepTime = 20 * time.Second
	// keepTime bounds one write of the record.
	keepTime = 5 * time.Second
	// firstWait and longestWait are how long a step that failed waits for its
	// next try; it doubles in between.
	firstWait   = 2 * time.Second
	longestWait = 10 * time.Minute
	// patience is how long an approval is tried to be carried out.
	patience = 24 * time.Hour
	// blip is how long AWS may say "not permitted" before that is believed:
	// credentials expire and come back.
	blip = 15 * time.Minute
	// maxTells is how often somebody who can't be told is tried to be.
	maxTells = 8
)

// errWait is a step that isn't done yet, without anything being wrong.
var errWait = errors.New("not yet")

// Run does what is left to do of every request, and closes those that nobody
// decides, until ctx ends. Several processes may run it over one store.
func (s *Service) Run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
		case <-s.wake:
		case <-ctx.Done():
			return
		}
		next := s.round(ctx)
		if next == 0 || next > s.o.Every {
			next = s.o.Every
		}
		timer.Reset(next)
	}
}

// round works on every request that is due, and says after how long the next
// one will be; 0: none is known.
func (s *Service) round(ctx context.Context) (next time.Duration) {
	all, err := s.o.Store.UnfinishedRequests(ctx)
	if err != nil {
		if ctx.Err() == nil {
			s.o.Log.ErrorContext(ctx, "requests for access can't be read; what is left to do waits", "err", err)
		}
		return 0
	}
	for _, r := range all {
		if ctx.Err() != nil {
			return 0
		}
		if idle(r, time.Now()) {
			continue
		}
		if wait := r.Next.Sub(moment()); wait > 0 {
			next = sooner(next, wait)
			continue
		}
		r, ok := s.claim(ctx, r.ID)
		if !ok {
			next = sooner(next, firstWait) // somebody else has it, or the store is away
			continue
		}
		if r = s.work(ctx, r); !r.Finished && !idle(r, time.Now()) {
			next = sooner(next, max(time.Until(r.Next), time.Millisecond))
		}
	}
	return next
}

// moment is now, as a record keeps it.
func moment() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }

func sooner(a, b time.Duration) time.Duration {
	if a == 0 {
		return b
	}
	return min(a, b)
}

// idle says that a request only waits for an approver.
func idle(r studio.Request, now time.Time) bool {
	return r.State == studio.RequestOpen && r.Message != "" && now.Before(r.Closes)
}

// claim takes a request that is due for the time of a lease.
func (s *Service) claim(ctx context.Context, id string) (studio.Request, bool) {
	now := moment()
	late, expired := errors.New("somebody else has it"), false
	r, err := s.o.Store.UpdateRequest(ctx, id, func(r *studio.Request) error {
		if r.Finished || now.Before(r.Next) {
			return late
		}
		if expired = r.State == studio.RequestOpen && !now.Before(r.Closes); expired {
			r.State, r.Answer, r.Decided, r.Tries = studio.RequestClosed, studio.AnswerExpired, now, 0
		}
		r.Next, r.Tries = now.Add(lease), r.Tries+1
		return nil
	})
	if err != nil && !errors.Is(err, late) && !errors.Is(err, ErrNotFound) {
		s.o.Log.ErrorContext(ctx, "a request for access can't be worked on", "ref", r.Ref(), "err", err)
	}
	if err == nil && expired {
		e := entry(audit.Closed, r)
		e.Reason = studio.AnswerExpired
		s.note(ctx, e)
	}
	return r, err == nil
}

// work does the steps that are left, in order, and keeps each as it is done.
// What comes behind a step that fails waits for it.
func (s *Service) work(ctx context.Context, r studio.Request) studio.Request {
	state := r.State
	for _, step := range steps(r) {
		err := s.try(ctx, &r, step)
		if err == nil {
			continue
		}
		if answer := hopeless(r, err); answer != "" {
			s.o.Log.ErrorContext(ctx, "an approved request for access can't be carried out", "ref", r.Ref(), "domain", r.Domain, "profile", r.Profile, "err", err)
			return s.giveUp(ctx, r, answer)
		}
		wait := min(firstWait<<min(r.Tries-1, 12), longestWait)
		if ctx.Err() != nil {
			wait = 0 // we stop; the next process need not wait for the lease
		} else if !errors.Is(err, errWait) {
			s.o.Log.WarnContext(ctx, "a request for access isn't done yet", "ref", r.Ref(), "step", step.name, "try", r.Tries, "again_in", wait.String(), "err", err)
		}
		return s.keep(ctx, r, func(now *studio.Request) { now.Next = moment().Add(wait) })
	}
	return s.keep(ctx, r, func(now *studio.Request) {
		now.Next = time.Time{}
		// It may have been decided meanwhile, or what was done couldn't be noted.
		now.Finished = now.State == state && state != studio.RequestOpen && len(steps(*now)) == 0
	})
}

// step is one thing to do, and how the record says that it is done.
type step struct {
	name string
	do   func(s *Service, ctx context.Context, r *studio.Request) error
	done func(r *studio.Request)
}

// steps are those that a request's state asks for and that aren't done.
func steps(r studio.Request) []step {
	var out []step
	add := func(done bool, x step) {
		if !done {
			out = append(out, x)
		}
	}
	show := step{"show", (*Service).show, func(r *studio.Request) { r.Shown = true }}
	tell := step{"tell", (*Service).tell, func(r *studio.Request) { r.Told = true }}
	switch r.State {
	case studio.RequestOpen:
		add(r.Message != "", step{"show", (*Service).show, func(*studio.Request) {}})
	case studio.RequestApproved:
		add(r.Seen, step{"tell the approvers", (*Service).announce, func(r *studio.Request) { r.Seen = true }})
		add(r.Made, step{"make", (*Service).make, func(r *studio.Request) { r.Made = true }})
		add(r.Linked, step{"link", (*Service).link, func(r *studio.Request) { r.Linked = true }})
		add(r.Shown, show)
		add(r.Told, tell)
	default:
		// Also where nobody got as far as linking it, or died after it.
		withdrawn := r.State == studio.RequestClosed && r.Answer == studio.AnswerWithdrawn // a denial's answer is free text
		add(!withdrawn || r.Undone, step{"unlink", (*Service).unlink, func(r *studio.Request) { r.Undone = true }})
		add(r.Shown, show)
		add(r.Told, tell)
	}
	return out
}

// try does one step and keeps that it is done.
func (s *Service) try(ctx context.Context, r *studio.Request, x step) error {
	ctx, cancel := context.WithTimeout(ctx, stepTime)
	defer cancel()
	if err := x.do(s, ctx, r); err != nil {
		return err
	}
	channel, message, exists, others := r.Channel, r.Message, r.Exists, r.Others
	*r = s.keep(ctx, *r, func(now *studio.Request) {
		now.Channel, now.Message, now.Exists, now.Others, now.Tries = channel, message, exists, others, 1
		x.done(now)
	})
	return nil
}

// keep writes what was done, also while we stop. Where that fails it is done once
// more later.
func (s *Service) keep(ctx context.Context, r studio.Request, change func(*studio.Request)) studio.Request {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepTime)
	defer cancel()
	kept, err := s.o.Store.UpdateRequest(ctx, r.ID, func(now *studio.Request) error {
		if now.Serial != r.Serial {
			return studio.ErrRequestGone
		}
		change(now)
		return nil
	})
	if err != nil {
		s.o.Log.ErrorContext(ctx, "what was done of a request for access couldn't be noted; it will be done again", "ref", r.Ref(), "err", err)
		return r
	}
	return kept
}

// hopeless says why trying again won't help, or "".
func hopeless(r studio.Request, err error) string {
	switch {
	case r.State != studio.RequestApproved || r.Linked:
		return ""
	case errors.Is(err, studio.ErrProfileTaken):
		return studio.AnswerTaken
	case errors.Is(err, studio.ErrDenied):
		return studio.AnswerDenied
	case errors.Is(err, studio.ErrForbidden) && time.Since(r.Decided) > blip:
		return studio.AnswerForbidden
	case errors.Is(err, studio.ErrRefused), errors.Is(err, studio.ErrNoProfile), errors.Is(err, studio.ErrInvalid), time.Since(r.Decided) > patience:
		return studio.AnswerFailed
	}
	return ""
}

// giveUp closes an approved request that can't be carried out, and has people
// hear of it.
func (s *Service) giveUp(ctx context.Context, r studio.Request, answer string) studio.Request {
	r = s.keep(ctx, r, func(now *studio.Request) {
		now.State, now.Answer, now.Shown, now.Told, now.Next, now.Tries = studio.RequestClosed, answer, false, false, time.Time{}, 0
	})
	e := entry(audit.Closed, r)
	e.Reason = answer
	s.note(ctx, e)
	return r
}
