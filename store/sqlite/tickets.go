package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/studiobot/studiobot/launch"
)

// Create implements launch.Tickets.
func (s *Store) Create(ctx context.Context, t launch.Ticket) (launch.Ticket, bool, error) {
	record, err := json.Marshal(t)
	if err != nil {
		return launch.Ticket{}, false, fmt.Errorf("write ticket: %w", err)
	}
	if s.sweepIsDue() {
		if err := s.sweep(ctx); err != nil {
			return launch.Ticket{}, false, err
		}
	}
	for swept := false; ; swept = true {
		created, err := s.insert(ctx, t, record)
		if err != nil {
			return launch.Ticket{}, false, err
		}
		if created {
			return t, true, nil
		}
		kept, err := s.Load(ctx, t.ID)
		if !errors.Is(err, launch.ErrNotFound) {
			return kept, false, err
		}
		if swept {
			return launch.Ticket{}, false, launch.ErrFull
		}
		if err := s.sweep(ctx); err != nil {
			return launch.Ticket{}, false, err
		}
	}
}

// insert adds a row, unless there is one with its ID or no room. One statement
// is a transaction of its own.
func (s *Store) insert(ctx context.Context, t launch.Ticket, record []byte) (bool, error) {
	res, err := s.write.ExecContext(ctx, `INSERT INTO tickets (id, expires, record) SELECT ?, ?, ?
		WHERE (SELECT value FROM meta WHERE name = 'tickets') < ? ON CONFLICT DO NOTHING`,
		t.ID, t.Expires.UnixMilli(), record, s.limit)
	if err != nil {
		return false, s.failed(ctx, "create ticket in", err)
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

// Load implements launch.Tickets.
func (s *Store) Load(ctx context.Context, id string) (launch.Ticket, error) {
	t, err := ticketOf(s.read.QueryRowContext(ctx, selectTicket, id))
	if err != nil {
		return launch.Ticket{}, s.ticketFailed(ctx, "load ticket from", err)
	}
	return t, nil
}

const selectTicket = `SELECT record FROM tickets WHERE id = ?`

func ticketOf(row *sql.Row) (t launch.Ticket, err error) {
	var record []byte
	if err := row.Scan(&record); err != nil {
		return t, err
	}
	err = json.Unmarshal(record, &t)
	return t, err
}

// ticketFailed is failed for a read that may have found no row. A read that was
// broken off says nothing about the ticket.
func (s *Store) ticketFailed(ctx context.Context, what string, err error) error {
	if errors.Is(err, sql.ErrNoRows) && ctx.Err() == nil {
		return launch.ErrNotFound
	}
	return s.failed(ctx, what, err)
}

// Update implements launch.Tickets. change is called once, while all other
// writes wait.
func (s *Store) Update(ctx context.Context, id string, change func(*launch.Ticket) error) (launch.Ticket, error) {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return launch.Ticket{}, s.failed(ctx, "update ticket in", err)
	}
	defer func() { _ = tx.Rollback() }()
	t, err := ticketOf(tx.QueryRowContext(ctx, selectTicket, id))
	if err != nil {
		return launch.Ticket{}, s.ticketFailed(ctx, "update ticket in", err)
	}
	if err := change(&t); err != nil {
		return t, err
	}
	record, err := json.Marshal(t)
	if err != nil {
		return launch.Ticket{}, fmt.Errorf("write ticket: %w", err)
	}
	_, err = tx.ExecContext(ctx, `UPDATE tickets SET expires = ?, record = ? WHERE id = ?`, t.Expires.UnixMilli(), record, id)
	if err == nil {
		err = tx.Commit()
	}
	if err != nil {
		return launch.Ticket{}, s.failed(ctx, "update ticket in", err)
	}
	return t, nil
}
