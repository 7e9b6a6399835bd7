package conformance

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func leases() suite {
	return suite{
		"LeaseIsHeldByOne":      leaseHeldByOne,
		"LeaseEndsByItself":     leaseEnds,
		"LeasesAreByName":       leasesByName,
		"OneOfManyGetsTheLease": oneGetsLease,
	}
}

// takes fails the test unless asking for the lease comes out like that.
func takes(t *testing.T, s Store, lease, holder string, term time.Duration, want bool) {
	t.Helper()
	if held, err := s.Lease(ctx, lease, holder, term); err != nil || held != want {
		t.Errorf("%s of %q asked for by %q: held %v, %v", lease, holder, holder, held, err)
	}
}

func leaseHeldByOne(t *testing.T, open func() Store) {
	takes(t, open(), "readers", "a b", time.Minute, true)
	takes(t, open(), "readers", "b", time.Minute, false)
	takes(t, open(), "readers", "a b", time.Hour, true) // more of it
	if err := open().Release(ctx, "readers", "b"); err != nil {
		t.Error(err)
	}
	takes(t, open(), "readers", "b", time.Minute, false)
	if err := open().Release(ctx, "readers", "a b"); err != nil {
		t.Error(err)
	}
	takes(t, open(), "readers", "b", time.Minute, true)
	takes(t, open(), "readers", "a b", time.Minute, false)
	if err := open().Release(ctx, "never was", "b"); err != nil {
		t.Error(err)
	}
}

func leaseEnds(t *testing.T, open func() Store) {
	takes(t, open(), "readers", "dies", -time.Second, true)
	takes(t, open(), "readers", "next", time.Minute, true)
	takes(t, open(), "readers", "dies", time.Minute, false)
}

func leasesByName(t *testing.T, open func() Store) {
	for n, lease := range []string{"readers", "Readers", "readers/2", "über"} {
		takes(t, open(), lease, fmt.Sprint("holder-", n), time.Minute, true)
	}
}

func oneGetsLease(t *testing.T, open func() Store) {
	var held atomic.Int64
	var wg sync.WaitGroup
	for n := range 16 {
		s := open()
		wg.Go(func() {
			got, err := s.Lease(ctx, "readers", fmt.Sprint("holder-", n), time.Minute)
			if err != nil {
				t.Error(err)
			}
			if got {
				held.Add(1)
			}
		})
	}
	wg.Wait()
	if held.Load() != 1 {
		t.Errorf("%d of 16 have the lease", held.Load())
	}
}
