package limits_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/studiobot/studiobot/limits"
)

func TestRate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := limits.New(limits.Rate{N: 3, Per: time.Minute})
		for i := range 3 {
			if _, ok := l.Allow("jane"); !ok {
				t.Fatalf("number %d is refused", i+1)
			}
		}
		wait, ok := l.Allow("jane")
		if ok || wait < 19*time.Second || wait > 20*time.Second {
			t.Errorf("the fourth: %v, wait %s; want about 20s", ok, wait)
		}
		if _, ok := l.Allow("sam"); !ok {
			t.Error("one person's commands count for another")
		}
		if wait, over := l.Over("jane"); !over || wait > 20*time.Second {
			t.Errorf("over: %v, %s", over, wait)
		}
		time.Sleep(20 * time.Second)
		if _, over := l.Over("jane"); over {
			t.Error("still over after the wait")
		}
		if _, ok := l.Allow("jane"); !ok {
			t.Error("still refused after the wait")
		}
		if _, ok := l.Allow("jane"); ok {
			t.Error("one too many after the wait")
		}
	})
}

func TestOff(t *testing.T) {
	t.Parallel()
	l := limits.New(limits.Rate{})
	for range 1000 {
		if _, ok := l.Allow("x"); !ok {
			t.Fatal("a limit that is off refuses")
		}
	}
}

// A flood of keys neither grows without bound nor locks anybody out.
func TestBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := limits.New(limits.Rate{N: 1, Per: time.Hour})
		for i := range 120_000 {
			if _, ok := l.Allow(fmt.Sprint(i)); !ok {
				t.Fatalf("key %d is refused", i)
			}
			if i%1000 == 0 {
				time.Sleep(time.Second)
			}
		}
		if n := l.Len(); n > 50_000 {
			t.Errorf("%d keys are kept", n)
		}
	})
}

func BenchmarkAllow(b *testing.B) {
	l := limits.New(limits.Rate{N: 30, Per: time.Minute})
	keys := make([]string, 10_000)
	for i := range keys {
		keys[i] = fmt.Sprint("T0ACME/U", i)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		l.Allow(keys[i%len(keys)])
	}
}
