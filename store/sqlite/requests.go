package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/studiobot/studiobot/requests"
	"github.com/studiobot/studiobot/studio"
)

const (
	// unfinishedLimit is how many requests may be unfinished, as requests.Store
	// says.
	unfinishedLimit = 10_000
	// keepFinished is how long a finished request is still known.
	keepFinished = 30 * 24 * time.Hour
)

const selectRequest = `SELECT record FROM requests WHERE id = ?`

func requestOf(row interface{ Scan(...any) error }) (r studio.Request, err error) {
	var record []byte
	if err := row.Scan(&record); err != nil {
		return r, err
	}
	err = json.Unmarshal(record, &r)
	return r, err
}

// requestFailed is failed for a read that may have found no row. A read that
// was broken off says nothing about the request.
func (s *Store) requestFailed(ctx context.Context, what string, err error) error {
	if errors.Is(err, sql.ErrNoRows) && ctx.Err() == nil {
		return requests.ErrNotFound
	}
	return s.failed(ctx, what, err)
}

// CreateRequest implements requests.Store.
func (s *Store) CreateRequest(ctx context.Context, r studio.Request) (studio.Request, bool, error) {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return studio.Request{}, false, s.failed(ctx, "create request in", err)
	}
	defer func() { _ = tx.Rollback() }()
	kept, err := requestOf(tx.QueryRowContext(ctx, selectRequest, r.ID))
	if err == nil && !kept.Finished {
		return kept, false, nil
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return studio.Request{}, false, s.failed(ctx, "create request in", err)
	}
	var unfinished int
	err = tx.QueryRowContext(ctx, `SELECT count(*) FROM requests WHERE finished IS NULL`).Scan(&unfinished)
	if err != nil {
		return studio.Request{}, false, s.failed(ctx, "create request in", err)
	}
	if unfinished >= unfinishedLimit {
		return studio.Request{}, false, requests.ErrFull
	}
	if err := s.putRequest(ctx, tx, r.ID, r); err != nil {
		return studio.Request{}, false, s.failed(ctx, "create request in", err)
	}
	return r, true, nil
}

// putRequest writes the row and commits. finished is when the request was
// written last as one that is.
func (s *Store) putRequest(ctx context.Context, tx *sql.Tx, id string, r studio.Request) error {
	record, err := json.Marshal(r)
	if err != nil {
		return err
	}
	var finished sql.NullInt64
	if r.Finished {
		finished = nanos(s.now())
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO requests (id, asked, finished, record) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (id)
		DO UPDATE SET asked = ?2, finished = ?3, record = ?4`,
		id, nanos(r.Asked), finished, record)
	if err != nil {
		return err
	}
	return tx.Commit()
}

// LoadRequest implements requests.Store.
func (s *Store) LoadRequest(ctx context.Context, id string) (studio.Request, error) {
	r, err := requestOf(s.read.QueryRowContext(ctx, selectRequest, id))
	if err != nil {
		return studio.Request{}, s.requestFailed(ctx, "load request from", err)
	}
	return r, nil
}

// UpdateRequest implements requests.Store. change is called once, while all
// other writes wait.
func (s *Store) UpdateRequest(ctx context.Context, id string, change func(*studio.Request) error) (studio.Request, error) {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return studio.Request{}, s.failed(ctx, "update request in", err)
	}
	defer func() { _ = tx.Rollback() }()
	r, err := requestOf(tx.QueryRowContext(ctx, selectRequest, id))
	if err != nil {
		return studio.Request{}, s.requestFailed(ctx, "update request in", err)
	}
	if err := change(&r); err != nil {
		return r, err
	}
	if err := s.putRequest(ctx, tx, id, r); err != nil {
		return studio.Request{}, s.failed(ctx, "update request in", err)
	}
	return r, nil
}

// UnfinishedRequests implements requests.Store.
func (s *Store) UnfinishedRequests(ctx context.Context) ([]studio.Request, error) {
	out, err := s.unfinished(ctx)
	if err != nil {
		return nil, s.failed(ctx, "read requests of", err)
	}
	return out, nil
}

func (s *Store) unfinished(ctx context.Context) ([]studio.Request, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT record FROM requests WHERE finished IS NULL ORDER BY asked, id`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []studio.Request
	for rows.Next() {
		r, err := requestOf(rows)
		if err != nil {
			return nil, fmt.Errorf("request %d: %w", len(out)+1, err)
		}
		out = append(out, r)
	}
	return out, rows.Err()
}
