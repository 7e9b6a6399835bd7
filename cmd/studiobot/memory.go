package main

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

const (
	// leastMemory is what the Go runtime may take before it collects more often
	// than by itself: room for ten thousand links a minute. With it the process
	// stays below 40 MB, at the same speed.
	leastMemory = 22 << 20
	// aside is what isn't heap: stacks, and what the runtime keeps for itself.
	aside = 7 << 20
	// holdEvery is how often the limit follows what is alive.
	holdEvery = 5 * time.Second
)

// holdMemory keeps the process small until ctx ends, unless the environment
// says how. A fixed limit would have a busier bot collect all the time, so it
// follows what is alive.
func (p *program) holdMemory(ctx context.Context) {
	if p.getenv("GOGC") != "" || p.getenv("GOMEMLIMIT") != "" {
		return
	}
	tick := time.NewTicker(holdEvery)
	defer tick.Stop()
	for {
		debug.SetMemoryLimit(memoryLimit(liveHeap()))
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// memoryLimit leaves a quarter of what is alive for what comes and goes.
func memoryLimit(live uint64) int64 {
	return max(leastMemory, int64(live+live/4)+aside)
}

// liveHeap is what the latest collection found alive.
func liveHeap() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return sample[0].Value.Uint64()
}
