package sagemaker_test

import (
	"slices"
	"testing"
	"time"

	"github.com/studiobot/studiobot/internal/sagemakersim"
	"github.com/studiobot/studiobot/studio"
)

const (
	deleteApp   = "DeleteApp"
	describeApp = "DescribeApp"
)

func TestApps(t *testing.T) {
	t.Parallel()
	s := startSim(t, sagemakersim.Options{})
	begin := time.Unix(1735689600, 0)
	for i, app := range []sagemakersim.App{
		{Type: sagemakersim.JupyterLab, Space: "On", Instance: "ml.m5.large"},
		{Type: sagemakersim.CodeEditor, Space: "editor", Status: sagemakersim.Pending},
		{Type: sagemakersim.JupyterLab, Space: "ended", Status: sagemakersim.Deleted},
		{Type: sagemakersim.JupyterLab, Space: "failed", Status: sagemakersim.Failed},
		{Type: sagemakersim.JupyterServer, Profile: "jane-doe"},
		{Type: sagemakersim.Canvas, Profile: "jane-doe", Status: sagemakersim.Deleting},
		{Type: "KernelGateway", Name: "ml-t3-medium", Profile: "jane-doe"},
	} {
		app.Created = begin.Add(time.Duration(i) * time.Hour)
		s.SetApp(research.ID, app)
	}
	got, err := collect(t.Context(), fast(t, s).Apps)
	if err != nil {
		t.Fatal(err)
	}
	want := []studio.App{
		{Space: "On", Kind: studio.Lab, Type: "JupyterLab", Name: "default", Status: studio.InService, Instance: "ml.m5.large", Since: begin},
		{Space: "editor", Kind: studio.Code, Type: "CodeEditor", Name: "default", Status: studio.Pending, Instance: "ml.t3.medium", Since: begin.Add(time.Hour)},
		{Profile: "jane-doe", Kind: studio.Classic, Type: "JupyterServer", Name: "default", Status: studio.InService, Instance: "system", Since: begin.Add(4 * time.Hour)},
		{Profile: "jane-doe", Kind: studio.Canvas, Type: "Canvas", Name: "default", Status: studio.Deleting, Instance: "ml.t3.medium", Since: begin.Add(5 * time.Hour)},
		{Profile: "jane-doe", Type: "KernelGateway", Name: "ml-t3-medium", Status: studio.InService, Instance: "ml.t3.medium", Since: begin.Add(6 * time.Hour)},
	}
	if !slices.EqualFunc(got, want, func(a, b studio.App) bool {
		same := a.Since.Equal(b.Since)
		a.Since, b.Since = time.Time{}, time.Time{}
		return same && a == b
	}) {
		t.Errorf("listed %+v", got)
	}
}

func TestAppsOdd(t *testing.T) {
	t.Parallel()
	s := startSim(t, sagemakersim.Options{})
	s.Fail(sagemakersim.Fault{Operation: listApps, Body: `{"Apps":[
		{"AppType":"JupyterLab","AppName":"default","Status":"InService"},
		{"AppType":"JupyterLab","AppName":"default","Status":"InService","SpaceName":"a","UserProfileName":"b"},
		{"AppType":"JupyterLab","AppName":"default","Status":"InService","SpaceName":"a b"},
		{"AppType":"Jupyter Lab","AppName":"default","Status":"InService","SpaceName":"a"},
		{"AppType":"JupyterLab","AppName":"","Status":"InService","SpaceName":"a"},
		{"AppType":"JupyterLab","AppName":"default","Status":"","SpaceName":"a"},
		{"AppType":"JupyterLab","AppName":"default","Status":"InService","SpaceName":"a","DomainId":"d-other"},
		{"AppType":"JupyterLab","AppName":"default","Status":"InService","SpaceName":"a","ResourceSpec":{"InstanceType":"<b>"}}]}`})
	got, err := collect(t.Context(), fast(t, s).Apps)
	want := []studio.App{{Space: "a", Kind: studio.Lab, Type: "JupyterLab", Name: "default", Status: studio.InService}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestActivity(t *testing.T) {
	t.Parallel()
	active := time.Unix(1735689600, 0)
	lab := studio.App{Space: "on", Kind: studio.Lab, Name: "default"}
	for _, tt := range []struct {
		name   string
		app    sagemakersim.App
		of     studio.App
		faults []sagemakersim.Fault
		want   time.Time
		kind   error
	}{
		{"somebody worked", sagemakersim.App{Active: active, Checked: active.Add(time.Hour)}, lab, nil, active, nil},
		{"never checked", sagemakersim.App{Active: active}, lab, nil, active, nil},
		{"nobody knows", sagemakersim.App{}, lab, nil, time.Time{}, nil},
		{"a health check wrote it", sagemakersim.App{Active: active, Checked: active}, lab, nil, time.Time{}, nil},
		{"by its type", sagemakersim.App{Active: active}, studio.App{Space: "on", Type: "JupyterLab", Name: "default"}, nil, active, nil},
		{"gone", sagemakersim.App{}, studio.App{Space: "off", Kind: studio.Lab, Name: "default"}, nil, time.Time{}, studio.ErrNoTarget},
		{"nobody's", sagemakersim.App{}, studio.App{Kind: studio.Lab, Name: "default"}, nil, time.Time{}, studio.ErrRefused},
		{"of no kind", sagemakersim.App{}, studio.App{Space: "on", Name: "default"}, nil, time.Time{}, studio.ErrRefused},
		{"without a name", sagemakersim.App{}, studio.App{Space: "on", Kind: studio.Lab}, nil, time.Time{}, studio.ErrRefused},
		{"throttled", sagemakersim.App{}, lab, []sagemakersim.Fault{{N: 4, Code: "ThrottlingException"}}, time.Time{}, studio.ErrThrottled},
		{"not permitted", sagemakersim.App{}, lab, []sagemakersim.Fault{{Code: "AccessDeniedException"}}, time.Time{}, studio.ErrForbidden},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := startSim(t, sagemakersim.Options{})
			tt.app.Type, tt.app.Space = sagemakersim.JupyterLab, "on"
			s.SetApp(research.ID, tt.app)
			for _, f := range tt.faults {
				s.Fail(f)
			}
			got, err := fast(t, s).Activity(t.Context(), "research", tt.of)
			wantKind(t, err, tt.kind)
			if !got.Equal(tt.want) {
				t.Errorf("%v, want %v", got, tt.want)
			}
		})
	}
}

func TestStopApp(t *testing.T) {
	t.Parallel()
	lab := studio.App{Space: "On", Kind: studio.Lab, Name: "default"}
	for _, tt := range []struct {
		name   string
		o      studio.App
		status string // of the app before; empty: there is none
		faults []sagemakersim.Fault
		kind   error
		after  string // its status
		calls  int    // of DeleteApp
		looks  int    // of DescribeApp
	}{
		{"one that runs", lab, sagemakersim.InService, nil, nil, sagemakersim.Deleting, 1, 0},
		{"one that starts", lab, sagemakersim.Pending, nil, nil, sagemakersim.Deleting, 1, 0},
		{"by its type", studio.App{Space: "on", Type: "JupyterLab", Name: "default"}, sagemakersim.InService, nil, nil, sagemakersim.Deleting, 1, 0},
		{"one that ends", lab, sagemakersim.Deleting, nil, nil, sagemakersim.Deleting, 1, 1},
		{"one that has ended", lab, sagemakersim.Deleted, nil, nil, sagemakersim.Deleted, 1, 0},
		{"one that isn't there", lab, "", nil, nil, "", 1, 0},
		{"the answer lost", lab, sagemakersim.InService, []sagemakersim.Fault{{Operation: deleteApp, HappenedButFailed: true}}, nil, sagemakersim.Deleting, 2, 1},
		{"refused while it runs", lab, sagemakersim.InService, []sagemakersim.Fault{refused(deleteApp)}, studio.ErrRefused, sagemakersim.InService, 1, 1},
		{"refused, then gone", lab, "", []sagemakersim.Fault{refused(deleteApp)}, nil, "", 1, 1},
		{"refused, and no look", lab, sagemakersim.Deleting, []sagemakersim.Fault{refused(deleteApp), {Operation: describeApp, Code: "AccessDeniedException"}}, studio.ErrRefused, sagemakersim.Deleting, 1, 1},
		{"not permitted", lab, sagemakersim.InService, []sagemakersim.Fault{{Operation: deleteApp, Code: "AccessDeniedException"}}, studio.ErrForbidden, sagemakersim.InService, 1, 0},
		{"throttled", lab, sagemakersim.InService, []sagemakersim.Fault{{Operation: deleteApp, N: 3, Code: "ThrottlingException"}}, studio.ErrThrottled, sagemakersim.InService, 3, 0},
		{"away", lab, sagemakersim.InService, []sagemakersim.Fault{{Operation: deleteApp, N: 3, Drop: true}}, studio.ErrUnavailable, sagemakersim.InService, 3, 0},
		{"both a space's and a profile's", studio.App{Space: "On", Profile: "jane-doe", Kind: studio.Lab, Name: "default"}, sagemakersim.InService, nil, studio.ErrRefused, sagemakersim.InService, 0, 0},
		{"no type of app", studio.App{Space: "On", Kind: studio.Home, Name: "default"}, sagemakersim.InService, nil, studio.ErrRefused, sagemakersim.InService, 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := startSim(t, sagemakersim.Options{StateDelay: -1})
			if tt.status != "" {
				s.SetApp(research.ID, sagemakersim.App{Type: sagemakersim.JupyterLab, Space: "On", Status: tt.status})
			}
			for _, f := range tt.faults {
				s.Fail(f)
			}
			wantKind(t, newClient(t, s.URL(), nil).StopApp(t.Context(), "research", tt.o), tt.kind)
			if a, _ := s.App(research.ID, sagemakersim.App{Type: sagemakersim.JupyterLab, Space: "On"}); a.Status != tt.after {
				t.Errorf("its status is %q", a.Status)
			}
			if n, looks := s.CallCount(deleteApp), s.CallCount(describeApp); n != tt.calls || looks != tt.looks {
				t.Errorf("%d calls and %d looks", n, looks)
			}
		})
	}
}

// An app of a user profile is stopped as that.
func TestStopAppOfProfile(t *testing.T) {
	t.Parallel()
	s := startSim(t, sagemakersim.Options{StateDelay: -1})
	s.SetApp(research.ID, sagemakersim.App{Type: sagemakersim.Canvas, Profile: "jane-doe"})
	c := newClient(t, s.URL(), nil)
	if err := c.StopApp(t.Context(), "research", studio.App{Profile: "JANE-doe", Kind: studio.Canvas, Name: "default"}); err != nil {
		t.Error(err)
	}
	if a, _ := s.App(research.ID, sagemakersim.App{Type: sagemakersim.Canvas, Profile: "jane-doe"}); a.Status != sagemakersim.Deleting {
		t.Errorf("its status is %q", a.Status)
	}
	wantKind(t, c.StopApp(t.Context(), "other", studio.App{}), studio.ErrNoProfile)
}

// An app is described as it is now, also one that isn't listed any more.
func TestApp(t *testing.T) {
	t.Parallel()
	active := time.Unix(1735689600, 0)
	for _, tt := range []struct {
		status string
		faults []sagemakersim.Fault
		kind   error
	}{
		{sagemakersim.InService, nil, nil}, {sagemakersim.Pending, nil, nil}, {sagemakersim.Deleting, nil, nil}, {sagemakersim.Failed, nil, nil},
		{sagemakersim.Deleted, nil, studio.ErrNoTarget}, {"", nil, studio.ErrNoTarget},
		{sagemakersim.InService, []sagemakersim.Fault{{Operation: describeApp, Body: "{}"}}, studio.ErrRefused},
		{sagemakersim.InService, []sagemakersim.Fault{{Operation: describeApp, N: 4, Status: 500}}, studio.ErrUnavailable},
	} {
		t.Run(tt.status, func(t *testing.T) {
			t.Parallel()
			s := startSim(t, sagemakersim.Options{StateDelay: -1})
			if tt.status != "" {
				s.SetApp(research.ID, sagemakersim.App{Type: sagemakersim.JupyterLab, Space: "On", Status: tt.status, Instance: "ml.m5.large", Created: active, Active: active})
			}
			for _, f := range tt.faults {
				s.Fail(f)
			}
			got, err := fast(t, s).App(t.Context(), "research", studio.App{Space: "on", Type: "JupyterLab", Name: "default"})
			wantKind(t, err, tt.kind)
			want := studio.App{}
			if tt.kind == nil {
				want = studio.App{Space: "on", Kind: studio.Lab, Type: "JupyterLab", Name: "default", Status: tt.status, Instance: "ml.m5.large", Since: got.Since, Active: got.Active}
				if !got.Since.Equal(active) || !got.Active.Equal(active) {
					t.Errorf("since %v, active %v", got.Since, got.Active)
				}
			}
			if got != want {
				t.Errorf("%+v, want %+v", got, want)
			}
		})
	}
}
