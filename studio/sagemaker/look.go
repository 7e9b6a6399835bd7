package sagemaker

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/studiobot/studiobot/studio"
)

// lookAtOnce bounds how many domains are asked about at the same time.
const lookAtOnce = 4

// sight is what the last look at a domain found.
type sight struct {
	sso    bool
	signIn string // checked; empty where the domain has no usable address
	words  string // what was logged, empty where all is well
}

type sightRef = atomic.Pointer[sight]

func (d *domain) identityCenter() bool {
	s := d.seen.Load()
	return s != nil && s.sso
}

// Look asks SageMaker about every domain (DescribeDomain) and logs in plain
// words what keeps people from opening it: a domain in Identity Center mode,
// one that isn't in service, one that doesn't exist. It is for the start and
// for every so often in the background; what was said once is said again only
// at debug level. Where the answer can't be had, what was known stays.
func (c *Client) Look(ctx context.Context) {
	var wait sync.WaitGroup
	turn := make(chan struct{}, lookAtOnce)
	for _, d := range c.order {
		turn <- struct{}{}
		wait.Go(func() {
			defer func() { <-turn }()
			c.look(ctx, d)
		})
	}
	wait.Wait()
}

func (c *Client) look(ctx context.Context, d *domain) {
	ctx, cancel := context.WithTimeout(ctx, c.overall)
	defer cancel()
	var before sight
	if s := d.seen.Load(); s != nil {
		before = *s
	}
	var out *api.DescribeDomainOutput
	err := c.credentials(ctx, d)
	if err == nil {
		out, err = d.api.DescribeDomain(ctx, &api.DescribeDomainInput{DomainId: aws.String(d.ID)})
	}
	if errors.Is(err, context.Canceled) {
		return // the program ends
	}
	after, level, detail := before, slog.LevelWarn, slog.Any("err", err)
	if err != nil {
		after.words, level = c.trouble(ctx, d, err)
	} else {
		d.region.spoke(c.now())
		after, detail = d.describe(out)
	}
	d.seen.Store(&after)
	log := c.log.With("domain", d.Name, "id", d.ID, "region", d.Region)
	switch {
	case after.words == "" && before.words != "":
		log.InfoContext(ctx, "the domain is all right again")
	case after.words == "":
		log.DebugContext(ctx, "the domain is all right")
	case after.words == before.words:
		log.DebugContext(ctx, after.words, detail)
	default:
		log.Log(ctx, level, after.words, detail)
	}
}

// describe turns an answer into what is known.
func (d *domain) describe(out *api.DescribeDomainOutput) (sight, slog.Attr) {
	var s sight
	if out.AuthMode == types.AuthModeSso {
		s.sso = true
		s.words = "the domain is in Identity Center mode (AuthMode SSO) and has no presigned URLs: people are told to sign in at its own address"
		url := aws.ToString(out.Url)
		if _, err := d.region.checkAddress(url, d.region.sites.studio, maxSignIn); err != nil {
			return s, slog.String("sign_in", "unknown: the domain's address "+err.Error())
		}
		s.signIn = url
		return s, slog.String("sign_in", url)
	}
	if out.Status != types.DomainStatusInService {
		s.words = "the domain isn't in service: opening it may fail"
		return s, slog.String("status", clip(string(out.Status)))
	}
	return s, slog.Attr{}
}

// trouble says what the matter is.
func (c *Client) trouble(ctx context.Context, d *domain, err error) (string, slog.Level) {
	if words := clockWords(err, time.Now()); words != "" {
		return words, slog.LevelError
	}
	var assuming *assumeError
	if errors.As(err, &assuming) {
		return c.roleTrouble(ctx, d, err)
	}
	return troubleWords(err)
}

func troubleWords(err error) (string, slog.Level) {
	switch sentinel(err) {
	case studio.ErrNoProfile:
		return "the domain doesn't exist: check its id and region, and the account of the AWS credentials or of its role", slog.LevelError
	case studio.ErrForbidden:
		return "AWS doesn't permit looking at the domain (sagemaker:DescribeDomain), or there are no valid credentials: whether it is in Identity Center mode isn't known", slog.LevelWarn
	case studio.ErrThrottled:
		return "AWS is throttling: the domain wasn't looked at", slog.LevelWarn
	case studio.ErrUnavailable:
		return "SageMaker can't be reached: the domain wasn't looked at", slog.LevelWarn
	}
	return "SageMaker refused to describe the domain", slog.LevelWarn
}

// SignIn says what the last Look found: whether the domain is in Identity
// Center mode, and then the address where its people sign in. The address is
// https in Studio's own domain name, or empty where SageMaker gave another.
func (c *Client) SignIn(domain string) (url string, identityCenter bool) {
	d, ok := c.domains[domain]
	if !ok {
		return "", false
	}
	s := d.seen.Load()
	if s == nil || !s.sso {
		return "", false
	}
	return s.signIn, true
}
