package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// KeepCopy implements mapping.Copies. A copy as old as the one that is there
// replaces it.
func (s *Store) KeepCopy(ctx context.Context, name string, taken time.Time, data []byte) error {
	if data == nil {
		data = []byte{} // the driver writes nil as NULL
	}
	_, err := s.write.ExecContext(ctx, `INSERT INTO copies (name, taken, data) VALUES (?, ?, ?) ON CONFLICT (name)
		DO UPDATE SET taken = excluded.taken, data = excluded.data WHERE copies.taken IS NULL OR copies.taken <= excluded.taken`,
		name, nanos(taken), data)
	if err != nil {
		return s.failed(ctx, "keep copy in", err)
	}
	return nil
}

// Copy implements mapping.Copies.
func (s *Store) Copy(ctx context.Context, name string) ([]byte, time.Time, error) {
	return s.CopySince(ctx, name, time.Time{})
}

// CopySince implements mapping.Copies.
func (s *Store) CopySince(ctx context.Context, name string, since time.Time) ([]byte, time.Time, error) {
	var data []byte
	var taken sql.NullInt64
	err := s.read.QueryRowContext(ctx, `SELECT data, taken FROM copies WHERE name = ?1 AND (?2 IS NULL OR taken > ?2)`, name, nanos(since)).Scan(&data, &taken)
	if errors.Is(err, sql.ErrNoRows) && ctx.Err() == nil {
		return nil, time.Time{}, nil
	}
	if err != nil {
		return nil, time.Time{}, s.failed(ctx, "read copy of", err)
	}
	return data, instant(taken), nil
}
