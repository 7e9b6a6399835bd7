package mapping_test

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/studio"
)

// The store is away before the first reading, and then for longer than the copy
// counts.
func TestTableOutages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var away atomic.Bool
		links := &memLinks{fails: func(int) error {
			if away.Load() {
				return errAway
			}
			return nil
		}}
		x := newTable(t, links, false)
		away.Store(true)
		if err := x.Load(t.Context()); !errors.Is(err, errAway) {
			t.Errorf("read without a store: %v", err)
		}
		go func() { _ = x.Watch(t.Context()) }()
		time.Sleep(11 * time.Second)
		x.want(jane(), "prod", "unsure")
		if n := x.log.count("can't be read"); n != 2 { // away, and nothing young enough
			t.Errorf("told %d times", n)
		}
		away.Store(false)
		time.Sleep(5 * time.Second)
		x.log.wait(1, "can be read again")
		x.put(link(jane(), "prod", "jane"))
		away.Store(true)
		if err := x.Put(t.Context(), link(jane(), "prod", "joe")); !errors.Is(err, errAway) {
			t.Errorf("written without a store: %v", err)
		}
		time.Sleep(9 * time.Minute)
		if !strings.HasPrefix(x.says(jane(), "prod"), "jane ") {
			t.Error("a copy of 9 minutes doesn't count")
		}
		if age, read := x.Age(); !read || age < 9*time.Minute || age > 10*time.Minute {
			t.Errorf("age %v", age)
		}
		time.Sleep(time.Minute + 6*time.Second)
		x.want(jane(), "prod", "unsure")
		if n := x.log.count("can't be read"); n != 4 {
			t.Errorf("told %d times", n)
		}
		away.Store(false)
		time.Sleep(5 * time.Second)
		if !strings.HasPrefix(x.says(jane(), "prod"), "jane ") {
			t.Error("not read again")
		}
		if n := x.log.count("can be read again after=10m"); n != 1 {
			t.Errorf("told %d times that it is back", n)
		}
	})
}

// A write that is in the store and couldn't be read back is known later.
func TestTableWrittenNotRead(t *testing.T) {
	t.Parallel()
	for call := 2; call <= 3; call++ { // 1 is the load, 2 the write, 3 reading it back
		links := &memLinks{fails: func(n int) error {
			if n == call {
				return errAway
			}
			return nil
		}}
		x := newTable(t, links, false)
		if err := x.Load(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := x.Put(t.Context(), link(jane(), "prod", "jane")); !errors.Is(err, errAway) {
			t.Errorf("call %d: %v", call, err)
		}
		x.want(jane(), "prod", "")
		x.put(link(jane(), "prod", "jane")) // again
		if !strings.HasPrefix(x.says(jane(), "prod"), "jane ") {
			t.Errorf("call %d: not there after writing it again", call)
		}
	}
}

// A store that was put back to yesterday.
func TestTableRestored(t *testing.T) {
	t.Parallel()
	links := &memLinks{}
	x := newTable(t, links, false)
	joe := studio.Person{User: "U0JOE"}
	x.put(link(jane(), "prod", "jane"), link(joe, "", "joe"), link(studio.Person{User: "U0ANN"}, "", "ann"))
	old := memLinks{}
	if err := old.PutLinks(t.Context(), link(joe, "", "joseph")); err != nil {
		t.Fatal(err)
	}
	links.revision, links.at, links.changes = old.revision, old.at, old.changes
	if err := x.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	x.told("[/U0ANN T0HOME/U0JANE /U0JOE]")
	x.want(jane(), "prod", "")
	x.log.wait(1, "older than what was read")
}

// Whatever stands in the store, nobody gets anything by it, or by a later source.
func TestTableOfBadRows(t *testing.T) {
	t.Parallel()
	links := &memLinks{}
	long := strings.Repeat("a", 300)
	for _, l := range []mapping.Link{
		{Person: studio.Person{User: "U1"}, Profile: long}, {Person: studio.Person{User: "U2"}}, {Person: studio.Person{User: "U3"}, Profile: "a b"},
		{Person: studio.Person{User: long}, Profile: "x"}, {Person: studio.Person{Team: long, User: "U4"}, Profile: "x"}, {Profile: "x"},
		{Person: studio.Person{User: "U5"}, Domain: "gone", Profile: "x", By: long, At: time.Unix(-1, 0)},
	} {
		if err := links.PutLinks(t.Context(), l); err != nil {
			t.Fatal(err)
		}
	}
	x := newTable(t, links, false)
	if err := x.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	d := newDirectory(t, &asker{}, nil)
	later := both(profile("weaker"), profile("weaker"))
	m := mapping.New(mapping.Options{Domains: studioDomains(), Sources: []mapping.Source{x, later}, Directory: d})
	for user, want := range map[string]error{"U1": studio.ErrUnsure, "U2": studio.ErrUnsure, "U3": studio.ErrUnsure, "U4": nil, "U5": nil} {
		d.Put(member(user))
		if _, err := m.Grants(t.Context(), studio.Person{Team: ourTeam, User: user}); !errors.Is(err, want) || (err == nil) != (want == nil) {
			t.Errorf("%s: %v, want %v", user, err, want)
		}
	}
}
