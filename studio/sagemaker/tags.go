package sagemaker

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/smithy-go"

	"github.com/studiobot/studiobot/studio"
)

// The API model's bounds of tags. Those that AWS itself puts on a resource don't
// count among the 50, so more are read than can be set.
const (
	maxTags     = 50
	maxTagKey   = 128 // characters
	maxTagValue = 256
	systemTag   = "aws:"
	tagPage     = 100
	maxRead     = 500
)

var tagText = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`)

// ProfileTags returns the tags of one user profile of the domain with that Name;
// AWS's own (aws:…) too. ErrNoProfile where the profile is gone; otherwise errors
// are as Open's. It costs one call, at the background's pace, and DescribeDomain
// the first time. What can't be a tag is left out.
func (c *Client) ProfileTags(ctx context.Context, domain, profile string) (map[string]string, error) {
	d, err := c.known(domain, profile)
	if err != nil {
		return nil, err
	}
	tags, err := c.tags(ctx, d, profile)
	if err != nil {
		return nil, wrap(sentinel(err), fmt.Sprintf("tags of %s in %s", profile, d.Name), err)
	}
	return tags, nil
}

// tags asks by an ARN, and AWS documents neither how that spells a name (lower
// case in what was seen of other resources) nor what ListTags says of something
// that isn't there (ValidationException, by reports of users). So where there is
// no such resource, DescribeUserProfile says whether it is gone or what its ARN
// is.
func (c *Client) tags(ctx context.Context, d *domain, profile string) (map[string]string, error) {
	o, err := c.whose(ctx, d)
	if err != nil {
		return nil, err
	}
	prefix, name := o.profileARN(d), profile
	if !d.keepsCase.Load() {
		name = strings.ToLower(name)
	}
	tags, err := c.listTags(ctx, d, prefix+name)
	if err == nil || !missing(err) {
		return tags, err
	}
	out, lookErr := c.describeProfile(ctx, d, profile)
	if lookErr != nil {
		if kind := sentinel(lookErr); kind == studio.ErrForbidden || kind == studio.ErrRefused {
			return nil, err // nothing is known beyond it
		}
		return nil, lookErr
	}
	its, ok := strings.CutPrefix(aws.ToString(out.UserProfileArn), prefix)
	if !ok || its == name || !strings.EqualFold(its, profile) {
		return nil, err
	}
	if tags, err = c.listTags(ctx, d, prefix+its); err == nil {
		d.keepsCase.Store(its != strings.ToLower(its))
	}
	return tags, err
}

// missing reports whether the service says that there is no such resource, or
// may want to say that.
func missing(err error) bool {
	var failed smithy.APIError
	kind := sentinel(err)
	return errors.As(err, &failed) && (kind == studio.ErrRefused || kind == studio.ErrNoProfile)
}

func (c *Client) listTags(ctx context.Context, d *domain, arn string) (map[string]string, error) {
	pages := api.NewListTagsPaginator(d.background, &api.ListTagsInput{
		ResourceArn: aws.String(arn), MaxResults: aws.Int32(tagPage),
	})
	walked := make(trail)
	tags := make(map[string]string)
	for pages.HasMorePages() {
		out, err := nextPage(ctx, c, d, pages.NextPage)
		if err != nil {
			return nil, err
		}
		if err := walked.step(out.NextToken, maxRead); err != nil {
			return nil, fmt.Errorf("%w: %w", studio.ErrRefused, err)
		}
		for _, t := range out.Tags {
			if key, value := aws.ToString(t.Key), aws.ToString(t.Value); tagOK(key, value) {
				tags[key] = value
			}
		}
		if len(tags) > maxRead {
			return nil, fmt.Errorf("%w: more than %d tags", studio.ErrRefused, maxRead)
		}
	}
	return tags, nil
}

func tagOK(key, value string) bool {
	return key != "" && utf8.RuneCountInString(key) <= maxTagKey && utf8.RuneCountInString(value) <= maxTagValue &&
		tagText.MatchString(key) && tagText.MatchString(value)
}
