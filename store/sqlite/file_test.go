package sqlite_test

import (
	"bytes"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/studiobot/studiobot/store/sqlite"
)

func TestOddPaths(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a b.db", "q?mode=memory&x=1", "#frag", "100%.db", "%00%2f", "über'\"`;.db", "file:x.db", ":memory:", "+a=b&c", "-wal", "back\\slash"} {
		path := filepath.Join(t.TempDir(), name)
		s := open(t, path, sqlite.Options{})
		create(t, s, ticket("a"))
		shut(t, s)
		entries, err := os.ReadDir(filepath.Dir(path))
		if err != nil || len(entries) != 1 || entries[0].Name() != name {
			t.Errorf("%q: the directory has %v, %v", name, entries, err)
		}
		if _, err := open(t, path, sqlite.Options{}).Load(ctx, "a"); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestImpossiblePaths(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Symlink(filepath.Join(dir, "missing", "file"), filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	for what, path := range map[string]string{
		"empty": "", "a directory": dir, "in no directory": filepath.Join(dir, "missing", "bot.db"),
		"a link to nothing": filepath.Join(dir, "link"), "with a NUL": filepath.Join(dir, "a\x00b"),
	} {
		if _, err := sqlite.Open(ctx, path, sqlite.Options{}); err == nil {
			t.Errorf("%s: opened", what)
		} else if path != "" && what != "with a NUL" && !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v; which path?", what, err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "missing")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("something was made: %v", err)
	}
}

func TestOnlyTheOwnerMayRead(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		return // has no such modes
	}
	path := filepath.Join(t.TempDir(), "bot.db")
	mode := func(name string) fs.FileMode {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		return info.Mode().Perm()
	}
	s := open(t, path, sqlite.Options{})
	create(t, s, ticket("a"))
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		if got := mode(name); got != 0o600 {
			t.Errorf("%s has mode %o", name, got)
		}
	}
	shut(t, s)
	for was, want := range map[fs.FileMode]fs.FileMode{0o644: 0o640, 0o666: 0o660, 0o660: 0o660, 0o600: 0o600} {
		if err := os.Chmod(path, was); err != nil {
			t.Fatal(err)
		}
		s := open(t, path, sqlite.Options{})
		if got := mode(path); got != want {
			t.Errorf("mode %o became %o, want %o", was, got, want)
		}
		shut(t, s)
	}
}

func foreign(t *testing.T, pragma string) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "other.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{`CREATE TABLE meta (name, value)`, `INSERT INTO meta VALUES ('key', zeroblob(32))`, pragma} {
		if _, err := db.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return []byte(content(t, path))
}

func TestForeignFilesAreLeftAlone(t *testing.T) {
	t.Parallel()
	for what, was := range map[string][]byte{
		"text":                  []byte("U012AB3CD: jane-doe\n"),
		"a long text":           bytes.Repeat([]byte("studio "), 10_000),
		"zeros":                 make([]byte, 8192),
		"a database":            foreign(t, `PRAGMA user_version = 0`),
		"with a version":        foreign(t, `PRAGMA user_version = 1`),
		"of another program":    foreign(t, `PRAGMA application_id = 252006675`),
		"that its owner shares": foreign(t, `PRAGMA application_id = -1`),
	} {
		path := filepath.Join(t.TempDir(), "bot.db")
		if err := os.WriteFile(path, was, 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := sqlite.Open(ctx, path, sqlite.Options{})
		if !errors.Is(err, sqlite.ErrForeign) {
			t.Errorf("%s: Open = %v", what, err)
		} else if !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "name another file") {
			t.Errorf("%s: %v; which file, and what to do?", what, err)
		}
		info, err := os.Stat(path)
		if err != nil || content(t, path) != string(was) {
			t.Errorf("%s: the file was changed (%v)", what, err)
		} else if info.Mode().Perm() != 0o644 && runtime.GOOS != "windows" {
			t.Errorf("%s: its mode was changed", what)
		}
	}
}

func TestEmptyFileIsTaken(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "bot.db")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	create(t, open(t, path, sqlite.Options{}), ticket("a"))
}

func TestDamageIsSaid(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "bot.db")
	s := open(t, path, sqlite.Options{})
	if _, err := s.Writer().Exec(`DELETE FROM meta WHERE name = 'key'`); err != nil {
		t.Fatal(err)
	}
	shut(t, s)
	if _, err := sqlite.Open(ctx, path, sqlite.Options{}); !errors.Is(err, sqlite.ErrDamaged) {
		t.Errorf("Open of a file without a key = %v", err)
	}
	whole := []byte(content(t, path))
	if err := os.WriteFile(path, append(whole[:4096:4096], bytes.Repeat([]byte{7}, len(whole)-4096)...), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite.Open(ctx, path, sqlite.Options{}); !errors.Is(err, sqlite.ErrDamaged) {
		t.Errorf("Open of a file with broken pages = %v", err)
	}
}

// Of processes that start at the same time each may find no file.
func TestManyOpenAtOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "bot.db")
	keys := make([][]byte, 8)
	var wg sync.WaitGroup
	for i := range keys {
		wg.Go(func() {
			s, err := sqlite.Open(ctx, path, sqlite.Options{})
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = s.Close() }()
			keys[i], _ = s.Key(ctx)
		})
	}
	wg.Wait()
	for _, key := range keys {
		if len(key) != 32 || !bytes.Equal(key, keys[0]) {
			t.Error("two of them have different keys")
		}
	}
}
