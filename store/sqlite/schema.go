package sqlite

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"
)

const (
	// applicationID marks the file as ours: "SBOT". It is what file(1) and
	// SQLite's application_id are for, https://www.sqlite.org/fileformat2.html.
	applicationID = 0x53424f54
	keySize       = 32
)

// migration brings the schema from one version to the next, in a transaction.
type migration []statement

type statement struct {
	sql  string
	args []any
}

// schema is how the present schema came to be: the n-th migration makes version
// n, which is the file's user_version. One that was released never changes.
func schema() []migration {
	key := make([]byte, keySize)
	_, _ = rand.Read(key) // never fails, see crypto/rand
	return []migration{
		{
			{sql: fmt.Sprintf(`PRAGMA application_id = %d`, applicationID)},
			// key: the store's secret. tickets: how many there are; counting a
			// million rows for each new one would take longer than its fsync.
			{sql: `CREATE TABLE meta (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID`},
			{sql: `INSERT INTO meta (name, value) VALUES ('key', ?), ('tickets', 0)`, args: []any{key}},
			// expires is in milliseconds since 1970; record is launch.Ticket as JSON.
			{sql: `CREATE TABLE tickets (id TEXT PRIMARY KEY, expires INTEGER NOT NULL, record BLOB NOT NULL) STRICT`},
			{sql: `CREATE INDEX tickets_by_expiry ON tickets (expires)`},
			{sql: `CREATE TRIGGER ticket_came AFTER INSERT ON tickets BEGIN UPDATE meta SET value = value + 1 WHERE name = 'tickets'; END`},
			{sql: `CREATE TRIGGER ticket_went AFTER DELETE ON tickets BEGIN UPDATE meta SET value = value - 1 WHERE name = 'tickets'; END`},
			// The times are in nanoseconds since 1970, NULL for none.
			{sql: `CREATE TABLE denials (team TEXT NOT NULL, user TEXT NOT NULL, reason TEXT NOT NULL, before INTEGER, until INTEGER, PRIMARY KEY (team, user, reason)) STRICT`},
			{sql: `CREATE INDEX denials_by_end ON denials (until) WHERE until IS NOT NULL`},
		},
		{
			// revision: that of the last change of links.
			{sql: `INSERT INTO meta (name, value) VALUES ('revision', 0)`},
			// A link gets a new revision with each change, also when it goes: the
			// row stays, so that whoever reads the changes hears of it. As the row's
			// own number the revision needs no index, and reading all is one scan.
			// at is in milliseconds since 1970.
			{sql: `CREATE TABLE links (revision INTEGER PRIMARY KEY, team TEXT NOT NULL, user TEXT NOT NULL, domain TEXT NOT NULL, profile TEXT NOT NULL,
				denied INTEGER NOT NULL, by TEXT NOT NULL, at INTEGER NOT NULL, gone INTEGER NOT NULL, UNIQUE (team, user, domain)) STRICT`},
			// record is studio.Request as JSON. asked and finished are in nanoseconds
			// since 1970; finished is NULL until the request is.
			{sql: `CREATE TABLE requests (id TEXT PRIMARY KEY, asked INTEGER, finished INTEGER, record BLOB NOT NULL) STRICT`},
			{sql: `CREATE INDEX requests_unfinished ON requests (asked, id) WHERE finished IS NULL`},
			{sql: `CREATE INDEX requests_by_finish ON requests (finished) WHERE finished IS NOT NULL`},
			// taken is in nanoseconds since 1970.
			{sql: `CREATE TABLE copies (name TEXT PRIMARY KEY, taken INTEGER, data BLOB NOT NULL) STRICT`},
			// at is in milliseconds since 1970.
			{sql: `CREATE TABLE openings (team TEXT NOT NULL, user TEXT NOT NULL, domain TEXT NOT NULL, profile TEXT NOT NULL, at INTEGER NOT NULL,
				PRIMARY KEY (team, user, domain, profile)) STRICT, WITHOUT ROWID`},
			{sql: `CREATE INDEX openings_by_time ON openings (at)`},
		},
		{
			// Who wants to be reminded.
			{sql: `CREATE TABLE reminds (team TEXT NOT NULL, user TEXT NOT NULL, PRIMARY KEY (team, user)) STRICT, WITHOUT ROWID`},
			// record is studio.Notice as JSON. due is in milliseconds since 1970.
			{sql: `CREATE TABLE notices (kind TEXT NOT NULL, team TEXT NOT NULL, user TEXT NOT NULL, about TEXT NOT NULL, serial TEXT NOT NULL,
				due INTEGER NOT NULL, record BLOB NOT NULL, PRIMARY KEY (kind, team, user, about)) STRICT, WITHOUT ROWID`},
			{sql: `CREATE INDEX notices_by_time ON notices (kind, due)`},
		},
		{
			// What was opened at that moment.
			{sql: `ALTER TABLE openings ADD COLUMN target TEXT NOT NULL DEFAULT ''`},
			{sql: `ALTER TABLE openings ADD COLUMN name TEXT NOT NULL DEFAULT ''`},
		},
	}
}

// identify says whether the file is ours, or empty, and of a version up to
// newest. It changes nothing.
func (s *Store) identify(ctx context.Context, newest int) error {
	var id, version, things int
	row := s.write.QueryRowContext(ctx, `SELECT (SELECT application_id FROM pragma_application_id),
		(SELECT user_version FROM pragma_user_version), (SELECT count(*) FROM sqlite_schema)`)
	if err := row.Scan(&id, &version, &things); err != nil {
		return s.failed(ctx, "open", err)
	}
	empty := id == 0 && version == 0 && things == 0
	switch {
	case id != applicationID && !empty:
		return fmt.Errorf("open %s: %w", s.path, ErrForeign)
	case version > newest:
		return fmt.Errorf("open %s, of version %d where %d is known: %w", s.path, version, newest, ErrNewer)
	}
	return nil
}

// useWAL puts the file into WAL mode, which it stays in. SQLite doesn't wait
// for a lock there, so two processes that make the same file would trip.
func (s *Store) useWAL(ctx context.Context) error {
	for deadline := time.Now().Add(busyTimeout); ; {
		var mode string
		err := s.write.QueryRowContext(ctx, `PRAGMA journal_mode = WAL`).Scan(&mode)
		switch {
		case err == nil && mode == "wal":
			return nil
		case err == nil:
			return fmt.Errorf("open %s: %w", s.path, ErrNoWAL)
		case !isBusy(err) || time.Now().After(deadline):
			return s.failed(ctx, "open", err)
		}
		select {
		case <-ctx.Done():
			return s.failed(ctx, "open", ctx.Err())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// migrate applies the migrations that the file hasn't had.
func (s *Store) migrate(ctx context.Context, steps []migration, after func() error) error {
	for i, m := range steps {
		if err := s.step(ctx, i+1, m, after); err != nil {
			return s.failed(ctx, fmt.Sprintf("bring to version %d", i+1), err)
		}
	}
	return nil
}

// mayWrite finds out about a file that can only be read: SQLite opens it all
// the same, and even begins a transaction. Nothing is written.
func (s *Store) mayWrite(ctx context.Context) error {
	if _, err := s.write.ExecContext(ctx, `DELETE FROM meta WHERE false`); err != nil {
		return s.failed(ctx, "open", err)
	}
	return nil
}

// step applies one migration, unless it has been.
func (s *Store) step(ctx context.Context, version int, m migration, after func() error) error {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	var at int
	if err := tx.QueryRowContext(ctx, `PRAGMA user_version`).Scan(&at); err != nil || at >= version {
		return err
	}
	for _, q := range append(m[:len(m):len(m)], statement{sql: fmt.Sprintf(`PRAGMA user_version = %d`, version)}) {
		if _, err := tx.ExecContext(ctx, q.sql, q.args...); err != nil {
			return err
		}
		if err := after(); err != nil {
			return err
		}
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	return after()
}
