package sqlite_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/studiobot/studiobot/launch"
	"github.com/studiobot/studiobot/store/conformance"
	"github.com/studiobot/studiobot/store/sqlite"
	"github.com/studiobot/studiobot/studio"
)

var ctx = context.Background()

// TestMain is also the child process of the crash tests.
func TestMain(m *testing.M) {
	if role := os.Getenv(childRole); role != "" {
		os.Exit(child(role, os.Args[1]))
	}
	os.Exit(m.Run())
}

func TestConformance(t *testing.T) {
	t.Parallel()
	conformance.Run(t, func(t *testing.T) func() conformance.Store {
		path := filepath.Join(t.TempDir(), "bot.db")
		// The suite opens hundreds of times; four handles are enough to be apart.
		var handles []*sqlite.Store
		calls := 0
		return func() conformance.Store {
			if calls++; calls > 4 {
				return handles[calls%4]
			}
			handles = append(handles, open(t, path, sqlite.Options{}))
			return handles[len(handles)-1]
		}
	})
}

// open opens a store that is closed with the test.
func open(t testing.TB, path string, o sqlite.Options) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(ctx, path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func shut(t *testing.T, s *sqlite.Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func ticket(id string) launch.Ticket {
	now := time.Now()
	return launch.Ticket{
		ID: id, Ref: "REF0-0001", Person: studio.Person{Team: "T1", User: "U1"}, Issued: now, Expires: now.Add(2 * time.Minute),
		Buttons: []launch.Button{{Option: studio.Option{Domain: "research", Label: "Research", Profile: "jane-doe"}}},
	}
}

func create(t testing.TB, s *sqlite.Store, x launch.Ticket) {
	t.Helper()
	if _, created, err := s.Create(ctx, x); err != nil || !created {
		t.Fatalf("Create = created %v, %v", created, err)
	}
}

func spend(x *launch.Ticket) error {
	x.Buttons[0].Spent = x.Issued.Add(time.Second)
	return nil
}

func one[T any](t testing.TB, db *sql.DB, query string) (v T) {
	t.Helper()
	if err := db.QueryRow(query).Scan(&v); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return v
}

func TestReopenKeepsEverything(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "bot.db")
	s := open(t, path, sqlite.Options{})
	key, err := s.Key(ctx)
	if err != nil {
		t.Fatal(err)
	}
	create(t, s, ticket("spent"))
	create(t, s, ticket("fresh"))
	if _, err := s.Update(ctx, "spent", spend); err != nil {
		t.Fatal(err)
	}
	p := studio.Person{Team: "T1", User: "U1"}
	denial := launch.Denial{Reason: "unlinked", Before: time.Now().UTC(), Until: time.Now().UTC().Add(time.Hour)}
	if err := s.Deny(ctx, p, denial); err != nil {
		t.Fatal(err)
	}
	shut(t, s)
	if err := s.Close(); err != nil {
		t.Errorf("second Close = %v", err)
	}
	if _, err := s.Load(ctx, "fresh"); err == nil {
		t.Error("a closed store answers")
	}

	s = open(t, path, sqlite.Options{})
	if again, err := s.Key(ctx); err != nil || !bytes.Equal(again, key) {
		t.Errorf("another key after reopening (%v)", err)
	}
	for id, spent := range map[string]bool{"spent": true, "fresh": false} {
		if x, err := s.Load(ctx, id); err != nil || x.Buttons[0].Spent.IsZero() == spent {
			t.Errorf("%s after reopening: %+v, %v", id, x, err)
		}
	}
	ds, err := s.Denied(ctx, p)
	// To the nanosecond: whether a ticket was issued before it depends on that.
	if err != nil || len(ds) != 1 || !ds[0].Before.Equal(denial.Before) || !ds[0].Until.Equal(denial.Until) {
		t.Errorf("denials after reopening: %+v, %v", ds, err)
	}
}

func TestDenialsWithFarTimes(t *testing.T) {
	t.Parallel()
	s := open(t, filepath.Join(t.TempDir(), "bot.db"), sqlite.Options{})
	p := studio.Person{Team: "T1", User: "U1"}
	far := time.Date(9000, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, d := range []launch.Denial{
		{Reason: "far future", Before: far, Until: far},
		{Reason: "long past", Until: time.Date(100, 1, 1, 0, 0, 0, 0, time.UTC)},
		{Reason: "1970", Until: time.Unix(0, 0)}, // not the same as none
	} {
		if err := s.Deny(ctx, p, d); err != nil {
			t.Fatal(err)
		}
	}
	ds, err := s.Denied(ctx, p)
	if err != nil || len(ds) != 1 || ds[0].Reason != "far future" || ds[0].Before.Year() < 2262 || ds[0].Until.Year() < 2262 {
		t.Errorf("Denied = %+v, %v", ds, err)
	}
}

// A kill can't show what a power cut does, but these settings are what SQLite
// promises durability for.
func TestEveryWriteIsSynced(t *testing.T) {
	t.Parallel()
	s := open(t, filepath.Join(t.TempDir(), "bot.db"), sqlite.Options{})
	const full = 2
	for range 2 {
		if got := one[int](t, s.Writer(), `PRAGMA synchronous`); got != full {
			t.Errorf("synchronous = %d", got)
		}
		if got := one[string](t, s.Writer(), `PRAGMA journal_mode`); got != "wal" {
			t.Errorf("journal_mode = %s", got)
		}
		s.Writer().SetMaxIdleConns(0) // the second time it is a new connection
	}
	if _, err := s.Reader().Exec(`DELETE FROM tickets`); err == nil {
		t.Error("a reader may write")
	}
}

func BenchmarkCreate(b *testing.B) {
	s := open(b, filepath.Join(b.TempDir(), "bot.db"), sqlite.Options{})
	n := 0
	for b.Loop() {
		n++
		create(b, s, ticket(fmt.Sprint(n)))
	}
}

func BenchmarkUpdate(b *testing.B) {
	s := open(b, filepath.Join(b.TempDir(), "bot.db"), sqlite.Options{})
	create(b, s, ticket("a"))
	for b.Loop() {
		if _, err := s.Update(ctx, "a", spend); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	s := open(b, filepath.Join(b.TempDir(), "bot.db"), sqlite.Options{})
	create(b, s, ticket("a"))
	for b.Loop() {
		if _, err := s.Load(ctx, "a"); err != nil {
			b.Fatal(err)
		}
	}
}
