package sagemaker_test

import (
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"

	"github.com/studiobot/studiobot/internal/sagemakersim"
	"github.com/studiobot/studiobot/studio"
	"github.com/studiobot/studiobot/studio/sagemaker"
)

const listTags = "ListTags"

func TestProfileTags(t *testing.T) {
	t.Parallel()
	many := map[string]string{"aws:cloudformation:stack-name": "people"}
	for i := range 50 {
		many[fmt.Sprintf("key %d", i)] = "Größe: 1/2 + a=b @ _.-"
	}
	for _, tt := range []struct {
		name    string
		o       sagemakersim.Options
		profile string // as it was created
		tags    map[string]string
		calls   int // of ListTags
		looks   int // of DescribeUserProfile
	}{
		{"none", sagemakersim.Options{}, "sam", map[string]string{}, 1, 0},
		{"one", sagemakersim.Options{}, "sam", map[string]string{"slack-user-id": "U0SAM"}, 1, 0},
		{"a value of nothing", sagemakersim.Options{}, "sam", map[string]string{"slack-user-id": ""}, 1, 0},
		{"in pages", sagemakersim.Options{PageLimit: 7}, "sam", many, 8, 0},
		{"a name in capitals", sagemakersim.Options{}, "Sam", many, 1, 0},
		{"a name in capitals, kept", sagemakersim.Options{KeepCase: true}, "Sam", many, 2, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			sim := startSim(t, tt.o)
			sim.AddProfile(research.ID, tt.profile)
			sim.SetTags(research.ID, tt.profile, tt.tags)
			c := fast(t, sim)
			for again := range 2 {
				got, err := c.ProfileTags(t.Context(), "research", tt.profile)
				if err != nil || !maps.Equal(got, tt.tags) {
					t.Errorf("%v, %v", got, err)
				}
				calls := tt.calls
				if again == 1 {
					calls += tt.calls - tt.looks // it was learnt how ARNs are spelled
				}
				if n, looks := sim.CallCount(listTags), sim.CallCount(lookProfile); n != calls || looks != tt.looks {
					t.Errorf("%d calls and %d looks, want %d and %d", n, looks, calls, tt.looks)
				}
			}
			if n := sim.CallCount(describe); n != 1 {
				t.Errorf("%d times asked whose the domain is", n)
			}
		})
	}
}

func TestProfileTagsFaults(t *testing.T) {
	t.Parallel()
	page := func(op, body string) sagemakersim.Fault { return sagemakersim.Fault{Operation: op, N: 1, Body: body} }
	arn := func(text string) sagemakersim.Fault { return page(describe, fmt.Sprintf(`{"DomainArn":%q}`, text)) }
	good := "arn:aws:sagemaker:us-west-2:111122223333:domain/" + research.ID
	for _, tt := range []struct {
		name, profile string
		faults        []sagemakersim.Fault
		kind          error
		calls         int // of ListTags
	}{
		{"gone", "nobody", nil, studio.ErrNoProfile, 1},
		{"gone, as another error", "nobody", []sagemakersim.Fault{{Operation: listTags, Code: "ResourceNotFound"}}, studio.ErrNoProfile, 1},
		{"a bad name", "no.body", nil, studio.ErrRefused, 0},
		{"refused, though it is there", "jane-doe", []sagemakersim.Fault{{Operation: listTags, Code: "ValidationException"}}, studio.ErrRefused, 1},
		{"refused, and no look", "jane-doe", []sagemakersim.Fault{{Operation: listTags, Code: "ValidationException"}, {Operation: lookProfile, Code: "AccessDeniedException"}}, studio.ErrRefused, 1},
		{"refused, and no answer", "jane-doe", []sagemakersim.Fault{{Operation: listTags, Code: "ValidationException"}, {Operation: lookProfile, N: 4, Status: 500}}, studio.ErrUnavailable, 1},
		{"an ARN of somebody else", "jane-doe", []sagemakersim.Fault{
			{Operation: listTags, Code: "ValidationException"},
			page(lookProfile, `{"UserProfileName":"jane-doe","Status":"InService","UserProfileArn":"arn:aws:sagemaker:us-west-2:111122223333:user-profile/`+research.ID+`/john"}`),
		}, studio.ErrRefused, 1},
		{"an ARN of another account", "jane-doe", []sagemakersim.Fault{
			{Operation: listTags, Code: "ValidationException"},
			page(lookProfile, `{"UserProfileName":"jane-doe","Status":"InService","UserProfileArn":"arn:aws:sagemaker:us-west-2:999922223333:user-profile/`+research.ID+`/JANE-DOE"}`),
		}, studio.ErrRefused, 1},
		{"throttled", "jane-doe", []sagemakersim.Fault{{Operation: listTags, N: 4, Code: "ThrottlingException"}}, studio.ErrThrottled, 4},
		{"not permitted", "jane-doe", []sagemakersim.Fault{{Operation: listTags, Code: "AccessDeniedException"}}, studio.ErrForbidden, 1},
		{"cut", "jane-doe", []sagemakersim.Fault{{Operation: listTags, N: 4, Drop: true}}, studio.ErrUnavailable, 4},
		{"the same token for ever", "jane-doe", []sagemakersim.Fault{{Operation: listTags, N: -1, Body: `{"Tags":[],"NextToken":"a"}`}}, studio.ErrRefused, 2},
		{"no end of tags", "jane-doe", []sagemakersim.Fault{page(listTags, `{"Tags":[`+endless(501)+`]}`)}, studio.ErrRefused, 1},
		{"the domain gone", "jane-doe", []sagemakersim.Fault{{Operation: describe, Code: "ResourceNotFound"}}, studio.ErrNoProfile, 0},
		{"no ARN", "jane-doe", []sagemakersim.Fault{page(describe, `{}`)}, studio.ErrRefused, 0},
		{"not an ARN", "jane-doe", []sagemakersim.Fault{arn("x" + good)}, studio.ErrRefused, 0},
		{"a long ARN", "jane-doe", []sagemakersim.Fault{arn(good + strings.Repeat("x", 300))}, studio.ErrRefused, 0},
		{"another domain's", "jane-doe", []sagemakersim.Fault{arn(good + "x")}, studio.ErrRefused, 0},
		{"another Region's", "jane-doe", []sagemakersim.Fault{arn(strings.Replace(good, "us-west-2", "eu-west-1", 1))}, studio.ErrRefused, 0},
		{"another service's", "jane-doe", []sagemakersim.Fault{arn(strings.Replace(good, ":sagemaker:", ":s3:", 1))}, studio.ErrRefused, 0},
		{"an account in words", "jane-doe", []sagemakersim.Fault{arn(strings.Replace(good, "111122223333", "11112222333x", 1))}, studio.ErrRefused, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			sim := startSim(t, sagemakersim.Options{})
			for _, f := range tt.faults {
				sim.Fail(f)
			}
			got, err := fast(t, sim).ProfileTags(t.Context(), "research", tt.profile)
			wantKind(t, err, tt.kind)
			if n := sim.CallCount(listTags); n != tt.calls || got != nil {
				t.Errorf("%d calls, %v", n, got)
			}
		})
	}
}

func endless(n int) string {
	tags := make([]string, n)
	for i := range tags {
		tags[i] = fmt.Sprintf(`{"Key":"k%d","Value":""}`, i)
	}
	return strings.Join(tags, ",")
}

func TestProfileTagsOdd(t *testing.T) {
	t.Parallel()
	sim := startSim(t, sagemakersim.Options{})
	sim.Fail(sagemakersim.Fault{Operation: listTags, Body: `{"Tags":[{"Key":"","Value":"x"},{"Value":"x"},{"Key":"a*","Value":"x"},{"Key":"b","Value":"\n"},
		{"Key":"` + strings.Repeat("k", 129) + `","Value":"x"},{"Key":"c","Value":"` + strings.Repeat("v", 257) + `"},{"Key":"d"},{"Key":"e","Value":"f"}]}`})
	got, err := fast(t, sim).ProfileTags(t.Context(), "research", "jane-doe")
	if err != nil || !maps.Equal(got, map[string]string{"d": "", "e": "f"}) {
		t.Errorf("%v, %v", got, err)
	}
}

// However many ask for tags at once, the domain is asked about once, and again
// only where that failed.
func TestDomainIsAskedOnce(t *testing.T) {
	t.Parallel()
	sim := startSim(t, sagemakersim.Options{})
	sim.Fail(sagemakersim.Fault{Operation: describe, N: 1, Code: "AccessDeniedException"})
	c := fast(t, sim)
	failed := make(chan error, 16)
	var wait sync.WaitGroup
	for range cap(failed) {
		wait.Go(func() {
			if _, err := c.ProfileTags(t.Context(), "research", "jane-doe"); err != nil {
				failed <- err
			}
		})
	}
	wait.Wait()
	if len(failed) != 1 || sim.CallCount(describe) != 2 || sim.CallCount(listTags) != cap(failed)-1 {
		t.Errorf("%d failed, asked %d times", len(failed), sim.CallCount(describe))
	}
	wantKind(t, <-failed, studio.ErrForbidden)
}

// China and GovCloud have partitions of their own.
func TestTagsInOtherPartitions(t *testing.T) {
	t.Parallel()
	for _, region := range []string{"cn-north-1", "us-gov-west-1"} {
		sim := startSim(t, sagemakersim.Options{})
		sim.SetTags(research.ID, "jane-doe", map[string]string{"a": "b"})
		d := research
		d.Region = region
		c := fast(t, sim, func(o *sagemaker.Config) { o.Domains = []studio.Domain{d} })
		if got, err := c.ProfileTags(t.Context(), "research", "jane-doe"); err != nil || got["a"] != "b" {
			t.Errorf("%s: %v, %v", region, got, err)
		}
	}
}
