package mapping

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

var errWatched = errors.New("the users file is watched already")

// Watch reads the file again whenever it changes, until ctx ends, and returns
// nil then. It is for one goroutine: a second call while one runs is an error.
//
// It watches the folder, not the file: editors put a new file in the old one's
// place, and Kubernetes swaps a symbolic link beside it. Where the system gives
// no notice, looking every FileOptions.Poll finds the change.
func (f *File) Watch(ctx context.Context) error {
	if !f.watched.CompareAndSwap(false, true) {
		return errWatched
	}
	defer f.watched.Store(false)
	n := f.notices(ctx)
	defer n.close()
	poll := time.NewTicker(f.o.Poll)
	defer poll.Stop()
	rest := rest{after: f.o.Settle, timer: time.NewTimer(0)} // at once: it may have changed since it was opened
	defer rest.timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case e := <-n.events:
			if n.concerns(e) {
				rest.disturbed()
			}
		case <-n.errors: // notices were lost
			rest.disturbed()
		case <-poll.C:
			_ = n.aim() // looking finds what it doesn't see
			if f.differs() {
				rest.disturbed()
			}
		case <-rest.timer.C:
			rest.since = time.Time{}
			_ = n.aim() // looking finds what it doesn't see
			f.reload()
		}
	}
}

// differs says whether a reload would find something new.
func (f *File) differs() bool {
	now, err := sumFile(f.o.Path)
	if err != nil {
		return !f.gone
	}
	return f.gone || now != f.last
}

// rest waits until a file has been left alone for a while, though not forever.
type rest struct {
	after time.Duration
	timer *time.Timer
	since time.Time // of the first disturbance; zero: none
}

func (r *rest) disturbed() {
	now := time.Now()
	if r.since.IsZero() {
		r.since = now
	}
	if now.Sub(r.since) < 10*r.after {
		r.timer.Reset(r.after)
	}
}

// notices are what the system tells about the file's folder.
type notices struct {
	path    string
	watcher *fsnotify.Watcher // nil: only looking helps
	target  string            // what path leads to in the end
	events  <-chan fsnotify.Event
	errors  <-chan error
}

func (f *File) notices(ctx context.Context) *notices {
	n := &notices{path: f.o.Path}
	w, err := fsnotify.NewWatcher()
	if err == nil {
		n.watcher, n.events, n.errors = w, w.Events, w.Errors
		err = n.aim()
	}
	if err != nil {
		f.o.Log.WarnContext(ctx, "the system gives no notice of changes of the users file; it is looked at instead", "every", f.o.Poll.String(), "err", err)
	}
	return n
}

// aim watches the file's folder and, where the file is a symbolic link, also
// the folder that it leads to. Doing so again costs nothing, and finds a folder
// that was replaced.
func (n *notices) aim() error {
	if n.watcher == nil {
		return nil
	}
	err := n.watcher.Add(filepath.Dir(n.path))
	if target, linkErr := filepath.EvalSymlinks(n.path); linkErr == nil && target != n.target {
		if old := filepath.Dir(n.target); n.target != "" && old != filepath.Dir(n.path) && old != filepath.Dir(target) {
			_ = n.watcher.Remove(old) // it may be gone
		}
		n.target = target
		err = errors.Join(err, n.watcher.Add(filepath.Dir(target)))
	}
	return err
}

// concerns says whether an event may be about the file: other files of the
// folder, a database perhaps, change all the time. Kubernetes' link is ..data.
func (n *notices) concerns(e fsnotify.Event) bool {
	base := filepath.Base(e.Name)
	return base == filepath.Base(n.path) || base == filepath.Base(n.target) || strings.HasPrefix(base, "..")
}

func (n *notices) close() {
	if n.watcher != nil {
		_ = n.watcher.Close()
	}
}
