package sqlite

import (
	"context"
	"database/sql"
	"math"
	"time"

	"github.com/studiobot/studiobot/launch"
	"github.com/studiobot/studiobot/studio"
)

// Deny implements launch.Denials.
func (s *Store) Deny(ctx context.Context, p studio.Person, d launch.Denial) error {
	// NULL is the strongest of each. max of a NULL is NULL. The SET sees the row
	// as it was.
	_, err := s.write.ExecContext(ctx, `INSERT INTO denials (team, user, reason, before, until) VALUES (?1, ?2, ?3, ?4, ?5)
		ON CONFLICT DO UPDATE SET
			before = CASE WHEN until <= ?6 THEN excluded.before ELSE max(before, excluded.before) END,
			until = CASE WHEN until <= ?6 THEN excluded.until ELSE max(until, excluded.until) END`,
		p.Team, p.User, d.Reason, nanos(d.Before), nanos(d.Until), nanos(s.now()))
	if err != nil {
		return s.failed(ctx, "deny in", err)
	}
	return nil
}

// Lift implements launch.Denials.
func (s *Store) Lift(ctx context.Context, p studio.Person, reason string) error {
	_, err := s.write.ExecContext(ctx, `DELETE FROM denials WHERE team = ? AND user = ? AND reason = ?`, p.Team, p.User, reason)
	if err != nil {
		return s.failed(ctx, "lift denial in", err)
	}
	return nil
}

// Denied implements launch.Denials. The order is by reason.
func (s *Store) Denied(ctx context.Context, p studio.Person) ([]launch.Denial, error) {
	out, err := s.denials(ctx, p)
	if err != nil {
		return nil, s.failed(ctx, "read denials of", err)
	}
	return out, nil
}

func (s *Store) denials(ctx context.Context, p studio.Person) ([]launch.Denial, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT reason, before, until FROM denials
		WHERE team = ? AND user = ? AND (until IS NULL OR until > ?) ORDER BY reason`, p.Team, p.User, nanos(s.now()))
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []launch.Denial
	for rows.Next() {
		var d launch.Denial
		var before, until sql.NullInt64
		if err := rows.Scan(&d.Reason, &before, &until); err != nil {
			return nil, err
		}
		d.Before, d.Until = instant(before), instant(until)
		out = append(out, d)
	}
	return out, rows.Err()
}

// nanos writes a time as a column. The zero time is NULL, and one that
// nanoseconds can't tell is the nearest that they can: the years 1678 to 2262.
func nanos(t time.Time) sql.NullInt64 {
	switch {
	case t.IsZero():
		return sql.NullInt64{}
	case t.Before(time.Unix(0, math.MinInt64)):
		return sql.NullInt64{Int64: math.MinInt64, Valid: true}
	case t.After(time.Unix(0, math.MaxInt64)):
		return sql.NullInt64{Int64: math.MaxInt64, Valid: true}
	}
	return sql.NullInt64{Int64: t.UnixNano(), Valid: true}
}

func instant(n sql.NullInt64) time.Time {
	if !n.Valid {
		return time.Time{}
	}
	return time.Unix(0, n.Int64).UTC()
}
