package sagemaker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/sagemaker"

	"github.com/studiobot/studiobot/studio"
)

// Open returns a presigned URL that opens o in a browser within Config.URLTTL.
// The URL is a secret: whoever has it is that user profile.
//
// It takes at most 10 s and three attempts. The error wraps one of package
// studio's sentinels (ErrNoProfile, ErrForbidden, ErrThrottled, ErrUnavailable,
// ErrIdentityCenter, ErrRefused) and the cause; where the caller gave up it is
// ErrUnavailable and context.Canceled. Its text may hold ARNs and AWS's own
// words, so it is for the operator's log; it never holds the URL.
func (c *Client) Open(ctx context.Context, o studio.Option) (presigned string, err error) {
	d, ok := c.domains[o.Domain]
	switch {
	case !ok:
		return "", fmt.Errorf("%w: domain %q isn't configured", studio.ErrNoProfile, clip(o.Domain))
	case len(o.Profile) > maxName || !profileName.MatchString(o.Profile):
		return "", fmt.Errorf("%w: %q can't be the name of a user profile", studio.ErrRefused, clip(o.Profile))
	case o.Target != "" && o.Target != studio.Home:
		return "", fmt.Errorf("%w: unknown target %q", studio.ErrRefused, clip(string(o.Target)))
	case d.identityCenter():
		return "", fmt.Errorf("%w: %s", studio.ErrIdentityCenter, d.Name)
	}
	ctx, cancel := context.WithTimeout(ctx, c.overall)
	defer cancel()
	presigned, err = c.presign(ctx, d, o.Profile)
	if err == nil {
		return presigned, nil
	}
	kind := sentinel(err)
	if kind == studio.ErrRefused && d.identityCenter() { // found out meanwhile
		kind = studio.ErrIdentityCenter
	}
	return "", wrap(kind, fmt.Sprintf("open %s in %s", o.Profile, d.Name), err)
}

func (c *Client) presign(ctx context.Context, d *domain, profile string) (string, error) {
	// The SDK would do this too, but its error wouldn't tell whose it is.
	if err := c.credentials(ctx); err != nil {
		return "", err
	}
	// Without LandingUri and SpaceName the domain's own default decides.
	out, err := d.region.api.CreatePresignedDomainUrl(ctx, &api.CreatePresignedDomainUrlInput{
		DomainId:                           aws.String(d.ID),
		UserProfileName:                    aws.String(profile),
		ExpiresInSeconds:                   aws.Int32(int32(c.urlTTL / time.Second)),
		SessionExpirationDurationInSeconds: aws.Int32(int32(d.Session / time.Second)),
	})
	if err != nil {
		return "", err
	}
	d.region.spoke(c.now())
	url := aws.ToString(out.AuthorizedUrl)
	if err := d.region.checkAuthorized(url); err != nil {
		return "", fmt.Errorf("%w: the presigned URL %w", studio.ErrRefused, err)
	}
	return url, nil
}

// credentials makes sure that there are some; free while they are fresh.
func (c *Client) credentials(ctx context.Context) error {
	if c.creds == nil {
		return &credentialsError{errors.New("none are configured")}
	}
	if _, err := c.creds.Retrieve(ctx); err != nil {
		return &credentialsError{err}
	}
	return nil
}

// now is the time since the client was made, from the monotonic clock.
func (c *Client) now() time.Duration { return time.Since(c.started) }

// clip keeps an error short, whatever it is about.
func clip(text string) string { return text[:min(len(text), 80)] }
