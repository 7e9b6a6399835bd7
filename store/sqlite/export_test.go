package sqlite

import (
	"context"
	"database/sql"
	"time"
)

// Statement is one statement of a migration that a test makes up.
type Statement = string

// OpenUpgraded is Open by a later version of studiobot, whose schema has these
// migrations besides. after is called after each statement and each commit.
func OpenUpgraded(ctx context.Context, path string, after func() error, more ...[]Statement) (*Store, error) {
	steps := schema()
	for _, statements := range more {
		var m migration
		for _, q := range statements {
			m = append(m, statement{sql: q})
		}
		steps = append(steps, m)
	}
	return open(ctx, path, Options{}, steps, after)
}

// SetClock must be called before the store is used.
func (s *Store) SetClock(now func() time.Time) { s.now = now }

// Writer is the one connection that writes, Reader one of those that read.
func (s *Store) Writer() *sql.DB { return s.write }
func (s *Store) Reader() *sql.DB { return s.read }

const (
	Linger     = linger
	SweepEvery = sweepEvery
	SweepBatch = sweepBatch

	LinkBatch       = linkBatch
	UnfinishedLimit = unfinishedLimit
	KeepFinished    = keepFinished
	KeepOpenedFor   = keepOpened
)
