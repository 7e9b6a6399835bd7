package sagemaker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

func newTestPace(perSecond float64) *pace { return newPace(perSecond, slog.New(slog.DiscardHandler)) }

// took is how long n attempts take, on the bubble's clock.
func took(t *testing.T, p *pace, n, counts int) time.Duration {
	t.Helper()
	began := time.Now()
	for range n {
		if err := p.wait(t.Context(), counts); err != nil {
			t.Fatal(err)
		}
	}
	return time.Since(began)
}

func near(got, want time.Duration) bool { return (got - want).Abs() < 2*time.Millisecond+want/100 }

func TestPace(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		perSecond float64
		n, counts int
		want      time.Duration
	}{
		{0, 1, 1, 0},
		{0, 101, 1, 10 * time.Second},
		{0, 51, 2, 10 * time.Second},
		{2, 3, 1, time.Second},
		{1e6, 1000, 2, 2 * time.Millisecond},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := newTestPace(tt.perSecond)
			if got := took(t, p, tt.n, tt.counts); !near(got, tt.want) {
				t.Errorf("%+v: %v", tt, got)
			}
		})
	}
}

// Idle time saves up nothing.
func TestPaceHasNoBurst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newTestPace(0)
		time.Sleep(time.Hour)
		if got := took(t, p, 11, 1); !near(got, time.Second) {
			t.Errorf("11 attempts took %v", got)
		}
	})
}

func TestPaceAfterThrottles(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newTestPace(0)
		want := func(perSecond float64) {
			t.Helper()
			if got := p.current(time.Now()); math.Abs(got-perSecond) > 0.001 {
				t.Errorf("%v per second, want %v", got, perSecond)
			}
		}
		want(10)
		for range 8 { // what was on its way together
			p.slower(time.Now())
		}
		want(5)
		if got := took(t, p, 6, 1); !near(got, time.Second) {
			t.Errorf("6 attempts took %v", got)
		}
		for range 20 {
			time.Sleep(throttleGap)
			p.slower(time.Now())
		}
		want(0.625)
		time.Sleep(slowFor)
		want(0.625)
		time.Sleep(creepFor / 2)
		want(5.625)
		p.slower(time.Now())
		want(2.8125)
		time.Sleep(slowFor + creepFor)
		want(10)
		time.Sleep(time.Hour)
		want(10)
	})
}

func TestPaceEndsWithTheCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newTestPace(0.1)
		if err := p.wait(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		if err := p.wait(ctx, 1); !errors.Is(err, context.Canceled) {
			t.Errorf("canceled: %v", err)
		}
		began := time.Now()
		ctx, cancel = context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		if err := p.wait(ctx, 1); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != 0 {
			t.Errorf("no time for it: %v after %v", err, time.Since(began))
		}
	})
}

// Throttles slow the pace and are tried again, also those without a word; other
// errors don't slow it.
func TestPacedRetryer(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		err    error
		again  bool
		slower bool
	}{
		{&smithy.GenericAPIError{Code: "ThrottlingException"}, true, true},
		{answered(429), true, true},
		{answered(503), true, false},
		{&smithy.GenericAPIError{Code: "ValidationException"}, false, false},
		{context.Canceled, false, false},
	} {
		r := &pacedRetryer{backgroundRetries(), newTestPace(0)}
		if again := r.IsErrorRetryable(tt.err); again != tt.again {
			t.Errorf("%v: again: %v", tt.err, again)
		}
		if slower := r.pace.current(time.Now()) < usualPace; slower != tt.slower {
			t.Errorf("%v: slower: %v", tt.err, slower)
		}
	}
}

func TestBackgroundBackoff(t *testing.T) {
	t.Parallel()
	r := backgroundRetries()
	for attempt, longest := range map[int]time.Duration{1: 200 * time.Millisecond, 2: 400 * time.Millisecond, 3: 800 * time.Millisecond} {
		for range 100 {
			if d, err := r.RetryDelay(attempt, nil); err != nil || d < longest/2 || d > longest {
				t.Fatalf("attempt %d: %v, %v", attempt, d, err)
			}
		}
	}
}

func TestConfiguredPace(t *testing.T) {
	t.Parallel()
	for _, perSecond := range []float64{-1, math.NaN(), math.Inf(1), math.Inf(-1), 1e7} {
		if err := (Config{CallsPerSecond: perSecond}).check(); !strings.Contains(err.Error(), "the pace is") {
			t.Errorf("%v: %v", perSecond, err)
		}
	}
	for _, perSecond := range []float64{0, 0.1, 1e6} {
		if err := (Config{CallsPerSecond: perSecond}).check(); strings.Contains(err.Error(), "the pace is") {
			t.Errorf("%v: %v", perSecond, err)
		}
	}
}

// A listing that never comes back to a token has an end too.
func TestTrail(t *testing.T) {
	t.Parallel()
	walked := make(trail)
	for i := range 100 {
		if err := walked.step(new(fmt.Sprint(i)), 100); err != nil {
			t.Fatal(err)
		}
	}
	if err := walked.step(new("42"), 100); err == nil {
		t.Error("the same token again")
	}
	if err := walked.step(new("100"), 100); err == nil {
		t.Error("a page too many")
	}
	for _, end := range []*string{nil, new("")} {
		if err := walked.step(end, 100); err != nil {
			t.Errorf("the end: %v", err)
		}
	}
}

// answered is an error of which only the HTTP status is known.
func answered(status int) error {
	return &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status}}, Err: errors.New("no word")}
}
