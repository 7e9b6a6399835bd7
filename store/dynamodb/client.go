package dynamodb

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	api "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/logging"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

const (
	// callTime bounds one call, tries included, where its caller has more time:
	// a command has to be answered in 3 s.
	callTime = 2500 * time.Millisecond
	// tryTime bounds one try. DynamoDB answers in some 10 ms; a connection that
	// leads nowhere must leave time for another.
	tryTime = time.Second
	// maxTries and the pauses between them, of maxBackoff at most, fit into
	// callTime: so what a throttled call ends with is that it was throttled.
	maxTries   = 9
	maxBackoff = 250 * time.Millisecond
	// idlePerHost is how many connections are kept: the SDK's 10 would make a
	// burst of clicks pay for a handshake each.
	idlePerHost = 128
)

const (
	// skewNoted is how far our clock may be off before that is told, and
	// skewRefused before the store isn't used: a click counts for 30 s, and each
	// copy goes by its own clock. The answers' times are whole seconds.
	skewNoted   = 3 * time.Second
	skewRefused = 15 * time.Second
)

// credentialTime bounds the search for credentials: where there are none, the SDK
// asks the network for a machine's role.
const credentialTime = 10 * time.Second

// connect makes a client, and sees that there are credentials.
func connect(ctx context.Context, o Options) (*Store, error) {
	s := &Store{table: o.Table, log: o.Log, now: o.Now}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.now == nil {
		s.now = time.Now
	}
	load := []LoadOption{
		config.WithHTTPClient(awshttp.NewBuildableClient().WithTimeout(tryTime).
			WithDialerOptions(func(d *net.Dialer) { d.Timeout = tryTime }).
			WithTransportOptions(func(t *http.Transport) { t.MaxIdleConns, t.MaxIdleConnsPerHost = 2*idlePerHost, idlePerHost })),
		config.WithLogger(sdkLog{s.log}),
		config.WithAppID(o.AppID),
	}
	cfg, err := config.LoadDefaultConfig(ctx, append(load, o.Load...)...)
	if err != nil {
		return nil, fmt.Errorf("store dynamodb:%s: load AWS configuration: %w", o.Table, err)
	}
	if cfg.Region == "" {
		return nil, fmt.Errorf("store dynamodb:%s: %w", o.Table, ErrNoRegion)
	}
	finding, cancel := context.WithTimeout(ctx, credentialTime)
	defer cancel()
	if _, err := cfg.Credentials.Retrieve(finding); err != nil {
		return nil, fmt.Errorf("store dynamodb:%s: %w (%w)", o.Table, ErrCredentials, err)
	}
	s.api = api.NewFromConfig(cfg, func(c *api.Options) {
		c.Retryer = retry.NewStandard(func(r *retry.StandardOptions) {
			r.MaxAttempts, r.MaxBackoff = maxTries, maxBackoff
			// The SDK would stop to try again after some hundred throttled calls;
			// ours end with their time.
			r.RateLimiter = ratelimit.None
		})
		c.APIOptions = append(c.APIOptions, s.readClock)
	})
	return s, nil
}

// within bounds one call.
func within(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, callTime)
}

// readClock notes by each answer how far our clock is off.
func (s *Store) readClock(stack *middleware.Stack) error {
	return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("studiobotClock",
		func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
			began := s.now()
			out, metadata, err := next.HandleDeserialize(ctx, in)
			if resp, ok := out.RawResponse.(*smithyhttp.Response); ok && resp != nil && resp.Response != nil {
				if at, dateErr := http.ParseTime(resp.Header.Get("Date")); dateErr == nil {
					s.skew.Store(int64(skewOf(began, s.now(), at)))
				}
			}
			return out, metadata, err
		}), middleware.Before)
}

// skewOf is how far our clock is surely off, going by an answer's time, which
// was some moment between the beginning and the end of a call, in whole seconds.
func skewOf(began, ended, at time.Time) time.Duration {
	switch {
	case ended.Before(at):
		return ended.Sub(at)
	case began.After(at.Add(time.Second)):
		return began.Sub(at.Add(time.Second))
	}
	return 0
}

// clockIsRight says whether our clock is near enough to DynamoDB's.
func (s *Store) clockIsRight() error {
	skew := time.Duration(s.skew.Load())
	if skew.Abs() <= skewRefused {
		return nil
	}
	way := "ahead of"
	if skew < 0 {
		way = "behind"
	}
	return fmt.Errorf("store dynamodb:%s: %w: it is %v %s DynamoDB's", s.table, ErrClock, skew.Abs().Round(time.Second), way)
}

// sdkLog hands the SDK's log lines to ours.
type sdkLog struct{ to *slog.Logger }

// Logf is what the SDK calls.
func (l sdkLog) Logf(class logging.Classification, format string, args ...any) {
	level := slog.LevelDebug
	if class == logging.Warn {
		level = slog.LevelWarn
	}
	ctx := context.Background() // the SDK gives none
	if !l.to.Enabled(ctx, level) {
		return
	}
	text := fmt.Sprintf(format, args...)
	l.to.Log(ctx, level, "AWS SDK", "says", text[:min(len(text), 1000)])
}

// isCode says whether an error is one of DynamoDB's with such a code.
func isCode(err error, codes ...string) bool {
	var e interface{ ErrorCode() string }
	if !errors.As(err, &e) {
		return false
	}
	for _, c := range codes {
		if e.ErrorCode() == c {
			return true
		}
	}
	return false
}

// name is a text as the SDK wants it.
func name(s string) *string { return aws.String(s) }
