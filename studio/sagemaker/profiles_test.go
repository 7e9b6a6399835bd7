package sagemaker_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/studiobot/studiobot/internal/sagemakersim"
	"github.com/studiobot/studiobot/studio"
	"github.com/studiobot/studiobot/studio/sagemaker"
)

const (
	listProfiles = "ListUserProfiles"
	lookProfile  = "DescribeUserProfile"
)

// crowd are n profiles, p-0 the oldest.
func crowd(n int) []sagemakersim.Profile {
	out := make([]sagemakersim.Profile, n)
	for i := range out {
		out[i] = sagemakersim.Profile{Name: fmt.Sprintf("p-%d", i), Created: time.Date(2025, 1, 1, 0, 0, i, 0, time.UTC)}
	}
	return out
}

// fast is a client without a pace worth the name.
func fast(t testing.TB, sim *sagemakersim.Server, change ...func(*sagemaker.Config)) *sagemaker.Client {
	t.Helper()
	config := sagemaker.Config{
		Domains: []studio.Domain{research, prod, center}, URLTTL: 5 * time.Second, Log: quietLog(t),
		CallsPerSecond: 1e6, AppID: "studiobot/test", Load: load(sim.URL(), nil),
	}
	for _, c := range change {
		c(&config)
	}
	client, err := sagemaker.New(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func listAll(ctx context.Context, c *sagemaker.Client) (got []studio.Profile, err error) {
	err = c.Profiles(ctx, "research", func(p studio.Profile) error {
		got = append(got, p)
		return nil
	})
	return got, err
}

func TestProfiles(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ profiles, limit, pages int }{
		{0, 0, 1}, {1, 0, 1}, {100, 0, 1}, {101, 0, 2}, {250, 7, 36},
	} {
		t.Run(fmt.Sprint(tt.profiles), func(t *testing.T) {
			t.Parallel()
			sim := startSim(t, sagemakersim.Options{PageLimit: tt.limit})
			profiles := crowd(tt.profiles)
			if tt.profiles > 50 {
				profiles[50].Status, profiles[50].Modified = sagemakersim.Pending, time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.UTC)
			}
			sim.SetDomain(sagemakersim.Domain{ID: research.ID, Profiles: profiles})
			got, err := listAll(t.Context(), fast(t, sim))
			if err != nil || len(got) != tt.profiles {
				t.Fatalf("%d profiles, %v", len(got), err)
			}
			for i, p := range got {
				want := studio.Profile{Name: profiles[i].Name, Status: studio.InService, Modified: profiles[i].Created}
				if i == 50 {
					want.Status, want.Modified = profiles[i].Status, profiles[i].Modified
				}
				if p.Name != want.Name || p.Status != want.Status || !p.Modified.Equal(want.Modified) {
					t.Errorf("%d is %+v, want %+v", i, p, want)
				}
			}
			if n := sim.CallCount(listProfiles); n != tt.pages {
				t.Errorf("%d pages", n)
			}
			if c := sim.Calls()[0]; c.MaxResults != 100 || c.Domain != research.ID {
				t.Errorf("asked %+v", c)
			}
		})
	}
}

func TestProfilesEnd(t *testing.T) {
	t.Parallel()
	sim := startSim(t, sagemakersim.Options{PageLimit: 2})
	sim.SetDomain(sagemakersim.Domain{ID: research.ID, Profiles: crowd(10)})
	c := fast(t, sim)
	enough := errors.New("enough")
	n := 0
	err := c.Profiles(t.Context(), "research", func(studio.Profile) error {
		if n++; n == 3 {
			return enough
		}
		return nil
	})
	if err != enough || n != 3 || sim.CallCount(listProfiles) != 2 {
		t.Errorf("%d profiles, %v", n, err)
	}
	none := func(studio.Profile) error { t.Error("called"); return nil }
	wantKind(t, c.Profiles(t.Context(), "nowhere", none), studio.ErrNoProfile)
	gone := fast(t, sim, func(o *sagemaker.Config) {
		o.Domains = []studio.Domain{{Name: "gone", ID: "d-gone", Region: "us-west-2", Session: time.Hour}}
	})
	wantKind(t, gone.Profiles(t.Context(), "gone", none), studio.ErrNoProfile)
}

func TestProfilesFaults(t *testing.T) {
	t.Parallel()
	page := func(token string) sagemakersim.Fault {
		return sagemakersim.Fault{N: 1, Body: fmt.Sprintf(`{"UserProfiles":[{"UserProfileName":"x","Status":"InService"}],"NextToken":%q}`, token)}
	}
	for _, tt := range []struct {
		name   string
		faults []sagemakersim.Fault
		kind   error // nil: it works in the end
		calls  int   // of the listing, which has 5 pages
	}{
		{"throttled three times", []sagemakersim.Fault{{N: 3, Code: "ThrottlingException"}}, nil, 8},
		{"throttled", []sagemakersim.Fault{{N: 4, Code: "ThrottlingException"}}, studio.ErrThrottled, 4},
		{"429 without a word", []sagemakersim.Fault{{N: 3, Status: 429}}, nil, 8},
		{"500 three times", []sagemakersim.Fault{{N: 3, Status: 500}}, nil, 8},
		{"500", []sagemakersim.Fault{{N: 4, Status: 500}}, studio.ErrUnavailable, 4},
		{"cut", []sagemakersim.Fault{{N: 4, Drop: true}}, studio.ErrUnavailable, 4},
		{"happened, the answer lost", []sagemakersim.Fault{{N: 1, HappenedButFailed: true}}, nil, 6},
		{"refused", []sagemakersim.Fault{{Code: "ValidationException"}}, studio.ErrRefused, 1},
		{"not permitted", []sagemakersim.Fault{{Code: "AccessDeniedException"}}, studio.ErrForbidden, 1},
		{"a page of a proxy", []sagemakersim.Fault{{Body: "<html>"}}, studio.ErrRefused, 1},
		{"a strange token", []sagemakersim.Fault{page("strange")}, studio.ErrRefused, 2},
		{"the same token twice", []sagemakersim.Fault{page("a"), page("a")}, studio.ErrRefused, 2},
		{"the same token for ever", []sagemakersim.Fault{{N: -1, Body: `{"UserProfiles":[],"NextToken":"a"}`}}, studio.ErrRefused, 2},
		{"tokens in a circle", []sagemakersim.Fault{page("a"), page("b"), page("c"), page("a")}, studio.ErrRefused, 4},
		{"nothing listed, the domain gone", []sagemakersim.Fault{{Body: `{}`}, {Operation: describe, Code: "ResourceNotFound"}}, studio.ErrNoProfile, 1},
		{"nothing listed, nothing said", []sagemakersim.Fault{{Body: `{}`}, {Operation: describe, Code: "AccessDeniedException"}}, studio.ErrForbidden, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			sim := startSim(t, sagemakersim.Options{PageLimit: 2})
			sim.SetDomain(sagemakersim.Domain{ID: research.ID, Profiles: crowd(9)})
			for _, f := range tt.faults {
				if f.Operation == "" {
					f.Operation = listProfiles
				}
				sim.Fail(f)
			}
			got, err := listAll(t.Context(), fast(t, sim))
			if n := sim.CallCount(listProfiles); n != tt.calls {
				t.Errorf("%d calls, want %d", n, tt.calls)
			}
			if tt.kind != nil {
				wantKind(t, err, tt.kind)
				return
			}
			if err != nil || len(got) != 9 {
				t.Errorf("%d profiles, %v", len(got), err)
			}
		})
	}
}

// A listing that fails in the middle says so, whatever each has seen by then.
func TestProfilesFailInTheMiddle(t *testing.T) {
	t.Parallel()
	sim := startSim(t, sagemakersim.Options{PageLimit: 2})
	sim.SetDomain(sagemakersim.Domain{ID: research.ID, Profiles: crowd(9)})
	n := 0
	err := fast(t, sim).Profiles(t.Context(), "research", func(studio.Profile) error {
		if n++; n == 4 {
			sim.Fail(sagemakersim.Fault{Operation: listProfiles, N: 4, Drop: true})
		}
		return nil
	})
	wantKind(t, err, studio.ErrUnavailable)
	if n != 4 {
		t.Errorf("%d profiles", n)
	}
}

func TestProfilesOdd(t *testing.T) {
	t.Parallel()
	sim := startSim(t, sagemakersim.Options{})
	lines := &logged{}
	c := fast(t, sim, func(o *sagemaker.Config) { o.Log = slog.New(slog.NewJSONHandler(lines, nil)) })
	odd := []string{
		`{"UserProfileName":"not\na name","Status":"InService"}`, `{"UserProfileName":"-x","Status":"InService"}`,
		`{"UserProfileName":"` + strings.Repeat("x", 64) + `","Status":"InService"}`, `{"Status":"InService"}`,
		`{"UserProfileName":"x","Status":""}`, `{"UserProfileName":"x","Status":"In Service"}`, `{"UserProfileName":"x"}`,
		`{"UserProfileName":"x","Status":"InService","DomainId":"d-other"}`,
	}
	good := `{"UserProfileName":"Good","Status":"SomethingNew","DomainId":"` + research.ID + `"}`
	sim.Fail(sagemakersim.Fault{Operation: listProfiles, N: 2, Body: `{"UserProfiles":[` + strings.Join(append(odd, good), ",") + `]}`})
	for i := range 2 {
		got, err := listAll(t.Context(), c)
		if err != nil || !slices.Equal(got, []studio.Profile{{Name: "Good", Status: "SomethingNew"}}) {
			t.Errorf("%+v, %v", got, err)
		}
		said := lines.take(t)
		if i == 1 {
			if len(said) != 0 {
				t.Errorf("said again: %v", said)
			}
			continue
		}
		if len(said) != 1 || said[0]["level"] != "WARN" || said[0]["count"] != float64(len(odd)) || said[0]["first"] != "not\na name" {
			t.Errorf("said %v", said)
		}
	}
}

func TestProfile(t *testing.T) {
	t.Parallel()
	sim := startSim(t, sagemakersim.Options{})
	lines := &logged{}
	c := fast(t, sim, func(o *sagemaker.Config) { o.Log = slog.New(slog.NewJSONHandler(lines, nil)) })
	sim.AddProfile(research.ID, "Jane-Doe")
	p, err := c.Profile(t.Context(), "research", "JANE-DOE")
	if err != nil || p.Name != "Jane-Doe" || p.Status != studio.InService || time.Since(p.Modified).Abs() > time.Minute {
		t.Errorf("%+v, %v", p, err)
	}
	sim.SetProfileStatus(research.ID, "jane-doe", sagemakersim.Failed, "no room")
	if p, err := c.Profile(t.Context(), "research", "jane-doe"); err != nil || p.Status != "Failed" {
		t.Errorf("%+v, %v", p, err)
	}
	if said := lines.take(t); len(said) != 1 || said[0]["reason"] != "no room" || said[0]["profile"] != "Jane-Doe" {
		t.Errorf("said %v", said)
	}
	for _, tt := range []struct {
		domain, name string
		fault        sagemakersim.Fault
		kind         error
	}{
		{"research", "nobody", sagemakersim.Fault{}, studio.ErrNoProfile},
		{"nowhere", "jane-doe", sagemakersim.Fault{}, studio.ErrNoProfile},
		{"research", "jane.doe", sagemakersim.Fault{}, studio.ErrRefused},
		{"research", strings.Repeat("x", 64), sagemakersim.Fault{}, studio.ErrRefused},
		{"research", "jane-doe", sagemakersim.Fault{N: 4, Status: 500}, studio.ErrUnavailable},
		{"research", "jane-doe", sagemakersim.Fault{N: 4, Code: "ThrottlingException"}, studio.ErrThrottled},
		{"research", "jane-doe", sagemakersim.Fault{N: 1, Code: "AccessDeniedException"}, studio.ErrForbidden},
		{"research", "jane-doe", sagemakersim.Fault{N: 1, Body: `{"UserProfileName":"john","Status":"InService"}`}, studio.ErrRefused},
		{"research", "jane-doe", sagemakersim.Fault{N: 1, Body: `{"UserProfileName":"jane-doe","DomainId":"d-x","Status":"InService"}`}, studio.ErrRefused},
		{"research", "jane-doe", sagemakersim.Fault{N: 1, Body: `{}`}, studio.ErrRefused},
	} {
		if tt.fault.N > 0 {
			tt.fault.Operation = lookProfile
			sim.Fail(tt.fault)
		}
		_, err := c.Profile(t.Context(), tt.domain, tt.name)
		wantKind(t, err, tt.kind)
	}
}

func TestProfilesCanceled(t *testing.T) {
	t.Parallel()
	for name, hang := range map[string]bool{"in a call": true, "waiting for a turn": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := startSim(t, sagemakersim.Options{PageLimit: 2})
			sim.SetDomain(sagemakersim.Domain{ID: research.ID, Profiles: crowd(9)})
			calls, stop := sim.Subscribe()
			defer stop()
			c := fast(t, sim, func(o *sagemaker.Config) {
				if hang {
					sim.Fail(sagemakersim.Fault{Operation: listProfiles, N: -1, Hang: true})
				} else {
					o.CallsPerSecond = 0.001
				}
			})
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() {
				_, err := listAll(ctx, c)
				done <- err
			}()
			<-calls
			cancel()
			err := <-done
			wantKind(t, err, studio.ErrUnavailable)
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%v", err)
			}
		})
	}
}
