package sqlite

import (
	"context"
	"errors"
	"fmt"

	driver "modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"
)

// What can be wrong with the file. The texts say what to do about it.
var (
	// ErrForeign is said of a file that isn't a studiobot database.
	ErrForeign = errors.New("not a studiobot database, and left as it is: name another file")
	// ErrNewer is said of a file that a later version of studiobot wrote.
	ErrNewer = errors.New("written by a newer studiobot, and left as it is: run that version, or name another file, which makes the links now in Slack useless")
	// ErrNoWAL is said where the file system can't share memory.
	ErrNoWAL = errors.New("the file system doesn't support SQLite's WAL mode: put the file on a local disk")
	// ErrReadOnly is said of a file that can't be written to.
	ErrReadOnly = errors.New("the file is read-only and nothing was written: give studiobot's user the right to write to it and to its directory")
	// ErrDiskFull is said where there is no room for the write.
	ErrDiskFull = errors.New("the disk is full and nothing was written: free some space")
	// ErrBusy is said where another process keeps the file locked.
	ErrBusy = errors.New("another process keeps the file locked: see which one has it open")
	// ErrDamaged is said of a file whose content makes no sense.
	ErrDamaged = errors.New("the file is damaged: restore it, or move it away, which makes the links now in Slack useless")
)

// failed says what went wrong in the words above. The error of a cancelled
// context is always found in it: the driver and database/sql have other words
// for some of what follows from one.
func (s *Store) failed(ctx context.Context, what string, err error) error {
	if gone := ctx.Err(); gone != nil && !errors.Is(err, gone) {
		err = fmt.Errorf("%w: %w", gone, err)
	}
	if known := kind(err); known != nil {
		return fmt.Errorf("%s %s: %w (%w)", what, s.path, known, err)
	}
	return fmt.Errorf("%s %s: %w", what, s.path, err)
}

// kind returns the sentinel for SQLite's result code, or nil. The low byte is
// what it is about, https://www.sqlite.org/rescode.html.
func kind(err error) error {
	var e *driver.Error
	if !errors.As(err, &e) {
		return nil
	}
	switch e.Code() & 0xff {
	case codes.SQLITE_NOTADB:
		return ErrForeign
	case codes.SQLITE_READONLY:
		return ErrReadOnly
	case codes.SQLITE_FULL:
		return ErrDiskFull
	case codes.SQLITE_BUSY:
		return ErrBusy
	case codes.SQLITE_CORRUPT:
		return ErrDamaged
	}
	return nil
}

func isBusy(err error) bool { return errors.Is(kind(err), ErrBusy) }
