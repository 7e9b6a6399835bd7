package sagemaker

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/studiobot/studiobot/studio"
)

// maxDisplay is the API model's length of a space's display name, in characters.
const maxDisplay = 64

// Spaces calls each with every space of the domain with that Name, whatever its
// status and whosever it is, those that were made first first. Pace, bounds and
// errors are those of Profiles; a domain without any space is not looked at.
func (c *Client) Spaces(ctx context.Context, domain string, each func(studio.Space) error) error {
	d, err := c.known(domain)
	if err != nil {
		return err
	}
	_, err = listing[api.ListSpacesOutput, types.SpaceDetails, studio.Space]{
		kind: "spaces", odd: &d.odd.spaces,
		pages: api.NewListSpacesPaginator(d.region.background, &api.ListSpacesInput{
			DomainIdEquals: aws.String(d.ID), MaxResults: aws.Int32(largestPage),
			SortBy: types.SpaceSortKeyCreationTime, SortOrder: types.SortOrderAscending,
		}),
		rows: func(p *api.ListSpacesOutput) ([]types.SpaceDetails, *string) { return p.Spaces, p.NextToken },
		read: d.readSpace,
	}.walk(ctx, c, d, each)
	return err
}

func (d *domain) readSpace(row *types.SpaceDetails) (studio.Space, string, verdict) {
	s := studio.Space{
		Name: aws.ToString(row.SpaceName), Display: display(aws.ToString(row.SpaceDisplayName)),
		Status: string(row.Status), Modified: aws.ToTime(row.LastModifiedTime),
	}
	if o := row.OwnershipSettingsSummary; o != nil {
		s.Owner = aws.ToString(o.OwnerUserProfileName)
	}
	// What isn't plainly shared is its owner's.
	s.Shared = s.Owner == ""
	if sharing := row.SpaceSharingSettingsSummary; sharing != nil {
		s.Shared = s.Shared && sharing.SharingType != types.SharingTypePrivate || sharing.SharingType == types.SharingTypeShared
	}
	if set := row.SpaceSettingsSummary; set != nil {
		s.App = targetOf(set.AppType)
		if set.SpaceStorageSettings != nil && set.SpaceStorageSettings.EbsStorageSettings != nil {
			s.VolumeGB = int(max(0, aws.ToInt32(set.SpaceStorageSettings.EbsStorageSettings.EbsVolumeSizeInGb)))
		}
	}
	if !nameOK(s.Name) || s.Owner != "" && !nameOK(s.Owner) || !statusWord.MatchString(s.Status) || !d.ofDomain(row.DomainId) {
		return s, s.Name, unusable
	}
	return s, s.Name, listed
}

// Space returns one space of the domain with that Name, as it is now. Somebody
// waits for it, so it takes at most 10 s and three attempts. ErrNoTarget where there
// is none; otherwise errors are as Open's.
func (c *Client) Space(ctx context.Context, domain, name string) (studio.Space, error) {
	d, err := c.known(domain)
	if err != nil {
		return studio.Space{}, err
	}
	if !studio.SpaceName.Valid(name) {
		return studio.Space{}, fmt.Errorf("%w: %q can't be the name of a space", studio.ErrRefused, clip(name))
	}
	what := fmt.Sprintf("look at the space %s in %s", name, d.Name)
	ctx, cancel := context.WithTimeout(ctx, c.overall)
	defer cancel()
	if err := c.credentials(ctx); err != nil {
		return studio.Space{}, wrap(sentinel(err), what, err)
	}
	out, err := d.region.api.DescribeSpace(ctx, &api.DescribeSpaceInput{DomainId: aws.String(d.ID), SpaceName: aws.String(name)})
	if err != nil {
		return studio.Space{}, wrap(ofThing(err), what, err)
	}
	row := types.SpaceDetails{
		DomainId: out.DomainId, SpaceName: out.SpaceName, SpaceDisplayName: out.SpaceDisplayName, Status: out.Status, LastModifiedTime: out.LastModifiedTime,
	}
	if o := out.OwnershipSettings; o != nil {
		row.OwnershipSettingsSummary = &types.OwnershipSettingsSummary{OwnerUserProfileName: o.OwnerUserProfileName}
	}
	if sharing := out.SpaceSharingSettings; sharing != nil {
		row.SpaceSharingSettingsSummary = &types.SpaceSharingSettingsSummary{SharingType: sharing.SharingType}
	}
	if set := out.SpaceSettings; set != nil {
		row.SpaceSettingsSummary = &types.SpaceSettingsSummary{AppType: set.AppType, SpaceStorageSettings: set.SpaceStorageSettings}
	}
	s, _, v := d.readSpace(&row)
	if v != listed || !strings.EqualFold(s.Name, name) {
		return studio.Space{}, wrap(studio.ErrRefused, what, errors.New("the answer is about something else"))
	}
	return s, nil
}

// display is a name that people chose, or nothing where it isn't one line of text.
func display(text string) string {
	text = strings.TrimSpace(text)
	if utf8.RuneCountInString(text) > maxDisplay || !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return ""
	}
	return text
}
