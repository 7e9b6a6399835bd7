package mapping_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/studio"
)

// watched is a users file that is watched.
type watched struct {
	t    *testing.T
	path string
	file *mapping.File
	log  *logbook
	lost chan []studio.Person
}

// watch opens a users file and watches it. Nothing but a notice shows a change,
// unless poll is short.
func watch(t *testing.T, path string, poll time.Duration) *watched {
	t.Helper()
	log, book := newLog(t)
	w := &watched{t: t, path: path, log: book, lost: make(chan []studio.Person, 10)}
	file, err := mapping.OpenFile(mapping.FileOptions{
		Path: path, Domains: configured(), Log: log, Poll: poll, Settle: 20 * time.Millisecond,
		Changed: func(p []studio.Person) { w.lost <- p },
	})
	if err != nil {
		t.Fatal(err)
	}
	w.file = file
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- file.Watch(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Watch: %v", err)
		}
	})
	return w
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func usersFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "users.yaml")
	write(t, path, text)
	return path
}

func (w *watched) profile() string {
	w.t.Helper()
	a, err := w.file.Lookup(w.t.Context(), jane(), "research")
	if err != nil {
		w.t.Fatal(err)
	}
	return a.Profile
}

// waitLost returns the people of the next change.
func (w *watched) waitLost() string {
	w.t.Helper()
	select {
	case p := <-w.lost:
		return fmt.Sprint(p)
	case <-time.After(20 * time.Second):
		w.t.Fatal("no change in 20 s")
		return ""
	}
}

const (
	inForce = "users file read"
	refused = "the new users file is refused"
)

func TestReloadAfterEveryWayOfWriting(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(t *testing.T, path, text string){
		"in place": func(t *testing.T, path, text string) { write(t, path, text) },
		"put in its place": func(t *testing.T, path, text string) {
			write(t, path+".new", text)
			if err := os.Rename(path+".new", path); err != nil {
				t.Fatal(err)
			}
		},
		"taken away and written again": func(t *testing.T, path, text string) {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			write(t, path, text)
		},
		"in two steps": func(t *testing.T, path, text string) {
			write(t, path, text[:len(text)/2])
			write(t, path, text)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := watch(t, usersFile(t, "U0JANE: before\n"), time.Hour)
			change(t, w.path, "U0JANE: after\n")
			if got := w.waitLost(); got != "[/U0JANE]" {
				t.Errorf("lost %s", got)
			}
			if got := w.profile(); got != "after" {
				t.Errorf("profile %q", got)
			}
		})
	}
}

// As Kubernetes does it: users.yaml -> ..data/users.yaml, ..data -> ..2026_1,
// and ..data is swapped.
func TestReloadAfterConfigMapSwap(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	version := func(n int, text string) {
		dir := filepath.Join(folder, fmt.Sprintf("..2026_%d", n))
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, "users.yaml"), text)
		link := filepath.Join(folder, "..data_tmp")
		if err := errors.Join(os.Symlink(filepath.Base(dir), link), os.Rename(link, filepath.Join(folder, "..data"))); err != nil {
			t.Fatal(err)
		}
	}
	version(1, "U0JANE: one\n")
	path := filepath.Join(folder, "users.yaml")
	if err := os.Symlink("..data/users.yaml", path); err != nil {
		t.Fatal(err)
	}
	w := watch(t, path, time.Hour)
	for n, want := range []string{"two", "three"} {
		version(n+2, "U0JANE: "+want+"\n")
		w.waitLost()
		if got := w.profile(); got != want {
			t.Errorf("profile %q, want %q", got, want)
		}
	}
}

// A link into another folder, edited there.
func TestReloadAtTheEndOfALink(t *testing.T) {
	t.Parallel()
	target := usersFile(t, "U0JANE: before\n")
	path := filepath.Join(t.TempDir(), "users.yaml")
	if err := os.Symlink(target, path); err != nil {
		t.Fatal(err)
	}
	w := watch(t, path, time.Hour)
	w.log.wait(1, inForce)
	write(t, target, "U0JANE: after\n")
	w.waitLost()
	if got := w.profile(); got != "after" {
		t.Errorf("profile %q", got)
	}
}

// A second name of the same file, in another folder, gives no notice here: only
// looking finds what was written through it.
func TestReloadWithoutNotice(t *testing.T) {
	t.Parallel()
	path := usersFile(t, "U0JANE: before\n")
	other := filepath.Join(t.TempDir(), "other")
	if err := os.Link(path, other); err != nil {
		t.Fatal(err)
	}
	w := watch(t, path, 10*time.Millisecond)
	write(t, other, "U0JANE: after\n")
	w.waitLost()
	if got := w.profile(); got != "after" {
		t.Errorf("profile %q", got)
	}
}

func TestReloadRefuses(t *testing.T) {
	t.Parallel()
	w := watch(t, usersFile(t, "U0JANE: good\n"), time.Hour)
	for i, c := range []struct{ text, told string }{
		{"U0JANE: [a\n", "mistakes=1 first=users.yaml:1: isn't YAML: did not find expected ',' or ']'"},
		{"", "mistakes=1 first=users.yaml: names nobody; write {} if that is meant"},
		{"a: a\nU0JANE: 1\nU0JANE: 2\nU0JANE: 3\n", "mistakes=6 first=users.yaml:1: "},
		{"U0JANE: {resarch: a}", `did you mean research?`},
	} {
		write(t, w.path, c.text)
		lines := w.log.wait(i+1, refused)
		if got := lines[len(lines)-1]; !strings.Contains(got, c.told) || strings.Count(got, "\n") > 2 {
			t.Errorf("told %q, want %q", got, c.told)
		}
		if got := w.profile(); got != "good" {
			t.Errorf("%q: profile %q", c.text, got)
		}
	}
	if len(w.lost) > 0 {
		t.Error("a refused version was told as a change")
	}
	write(t, w.path, "{}\n") // nobody, on purpose
	if got := w.waitLost(); got != "[/U0JANE]" || w.profile() != "" {
		t.Errorf("lost %s, profile %q", got, w.profile())
	}
}

func TestReloadWithoutFile(t *testing.T) {
	t.Parallel()
	path := usersFile(t, "U0JANE: good\n")
	w := watch(t, path, 10*time.Millisecond)
	aside := path + ".aside"
	if err := os.Rename(path, aside); err != nil {
		t.Fatal(err)
	}
	w.log.wait(1, "can't be read")
	if got := w.profile(); got != "good" {
		t.Errorf("profile %q", got)
	}
	if err := os.Rename(aside, path); err != nil { // the same as before
		t.Fatal(err)
	}
	w.log.wait(2, inForce)
	write(t, path, "U0JANE: better\n")
	w.waitLost()
	if n := w.log.count("can't be read"); n != 1 {
		t.Errorf("told %d times that the file was gone", n)
	}
}

func TestOpenFileRefuses(t *testing.T) {
	t.Parallel()
	log, _ := newLog(t)
	o := mapping.FileOptions{Path: usersFile(t, "jane: a\nU1: a.b\n"), Domains: configured(), Log: log}
	_, err := mapping.OpenFile(o)
	var mistakes mapping.Mistakes
	if !errors.As(err, &mistakes) || len(mistakes) != 2 || strings.Count(err.Error(), "\n") != 1 {
		t.Errorf("%v", err)
	}
	o.Path = filepath.Join(t.TempDir(), "none.yaml")
	if _, err := mapping.OpenFile(o); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	o.Path = t.TempDir()
	if _, err := mapping.OpenFile(o); err == nil {
		t.Error("a folder was read")
	}
}

func TestWatchIsForOne(t *testing.T) {
	t.Parallel()
	w := watch(t, usersFile(t, "U0JANE: a\n"), time.Hour)
	write(t, w.path, "U0JANE: b\n")
	w.waitLost() // the first is at work
	if err := w.file.Watch(t.Context()); err == nil {
		t.Error("watched twice")
	}
}
