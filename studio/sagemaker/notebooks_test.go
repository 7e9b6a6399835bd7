package sagemaker_test

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/studiobot/studiobot/internal/sagemakersim"
	"github.com/studiobot/studiobot/studio"
	"github.com/studiobot/studiobot/studio/sagemaker"
)

const (
	listNotebooks = "ListNotebookInstances"
	startNotebook = "StartNotebookInstance"
	stopNotebook  = "StopNotebookInstance"
)

func sameNotebook(a, b studio.NotebookInstance) bool {
	return a.Name == b.Name && a.Status == b.Status && a.Instance == b.Instance && a.VolumeGB == b.VolumeGB &&
		maps.Equal(a.Tags, b.Tags) && (a.Tags == nil) == (b.Tags == nil) && a.Modified.Equal(b.Modified)
}

func TestNotebooks(t *testing.T) {
	t.Parallel()
	made := time.Unix(1704067200, 0)
	deep := studio.NotebookInstance{Name: "Deep-Lab", Status: studio.InService, Instance: "ml.t3.medium", Modified: made, Tags: map[string]string{"slack-user-id": "U0JANE"}}
	asleep := studio.NotebookInstance{Name: "asleep", Status: studio.Stopped, Instance: "ml.t3.medium", Modified: made, Tags: map[string]string{}}
	tagless := func(n studio.NotebookInstance) studio.NotebookInstance { n.Tags = nil; return n }
	for _, tt := range []struct {
		name   string
		faults []sagemakersim.Fault
		want   []studio.NotebookInstance
		kind   error
		warns  int
		tags   int // calls of ListTags
	}{
		{"all of them", nil, []studio.NotebookInstance{asleep, deep}, nil, 0, 2},
		{"one goes meanwhile", []sagemakersim.Fault{{Operation: listTags, Code: "ValidationException"}}, []studio.NotebookInstance{deep}, nil, 0, 2},
		{"tags aren't permitted", []sagemakersim.Fault{{Operation: listTags, N: -1, Code: "AccessDeniedException"}}, []studio.NotebookInstance{tagless(asleep), tagless(deep)}, nil, 1, 1},
		{"tags can't be had", []sagemakersim.Fault{{Operation: listTags, N: 4, Status: 500}}, nil, studio.ErrUnavailable, 0, 4},
		{"tags without an end", []sagemakersim.Fault{{Operation: listTags, N: -1, Body: `{"Tags":[],"NextToken":"a"}`}}, nil, studio.ErrRefused, 0, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, lines := startPlaces(t, sagemakersim.Options{}), &logged{}
			for _, f := range tt.faults {
				s.Fail(f)
			}
			c := fast(t, s, func(c *sagemaker.Config) { c.Log = slog.New(slog.NewJSONHandler(lines, nil)) })
			got, err := collect(t.Context(), c.Notebooks)
			wantKind(t, err, tt.kind)
			if !slices.EqualFunc(got, tt.want, sameNotebook) {
				t.Errorf("listed %+v", got)
			}
			if n := s.CallCount(listTags); n != tt.tags {
				t.Errorf("%d calls for tags", n)
			}
			if said := lines.take(t); len(said) != tt.warns || tt.warns > 0 && !strings.Contains(said[0]["msg"].(string), "sagemaker:ListTags") {
				t.Errorf("logged %v", said)
			}
		})
	}
}

func TestNotebooksOdd(t *testing.T) {
	t.Parallel()
	s := startPlaces(t, sagemakersim.Options{})
	row := func(name, arn, status string) string {
		return `{"NotebookInstanceName":"` + name + `","NotebookInstanceArn":"` + arn + `","NotebookInstanceStatus":"` + status + `"}`
	}
	const arn = "arn:aws:sagemaker:us-west-2:111122223333:notebook-instance/"
	s.Fail(sagemakersim.Fault{Operation: listNotebooks, Body: `{"NotebookInstances":[` + strings.Join([]string{
		row("a b", arn+"a b", "InService"), row("", arn, "InService"), row("asleep", arn+"deep-lab", "InService"), row("asleep", "", "InService"),
		row("asleep", strings.Replace(arn, "us-west-2", "eu-west-1", 1)+"asleep", "InService"), row("asleep", arn+"asleep", "fast asleep"),
		row("Asleep", arn+"asleep", "InService"),
	}, ",") + `]}`})
	got, err := collect(t.Context(), fast(t, s).Notebooks)
	if err != nil || len(got) != 1 || got[0].Name != "Asleep" || got[0].Instance != "" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestNotebook(t *testing.T) {
	t.Parallel()
	page := func(body string) sagemakersim.Fault { return sagemakersim.Fault{Operation: lookNotebook, Body: body} }
	for _, tt := range []struct {
		name, of string
		faults   []sagemakersim.Fault
		kind     error
		tags     map[string]string
	}{
		{"as it is", "deep-lab", nil, nil, map[string]string{"slack-user-id": "U0JANE"}},
		{"without tags that may be read", "deep-lab", []sagemakersim.Fault{{Operation: listTags, Code: "AccessDeniedException"}}, nil, nil},
		{"not there", "none", nil, studio.ErrNoTarget, nil},
		{"just gone", "deep-lab", []sagemakersim.Fault{{Operation: listTags, Code: "ValidationException"}}, studio.ErrNoTarget, nil},
		{"no name", "no.name", nil, studio.ErrRefused, nil},
		{"throttled", "deep-lab", []sagemakersim.Fault{{Operation: lookNotebook, N: 4, Code: "ThrottlingException"}}, studio.ErrThrottled, nil},
		{"not permitted", "deep-lab", []sagemakersim.Fault{{Operation: lookNotebook, Code: "AccessDeniedException"}}, studio.ErrForbidden, nil},
		{"about another one", "deep-lab", []sagemakersim.Fault{page(`{"NotebookInstanceName":"asleep","NotebookInstanceStatus":"InService","NotebookInstanceArn":"arn:aws:sagemaker:us-west-2:111122223333:notebook-instance/asleep"}`)}, studio.ErrRefused, nil},
		{"about nothing", "deep-lab", []sagemakersim.Fault{page(`{}`)}, studio.ErrRefused, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := startPlaces(t, sagemakersim.Options{})
			for _, f := range tt.faults {
				s.Fail(f)
			}
			got, err := fast(t, s).Notebook(t.Context(), "research", tt.of)
			wantKind(t, err, tt.kind)
			want := studio.NotebookInstance{}
			if tt.kind == nil {
				want = studio.NotebookInstance{Name: "Deep-Lab", Status: studio.InService, Instance: "ml.t3.medium", VolumeGB: 5, Modified: time.Unix(1704067200, 0), Tags: tt.tags}
			}
			if !sameNotebook(got, want) {
				t.Errorf("%+v", got)
			}
		})
	}
}

// What starting and stopping make of each state.
func TestStartAndStopNotebook(t *testing.T) {
	t.Parallel()
	type outcome struct {
		kind  error
		after string
	}
	fine := func(after string) outcome { return outcome{nil, after} }
	for _, tt := range []struct {
		status      string // empty: there is none
		start, stop outcome
	}{
		{"InService", fine("InService"), fine("Stopping")},
		{"Pending", fine("Pending"), outcome{studio.ErrPending, "Pending"}},
		{"Stopping", outcome{studio.ErrPending, "Stopping"}, fine("Stopping")},
		{"Stopped", fine("Pending"), fine("Stopped")},
		{"Failed", fine("Pending"), fine("Failed")},
		{"Updating", outcome{studio.ErrPending, "Updating"}, outcome{studio.ErrPending, "Updating"}},
		{"InMaintenance", outcome{studio.ErrPending, "InMaintenance"}, outcome{studio.ErrPending, "InMaintenance"}},
		{"Deleting", outcome{studio.ErrBroken, "Deleting"}, outcome{studio.ErrBroken, "Deleting"}},
		{"", outcome{studio.ErrNoTarget, ""}, outcome{studio.ErrNoTarget, ""}},
	} {
		for verb, want := range map[string]outcome{startNotebook: tt.start, stopNotebook: tt.stop} {
			t.Run(verb+" "+tt.status, func(t *testing.T) {
				t.Parallel()
				s := startSim(t, sagemakersim.Options{StateDelay: -1})
				if tt.status != "" {
					s.SetNotebook(sagemakersim.Notebook{Name: "deep-lab", Status: tt.status})
				}
				wantKind(t, call(newClient(t, s.URL(), nil), verb)(t.Context(), "research", "Deep-Lab"), want.kind)
				if n, _ := s.Notebook("deep-lab"); n.Status != want.after {
					t.Errorf("its status is %q", n.Status)
				}
			})
		}
	}
}

func call(c *sagemaker.Client, verb string) func(ctx context.Context, domain, name string) error {
	if verb == startNotebook {
		return c.StartNotebook
	}
	return c.StopNotebook
}

func TestStartAndStopNotebookFaults(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		of     string
		faults func(verb string) []sagemakersim.Fault
		kind   error
		calls  int
	}{
		{"the answer lost", "deep-lab", func(verb string) []sagemakersim.Fault {
			return []sagemakersim.Fault{{Operation: verb, HappenedButFailed: true}}
		}, nil, 2},
		{"too many of its kind", "deep-lab", func(verb string) []sagemakersim.Fault {
			return []sagemakersim.Fault{{Operation: verb, Code: "ResourceLimitExceeded"}}
		}, studio.ErrRefused, 1},
		{"refused, and no look", "deep-lab", func(verb string) []sagemakersim.Fault {
			return []sagemakersim.Fault{{Operation: verb, Code: "ValidationException"}, {Operation: lookNotebook, Code: "AccessDeniedException"}}
		}, studio.ErrRefused, 1},
		{"not permitted", "deep-lab", func(verb string) []sagemakersim.Fault {
			return []sagemakersim.Fault{{Operation: verb, Code: "AccessDeniedException"}}
		}, studio.ErrForbidden, 1},
		{"throttled", "deep-lab", func(verb string) []sagemakersim.Fault {
			return []sagemakersim.Fault{{Operation: verb, N: 3, Code: "ThrottlingException"}}
		}, studio.ErrThrottled, 3},
		{"away", "deep-lab", func(verb string) []sagemakersim.Fault {
			return []sagemakersim.Fault{{Operation: verb, N: 3, Status: 500}}
		}, studio.ErrUnavailable, 3},
		{"no name", "no.name", func(string) []sagemakersim.Fault { return nil }, studio.ErrRefused, 0},
	} {
		for verb, status := range map[string]string{startNotebook: sagemakersim.Stopped, stopNotebook: sagemakersim.InService} {
			t.Run(verb+", "+tt.name, func(t *testing.T) {
				t.Parallel()
				s := startSim(t, sagemakersim.Options{StateDelay: -1, Notebooks: []sagemakersim.Notebook{{Name: "deep-lab", Status: status}}})
				for _, f := range tt.faults(verb) {
					s.Fail(f)
				}
				wantKind(t, call(newClient(t, s.URL(), nil), verb)(t.Context(), "research", tt.of), tt.kind)
				if n := s.CallCount(verb); n != tt.calls {
					t.Errorf("%d calls", n)
				}
			})
		}
	}
	s := startSim(t, sagemakersim.Options{})
	for _, verb := range []string{startNotebook, stopNotebook} {
		wantKind(t, call(newClient(t, s.URL(), nil), verb)(t.Context(), "other", "deep-lab"), studio.ErrNoProfile)
	}
}
