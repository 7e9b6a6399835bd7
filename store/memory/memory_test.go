package memory_test

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/studiobot/studiobot/launch"
	"github.com/studiobot/studiobot/store/conformance"
	"github.com/studiobot/studiobot/store/memory"
	"github.com/studiobot/studiobot/studio"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	conformance.Run(t, func(t *testing.T) func() conformance.Store {
		s := memory.New(memory.Options{})
		t.Cleanup(func() { _ = s.Close() })
		return func() conformance.Store { return s }
	})
}

func ticket(id string, ttl time.Duration) launch.Ticket {
	now := time.Now()
	return launch.Ticket{ID: id, Issued: now, Expires: now.Add(ttl), Buttons: []launch.Button{{Option: studio.Option{Domain: "d"}}}}
}

func TestFullStoreRefusesAndRecovers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		s := memory.New(memory.Options{Limit: 3})
		defer func() { _ = s.Close() }()
		for i := range 3 {
			if _, _, err := s.Create(ctx, ticket(strconv.Itoa(i), time.Minute)); err != nil {
				t.Fatal(err)
			}
		}
		if _, _, err := s.Create(ctx, ticket("one too many", time.Minute)); !errors.Is(err, launch.ErrFull) {
			t.Errorf("Create in a full store = %v, want ErrFull", err)
		}
		if _, created, err := s.Create(ctx, ticket("1", time.Minute)); err != nil || created {
			t.Errorf("an existing ticket in a full store: %v, %v", created, err)
		}
		time.Sleep(2*time.Minute + time.Second) // the bubble's clock
		if _, _, err := s.Create(ctx, ticket("later", time.Minute)); err != nil {
			t.Errorf("Create after the others went: %v", err)
		}
	})
}

func TestTicketsGoByThemselves(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		s := memory.New(memory.Options{})
		defer func() { _ = s.Close() }()
		// The one that goes first comes last.
		for id, ttl := range map[string]time.Duration{"long": time.Hour, "short": time.Minute} {
			if _, _, err := s.Create(ctx, ticket(id, ttl)); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Minute + time.Second)
		if _, err := s.Load(ctx, "short"); err != nil {
			t.Errorf("just expired: %v; its page couldn't say so", err)
		}
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if _, err := s.Load(ctx, "short"); !errors.Is(err, launch.ErrNotFound) {
			t.Errorf("long expired: %v, want ErrNotFound", err)
		}
		if _, err := s.Load(ctx, "long"); err != nil {
			t.Errorf("live: %v", err)
		}
	})
}
