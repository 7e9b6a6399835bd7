package sagemakersim

import (
	"maps"
	"strings"
	"time"
)

// SetSpace adds a space to a domain, or replaces the one with its name. It does
// nothing where the domain doesn't exist.
func (s *Server) SetSpace(domainID string, space Space) {
	s.estate.write(domainID, func(d *domain) {
		if d != nil {
			s.estate.putSpace(d, space)
		}
	})
}

// RemoveSpace removes a space; its apps stay as they are.
func (s *Server) RemoveSpace(domainID, name string) {
	s.estate.write(domainID, func(d *domain) {
		if d != nil {
			delete(d.spaces, strings.ToLower(name))
		}
	})
}

// SetApp adds an app to a domain, or replaces the one of that space or profile
// with its type and name. What would have become of that one by itself no longer
// happens. Nothing checks whether there is such a space or profile.
func (s *Server) SetApp(domainID string, app App) {
	s.estate.write(domainID, func(d *domain) {
		if d != nil {
			s.estate.putApp(d, app)
		}
	})
}

// App returns an app as it is now; the one with the same space, profile, type
// and name (default where it is empty).
func (s *Server) App(domainID string, app App) (found App, ok bool) {
	s.estate.write(domainID, func(d *domain) {
		if d == nil {
			return
		}
		if r := d.apps[app.withDefaults(time.Time{}).key()]; r != nil {
			r.settle(time.Now())
			found, ok = r.App, true
		}
	})
	return found, ok
}

// SetNotebook adds a notebook instance, or replaces the one with its name.
func (s *Server) SetNotebook(n Notebook) {
	s.estate.mu.Lock()
	defer s.estate.mu.Unlock()
	s.estate.putNotebook(n)
}

// Notebook returns a notebook instance as it is now.
func (s *Server) Notebook(name string) (Notebook, bool) {
	s.estate.mu.Lock()
	defer s.estate.mu.Unlock()
	r := s.estate.notebook(name)
	if r == nil {
		return Notebook{}, false
	}
	n := r.Notebook
	n.Tags = maps.Clone(n.Tags)
	return n, true
}

// RemoveNotebook removes a notebook instance.
func (s *Server) RemoveNotebook(name string) {
	s.estate.mu.Lock()
	defer s.estate.mu.Unlock()
	delete(s.estate.notebooks, strings.ToLower(name))
}

// SetTrackingServer adds an MLflow tracking server, or replaces the one with its
// name.
func (s *Server) SetTrackingServer(t TrackingServer) {
	s.estate.mu.Lock()
	defer s.estate.mu.Unlock()
	s.estate.putServer(t)
}

// SetStateDelay changes Options.StateDelay for what is started and stopped from now
// on.
func (s *Server) SetStateDelay(d time.Duration) {
	s.estate.mu.Lock()
	defer s.estate.mu.Unlock()
	s.estate.stateDelay = d
}

// Pass makes every space, app, notebook instance and tracking server d older:
// what is on its way gets there if that takes no longer, and what was last used
// now was last used d ago.
func (s *Server) Pass(d time.Duration) {
	e := s.estate
	e.mu.Lock()
	defer e.mu.Unlock()
	older := func(moments ...*time.Time) {
		for _, t := range moments {
			if !t.IsZero() {
				*t = t.Add(-d)
			}
		}
	}
	for _, domain := range e.domains {
		for _, r := range domain.spaces {
			older(&r.Created, &r.Modified)
		}
		for _, r := range domain.apps {
			older(&r.Created, &r.Active, &r.Checked, &r.next.at)
		}
	}
	for _, r := range e.notebooks {
		older(&r.Created, &r.Modified, &r.next.at)
	}
	for _, r := range e.servers {
		older(&r.Created, &r.Modified)
	}
}

// The puts add or replace. Their caller holds the lock.

func (e *estate) putSpace(d *domain, space Space) {
	e.serial++
	d.spaces[strings.ToLower(space.Name)] = &spaceRecord{space.withDefaults(), e.serial}
}

func (e *estate) putApp(d *domain, app App) *appRecord {
	e.serial++
	app = app.withDefaults(time.Now())
	r := &appRecord{App: app, serial: e.serial}
	d.apps[app.key()] = r
	return r
}

func (e *estate) putNotebook(n Notebook) {
	e.serial++
	if n.Status == "" {
		n.Status = InService
	}
	if n.Instance == "" {
		n.Instance = "ml.t3.medium"
	}
	if n.VolumeGB == 0 {
		n.VolumeGB = 5
	}
	n.Created, n.Modified = moments(n.Created, n.Modified)
	n.Tags = maps.Clone(n.Tags)
	e.notebooks[strings.ToLower(n.Name)] = &notebookRecord{Notebook: n, serial: e.serial}
}

func (e *estate) putServer(t TrackingServer) {
	e.serial++
	if t.Status == "" {
		t.Status = "Created"
	}
	t.Created, t.Modified = moments(t.Created, t.Modified)
	e.servers[strings.ToLower(t.Name)] = &serverRecord{t, e.serial}
}

// becomes is what a change to status takes.
func (e *estate) becomes(status string) change {
	if e.stateDelay < 0 {
		return change{}
	}
	return change{to: status, at: time.Now().Add(e.stateDelay)}
}
