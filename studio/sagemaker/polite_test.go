package sagemaker_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/studiobot/studiobot/internal/sagemakersim"
	"github.com/studiobot/studiobot/studio"
	"github.com/studiobot/studiobot/studio/sagemaker"
)

// A pace that AWS doesn't take is corrected by its throttles: everything is read
// in the end, and few calls are refused on the way there.
func TestPolite(t *testing.T) {
	t.Parallel()
	sim := startSim(t, sagemakersim.Options{CallsPerSecond: 30})
	c := fast(t, sim, func(o *sagemaker.Config) { o.CallsPerSecond = 60 })
	const n = 120
	var wait sync.WaitGroup
	for worker := range 4 {
		wait.Go(func() {
			for i := range n / 4 {
				if _, err := c.ProfileTags(t.Context(), "research", "jane-doe"); err != nil {
					t.Errorf("%d of %d: %v", i, worker, err)
				}
			}
		})
	}
	wait.Wait()
	// At full pace half of them would be refused, with all that are tried again.
	// The first refusal halves the pace, which is then one that passes.
	if refused := sim.Throttled(); refused == 0 || refused > n/4 {
		t.Errorf("%d of %d calls were refused", refused, sim.CallCount(listTags))
	}
}

// Who clicks neither waits for the background's pace, nor loses retries to its
// throttles.
func TestClicksHaveNoPace(t *testing.T) {
	t.Parallel()
	sim := startSim(t, sagemakersim.Options{})
	c := fast(t, sim, func(o *sagemaker.Config) { o.CallsPerSecond = 0.001 })
	calls, stop := sim.Subscribe()
	defer stop()
	sim.Fail(sagemakersim.Fault{Operation: listProfiles, N: -1, Code: "ThrottlingException"})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- c.Profiles(ctx, "research", func(studio.Profile) error { return nil }) }()
	if call := <-calls; call.ErrorCode != "ThrottlingException" {
		t.Fatalf("%+v", call)
	}
	sim.Fail(sagemakersim.Fault{Operation: presign, N: 2, Code: "ThrottlingException"})
	for range 100 {
		if _, err := c.Open(t.Context(), me, jane); err != nil {
			t.Fatal(err)
		}
	}
	c.Look(t.Context())
	if _, sso := c.SignIn("center"); !sso {
		t.Error("Look waited")
	}
	cancel()
	wantKind(t, <-done, studio.ErrUnavailable)
	if n := sim.CallCount(listProfiles); n != 1 {
		t.Errorf("%d calls at 0.001 per second", n)
	}
}

// 20,000 profiles, without the pace: at 5 pages per second it would be 40 s.
func BenchmarkProfiles20000(b *testing.B) {
	sim := startSim(b, sagemakersim.Options{})
	sim.SetDomain(sagemakersim.Domain{ID: research.ID, Profiles: crowd(20000)})
	c := fast(b, sim)
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		err := c.Profiles(b.Context(), "research", func(studio.Profile) error {
			n++
			return nil
		})
		if err != nil || n != 20000 {
			b.Fatal(n, err)
		}
	}
}

func BenchmarkProfileTags(b *testing.B) {
	sim := startSim(b, sagemakersim.Options{})
	tags := make(map[string]string)
	for i := range 10 {
		tags[fmt.Sprintf("key %d", i)] = "value"
	}
	sim.SetTags(research.ID, "jane-doe", tags)
	c := fast(b, sim)
	b.ReportAllocs()
	for b.Loop() {
		if got, err := c.ProfileTags(b.Context(), "research", "jane-doe"); err != nil || len(got) != len(tags) {
			b.Fatal(got, err)
		}
	}
}
