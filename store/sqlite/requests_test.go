package sqlite_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/studiobot/studiobot/requests"
	"github.com/studiobot/studiobot/store/sqlite"
	"github.com/studiobot/studiobot/studio"
)

func TestRequestsAreLimited(t *testing.T) {
	t.Parallel()
	s := open(t, filepath.Join(t.TempDir(), "bot.db"), sqlite.Options{})
	if _, _, err := s.CreateRequest(ctx, request("a")); err != nil {
		t.Fatal(err)
	}
	_, err := s.Writer().Exec(`INSERT INTO requests (id, asked, record) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < ?)
		SELECT 'old-' || i, i, CAST('{"id":"old-' || i || '"}' AS BLOB) FROM n`, sqlite.UnfinishedLimit-1)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.CreateRequest(ctx, request("one too many")); !errors.Is(err, requests.ErrFull) {
		t.Errorf("CreateRequest beyond the limit = %v", err)
	}
	if _, created, err := s.CreateRequest(ctx, request("a")); err != nil || created {
		t.Errorf("one that is there: created %v, %v", created, err)
	}
	if rs, err := s.UnfinishedRequests(ctx); err != nil || len(rs) != sqlite.UnfinishedLimit || rs[0].ID != "old-1" {
		t.Errorf("%d requests, %v", len(rs), err)
	}
	if _, err := s.UpdateRequest(ctx, "a", decide); err != nil {
		t.Fatal(err)
	}
	if _, created, err := s.CreateRequest(ctx, request("another")); err != nil || !created {
		t.Errorf("CreateRequest after one is finished: created %v, %v", created, err)
	}
	if _, _, err := s.CreateRequest(ctx, request("a")); !errors.Is(err, requests.ErrFull) {
		t.Errorf("a finished one asked again beyond the limit = %v", err)
	}
}

// What is over goes by itself once it needn't be known any more, and what isn't
// finished never does.
func TestRequestsAndOpeningsGoByThemselves(t *testing.T) {
	t.Parallel()
	s := open(t, filepath.Join(t.TempDir(), "bot.db"), sqlite.Options{})
	start := time.Now()
	now := start
	s.SetClock(func() time.Time { return now })
	for _, id := range []string{"finished", "open"} {
		if _, _, err := s.CreateRequest(ctx, request(id)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.UpdateRequest(ctx, "finished", decide); err != nil {
		t.Fatal(err)
	}
	if err := s.KeepOpened(ctx, []studio.Opened{{Person: studio.Person{User: "U1"}, At: start}}); err != nil {
		t.Fatal(err)
	}
	for i, step := range []struct {
		at               time.Duration
		requests, opened int
	}{
		{sqlite.KeepFinished - time.Second, 2, 1},
		{sqlite.KeepFinished + time.Minute, 1, 1},
		{sqlite.KeepOpenedFor - time.Second, 1, 1},
		{sqlite.KeepOpenedFor + time.Minute, 1, 0},
	} {
		now = start.Add(step.at)
		create(t, s, ticket(fmt.Sprint(i)))
		rs, os := one[int](t, s.Reader(), `SELECT count(*) FROM requests`), one[int](t, s.Reader(), `SELECT count(*) FROM openings`)
		if rs != step.requests || os != step.opened {
			t.Errorf("after %v: %d requests and %d openings, want %d and %d", step.at, rs, os, step.requests, step.opened)
		}
	}
	if _, err := s.LoadRequest(ctx, "open"); err != nil {
		t.Error(err)
	}
}

// One sweep deletes so many and no more; the next call goes on at once.
func TestSweepOfOpeningsIsBounded(t *testing.T) {
	t.Parallel()
	s := open(t, filepath.Join(t.TempDir(), "bot.db"), sqlite.Options{})
	const old = sqlite.SweepBatch + 1
	_, err := s.Writer().Exec(`INSERT INTO openings (team, user, domain, profile, at) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < ?)
		SELECT 'T1', 'U' || i, 'research', 'x', i FROM n`, old)
	if err != nil {
		t.Fatal(err)
	}
	for i, left := range []int{1, 0} {
		create(t, s, ticket(fmt.Sprint(i)))
		if got := one[int](t, s.Reader(), `SELECT count(*) FROM openings`); got != left {
			t.Errorf("after call %d: %d old ones are left, want %d", i+1, got, left)
		}
	}
}
