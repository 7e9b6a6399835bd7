package notify

import (
	"context"
	"errors"
	"time"

	"github.com/studiobot/studiobot/studio"
)

// ErrFull is what a Store says where it can't take another notice or person.
var ErrFull = errors.New("store is full")

// Store keeps who wants to be reminded, and what is to be told. Everything in it
// is shared by all processes that open the same store, and every method may be
// called concurrently. store/conformance holds each engine to this contract.
//
// Times are kept in whole milliseconds. An error other than ErrFull means that
// the store can't be asked, and that the write may or may not have happened;
// doing it again is harmless.
type Store interface {
	// SetReminders keeps whether somebody wants to be reminded; Reminders says so,
	// false for whoever never said anything.
	SetReminders(ctx context.Context, p studio.Person, on bool) error
	Reminders(ctx context.Context, p studio.Person) (bool, error)
	// PutNotice keeps n, in place of the one with its Kind, Person and About.
	// ErrFull where 100,000 of its kind wait.
	PutNotice(ctx context.Context, n studio.Notice) error
	// TakeNotices returns those of a kind that are due at now, the longest due
	// first and at most limit, and makes them due again at until: of concurrent
	// calls one gets each. They come as they are then, with the new Due.
	TakeNotices(ctx context.Context, kind studio.NoticeKind, now, until time.Time, limit int) ([]studio.Notice, error)
	// MoveNotice keeps n in place of the one with its Kind, Person and About if
	// that has its Serial, and does nothing otherwise.
	MoveNotice(ctx context.Context, n studio.Notice) error
	// DropNotice removes the one with n's Kind, Person and About, if it has n's
	// Serial or that is empty.
	DropNotice(ctx context.Context, n studio.Notice) error
}
