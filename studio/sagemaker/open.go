package sagemaker

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/sagemaker"

	"github.com/studiobot/studiobot/studio"
)

// Open returns a presigned URL that opens o in p's browser within Config.URLTTL; a
// notebook instance's lives five minutes, which nobody can change. The URL is a
// secret: whoever has it is that user profile.
//
// Where the domain has a role, the URL is made in a session of it in p's name,
// which is nobody else's. Whether p may open what o names is the caller's business. A space is
// opened where its app runs; where none does, or nobody could say in time, the URL
// leads to its page in Studio, where there is a Run button (landing.go).
//
// It takes at most 10 s and three attempts of each call. The error wraps one of
// package studio's sentinels (ErrNoProfile, ErrNoTarget, ErrPending, ErrStopped,
// ErrBroken, ErrForbidden, ErrThrottled, ErrUnavailable, ErrIdentityCenter,
// ErrRefused) and the cause; where the caller gave up it is ErrUnavailable and
// context.Canceled. Its text may hold ARNs and AWS's own words, so it is for the
// operator's log; it never holds the URL.
func (c *Client) Open(ctx context.Context, p studio.Person, o studio.Option) (presigned string, err error) {
	d, err := c.openable(o)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, c.overall)
	defer cancel()
	if presigned, err = c.open(ctx, d, p, o); err == nil {
		return presigned, nil
	}
	what := strings.Join(strings.Fields(strings.Join([]string{"open", string(o.Target), o.Name, o.Profile, "in", d.Name}, " ")), " ")
	return "", wrap(c.why(ctx, d, o, err), what, err)
}

// open asks for the URL in p's name. A session that was there before may have
// been revoked, so where AWS doesn't take it a new one is tried.
func (c *Client) open(ctx context.Context, d *domain, p studio.Person, o studio.Option) (string, error) {
	if d.actor == nil {
		// The SDK would do this too, but its error wouldn't tell whose it is.
		if err := c.credentials(ctx, d); err != nil {
			return "", err
		}
		return c.openWith(ctx, d, o)
	}
	if p.User == "" {
		return "", fmt.Errorf("%w: a launch in nobody's name", studio.ErrRefused)
	}
	s := d.sessionOf(p, o, c.limited)
	h, before, err := c.people.get(ctx, d, s)
	if err != nil {
		return "", err
	}
	presigned, err := c.openWith(ctx, d, o, sign(h.creds))
	if err == nil || sentinel(err) != studio.ErrForbidden {
		return presigned, err
	}
	c.people.drop(h)
	if !before {
		return "", err
	}
	if h, _, err = c.people.get(ctx, d, s); err != nil {
		return "", err
	}
	return c.openWith(ctx, d, o, sign(h.creds))
}

// openWith makes the one call that with is for. Where to land is asked in the
// program's own name.
func (c *Client) openWith(ctx context.Context, d *domain, o studio.Option, with ...func(*api.Options)) (string, error) {
	switch o.Target {
	case studio.Notebook, studio.NotebookLab:
		return c.presignNotebook(ctx, d, o, with...)
	case studio.MLflow:
		return c.presignServer(ctx, d, o.Name, with...)
	}
	return c.presign(ctx, d, o.Profile, c.land(ctx, d, o), with...)
}

// openable says what is wrong with an option before anything is asked.
func (c *Client) openable(o studio.Option) (*domain, error) {
	d, ok := c.domains[o.Domain]
	takes := o.Target.Takes()
	ofDomain := takes != studio.NotebookName && takes != studio.ServerName
	switch {
	case !ok:
		return nil, fmt.Errorf("%w: domain %q isn't configured", studio.ErrNoProfile, clip(o.Domain))
	case !o.Target.Valid():
		return nil, fmt.Errorf("%w: unknown target %q", studio.ErrRefused, clip(string(o.Target)))
	case (ofDomain || o.Profile != "") && !nameOK(o.Profile):
		return nil, fmt.Errorf("%w: %q can't be the name of a user profile", studio.ErrRefused, clip(o.Profile))
	case (!ofDomain || o.Name != "") && !takes.Valid(o.Name):
		return nil, fmt.Errorf("%w: %q can't be the name of what %q opens", studio.ErrRefused, clip(o.Name), o.Target)
	case ofDomain && d.identityCenter():
		return nil, fmt.Errorf("%w: %s", studio.ErrIdentityCenter, d.Name)
	}
	return d, nil
}

func (c *Client) presign(ctx context.Context, d *domain, profile string, at landing, with ...func(*api.Options)) (string, error) {
	in := &api.CreatePresignedDomainUrlInput{
		DomainId:                           aws.String(d.ID),
		UserProfileName:                    aws.String(profile),
		ExpiresInSeconds:                   aws.Int32(int32(c.urlTTL / time.Second)),
		SessionExpirationDurationInSeconds: aws.Int32(int32(d.Session / time.Second)),
	}
	// Without LandingUri and SpaceName the domain's own default decides.
	if at.uri != "" {
		in.LandingUri = aws.String(at.uri)
	}
	if at.space != "" {
		in.SpaceName = aws.String(at.space)
	}
	out, err := d.api.CreatePresignedDomainUrl(ctx, in, with...)
	if err != nil {
		return "", err
	}
	return c.checked(d, aws.ToString(out.AuthorizedUrl), d.region.sites.studio)
}

func (c *Client) presignNotebook(ctx context.Context, d *domain, o studio.Option, with ...func(*api.Options)) (string, error) {
	out, err := d.api.CreatePresignedNotebookInstanceUrl(ctx, &api.CreatePresignedNotebookInstanceUrlInput{
		NotebookInstanceName:               aws.String(o.Name),
		SessionExpirationDurationInSeconds: aws.Int32(int32(d.Session / time.Second)),
	}, with...)
	if err != nil {
		return "", err
	}
	url, err := c.checked(d, aws.ToString(out.AuthorizedUrl), d.region.sites.notebook)
	if err != nil || o.Target != studio.NotebookLab {
		return url, err
	}
	// Not documented; people do it.
	base, query, _ := strings.Cut(url, "?")
	return strings.TrimSuffix(base, "/") + "/lab?" + query, nil
}

func (c *Client) presignServer(ctx context.Context, d *domain, name string, with ...func(*api.Options)) (string, error) {
	out, err := d.api.CreatePresignedMlflowTrackingServerUrl(ctx, &api.CreatePresignedMlflowTrackingServerUrlInput{
		TrackingServerName:                 aws.String(name),
		ExpiresInSeconds:                   aws.Int32(int32(c.urlTTL / time.Second)),
		SessionExpirationDurationInSeconds: aws.Int32(int32(d.Session / time.Second)),
	}, with...)
	if err != nil {
		return "", err
	}
	return c.checked(d, aws.ToString(out.AuthorizedUrl), d.region.sites.mlflow)
}

// checked hands on a URL that a browser may be sent to.
func (c *Client) checked(d *domain, url string, at site) (string, error) {
	d.region.spoke(c.now())
	if err := d.region.checkAuthorized(url, at); err != nil {
		return "", fmt.Errorf("%w: the presigned URL %w", studio.ErrRefused, err)
	}
	return url, nil
}

// credentials makes sure that there are some for a domain; free while they are
// fresh.
func (c *Client) credentials(ctx context.Context, d *domain) error { return retrieve(ctx, d.creds) }

func retrieve(ctx context.Context, from aws.CredentialsProvider) error {
	if from == nil {
		return &credentialsError{errors.New("none are configured")}
	}
	_, err := from.Retrieve(ctx)
	var known *credentialsError
	if err != nil && !errors.As(err, &known) {
		err = &credentialsError{err}
	}
	return err
}

// now is the time since the client was made, from the monotonic clock.
func (c *Client) now() time.Duration { return time.Since(c.started) }

// clip keeps an error short, whatever it is about.
func clip(text string) string { return text[:min(len(text), 80)] }
