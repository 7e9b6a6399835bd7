package mapping_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/studio"
)

func newGroups(t testing.TB, changed func([]string), ids ...string) (*mapping.Groups, *logbook) {
	log, book := newLog(t)
	return mapping.NewGroups(mapping.GroupsOptions{IDs: ids, Log: log, Changed: changed}), book
}

// in is what the groups say: yes, no, or unsure.
func in(t *testing.T, g *mapping.Groups, user string, groups ...string) string {
	t.Helper()
	yes, err := g.In(user, groups)
	switch {
	case errors.Is(err, studio.ErrUnsure) && !yes:
		return "unsure"
	case err != nil:
		t.Errorf("%s: %v", user, err)
	case yes:
		return "yes"
	}
	return "no"
}

func TestGroupsIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, _ := newGroups(t, nil, "S1", "S2", "S1", "U3", "")
		if got := fmt.Sprint(g.IDs()); got != "[S1 S2]" {
			t.Error(got)
		}
		check := func(when, user, want string, groups ...string) {
			t.Helper()
			if got := in(t, g, user, groups...); got != want {
				t.Errorf("%s: %s in %v: %s, want %s", when, user, groups, got, want)
			}
		}
		check("at first", "U1", "unsure", "S1")
		if _, read := g.Age("S1"); read {
			t.Error("read at first")
		}
		g.Apply("S1", []string{"U1"}, nil)
		check("after an event only", "U1", "unsure", "S1")
		g.Set("S1", []string{"U1", "U2", "", strings.Repeat("U", 65)}, g.Moment())
		g.Set("S9", []string{"U1"}, g.Moment())
		check("read", "U1", "yes", "S1")
		check("read", "U3", "no", "S1")
		check("read", "", "no", "S1")
		check("of none", "U1", "no")
		check("not configured", "U1", "unsure", "S9")
		check("yes, whatever the other says", "U1", "yes", "S2", "S1", "S9")
		check("no, but the other may", "U3", "unsure", "S1", "S2")
		time.Sleep(30 * time.Minute)
		g.Set("S2", nil, g.Moment())
		check("in neither", "U3", "no", "S1", "S2")
		time.Sleep(30*time.Minute - time.Second)
		check("just before", "U1", "yes", "S1")
		if age, read := g.Age("S1"); !read || age.Round(time.Second) != time.Hour-time.Second {
			t.Error(age, read)
		}
		time.Sleep(2 * time.Second)
		g.Apply("S1", []string{"U1"}, nil)
		check("too old: an event makes it no younger", "U1", "unsure", "S1")
		check("too old", "U1", "unsure", "S1", "S2")
		g.Set("S1", []string{"U1"}, g.Moment())
		check("read again", "U1", "yes", "S1", "S2")
	})
	var none *mapping.Groups
	if got := in(t, none, "U1", "S1"); got != "unsure" {
		t.Errorf("without groups: %s", got)
	}
}

// The youngest word counts, whatever the order in which they come in.
func TestGroupsOrder(t *testing.T) {
	t.Parallel()
	var left []string
	g, _ := newGroups(t, func(users []string) { left = append(left, strings.Join(users, "+")) }, "S1")
	state := func() string {
		var out []string
		for _, u := range []string{"U1", "U2", "U3"} {
			if in(t, g, u, "S1") == "yes" {
				out = append(out, u)
			}
		}
		return strings.Join(out, " ")
	}
	check := func(when, want string) {
		t.Helper()
		if got := state(); got != want {
			t.Errorf("%s: %q, want %q", when, got, want)
		}
	}
	began := g.Moment()
	g.Apply("S1", []string{"U3"}, []string{"U1"})
	g.Set("S1", []string{"U1", "U2"}, began)
	check("events before the first reading came in", "U2 U3")
	older, younger := g.Moment(), g.Moment()
	g.Apply("S1", []string{"U1"}, []string{"U2"})
	g.Set("S1", []string{"U1", "U3"}, younger)
	check("the younger reading", "U1 U3")
	g.Set("S1", []string{"U2"}, older)
	check("the older one, late", "U1 U3")
	g.Set("S1", []string{"U2"}, younger)
	check("the same moment again", "U1 U3")
	began = g.Moment()
	g.Apply("S1", nil, []string{"U1"})
	g.Apply("S1", []string{"U1"}, nil)
	g.Set("S1", []string{"U2", "U3"}, began)
	check("left and came back", "U1 U2 U3")
	g.Set("S1", []string{"U2"}, g.Moment())
	check("a reading after the events", "U2")
	g.Apply("S1", []string{"U3"}, []string{"U3", "U9"})
	check("came and left at once", "U2")
	if got := fmt.Sprint(left); got != "[U2 U1 U1+U3 U3]" {
		t.Errorf("left: %s", got)
	}
}

// What is too much is refused, and nobody is let in by it.
func TestGroupsBounds(t *testing.T) {
	t.Parallel()
	ids := make([]string, 101)
	for i := range ids {
		ids[i] = fmt.Sprintf("S%d", i)
	}
	g, log := newGroups(t, nil, ids...)
	if len(g.IDs()) != 100 || log.count("too many user groups") != 1 {
		t.Errorf("%d groups", len(g.IDs()))
	}
	many := make([]string, 100_001)
	for i := range many {
		many[i] = fmt.Sprintf("U%d", i)
	}
	g.Set("S1", many, g.Moment())
	if got := in(t, g, "U1", "S1"); got != "unsure" || log.count("too large") != 1 {
		t.Errorf("too large: %s", got)
	}
	g.Set("S1", many[:100_000], g.Moment())
	began := g.Moment()
	g.Apply("S1", nil, []string{"U5"})
	g.Apply("S1", []string{"U100000"}, nil) // fits in the place of U5
	if in(t, g, "U100000", "S1") != "yes" {
		t.Error("there was room")
	}
	g.Apply("S1", []string{"UMORE"}, nil)
	if got := in(t, g, "U7", "S1"); got != "unsure" || log.count("too many changes") != 1 {
		t.Errorf("one more: %s", got)
	}
	g.Set("S1", many[:10], began) // can't know what was forgotten
	if got := in(t, g, "U5", "S1"); got != "unsure" {
		t.Errorf("a reading from before: %s", got)
	}
	g.Set("S1", many[:10], g.Moment())
	if in(t, g, "U7", "S1") != "yes" || in(t, g, "U77", "S1") != "no" {
		t.Error("a reading from after")
	}
}

// A reading under way with events at once, for the race detector; and the last
// event counts.
func TestGroupsConcurrently(t *testing.T) {
	t.Parallel()
	g, _ := newGroups(t, func([]string) {}, "S1", "S2")
	g.Set("S1", nil, g.Moment())
	var all sync.WaitGroup
	for w := range 3 {
		all.Go(func() {
			for range 300 {
				switch w {
				case 0:
					began := g.Moment()
					g.Set("S1", []string{"U2"}, began)
				case 1:
					g.Apply("S1", []string{"U1"}, nil)
					if in(t, g, "U3", "S1") != "no" {
						t.Error("nobody ever said U3")
					}
					g.Apply("S1", nil, []string{"U1"})
				case 2:
					_ = in(t, g, "U1", "S1", "S2")
					g.Age("S1")
				}
			}
		})
	}
	all.Wait()
	if in(t, g, "U1", "S1") != "no" || in(t, g, "U2", "S1") != "yes" {
		t.Error("the last word doesn't count")
	}
}

func BenchmarkGroupsIn(b *testing.B) {
	g, _ := newGroups(b, nil, "S1", "S2")
	users := make([]string, 100_000)
	for i := range users {
		users[i] = fmt.Sprintf("U0%09d", i)
	}
	g.Set("S1", nil, g.Moment())
	g.Set("S2", users, g.Moment())
	groups := []string{"S1", "S2"}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if yes, err := g.In(users[i%len(users)], groups); !yes || err != nil {
			b.Fatal(err)
		}
	}
}
