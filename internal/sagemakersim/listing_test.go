package sagemakersim_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	api "github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/studiobot/studiobot/internal/sagemakersim"
)

// crowd are n profiles, p-0 the oldest and the one that was modified last.
func crowd(n int) []sagemakersim.Profile {
	begin := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	out := make([]sagemakersim.Profile, n)
	for i := range out {
		out[i] = sagemakersim.Profile{
			Name: fmt.Sprintf("p-%d", i), Created: begin.Add(time.Duration(i) * time.Second),
			Modified: begin.Add(time.Duration(2*n-i) * time.Second),
		}
	}
	return out
}

func startCrowd(t testing.TB, n int, o sagemakersim.Options) *sagemakersim.Server {
	t.Helper()
	o.Domains = []sagemakersim.Domain{{ID: domainID, Name: "research", Profiles: crowd(n)}}
	return start(t, o)
}

// patient is sdk with retries. The SDK closes a request's body while net/http
// may still read it, which now and then cuts the connection in the middle of an
// answer as large as a page is.
func patient(s *sagemakersim.Server) *api.Client {
	o := sdk(s).Options()
	o.RetryMaxAttempts, o.Retryer = 0, retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts, o.MaxBackoff = 5, time.Millisecond
		o.Retryables = append(o.Retryables, retry.IsErrorRetryableFunc(func(error) aws.Ternary { return aws.TrueTernary }))
	})
	return api.New(o)
}

// names lists with the SDK's own paginator.
func names(t testing.TB, s *sagemakersim.Server, in *api.ListUserProfilesInput) (names []string, pages int) {
	t.Helper()
	p := api.NewListUserProfilesPaginator(patient(s), in)
	for p.HasMorePages() {
		out, err := p.NextPage(t.Context())
		if err != nil {
			t.Error(err) // not Fatal: some call this beside the test
			return names, pages
		}
		pages++
		for _, profile := range out.UserProfiles {
			names = append(names, aws.ToString(profile.UserProfileName))
		}
	}
	return names, pages
}

func TestListUserProfiles(t *testing.T) {
	t.Parallel()
	const n = 250
	s := startCrowd(t, n, sagemakersim.Options{})
	up := make([]string, n)
	for i := range up {
		up[i] = fmt.Sprintf("p-%d", i)
	}
	down := slices.Clone(up)
	slices.Reverse(down)
	of := func(keep func(string) bool) []string {
		return slices.DeleteFunc(slices.Clone(up), func(name string) bool { return !keep(name) })
	}
	for _, tt := range []struct {
		name  string
		in    api.ListUserProfilesInput
		want  []string
		pages int
	}{
		{"as it comes", api.ListUserProfilesInput{DomainIdEquals: aws.String(domainID)}, up, 25},
		{"large pages", api.ListUserProfilesInput{DomainIdEquals: aws.String(domainID), MaxResults: aws.Int32(100)}, up, 3},
		{"pages that fit", api.ListUserProfilesInput{DomainIdEquals: aws.String(domainID), MaxResults: aws.Int32(50)}, up, 5},
		{"the latest first", api.ListUserProfilesInput{DomainIdEquals: aws.String(domainID), MaxResults: aws.Int32(33), SortOrder: types.SortOrderDescending}, down, 8},
		{"by modification", api.ListUserProfilesInput{DomainIdEquals: aws.String(domainID), MaxResults: aws.Int32(99), SortBy: types.UserProfileSortKeyLastModifiedTime}, down, 3},
		{"by modification, the latest first", api.ListUserProfilesInput{
			DomainIdEquals: aws.String(domainID), MaxResults: aws.Int32(7),
			SortBy: types.UserProfileSortKeyLastModifiedTime, SortOrder: types.SortOrderDescending,
		}, up, 36},
		{"a part of the name, in any case", api.ListUserProfilesInput{DomainIdEquals: aws.String(domainID), UserProfileNameContains: aws.String("P-24")},
			of(func(name string) bool { return strings.Contains(name, "p-24") }), 2},
		{"every domain", api.ListUserProfilesInput{MaxResults: aws.Int32(100)}, up, 3},
		{"a domain that isn't there", api.ListUserProfilesInput{DomainIdEquals: aws.String("d-other")}, nil, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, pages := names(t, s, &tt.in)
			if !slices.Equal(got, tt.want) || pages != tt.pages {
				t.Errorf("%d names in %d pages: %v", len(got), pages, got)
			}
		})
	}
}

// What comes and goes between two pages moves nobody else.
func TestListingWhileProfilesChange(t *testing.T) {
	t.Parallel()
	s := startCrowd(t, 30, sagemakersim.Options{PageLimit: 10})
	p := api.NewListUserProfilesPaginator(patient(s), &api.ListUserProfilesInput{DomainIdEquals: aws.String(domainID), MaxResults: aws.Int32(100)})
	var got []string
	for p.HasMorePages() {
		out, err := p.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, profile := range out.UserProfiles {
			got = append(got, *profile.UserProfileName)
		}
		if len(got) == 10 {
			s.RemoveProfile(domainID, "p-9") // the one that the token stands at
			s.RemoveProfile(domainID, "p-15")
			s.AddProfile(domainID, "late")
		}
	}
	want, _ := names(t, s, &api.ListUserProfilesInput{DomainIdEquals: aws.String(domainID)})
	want = slices.Insert(want, 9, "p-9") // it was there when it was listed
	if !slices.Equal(got, want) || !slices.Contains(got, "late") {
		t.Errorf("listed %v, want %v", got, want)
	}
}

func TestListingShowsInCalls(t *testing.T) {
	t.Parallel()
	s := startCrowd(t, 15, sagemakersim.Options{})
	names(t, s, &api.ListUserProfilesInput{DomainIdEquals: aws.String(domainID), MaxResults: aws.Int32(10)})
	calls := s.Calls()
	if len(calls) != 2 {
		t.Fatalf("%d calls", len(calls))
	}
	first, second := calls[0], calls[1]
	if first.Operation != "ListUserProfiles" || first.Domain != domainID || first.MaxResults != 10 || first.Items != 10 || first.Continued || !first.More ||
		second.Items != 5 || !second.Continued || second.More {
		t.Errorf("recorded %+v", calls)
	}
}

func TestTokensAreForOneQuestion(t *testing.T) {
	t.Parallel()
	s := startCrowd(t, 15, sagemakersim.Options{})
	out, err := sdk(s).ListUserProfiles(t.Context(), &api.ListUserProfilesInput{DomainIdEquals: aws.String(domainID)})
	if err != nil || out.NextToken == nil {
		t.Fatalf("%v, %v", out, err)
	}
	elsewhere := startCrowd(t, 15, sagemakersim.Options{})
	for _, tt := range []struct {
		name string
		s    *sagemakersim.Server
		in   api.ListUserProfilesInput
		want string
	}{
		{"the same, larger", s, api.ListUserProfilesInput{DomainIdEquals: aws.String(domainID), MaxResults: aws.Int32(100)}, ""},
		{"another order", s, api.ListUserProfilesInput{DomainIdEquals: aws.String(domainID), SortOrder: types.SortOrderDescending}, "ValidationException"},
		{"another filter", s, api.ListUserProfilesInput{DomainIdEquals: aws.String(domainID), UserProfileNameContains: aws.String("p")}, "ValidationException"},
		{"every domain", s, api.ListUserProfilesInput{}, "ValidationException"},
		{"another account", elsewhere, api.ListUserProfilesInput{DomainIdEquals: aws.String(domainID)}, "ValidationException"},
	} {
		tt.in.NextToken = out.NextToken
		if _, err := sdk(tt.s).ListUserProfiles(t.Context(), &tt.in); code(err) != tt.want {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	for _, token := range []string{"x", *out.NextToken + "x", (*out.NextToken)[1:], "ü", strings.Repeat("x", 9000)} {
		_, err := sdk(s).ListUserProfiles(t.Context(), &api.ListUserProfilesInput{DomainIdEquals: aws.String(domainID), NextToken: &token})
		if code(err) != "ValidationException" {
			t.Errorf("%.20q: %v", token, err)
		}
	}
}

func TestListingMeanwhile(t *testing.T) {
	t.Parallel()
	s := startCrowd(t, 300, sagemakersim.Options{})
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			got, _ := names(t, s, &api.ListUserProfilesInput{
				DomainIdEquals: aws.String(domainID), MaxResults: aws.Int32(25), UserProfileNameContains: aws.String("P"),
			})
			if len(got) != 300 {
				t.Errorf("%d profiles", len(got))
			}
		})
		wait.Go(func() {
			for i := range 50 {
				name := fmt.Sprintf("x%d", i)
				s.AddProfile(domainID, name)
				s.SetTags(domainID, name, map[string]string{"a": "b"})
				s.SetProfileStatus(domainID, name, sagemakersim.Failed, "no")
				s.RemoveProfile(domainID, name)
			}
		})
	}
	wait.Wait()
}

// A page from the middle of 20,000 costs no more than the first.
func BenchmarkListPage(b *testing.B) {
	s := startCrowd(b, 20000, sagemakersim.Options{})
	c := patient(s)
	in := &api.ListUserProfilesInput{DomainIdEquals: aws.String(domainID), MaxResults: aws.Int32(100)}
	for b.Loop() {
		out, err := c.ListUserProfiles(b.Context(), in)
		if err != nil {
			b.Fatal(err)
		}
		in.NextToken = out.NextToken
	}
}
