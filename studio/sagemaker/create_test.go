package sagemaker_test

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/studiobot/studiobot/internal/sagemakersim"
	"github.com/studiobot/studiobot/studio"
)

const createProfile = "CreateUserProfile"

// sam is to be made.
func sam() studio.NewProfile {
	return studio.NewProfile{Domain: "research", Name: "Sam", Tags: map[string]string{"slack-user-id": "U0SAM", "studiobot": "enabled"}}
}

func TestCreateProfile(t *testing.T) {
	t.Parallel()
	sim := startSim(t, sagemakersim.Options{ProfileDelay: -1})
	c := fast(t, sim)
	for range 2 { // a repeat changes nothing
		if err := c.CreateProfile(t.Context(), sam()); err != nil {
			t.Fatal(err)
		}
		if p, err := c.Profile(t.Context(), "research", "sam"); err != nil || p.Name != "Sam" || p.Status != "Pending" {
			t.Errorf("%+v, %v", p, err)
		}
	}
	if tags, err := c.ProfileTags(t.Context(), "research", "sam"); err != nil || !maps.Equal(tags, sam().Tags) {
		t.Errorf("%v, %v", tags, err)
	}
	sim.SetProfileStatus(research.ID, "sam", sagemakersim.InService, "")
	if p, err := c.Profile(t.Context(), "research", "sam"); err != nil || p.Status != studio.InService {
		t.Errorf("%+v, %v", p, err)
	}
	other := sam()
	other.Name = "SAM" // the same to SageMaker
	sim.SetTags(research.ID, "sam", map[string]string{"slack-user-id": "U0SAM", "studiobot": "enabled", "cost": "42", "aws:x": "y"})
	if err := c.CreateProfile(t.Context(), other); err != nil {
		t.Errorf("others have joined its tags: %v", err)
	}
}

func TestCreateProfileTaken(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		prepare func(*sagemakersim.Server)
		change  func(*studio.NewProfile)
		kind    error // of kinds; nil: ErrProfileTaken
	}{
		{"no tags on it", func(s *sagemakersim.Server) { s.AddProfile(research.ID, "sam") }, nil, nil},
		{"another person's", func(s *sagemakersim.Server) {
			s.AddProfile(research.ID, "sam")
			s.SetTags(research.ID, "sam", map[string]string{"slack-user-id": "U0SAMANTHA", "studiobot": "enabled"})
		}, nil, nil},
		{"half of the tags", func(s *sagemakersim.Server) {
			s.AddProfile(research.ID, "sam")
			s.SetTags(research.ID, "sam", map[string]string{"slack-user-id": "U0SAM"})
		}, nil, nil},
		{"no tags wanted", func(s *sagemakersim.Server) { s.AddProfile(research.ID, "sam") }, func(p *studio.NewProfile) { p.Tags = nil }, nil},
		{"a space", func(s *sagemakersim.Server) {
			s.SetDomain(sagemakersim.Domain{ID: research.ID, Spaces: []sagemakersim.Space{{Name: "SAM"}}})
		}, nil, nil},
		{"tags that don't show yet", func(s *sagemakersim.Server) {
			s.AddProfile(research.ID, "sam")
			s.SetProfileStatus(research.ID, "sam", sagemakersim.Pending, "")
		}, nil, studio.ErrUnavailable},
		{"tags that can't be read", func(s *sagemakersim.Server) {
			s.AddProfile(research.ID, "sam")
			s.Fail(sagemakersim.Fault{Operation: listTags, Code: "AccessDeniedException"})
		}, nil, studio.ErrForbidden},
		{"tags that can't be read now", func(s *sagemakersim.Server) {
			s.AddProfile(research.ID, "sam")
			s.Fail(sagemakersim.Fault{Operation: listTags, N: 4, Status: 500})
		}, nil, studio.ErrUnavailable},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			sim := startSim(t, sagemakersim.Options{})
			tt.prepare(sim)
			before, _ := sim.Profile(research.ID, "sam")
			p := sam()
			if tt.change != nil {
				tt.change(&p)
			}
			err := fast(t, sim).CreateProfile(t.Context(), p)
			wantKind(t, err, tt.kind)
			if errors.Is(err, studio.ErrProfileTaken) != (tt.kind == nil) {
				t.Errorf("%v", err)
			}
			if after, _ := sim.Profile(research.ID, "sam"); !maps.Equal(before.Tags, after.Tags) || !before.Modified.Equal(after.Modified) {
				t.Errorf("it was changed: %+v", after)
			}
		})
	}
}

func TestCreateProfileFaults(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		fault sagemakersim.Fault
		kind  error // nil: it works in the end
		calls int
	}{
		{"throttled three times", sagemakersim.Fault{N: 3, Code: "ThrottlingException"}, nil, 4},
		{"throttled", sagemakersim.Fault{N: 4, Code: "ThrottlingException"}, studio.ErrThrottled, 4},
		{"happened, the answer lost", sagemakersim.Fault{N: 1, HappenedButFailed: true}, nil, 2},
		{"happened, then 500", sagemakersim.Fault{N: 3, HappenedButFailed: true, Status: 500}, nil, 4},
		{"happened, and nobody answers", sagemakersim.Fault{N: 4, HappenedButFailed: true}, studio.ErrUnavailable, 4},
		{"cut", sagemakersim.Fault{N: 4, Drop: true}, studio.ErrUnavailable, 4},
		{"not permitted", sagemakersim.Fault{Code: "AccessDeniedException"}, studio.ErrForbidden, 1},
		{"too many profiles", sagemakersim.Fault{Code: "ResourceLimitExceeded"}, studio.ErrRefused, 1},
		{"refused", sagemakersim.Fault{Code: "ValidationException"}, studio.ErrRefused, 1},
		{"the domain gone", sagemakersim.Fault{Code: "ResourceNotFound"}, studio.ErrNoProfile, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			sim := startSim(t, sagemakersim.Options{})
			tt.fault.Operation = createProfile
			sim.Fail(tt.fault)
			c := fast(t, sim)
			err := c.CreateProfile(t.Context(), sam())
			if n := sim.CallCount(createProfile); n != tt.calls {
				t.Errorf("%d calls", n)
			}
			if tt.kind == nil && err != nil {
				t.Error(err)
			}
			if tt.kind != nil {
				wantKind(t, err, tt.kind)
			}
			if sim.ClearFaults(); tt.kind == studio.ErrUnavailable {
				if err := c.CreateProfile(t.Context(), sam()); err != nil {
					t.Errorf("again: %v", err)
				}
			}
		})
	}
}

func TestCreateProfileChecks(t *testing.T) {
	t.Parallel()
	sim := startSim(t, sagemakersim.Options{})
	c := fast(t, sim)
	tags := func(key, value string) map[string]string { return map[string]string{key: value} }
	many := make(map[string]string)
	for i := range 51 {
		many[fmt.Sprint(i)] = ""
	}
	for _, tt := range []struct {
		name string
		p    studio.NewProfile
		kind error
	}{
		{"unknown domain", studio.NewProfile{Domain: "nowhere", Name: "sam"}, studio.ErrNoProfile},
		{"a name with a dot", studio.NewProfile{Domain: "research", Name: "s.am"}, studio.ErrRefused},
		{"no name", studio.NewProfile{Domain: "research"}, studio.ErrRefused},
		{"51 tags", studio.NewProfile{Domain: "research", Name: "sam", Tags: many}, studio.ErrRefused},
		{"a key of nothing", studio.NewProfile{Domain: "research", Name: "sam", Tags: tags("", "x")}, studio.ErrRefused},
		{"AWS's own key", studio.NewProfile{Domain: "research", Name: "sam", Tags: tags("AWS:x", "x")}, studio.ErrRefused},
		{"a long key", studio.NewProfile{Domain: "research", Name: "sam", Tags: tags(strings.Repeat("ü", 129), "x")}, studio.ErrRefused},
		{"a long value", studio.NewProfile{Domain: "research", Name: "sam", Tags: tags("x", strings.Repeat("ü", 257))}, studio.ErrRefused},
		{"a line end", studio.NewProfile{Domain: "research", Name: "sam", Tags: tags("x", "a\nb")}, studio.ErrRefused},
	} {
		err := c.CreateProfile(t.Context(), tt.p)
		if wantKind(t, err, tt.kind); len(sim.Calls()) != 0 {
			t.Errorf("%s: %d calls, %v", tt.name, len(sim.Calls()), err)
		}
	}
	c.Look(t.Context())
	in := sam()
	in.Domain = "center"
	wantKind(t, c.CreateProfile(t.Context(), in), studio.ErrIdentityCenter)
	if n := sim.CallCount(createProfile); n != 0 {
		t.Errorf("%d calls", n)
	}
	// The longest that there can be goes through, all of it.
	p := sam()
	p.Tags = make(map[string]string)
	for i := range 50 {
		p.Tags[fmt.Sprintf("%02d", i)+strings.Repeat("𝒳", 126)] = strings.Repeat("𝒴", 256)
	}
	if err := c.CreateProfile(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	if got, _ := sim.Profile(research.ID, "sam"); !maps.Equal(got.Tags, p.Tags) {
		t.Errorf("%d tags arrived", len(got.Tags))
	}
}
