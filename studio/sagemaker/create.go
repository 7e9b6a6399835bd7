package sagemaker

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/studiobot/studiobot/studio"
)

// CreateProfile makes a user profile with tags, and doesn't wait for it: it is
// Pending until Profile says otherwise. It may be repeated, and has to be where
// the answer was lost: a profile that is there already with all of these tags
// (others may have joined them) is the one that was made. Any other is
// ErrProfileTaken, and so is every one that is there where p has no tags: nothing
// tells it apart. Otherwise errors are as Open's; ErrRefused also where a tag
// isn't one that AWS takes, or the account can have no more profiles.
func (c *Client) CreateProfile(ctx context.Context, p studio.NewProfile) error {
	d, err := c.known(p.Domain, p.Name)
	if err != nil {
		return err
	}
	what := fmt.Sprintf("create %s in %s", p.Name, d.Name)
	if err := checkTags(p.Tags); err != nil {
		return fmt.Errorf("%w: %s: %w", studio.ErrRefused, what, err)
	}
	if d.identityCenter() { // its profiles need a user of Identity Center
		return fmt.Errorf("%w: %s", studio.ErrIdentityCenter, what)
	}
	if err := c.ready(ctx, d); err != nil {
		return wrap(sentinel(err), what, err)
	}
	in := &api.CreateUserProfileInput{DomainId: aws.String(d.ID), UserProfileName: aws.String(p.Name)}
	for _, key := range slices.Sorted(maps.Keys(p.Tags)) {
		in.Tags = append(in.Tags, types.Tag{Key: aws.String(key), Value: aws.String(p.Tags[key])})
	}
	_, err = d.background.CreateUserProfile(ctx, in)
	var taken *types.ResourceInUse
	switch {
	case err == nil:
		return nil
	case errors.As(err, &taken):
		if kind, err := c.compare(ctx, d, p, err); kind != nil {
			return wrap(kind, what, err)
		}
		return nil
	}
	kind := sentinel(err)
	if kind == studio.ErrRefused && d.identityCenter() { // found out meanwhile
		kind = studio.ErrIdentityCenter
	}
	return wrap(kind, what, err)
}

// compare says what kind of error it is that the name is taken: none where the
// profile is the one that is wanted. Whether tags show from the first moment on
// isn't documented, so nothing is decided while it is Pending.
func (c *Client) compare(ctx context.Context, d *domain, p studio.NewProfile, taken error) (kind, err error) {
	tags, err := c.tags(ctx, d, p.Name)
	switch {
	case err == nil && len(p.Tags) > 0 && covers(tags, p.Tags):
		return nil, nil
	case err != nil && sentinel(err) != studio.ErrNoProfile:
		return sentinel(err), err
	case err == nil && len(p.Tags) > 0:
		out, err := c.describeProfile(ctx, d, p.Name)
		if err != nil && sentinel(err) != studio.ErrNoProfile {
			return sentinel(err), err
		}
		if err == nil && out.Status == types.UserProfileStatusPending {
			return studio.ErrUnavailable, errors.New("it is being created, and its tags don't show yet")
		}
	}
	return studio.ErrProfileTaken, taken
}

// covers reports whether all wanted tags are there.
func covers(tags, wanted map[string]string) bool {
	for key, value := range wanted {
		if got, ok := tags[key]; !ok || got != value {
			return false
		}
	}
	return true
}

func checkTags(tags map[string]string) error {
	if len(tags) > maxTags {
		return fmt.Errorf("%d tags, there can be %d", len(tags), maxTags)
	}
	for key, value := range tags {
		if !tagOK(key, value) || strings.HasPrefix(strings.ToLower(key), systemTag) {
			return fmt.Errorf("%q can't be a tag with the value %q", clip(key), clip(value))
		}
	}
	return nil
}
