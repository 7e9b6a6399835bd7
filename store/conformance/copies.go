package conformance

import (
	"bytes"
	"fmt"
	"sync"
	"testing"
	"time"
)

func copies() suite {
	return suite{
		"CopyRoundTrip":             copyRoundTrip,
		"NoCopy":                    noCopy,
		"OlderCopyChangesNothing":   olderCopy,
		"CopyIsNotSharedWithCaller": copyNotShared,
		"CopySince":                 copySince,
		"BigCopies":                 bigCopies,
		"YoungestCopyStays":         youngestStays,
	}
}

func keep(t *testing.T, s Store, name string, taken time.Time, data []byte) {
	t.Helper()
	if err := s.KeepCopy(ctx, name, taken, data); err != nil {
		t.Fatal(err)
	}
}

func hasCopy(t *testing.T, s Store, name string, taken time.Time, data []byte) {
	t.Helper()
	got, at, err := s.Copy(ctx, name)
	if err != nil || !at.Equal(taken) || !bytes.Equal(got, data) {
		t.Errorf("Copy of %q = %d bytes as of %v, %v; want %d as of %v", name, len(got), at, err, len(data), taken)
	}
}

func copyRoundTrip(t *testing.T, open func() Store) {
	at := now()
	for name, data := range map[string]string{
		"people/T1": "\x00\xff not text", "profiles/research": "{}", "Profiles/research": "other", "": "no name", "nothing in it": "",
	} {
		keep(t, open(), name, at, []byte(data))
		hasCopy(t, open(), name, at, []byte(data))
	}
	keep(t, open(), "people/T1", at.Add(time.Millisecond), nil)
	hasCopy(t, open(), "people/T1", at.Add(time.Millisecond), nil)
	hasCopy(t, open(), "profiles/research", at, []byte("{}"))
}

func noCopy(t *testing.T, open func() Store) {
	if data, taken, err := open().Copy(ctx, "nope"); err != nil || !taken.IsZero() || len(data) != 0 {
		t.Errorf("Copy of none = %d bytes, %v, %v", len(data), taken, err)
	}
}

func olderCopy(t *testing.T, open func() Store) {
	at := now()
	keep(t, open(), "a", at, []byte("young"))
	keep(t, open(), "a", at.Add(-time.Millisecond), []byte("a moment older"))
	hasCopy(t, open(), "a", at, []byte("young"))
	keep(t, open(), "a", at.Add(time.Millisecond), []byte("younger"))
	hasCopy(t, open(), "a", at.Add(time.Millisecond), []byte("younger"))
}

func copyNotShared(t *testing.T, open func() Store) {
	at, mine := now(), []byte("mine")
	keep(t, open(), "a", at, mine)
	mine[0] = 'x'
	hasCopy(t, open(), "a", at, []byte("mine"))
	got, _, err := open().Copy(ctx, "a")
	if err != nil || len(got) != 4 {
		t.Fatal(len(got), err)
	}
	got[0] = 'x'
	hasCopy(t, open(), "a", at, []byte("mine"))
}

func copySince(t *testing.T, open func() Store) {
	at := now()
	keep(t, open(), "a", at, []byte("them"))
	for _, c := range []struct {
		name  string
		since time.Time
		want  string
	}{{"a", time.Time{}, "them"}, {"a", at.Add(-time.Millisecond), "them"}, {"a", at, ""}, {"a", at.Add(time.Hour), ""}, {"b", time.Time{}, ""}} {
		data, taken, err := open().CopySince(ctx, c.name, c.since)
		if err != nil || string(data) != c.want || taken.Equal(at) != (c.want != "") {
			t.Errorf("%s since %v: %q as of %v, %v", c.name, c.since, data, taken, err)
		}
	}
}

// bigCopies are larger than what is written in one piece.
func bigCopies(t *testing.T, open func() Store) {
	at := now()
	data := bytes.Repeat([]byte("0123456789abcde\x00"), 4<<20/16)
	for n := range 3 {
		data[n] = 'x'
		keep(t, open(), "a", at.Add(time.Duration(n)*time.Second), data)
	}
	keep(t, open(), "b", at, data[1:])
	hasCopy(t, open(), "a", at.Add(2*time.Second), data)
	hasCopy(t, open(), "b", at, data[1:])
}

func youngestStays(t *testing.T, open func() Store) {
	at := now()
	var wg sync.WaitGroup
	for n := range 20 {
		s := open()
		wg.Go(func() {
			if err := s.KeepCopy(ctx, "a", at.Add(time.Duration(n)*time.Second), fmt.Append(nil, "copy ", n)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	hasCopy(t, open(), "a", at.Add(19*time.Second), []byte("copy 19"))
}
