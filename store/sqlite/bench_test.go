package sqlite_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/store/sqlite"
	"github.com/studiobot/studiobot/studio"
)

const million = 1_000_000

// someLinks are of so many people, whose IDs are in no order, as those of an
// import are.
func someLinks(from, n int) []mapping.Link {
	ls := make([]mapping.Link, 0, n)
	for i := from; i < from+n; i++ {
		const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUV"
		id := []byte("U0000000000")
		for x, at := uint64(i)*0x9e3779b97f4a7c15>>14, 1; at < len(id); x, at = x>>5, at+1 {
			id[at] = letters[x%32]
		}
		ls = append(ls, link(string(id), "profile-"+string(id)))
	}
	return ls
}

// fill makes a table of a million links, in one transaction and without the
// store: that takes seconds.
func fill(b *testing.B, s *sqlite.Store) {
	b.Helper()
	tx, err := s.Writer().Begin()
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	insert, err := tx.Prepare(`INSERT INTO links VALUES (?, ?, ?, ?, ?, 0, ?, ?, 0)`)
	if err != nil {
		b.Fatal(err)
	}
	for i, l := range someLinks(0, million) {
		if _, err := insert.Exec(i+1, l.Person.Team, l.Person.User, l.Domain, l.Profile, l.By, l.At.UnixMilli()); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := tx.Exec(`UPDATE meta SET value = ? WHERE name = 'revision'`, million); err != nil {
		b.Fatal(err)
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
}

// An op is the reading of a table of a million.
func BenchmarkLoadMillionLinks(b *testing.B) {
	s := open(b, filepath.Join(b.TempDir(), "bot.db"), sqlite.Options{})
	fill(b, s)
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		if _, err := s.LinkChanges(ctx, 0, func(mapping.Change) error { n++; return nil }); err != nil || n != million {
			b.Fatal(n, err)
		}
	}
}

// An op is the question whether anything changed in a table of a million.
func BenchmarkNoLinkChanges(b *testing.B) {
	s := open(b, filepath.Join(b.TempDir(), "bot.db"), sqlite.Options{})
	fill(b, s)
	for b.Loop() {
		if _, err := s.LinkChanges(ctx, million, func(mapping.Change) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}

// An op is the import of a million links into an empty table.
func BenchmarkImportMillionLinks(b *testing.B) {
	ls := someLinks(0, million)
	for _, call := range []int{million, 50_000, sqlite.LinkBatch} {
		b.Run(fmt.Sprint(call, "ACall"), func(b *testing.B) {
			for b.Loop() {
				s := open(b, filepath.Join(b.TempDir(), "bot.db"), sqlite.Options{})
				for from := 0; from < million; from += call {
					put(b, s, ls[from:from+call]...)
				}
			}
		})
	}
}

// An op is a thousand links into a table of a million that has them.
func BenchmarkPutSameLinks(b *testing.B) {
	s := open(b, filepath.Join(b.TempDir(), "bot.db"), sqlite.Options{})
	fill(b, s)
	from := 0
	for b.Loop() {
		put(b, s, someLinks(from, sqlite.LinkBatch)...)
		from = (from + sqlite.LinkBatch) % million
	}
}

// An op is one link, made in Slack, in a table of a million.
func BenchmarkPutOneLink(b *testing.B) {
	s := open(b, filepath.Join(b.TempDir(), "bot.db"), sqlite.Options{})
	fill(b, s)
	n := million
	for b.Loop() {
		put(b, s, someLinks(n, 1)...)
		n++
	}
}

func BenchmarkKeepOpened(b *testing.B) {
	s := open(b, filepath.Join(b.TempDir(), "bot.db"), sqlite.Options{})
	n := 0
	for b.Loop() {
		l := someLinks(n, 1)[0]
		n++
		if err := s.KeepOpened(ctx, []studio.Opened{{Person: l.Person, Option: studio.Option{Profile: l.Profile}, At: l.At}}); err != nil {
			b.Fatal(err)
		}
	}
}
