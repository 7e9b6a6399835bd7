package sagemakersim

import (
	"regexp"
	"strings"
	"time"
)

// serverPattern is the API model's.
const serverPattern = `[a-zA-Z0-9](-*[a-zA-Z0-9]){0,255}`

var serverRegexp = regexp.MustCompile(`^(?:` + serverPattern + `)$`)

type listServersInput struct {
	listInput
	Status *string `json:"TrackingServerStatus"`
}

type listedServers struct {
	Summaries []listedServer `json:"TrackingServerSummaries"`
	NextToken string         `json:",omitempty"`
}

type listedServer struct {
	TrackingServerArn    string
	TrackingServerName   string
	TrackingServerStatus string
	IsActive             string
	MlflowVersion        string
	CreationTime         float64
	LastModifiedTime     float64
}

type describedServer struct {
	listedServer
	TrackingServerSize string
	TrackingServerURL  string `json:"TrackingServerUrl"`
}

func (t TrackingServer) listed(region string) listedServer {
	active := "Inactive"
	if t.serving() {
		active = "Active"
	}
	return listedServer{serverARN(region, t.Name), t.Name, t.Status, active, "3.0", wireTime(t.Created), wireTime(t.Modified)}
}

func (s *Server) listServers(r *request) (any, *failure) {
	in, failed := decode[listServersInput](r.body)
	if failed != nil {
		return nil, failed
	}
	var c constraints
	in.check(&c, "Name", byCreation, "Status")
	if failed := c.failure(); failed != nil {
		return nil, failed
	}
	by, down := in.by(byCreation), in.down(true)
	var rows []row[listedServer]
	s.estate.mu.Lock()
	for name, t := range s.estate.servers {
		if in.Status != nil && *in.Status != t.Status {
			continue
		}
		at := row[listedServer]{t.listed(r.region), "", place{t.Created.UnixNano(), t.serial}}
		switch by {
		case "Name":
			at.key = name
		case "Status":
			at.key = t.Status
		}
		rows = append(rows, at)
	}
	s.estate.mu.Unlock()
	items, next, failed := cut(s, r, in.listInput, down, []any{value(in.Status), by, down}, rows)
	if failed != nil {
		return nil, failed
	}
	return &listedServers{items, next}, nil
}

type serverInput struct {
	Name      *string `json:"TrackingServerName"`
	ExpiresIn *int    `json:"ExpiresInSeconds"`
	Session   *int    `json:"SessionExpirationDurationInSeconds"`
}

// trackingServer returns the one that a request is about.
func (s *Server) trackingServer(r *request) (in serverInput, found TrackingServer, failed *failure) {
	if in, failed = decode[serverInput](r.body); failed != nil {
		return in, found, failed
	}
	var c constraints
	c.text("trackingServerName", in.Name, true, 256, serverPattern, serverRegexp)
	c.number("expiresInSeconds", in.ExpiresIn, 5, 300)
	c.number("sessionExpirationDurationInSeconds", in.Session, 1800, 43200)
	if failed := c.failure(); failed != nil {
		return in, found, failed
	}
	s.estate.mu.Lock()
	defer s.estate.mu.Unlock()
	t := s.estate.servers[strings.ToLower(*in.Name)]
	if t == nil {
		return in, found, notFound("MLflow Tracking Server [" + serverARN(r.region, *in.Name) + "] does not exist")
	}
	return in, t.TrackingServer, nil
}

func (s *Server) describeServer(r *request) (any, *failure) {
	_, t, failed := s.trackingServer(r)
	if failed != nil {
		return nil, failed
	}
	return &describedServer{t.listed(r.region), "Small", "https://t-0a1b2c3d4e5f." + r.region + ".experiments.sagemaker.aws"}, nil
}

func (s *Server) createPresignedServerURL(r *request) (any, *failure) {
	in, t, failed := s.trackingServer(r)
	if failed != nil {
		return nil, failed
	}
	if !t.serving() {
		return nil, invalid("MLflow Tracking Server " + t.Name + " is in status " + t.Status)
	}
	g := grant{server: t.Name, session: seconds(in.Session, defaultSession)}
	url := s.urls.mintAt(s.base+"/auth?authToken=", shortLength, g, time.Now(), seconds(in.ExpiresIn, defaultExpiresIn))
	return &presignedDomainURL{url}, nil
}
