package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/studiobot/studiobot/notify"
	"github.com/studiobot/studiobot/studio"
)

// noticeLimit is how many notices of a kind may wait, as notify.Store says.
const noticeLimit = 100_000

// SetReminders implements notify.Store.
func (s *Store) SetReminders(ctx context.Context, p studio.Person, on bool) error {
	query := `INSERT INTO reminds (team, user) VALUES (?, ?) ON CONFLICT DO NOTHING`
	if !on {
		query = `DELETE FROM reminds WHERE team = ? AND user = ?`
	}
	if _, err := s.write.ExecContext(ctx, query, p.Team, p.User); err != nil {
		return s.failed(ctx, "note who is reminded in", err)
	}
	return nil
}

// Reminders implements notify.Store.
func (s *Store) Reminders(ctx context.Context, p studio.Person) (bool, error) {
	var on bool
	row := s.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM reminds WHERE team = ? AND user = ?)`, p.Team, p.User)
	if err := row.Scan(&on); err != nil {
		return false, s.failed(ctx, "read who is reminded from", err)
	}
	return on, nil
}

// PutNotice implements notify.Store.
func (s *Store) PutNotice(ctx context.Context, n studio.Notice) error {
	if err := s.putNotice(ctx, n); err != nil && !errors.Is(err, notify.ErrFull) {
		return s.failed(ctx, "put notice into", err)
	} else if err != nil {
		return err
	}
	return nil
}

func (s *Store) putNotice(ctx context.Context, n studio.Notice) error {
	record, err := json.Marshal(n)
	if err != nil {
		return err
	}
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	var others int
	row := tx.QueryRowContext(ctx, `SELECT count(*) FROM notices WHERE kind = ?1 AND NOT (team = ?2 AND user = ?3 AND about = ?4)`, n.Kind, n.Person.Team, n.Person.User, n.About)
	if err := row.Scan(&others); err != nil {
		return err
	}
	if others >= noticeLimit {
		return notify.ErrFull
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO notices (kind, team, user, about, serial, due, record) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET serial = excluded.serial, due = excluded.due, record = excluded.record`,
		n.Kind, n.Person.Team, n.Person.User, n.About, n.Serial, n.Due.UnixMilli(), record)
	if err != nil {
		return err
	}
	return tx.Commit()
}

// TakeNotices implements notify.Store.
func (s *Store) TakeNotices(ctx context.Context, kind studio.NoticeKind, now, until time.Time, limit int) ([]studio.Notice, error) {
	// Nearly always there is nothing, and nothing is to be written then.
	var due bool
	row := s.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM notices WHERE kind = ? AND due <= ?)`, kind, now.UnixMilli())
	if err := row.Scan(&due); err != nil {
		return nil, s.failed(ctx, "read notices of", err)
	}
	if !due {
		return nil, nil
	}
	out, err := s.takeNotices(ctx, kind, now, until, limit)
	if err != nil {
		return nil, s.failed(ctx, "take notices from", err)
	}
	return out, nil
}

func (s *Store) takeNotices(ctx context.Context, kind studio.NoticeKind, now, until time.Time, limit int) ([]studio.Notice, error) {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer func() { _ = tx.Rollback() }()
	out, err := dueNotices(ctx, tx, kind, now, limit)
	if err != nil {
		return nil, err
	}
	for i := range out {
		out[i].Due = until
		if err := moveNotice(ctx, tx, out[i]); err != nil {
			return nil, err
		}
	}
	return out, tx.Commit()
}

func dueNotices(ctx context.Context, tx *sql.Tx, kind studio.NoticeKind, now time.Time, limit int) ([]studio.Notice, error) {
	rows, err := tx.QueryContext(ctx, `SELECT record FROM notices WHERE kind = ? AND due <= ? ORDER BY due, team, user, about LIMIT ?`, kind, now.UnixMilli(), limit)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []studio.Notice
	for rows.Next() {
		var record []byte
		var n studio.Notice
		if err := rows.Scan(&record); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(record, &n); err != nil {
			return nil, fmt.Errorf("notice %d: %w", len(out)+1, err)
		}
		out = append(out, n)
	}
	return out, rows.Err()
}

// MoveNotice implements notify.Store.
func (s *Store) MoveNotice(ctx context.Context, n studio.Notice) error {
	if err := moveNotice(ctx, s.write, n); err != nil {
		return s.failed(ctx, "move notice in", err)
	}
	return nil
}

func moveNotice(ctx context.Context, db interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}, n studio.Notice) error {
	record, err := json.Marshal(n)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, `UPDATE notices SET due = ?, record = ? WHERE kind = ? AND team = ? AND user = ? AND about = ? AND serial = ?`,
		n.Due.UnixMilli(), record, n.Kind, n.Person.Team, n.Person.User, n.About, n.Serial)
	return err
}

// DropNotice implements notify.Store.
func (s *Store) DropNotice(ctx context.Context, n studio.Notice) error {
	_, err := s.write.ExecContext(ctx, `DELETE FROM notices WHERE kind = ?1 AND team = ?2 AND user = ?3 AND about = ?4 AND (?5 = '' OR serial = ?5)`,
		n.Kind, n.Person.Team, n.Person.User, n.About, n.Serial)
	if err != nil {
		return s.failed(ctx, "drop notice from", err)
	}
	return nil
}
