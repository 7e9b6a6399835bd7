package studiobot

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/studiobot/studiobot/store/memory"
)

// A copy that stops lets another one read soon; for one that dies without a word
// another waits until its time is over, and no longer.
func TestTurnPassesOn(t *testing.T) {
	t.Parallel()
	for _, dies := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			s := memory.New(memory.Options{})
			defer func() { _ = s.Close() }()
			first, second := newTurn(s, slog.New(slog.DiscardHandler), 0), newTurn(s, slog.New(slog.DiscardHandler), 0)
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			if dies {
				first.take(ctx)
			} else {
				go first.run(ctx)
			}
			synctest.Wait()
			others, end := context.WithCancel(t.Context())
			go second.run(others)
			got := make(chan time.Duration, 1)
			go func() {
				if second.wait(others) == nil {
					got <- 0
				}
			}()
			synctest.Wait()
			if err := first.wait(ctx); err != nil || len(got) > 0 {
				t.Fatalf("the first hasn't got it, or both have (%v)", err)
			}
			if !dies {
				time.Sleep(10 * time.Minute) // it holds on to it
				if first.wait(ctx) != nil || len(got) > 0 {
					t.Error("it was lost")
				}
			}
			began := time.Now()
			stop()
			<-got
			if waited, most := time.Since(began), leaseTerm/3; waited > most && !dies || waited > leaseTerm+leaseTerm/3 {
				t.Errorf("dies %v: the next one reads after %v", dies, waited)
			}
			gone, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if err := first.wait(gone); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the first has it still: %v", err)
			}
			end()
			synctest.Wait()
		})
	}
}
