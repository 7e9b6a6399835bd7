package requests

import (
	"context"
	"errors"

	"github.com/studiobot/studiobot/studio"
)

// ErrNotFound is what a Store says of a request that it doesn't have.
var ErrNotFound = errors.New("no such request")

// ErrFull is what a Store says where it can't take another request.
var ErrFull = errors.New("store is full")

// Store keeps requests. Everything in it is shared by all processes that open
// the same store, and every method may be called concurrently.
// store/conformance holds each engine to this contract.
//
// An error other than the ones named means that the store can't be asked, and
// that the write may or may not have happened. Callers ask again with the same
// values.
type Store interface {
	// CreateRequest keeps r, unless there is one with its ID that isn't
	// Finished: then that one is returned as it is, and created is false. A
	// finished one is replaced. It is atomic: of concurrent calls with one ID
	// exactly one creates. ErrFull where 10,000 requests are unfinished.
	CreateRequest(ctx context.Context, r studio.Request) (kept studio.Request, created bool, err error)
	// LoadRequest returns a request, finished ones too for 30 days at least, or
	// ErrNotFound.
	LoadRequest(ctx context.Context, id string) (studio.Request, error)
	// UpdateRequest applies change to the request as it is and keeps the result,
	// atomically: no other write comes between. change may be called more than
	// once and must depend on nothing but its argument; where it returns an
	// error nothing is written and that error is returned with the request as
	// change left it. ErrNotFound where there is no such request.
	UpdateRequest(ctx context.Context, id string, change func(*studio.Request) error) (studio.Request, error)
	// UnfinishedRequests returns all that aren't Finished, oldest first by Asked.
	UnfinishedRequests(ctx context.Context) ([]studio.Request, error)
}
