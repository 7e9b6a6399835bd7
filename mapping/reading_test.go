package mapping_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/studio"
)

func deleted(user string) studio.Member {
	m := member(user)
	m.Deleted = true
	return m
}

func TestEventDuringAReading(t *testing.T) {
	t.Parallel()
	d := newDirectory(t, &asker{}, nil)
	d.Put(member("U1"))
	r := d.Begin()
	d.Put(deleted("U1"))
	d.Put(deleted("U2")) // who isn't in the directory yet
	r.Add(member("U1"), member("U2"), member("U3"))
	r.Done()
	is(t, d, deleted("U1"))
	is(t, d, deleted("U2"))
	is(t, d, member("U3"))

	next := d.Begin() // it began after the events
	next.Add(member("U1"), member("U2"), deleted("U3"))
	next.Done()
	is(t, d, member("U1"))
	is(t, d, deleted("U3"))
}

// TestAnswerDuringAReading: what Slack says when asked for one person is younger
// than a page that may have been written before.
func TestAnswerDuringAReading(t *testing.T) {
	t.Parallel()
	d := newDirectory(t, &asker{answer: func(_ context.Context, user string) (studio.Member, error) { return deleted(user), nil }}, nil)
	r := d.Begin()
	is(t, d, deleted("U1"))
	r.Add(member("U1"))
	r.Done()
	is(t, d, deleted("U1"))
}

func TestDoneForgets(t *testing.T) {
	t.Parallel()
	a := &asker{}
	d := newDirectory(t, a, nil)
	first := d.Begin()
	first.Add(member("U1"), member("U2"))
	first.Done()
	d.Put(member("U3")) // between two readings
	second := d.Begin()
	second.Add(member("U1"))
	d.Put(member("U4"))
	if d.Len() != 4 {
		t.Errorf("%d people before Done", d.Len())
	}
	second.Done()
	is(t, d, member("U1"))
	is(t, d, member("U4")) // joined since it began
	for i, user := range []string{"U2", "U3"} {
		if _, err := d.Member(t.Context(), user); !errors.Is(err, studio.ErrUnknownPerson) || a.total() != i+1 {
			t.Errorf("%s: %v after %d questions", user, err, a.total())
		}
	}
	third := d.Begin()
	third.Add(member("U5"))
	if d.Len() != 3 { // it wasn't brought to its end
		t.Errorf("%d people after an unfinished reading", d.Len())
	}
}

// TestDoneDuringAnAsk has a reading forget somebody while Slack is asked for
// them: the answer counts.
func TestDoneDuringAnAsk(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var d *mapping.Directory
		d = newDirectory(t, &asker{answer: func(_ context.Context, user string) (studio.Member, error) {
			for range 2 {
				r := d.Begin()
				r.Add(member("U0ELSE"))
				r.Done()
			}
			return member(user), nil
		}}, nil)
		d.Put(member("U0JANE"))
		time.Sleep(time.Hour)
		is(t, d, member("U0JANE"))
	})
}

func TestChanged(t *testing.T) {
	t.Parallel()
	var told []string
	var d *mapping.Directory
	d = newDirectory(t, &asker{}, func(before, after studio.Member) {
		// The directory may be asked from here: no lock is held.
		told = append(told, fmt.Sprintf("%s %t->%t of %d", after.User, before.Deleted, after.Deleted, d.Len()))
	})
	d.Put(member("U1"))
	d.Put(member("U1"))
	d.Put(deleted("U1"))
	r := d.Begin()
	r.Add(member("U1"), member("U2"))
	r.Add(deleted("U2"), member("U1"))
	r.Add(studio.Member{})
	d.Put(studio.Member{})
	want := []string{"U1 false->true of 1", "U1 true->false of 2", "U2 false->true of 2"}
	if !slices.Equal(told, want) {
		t.Errorf("told of %q, want %q", told, want)
	}
}

func TestAge(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDirectory(t, &asker{}, nil)
		r := d.Begin()
		r.Add(member("U1"))
		if _, ever := d.Age(); ever {
			t.Error("read before it is done")
		}
		r.Done()
		time.Sleep(10 * time.Minute)
		if age, ever := d.Age(); !ever || age != 10*time.Minute {
			t.Errorf("%s %t", age, ever)
		}
	})
}

// TestMemoryPerPerson isn't parallel: tests beside it would be measured too.
func TestMemoryPerPerson(t *testing.T) {
	const n, most = 50_000, 300
	heap := func() uint64 {
		runtime.GC()
		runtime.GC()
		var s runtime.MemStats
		runtime.ReadMemStats(&s)
		return s.HeapAlloc
	}
	d := newDirectory(t, &asker{}, nil)
	before := heap()
	r := d.Begin()
	for i := range n {
		r.Add(member(fmt.Sprintf("U%010d", i)))
	}
	r.Done()
	each := (int64(heap()) - int64(before)) / n
	t.Logf("%d bytes a person", each)
	if each > most || d.Len() != n {
		t.Errorf("%d bytes a person, want up to %d; %d people", each, most, d.Len())
	}
	runtime.KeepAlive(d)
}
