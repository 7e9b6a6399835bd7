package sagemaker_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/studiobot/studiobot/internal/sagemakersim"
	"github.com/studiobot/studiobot/studio"
	"github.com/studiobot/studiobot/studio/sagemaker"
)

const listSpaces = "ListSpaces"

// collect gathers what a listing of research hands on.
func collect[T any](ctx context.Context, list func(context.Context, string, func(T) error) error) (got []T, err error) {
	err = list(ctx, "research", func(item T) error {
		got = append(got, item)
		return nil
	})
	return got, err
}

func TestSpaces(t *testing.T) {
	t.Parallel()
	s := startSim(t, sagemakersim.Options{})
	for _, space := range []sagemakersim.Space{
		{Name: "own", Display: "My own", Owner: "jane-doe", VolumeGB: 50},
		{Name: "editor", Owner: "jane-doe", App: sagemakersim.CodeEditor},
		{Name: "team", Owner: "Sam", Shared: true},
		{Name: "old-team", App: sagemakersim.JupyterServer},
		{Name: "odd", Owner: "sam", App: "Emacs", Status: "Update_Failed"},
	} {
		s.SetSpace(research.ID, space)
	}
	got, err := collect(t.Context(), fast(t, s).Spaces)
	if err != nil {
		t.Fatal(err)
	}
	made := time.Unix(1704067200, 0)
	want := []studio.Space{
		{Name: "own", Display: "My own", Owner: "jane-doe", App: studio.Lab, Status: studio.InService, VolumeGB: 50, Modified: made},
		{Name: "editor", Owner: "jane-doe", App: studio.Code, Status: studio.InService, Modified: made},
		{Name: "team", Owner: "Sam", Shared: true, App: studio.Lab, Status: studio.InService, Modified: made},
		{Name: "old-team", Shared: true, App: studio.Classic, Status: studio.InService, Modified: made},
		{Name: "odd", Owner: "sam", Status: "Update_Failed", Modified: made},
	}
	if !slices.EqualFunc(got, want, func(a, b studio.Space) bool {
		same := a.Modified.Equal(b.Modified)
		a.Modified, b.Modified = time.Time{}, time.Time{}
		return same && a == b
	}) {
		t.Errorf("listed %+v", got)
	}
}

// What SageMaker says of spaces is from outside.
func TestSpacesOdd(t *testing.T) {
	t.Parallel()
	row := func(more string) string { return `{"SpaceName":"a","Status":"InService"` + more + `}` }
	long := strings.Repeat("x", 65)
	for _, tt := range []struct {
		name, row string
		want      *studio.Space // nil: left out
	}{
		{"as little as there can be", row(""), &studio.Space{Name: "a", Status: studio.InService, Shared: true}},
		{"private without an owner", row(`,"SpaceSharingSettingsSummary":{"SharingType":"Private"}`), &studio.Space{Name: "a", Status: studio.InService}},
		{"an owner, and nothing of sharing", row(`,"OwnershipSettingsSummary":{"OwnerUserProfileName":"jane"}`), &studio.Space{Name: "a", Status: studio.InService, Owner: "jane"}},
		{"another word for sharing", row(`,"OwnershipSettingsSummary":{"OwnerUserProfileName":"jane"},"SpaceSharingSettingsSummary":{"SharingType":"Public"}`), &studio.Space{Name: "a", Status: studio.InService, Owner: "jane"}},
		{"two lines", row(`,"SpaceDisplayName":"a\nb"`), &studio.Space{Name: "a", Status: studio.InService, Shared: true}},
		{"a long display name", row(`,"SpaceDisplayName":"` + long + `"`), &studio.Space{Name: "a", Status: studio.InService, Shared: true}},
		{"right to left", row(`,"SpaceDisplayName":"a\u202eb"`), &studio.Space{Name: "a", Status: studio.InService, Shared: true}},
		{"a negative volume", row(`,"SpaceSettingsSummary":{"SpaceStorageSettings":{"EbsStorageSettings":{"EbsVolumeSizeInGb":-5}}}`), &studio.Space{Name: "a", Status: studio.InService, Shared: true}},
		{"no name", `{"Status":"InService"}`, nil},
		{"a path for a name", `{"SpaceName":"../b","Status":"InService"}`, nil},
		{"no status", `{"SpaceName":"a"}`, nil},
		{"a sentence for a status", `{"SpaceName":"a","Status":"not so well"}`, nil},
		{"an owner that can't be", row(`,"OwnershipSettingsSummary":{"OwnerUserProfileName":"j.doe"}`), nil},
		{"of another domain", row(`,"DomainId":"d-other"`), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := startSim(t, sagemakersim.Options{})
			s.Fail(sagemakersim.Fault{Operation: listSpaces, Body: `{"Spaces":[` + tt.row + `]}`})
			got, err := collect(t.Context(), fast(t, s).Spaces)
			var want []studio.Space
			if tt.want != nil {
				want = []studio.Space{*tt.want}
			}
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

// lists are the three listings, by their names.
func lists() map[string]func(*sagemaker.Client, context.Context, func(string) error) error {
	return map[string]func(*sagemaker.Client, context.Context, func(string) error) error{
		listSpaces: func(c *sagemaker.Client, ctx context.Context, each func(string) error) error {
			return c.Spaces(ctx, "research", func(s studio.Space) error { return each(s.Name) })
		},
		listApps: func(c *sagemaker.Client, ctx context.Context, each func(string) error) error {
			return c.Apps(ctx, "research", func(a studio.App) error { return each(a.Space) })
		},
		listNotebooks: func(c *sagemaker.Client, ctx context.Context, each func(string) error) error {
			return c.Notebooks(ctx, "research", func(n studio.NotebookInstance) error { return each(n.Name) })
		},
	}
}

// startMany has n spaces, each with an app, and as many notebook instances, and
// returns their names in the order of every listing.
func startMany(t testing.TB, n int) (*sagemakersim.Server, []string) {
	t.Helper()
	s := startSim(t, sagemakersim.Options{})
	names := make([]string, n)
	for i := range names {
		name, made := fmt.Sprintf("x-%03d", i), time.Unix(1735689600+int64(i), 0)
		names[i] = name
		s.SetSpace(research.ID, sagemakersim.Space{Name: name, Created: made})
		s.SetApp(research.ID, sagemakersim.App{Type: sagemakersim.JupyterLab, Space: name, Created: made})
		s.SetNotebook(sagemakersim.Notebook{Name: name})
	}
	return s, names
}

// The listings read every page, end with whoever reads them, and are incomplete
// only with an error.
func TestListings(t *testing.T) {
	t.Parallel()
	enough := errors.New("enough")
	for operation, list := range lists() {
		for _, tt := range []struct {
			name  string
			fault sagemakersim.Fault // none where N is 0
			kind  error
			stop  int // after how many each says that it has enough; 0: never
			pages int // calls
		}{
			{"all of them", sagemakersim.Fault{}, nil, 0, 2},
			{"enough", sagemakersim.Fault{}, nil, 110, 2},
			{"a page that fails once", sagemakersim.Fault{N: 1, Status: 500}, nil, 0, 3},
			{"throttled", sagemakersim.Fault{N: 4, Code: "ThrottlingException"}, studio.ErrThrottled, 0, 4},
			{"away", sagemakersim.Fault{N: 4, Drop: true}, studio.ErrUnavailable, 0, 4},
			{"not permitted", sagemakersim.Fault{N: 1, Code: "AccessDeniedException"}, studio.ErrForbidden, 0, 1},
			{"refused", sagemakersim.Fault{N: 1, Code: "ValidationException"}, studio.ErrRefused, 0, 1},
			{"round in circles", sagemakersim.Fault{N: -1, Body: `{"NextToken":"a"}`}, studio.ErrRefused, 0, 2},
		} {
			t.Run(operation+", "+tt.name, func(t *testing.T) {
				t.Parallel()
				s, want := startMany(t, 120)
				if tt.fault.Operation = operation; tt.fault.N != 0 {
					s.Fail(tt.fault)
				}
				var got []string
				err := list(fast(t, s), t.Context(), func(name string) error {
					if got = append(got, name); len(got) == tt.stop {
						return enough
					}
					return nil
				})
				switch {
				case tt.stop > 0:
					if err != enough || !slices.Equal(got, want[:tt.stop]) {
						t.Errorf("%d, %v", len(got), err)
					}
				case tt.kind != nil:
					wantKind(t, err, tt.kind)
				case err != nil || !slices.Equal(got, want):
					t.Errorf("%d, %v", len(got), err)
				}
				if calls := s.CallCount(operation); calls != tt.pages {
					t.Errorf("%d calls", calls)
				}
			})
		}
	}
}

func TestListingsOfAnotherDomain(t *testing.T) {
	t.Parallel()
	s := startSim(t, sagemakersim.Options{})
	c := fast(t, s)
	wantKind(t, c.Spaces(t.Context(), "other", nil), studio.ErrNoProfile)
	wantKind(t, c.Apps(t.Context(), "other", nil), studio.ErrNoProfile)
	wantKind(t, c.Notebooks(t.Context(), "other", nil), studio.ErrNoProfile)
	if n := len(s.Calls()); n != 0 {
		t.Errorf("%d calls", n)
	}
}

// One space, by the same rules as a listed one.
func TestSpace(t *testing.T) {
	t.Parallel()
	s := startSim(t, sagemakersim.Options{})
	s.SetSpace(research.ID, sagemakersim.Space{Name: "own", Display: "My own", Owner: "jane-doe", VolumeGB: 50})
	s.SetSpace(research.ID, sagemakersim.Space{Name: "team", Owner: "sam", Shared: true, App: sagemakersim.CodeEditor})
	s.SetSpace(research.ID, sagemakersim.Space{Name: "old-team", App: sagemakersim.JupyterServer})
	c := fast(t, s)
	listed, err := collect(t.Context(), c.Spaces)
	if err != nil || len(listed) != 3 {
		t.Fatal(listed, err)
	}
	for _, want := range listed {
		got, err := c.Space(t.Context(), "research", strings.ToUpper(want.Name))
		if err != nil || !got.Modified.Equal(want.Modified) {
			t.Errorf("%s: %+v, %v", want.Name, got, err)
		}
		got.Modified, want.Modified = time.Time{}, time.Time{}
		if got != want {
			t.Errorf("%+v, listed %+v", got, want)
		}
	}
	for name, want := range map[string]error{"none": studio.ErrNoTarget, "no/name": studio.ErrRefused, "": studio.ErrRefused} {
		if _, err := c.Space(t.Context(), "research", name); !errors.Is(err, want) {
			t.Errorf("%q: %v", name, err)
		}
	}
	if _, err := c.Space(t.Context(), "elsewhere", "own"); !errors.Is(err, studio.ErrNoProfile) {
		t.Errorf("another domain: %v", err)
	}
	s.Fail(sagemakersim.Fault{Operation: "DescribeSpace", N: -1, Status: 500})
	if _, err := c.Space(t.Context(), "research", "own"); !errors.Is(err, studio.ErrUnavailable) {
		t.Errorf("away: %v", err)
	}
}
