package sqlite_test

import (
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/studiobot/studiobot/launch"
	"github.com/studiobot/studiobot/store/sqlite"
	"github.com/studiobot/studiobot/studio"
)

// version1Key is the key in testdata/version1.sqlite, which the version 1 of the
// schema wrote: two tickets that last until 2120, "fresh" and "spent", and a
// denial of T1/U2.
const version1Key = "0ba160eccde094cb2830e8a70bfac9518f5a1253e47e2672163f6481a7feabbf"

// version1 is a copy of that file.
func version1(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bot.db")
	if err := os.WriteFile(path, []byte(content(t, filepath.Join("testdata", "version1.sqlite"))), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// checkVersion1 says whether everything is there that version 1 wrote, and what
// came with version 2 works.
func checkVersion1(t *testing.T, s *sqlite.Store) {
	t.Helper()
	checkWhole(t, s)
	key, err := s.Key(ctx)
	if err != nil || hex.EncodeToString(key) != version1Key {
		t.Errorf("another key, %v: links in Slack are useless", err)
	}
	for id, spent := range map[string]bool{"fresh": false, "spent": true} {
		x, err := s.Load(ctx, id)
		if err != nil || x.Buttons[0].Spent.IsZero() == spent || x.Buttons[0].Option.Profile != "jane-doe" {
			t.Errorf("ticket %s: %+v, %v", id, x, err)
		}
	}
	ds, err := s.Denied(ctx, studio.Person{Team: "T1", User: "U2"})
	if err != nil || len(ds) != 1 || ds[0] != (launch.Denial{Reason: "blocked"}) {
		t.Errorf("denials: %+v, %v", ds, err)
	}
	put(t, s, link("U1", "jane-doe"))
	if _, created, err := s.CreateRequest(ctx, request("a")); err != nil || !created {
		t.Errorf("CreateRequest = %v, %v", created, err)
	}
}

func TestVersion1FileIsUpgraded(t *testing.T) {
	t.Parallel()
	path := version1(t)
	s := open(t, path, sqlite.Options{})
	checkVersion1(t, s)
	shut(t, s)
	s = open(t, path, sqlite.Options{})
	if r, err := s.LoadRequest(ctx, "a"); err != nil || r.Serial != "a" {
		t.Errorf("after reopening: %+v, %v", r, err)
	}
	create(t, s, ticket("after"))
	checkWhole(t, s)
}

// Whichever statement is the last one, the file stays one of version 1 or
// becomes one of the present version.
func TestUpgradeOfVersion1BrokenOffAnywhere(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken off")
	for last, whole := 1, false; !whole; last++ {
		path := version1(t)
		n := 0
		s, err := sqlite.OpenUpgraded(ctx, path, func() error {
			if n++; n == last {
				return broken
			}
			return nil
		})
		switch {
		case err == nil:
			shut(t, s)
			whole = true
		case !errors.Is(err, broken):
			t.Fatal(err)
		}
		checkVersion1(t, open(t, path, sqlite.Options{}))
	}
}

// A migration that was released never changes: a file made now has all that
// version 1 made, as it made it.
func TestReleasedMigrationIsAsItWas(t *testing.T) {
	t.Parallel()
	fresh := open(t, filepath.Join(t.TempDir(), "bot.db"), sqlite.Options{})
	upgraded := open(t, version1(t), sqlite.Options{})
	const all = `SELECT group_concat(name || ': ' || coalesce(sql, ''), char(10) ORDER BY name) FROM sqlite_schema`
	if got, want := one[string](t, fresh.Reader(), all), one[string](t, upgraded.Reader(), all); got != want {
		t.Errorf("a file made now has\n%s\nand one that was upgraded\n%s", got, want)
	}
}
