package sagemakersim

import (
	"strings"
	"time"
)

// The types of apps that a browser can be sent to. SageMaker has more; all of
// them can be created.
const (
	JupyterLab    = "JupyterLab"
	CodeEditor    = "CodeEditor"
	JupyterServer = "JupyterServer" // Studio Classic
	Canvas        = "Canvas"
	RStudio       = "RStudioServerPro"
)

// Statuses of apps and notebook instances beside InService, Pending and Failed.
const (
	Stopping = "Stopping"
	Stopped  = "Stopped"
	Deleting = "Deleting"
	Deleted  = "Deleted"
)

// Space is a space of a domain. Its name isn't that of a profile: they share
// one namespace.
type Space struct {
	Name, Display string
	// Owner is the user profile whose space it is; empty: a space without an
	// owner, as shared spaces made in Studio Classic are.
	Owner string
	// Shared: SharingType Shared instead of Private. A space without an owner is
	// shared anyway.
	Shared bool
	// App is the type of app that it is for; empty: JupyterLab.
	App string
	// VolumeGB is the size of its volume; 0: it has none of its own.
	VolumeGB int
	// Status is empty for InService.
	Status string
	// Created is zero for 2024-01-01, Modified for the same as Created.
	Created, Modified time.Time
}

// App is an app of a space or of a user profile.
type App struct {
	// Type is JupyterLab or another of SageMaker's types, Name is "default" where
	// it is empty.
	Type, Name string
	// Space or Profile is whose it is; one of them.
	Space, Profile string
	// Status is empty for InService, or Pending, Deleting, Deleted, Failed.
	Status string
	// Instance is its instance type; empty: ml.t3.medium, system for JupyterServer.
	Instance string
	// Created is zero for now.
	Created time.Time
	// Active is its LastUserActivityTimestamp, Checked its
	// LastHealthCheckTimestamp; zero: it has none.
	Active, Checked time.Time
}

// Notebook is a notebook instance.
type Notebook struct {
	Name string
	// Status is empty for InService, or Pending, Stopping, Stopped, Failed,
	// Deleting, Updating, PendingMaintenance, InMaintenance.
	Status string
	// Instance is empty for ml.t3.medium; VolumeGB is 5 where it is 0.
	Instance string
	VolumeGB int
	Tags     map[string]string
	// Created is zero for 2024-01-01, Modified for the same as Created.
	Created, Modified time.Time
}

// TrackingServer is an MLflow tracking server.
type TrackingServer struct {
	Name string
	// Status is empty for Created, or another of SageMaker's: Creating, Started,
	// Stopped, CreateFailed, ….
	Status string
	// Created is zero for 2024-01-01, Modified for the same as Created.
	Created, Modified time.Time
}

// serving reports whether a tracking server with that status answers: what
// SageMaker calls active.
func (t TrackingServer) serving() bool {
	switch t.Status {
	case "Created", "Updating", "Updated", "UpdateFailed", "Started", "MaintenanceInProgress", "MaintenanceComplete":
		return true
	}
	return false
}

// change is what becomes of something by itself.
type change struct {
	to string // its next status
	at time.Time
}

func (c change) due(now time.Time) bool { return c.to != "" && !now.Before(c.at) }

// appRecord is an app as it is kept.
type appRecord struct {
	App
	serial int
	next   change
}

type spaceRecord struct {
	Space
	serial int
}

type notebookRecord struct {
	Notebook
	serial int
	next   change
}

type serverRecord struct {
	TrackingServer
	serial int
}

// key tells the apps of a domain apart.
func (a App) key() string {
	return strings.Join([]string{strings.ToLower(a.Space), strings.ToLower(a.Profile), a.Type, a.Name}, "/")
}

// settle does what was due.
func (r *appRecord) settle(now time.Time) {
	if r.next.due(now) {
		r.Status, r.next = r.next.to, change{}
	}
}

func (r *notebookRecord) settle(now time.Time) {
	if r.next.due(now) {
		r.Status, r.Modified, r.next = r.next.to, r.next.at, change{}
	}
}

func (s Space) withDefaults() Space {
	if s.App == "" {
		s.App = JupyterLab
	}
	if s.Status == "" {
		s.Status = InService
	}
	s.Shared = s.Shared || s.Owner == ""
	s.Created, s.Modified = moments(s.Created, s.Modified)
	return s
}

func (a App) withDefaults(now time.Time) App {
	if a.Name == "" {
		a.Name = "default"
	}
	if a.Status == "" {
		a.Status = InService
	}
	if a.Instance == "" {
		a.Instance = "ml.t3.medium"
		if a.Type == JupyterServer {
			a.Instance = "system"
		}
	}
	if a.Created.IsZero() {
		a.Created = now
	}
	return a
}

// moments fills in when something was made and modified.
func moments(made, modified time.Time) (time.Time, time.Time) {
	if made.IsZero() {
		made = time.Unix(created, 0)
	}
	if modified.IsZero() {
		modified = made
	}
	return made, modified
}
