package sagemaker_test

import (
	"testing"

	"github.com/studiobot/studiobot/internal/sagemakersim"
	"github.com/studiobot/studiobot/studio"
)

// Ready tells the states apart without opening anything.
func TestReady(t *testing.T) {
	t.Parallel()
	profile := func(status string) func(*sagemakersim.Server) {
		return func(s *sagemakersim.Server) { s.SetProfileStatus(research.ID, "jane-doe", status, "because") }
	}
	notebook := func(status string) func(*sagemakersim.Server) {
		return func(s *sagemakersim.Server) {
			s.SetNotebook(sagemakersim.Notebook{Name: "deep-lab", Status: status})
		}
	}
	server := func(status string) func(*sagemakersim.Server) {
		return func(s *sagemakersim.Server) {
			s.SetTrackingServer(sagemakersim.TrackingServer{Name: "runs", Status: status})
		}
	}
	home, book, flow := at("", ""), at(studio.Notebook, "deep-lab"), at(studio.MLflow, "runs")
	other := home
	other.Domain = "elsewhere"
	for _, tt := range []struct {
		name   string
		o      studio.Option
		change func(*sagemakersim.Server)
		kind   error
	}{
		{"a profile in service", home, nil, nil},
		{"a space of it", at(studio.Lab, "On"), nil, nil},
		{"being made", home, profile("Pending"), studio.ErrPending},
		{"failed", home, profile("Failed"), studio.ErrBroken},
		{"going away", home, profile("Deleting"), studio.ErrBroken},
		{"gone", home, func(s *sagemakersim.Server) { s.RemoveProfile(research.ID, "jane-doe") }, studio.ErrNoProfile},
		{"not permitted", home, failing(denied(lookProfile)), studio.ErrForbidden},
		{"of no domain of ours", other, nil, studio.ErrNoProfile},
		{"a notebook instance in service", book, nil, nil},
		{"starting", book, notebook(sagemakersim.Pending), studio.ErrPending},
		{"stopped", book, notebook(sagemakersim.Stopped), studio.ErrStopped},
		{"failed", book, notebook(sagemakersim.Failed), studio.ErrBroken},
		{"gone", book, func(s *sagemakersim.Server) { s.RemoveNotebook("deep-lab") }, studio.ErrNoTarget},
		{"no name", at(studio.Notebook, "a b"), nil, studio.ErrNoTarget},
		{"a tracking server that runs", flow, nil, nil},
		{"being made", flow, server("Creating"), studio.ErrPending},
		{"gone", at(studio.MLflow, "none"), nil, studio.ErrNoTarget},
	} {
		t.Run(tt.name+", "+string(tt.o.Target), func(t *testing.T) {
			t.Parallel()
			s := startPlaces(t, sagemakersim.Options{})
			if tt.change != nil {
				tt.change(s)
			}
			err := fast(t, s).Ready(t.Context(), tt.o)
			wantKind(t, err, tt.kind)
			if (err == nil) != (tt.kind == nil) {
				t.Errorf("Ready = %v", err)
			}
			for _, c := range s.Calls() {
				if c.Operation == presign || c.Operation == presignNotebook || c.Operation == presignServer {
					t.Errorf("it asked for a URL: %v", c.Operation)
				}
			}
		})
	}
}
