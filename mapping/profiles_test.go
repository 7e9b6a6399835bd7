package mapping_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/studio"
)

// Nobody is let in on stale truth: before the first complete reading, and once
// the last one is too old, the source can't answer, whoever it is about.
func TestProfilesAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLister("jane=U0JANE", "joe=U0JOE")
		p := newTags(t, l)
		check := func(when, jane, nobody string) {
			t.Helper()
			if j, n := says(t, p.source, "T1/U0JANE"), says(t, p.source, "T1/U0NOBODY"); j != jane || n != nobody {
				t.Errorf("%s: %q %q", when, j, n)
			}
		}
		check("at first", "error", "error")
		if age, complete := p.Age("research"); complete {
			t.Error("complete at first", age)
		}
		l.failTag = func(_ int, name string) error {
			if name == "joe" {
				return errSageMaker
			}
			return nil
		}
		if err := p.Pass(t.Context()); !errors.Is(err, errSageMaker) {
			t.Error(err)
		}
		check("after half a reading", "error", "error")
		l.failTag, l.each = nil, time.Minute
		mustPass(t, p)
		if age, complete := p.Age("research"); !complete || age != 2*time.Minute {
			t.Errorf("%v, %v: counted from the beginning", age, complete)
		}
		check("read", "jane", "")
		time.Sleep(6*time.Hour - 2*time.Minute - time.Second)
		check("just before it is too old", "jane", "")
		l.failList = func(int) error { return errSageMaker }
		if err := p.Pass(t.Context()); !errors.Is(err, errSageMaker) {
			t.Error(err)
		}
		time.Sleep(time.Second)
		check("too old", "error", "error")
		l.failList = nil
		mustPass(t, p)
		check("read again", "jane", "")
	})
}

// A reading that fails in the middle keeps what was known and what it found.
func TestProfilesFailingReadings(t *testing.T) {
	t.Parallel()
	l := newLister("a=U0A", "b=U0B", "c=U0C", "d=U0D", "e=U0E", "f=U0F", "g=U0G", "h=U0H")
	p := newTags(t, l)
	mustPass(t, p)
	l.readOrder()
	age, _ := p.Age("research")
	l.set("h=U0NEW")
	l.failTag = func(n int, _ string) error {
		if n > 10 { // the third and all that follow
			return errSageMaker
		}
		return nil
	}
	if err := p.Pass(t.Context()); !errors.Is(err, errSageMaker) || !strings.Contains(err.Error(), "research: tags of b: ") {
		t.Error(err)
	}
	if got := l.readOrder(); got != "h a b c d e f" {
		t.Errorf("read %s: the changed one first, and five failures in a row are enough", got)
	}
	if now, _ := p.Age("research"); now < age {
		t.Error("made younger")
	}
	if says(t, p.source, "T1/U0NEW") != "h" || says(t, p.source, "T1/U0H") != "" || says(t, p.source, "T1/U0E") != "e" {
		t.Error("what was known, and what was found, don't both count")
	}
	l.failTag = nil
	mustPass(t, p)
	if got := l.readOrder(); got != "b c d e f g h a" {
		t.Errorf("read %s: longest ago first", got)
	}
	l.failList = func(int) error { return errSageMaker }
	l.remove("a")
	l.set("z=U0Z")
	if p.Pass(t.Context()) == nil || says(t, p.source, "T1/U0A") != "a" {
		t.Error("gone before the list was complete")
	}
	l.failList = nil
	mustPass(t, p)
	if says(t, p.source, "T1/U0A") != "" || says(t, p.source, "T1/U0Z") != "z" {
		t.Error("the list doesn't count")
	}
}

// A list that was cut short, or emptied, must be said twice in a row.
func TestProfilesDoubtfulLists(t *testing.T) {
	t.Parallel()
	l := newLister("a=U0A", "b=U0B", "c=U0C")
	p := newTags(t, l)
	mustPass(t, p)
	empty := func(int) bool { return true }
	pass := func(what string, fine bool, want string) {
		t.Helper()
		if err := p.Pass(t.Context()); (err == nil) != fine || says(t, p.source, "T1/U0A") != want {
			t.Errorf("%s: %v, %q", what, err, says(t, p.source, "T1/U0A"))
		}
	}
	l.cut = empty
	pass("empty once", false, "a")
	l.cut = nil
	pass("full again", true, "a")
	l.cut = empty
	pass("empty once more", false, "a")
	l.failList, l.cut = func(int) error { return errSageMaker }, nil
	pass("an error", false, "a")
	l.failList, l.cut = nil, empty
	pass("empty after the error", false, "a")
	if got := p.told(); got != "" {
		t.Errorf("told %s", got)
	}
	pass("empty twice in a row", true, "")
	if got := p.told(); got != "/U0A /U0B /U0C" {
		t.Errorf("told %s", got)
	}
	pass("and again", true, "")
	l.cut = nil
	pass("full", true, "a")
	l.remove("b")
	pass("one of three is gone", true, "a")
	l.remove("c")
	pass("half of them", true, "a")
}

func TestProfilesGoneMeanwhileAndNonsense(t *testing.T) {
	t.Parallel()
	l := newLister("jane=U0JANE", "joe=U0JOE", "no.name=U0X", "odd=U0ODD!In Service", "long"+strings.Repeat("g", 60)+"=U0Y")
	l.before = func(n int, _ string) {
		if n == 1 {
			l.remove("joe")
		}
	}
	p := newTags(t, l)
	mustPass(t, p)
	if profiles, _ := p.Count("research"); profiles != 1 || says(t, p.source, "T1/U0JANE") != "jane" {
		t.Errorf("%d profiles", profiles)
	}
}

// At twenty thousand profiles one reading takes over half an hour. Whoever is
// tagged meanwhile waits for the next list only, in between.
func TestProfilesTaggedDuringALongReading(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const many = 20_000
		l := newLister()
		for i := range many {
			l.set(fmt.Sprintf("p%05d=U0P%05d", i, i))
		}
		l.each = 100 * time.Millisecond
		p := newTags(t, l)
		mustPass(t, p)
		started := time.Now()
		var found time.Duration
		l.before = func(_ int, name string) {
			switch time.Since(started).Round(time.Second) {
			case time.Minute:
				l.set("late=U0LATE")
			}
			if name == "p05000" {
				l.remove("p00007")
			}
			if name == "late" && found == 0 {
				found = time.Since(started)
			}
		}
		mustPass(t, p)
		took := time.Since(started)
		if found > 6*time.Minute || found == 0 || took < 33*time.Minute || took > 34*time.Minute {
			t.Errorf("found after %v of %v", found, took)
		}
		if says(t, p.source, "T1/U0LATE") != "late" || says(t, p.source, "T1/U0P00007") != "" {
			t.Error("what was listed in between doesn't count")
		}
	})
}

func TestProfilesWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLister("jane=U0JANE")
		l.failList = func(n int) error {
			if n <= 2 || n == 5 {
				return errSageMaker
			}
			return nil
		}
		p := newTags(t, l)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); p.Watch(ctx) }()
		wait := func(d time.Duration, lists int, want string) {
			t.Helper()
			time.Sleep(d)
			synctest.Wait()
			l.mu.Lock()
			n := l.lists
			l.mu.Unlock()
			if got := says(t, p.source, "T1/U0JANE"); n != lists || got != want {
				t.Errorf("%d lists and %q, want %d and %q", n, got, lists, want)
			}
		}
		wait(0, 1, "error")
		wait(17*time.Second, 2, "error") // again after 15 s
		wait(34*time.Second, 3, "jane")  // and after 30
		l.set("jane=U0JOE")
		wait(4*time.Minute, 3, "jane")
		wait(100*time.Second, 4, "")
		wait(6*time.Minute, 6, "") // the fifth failed
		if bad, good := p.log.count("couldn't be read"), p.log.count("can be read again"); bad != 2 || good != 2 {
			t.Errorf("told %d failures and %d recoveries", bad, good)
		}
		cancel()
		<-done
	})
}

func TestProfilesWatchFourAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &manyDomains{hold: make(chan struct{})}
		p := newTags(t, l, func(o *mapping.ProfilesOptions) {
			o.Domains, o.Tag = nil, ""
			for i := range 10 {
				o.Domains = append(o.Domains, studio.Domain{Name: fmt.Sprintf("d%d", i)})
			}
		})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); p.Watch(ctx) }()
		synctest.Wait()
		if n := len(l.begun()); n != 4 {
			t.Errorf("%d domains at once", n)
		}
		close(l.hold)
		synctest.Wait()
		if n := len(l.begun()); n != 10 {
			t.Errorf("%d domains read", n)
		}
		if _, complete := p.Age("d9"); !complete {
			t.Error("without tags the list is all")
		}
		cancel()
		<-done
	})
}
