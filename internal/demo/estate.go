package demo

import (
	"time"

	"github.com/studiobot/studiobot/internal/sagemakersim"
)

// spaces are Lea's, and one that everybody in the domain may use.
func spaces() []sagemakersim.Space {
	return []sagemakersim.Space{
		{Name: "team-reports", Display: "Team reports", Owner: "sam-research", Shared: true, VolumeGB: 20},
		{Name: "churn-model", Display: "Churn model", Owner: profileOfLea, VolumeGB: 5},
		{Name: "big-training", Display: "Big training", Owner: profileOfLea, VolumeGB: 200},
		{Name: "notes", Owner: profileOfLea, App: sagemakersim.CodeEditor, VolumeGB: 5},
	}
}

// apps are what runs: one in use, one that was forgotten overnight.
func apps(now time.Time) []sagemakersim.App {
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	return []sagemakersim.App{
		{Type: sagemakersim.JupyterLab, Space: "churn-model", Created: ago(95 * time.Minute), Active: ago(2 * time.Minute)},
		{Type: sagemakersim.JupyterLab, Space: "big-training", Instance: "ml.g5.xlarge", Created: ago(20 * time.Hour), Active: ago(17 * time.Hour)},
		{Type: sagemakersim.Canvas, Profile: profileOfLea, Instance: "system", Created: ago(3 * time.Hour), Active: ago(2 * time.Hour)},
	}
}

// server is the tracking server of the research domain.
func server() sagemakersim.TrackingServer {
	return sagemakersim.TrackingServer{Name: "team-tracking"}
}

// notebooks are Lea's notebook instances, and one that the users file gives Sam.
func notebooks() []sagemakersim.Notebook {
	hers := map[string]string{tagKey: "U0LEA"}
	return []sagemakersim.Notebook{
		{Name: "gpu-box", Instance: "ml.g5.xlarge"},
		{Name: "leas-notebook", Status: sagemakersim.Stopped, Tags: hers},
		{Name: "old-reports", Instance: "ml.m5.large", Tags: hers, Modified: time.Now().Add(-50 * time.Hour)},
	}
}
