package sagemaker

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"golang.org/x/time/rate"

	"github.com/studiobot/studiobot/studio"
)

// The pace of background calls. AWS publishes no figure of what an account may
// call per second; 10 is a guess on the careful side, and the answers correct it.
const (
	usualPace = 10.0
	maxPace   = 1e6
	// A throttle halves the pace, down to a sixteenth. All throttles of one
	// second are one: they say the same of what was on its way together.
	slowestPace = 1.0 / 16
	throttleGap = time.Second
	// The pace stays where it is for a while, then creeps back: a minute and a
	// half after the latest throttle it is the usual one.
	slowFor  = 30 * time.Second
	creepFor = time.Minute
)

// pace spaces out the attempts of all background calls in one Region.
type pace struct {
	log     *slog.Logger
	usual   float64       // calls per second
	limiter *rate.Limiter // lets one through at a time: no burst

	mu        sync.Mutex
	factor    float64   // of usual, since throttled
	throttled time.Time // the latest; zero: never
}

func newPace(perSecond float64, log *slog.Logger) *pace {
	if perSecond == 0 {
		perSecond = usualPace
	}
	return &pace{log: log, usual: perSecond, limiter: rate.NewLimiter(rate.Limit(perSecond), 1), factor: 1}
}

// wait returns when it is this attempt's turn. One that counts twice makes the
// next one wait longer.
func (p *pace) wait(ctx context.Context, counts int) error {
	p.limiter.SetLimit(rate.Limit(p.current(time.Now())))
	if err := p.limiter.Wait(ctx); err != nil {
		if ctx.Err() == nil { // it won't even begin what can't be done in time
			err = fmt.Errorf("%w: %w", context.DeadlineExceeded, err)
		}
		return fmt.Errorf("wait for a turn: %w", err)
	}
	for range counts - 1 {
		p.limiter.Reserve()
	}
	return nil
}

// current is how many calls there may be per second.
func (p *pace) current(now time.Time) float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.usual * p.at(now)
}

func (p *pace) at(now time.Time) float64 {
	if p.throttled.IsZero() {
		return 1
	}
	creeping := max(0, now.Sub(p.throttled)-slowFor)
	return min(1, p.factor+creeping.Seconds()/creepFor.Seconds())
}

// slower is for when AWS throttles.
func (p *pace) slower(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.throttled.IsZero() && now.Sub(p.throttled) < throttleGap {
		return
	}
	before := p.at(now)
	p.factor, p.throttled = max(before/2, slowestPace), now
	level := slog.LevelDebug
	if before == 1 {
		level = slog.LevelInfo
	}
	p.log.Log(context.Background(), level, "AWS is throttling: background calls go slower for a while", "per_second", p.usual*p.factor)
}

// Background calls have time: one more attempt than a click, and longer waits
// in between.
const (
	backgroundAttempts = 4
	backgroundBackoff  = 200 * time.Millisecond // doubled each time
)

func backgroundRetries() *retry.Standard {
	return retry.NewStandard(func(s *retry.StandardOptions) {
		s.MaxAttempts = backgroundAttempts
		s.Backoff = retry.BackoffDelayerFunc(func(attempt int, _ error) (time.Duration, error) {
			longest := backgroundBackoff << min(max(attempt-1, 0), backgroundAttempts)
			return longest/2 + rand.N(longest/2), nil
		})
		s.Retryables = append(s.Retryables, retry.IsErrorRetryableFunc(cutShort))
	})
}

// pacedRetryer is what the SDK asks before each attempt and after each failed
// one, so that a retry waits for its turn like everything else.
type pacedRetryer struct {
	*retry.Standard
	pace *pace
}

// GetAttemptToken is asked before an attempt.
func (r *pacedRetryer) GetAttemptToken(ctx context.Context) (func(error) error, error) {
	counts := 1
	switch middleware.GetOperationName(ctx) {
	case "ListUserProfiles", "CreateUserProfile", "ListSpaces", "ListApps", "ListNotebookInstances":
		counts = 2
	}
	if err := r.pace.wait(ctx, counts); err != nil {
		return nil, err
	}
	return r.Standard.GetAttemptToken(ctx)
}

// IsErrorRetryable is asked after a failed attempt.
func (r *pacedRetryer) IsErrorRetryable(err error) bool {
	if sentinel(err) == studio.ErrThrottled {
		r.pace.slower(time.Now())
		return true
	}
	return r.Standard.IsErrorRetryable(err)
}
