package mapping

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/studiobot/studiobot/studio"
)

const (
	// settle is how long a changed file must be left alone before it is read:
	// editors write it in several steps.
	settle = 100 * time.Millisecond
	// pollEvery is how often it is looked at without any notice of a change;
	// network file systems give none.
	pollEvery = 30 * time.Second
)

// FileOptions is what a File is made of. Log is required.
type FileOptions struct {
	Path string
	// Domains are the names of the configured domains.
	Domains []string
	Log     *slog.Logger
	// Changed is told, after a new version is in force, which people lost
	// something or were given another profile. Their Team is empty where the
	// file names no workspace.
	Changed func([]studio.Person)
	// Poll is how often the file is looked at without a notice; zero: 30 s.
	Poll time.Duration
}

// File is the users file as a source. A new version is read when the file
// changes; one that is wrong is refused, and the last good one stays.
type File struct {
	o    FileOptions
	name string // for people: the last element of the path

	users atomic.Pointer[users] // never nil

	mu   sync.Mutex // guards the rest
	last []byte     // as read last, good or not
	gone bool       // it was told that the file can't be read
}

// Mistakes is everything that is wrong with a users file.
type Mistakes []Mistake

// Error lists them all.
func (m Mistakes) Error() string {
	lines := make([]string, len(m))
	for i := range m {
		lines[i] = m[i].Error()
	}
	return strings.Join(lines, "\n")
}

// OpenFile reads the users file. The error is Mistakes, or that it can't be
// read.
func OpenFile(o FileOptions) (*File, error) {
	if o.Poll == 0 {
		o.Poll = pollEvery
	}
	f := &File{o: o, name: filepath.Base(o.Path)}
	data, err := readFile(o.Path)
	if err != nil {
		return nil, err
	}
	u, mistakes, warnings := parseUsers(f.name, data, o.Domains)
	if len(mistakes) > 0 {
		return nil, Mistakes(mistakes)
	}
	f.users.Store(u)
	f.last = data
	f.tell(u, warnings)
	return f, nil
}

// readFile reads a bit more than the largest file that is accepted.
func readFile(path string) ([]byte, error) {
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
	profile, line, known := f.users.Load().lookup(p, domain)
	if !known {
		return Answer{}, nil
	}
	a := Answer{Known: true, Origin: fmt.Sprintf("%s:%d", f.name, line)}
	if profile == denied {
		a.Denied = true
	} else {
		a.Profile = profile
	}
	return a, nil
}

// Watch reads the file again whenever it changes, until ctx ends. It watches
// the folder: editors put a new file in the old one's place, and Kubernetes
// swaps a symbolic link beside it.
func (f *File) Watch(ctx context.Context) error {
	var events chan fsnotify.Event
	var lost chan error
	w, err := fsnotify.NewWatcher()
	if err == nil {
		defer func() { _ = w.Close() }()
		err = w.Add(filepath.Dir(f.o.Path))
		events, lost = w.Events, w.Errors
	}
	if err != nil {
		f.o.Log.WarnContext(ctx, "changes of the users file are only noticed by looking", "every", f.o.Poll.String(), "err", err)
		events = nil
	}
	poll := time.NewTicker(f.o.Poll)
	defer poll.Stop()
	quiet := time.NewTimer(settle) // one look soon: it may have changed since it was opened
	defer quiet.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case _, ok := <-events:
			if !ok {
				events = nil
				continue
			}
			quiet.Reset(settle)
		case _, ok := <-lost: // the watcher stands still until somebody takes it
			if !ok {
				lost = nil
				continue
			}
			quiet.Reset(settle)
		case <-quiet.C:
			f.reload()
		case <-poll.C:
			f.reload()
		}
	}
}

// reload puts a new version in force if there is one and it is good.
func (f *File) reload() {
	f.mu.Lock()
	defer f.mu.Unlock()
	data, err := readFile(f.o.Path)
	if err != nil {
		if !f.gone {
			f.o.Log.Error("the users file can't be read; the last good version stays in force", "file", f.name, "err", err)
		}
		f.gone = true
		return
	}
	if bytes.Equal(data, f.last) && !f.gone {
		return
	}
	f.gone, f.last = false, data
	fresh, mistakes, warnings := parseUsers(f.name, data, f.o.Domains)
	if len(mistakes) == 0 && fresh.blank && len(f.users.Load().people) > 0 {
		// A write that was cut off looks like this, and would lock everybody out.
		mistakes = []Mistake{{f.name, 1, "the file is empty; to give nobody a user profile write {}"}}
	}
	if len(mistakes) > 0 {
		f.o.Log.Error("the new users file is refused; the last good version stays in force",
			"file", f.name, "mistakes", len(mistakes), "first", Mistakes(mistakes[:min(len(mistakes), 3)]).Error())
		return
	}
	old := f.users.Swap(fresh)
	f.tell(fresh, warnings)
	if lost := losers(old, fresh, f.o.Domains); len(lost) > 0 && f.o.Changed != nil {
		f.o.Changed(lost)
	}
}

func (f *File) tell(u *users, warnings []string) {
	f.o.Log.Info("users file read", "file", f.name, "people", len(u.people))
	for _, w := range warnings {
		f.o.Log.Warn(w)
	}
}

// losers are the people of whom the new version says less than the old one, or
// something else.
func losers(old, fresh *users, domains []string) []studio.Person {
	var out []studio.Person
	for id := range old.people {
		p := parsePerson(id)
		for _, d := range domains {
			before, _, had := old.lookup(p, d)
			after, _, has := fresh.lookup(p, d)
			if had && before != denied && (!has || !strings.EqualFold(before, after)) {
				out = append(out, p)
				break
			}
		}
	}
	for id := range fresh.people { // somebody whom only the bare ID named has an entry of their own now
		p := parsePerson(id)
		if _, known := old.people[id]; known || p.Team == "" {
			continue
		}
		for _, d := range domains {
			before, _, had := old.lookup(p, d)
			after, _, _ := fresh.lookup(p, d)
			if had && before != denied && !strings.EqualFold(before, after) {
				out = append(out, p)
				break
			}
		}
	}
	return out
}

// parsePerson takes a key of the file apart.
func parsePerson(id string) studio.Person {
	if team, user, ok := strings.Cut(id, "/"); ok {
		return studio.Person{Team: team, User: user}
	}
	return studio.Person{User: id}
}
