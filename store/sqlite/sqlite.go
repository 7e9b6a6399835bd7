// Package sqlite keeps all that should outlive a process in one SQLite file:
// tickets and denials, so that links survive a restart, the table of who has
// which profile, requests for access, copies of what others own, and when what
// was opened last. It needs no server and no C compiler: the engine is
// modernc.org/sqlite, which is SQLite translated to Go.
//
// What a method acknowledged is on the disk: the file is in WAL mode with
// synchronous=FULL, so that a spent ticket stays spent after a power cut.
// Several processes of one machine may open the same file. A network file
// system won't do, because WAL needs memory shared between the processes.
//
// Beside the file FILE there are FILE-wal and FILE-shm while it is open; all
// three belong together. A running store is copied with "VACUUM INTO", not with
// cp. The file holds the store's key and Slack's response URLs, but no token,
// and only its owner may read it.
//
// Start with Open. schema.go is what is in the file and how it becomes so,
// tickets.go and denials.go are the contract of launch.Store, links.go and
// copies.go those of package mapping, requests.go that of package requests.
// sweep.go lets go of what is over, trouble.go says what can go wrong.
package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	driver "modernc.org/sqlite"

	"github.com/studiobot/studiobot/launch"
	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/requests"
)

const (
	// DefaultLimit is how many tickets are kept at most. A ticket takes about
	// 1 KB of disk.
	DefaultLimit = 1_000_000
	// busyTimeout is how long a write waits for another process's. A write is
	// one fsync, so whoever waits this long waits for a process that hangs.
	busyTimeout = 5 * time.Second
	// readers is how many reads run at a time, and scans how many that may take
	// as long as a million rows do, which single reads don't queue behind.
	readers = 4
	scans   = 2
)

// Options is what a Store is made of. The zero value is fine.
type Options struct {
	// Limit is the most tickets kept; zero: DefaultLimit. Processes that share a
	// file should have the same one: each refuses by its own.
	Limit int
}

// Store implements launch.Store, mapping.Links, mapping.Copies and
// requests.Store, and notes what was opened. Its methods may be called
// concurrently.
type Store struct {
	path  string
	limit int
	key   []byte
	now   func() time.Time

	// write has one connection, so that the writers of this process queue in Go
	// and only those of other processes are waited for by polling.
	write *sql.DB
	read  *sql.DB
	scan  *sql.DB

	mu        sync.Mutex // guards the rest
	nextSweep time.Time
}

var (
	_ launch.Store   = (*Store)(nil)
	_ mapping.Links  = (*Store)(nil)
	_ mapping.Copies = (*Store)(nil)
	_ requests.Store = (*Store)(nil)
)

// Open opens the file at path and makes it where there is none; its directory
// must exist. An older file is brought to the present schema first. Besides
// the sentinels of this package an error can be any that the file system has.
//
// A file of another program fails with ErrForeign and one of a newer studiobot
// with ErrNewer; neither is changed.
func Open(ctx context.Context, path string, o Options) (*Store, error) {
	return open(ctx, path, o, schema(), func() error { return nil })
}

// open is Open with a schema. after is called after each statement of a
// migration and after its commit: tests break off there.
func open(ctx context.Context, path string, o Options, steps []migration, after func() error) (*Store, error) {
	if path == "" {
		return nil, errors.New("open SQLite store: the path is empty")
	}
	full, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open SQLite store: %w", err)
	}
	if err := makeFile(full); err != nil {
		return nil, fmt.Errorf("open SQLite store: %w", err)
	}
	if o.Limit <= 0 {
		o.Limit = DefaultLimit
	}
	s := &Store{path: full, limit: o.Limit, now: time.Now}
	if err := s.openPools(); err != nil {
		_ = s.Close()
		return nil, s.failed(ctx, "open", err)
	}
	if err := s.start(ctx, steps, after); err != nil {
		_ = s.Close()
		return nil, err
	}
	return s, nil
}

// start takes the file into use. Nothing is written before it is known to be
// ours.
func (s *Store) start(ctx context.Context, steps []migration, after func() error) error {
	if err := s.identify(ctx, len(steps)); err != nil {
		return err
	}
	if err := closeToOthers(s.path); err != nil {
		return fmt.Errorf("open SQLite store: %w", err)
	}
	if err := s.useWAL(ctx); err != nil {
		return err
	}
	if err := s.migrate(ctx, steps, after); err != nil {
		return err
	}
	if err := s.mayWrite(ctx); err != nil {
		return err
	}
	return s.loadKey(ctx)
}

func (s *Store) openPools() (err error) {
	if s.write, err = pool(uri(s.path, forWriting()), 1); err != nil {
		return err
	}
	if s.read, err = pool(uri(s.path, forReading()), readers); err != nil {
		return err
	}
	s.scan, err = pool(uri(s.path, forReading()), scans)
	return err
}

// pool returns a pool of at most n connections. They are kept: a new one reads
// the schema anew, and the last one to go checkpoints the whole file.
func pool(uri string, n int) (*sql.DB, error) {
	c, err := driver.NewConnector(uri)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(c)
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	return db, nil
}

// Close waits for the calls under way and closes the file. Calls after it fail.
func (s *Store) Close() error {
	var errs []error
	for _, db := range []*sql.DB{s.scan, s.read, s.write} { // the one that checkpoints last
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

// Key implements launch.Store.
func (s *Store) Key(context.Context) ([]byte, error) { return bytes.Clone(s.key), nil }

// Ping implements launch.Store: it reads from the file.
func (s *Store) Ping(ctx context.Context) error {
	var n int
	if err := s.read.QueryRowContext(ctx, `SELECT count(*) FROM meta`).Scan(&n); err != nil {
		return s.failed(ctx, "ping", err)
	}
	return nil
}

// loadKey reads the key once: it never changes.
func (s *Store) loadKey(ctx context.Context) error {
	err := s.read.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = 'key'`).Scan(&s.key)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return s.failed(ctx, "read the key of", err)
	}
	if len(s.key) != keySize {
		return fmt.Errorf("read the key of %s: %w", s.path, ErrDamaged)
	}
	return nil
}
