package sagemaker

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/studiobot/studiobot/studio"
)

// appWord is what SageMaker's types of apps look like, instanceWord what its
// instance types do: ml.t3.medium, system.
var (
	appWord      = regexp.MustCompile(`^[A-Za-z]{1,64}$`)
	instanceWord = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{0,63}$`)
)

// Apps calls each with every app of the domain with that Name that runs, starts
// or stops, those that were made first first; what has ended or failed is left
// out. Their Active is zero, see Activity. Pace, bounds and errors are those of
// Profiles; a domain without any app is not looked at.
func (c *Client) Apps(ctx context.Context, domain string, each func(studio.App) error) error {
	d, err := c.known(domain)
	if err != nil {
		return err
	}
	_, err = listing[api.ListAppsOutput, types.AppDetails, studio.App]{
		kind: "apps", odd: &d.odd.apps,
		pages: api.NewListAppsPaginator(d.region.background, &api.ListAppsInput{
			DomainIdEquals: aws.String(d.ID), MaxResults: aws.Int32(largestPage),
			SortBy: types.AppSortKeyCreationTime, SortOrder: types.SortOrderAscending,
		}),
		rows: func(p *api.ListAppsOutput) ([]types.AppDetails, *string) { return p.Apps, p.NextToken },
		read: d.readApp,
	}.walk(ctx, c, d, each)
	return err
}

func (d *domain) readApp(row *types.AppDetails) (studio.App, string, verdict) {
	a := studio.App{
		Space: aws.ToString(row.SpaceName), Profile: aws.ToString(row.UserProfileName),
		Kind: targetOf(row.AppType), Type: string(row.AppType), Name: aws.ToString(row.AppName),
		Status: string(row.Status), Since: aws.ToTime(row.CreationTime),
	}
	if spec := row.ResourceSpec; spec != nil {
		a.Instance = instance(string(spec.InstanceType))
	}
	if appOK(a) != nil || !statusWord.MatchString(a.Status) || !d.ofDomain(row.DomainId) {
		return a, a.Name, unusable
	}
	switch row.Status {
	case types.AppStatusDeleted, types.AppStatusFailed:
		return a, a.Name, ignored
	}
	return a, a.Name, listed
}

func instance(word string) string {
	if !instanceWord.MatchString(word) {
		return ""
	}
	return word
}

// appOK says why there can be no such app.
func appOK(a studio.App) error {
	whose := a.Space + a.Profile
	if a.Space != "" && a.Profile != "" || !nameOK(whose) || !nameOK(a.Name) || !appWord.MatchString(a.Type) {
		return fmt.Errorf("%w: %q of %q can't be an app", studio.ErrRefused, clip(a.Type+" "+a.Name), clip(whose))
	}
	return nil
}

// app returns a configured domain, and a with its Type, checked.
func (c *Client) app(name string, a studio.App) (*domain, studio.App, error) {
	d, err := c.known(name)
	if err != nil {
		return nil, a, err
	}
	if a.Type == "" {
		a.Type = string(typeOf(a.Kind))
	}
	return d, a, appOK(a)
}

// describeApp asks for one app.
func describeApp(ctx context.Context, by *api.Client, d *domain, a studio.App) (*api.DescribeAppOutput, error) {
	space, profile := whose(a)
	return by.DescribeApp(ctx, &api.DescribeAppInput{
		DomainId: aws.String(d.ID), AppName: aws.String(a.Name), AppType: types.AppType(a.Type), SpaceName: space, UserProfileName: profile,
	})
}

// whose is whose an app is, as requests have it.
func whose(a studio.App) (space, profile *string) {
	if a.Space != "" {
		return aws.String(a.Space), nil
	}
	return nil, aws.String(a.Profile)
}

// App returns an app as it is now: with its Status, also one that it isn't listed
// with, its Instance, and Active; zero where SageMaker doesn't know when somebody
// last worked in it. (It documents that its health checks overwrite the moment,
// with their own: then nothing is known.) It costs one call, at the background's
// pace. An app that is gone is ErrNoTarget; otherwise errors are as Open's. Of a,
// what names it counts: Space or Profile, Type or Kind, and Name.
func (c *Client) App(ctx context.Context, domain string, a studio.App) (studio.App, error) {
	d, a, err := c.app(domain, a)
	if err != nil {
		return studio.App{}, err
	}
	what := fmt.Sprintf("look at %s of %s in %s", a.Type, a.Space+a.Profile, d.Name)
	if err := c.ready(ctx); err != nil {
		return studio.App{}, wrap(sentinel(err), what, err)
	}
	out, err := describeApp(ctx, d.region.background, d, a)
	switch {
	case err != nil:
		return studio.App{}, wrap(ofThing(err), what, err)
	case !statusWord.MatchString(string(out.Status)):
		return studio.App{}, wrap(studio.ErrRefused, what, errors.New("an answer without a status"))
	case out.Status == types.AppStatusDeleted:
		return studio.App{}, fmt.Errorf("%w: %s: it was deleted", studio.ErrNoTarget, what)
	}
	a.Kind, a.Status, a.Since, a.Active = targetOf(types.AppType(a.Type)), string(out.Status), aws.ToTime(out.CreationTime), aws.ToTime(out.LastUserActivityTimestamp)
	if spec := out.ResourceSpec; spec != nil {
		a.Instance = instance(string(spec.InstanceType))
	}
	if a.Active.Equal(aws.ToTime(out.LastHealthCheckTimestamp)) {
		a.Active = time.Time{}
	}
	return a, nil
}

// Activity is App, where only the moment counts.
func (c *Client) Activity(ctx context.Context, domain string, a studio.App) (time.Time, error) {
	a, err := c.App(ctx, domain, a)
	return a.Active, err
}

// StopApp ends an app: the files on its space's volume stay, what is in memory is
// lost. It returns once SageMaker has begun with it. One that ends already, or is
// gone, is success, so it may be repeated. It takes at most 10 s and three
// attempts; errors are as Open's. Of a, what names it counts, as with Activity.
func (c *Client) StopApp(ctx context.Context, domain string, a studio.App) error {
	d, a, err := c.app(domain, a)
	if err != nil {
		return err
	}
	what := fmt.Sprintf("stop %s of %s in %s", a.Type, a.Space+a.Profile, d.Name)
	ctx, cancel := context.WithTimeout(ctx, c.overall)
	defer cancel()
	if err := c.credentials(ctx); err != nil {
		return wrap(sentinel(err), what, err)
	}
	space, profile := whose(a)
	_, err = d.region.api.DeleteApp(ctx, &api.DeleteAppInput{
		DomainId: aws.String(d.ID), AppName: aws.String(a.Name), AppType: types.AppType(a.Type), SpaceName: space, UserProfileName: profile,
	})
	kind := ofThing(err)
	if err == nil || kind == studio.ErrNoTarget {
		return nil
	}
	if kind == studio.ErrRefused {
		out, lookErr := describeApp(ctx, d.region.api, d, a)
		if ended := lookErr == nil && (out.Status == types.AppStatusDeleting || out.Status == types.AppStatusDeleted); ended ||
			lookErr != nil && ofThing(lookErr) == studio.ErrNoTarget {
			return nil
		}
	}
	return wrap(kind, what, err)
}

// ofThing is sentinel for what is neither a domain nor a profile.
func ofThing(err error) error {
	if kind := sentinel(err); kind != studio.ErrNoProfile {
		return kind
	}
	return studio.ErrNoTarget
}
