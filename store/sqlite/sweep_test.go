package sqlite_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/studiobot/studiobot/launch"
	"github.com/studiobot/studiobot/store/sqlite"
	"github.com/studiobot/studiobot/studio"
)

func TestFullStoreRefusesAndRecovers(t *testing.T) {
	t.Parallel()
	s := open(t, filepath.Join(t.TempDir(), "bot.db"), sqlite.Options{Limit: 3})
	now := time.Now()
	s.SetClock(func() time.Time { return now })
	for n := range 3 {
		create(t, s, ticket(fmt.Sprint(n)))
	}
	if _, _, err := s.Create(ctx, ticket("3")); !errors.Is(err, launch.ErrFull) {
		t.Errorf("Create in a full store = %v", err)
	}
	if _, created, err := s.Create(ctx, ticket("1")); err != nil || created {
		t.Errorf("an existing ticket in a full store: created %v, %v", created, err)
	}
	now = now.Add(2*time.Minute + sqlite.Linger + time.Second)
	create(t, s, ticket("3"))
	checkWhole(t, s)
}

func TestTicketsGoByThemselves(t *testing.T) {
	t.Parallel()
	s := open(t, filepath.Join(t.TempDir(), "bot.db"), sqlite.Options{})
	start := time.Now()
	now := start
	s.SetClock(func() time.Time { return now })
	p := studio.Person{Team: "T1", User: "U1"}
	for _, until := range []time.Time{{}, start.Add(time.Second), start.Add(time.Hour)} {
		if err := s.Deny(ctx, p, launch.Denial{Reason: fmt.Sprint(until.IsZero(), until.Sub(start)), Until: until}); err != nil {
			t.Fatal(err)
		}
	}
	over := ticket("over")
	over.Expires = start.Add(time.Second)
	create(t, s, over)
	steps := []struct {
		at           time.Duration
		left, denied int
	}{
		{sqlite.Linger, 2, 3}, // its page can still say "expired"
		{sqlite.Linger + 30*time.Second, 3, 3},
		{sqlite.Linger + sqlite.SweepEvery, 3, 2}, // less one, and the new one
	}
	for i, step := range steps {
		now = start.Add(step.at)
		x := ticket(fmt.Sprint(i))
		x.Expires = start.Add(time.Hour)
		create(t, s, x)
		left, denied := one[int](t, s.Reader(), `SELECT count(*) FROM tickets`), one[int](t, s.Reader(), `SELECT count(*) FROM denials`)
		if left != step.left || denied != step.denied {
			t.Errorf("after %v: %d tickets and %d denials, want %d and %d", step.at, left, denied, step.left, step.denied)
		}
	}
}

// One call deletes so many and no more; the next goes on at once.
func TestSweepIsBounded(t *testing.T) {
	t.Parallel()
	s := open(t, filepath.Join(t.TempDir(), "bot.db"), sqlite.Options{})
	const old = 2*sqlite.SweepBatch + 1
	_, err := s.Writer().Exec(`INSERT INTO tickets WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < ?)
		SELECT 'old-' || i, i, x'7b7d' FROM n`, old)
	if err != nil {
		t.Fatal(err)
	}
	for i, left := range []int{old - sqlite.SweepBatch, 1, 0, 0} {
		create(t, s, ticket(fmt.Sprint(i)))
		if got := one[int](t, s.Reader(), `SELECT count(*) FROM tickets WHERE id LIKE 'old-%'`); got != left {
			t.Errorf("after call %d: %d old ones are left, want %d", i+1, got, left)
		}
	}
	checkWhole(t, s)
}
