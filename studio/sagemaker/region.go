package sagemaker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/sagemaker"
)

// What one click may cost at most. Three attempts of 4 s would be 12 s; the
// overall deadline cuts the last one short, so that somebody who waits gets an
// answer, and a connection that leads nowhere still leaves time for two more.
const (
	openDeadline   = 10 * time.Second
	attemptTimeout = 4 * time.Second
	maxAttempts    = 3
	maxBackoff     = 300 * time.Millisecond
)

// region is SageMaker in one AWS Region. What nobody waits for goes through
// background: it has a pace, and retries of its own, so that a throttle there
// takes no retry from a click.
type region struct {
	name       string
	api        *api.Client
	background *api.Client
	send       *sender
	endpoint   *url.URL
	loopback   bool
	sites      sites
	// used is when the endpoint was last spoken to, as time since
	// Client.started.
	used atomic.Int64
}

func newRegion(ctx context.Context, cfg aws.Config, send *sender, name string, pace *pace) (*region, error) {
	r := &region{name: name, send: send, sites: sitesOf(name)}
	r.used.Store(int64(-warmEvery)) // never
	cfg = cfg.Copy()
	cfg.Region = name
	r.api = api.NewFromConfig(cfg, func(o *api.Options) {
		o.HTTPClient = send
		// Neither AWS_RETRY_MODE=adaptive, which may sleep, nor
		// AWS_MAX_ATTEMPTS apply where a person is waiting.
		o.Retryer = clickRetries()
		o.RetryMaxAttempts = 0
		o.ClientLogMode = 0 // bodies hold presigned URLs
	})
	o := r.api.Options()
	o.Retryer = &pacedRetryer{backgroundRetries(), pace}
	r.background = api.New(o)
	endpoint, err := resolve(ctx, r.api.Options())
	if err != nil {
		return nil, fmt.Errorf("SageMaker endpoint of %s: %w", name, err)
	}
	r.endpoint, r.loopback = endpoint, loopbackHost(endpoint.Hostname())
	return r, nil
}

// backoff is 50 to 150 ms before the second attempt and 100 to 300 ms before
// the third. The SDK's own, told to wait 300 ms at most, waits exactly that
// long every time, so that everybody who was refused comes back at once.
func backoff(attempt int, _ error) (time.Duration, error) {
	longest := maxBackoff
	if attempt <= 1 {
		longest /= 2
	}
	return longest/3 + rand.N(longest-longest/3), nil
}

// cutShort says that an answer which ended too early may be asked for again:
// the SDK itself knows that only of the connection, not of the body.
func cutShort(err error) aws.Ternary {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return aws.TrueTernary
	}
	return aws.UnknownTernary
}

// resolve returns the address that the SDK is going to call, with the FIPS and
// dual-stack settings and the overrides of environment and files.
func resolve(ctx context.Context, o api.Options) (*url.URL, error) {
	p := api.EndpointParameters{
		Region:       aws.String(o.Region),
		UseFIPS:      aws.Bool(o.EndpointOptions.UseFIPSEndpoint == aws.FIPSEndpointStateEnabled),
		UseDualStack: aws.Bool(o.EndpointOptions.UseDualStackEndpoint == aws.DualStackEndpointStateEnabled),
		Endpoint:     o.BaseEndpoint,
	}
	found, err := o.EndpointResolverV2.ResolveEndpoint(ctx, p)
	if err != nil {
		return nil, err
	}
	if err := checkEndpoint(&found.URI); err != nil {
		return nil, err
	}
	return &found.URI, nil
}
