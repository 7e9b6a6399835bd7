package sqlite

import (
	"context"
	"time"

	"github.com/studiobot/studiobot/studio"
)

const (
	// openedBatch is how many openings one transaction writes.
	openedBatch = 1000
	// keepOpened is how long it is still known when somebody opened something.
	keepOpened = 400 * 24 * time.Hour
)

// KeepOpened notes when options were opened last: for each person, domain and
// profile the latest At stays, in whole milliseconds, with the Target and the
// Name that were opened then. Other fields of Opened than these are not kept. An error means
// that a part of it may have been noted; noting the same again is harmless.
func (s *Store) KeepOpened(ctx context.Context, opened []studio.Opened) error {
	for len(opened) > 0 {
		batch := opened[:min(openedBatch, len(opened))]
		opened = opened[len(batch):]
		if err := s.keepBatch(ctx, batch); err != nil {
			return s.failed(ctx, "note what was opened in", err)
		}
	}
	return nil
}

func (s *Store) keepBatch(ctx context.Context, opened []studio.Opened) error {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	keep, err := tx.PrepareContext(ctx, `INSERT INTO openings (team, user, domain, profile, at, target, name) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET at = excluded.at, target = excluded.target, name = excluded.name WHERE at < excluded.at`)
	if err != nil {
		return err
	}
	defer func() { _ = keep.Close() }()
	for _, o := range opened {
		_, err := keep.ExecContext(ctx, o.Person.Team, o.Person.User, o.Option.Domain, o.Option.Profile, o.At.UnixMilli(), string(o.Option.Target), o.Option.Name)
		if err != nil {
			return err
		}
	}
	return tx.Commit()
}

// LastOpened calls each once for every person, domain and profile that was ever
// opened (kept for at least 400 days since), in no particular order. An error
// of each ends it and is returned as it is. As with LinkChanges, each should not
// wait for anything, and may use the store.
func (s *Store) LastOpened(ctx context.Context, each func(studio.Opened) error) error {
	var refused error
	err := s.lastOpened(ctx, func(o studio.Opened) error {
		refused = each(o)
		return refused
	})
	if refused != nil {
		return refused
	}
	if err != nil {
		return s.failed(ctx, "read what was opened from", err)
	}
	return nil
}

func (s *Store) lastOpened(ctx context.Context, each func(studio.Opened) error) error {
	rows, err := s.scan.QueryContext(ctx, `SELECT team, user, domain, profile, at, target, name FROM openings`)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var o studio.Opened
		var at int64
		if err := rows.Scan(&o.Person.Team, &o.Person.User, &o.Option.Domain, &o.Option.Profile, &at, &o.Option.Target, &o.Option.Name); err != nil {
			return err
		}
		o.At = time.UnixMilli(at).UTC()
		if err := each(o); err != nil {
			return err
		}
	}
	return rows.Err()
}
