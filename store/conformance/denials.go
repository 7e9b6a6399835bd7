package conformance

import (
	"fmt"
	"testing"
	"time"

	"github.com/studiobot/studiobot/launch"
	"github.com/studiobot/studiobot/studio"
)

func denials() suite {
	return suite{
		"DenialsByReason":         denialsByReason,
		"DenialsEndByThemselves":  denialsEnd,
		"DenialsTheStrongerStays": denialsStronger,
		"DenialsAreOfOnePerson":   denialsOfOnePerson,
	}
}

func deny(t *testing.T, s launch.Store, p studio.Person, d launch.Denial) {
	t.Helper()
	if err := s.Deny(ctx, p, d); err != nil {
		t.Fatal(err)
	}
}

func denied(t *testing.T, s launch.Store, p studio.Person) map[string]launch.Denial {
	t.Helper()
	ds, err := s.Denied(ctx, p)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]launch.Denial{}
	for _, d := range ds {
		out[d.Reason] = d
	}
	if len(out) != len(ds) {
		t.Errorf("two denials of one reason: %v", ds)
	}
	return out
}

func denialsByReason(t *testing.T, open func() Store) {
	p := studio.Person{Team: "T1", User: "U1"}
	at := time.Now().UTC().Truncate(time.Millisecond)
	if got := denied(t, open(), p); len(got) != 0 {
		t.Errorf("at first: %v", got)
	}
	deny(t, open(), p, launch.Denial{Reason: "blocked"})
	deny(t, open(), p, launch.Denial{Reason: "unlinked", Before: at, Until: at.Add(time.Hour)})
	deny(t, open(), p, launch.Denial{Reason: "unlinked", Before: at.Add(time.Second), Until: at.Add(time.Hour)})
	got := denied(t, open(), p)
	if len(got) != 2 || !got["unlinked"].Before.Equal(at.Add(time.Second)) || !got["blocked"].Until.IsZero() || !got["blocked"].Before.IsZero() {
		t.Errorf("got %+v", got)
	}
	if err := open().Lift(ctx, p, "unlinked"); err != nil {
		t.Fatal(err)
	}
	if err := open().Lift(ctx, p, "never was"); err != nil {
		t.Errorf("lifting what isn't there: %v", err)
	}
	if got := denied(t, open(), p); len(got) != 1 {
		t.Errorf("after lifting one: %+v", got)
	}
}

func denialsEnd(t *testing.T, open func() Store) {
	p := studio.Person{Team: "T1", User: "U1"}
	deny(t, open(), p, launch.Denial{Reason: "over", Until: time.Now().Add(-time.Second)})
	deny(t, open(), p, launch.Denial{Reason: "lasts", Until: time.Now().Add(time.Hour)})
	got := denied(t, open(), p)
	if _, over := got["over"]; over || len(got) != 1 {
		t.Errorf("got %+v", got)
	}
}

func denialsOfOnePerson(t *testing.T, open func() Store) {
	deny(t, open(), studio.Person{Team: "T1", User: "U1"}, launch.Denial{Reason: "blocked"})
	for _, other := range []studio.Person{{Team: "T1", User: "U2"}, {Team: "T2", User: "U1"}, {User: "U1"}} {
		if got := denied(t, open(), other); len(got) != 0 {
			t.Errorf("%s is denied too: %+v", other, got)
		}
	}
}

// A denial that comes late takes nothing back; one that is over is replaced.
func denialsStronger(t *testing.T, open func() Store) {
	at := time.Now().UTC().Truncate(time.Millisecond)
	hour := func(n int) time.Time { return at.Add(time.Duration(n) * time.Hour) }
	for i, c := range []struct{ first, second, want launch.Denial }{
		{launch.Denial{Before: hour(2), Until: hour(3)}, launch.Denial{Before: hour(1), Until: hour(2)}, launch.Denial{Before: hour(2), Until: hour(3)}},
		{launch.Denial{Before: hour(1), Until: hour(3)}, launch.Denial{Before: hour(2), Until: hour(2)}, launch.Denial{Before: hour(2), Until: hour(3)}},
		{launch.Denial{Until: hour(3)}, launch.Denial{Before: hour(2), Until: hour(4)}, launch.Denial{Until: hour(4)}},
		{launch.Denial{Before: hour(2)}, launch.Denial{Until: hour(4)}, launch.Denial{}},
		{launch.Denial{Until: hour(-1)}, launch.Denial{Before: hour(2), Until: hour(4)}, launch.Denial{Before: hour(2), Until: hour(4)}},
	} {
		p := studio.Person{Team: "T1", User: fmt.Sprintf("U%d", i)}
		c.first.Reason, c.second.Reason = "changed", "changed"
		deny(t, open(), p, c.first)
		deny(t, open(), p, c.second)
		got := denied(t, open(), p)["changed"]
		if !got.Before.Equal(c.want.Before) || !got.Until.Equal(c.want.Until) {
			t.Errorf("%d: %+v", i, got)
		}
	}
}
