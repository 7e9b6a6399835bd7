package mapping_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/studio"
)

// watched is a users file under watch.
type watched struct {
	t    *testing.T
	path string
	file *mapping.File
	log  *logbook
	lost chan []studio.Person
}

// The words of the log lines that the tests wait for.
const (
	wasRead    = "users file read"
	wasRefused = "is refused"
	isGone     = "can't be read"
)

// watch opens the file and watches it. Notices alone must do: it is looked at
// every hour only, unless the test says otherwise.
func watch(t *testing.T, path string, poll time.Duration) *watched {
	t.Helper()
	log, book := newLog(t)
	w := &watched{t: t, path: path, log: book, lost: make(chan []studio.Person, 16)}
	f, err := mapping.OpenFile(mapping.FileOptions{
		Path: path, Domains: domains(), Log: log, Poll: poll, Changed: func(p []studio.Person) { w.lost <- p },
	})
	if err != nil {
		t.Fatal(err)
	}
	w.file = f
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- f.Watch(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Watch: %v", err)
		}
	})
	return w
}

// users returns a new file with that text, and watches it.
func users(t *testing.T, text string) *watched {
	t.Helper()
	path := filepath.Join(t.TempDir(), "users.yaml")
	write(t, path, text)
	return watch(t, path, time.Hour)
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// replace puts a new file in the old one's place, as editors do.
func replace(t *testing.T, path, text string) {
	t.Helper()
	write(t, path+".new", text)
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

// has fails the test unless U1A has that profile in prod.
func (w *watched) has(want string) {
	w.t.Helper()
	if a := lookup(w.t, w.file, ourTeam, "U1A", "prod"); a.Profile != want {
		w.t.Errorf("%+v, want %s", a, want)
	}
}

// losers waits for the next who lost something.
func (w *watched) losers(want ...string) {
	w.t.Helper()
	select {
	case people := <-w.lost:
		var got []string
		for _, p := range people {
			got = append(got, p.String())
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			w.t.Errorf("%q lost something, want %q", got, want)
		}
	case <-time.After(20 * time.Second):
		w.t.Fatalf("nobody lost anything in 20 s, want %q", want)
	}
}

func TestReloadOfAReplacedFile(t *testing.T) {
	t.Parallel()
	w := users(t, "U1A: old")
	replace(t, w.path, "U1A: new")
	w.log.wait(2, wasRead)
	w.has("new")
	w.losers("/U1A")
}

func TestReloadOfAFileWrittenInPlace(t *testing.T) {
	t.Parallel()
	w := users(t, "U1A: old")
	write(t, w.path, "U1A: new")
	w.log.wait(2, wasRead)
	w.has("new")
}

// TestReloadOfAMountedConfigMap swaps the link ..data, as Kubernetes does.
func TestReloadOfAMountedConfigMap(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	version := func(name, text string) {
		t.Helper()
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, name, "users.yaml"), text)
		if err := os.Symlink(name, filepath.Join(dir, "..data_tmp")); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(filepath.Join(dir, "..data_tmp"), filepath.Join(dir, "..data")); err != nil {
			t.Fatal(err)
		}
	}
	version("..2024_05_06", "U1A: old")
	path := filepath.Join(dir, "users.yaml")
	if err := os.Symlink(filepath.Join("..data", "users.yaml"), path); err != nil {
		t.Fatal(err)
	}
	w := watch(t, path, time.Hour)
	version("..2024_05_07", "U1A: new")
	if err := os.RemoveAll(filepath.Join(dir, "..2024_05_06")); err != nil {
		t.Fatal(err)
	}
	w.log.wait(2, wasRead)
	w.has("new")
	w.losers("/U1A")
}

// TestReloadWithoutNotices changes a file whose folder isn't watched.
func TestReloadWithoutNotices(t *testing.T) {
	t.Parallel()
	target := filepath.Join(t.TempDir(), "elsewhere.yaml")
	write(t, target, "U1A: old")
	path := filepath.Join(t.TempDir(), "users.yaml")
	if err := os.Symlink(target, path); err != nil {
		t.Fatal(err)
	}
	w := watch(t, path, 5*time.Millisecond)
	replace(t, target, "U1A: new")
	w.log.wait(2, wasRead)
	w.has("new")
}

// TestBrokenVersionIsRefused has the broken version looked at many times, and
// told once.
func TestBrokenVersionIsRefused(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "users.yaml")
	write(t, path, "U1A: good")
	w := watch(t, path, time.Millisecond)
	replace(t, path, "U1A: better\njane: jane\nU2B: jane.doe\nU3C:\nU4D: true")
	line := w.log.wait(1, wasRefused)[0]
	for _, want := range []string{"ERROR", "mistakes=4", `users.yaml:2: "jane" is no Slack user ID`, "users.yaml:3: ", "users.yaml:4: "} {
		if !strings.Contains(line, want) {
			t.Errorf("%q isn't in %s", want, line)
		}
	}
	w.has("good")
	other := users(t, "U1A: x") // a change of another file takes 0.1 s to be read: about a hundred looks at ours
	replace(t, other.path, "U1A: y")
	other.log.wait(2, wasRead)
	if n := w.log.count(wasRefused); n != 1 {
		t.Errorf("told %d times", n)
	}
	w.has("good")
	replace(t, path, "U1A: better")
	w.losers("/U1A")
	w.has("better")
	if n := w.log.count(wasRefused); n != 1 {
		t.Errorf("told %d times", n)
	}
}

// TestTruncatedWrite stops in the middle of a line; the rest comes later.
func TestTruncatedWrite(t *testing.T) {
	t.Parallel()
	const text = "U1A: new\nU2B:\n  prod: joe\n"
	w := users(t, "U1A: old")
	write(t, w.path, text[:len("U1A: new\nU2B")])
	w.log.wait(1, wasRefused)
	w.has("old")
	write(t, w.path, text)
	w.log.wait(2, wasRead)
	w.has("new")
}

// TestEmptiedFile: a write that was cut off right after it began locks nobody
// out; somebody who means it says so.
func TestEmptiedFile(t *testing.T) {
	t.Parallel()
	w := users(t, "U1A: old")
	for i, text := range []string{"", "# U1A: old\n"} {
		replace(t, w.path, text)
		line := w.log.wait(i+1, wasRefused)[i]
		if !strings.Contains(line, "users.yaml:1: the file is empty; to give nobody a user profile write {}") {
			t.Error(line)
		}
		w.has("old")
	}
	replace(t, w.path, "{}")
	w.losers("/U1A")
	w.has("")
	replace(t, w.path, "") // nobody loses anything
	w.log.wait(3, wasRead)
}

func TestDeletedFileComesBack(t *testing.T) {
	t.Parallel()
	w := users(t, "U1A: old")
	for i := range 2 {
		if err := os.Remove(w.path); err != nil {
			t.Fatal(err)
		}
		w.log.wait(i+1, isGone)
		w.has("old")
		replace(t, w.path, "U1A: old")
		w.log.wait(i+2, wasRead)
	}
	replace(t, w.path, "U1A: new")
	w.losers("/U1A")
	w.has("new")
	if n := w.log.count(isGone); n != 2 {
		t.Errorf("told %d times that it is gone", n)
	}
}

func TestLosers(t *testing.T) {
	t.Parallel()
	w := users(t, strings.Join([]string{
		"U1SAME: a", "U2GONE: b", "U3OTHER: c", "U4DENIED: d", "U5CASE: Eve", "U6FORM: f", "U7LESS: {prod: g, research: g}",
		"U8WASDENIED: deny", "T1A/U9TEAM: i", "U10BARE: j", "U11MORE: {prod: k}", "T1A/U12BOTH: l", "U12BOTH: m"}, "\n"))
	replace(t, w.path, strings.Join([]string{
		"U1SAME: a", "U3OTHER: c2", "U4DENIED: deny", "U5CASE: eVE", "U6FORM: {prod: f, research: f}", "U7LESS: {prod: g}",
		"U8WASDENIED: h", "U10BARE: j", "T1A/U10BARE: j2", "U11MORE: k", "U12BOTH: m", "U13NEW: n"}, "\n"))
	w.losers("/U2GONE", "/U3OTHER", "/U4DENIED", "/U7LESS", "T1A/U10BARE", "T1A/U12BOTH", "T1A/U9TEAM")
	replace(t, w.path, "U1SAME: a\nU13NEW: n2")
	w.losers("/U10BARE", "/U11MORE", "/U12BOTH", "/U13NEW", "/U3OTHER", "/U5CASE", "/U6FORM", "/U7LESS", "/U8WASDENIED", "T1A/U10BARE")
}

func TestOpenFileFails(t *testing.T) {
	t.Parallel()
	log, _ := newLog(t)
	path := filepath.Join(t.TempDir(), "users.yaml")
	if _, err := mapping.OpenFile(mapping.FileOptions{Path: path, Log: log}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	write(t, path, "jane: jane\nU1A:")
	_, err := mapping.OpenFile(mapping.FileOptions{Path: path, Log: log})
	mistakes, ok := err.(mapping.Mistakes)
	if !ok || len(mistakes) != 2 || strings.Count(err.Error(), "\n") != 1 {
		t.Errorf("%v", err)
	}
}
