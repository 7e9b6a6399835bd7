package sagemakersim

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// What Opening.App is beside the types of apps.
const (
	Portal       = "Studio"
	NotebookPage = "Notebook"
	MLflow       = "MLflow"
)

// landing is where a presigned URL leads inside Studio.
type landing struct {
	app   string // its type; empty: the portal
	space string
	path  string
}

// parseLanding reads LandingUri and SpaceName, and reports whether the first has
// one of the documented forms. A space alone means its JupyterLab.
func parseLanding(uri, space *string) (landing, bool) {
	l := landing{space: value(space)}
	switch {
	case uri == nil && l.space != "":
		l.app = JupyterLab
		return l, true
	case uri == nil:
		return l, true
	}
	if path, ok := strings.CutPrefix(*uri, "studio::"); ok {
		l.path = path
		return l, true
	}
	parts := strings.SplitN(*uri, ":", 3)
	if len(parts) != 3 || parts[0] != "app" || !slices.Contains([]string{JupyterServer, JupyterLab, RStudio, CodeEditor, Canvas}, parts[1]) {
		return l, false
	}
	l.app, l.path = parts[1], parts[2]
	return l, true
}

// arrival is where a browser ends that came with a good URL.
type arrival struct {
	app, name, path string
	reason          string // why it is no place to work
	to              string // where it is redirected to; empty: the page of its session
}

// arrive says where a grant leads now.
func (s *Server) arrive(g grant) arrival {
	switch {
	case g.notebook != "":
		return arrival{app: NotebookPage, name: g.notebook, path: g.path}
	case g.server != "":
		return arrival{app: MLflow, name: g.server}
	case g.app == "" && strings.HasPrefix(g.path, "/"):
		// The portal answers with its path behind a slash: another host, to a
		// browser.
		return arrival{app: Portal, path: g.path, reason: ReasonBroken, to: "/" + g.path}
	case g.app == "":
		a := arrival{app: Portal, path: strings.TrimSuffix(g.path, "/")}
		if kind, space, ok := strings.Cut(a.path, "/"); ok && (kind == "jupyterlab" || kind == "code-editor") {
			a.name = space
		}
		return a
	case g.app != JupyterLab && g.app != CodeEditor:
		return arrival{app: g.app, name: g.space, path: g.path}
	}
	a := arrival{app: g.app, name: g.space, path: g.path}
	if !s.running(g) {
		a.reason, a.to = ReasonNoApp, "/"+strings.ToLower(g.app)+"/default/lab"
	}
	return a
}

// running reports whether the space has its app in service.
func (s *Server) running(g grant) (found bool) {
	s.estate.write(g.domainID, func(d *domain) {
		if d == nil || g.space == "" {
			return
		}
		for _, a := range d.apps {
			a.settle(time.Now())
			found = found || strings.EqualFold(a.Space, g.space) && a.Type == g.app && a.Status == InService
		}
	})
	return found
}

// words say what opened, for the page.
func (a arrival) words() string {
	of := ""
	if a.name != "" {
		of = " of the space " + a.name
	}
	switch a.app {
	case Portal:
		switch {
		case a.path == "":
			return "Studio's home"
		case a.name != "":
			return "The page" + of + ": press Run there (" + a.path + ")"
		}
		return "A page of Studio (" + a.path + ")"
	case NotebookPage:
		if a.path == "" {
			return "Jupyter on the notebook instance " + a.name
		}
		return "JupyterLab on the notebook instance " + a.name + " (" + a.path + ")"
	case MLflow:
		return "MLflow of the tracking server " + a.name
	case RStudio:
		return "RStudio"
	case JupyterServer:
		return "Studio Classic"
	case CodeEditor:
		return "Code Editor" + of
	}
	return a.app + of
}

// serveNothing is a space's host where no app runs: not a word.
func (s *Server) serveNothing(w http.ResponseWriter, _ *http.Request) {
	quiet(w)
	w.WriteHeader(http.StatusNotFound)
}

// serveNotebook is the host of a notebook instance, which a presigned URL enters
// with any path.
func (s *Server) serveNotebook(w http.ResponseWriter, r *http.Request) {
	s.enter(w, r, r.URL.Query().Get("authToken"), r.PathValue("name"), r.PathValue("path"))
}
