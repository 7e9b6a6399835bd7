package main

import (
	"runtime"
	"testing"
)

func TestMemoryLimitFollowsWhatIsAlive(t *testing.T) {
	t.Parallel()
	for live, want := range map[uint64]int64{0: 22 << 20, 9 << 20: 22 << 20, 100 << 20: 132 << 20} {
		if got := memoryLimit(live); got != want {
			t.Errorf("with %d MiB alive: %d MiB, want %d", live>>20, got>>20, want>>20)
		}
	}
	runtime.GC()
	if live := liveHeap(); live < 100_000 || live > 1<<32 {
		t.Errorf("%d bytes are alive", live)
	}
}
