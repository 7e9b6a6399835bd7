// Package dynamodb keeps all that should outlive a process in one DynamoDB
// table, for any number of copies of studiobot: a command may land on one copy,
// the click on another and the browser on a third.
//
// The table has a partition key pk, a sort key sk and a TTL attribute exp, and no
// index. Whatever changes a record is one conditional write to one item: there
// are no transactions, and nothing is ever found by a scan. Each write carries an
// ID of its own which the item keeps for a while, so that a write that the SDK
// sends again, because the answer to the first was lost, is known to be ours
// (item.go). TTL deletes days late, so that what is over is passed over by its
// own times.
//
// Start with Open; table.go is what the table must look like, and makes it.
// tickets.go and denials.go are the contract of launch.Store, links.go and
// copies.go those of package mapping, requests.go that of package requests, and
// leases.go says who works for all. links_log.go is how the links are kept,
// trouble.go says what can go wrong.
package dynamodb

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	api "github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/studiobot/studiobot/launch"
	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/notify"
	"github.com/studiobot/studiobot/requests"
	"github.com/studiobot/studiobot/studio"
)

// LoadOption changes how the SDK's configuration is loaded.
type LoadOption = func(*config.LoadOptions) error

// Options is what a Store is made of. Table is required.
type Options struct {
	// Table is the table's name.
	Table string
	// Log gets what the SDK has to say, and what is no mistake but not as it
	// should be. Nil: nobody does.
	Log *slog.Logger
	// Redirect: this process only redeems links, and may do no more than that
	// takes.
	Redirect bool
	// AppID stands in the user agent.
	AppID string
	// Load is applied last to the options that the SDK's configuration is
	// loaded with: the tests' way to credentials and an endpoint. Production
	// leaves it empty; AWS_REGION and AWS_ENDPOINT_URL_DYNAMODB count.
	Load []LoadOption
	// CallTime bounds one call, tries included; zero: 2.5 s, since somebody waits
	// for it who has to be answered in 3.
	CallTime time.Duration
	// Now is the clock; nil: time.Now.
	Now func() time.Time
}

// Store implements launch.Store, mapping.Links, mapping.Copies and
// requests.Store, notes what was opened and gives out leases. Its methods may be
// called concurrently.
type Store struct {
	api   *api.Client
	table string
	log   *slog.Logger
	now   func() time.Time
	key   []byte
	// callTime bounds one call.
	callTime time.Duration
	skew     atomic.Int64 // of our clock, as the last answer showed, in nanoseconds
	links    linkLog
	seen     seen

	counting sync.Mutex // guards counts
	counts   map[studio.NoticeKind]count
}

var (
	_ launch.Store   = (*Store)(nil)
	_ mapping.Links  = (*Store)(nil)
	_ mapping.Copies = (*Store)(nil)
	_ requests.Store = (*Store)(nil)
	_ notify.Store   = (*Store)(nil)
)

// keySize is how many bytes the store's secret has.
const keySize = 32

// Open opens a table that Init, or a template, made. It looks whether the table
// is as it has to be, whether each of the calls that will be made is permitted,
// and whether our clock is right, so that what is wrong shows at the start: the
// error says what to do.
func Open(ctx context.Context, o Options) (*Store, error) {
	s, err := connect(ctx, o)
	if err != nil {
		return nil, err
	}
	if err := s.inspect(ctx); err != nil {
		return nil, err
	}
	if err := s.rehearse(ctx, o.Redirect); err != nil {
		return nil, err
	}
	if s.key, err = s.loadKey(ctx); err != nil {
		return nil, err
	}
	return s, s.clockIsRight()
}

// Close ends nothing that others use: connections close by themselves.
func (s *Store) Close() error {
	s.links.forget()
	return nil
}

// Key implements launch.Store.
func (s *Store) Key(context.Context) ([]byte, error) { return bytes.Clone(s.key), nil }

// keyItem holds the store's secret.
func keyItem() itemKey { return itemKey{"meta", "key"} }

// loadKey reads the key, or makes it: of copies that start at the same time one
// makes it, and all have the same.
func (s *Store) loadKey(ctx context.Context) ([]byte, error) {
	const doing = "read the key of"
	x, err := s.get(ctx, keyItem())
	if err != nil {
		return nil, s.failed(ctx, doing, err)
	}
	if !x.there {
		key := make([]byte, keySize)
		_, _ = rand.Read(key) // never fails, see crypto/rand
		if x, _, err = s.create(ctx, keyItem(), key, time.Time{}, false); err != nil {
			return nil, s.failed(ctx, "make the key of", err)
		}
	}
	if len(x.record) != keySize {
		return nil, s.failed(ctx, doing, fmt.Errorf("%w: %d bytes", ErrDamaged, len(x.record)))
	}
	return x.record, nil
}

// Ping implements launch.Store. It fails too where our clock has become wrong.
func (s *Store) Ping(ctx context.Context) error {
	if _, err := s.get(ctx, keyItem()); err != nil {
		return s.failed(ctx, "ping", err)
	}
	return s.clockIsRight()
}
