package mapping

import (
	"context"
	"crypto/sha256"
	"log/slog"
	"path/filepath"
	"slices"
	"strconv"
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

// File is the users file as a source, in CSV or YAML by the ending of its name. A new version is read when the file
// changes; one that is wrong is refused, and the last good one stays. A version
// is in force as a whole, never in part.
type File struct {
	o    FileOptions
	name string // for people: the last element of the path

	list    atomic.Pointer[roll] // never nil
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
	r := parse(f.name, data, o.Domains)
	if len(r.mistakes) == 0 && r.blank {
		r.mistakes = []Mistake{r.namesNobody()}
	}
	if len(r.mistakes) > 0 {
		return nil, Mistakes(r.mistakes)
	}
	f.list.Store(r.list)
	f.last = sum(data)
	f.tell(r.list, nil) // Check has said what deserves a second look
	return f, nil
}

// Name is the file's, without its folder.
func (f *File) Name() string { return f.name }

// Lookup implements Source. It never fails: the last good version answers.
func (f *File) Lookup(_ context.Context, p studio.Person, domain string) (Answer, error) {
	w := view{base: f.list.Load()}.lookup(p, domain)
	if w.silent() {
		return Answer{}, nil
	}
	return f.answer(w), nil
}

// answer tells where a word stands, too.
func (f *File) answer(w word) Answer {
	var room [128]byte
	b := append(room[:0], w.profile()...)
	b = append(append(b, f.name...), ':')
	return w.answer(strconv.AppendUint(b, uint64(w.r.mark), 10))
}

// Entries calls yield with every row of the file in its order, until yield
// returns false. domain is empty for a row about every domain that has no row of
// its own for the person. p's text belongs to the whole version of the file: who
// keeps it for long keeps a copy.
func (f *File) Entries(yield func(p studio.Person, domain string, a Answer) bool) {
	l := f.list.Load()
	view{base: l}.each(func(w word) bool { return yield(l.person(w.r), l.names[w.r.domain], f.answer(w)) })
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
	last := sum(data)
	if last == f.last && !f.gone {
		return
	}
	f.gone, f.last = false, last
	r := parse(f.name, data, f.o.Domains)
	old := f.list.Load()
	if len(r.mistakes) == 0 && r.blank && old.people > 0 {
		r.mistakes = []Mistake{r.namesNobody()}
	}
	if len(r.mistakes) > 0 {
		f.o.Log.Error("the new users file is refused; the last good version stays in force",
			"file", f.name, "mistakes", len(r.mistakes), "first", Mistakes(r.mistakes).first(told))
		return
	}
	fresh := r.list
	f.list.Store(fresh)
	lost := losers(view{base: old}, view{base: fresh}, keysOf(old, fresh), f.o.Shadows)
	for _, p := range boxLosers(old, fresh) {
		if !slices.Contains(lost, p) {
			lost = append(lost, p)
		}
	}
	if len(lost) > 0 && f.o.Changed != nil {
		f.o.Changed(lost)
	}
	f.tell(fresh, r.secondLooks())
}

// tell logs a version that is in force.
func (f *File) tell(l *roll, warnings []string) {
	f.o.Log.Info("users file read", "file", f.name, "people", l.people, "warnings", len(warnings))
	for _, w := range warnings[:min(len(warnings), told)] {
		f.o.Log.Warn("users file: a second look", "at", w)
	}
}
