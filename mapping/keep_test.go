package mapping_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
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

// read makes a complete pass.
func read(d *mapping.Directory, members ...studio.Member) {
	r := d.Begin()
	r.Add(members...)
	r.Done()
}

func know(t *testing.T, d *mapping.Directory, want studio.Member) {
	t.Helper()
	if got, err := d.Member(t.Context(), want.User); err != nil || got != want {
		t.Errorf("%s: %+v, %v; want %+v", want.User, got, err, want)
	}
}

func TestDirectoryKeepsAll(t *testing.T) {
	t.Parallel()
	a := &asker{}
	d := newDirectory(t, a, nil)
	people := []studio.Member{
		member("U1"), deleted("U2"), {Person: studio.Person{Team: "T2", User: "U3"}, Enterprise: "E1", Bot: true},
		{Person: studio.Person{User: "U4"}, Guest: true, Invited: true}, {Person: studio.Person{Team: ourTeam, User: "W5"}, Stranger: true},
	}
	read(d, people...)
	for _, m := range people {
		know(t, d, m)
	}
	read(d, append(people[1:], studio.Member{})...) // without U1; without an ID is nobody
	if d.Len() != 4 || a.total() != 0 {
		t.Errorf("%d people, %d questions", d.Len(), a.total())
	}
	if _, err := d.Member(t.Context(), "U1"); !errors.Is(err, studio.ErrUnknownPerson) || a.total() != 1 {
		t.Errorf("dropped: %v, %d questions", err, a.total())
	}
}

func TestDirectoryReadingAgainstEvents(t *testing.T) {
	t.Parallel()
	d := newDirectory(t, &asker{}, nil)
	read(d, member("U1"), member("U2"), member("U3"))
	d.Put(deleted("U3")) // before the pass: its page is younger
	r := d.Begin()
	d.Put(deleted("U1")) // since it began: the page may be older
	d.Put(member("U4"))  // joined since
	r.Add(member("U1"), member("U3"))
	know(t, d, deleted("U1"))
	know(t, d, member("U2")) // nothing is dropped before Done
	r.Done()
	know(t, d, deleted("U1"))
	know(t, d, member("U3"))
	know(t, d, member("U4"))
	if d.Len() != 3 {
		t.Errorf("%d people; U2 wasn't listed", d.Len())
	}
	d.Put(member("U5")) // an event before the next pass doesn't carry somebody through it
	read(d, member("U1"))
	if d.Len() != 1 {
		t.Errorf("%d people; one was listed", d.Len())
	}
	know(t, d, member("U1"))
}

func TestDirectoryAbandonedAndEmptyReadings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDirectory(t, &asker{}, nil)
		if age, complete := d.Age(); complete {
			t.Errorf("complete at first, %v", age)
		}
		read(d, member("U1"), member("U2"))
		time.Sleep(20 * time.Minute)
		d.Begin().Add(member("U1")) // abandoned
		d.Begin().Done()            // listed nobody
		if age, complete := d.Age(); !complete || age.Round(time.Second) != 20*time.Minute {
			t.Errorf("age %v, %v", age, complete)
		}
		time.Sleep(11 * time.Minute)
		know(t, d, member("U1")) // refreshed
		if d.Len() != 2 {
			t.Errorf("%d people", d.Len())
		}
		if _, err := d.Member(t.Context(), "U2"); !errors.Is(err, studio.ErrUnknownPerson) {
			t.Errorf("U2 is stale and Slack doesn't know: %v", err)
		}
	})
}

func TestDirectoryTellsChanges(t *testing.T) {
	t.Parallel()
	var told []string
	a := &asker{}
	var d *mapping.Directory
	d = newDirectory(t, a, func(before, after studio.Member) {
		d.Len() // no lock is held
		told = append(told, fmt.Sprintf("%s %v->%v %v->%v", after.Person, before.Deleted, after.Deleted, before.Stranger, after.Stranger))
	})
	read(d, member("U1"), member("U2"), member("U3"))
	d.Put(member("U1"))
	d.Put(deleted("U1"))
	d.Put(deleted("U4")) // wasn't known
	d.Put(member("U1"))
	read(d, deleted("U1"), member("U2"), member("U4")) // U3 is unknown from now on
	want := "[T0HOME/U1 false->true false->false T0HOME/U1 true->false false->false T0HOME/U1 false->true false->false T0HOME/U4 true->false false->false]"
	if got := fmt.Sprint(told); got != want {
		t.Errorf("told\n%s\nwant\n%s", got, want)
	}
}

// What Slack says when asked is told too: the person was known, and is stale.
func TestDirectoryTellsAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []studio.Member
		a := &asker{answer: func(_ context.Context, user string) (studio.Member, error) {
			if user == "U2" {
				return studio.Member{}, studio.ErrUnknownPerson
			}
			return deleted(user), nil
		}}
		d := newDirectory(t, a, func(_, after studio.Member) { told = append(told, after) })
		read(d, member("U1"), member("U2"))
		time.Sleep(31 * time.Minute)
		know(t, d, deleted("U1"))
		if _, err := d.Member(t.Context(), "U2"); !errors.Is(err, studio.ErrUnknownPerson) {
			t.Error(err)
		}
		if len(told) != 1 || told[0] != deleted("U1") {
			t.Errorf("told %+v", told)
		}
	})
}

// Somebody from a workspace too many is a stranger, and never one of us.
func TestDirectoryTooManyTeams(t *testing.T) {
	t.Parallel()
	d := newDirectory(t, &asker{}, nil)
	r := d.Begin()
	for i := range 60_100 {
		r.Add(studio.Member{Person: studio.Person{Team: fmt.Sprintf("T%d", i), User: "U1"}})
	}
	home, _ := d.Home()
	r.Add(studio.Member{Person: studio.Person{Team: "T60099", User: "U2"}}, member("U3"))
	m, err := d.Member(t.Context(), "U2")
	if err != nil || !errors.Is(mapping.Access{}.Admit(m, home), studio.ErrStranger) {
		t.Errorf("%+v, %v", m, err)
	}
	know(t, d, member("U3"))
	d.SetHome("T60099", "") // ours from now on
	r.Add(studio.Member{Person: studio.Person{Team: "T60099", User: "U4"}})
	home, _ = d.Home()
	if m, err := d.Member(t.Context(), "U4"); err != nil || (mapping.Access{}).Admit(m, home) != nil {
		t.Errorf("%+v, %v", m, err)
	}
}

// Everything at once, for the race detector; and whoever is deactivated stays so.
func TestDirectoryConcurrently(t *testing.T) {
	t.Parallel()
	a := &asker{answer: func(_ context.Context, user string) (studio.Member, error) { return member(user), nil }}
	d := newDirectory(t, a, func(_, _ studio.Member) {})
	everybody := make([]studio.Member, 500)
	for i := range everybody {
		everybody[i] = member(fmt.Sprintf("U%d", i))
	}
	read(d, everybody...)
	var all sync.WaitGroup
	for w := range 4 {
		all.Go(func() {
			for i := range everybody {
				switch w {
				case 0:
					d.Put(deleted(everybody[i].User))
				case 1:
					_, _ = d.Member(t.Context(), everybody[i].User)
				case 2:
					_, _ = d.Member(t.Context(), "X"+everybody[i].User)
				case 3:
					if i%100 == 0 {
						r := d.Begin()
						r.Add(everybody[:i]...)
						d.SetHome(ourTeam, ourEnterprise)
						d.Age()
					}
				}
			}
		})
	}
	all.Wait()
	r := d.Begin()
	for i := range everybody {
		d.Put(deleted(everybody[i].User))
	}
	all.Go(func() { r.Add(everybody...) })
	all.Go(func() {
		for i := range everybody {
			_, _ = d.Member(t.Context(), everybody[i].User)
		}
	})
	all.Wait()
	r.Done()
	for i := range everybody {
		know(t, d, deleted(everybody[i].User))
	}
}

// A workspace of 50,000 must fit beside everything else.
func TestDirectoryMemory(t *testing.T) { // not parallel: it measures the heap
	const n = 50_000
	heap := func() uint64 {
		runtime.GC()
		runtime.GC()
		var s runtime.MemStats
		runtime.ReadMemStats(&s)
		return s.HeapAlloc
	}
	d := newDirectory(t, &asker{}, nil)
	before := heap()
	for range 3 { // read again, it takes no more
		r := d.Begin()
		for i := range n {
			r.Add(member(fmt.Sprintf("U0%09d", i)))
		}
		r.Done()
	}
	each := (int64(heap()) - int64(before)) / n
	t.Logf("%d bytes a person", each)
	if each > 150 || d.Len() != n {
		t.Errorf("%d bytes for each of %d people", each, d.Len())
	}
	read(d, member("U1"))
	if left := int64(heap()) - int64(before); left > n*150/10 {
		t.Errorf("%d bytes for one person", left)
	}
}
