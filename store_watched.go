package studiobot

import (
	"context"
	"errors"
	"time"

	"github.com/studiobot/studiobot/launch"
	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/studio"
)

// watchedStore is a store whose operations are measured. An answer that is a
// store's to give, like launch.ErrNotFound, is no failure.
type watchedStore struct {
	store
	stored func(operation string, failed bool, took time.Duration)
}

// watched measures a store, where somebody wants to know.
func (w watching) watched(s store) store {
	if w.m == nil {
		return s
	}
	return watchedStore{s, w.m.Stored}
}

func (s watchedStore) done(operation string, began time.Time, err error) {
	answer := err == nil || errors.Is(err, launch.ErrNotFound) || errors.Is(err, launch.ErrFull) || errors.Is(err, context.Canceled)
	s.stored(operation, !answer, time.Since(began))
}

// Create implements launch.Tickets.
func (s watchedStore) Create(ctx context.Context, t launch.Ticket) (kept launch.Ticket, created bool, err error) {
	defer func(began time.Time) { s.done("create ticket", began, err) }(time.Now())
	return s.store.Create(ctx, t)
}

// Load implements launch.Tickets.
func (s watchedStore) Load(ctx context.Context, id string) (t launch.Ticket, err error) {
	defer func(began time.Time) { s.done("load ticket", began, err) }(time.Now())
	return s.store.Load(ctx, id)
}

// Update implements launch.Tickets. What change answers is the caller's own.
func (s watchedStore) Update(ctx context.Context, id string, change func(*launch.Ticket) error) (t launch.Ticket, err error) {
	var own error
	defer func(began time.Time) {
		failed := err
		if own != nil && errors.Is(err, own) {
			failed = nil
		}
		s.done("update ticket", began, failed)
	}(time.Now())
	return s.store.Update(ctx, id, func(t *launch.Ticket) error {
		own = change(t)
		return own
	})
}

// Deny implements launch.Denials.
func (s watchedStore) Deny(ctx context.Context, p studio.Person, d launch.Denial) (err error) {
	defer func(began time.Time) { s.done("deny", began, err) }(time.Now())
	return s.store.Deny(ctx, p, d)
}

// Lift implements launch.Denials.
func (s watchedStore) Lift(ctx context.Context, p studio.Person, reason string) (err error) {
	defer func(began time.Time) { s.done("lift", began, err) }(time.Now())
	return s.store.Lift(ctx, p, reason)
}

// Denied implements launch.Denials.
func (s watchedStore) Denied(ctx context.Context, p studio.Person) (d []launch.Denial, err error) {
	defer func(began time.Time) { s.done("denied", began, err) }(time.Now())
	return s.store.Denied(ctx, p)
}

// Ping implements launch.Store.
func (s watchedStore) Ping(ctx context.Context) (err error) {
	defer func(began time.Time) { s.done("ping", began, err) }(time.Now())
	return s.store.Ping(ctx)
}

// KeepOpened implements openings.
func (s watchedStore) KeepOpened(ctx context.Context, opened []studio.Opened) (err error) {
	defer func(began time.Time) { s.done("keep opened", began, err) }(time.Now())
	return s.store.KeepOpened(ctx, opened)
}

// PutLinks implements mapping.Links.
func (s watchedStore) PutLinks(ctx context.Context, links ...mapping.Link) (err error) {
	defer func(began time.Time) { s.done("put links", began, err) }(time.Now())
	return s.store.PutLinks(ctx, links...)
}

// LinkChanges implements mapping.Links.
func (s watchedStore) LinkChanges(ctx context.Context, after int64, each func(mapping.Change) error) (revision int64, err error) {
	defer func(began time.Time) { s.done("link changes", began, err) }(time.Now())
	return s.store.LinkChanges(ctx, after, each)
}

// KeepCopy implements mapping.Copies.
func (s watchedStore) KeepCopy(ctx context.Context, name string, taken time.Time, data []byte) (err error) {
	defer func(began time.Time) { s.done("keep copy", began, err) }(time.Now())
	return s.store.KeepCopy(ctx, name, taken, data)
}

// UnfinishedRequests implements requests.Store.
func (s watchedStore) UnfinishedRequests(ctx context.Context) (open []studio.Request, err error) {
	defer func(began time.Time) { s.done("unfinished requests", began, err) }(time.Now())
	return s.store.UnfinishedRequests(ctx)
}
