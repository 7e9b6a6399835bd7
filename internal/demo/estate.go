package demo

import (
	"time"

	"github.com/studiobot/studiobot/internal/sagemakersim"
)

// spaces are those of the domain research.
func spaces() []sagemakersim.Space {
	return []sagemakersim.Space{
		{Name: "churn-model", Display: "Churn model", Owner: profileOfJane, VolumeGB: 5},
		{Name: "big-training", Display: "Big training", Owner: profileOfJane, VolumeGB: 200},
		{Name: "notes", Owner: profileOfJane, App: sagemakersim.CodeEditor, VolumeGB: 5},
		{Name: "sams-lab", Owner: "sam-research", VolumeGB: 20},
		{Name: "team-lab", Display: "Team lab", Shared: true, VolumeGB: 50},
	}
}

// apps are what runs in it: one in use, one that somebody forgot, one of the team.
func apps(now time.Time) []sagemakersim.App {
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	return []sagemakersim.App{
		{Type: sagemakersim.JupyterLab, Space: "churn-model", Created: ago(95 * time.Minute), Active: ago(2 * time.Minute)},
		{Type: sagemakersim.JupyterLab, Space: "big-training", Instance: "ml.g5.xlarge", Created: ago(20 * time.Hour), Active: ago(17 * time.Hour)},
		{Type: sagemakersim.Canvas, Profile: profileOfJane, Instance: "system", Created: ago(3 * time.Hour), Active: ago(2 * time.Hour)},
		{Type: sagemakersim.JupyterLab, Space: "sams-lab", Instance: "ml.m5.large", Created: ago(5 * time.Hour), Active: ago(time.Hour)},
		{Type: sagemakersim.JupyterLab, Space: "team-lab", Instance: "ml.m5.large", Created: ago(30 * time.Hour), Active: ago(10 * time.Minute)},
	}
}

// notebooks are the notebook instances of the account.
func notebooks() []sagemakersim.Notebook {
	return []sagemakersim.Notebook{
		{Name: "janes-notebook", Status: sagemakersim.Stopped, Tags: map[string]string{tagKey: "U0JANE"}},
		{Name: "sams-notebook", Instance: "ml.m5.large", Tags: map[string]string{tagKey: "U0SAM"}, Modified: time.Now().Add(-50 * time.Hour)},
	}
}
