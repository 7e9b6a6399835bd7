package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/studio"
)

// linkBatch is how many links one transaction writes: what mapping.Links wants
// to be atomic.
const linkBatch = 1000

// PutLinks implements mapping.Links. A batch takes some tens of milliseconds in
// a table of a million, and other writes wait as long. Whoever has many links
// gives all in one call: they are written in the order of the index, and so each
// page of it once instead of a thousand times.
func (s *Store) PutLinks(ctx context.Context, links ...mapping.Link) error {
	if len(links) > linkBatch {
		links = slices.Clone(links)
		slices.SortStableFunc(links, func(a, b mapping.Link) int {
			return cmp.Or(strings.Compare(a.Person.Team, b.Person.Team), strings.Compare(a.Person.User, b.Person.User), strings.Compare(a.Domain, b.Domain))
		})
	}
	for len(links) > 0 {
		batch := links[:min(linkBatch, len(links))]
		links = links[len(batch):]
		began := time.Now()
		if err := s.putBatch(ctx, batch); err != nil {
			return s.failed(ctx, "put links in", err)
		}
		if len(batch) == linkBatch {
			rest(ctx, time.Since(began)/2)
		}
	}
	return nil
}

// rest leaves the file alone for a moment, at most until ctx ends. A process
// polls for a lock that another one has, so between the batches of an import it
// would hardly ever find the file free. The writers of this process queue.
func rest(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

func (s *Store) putBatch(ctx context.Context, links []mapping.Link) error {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	was, err := revision(ctx, tx)
	if err != nil {
		return err
	}
	// The condition leaves a link alone that stands there already.
	put, err := tx.PrepareContext(ctx, `INSERT INTO links (revision, team, user, domain, profile, denied, by, at, gone)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0) ON CONFLICT (team, user, domain)
		DO UPDATE SET revision = excluded.revision, profile = excluded.profile, denied = excluded.denied, by = excluded.by, at = excluded.at, gone = 0
		WHERE gone OR profile <> excluded.profile OR denied <> excluded.denied`)
	if err != nil {
		return err
	}
	defer func() { _ = put.Close() }()
	now := was
	for _, l := range lastOfEach(links) {
		res, err := put.ExecContext(ctx, now+1, l.Person.Team, l.Person.User, l.Domain, l.Profile, l.Denied, l.By, l.At.UnixMilli())
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		if err != nil {
			return err
		}
		now += n
	}
	if now == was {
		return nil
	}
	return commitAt(ctx, tx, now)
}

// pair is what there is one link of.
type pair struct {
	person studio.Person
	domain string
}

// lastOfEach leaves out every link that a later one of the same pair replaces:
// written and replaced at once it would make a change where there is none.
func lastOfEach(links []mapping.Link) []mapping.Link {
	last := make(map[pair]int, len(links))
	for i, l := range links {
		last[pair{l.Person, l.Domain}] = i
	}
	if len(last) == len(links) {
		return links
	}
	out := make([]mapping.Link, 0, len(last))
	for i, l := range links {
		if last[pair{l.Person, l.Domain}] == i {
			out = append(out, l)
		}
	}
	return out
}

// revision is that of the last change. A transaction that writes reads it,
// counts on and ends with commitAt: writers take turns, so the revisions are in
// the order of the commits, and whoever sees one sees all before it.
func revision(ctx context.Context, tx *sql.Tx) (n int64, err error) {
	err = tx.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = 'revision'`).Scan(&n)
	return n, err
}

func commitAt(ctx context.Context, tx *sql.Tx, revision int64) error {
	if _, err := tx.ExecContext(ctx, `UPDATE meta SET value = ? WHERE name = 'revision'`, revision); err != nil {
		return err
	}
	return tx.Commit()
}

// DropLink implements mapping.Links. The row stays, as one that is gone.
func (s *Store) DropLink(ctx context.Context, p studio.Person, domain, by string, at time.Time) (mapping.Link, bool, error) {
	l, err := s.dropLink(ctx, p, domain, by, at)
	if errors.Is(err, sql.ErrNoRows) && ctx.Err() == nil {
		return mapping.Link{}, false, nil
	}
	if err != nil {
		return mapping.Link{}, false, s.failed(ctx, "drop link in", err)
	}
	return l, true, nil
}

func (s *Store) dropLink(ctx context.Context, p studio.Person, domain, by string, at time.Time) (l mapping.Link, err error) {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return l, err
	}
	defer func() { _ = tx.Rollback() }()
	var made int64
	l.Person, l.Domain = p, domain
	err = tx.QueryRowContext(ctx, `SELECT profile, denied, by, at FROM links WHERE team = ? AND user = ? AND domain = ? AND NOT gone`,
		p.Team, p.User, domain).Scan(&l.Profile, &l.Denied, &l.By, &made)
	if err != nil {
		return l, err
	}
	l.At = time.UnixMilli(made).UTC()
	was, err := revision(ctx, tx)
	if err != nil {
		return l, err
	}
	_, err = tx.ExecContext(ctx, `UPDATE links SET revision = ?, by = ?, at = ?, gone = 1 WHERE team = ? AND user = ? AND domain = ?`,
		was+1, by, at.UnixMilli(), p.Team, p.User, domain)
	if err != nil {
		return l, err
	}
	return l, commitAt(ctx, tx, was+1)
}

// LinkChanges implements mapping.Links. What each sees is as of one moment, and
// writes go on meanwhile; but the log can't be reused before it has ended, so
// each should not wait for anything. It may use the store.
func (s *Store) LinkChanges(ctx context.Context, after int64, each func(mapping.Change) error) (int64, error) {
	var refused error
	got, err := s.linkChanges(ctx, max(after, 0), func(c mapping.Change) error {
		refused = each(c)
		return refused
	})
	if refused != nil {
		return after, refused
	}
	if err != nil {
		return after, s.failed(ctx, "read links of", err)
	}
	return got, nil
}

func (s *Store) linkChanges(ctx context.Context, after int64, each func(mapping.Change) error) (int64, error) {
	tx, err := s.scan.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return 0, err
	}
	defer func() { _ = tx.Rollback() }()
	now, err := revision(ctx, tx)
	if err != nil || now <= after {
		return now, err
	}
	rows, err := tx.QueryContext(ctx, `SELECT team, user, domain, profile, denied, by, at, gone FROM links
		WHERE revision > ?1 AND (?1 > 0 OR NOT gone) ORDER BY revision`, after)
	if err != nil {
		return 0, err
	}
	defer func() { _ = rows.Close() }()
	var c, last mapping.Change
	for rows.Next() {
		var at int64
		if err := rows.Scan(&c.Person.Team, &c.Person.User, &c.Domain, &c.Profile, &c.Denied, &c.By, &at, &c.Gone); err != nil {
			return 0, err
		}
		c.At = time.UnixMilli(at).UTC()
		shareStrings(&c, &last)
		last = c
		if err := each(c); err != nil {
			return 0, err
		}
	}
	return now, rows.Err()
}

// shareStrings lets a row have the strings of the one before where they are the
// same, as most are after an import: the driver makes new ones for every row,
// and whoever keeps a million rows keeps them all.
func shareStrings(c, last *mapping.Change) {
	if c.Person.Team == last.Person.Team {
		c.Person.Team = last.Person.Team
	}
	if c.Domain == last.Domain {
		c.Domain = last.Domain
	}
	if c.By == last.By {
		c.By = last.By
	}
}
