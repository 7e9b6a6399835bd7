package mapping

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/studiobot/studiobot/studio"
)

const (
	// settle is how long a changed file must be left alone before it is read:
	// editors write it in several steps.
	settle = 100 * time.Millisecond
	// pollEvery is how often it is looked at without any notice of a change;
	// network file systems give none.
	pollEvery = 30 * time.Second
	// told is how many mistakes, or warnings, a log line or a reload tells.
	told = 3
)

// FileOptions is what a File is made of. Path and Log are required.
type FileOptions struct {
	Path string
	// Domains are the names of the configured domains.
	Domains []string
	Log     *slog.Logger
	// Changed is told, after a new version is in force, which people lost a
	// grant in some domain, were denied there, or have another profile now: what
	// was offered to them before counts no longer. Their Team is empty where the
	// file names no workspace. Called by Watch, one at a time.
	Changed func([]studio.Person)
	// Shadows: sources follow whose grants this file's hide, so that a person
	// whom it names for the first time may have had something else before.
	Shadows bool
	// Poll is how often the file is looked at without a notice; zero: 30 s.
	Poll time.Duration
	// Settle is how long the file must be left alone before a change is read;
	// zero: 0.1 s. A file that never comes to rest is read all the same.
	Settle time.Duration
}

// File is the users file as a source. A new version is read when the file
// changes; one that is wrong is refused, and the last good one stays. A version
// is in force as a whole, never in part.
type File struct {
	o    FileOptions
	name string // for people: the last element of the path

	users   atomic.Pointer[users] // never nil
	watched atomic.Bool

	// These belong to OpenFile, then to Watch.
	last [sha256.Size]byte // of what was read last, good or not
	gone bool              // it was told that the file can't be read
}

// OpenFile reads the users file. What deserves a second look it leaves to Check;
// of later versions the log says it. The error is Mistakes, or that it can't be
// read.
func OpenFile(o FileOptions) (*File, error) {
	if o.Poll <= 0 {
		o.Poll = pollEvery
	}
	if o.Settle <= 0 {
		o.Settle = settle
	}
	f := &File{o: o, name: filepath.Base(o.Path)}
	data, err := readFile(o.Path)
	if err != nil {
		return nil, err
	}
	u, mistakes, _ := parse(f.name, data, o.Domains)
	if len(mistakes) == 0 && u.blank {
		mistakes = []Mistake{namesNobody(f.name)}
	}
	if len(mistakes) > 0 {
		return nil, Mistakes(mistakes)
	}
	f.users.Store(u)
	f.last = sha256.Sum256(data)
	f.tell(u, nil) // Check has said what deserves a second look
	return f, nil
}

var errNotAFile = errors.New("not a regular file")

// readFile reads a bit more than the largest file that is accepted, and nothing
// that could block, like a pipe.
func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("users file: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("users file: %s: %w", path, errNotAFile)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("users file: %w", err)
	}
	defer func() { _ = file.Close() }()
	data, err := io.ReadAll(io.LimitReader(file, maxUsersFile+1))
	if err != nil {
		return nil, fmt.Errorf("users file: %w", err)
	}
	return data, nil
}

// Lookup implements Source. It never fails: the last good version answers.
func (f *File) Lookup(_ context.Context, p studio.Person, domain string) (Answer, error) {
	g, origin := f.users.Load().lookup(p, domain)
	if g.silent() {
		return Answer{}, nil
	}
	return Answer{Known: true, Denied: g.denied, Profile: g.profile, Origin: origin}, nil
}

// reload puts a new version in force if there is one and it is good. Each
// refused version is told once.
func (f *File) reload() {
	data, err := readFile(f.o.Path)
	if err != nil {
		if !f.gone {
			f.o.Log.Error("the users file can't be read; the last good version stays in force", "file", f.name, "err", err)
		}
		f.gone = true
		return
	}
	sum := sha256.Sum256(data)
	if sum == f.last && !f.gone {
		return
	}
	f.gone, f.last = false, sum
	fresh, mistakes, warnings := parse(f.name, data, f.o.Domains)
	old := f.users.Load()
	if len(mistakes) == 0 && fresh.blank && len(old.people) > 0 {
		mistakes = []Mistake{namesNobody(f.name)}
	}
	if len(mistakes) > 0 {
		f.o.Log.Error("the new users file is refused; the last good version stays in force",
			"file", f.name, "mistakes", len(mistakes), "first", Mistakes(mistakes).first(told))
		return
	}
	f.users.Store(fresh)
	f.tell(fresh, warnings)
	if lost := losers(old, fresh, f.o.Shadows); len(lost) > 0 && f.o.Changed != nil {
		f.o.Changed(lost)
	}
}

// tell logs a version that is in force.
func (f *File) tell(u *users, warnings []string) {
	f.o.Log.Info("users file read", "file", f.name, "people", len(u.people), "warnings", len(warnings))
	for _, w := range warnings[:min(len(warnings), told)] {
		f.o.Log.Warn("users file: a second look", "at", w)
	}
}
