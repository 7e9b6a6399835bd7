package sagemaker

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	api "github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"

	"github.com/studiobot/studiobot/studio"
)

// The range of AssumeRole's DurationSeconds. How much of it a role allows is the
// role's own matter (MaxSessionDuration; one hour where roles are chained).
const (
	minRoleSession = 15 * time.Minute
	maxRoleSession = 12 * time.Hour
)

// ownMargin is how long before its end the program's own session is renewed.
const ownMargin = 5 * time.Minute

// roleARN has the partition, the account, and the role's name behind its path.
var roleARN = regexp.MustCompile(`^arn:(aws[a-z-]*):iam::([0-9]{12}):role/(?:[\w+=,.@/-]{1,512}/)?([\w+=,.@-]{1,64})$`)

// Role is the IAM role that the calls for a domain are made in. It belongs to the
// domain's account, which may be another one than that of our own credentials.
type Role struct {
	ARN string
	// Session is how long a session of it lasts: whole seconds, 15 minutes to 12
	// hours. It is asked for explicitly.
	Session time.Duration
}

func (r Role) check() error {
	var wrong []error
	if !roleARN.MatchString(r.ARN) {
		wrong = append(wrong, errors.New("the role isn't one, like arn:aws:iam::111122223333:role/studiobot-launch"))
	}
	if r.Session < minRoleSession || r.Session > maxRoleSession || r.Session%time.Second != 0 {
		wrong = append(wrong, fmt.Errorf("the role's session is %v, it has to be whole seconds from %v to %v", r.Session, minRoleSession, maxRoleSession))
	}
	return errors.Join(wrong...)
}

// actor is how the calls for a domain with a role are made: AssumeRole in the
// domain's Region.
type actor struct {
	Role
	partition, account string
	sts                *sts.Client
}

func newActor(ctx context.Context, cfg aws.Config, send *sender, region string, r Role) (*actor, error) {
	parts := roleARN.FindStringSubmatch(r.ARN)
	a := &actor{Role: r, partition: parts[1], account: parts[2]}
	cfg = cfg.Copy()
	cfg.Region = region
	a.sts = sts.NewFromConfig(cfg, func(o *sts.Options) {
		o.HTTPClient = send
		o.Retryer = clickRetries()
		o.RetryMaxAttempts = 0
		o.ClientLogMode = 0 // bodies hold credentials
	})
	o := a.sts.Options()
	found, err := o.EndpointResolverV2.ResolveEndpoint(ctx, sts.EndpointParameters{
		Region:       aws.String(region),
		UseFIPS:      aws.Bool(o.EndpointOptions.UseFIPSEndpoint == aws.FIPSEndpointStateEnabled),
		UseDualStack: aws.Bool(o.EndpointOptions.UseDualStackEndpoint == aws.DualStackEndpointStateEnabled),
		Endpoint:     o.BaseEndpoint, UseGlobalEndpoint: aws.Bool(false),
	})
	if err == nil {
		err = checkEndpoint(&found.URI)
	}
	if err != nil {
		return nil, fmt.Errorf("STS endpoint of %s: %w", region, err)
	}
	return a, nil
}

// clickRetries are for calls that somebody waits for.
func clickRetries() *retry.Standard {
	return retry.NewStandard(func(s *retry.StandardOptions) {
		s.MaxAttempts = maxAttempts
		s.Backoff = retry.BackoffDelayerFunc(backoff)
		s.Retryables = append(s.Retryables, retry.IsErrorRetryableFunc(cutShort))
	})
}

// assumeError: the role wasn't assumed.
type assumeError struct {
	role string
	err  error
}

func (e *assumeError) Error() string { return "assume " + e.role + ": " + e.err.Error() }
func (e *assumeError) Unwrap() error { return e.err }

// assume asks STS for a session. Its end is reckoned by our own clock, from
// before the question: STS's could be ahead of it.
func (c *Client) assume(ctx context.Context, d *domain, s session) (aws.Credentials, error) {
	if err := retrieve(ctx, c.creds); err != nil {
		return aws.Credentials{}, err
	}
	asked := time.Now()
	creds, err := d.actor.ask(ctx, s)
	if err != nil {
		return aws.Credentials{}, &credentialsError{&assumeError{d.actor.ARN, err}}
	}
	creds.Expires = asked.Add(s.life)
	return creds, nil
}

func (a *actor) ask(ctx context.Context, s session) (aws.Credentials, error) {
	in := &sts.AssumeRoleInput{
		RoleArn: aws.String(a.ARN), RoleSessionName: aws.String(s.name), DurationSeconds: aws.Int32(int32(s.life / time.Second)),
	}
	if s.source != "" {
		in.SourceIdentity = aws.String(s.source)
	}
	for _, t := range s.tags.list() {
		in.Tags = append(in.Tags, types.Tag{Key: aws.String(t[0]), Value: aws.String(t[1])})
	}
	if s.policy != "" {
		in.Policy = aws.String(s.policy)
	}
	out, err := a.sts.AssumeRole(ctx, in)
	if err != nil {
		return aws.Credentials{}, err
	}
	k, who := out.Credentials, out.AssumedRoleUser
	switch {
	case k == nil || aws.ToString(k.AccessKeyId) == "" || aws.ToString(k.SecretAccessKey) == "" || aws.ToString(k.SessionToken) == "":
		return aws.Credentials{}, fmt.Errorf("%w: STS answered without credentials", studio.ErrRefused)
	case who == nil || !strings.HasSuffix(aws.ToString(who.Arn), "/"+s.name):
		return aws.Credentials{}, fmt.Errorf("%w: STS answered with a session of another name", studio.ErrRefused)
	}
	return aws.Credentials{
		AccessKeyID: *k.AccessKeyId, SecretAccessKey: *k.SecretAccessKey, SessionToken: *k.SessionToken, CanExpire: true, Source: "studiobot role session",
	}, nil
}

// own gives the credentials that everything but a launch of a domain with a role
// is made with: a session in nobody's name.
type own struct {
	c *Client
	d *domain
}

// Retrieve implements aws.CredentialsProvider. The SDK's cache calls it, with a
// context that never ends.
func (o own) Retrieve(ctx context.Context) (aws.Credentials, error) {
	ctx, cancel := context.WithTimeout(ctx, o.c.overall)
	defer cancel()
	return o.c.assume(ctx, o.d, o.d.ownSession())
}

// dress gives a domain the clients that its calls are made with.
func (c *Client) dress(ctx context.Context, cfg aws.Config, send *sender, d *domain, r Role) (err error) {
	d.creds, d.api, d.background = c.creds, d.region.api, d.region.background
	if r.ARN == "" {
		return nil
	}
	if d.actor, err = newActor(ctx, cfg, send, d.Region, r); err != nil {
		return err
	}
	d.creds = aws.NewCredentialsCache(own{c, d}, func(o *aws.CredentialsCacheOptions) { o.ExpiryWindow = ownMargin })
	with := func(o *api.Options) { o.Credentials = d.creds }
	d.api, d.background = api.New(d.region.api.Options(), with), api.New(d.region.background.Options(), with)
	return nil
}

// sign makes one call in a session.
func sign(creds aws.Credentials) func(*api.Options) {
	return func(o *api.Options) {
		o.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return creds, nil })
	}
}
