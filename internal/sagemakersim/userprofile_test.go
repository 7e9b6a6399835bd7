package sagemakersim_test

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/studiobot/studiobot/internal/sagemakersim"
)

const arnOfDomain = "arn:aws:sagemaker:us-west-2:111122223333:domain/" + domainID

func tagsOf(pairs ...string) []types.Tag {
	var out []types.Tag
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, types.Tag{Key: &pairs[i], Value: &pairs[i+1]})
	}
	return out
}

func describe(t *testing.T, s *sagemakersim.Server, name string) *api.DescribeUserProfileOutput {
	t.Helper()
	out, err := sdk(s).DescribeUserProfile(t.Context(), &api.DescribeUserProfileInput{DomainId: aws.String(domainID), UserProfileName: &name})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func create(t *testing.T, s *sagemakersim.Server, name string, tags ...string) (string, error) {
	t.Helper()
	out, err := sdk(s).CreateUserProfile(t.Context(), &api.CreateUserProfileInput{
		DomainId: aws.String(domainID), UserProfileName: &name, Tags: tagsOf(tags...),
	})
	if err != nil {
		return "", err
	}
	return *out.UserProfileArn, nil
}

func TestCreateUserProfile(t *testing.T) {
	t.Parallel()
	s := start(t, sagemakersim.Options{ProfileDelay: -1})
	arn, err := create(t, s, "Sam", "slack-user-id", "U0SAM")
	if err != nil || arn != "arn:aws:sagemaker:us-west-2:111122223333:user-profile/"+domainID+"/sam" {
		t.Fatalf("%s, %v", arn, err)
	}
	out := describe(t, s, "SAM")
	if *out.UserProfileName != "Sam" || out.Status != types.UserProfileStatusPending || *out.UserProfileArn != arn ||
		*out.DomainId != domainID || time.Since(*out.CreationTime) > time.Minute || !out.LastModifiedTime.Equal(*out.CreationTime) {
		t.Errorf("created %+v", out)
	}
	if p, ok := s.Profile(domainID, "sam"); !ok || !maps.Equal(p.Tags, map[string]string{"slack-user-id": "U0SAM"}) {
		t.Errorf("%+v", p)
	}
	_, err = create(t, s, "sAM")
	if taken := new(types.ResourceInUse); !errors.As(err, &taken) || taken.Message == nil {
		t.Errorf("the same name in another case: %v", err)
	}
	s.SetProfileStatus(domainID, "sam", sagemakersim.Failed, "no room")
	if out := describe(t, s, "sam"); out.Status != types.UserProfileStatusFailed || aws.ToString(out.FailureReason) != "no room" {
		t.Errorf("failed: %+v", out)
	}
	s.SetProfileStatus(domainID, "sam", sagemakersim.InService, "")
	if out := describe(t, s, "sam"); out.Status != types.UserProfileStatusInService || out.FailureReason != nil {
		t.Errorf("released: %+v", out)
	}
	if _, err := sdk(s).DescribeUserProfile(t.Context(), &api.DescribeUserProfileInput{DomainId: aws.String(domainID), UserProfileName: aws.String("nobody")}); code(err) != "ResourceNotFound" {
		t.Errorf("nobody: %v", err)
	}
}

func TestPendingEnds(t *testing.T) {
	t.Parallel()
	s := start(t, sagemakersim.Options{})
	if _, err := create(t, s, "sam"); err != nil {
		t.Fatal(err)
	}
	until(t, func() bool { return describe(t, s, "sam").Status == types.UserProfileStatusInService })
	if out := describe(t, s, "sam"); !out.LastModifiedTime.After(*out.CreationTime) {
		t.Errorf("modified %v, created %v", out.LastModifiedTime, out.CreationTime)
	}
	mint(t, s, "sam")
	last, _ := names(t, s, &api.ListUserProfilesInput{DomainIdEquals: aws.String(domainID), SortBy: types.UserProfileSortKeyLastModifiedTime})
	if len(last) != 3 || last[2] != "sam" {
		t.Errorf("by modification: %v", last)
	}
}

func TestCreateRefusals(t *testing.T) {
	t.Parallel()
	s := start(t, sagemakersim.Options{})
	s.SetDomain(sagemakersim.Domain{ID: "d-spaces", Name: "spaces", Spaces: []sagemakersim.Space{{Name: "Lab"}}})
	for _, tt := range []struct {
		name, domain, profile, code string
		in                          api.CreateUserProfileInput
	}{
		{"name with a dot", domainID, "jane.doe", "ValidationException", api.CreateUserProfileInput{}},
		{"unknown domain", "d-other", "sam", "ResourceNotFound", api.CreateUserProfileInput{}},
		{"domain not in service", "d-updating", "sam", "ValidationException", api.CreateUserProfileInput{}},
		{"taken", domainID, "JANE-DOE", "ResourceInUse", api.CreateUserProfileInput{}},
		{"a space has the name", "d-spaces", "lab", "ResourceInUse", api.CreateUserProfileInput{}},
		{"SSO domain", "d-sso", "sam", "ValidationException", api.CreateUserProfileInput{}},
		{"SSO user in an IAM domain", domainID, "sam", "ValidationException", api.CreateUserProfileInput{
			SingleSignOnUserIdentifier: aws.String("UserName"), SingleSignOnUserValue: aws.String("sam"),
		}},
		{"the same key twice", domainID, "sam", "ValidationException", api.CreateUserProfileInput{Tags: tagsOf("a", "1", "a", "2")}},
		{"a system tag", domainID, "sam", "ValidationException", api.CreateUserProfileInput{Tags: tagsOf("aws:a", "1")}},
		{"a key of nothing", domainID, "sam", "ValidationException", api.CreateUserProfileInput{Tags: tagsOf("", "1")}},
		{"a key too long", domainID, "sam", "ValidationException", api.CreateUserProfileInput{Tags: tagsOf(strings.Repeat("ü", 129), "1")}},
		{"a value too long", domainID, "sam", "ValidationException", api.CreateUserProfileInput{Tags: tagsOf("a", strings.Repeat("ü", 257))}},
		{"a value with a star", domainID, "sam", "ValidationException", api.CreateUserProfileInput{Tags: tagsOf("a", "*")}},
		{"51 tags", domainID, "sam", "ValidationException", api.CreateUserProfileInput{Tags: manyTags(51)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.in.DomainId, tt.in.UserProfileName = &tt.domain, &tt.profile
			if _, err := sdk(s).CreateUserProfile(t.Context(), &tt.in); code(err) != tt.code {
				t.Errorf("%v", err)
			}
			if _, ok := s.Profile(tt.domain, "sam"); ok {
				t.Error("it was created")
			}
		})
	}
	if _, err := sdk(s).CreateUserProfile(t.Context(), &api.CreateUserProfileInput{
		DomainId: aws.String("d-sso"), UserProfileName: aws.String("sso-sam"),
		SingleSignOnUserIdentifier: aws.String("UserName"), SingleSignOnUserValue: aws.String("sam"), Tags: manyTags(50),
	}); err != nil {
		t.Errorf("as the service wants it: %v", err)
	}
}

func manyTags(n int) []types.Tag {
	var pairs []string
	for i := range n {
		pairs = append(pairs, fmt.Sprintf("key %d", i), "Größe+=@:/.-_")
	}
	return tagsOf(pairs...)
}

// A Profile that stays Pending after the answer was lost is there, as for AWS.
func TestCreateHappenedButFailed(t *testing.T) {
	t.Parallel()
	s := start(t, sagemakersim.Options{})
	s.Fail(sagemakersim.Fault{Operation: "CreateUserProfile", HappenedButFailed: true})
	if _, err := create(t, s, "sam"); err == nil {
		t.Error("answered")
	}
	if _, err := create(t, s, "sam"); code(err) != "ResourceInUse" {
		t.Errorf("again: %v", err)
	}
}

func TestThrottle(t *testing.T) {
	t.Parallel()
	s := start(t, sagemakersim.Options{CallsPerSecond: 0.001})
	describe(t, s, "jane-doe")
	for range 3 {
		_, err := sdk(s).DescribeUserProfile(t.Context(), &api.DescribeUserProfileInput{DomainId: aws.String(domainID), UserProfileName: aws.String("jane-doe")})
		if code(err) != "ThrottlingException" {
			t.Errorf("%v", err)
		}
	}
	mint(t, s, "jane-doe") // another operation, another bucket
	if n := s.Throttled(); n != 3 {
		t.Errorf("%d throttled", n)
	}
	s.SetCallsPerSecond(0)
	describe(t, s, "jane-doe")
}
