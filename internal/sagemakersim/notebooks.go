package sagemakersim

import (
	"slices"
	"strings"
	"time"
)

// notebookLife is how long the URL of a notebook instance lives; nobody can ask
// for another time.
const notebookLife = 5 * time.Minute

// notebookPattern is the API model's, which leaves the length to another rule.
const notebookPattern = `[a-zA-Z0-9](-*[a-zA-Z0-9])*`

type listNotebooksInput struct {
	listInput
	Contains *string `json:"NameContains"`
	Status   *string `json:"StatusEquals"`
}

type listedNotebooks struct {
	NotebookInstances []listedNotebook
	NextToken         string `json:",omitempty"`
}

type listedNotebook struct {
	NotebookInstanceName   string
	NotebookInstanceArn    string
	NotebookInstanceStatus string
	InstanceType           string
	URL                    string `json:"Url"`
	CreationTime           float64
	LastModifiedTime       float64
}

type describedNotebook struct {
	listedNotebook
	VolumeSizeInGB int
	FailureReason  string `json:",omitempty"`
}

var notebookStatuses = []string{
	Pending, InService, Stopping, Stopped, Failed, Deleting, "Updating", "PendingMaintenance", "InMaintenance",
}

// notebook returns an instance as it is now, or nil. The caller holds the lock.
func (e *estate) notebook(name string) *notebookRecord {
	r := e.notebooks[strings.ToLower(name)]
	if r != nil {
		r.settle(time.Now())
	}
	return r
}

func (n Notebook) listed(region string) listedNotebook {
	return listedNotebook{
		n.Name, notebookARN(region, n.Name), n.Status, n.Instance,
		strings.ToLower(n.Name) + ".notebook." + region + ".sagemaker.aws", wireTime(n.Created), wireTime(n.Modified),
	}
}

func (s *Server) listNotebooks(r *request) (any, *failure) {
	in, failed := decode[listNotebooksInput](r.body)
	if failed != nil {
		return nil, failed
	}
	var c constraints
	c.text("nameContains", in.Contains, false, 63, "[a-zA-Z0-9-]+", nil)
	c.oneOf("statusEquals", in.Status, notebookStatuses...)
	in.check(&c, "Name", byCreation, "Status")
	if failed := c.failure(); failed != nil {
		return nil, failed
	}
	by, down := in.by("Name"), in.down(false)
	contains := strings.ToLower(value(in.Contains))
	var rows []row[listedNotebook]
	s.estate.mu.Lock()
	for name := range s.estate.notebooks {
		n := s.estate.notebook(name)
		if !strings.Contains(name, contains) || in.Status != nil && *in.Status != n.Status {
			continue
		}
		at := row[listedNotebook]{n.listed(r.region), "", place{n.Created.UnixNano(), n.serial}}
		switch by {
		case "Name":
			at.key = name
		case "Status":
			at.key = n.Status
		}
		rows = append(rows, at)
	}
	s.estate.mu.Unlock()
	items, next, failed := cut(s, r, in.listInput, down, []any{contains, value(in.Status), by, down}, rows)
	if failed != nil {
		return nil, failed
	}
	return &listedNotebooks{items, next}, nil
}

type notebookInput struct {
	Name    *string `json:"NotebookInstanceName"`
	Session *int    `json:"SessionExpirationDurationInSeconds"`
}

// withNotebook calls with with the instance that a request is about.
func (s *Server) withNotebook(r *request, with func(in notebookInput, n *notebookRecord) *failure) *failure {
	in, failed := decode[notebookInput](r.body)
	if failed != nil {
		return failed
	}
	var c constraints
	c.text("notebookInstanceName", in.Name, true, 63, notebookPattern, nameRegexp)
	c.number("sessionExpirationDurationInSeconds", in.Session, 1800, 43200)
	if failed := c.failure(); failed != nil {
		return failed
	}
	s.estate.mu.Lock()
	defer s.estate.mu.Unlock()
	n := s.estate.notebook(*in.Name)
	if n == nil {
		return invalid("RecordNotFound")
	}
	return with(in, n)
}

func (s *Server) describeNotebook(r *request) (any, *failure) {
	var out *describedNotebook
	failed := s.withNotebook(r, func(_ notebookInput, n *notebookRecord) *failure {
		out = &describedNotebook{listedNotebook: n.listed(r.region), VolumeSizeInGB: n.VolumeGB}
		return nil
	})
	return out, failed
}

// move brings an instance from one of some statuses into another, and from there
// into the last.
func (s *Server) move(r *request, to, last string, from ...string) (any, *failure) {
	failed := s.withNotebook(r, func(_ notebookInput, n *notebookRecord) *failure {
		if !slices.Contains(from, n.Status) {
			return invalid("Status (" + n.Status + ") not in ([" + strings.Join(from, ", ") + "]). Unable to transition to (" + to +
				") for Notebook Instance (" + notebookARN(r.region, n.Name) + ")")
		}
		n.Status, n.Modified, n.next = to, time.Now(), s.estate.becomes(last)
		return nil
	})
	return &struct{}{}, failed
}

func (s *Server) startNotebook(r *request) (any, *failure) {
	return s.move(r, Pending, InService, Stopped, Failed)
}

func (s *Server) stopNotebook(r *request) (any, *failure) {
	return s.move(r, Stopping, Stopped, InService)
}

func (s *Server) createPresignedNotebookURL(r *request) (any, *failure) {
	var g grant
	failed := s.withNotebook(r, func(in notebookInput, n *notebookRecord) *failure {
		if n.Status != InService {
			return invalid("Status (" + n.Status + ") not in ([InService]) for Notebook Instance (" + notebookARN(r.region, n.Name) + ")")
		}
		g = grant{notebook: n.Name, session: seconds(in.Session, defaultSession)}
		return nil
	})
	if failed != nil {
		return nil, failed
	}
	prefix := s.base + "/notebook/" + strings.ToLower(g.notebook) + "?authToken="
	return &presignedDomainURL{s.urls.mintAt(prefix, shortLength, g, time.Now(), notebookLife)}, nil
}
