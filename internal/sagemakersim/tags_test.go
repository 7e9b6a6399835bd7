package sagemakersim_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/sagemaker"

	"github.com/studiobot/studiobot/internal/sagemakersim"
)

const arnOfJane = "arn:aws:sagemaker:us-west-2:111122223333:user-profile/" + domainID + "/jane-doe"

// list reads all tags with the SDK's own paginator.
func list(t *testing.T, s *sagemakersim.Server, arn string) (tags map[string]string, pages int) {
	t.Helper()
	tags = make(map[string]string)
	p := api.NewListTagsPaginator(sdk(s), &api.ListTagsInput{ResourceArn: &arn, MaxResults: aws.Int32(50)})
	for p.HasMorePages() {
		out, err := p.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		pages++
		for _, tag := range out.Tags {
			tags[*tag.Key] = *tag.Value
		}
	}
	return tags, pages
}

func TestTags(t *testing.T) {
	t.Parallel()
	s := start(t, sagemakersim.Options{})
	for _, arn := range []string{arnOfJane, arnOfDomain} {
		if tags, _ := list(t, s, arn); len(tags) != 0 {
			t.Errorf("%s has %v", arn, tags)
		}
		added, err := sdk(s).AddTags(t.Context(), &api.AddTagsInput{ResourceArn: &arn, Tags: tagsOf("a", "1", "b", "")})
		if err != nil || len(added.Tags) != 2 {
			t.Fatalf("%v, %v", added, err)
		}
		if _, err := sdk(s).AddTags(t.Context(), &api.AddTagsInput{ResourceArn: &arn, Tags: tagsOf("a", "2", "c", "3")}); err != nil {
			t.Fatal(err)
		}
		if _, err := sdk(s).DeleteTags(t.Context(), &api.DeleteTagsInput{ResourceArn: &arn, TagKeys: []string{"c", "none"}}); err != nil {
			t.Fatal(err)
		}
		if tags, _ := list(t, s, arn); !maps.Equal(tags, map[string]string{"a": "2", "b": ""}) {
			t.Errorf("%s has %v", arn, tags)
		}
	}
	if out := describe(t, s, "jane-doe"); out.LastModifiedTime.Year() != 2024 {
		t.Errorf("tags changed LastModifiedTime: %v", out.LastModifiedTime)
	}
}

func TestTagsInPages(t *testing.T) {
	t.Parallel()
	s := start(t, sagemakersim.Options{PageLimit: 7})
	want := make(map[string]string)
	for i := range 50 {
		want[fmt.Sprintf("key%d", i)] = "x"
	}
	want["aws:cloudformation:stack-name"] = "one more, but AWS's own"
	s.SetTags(domainID, "JANE-doe", want)
	got, pages := list(t, s, arnOfJane)
	if !maps.Equal(got, want) || pages != 8 {
		t.Errorf("%d tags in %d pages", len(got), pages)
	}
	calls := s.Calls()
	if c := calls[len(calls)-1]; c.Resource != arnOfJane || c.Domain != domainID || c.Profile != "jane-doe" || c.Items != 2 || !c.Continued || c.More {
		t.Errorf("recorded %+v", c)
	}
	if _, err := sdk(s).AddTags(t.Context(), &api.AddTagsInput{ResourceArn: aws.String(arnOfJane), Tags: tagsOf("key0", "y")}); err != nil {
		t.Errorf("a tag that is there: %v", err)
	}
	if _, err := sdk(s).AddTags(t.Context(), &api.AddTagsInput{ResourceArn: aws.String(arnOfJane), Tags: tagsOf("new", "y")}); code(err) != "ResourceLimitExceeded" {
		t.Errorf("the 51st: %v", err)
	}
}

func TestTagRefusals(t *testing.T) {
	t.Parallel()
	s := start(t, sagemakersim.Options{})
	exact := start(t, sagemakersim.Options{KeepCase: true})
	const missing, invalid = "Resource does not exist", "validation error"
	for _, tt := range []struct {
		name string
		s    *sagemakersim.Server
		arn  string
		want string // empty: it works
	}{
		{"nobody", s, "arn:aws:sagemaker:us-west-2:111122223333:user-profile/" + domainID + "/nobody", missing},
		{"unknown domain", s, "arn:aws:sagemaker:us-west-2:111122223333:domain/d-other", missing},
		{"another account", s, "arn:aws:sagemaker:us-west-2:999922223333:domain/" + domainID, missing},
		{"another Region", s, "arn:aws:sagemaker:eu-west-1:111122223333:domain/" + domainID, missing},
		{"another partition", s, "arn:aws-cn:sagemaker:us-west-2:111122223333:domain/" + domainID, missing},
		{"another kind", s, "arn:aws:sagemaker:us-west-2:111122223333:space/" + domainID + "/jane-doe", missing},
		{"another case", s, "arn:aws:sagemaker:us-west-2:111122223333:user-profile/" + domainID + "/Jane-Doe", missing},
		{"the name as it was created, kept", exact, "arn:aws:sagemaker:us-west-2:111122223333:user-profile/" + domainID + "/Jane-Doe", ""},
		{"lower case, where it is kept", exact, arnOfJane, missing},
		{"no ARN", s, "jane-doe", invalid},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := sdk(tt.s).ListTags(t.Context(), &api.ListTagsInput{ResourceArn: &tt.arn})
			if tt.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if code(err) != "ValidationException" || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v", err)
			}
		})
	}
	_, err := sdk(s).ListTags(t.Context(), &api.ListTagsInput{ResourceArn: aws.String(arnOfJane), MaxResults: aws.Int32(49)})
	if code(err) != "ValidationException" {
		t.Errorf("49 at a time: %v", err)
	}
	_, err = sdk(s).ListTags(t.Context(), &api.ListTagsInput{ResourceArn: aws.String(arnOfJane), NextToken: aws.String("x")})
	if code(err) != "ValidationException" {
		t.Errorf("no token: %v", err)
	}
	_, err = sdk(s).DeleteTags(t.Context(), &api.DeleteTagsInput{ResourceArn: aws.String(arnOfJane), TagKeys: []string{}})
	if code(err) != "ValidationException" {
		t.Errorf("delete nothing: %v", err)
	}
}

// The ARN's partition follows the Region, as the account's own does.
func TestPartitions(t *testing.T) {
	t.Parallel()
	s := start(t, sagemakersim.Options{})
	for region, want := range map[string]string{"cn-north-1": "aws-cn", "us-gov-west-1": "aws-us-gov", "eu-west-1": "aws"} {
		out, err := sdk(s).DescribeDomain(t.Context(), &api.DescribeDomainInput{DomainId: aws.String(domainID)}, func(o *api.Options) { o.Region = region })
		if err != nil || *out.DomainArn != "arn:"+want+":sagemaker:"+region+":111122223333:domain/"+domainID {
			t.Errorf("%s: %v, %v", region, aws.ToString(out.DomainArn), err)
		}
	}
}

func TestChangesFromOutside(t *testing.T) {
	t.Parallel()
	s := start(t, sagemakersim.Options{})
	s.SetTags(domainID, "", map[string]string{"team": "ml"})
	if tags, _ := list(t, s, arnOfDomain); tags["team"] != "ml" {
		t.Errorf("%v", tags)
	}
	s.SetTags(domainID, "nobody", map[string]string{"a": "b"})
	s.SetTags("d-other", "nobody", nil)
	s.SetProfileStatus("d-other", "nobody", sagemakersim.Failed, "")
	if _, ok := s.Profile("d-other", "nobody"); ok {
		t.Error("somebody was made")
	}
	s.AddProfile(domainID, "late")
	if p, ok := s.Profile(domainID, "LATE"); !ok || p.Status != sagemakersim.InService || time.Since(p.Created) > time.Minute {
		t.Errorf("%+v", p)
	}
}
