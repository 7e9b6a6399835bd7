package sagemaker_test

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/studiobot/studiobot/internal/sagemakersim"
	"github.com/studiobot/studiobot/studio"
	"github.com/studiobot/studiobot/studio/sagemaker"
)

const (
	listApps        = "ListApps"
	presignNotebook = "CreatePresignedNotebookInstanceUrl"
	presignServer   = "CreatePresignedMlflowTrackingServerUrl"
	lookNotebook    = "DescribeNotebookInstance"
	lookServer      = "DescribeMlflowTrackingServer"
)

// startPlaces is startSim with one of everything that can be opened. Nothing
// changes by itself.
func startPlaces(t testing.TB, o sagemakersim.Options) *sagemakersim.Server {
	t.Helper()
	o.StateDelay = time.Hour
	o.Notebooks = []sagemakersim.Notebook{{Name: "Deep-Lab", Tags: map[string]string{"slack-user-id": "U0JANE"}}, {Name: "asleep", Status: sagemakersim.Stopped}}
	o.TrackingServers = []sagemakersim.TrackingServer{{Name: "runs"}, {Name: "off", Status: "Stopped"}}
	s := startSim(t, o)
	for _, space := range []sagemakersim.Space{
		{Name: "On", Owner: "jane-doe", VolumeGB: 50}, {Name: "off", Owner: "jane-doe"}, {Name: "starting", Owner: "jane-doe"},
		{Name: "editor", Owner: "sam", Shared: true, App: sagemakersim.CodeEditor}, {Name: "sams", Owner: "sam"},
	} {
		s.SetSpace(research.ID, space)
	}
	s.SetApp(research.ID, sagemakersim.App{Type: sagemakersim.JupyterLab, Space: "On"})
	s.SetApp(research.ID, sagemakersim.App{Type: sagemakersim.JupyterLab, Space: "off", Status: sagemakersim.Deleted})
	s.SetApp(research.ID, sagemakersim.App{Type: sagemakersim.JupyterLab, Space: "starting", Status: sagemakersim.Pending})
	s.SetApp(research.ID, sagemakersim.App{Type: sagemakersim.CodeEditor, Space: "editor"})
	return s
}

// at is jane's option for a target.
func at(target studio.Target, name string) studio.Option {
	return studio.Option{Domain: "research", Label: "Research", Profile: "jane-doe", Target: target, Name: name}
}

// arrived follows a URL and returns where the browser ended.
func arrived(t testing.TB, s *sagemakersim.Server, url string) (sagemakersim.Opening, int) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal("the URL can't be loaded")
	}
	resp.Body.Close()
	all := s.Openings()
	o := all[len(all)-1]
	o.Seq, o.At = 0, time.Time{}
	return o, resp.StatusCode
}

// Each target, and what it asks SageMaker for. Nobody ends on a blank 404.
func TestOpenPlaces(t *testing.T) {
	t.Parallel()
	in := func(app, name, path string) sagemakersim.Opening {
		return sagemakersim.Opening{Domain: research.ID, Profile: "jane-doe", App: app, Name: name, Path: path, OK: true}
	}
	for _, tt := range []struct {
		name       string
		o          studio.Option
		uri, space string // that were asked for
		lists      int    // of ListApps
		want       sagemakersim.Opening
	}{
		{"home", at("", ""), "", "", 0, in(sagemakersim.Portal, "", "")},
		{"home by its name", at(studio.Home, ""), "", "", 0, in(sagemakersim.Portal, "", "")},
		{"a space that runs", at(studio.Lab, "On"), "", "On", 1, in(sagemakersim.JupyterLab, "On", "")},
		{"a space that runs, in another case", at(studio.Lab, "oN"), "", "oN", 1, in(sagemakersim.JupyterLab, "oN", "")},
		{"a space that doesn't", at(studio.Lab, "off"), "studio::jupyterlab/off", "", 1, in(sagemakersim.Portal, "off", "jupyterlab/off")},
		{"a space that is starting", at(studio.Lab, "starting"), "studio::jupyterlab/starting", "", 1, in(sagemakersim.Portal, "starting", "jupyterlab/starting")},
		{"a space that isn't there", at(studio.Lab, "none"), "studio::jupyterlab/none", "", 1, in(sagemakersim.Portal, "none", "jupyterlab/none")},
		{"JupyterLab in a space of Code Editor", at(studio.Lab, "editor"), "studio::jupyterlab/editor", "", 1, in(sagemakersim.Portal, "editor", "jupyterlab/editor")},
		{"every JupyterLab", at(studio.Lab, ""), "studio::jupyterlab", "", 0, in(sagemakersim.Portal, "", "jupyterlab")},
		{"code that runs", at(studio.Code, "editor"), "app:CodeEditor:", "editor", 1, in(sagemakersim.CodeEditor, "editor", "")},
		{"code that doesn't", at(studio.Code, "On"), "studio::code-editor/On", "", 1, in(sagemakersim.Portal, "On", "code-editor/On")},
		{"every Code Editor", at(studio.Code, ""), "studio::code-editor", "", 0, in(sagemakersim.Portal, "", "code-editor")},
		{"canvas", at(studio.Canvas, ""), "app:Canvas:", "", 0, in(sagemakersim.Canvas, "", "")},
		{"rstudio", at(studio.RStudio, ""), "app:RStudioServerPro:", "", 0, in(sagemakersim.RStudio, "", "")},
		{"classic", at(studio.Classic, ""), "app:JupyterServer:", "", 0, in(sagemakersim.JupyterServer, "", "")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := startPlaces(t, sagemakersim.Options{})
			url, err := newClient(t, s.URL(), nil).Open(t.Context(), me, tt.o)
			if err != nil {
				t.Fatal(err)
			}
			calls := s.Calls()
			if c := calls[len(calls)-1]; c.Operation != presign || c.LandingURI != tt.uri || c.Space != tt.space || c.ExpiresIn != 5 || c.Session != 8*3600 {
				t.Errorf("asked for %+v", c)
			}
			if n := s.CallCount(listApps); n != tt.lists || len(calls) != tt.lists+1 {
				t.Errorf("%d listings, %d calls", n, len(calls))
			}
			if got, status := arrived(t, s, url); got != tt.want || status != http.StatusOK {
				t.Errorf("ended on %+v with %d", got, status)
			}
		})
	}
}

// What a notebook instance and a tracking server open; neither needs a profile,
// nor cares how the domain signs people in.
func TestOpenBesideStudio(t *testing.T) {
	t.Parallel()
	center := func(target studio.Target, name string) studio.Option {
		return studio.Option{Domain: "center", Target: target, Name: name}
	}
	for _, tt := range []struct {
		name      string
		o         studio.Option
		operation string
		expires   int // seconds asked for
		want      sagemakersim.Opening
	}{
		{"a notebook instance", at(studio.Notebook, "deep-lab"), presignNotebook, 0, sagemakersim.Opening{App: sagemakersim.NotebookPage, Name: "Deep-Lab", OK: true}},
		{"its JupyterLab", at(studio.NotebookLab, "deep-lab"), presignNotebook, 0, sagemakersim.Opening{App: sagemakersim.NotebookPage, Name: "Deep-Lab", Path: "lab", OK: true}},
		{"MLflow", at(studio.MLflow, "runs"), presignServer, 5, sagemakersim.Opening{App: sagemakersim.MLflow, Name: "runs", OK: true}},
		{"a notebook instance beside Identity Center", center(studio.Notebook, "deep-lab"), presignNotebook, 0, sagemakersim.Opening{App: sagemakersim.NotebookPage, Name: "Deep-Lab", OK: true}},
		{"MLflow beside Identity Center", center(studio.MLflow, "runs"), presignServer, 5, sagemakersim.Opening{App: sagemakersim.MLflow, Name: "runs", OK: true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := startPlaces(t, sagemakersim.Options{})
			c := newClient(t, s.URL(), nil)
			c.Look(t.Context())
			url, err := c.Open(t.Context(), me, tt.o)
			if err != nil {
				t.Fatal(err)
			}
			calls := s.Calls()
			session := map[string]int{"research": 8 * 3600, "center": 3600}[tt.o.Domain]
			if c := calls[len(calls)-1]; c.Operation != tt.operation || c.Name != tt.o.Name || c.ExpiresIn != tt.expires || c.Session != session {
				t.Errorf("asked for %+v", c)
			}
			if got, status := arrived(t, s, url); got != tt.want || status != http.StatusOK {
				t.Errorf("ended on %+v with %d", got, status)
			}
		})
	}
}

// Where nobody can say whether a space's app runs, its page opens, in time.
func TestOpenWhenAppsCantBeListed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		fault sagemakersim.Fault
		warns int
	}{
		{"not permitted", sagemakersim.Fault{Code: "AccessDeniedException"}, 1},
		{"refused", sagemakersim.Fault{Code: "ValidationException"}, 0},
		{"throttled", sagemakersim.Fault{Code: "ThrottlingException"}, 0},
		{"away", sagemakersim.Fault{Status: 500}, 0},
		{"cut", sagemakersim.Fault{Drop: true}, 0},
		{"hanging", sagemakersim.Fault{Hang: true}, 0},
		{"without an end", sagemakersim.Fault{Body: `{"Apps":[],"NextToken":"a"}`}, 0},
		{"of another space", sagemakersim.Fault{Body: `{"Apps":[{"AppType":"JupyterLab","AppName":"default","SpaceName":"other","Status":"InService"}]}`}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, lines := startPlaces(t, sagemakersim.Options{}), &logged{}
			tt.fault.Operation, tt.fault.N = listApps, -1
			s.Fail(tt.fault)
			c, err := sagemaker.New(t.Context(), sagemaker.Config{
				Domains: []studio.Domain{research}, URLTTL: 5 * time.Second, Log: slog.New(slog.NewJSONHandler(lines, nil)), AppID: "studiobot/test", Load: load(s.URL(), nil),
			})
			if err != nil {
				t.Fatal(err)
			}
			c.SetRunsIn(100 * time.Millisecond)
			for range 2 {
				url, err := c.Open(t.Context(), me, at(studio.Lab, "On"))
				if err != nil {
					t.Fatal(err)
				}
				if got, _ := arrived(t, s, url); got.Path != "jupyterlab/On" || !got.OK {
					t.Errorf("ended on %+v", got)
				}
			}
			got := lines.take(t)
			if len(got) != tt.warns || tt.warns == 1 && !strings.Contains(got[0]["msg"].(string), "sagemaker:ListApps") {
				t.Errorf("logged %v", got)
			}
		})
	}
}

// The running app may stand behind others that have ended.
func TestOpenLooksBehindEndedApps(t *testing.T) {
	t.Parallel()
	s := startPlaces(t, sagemakersim.Options{PageLimit: 1})
	for _, kind := range []string{"KernelGateway", "TensorBoard"} {
		s.SetApp(research.ID, sagemakersim.App{Type: kind, Space: "On", Status: sagemakersim.Deleted})
	}
	if _, err := newClient(t, s.URL(), nil).Open(t.Context(), me, at(studio.Lab, "On")); err != nil {
		t.Fatal(err)
	}
	calls := s.Calls()
	if c := calls[len(calls)-1]; c.Space != "On" || s.CallCount(listApps) != 3 {
		t.Errorf("asked for %+v after %d listings", c, s.CallCount(listApps))
	}
}

// Who gives up while the apps are listed gets no URL.
func TestOpenGivenUpWhileListing(t *testing.T) {
	t.Parallel()
	s := startPlaces(t, sagemakersim.Options{})
	s.Fail(sagemakersim.Fault{Operation: listApps, Hang: true})
	calls, stop := s.Subscribe()
	defer stop()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	c := newClient(t, s.URL(), nil)
	go func() {
		_, err := c.Open(ctx, me, at(studio.Lab, "On"))
		done <- err
	}()
	<-calls
	cancel()
	wantKind(t, <-done, studio.ErrUnavailable)
	if n := s.CallCount(presign); n != 0 {
		t.Errorf("%d presigned", n)
	}
}
