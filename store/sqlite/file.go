package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// makeFile sees to it that there is a regular file at path, which only its
// owner may read where it has to be made.
//
// It never opens a file that exists. SQLite's locks are POSIX locks, and a
// process loses all of those on a file when it closes any descriptor of it.
func makeFile(path string) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := makeEmpty(path); err != nil {
			return err
		}
		info, err = os.Stat(path)
	}
	if err != nil {
		return err // also of a symbolic link to nothing
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a regular file", path)
	}
	return nil
}

// makeEmpty makes the file under another name and links it to its own, so that
// whoever finds it there finds it closed. Another process may be first.
func makeEmpty(path string) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".studiobot-*") // of mode 0600
	if err != nil {
		return fmt.Errorf("make %s: %w", path, err)
	}
	defer func() { _ = os.Remove(f.Name()) }()
	if err := f.Close(); err != nil {
		return fmt.Errorf("make %s: %w", path, err)
	}
	err = os.Link(f.Name(), path)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return nil
	}
	// A file system without hard links.
	f, err = os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.Close()
}

// closeToOthers takes from everybody what they may do with the file, in case
// it was restored or copied without its mode. The group's rights stay: two
// processes may run as two users of one group.
func closeToOthers(path string) error {
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		info, err := os.Stat(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if info.Mode()&0o007 == 0 {
			continue
		}
		if err := os.Chmod(name, info.Mode().Perm()&^0o007); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("everybody may use the store: %w", err)
		}
	}
	return nil
}

// uri writes a path as SQLite's URI, https://www.sqlite.org/uri.html. Only
// there can a path have any character, and mode=rw keeps SQLite from making a
// file: it would be readable for all.
func uri(path string, options url.Values) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/...
	}
	options.Set("mode", "rw")
	// The driver takes these as the pragmas of every connection.
	options.Set("_busy_timeout", strconv.FormatInt(busyTimeout.Milliseconds(), 10))
	options.Set("_dqs", "0") // "x" is a name and never a string
	return "file://" + (&url.URL{Path: path}).EscapedPath() + "?" + options.Encode()
}

func forWriting() url.Values {
	return url.Values{
		"_synchronous": {"FULL"},
		"_txlock":      {"immediate"}, // a transaction that reads first can't be upgraded once another wrote
		// What a burst leaves of the log is given back at the next checkpoint.
		"_pragma": {"journal_size_limit(16777216)"},
	}
}

func forReading() url.Values { return url.Values{"_query_only": {"1"}} }
