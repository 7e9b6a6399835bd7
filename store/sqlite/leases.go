package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// A lease is a row of meta, so that it needs no schema of its own: a copy of the
// version before may have the file open, too.
func leaseName(lease string) string { return "lease/" + lease }

// Lease gives the holder a lease for a while, or more of what they have, unless
// somebody else has it; held says whether they have it now. It is atomic.
func (s *Store) Lease(ctx context.Context, lease, holder string, term time.Duration) (held bool, err error) {
	held, err = s.lease(ctx, lease, holder, term)
	if err != nil {
		return false, s.failed(ctx, "take a lease in", err)
	}
	return held, nil
}

func (s *Store) lease(ctx context.Context, lease, holder string, term time.Duration) (bool, error) {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return false, err
	}
	defer func() { _ = tx.Rollback() }()
	now := s.now()
	var row string
	err = tx.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = ?`, leaseName(lease)).Scan(&row)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return false, err
	}
	var ends int64
	var other string
	if _, err := fmt.Sscanf(row, "%d %q", &ends, &other); err == nil && other != holder && now.UnixNano() < ends {
		return false, nil
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value`,
		leaseName(lease), fmt.Sprintf("%d %q", now.Add(term).UnixNano(), holder))
	if err != nil {
		return false, err
	}
	return true, tx.Commit()
}

// Release ends a lease, if the holder has it.
func (s *Store) Release(ctx context.Context, lease, holder string) error {
	_, err := s.write.ExecContext(ctx, `DELETE FROM meta WHERE name = ? AND substr(value, instr(value, ' ') + 1) = ?`, leaseName(lease), fmt.Sprintf("%q", holder))
	if err != nil {
		return s.failed(ctx, "release a lease in", err)
	}
	return nil
}
