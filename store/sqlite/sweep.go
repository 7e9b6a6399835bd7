package sqlite

import (
	"context"
	"time"
)

const (
	// linger is how long an expired ticket is still known, so that its page can
	// say "expired" or "already used".
	linger = time.Minute
	// sweepEvery is how often what is over is looked for.
	sweepEvery = time.Minute
	// sweepBatch bounds what one sweep deletes, and so how long the call that it
	// is part of takes. Where there is more the next call goes on.
	sweepBatch = 500
)

// sweepIsDue says so once per interval, however many ask.
func (s *Store) sweepIsDue() bool {
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Before(s.nextSweep) {
		return false
	}
	s.nextSweep = now.Add(sweepEvery)
	return true
}

// sweep deletes what has been over for a while, of each kind the oldest first.
// With nothing to delete nothing is written. How long requests and openings are
// kept is the least that their contracts say.
func (s *Store) sweep(ctx context.Context) error {
	now := s.now()
	over := now.Add(-linger)
	more := false
	for _, q := range []struct {
		sql    string
		before any
	}{
		{`DELETE FROM tickets WHERE id IN (SELECT id FROM tickets WHERE expires < ? ORDER BY expires LIMIT ?)`, over.UnixMilli()},
		{`DELETE FROM denials WHERE rowid IN (SELECT rowid FROM denials WHERE until < ? ORDER BY until LIMIT ?)`, nanos(over)},
		{`DELETE FROM requests WHERE rowid IN (SELECT rowid FROM requests WHERE finished < ? ORDER BY finished LIMIT ?)`, nanos(now.Add(-keepFinished))},
		{`DELETE FROM openings WHERE (team, user, domain, profile) IN
			(SELECT team, user, domain, profile FROM openings WHERE at < ? ORDER BY at LIMIT ?)`, now.Add(-keepOpened).UnixMilli()},
	} {
		res, err := s.write.ExecContext(ctx, q.sql, q.before, sweepBatch)
		if err != nil {
			return s.failed(ctx, "sweep", err)
		}
		if n, err := res.RowsAffected(); err == nil && n == sweepBatch {
			more = true
		}
	}
	if more {
		s.mu.Lock()
		s.nextSweep = time.Time{}
		s.mu.Unlock()
	}
	return nil
}
