package sagemaker

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/studiobot/studiobot/studio"
)

// Bounds of what is read. SageMaker's pages may hold less than what was asked
// for, nothing even, so that there may be more pages than there have to be.
const (
	largestPage = 100
	maxListed   = 100_000
	maxPages    = 10 * maxListed / largestPage
)

// statusWord is what all of SageMaker's statuses look like.
var statusWord = regexp.MustCompile(`^[A-Za-z_]{1,32}$`)

// Profiles calls each with every user profile of the domain with that Name,
// those that were created first first. It reads them page by page at the
// background's pace: 20,000 take 40 s where nothing slows it down. One that is
// created or deleted meanwhile may be missing. What can't be a user profile is
// skipped, and said in one log line.
//
// An error means that the list is incomplete. One of each's own ends the listing
// and is returned as it is; any other wraps a sentinel as Open's do. More than
// 100,000 rows are ErrRefused. A domain without any profile is looked at,
// because SageMaker may list nothing for one that doesn't exist: ErrNoProfile.
func (c *Client) Profiles(ctx context.Context, domain string, each func(studio.Profile) error) error {
	d, err := c.known(domain)
	if err != nil {
		return err
	}
	n, err := listing[api.ListUserProfilesOutput, types.UserProfileDetails, studio.Profile]{
		kind: "user profiles", odd: &d.odd.profiles,
		pages: api.NewListUserProfilesPaginator(d.background, &api.ListUserProfilesInput{
			DomainIdEquals: aws.String(d.ID), MaxResults: aws.Int32(largestPage),
			SortBy: types.UserProfileSortKeyCreationTime, SortOrder: types.SortOrderAscending,
		}),
		rows: func(p *api.ListUserProfilesOutput) ([]types.UserProfileDetails, *string) {
			return p.UserProfiles, p.NextToken
		},
		read: d.readProfile,
	}.walk(ctx, c, d, each)
	if err != nil || n > 0 {
		return err
	}
	if _, err := c.describeDomain(ctx, d); err != nil {
		return wrap(sentinel(err), "look at "+d.Name+", which lists no user profiles", err)
	}
	return nil
}

// trail is the way through a listing: the digests of its NextTokens.
type trail map[[sha256.Size]byte]struct{}

// step says what is wrong with a listing that goes round in circles, which the
// SDK's paginators would follow forever or take for its end, or that has no end.
func (t trail) step(token *string, limit int) error {
	if aws.ToString(token) == "" {
		return nil
	}
	digest := sha256.Sum256([]byte(*token))
	if _, again := t[digest]; again {
		return errors.New("the same NextToken came twice")
	}
	if len(t) >= limit {
		return fmt.Errorf("more than %d pages", limit)
	}
	t[digest] = struct{}{}
	return nil
}

// readProfile reads a row of a listing.
func (d *domain) readProfile(row *types.UserProfileDetails) (studio.Profile, string, verdict) {
	p, ok := profileOf(row.UserProfileName, row.Status, row.LastModifiedTime)
	if !ok || !d.ofDomain(row.DomainId) {
		return p, p.Name, unusable
	}
	return p, p.Name, listed
}

func profileOf(name *string, status types.UserProfileStatus, modified *time.Time) (studio.Profile, bool) {
	p := studio.Profile{Name: aws.ToString(name), Status: string(status), Modified: aws.ToTime(modified)}
	return p, nameOK(p.Name) && statusWord.MatchString(p.Status)
}

func nameOK(name string) bool { return len(name) <= maxName && profileName.MatchString(name) }

// Profile returns one user profile of the domain with that Name, with its name
// as SageMaker writes it. ErrNoProfile where there is none; otherwise errors are
// as Open's. Why one has failed is said in the log.
func (c *Client) Profile(ctx context.Context, domain, name string) (studio.Profile, error) {
	d, err := c.known(domain, name)
	if err != nil {
		return studio.Profile{}, err
	}
	what := fmt.Sprintf("look at %s in %s", name, d.Name)
	out, err := c.describeProfile(ctx, d, name)
	if err != nil {
		return studio.Profile{}, wrap(sentinel(err), what, err)
	}
	p, _ := profileOf(out.UserProfileName, out.Status, out.LastModifiedTime)
	if reason := aws.ToString(out.FailureReason); reason != "" {
		c.log.WarnContext(ctx, "SageMaker says why a user profile failed", "domain", d.Name, "profile", p.Name, "status", p.Status, "reason", reason[:min(len(reason), 500)])
	}
	return p, nil
}

// describeProfile asks for one profile and checks that the answer is about it.
func (c *Client) describeProfile(ctx context.Context, d *domain, name string) (*api.DescribeUserProfileOutput, error) {
	if err := c.ready(ctx, d); err != nil {
		return nil, err
	}
	out, err := d.background.DescribeUserProfile(ctx, &api.DescribeUserProfileInput{
		DomainId: aws.String(d.ID), UserProfileName: aws.String(name),
	})
	if err != nil {
		return nil, err
	}
	p, ok := profileOf(out.UserProfileName, out.Status, out.LastModifiedTime)
	if id := aws.ToString(out.DomainId); !ok || !strings.EqualFold(p.Name, name) || id != "" && id != d.ID {
		return nil, fmt.Errorf("%w: the answer is about something else", studio.ErrRefused)
	}
	return out, nil
}

// known returns a configured domain, and checks names of profiles.
func (c *Client) known(domain string, profiles ...string) (*domain, error) {
	d, ok := c.domains[domain]
	if !ok {
		return nil, fmt.Errorf("%w: domain %q isn't configured", studio.ErrNoProfile, clip(domain))
	}
	for _, name := range profiles {
		if !nameOK(name) {
			return nil, fmt.Errorf("%w: %q can't be the name of a user profile", studio.ErrRefused, clip(name))
		}
	}
	return d, nil
}

// ready makes sure that there are credentials, in as much time as a click has.
// What follows has no deadline but the caller's: its attempts are counted, each
// has its own time, and waiting for a turn takes as long as it takes.
func (c *Client) ready(ctx context.Context, d *domain) error {
	ctx, cancel := context.WithTimeout(ctx, c.overall)
	defer cancel()
	return c.credentials(ctx, d)
}
