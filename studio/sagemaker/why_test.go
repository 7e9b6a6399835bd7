package sagemaker_test

import (
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/studiobot/studiobot/internal/sagemakersim"
	"github.com/studiobot/studiobot/studio"
	"github.com/studiobot/studiobot/studio/sagemaker"
)

// obstacle is what the simulator does to what is opened, and what comes of it.
type obstacle struct {
	name   string
	o      studio.Option
	change func(*sagemakersim.Server)
	kind   error
	looks  int // calls beside the one for a URL
	warns  bool
}

// failing makes each of some operations answer with an error, once.
func failing(all ...sagemakersim.Fault) func(*sagemakersim.Server) {
	return func(s *sagemakersim.Server) {
		for _, f := range all {
			s.Fail(f)
		}
	}
}

func refused(operation string) sagemakersim.Fault {
	return sagemakersim.Fault{Operation: operation, Code: "ValidationException"}
}

func denied(operation string) sagemakersim.Fault {
	return sagemakersim.Fault{Operation: operation, Code: "AccessDeniedException"}
}

func profileObstacles() []obstacle {
	home := at("", "")
	profile := func(status string) func(*sagemakersim.Server) {
		return func(s *sagemakersim.Server) { s.SetProfileStatus(research.ID, "jane-doe", status, "because") }
	}
	return []obstacle{
		{"a profile that is being made", home, profile("Pending"), studio.ErrPending, 1, false},
		{"updated", home, profile("Updating"), studio.ErrPending, 1, false},
		{"failed", home, profile("Failed"), studio.ErrBroken, 1, true},
		{"going away", home, profile("Deleting"), studio.ErrBroken, 1, true},
		{"couldn't be updated", home, profile("Update_Failed"), studio.ErrBroken, 1, true},
		{"a profile that is gone", home, func(s *sagemakersim.Server) { s.RemoveProfile(research.ID, "jane-doe") }, studio.ErrNoProfile, 0, false},
		{"gone when it was looked at", home, failing(refused(presign), sagemakersim.Fault{Operation: lookProfile, Code: "ResourceNotFound"}), studio.ErrNoProfile, 1, false},
		{"nothing the matter with it", home, failing(refused(presign)), studio.ErrRefused, 1, false},
		{"looking isn't permitted", home, failing(refused(presign), denied(lookProfile)), studio.ErrRefused, 1, false},
		{"no look where AWS doesn't permit", home, failing(denied(presign)), studio.ErrForbidden, 0, false},
		{"a space that goes while it is opened", at(studio.Lab, "On"), func(s *sagemakersim.Server) { s.RemoveSpace(research.ID, "On") }, studio.ErrNoTarget, 2, false},
		{"a space and its profile", at(studio.Lab, "On"), func(s *sagemakersim.Server) {
			s.RemoveSpace(research.ID, "On")
			s.RemoveProfile(research.ID, "jane-doe")
		}, studio.ErrNoProfile, 2, false},
		{"somebody else's space", at(studio.Lab, "sams"), func(s *sagemakersim.Server) {
			s.SetApp(research.ID, sagemakersim.App{Type: sagemakersim.JupyterLab, Space: "sams"})
		}, studio.ErrRefused, 2, false},
	}
}

func notebookObstacles() []obstacle {
	book := at(studio.Notebook, "deep-lab")
	notebook := func(status string) func(*sagemakersim.Server) {
		return func(s *sagemakersim.Server) { s.SetNotebook(sagemakersim.Notebook{Name: "deep-lab", Status: status}) }
	}
	return []obstacle{
		{"a notebook instance that is stopped", book, notebook(sagemakersim.Stopped), studio.ErrStopped, 1, false},
		{"stopping", book, notebook(sagemakersim.Stopping), studio.ErrStopped, 1, false},
		{"starting", book, notebook(sagemakersim.Pending), studio.ErrPending, 1, false},
		{"maintained", book, notebook("InMaintenance"), studio.ErrPending, 1, false},
		{"failed", book, notebook(sagemakersim.Failed), studio.ErrBroken, 1, true},
		{"going away", book, notebook(sagemakersim.Deleting), studio.ErrBroken, 1, true},
		{"gone", book, func(s *sagemakersim.Server) { s.RemoveNotebook("deep-lab") }, studio.ErrNoTarget, 1, false},
		{"gone, by another error", book, failing(sagemakersim.Fault{Operation: presignNotebook, Code: "ResourceNotFound"}, refused(lookNotebook)), studio.ErrNoTarget, 1, false},
		{"refused though it runs", book, failing(refused(presignNotebook)), studio.ErrRefused, 1, false},
		{"looking isn't permitted", book, failing(refused(presignNotebook), denied(lookNotebook)), studio.ErrRefused, 1, false},
		{"opening isn't", book, failing(denied(presignNotebook)), studio.ErrForbidden, 0, false},
	}
}

func serverObstacles() []obstacle {
	flow := at(studio.MLflow, "runs")
	server := func(status string) func(*sagemakersim.Server) {
		return func(s *sagemakersim.Server) {
			s.SetTrackingServer(sagemakersim.TrackingServer{Name: "runs", Status: status})
		}
	}
	return []obstacle{
		{"a tracking server that is stopped", flow, server("Stopped"), studio.ErrStopped, 1, false},
		{"starting", flow, server("Starting"), studio.ErrPending, 1, false},
		{"being made", flow, server("Creating"), studio.ErrPending, 1, false},
		{"failed", flow, server("CreateFailed"), studio.ErrBroken, 1, true},
		{"gone", at(studio.MLflow, "none"), func(*sagemakersim.Server) {}, studio.ErrNoTarget, 0, false},
		{"refused though it runs", flow, failing(refused(presignServer)), studio.ErrRefused, 1, false},
		{"gone when it was looked at", flow, failing(refused(presignServer), sagemakersim.Fault{Operation: lookServer, Code: "ResourceNotFound"}), studio.ErrNoTarget, 1, false},
		{"looking isn't permitted", flow, failing(refused(presignServer), denied(lookServer)), studio.ErrRefused, 1, false},
	}
}

// What stands in the way, and whether the operator hears of it.
func TestWhyNotOpened(t *testing.T) {
	t.Parallel()
	for _, tt := range slices.Concat(profileObstacles(), notebookObstacles(), serverObstacles()) {
		t.Run(tt.name+", "+string(tt.o.Target), func(t *testing.T) {
			t.Parallel()
			s, lines := startPlaces(t, sagemakersim.Options{}), &logged{}
			tt.change(s)
			c, err := sagemaker.New(t.Context(), sagemaker.Config{
				Domains: []studio.Domain{research}, URLTTL: 5 * time.Second, Log: slog.New(slog.NewJSONHandler(lines, nil)), AppID: "studiobot/test", Load: load(s.URL(), nil),
			})
			if err != nil {
				t.Fatal(err)
			}
			url, err := c.Open(t.Context(), me, tt.o)
			wantKind(t, err, tt.kind)
			if n := len(s.Calls()); url != "" || n != tt.looks+1 {
				t.Errorf("%d calls", n)
			}
			got := lines.take(t)
			if (len(got) == 1 && strings.HasPrefix(got[0]["msg"].(string), "SageMaker refused to open")) != tt.warns || !tt.warns && len(got) != 0 {
				t.Errorf("logged %v", got)
			}
		})
	}
}

// The faults of the other two kinds of URLs are those of Studio's.
func TestOpenBesideStudioFaults(t *testing.T) {
	t.Parallel()
	for operation, o := range map[string]studio.Option{presignNotebook: at(studio.NotebookLab, "deep-lab"), presignServer: at(studio.MLflow, "runs")} {
		for _, tt := range faultCases() {
			t.Run(tt.name+", "+operation, func(t *testing.T) {
				t.Parallel()
				s := startPlaces(t, sagemakersim.Options{})
				tt.fault.Operation = operation
				s.Fail(tt.fault)
				url, err := newClient(t, s.URL(), nil).Open(t.Context(), me, o)
				if n := s.CallCount(operation); n != tt.calls {
					t.Errorf("%d attempts, want %d", n, tt.calls)
				}
				kind := tt.kind
				if kind == studio.ErrNoProfile && operation == presignServer {
					kind = studio.ErrNoTarget
				} else if kind == studio.ErrNoProfile {
					kind = studio.ErrRefused // it is there all the same
				}
				wantKind(t, err, kind)
				if (url == "") != (kind != nil) || kind == nil && !strings.HasPrefix(url, s.URL()+"/") {
					t.Error("another URL")
				}
			})
		}
	}
}

// A URL of one kind isn't taken for one of another, and JupyterLab's path is put
// in the right place.
func TestOpenBesideStudioURL(t *testing.T) {
	t.Parallel()
	s := startPlaces(t, sagemakersim.Options{})
	c := newClient(t, s.URL(), nil)
	const mark = "SECRETMARK"
	for _, tt := range []struct {
		o         studio.Option
		url, want string
	}{
		{at(studio.Notebook, "deep-lab"), "https://deep-lab-ybuz.notebook.us-west-2.sagemaker.aws?authToken=" + mark, "https://deep-lab-ybuz.notebook.us-west-2.sagemaker.aws?authToken=" + mark},
		{at(studio.NotebookLab, "deep-lab"), "https://deep-lab.notebook.us-west-2.sagemaker.aws?authToken=a?b" + mark, "https://deep-lab.notebook.us-west-2.sagemaker.aws/lab?authToken=a?b" + mark},
		{at(studio.NotebookLab, "deep-lab"), "https://deep-lab.notebook.us-west-2.sagemaker.aws/?authToken=" + mark, "https://deep-lab.notebook.us-west-2.sagemaker.aws/lab?authToken=" + mark},
		{at(studio.Notebook, "deep-lab"), "https://d-abc.studio.us-west-2.sagemaker.aws/auth?token=" + mark, ""},
		{at(studio.Notebook, "deep-lab"), "https://deep-lab.notebook.eu-west-1.sagemaker.aws?authToken=" + mark, ""},
		{at(studio.NotebookLab, "deep-lab"), "https://evil.example?authToken=" + mark, ""},
		{at(studio.MLflow, "runs"), "https://t-0a1b.us-west-2.experiments.sagemaker.aws/auth?authToken=" + mark, "https://t-0a1b.us-west-2.experiments.sagemaker.aws/auth?authToken=" + mark},
		{at(studio.MLflow, "runs"), "https://t-0a1b.us-west-2.experiments.sagemaker.aws.evil.example/auth?authToken=" + mark, ""},
		{at(studio.MLflow, "runs"), "https://deep-lab.notebook.us-west-2.sagemaker.aws?authToken=" + mark, ""},
	} {
		s.Fail(sagemakersim.Fault{URL: tt.url})
		got, err := c.Open(t.Context(), me, tt.o)
		if got != tt.want {
			t.Errorf("%q became %q", tt.url, got)
		}
		if tt.want == "" {
			wantKind(t, err, studio.ErrRefused)
			if strings.Contains(err.Error(), mark) {
				t.Errorf("the error repeats the URL: %v", err)
			}
		}
	}
}
