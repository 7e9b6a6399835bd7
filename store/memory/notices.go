package memory

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/studiobot/studiobot/notify"
	"github.com/studiobot/studiobot/studio"
)

const (
	// noticeLimit is how many notices of a kind may wait, as notify.Store says.
	noticeLimit = 100_000
	// remindLimit bounds the people who want to be reminded.
	remindLimit = 1_000_000
)

// notices is who wants to be reminded, and what is to be told.
type notices struct {
	mu      sync.Mutex // guards the rest
	reminds map[studio.Person]struct{}
	waiting map[studio.NoticeKind]map[noticeKey]studio.Notice
	closed  bool
}

type noticeKey struct {
	person studio.Person
	about  string
}

func keyOf(n studio.Notice) noticeKey { return noticeKey{n.Person, n.About} }

func (x *notices) close() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.reminds, x.waiting, x.closed = nil, nil, true
}

// SetReminders implements notify.Store. ErrFull where a million people want it.
func (s *Store) SetReminders(ctx context.Context, p studio.Person, on bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	x := &s.notices
	x.mu.Lock()
	defer x.mu.Unlock()
	if !on {
		delete(x.reminds, p)
		return nil
	}
	if _, there := x.reminds[p]; !there && (x.closed || len(x.reminds) >= remindLimit) {
		return notify.ErrFull
	}
	if x.reminds == nil {
		x.reminds = map[studio.Person]struct{}{}
	}
	x.reminds[p] = struct{}{}
	return nil
}

// Reminders implements notify.Store.
func (s *Store) Reminders(ctx context.Context, p studio.Person) (bool, error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	s.notices.mu.Lock()
	defer s.notices.mu.Unlock()
	_, on := s.notices.reminds[p]
	return on, nil
}

// PutNotice implements notify.Store.
func (s *Store) PutNotice(ctx context.Context, n studio.Notice) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	x := &s.notices
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.waiting == nil {
		x.waiting = map[studio.NoticeKind]map[noticeKey]studio.Notice{}
	}
	of := x.waiting[n.Kind]
	if _, there := of[keyOf(n)]; !there && (x.closed || len(of) >= noticeLimit) {
		return notify.ErrFull
	}
	if of == nil {
		of = map[noticeKey]studio.Notice{}
		x.waiting[n.Kind] = of
	}
	of[keyOf(n)] = n
	return nil
}

// TakeNotices implements notify.Store.
func (s *Store) TakeNotices(ctx context.Context, kind studio.NoticeKind, now, until time.Time, limit int) ([]studio.Notice, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	x := &s.notices
	x.mu.Lock()
	defer x.mu.Unlock()
	var due []studio.Notice
	for _, n := range x.waiting[kind] {
		if !n.Due.After(now) {
			due = append(due, n)
		}
	}
	slices.SortFunc(due, func(a, b studio.Notice) int {
		return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.Person.String(), b.Person.String()), cmp.Compare(a.About, b.About))
	})
	due = due[:min(len(due), limit)]
	for i := range due {
		due[i].Due = until
		x.waiting[kind][keyOf(due[i])] = due[i]
	}
	return due, nil
}

// MoveNotice implements notify.Store.
func (s *Store) MoveNotice(ctx context.Context, n studio.Notice) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.notices.mu.Lock()
	defer s.notices.mu.Unlock()
	of := s.notices.waiting[n.Kind]
	if was, there := of[keyOf(n)]; there && was.Serial == n.Serial {
		of[keyOf(n)] = n
	}
	return nil
}

// DropNotice implements notify.Store.
func (s *Store) DropNotice(ctx context.Context, n studio.Notice) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.notices.mu.Lock()
	defer s.notices.mu.Unlock()
	of := s.notices.waiting[n.Kind]
	if was, there := of[keyOf(n)]; there && (n.Serial == "" || was.Serial == n.Serial) {
		delete(of, keyOf(n))
	}
	return nil
}
