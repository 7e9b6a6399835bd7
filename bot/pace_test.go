package bot

import (
	"testing"
	"time"
)

func TestPace(t *testing.T) {
	t.Parallel()
	var p pace
	now := time.Unix(1_800_000_000, 0)
	// step dials so long after the last time, and returns the wait before it.
	step := func(after time.Duration, ok bool) time.Duration {
		now = now.Add(after)
		wait := p.next(now)
		now = now.Add(wait)
		p.dialed(now, ok)
		return wait
	}
	for i := range 3 {
		if wait := step(10*time.Millisecond, true); wait != 0 {
			t.Fatalf("connection %d waits %v", i, wait)
		}
	}
	before := time.Duration(0)
	for i := range 12 {
		wait := step(10*time.Millisecond, true)
		if wait < firstBackoff || wait > maxPace || wait+wait/4 < before {
			t.Fatalf("brief connection %d: waits %v after %v", i+3, wait, before)
		}
		before = wait
	}
	if before != maxPace {
		t.Errorf("the longest wait is %v", before)
	}
	if wait := step(briefly, true); wait != 0 {
		t.Errorf("after one that lasted it waits %v", wait)
	}
	for range 10 {
		if wait := step(10*time.Millisecond, false); wait != 0 {
			t.Errorf("after a failure, which has a wait of its own, it waits %v", wait)
		}
	}
}
