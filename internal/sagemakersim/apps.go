package sagemakersim

import (
	"strings"
	"time"
)

// appTypes are the API model's.
var appTypes = []string{
	JupyterServer, "KernelGateway", "DetailedProfiler", "TensorBoard", CodeEditor, JupyterLab, RStudio, "RSessionGateway", Canvas,
}

type listAppsInput struct {
	listInput
	DomainID *string `json:"DomainIdEquals"`
	Profile  *string `json:"UserProfileNameEquals"`
	Space    *string `json:"SpaceNameEquals"`
}

type listedApps struct {
	Apps      []listedApp
	NextToken string `json:",omitempty"`
}

type listedApp struct {
	DomainID        string `json:"DomainId"`
	UserProfileName string `json:",omitempty"`
	SpaceName       string `json:",omitempty"`
	AppType         string
	AppName         string
	Status          string
	CreationTime    float64
	ResourceSpec    resourceSpec
}

type resourceSpec struct{ InstanceType string }

type describedApp struct {
	listedApp
	AppArn                    string
	LastHealthCheckTimestamp  float64 `json:",omitempty"`
	LastUserActivityTimestamp float64 `json:",omitempty"`
}

func (a App) listed(domainID string) listedApp {
	return listedApp{domainID, a.Profile, a.Space, a.Type, a.Name, a.Status, wireTime(a.Created), resourceSpec{a.Instance}}
}

func (s *Server) listApps(r *request) (any, *failure) {
	in, failed := decode[listAppsInput](r.body)
	if failed != nil {
		return nil, failed
	}
	var c constraints
	c.text("domainIdEquals", in.DomainID, false, 63, domainIDPattern, domainIDRegexp)
	c.text("userProfileNameEquals", in.Profile, false, 63, namePattern, nameRegexp)
	c.text("spaceNameEquals", in.Space, false, 63, namePattern, nameRegexp)
	in.check(&c, byCreation)
	if failed := c.failure(); failed != nil {
		return nil, failed
	}
	if in.Profile != nil && in.Space != nil {
		return nil, invalid("UserProfileNameEquals and SpaceNameEquals cannot be set at the same time")
	}
	var rows []row[listedApp]
	s.estate.each(value(in.DomainID), func(d *domain) {
		now := time.Now()
		for _, a := range d.apps {
			a.settle(now)
			if in.Profile != nil && !strings.EqualFold(*in.Profile, a.Profile) || in.Space != nil && !strings.EqualFold(*in.Space, a.Space) {
				continue
			}
			rows = append(rows, row[listedApp]{a.listed(d.ID), "", place{a.Created.UnixNano(), a.serial}})
		}
	})
	down := in.down(false)
	items, next, failed := cut(s, r, in.listInput, down, []any{value(in.DomainID), value(in.Profile), value(in.Space), down}, rows)
	if failed != nil {
		return nil, failed
	}
	return &listedApps{items, next}, nil
}

type appInput struct {
	DomainID     *string `json:"DomainId"`
	Profile      *string `json:"UserProfileName"`
	Space        *string `json:"SpaceName"`
	AppType      *string
	AppName      *string
	ResourceSpec *struct{ InstanceType *string }
}

func (in appInput) check() *failure {
	var c constraints
	c.text("domainId", in.DomainID, true, 63, domainIDPattern, domainIDRegexp)
	c.text("userProfileName", in.Profile, false, 63, namePattern, nameRegexp)
	c.text("spaceName", in.Space, false, 63, namePattern, nameRegexp)
	c.text("appName", in.AppName, true, 63, namePattern, nameRegexp)
	if in.AppType == nil {
		c.violated("null", "appType", "Member must not be null")
	}
	c.oneOf("appType", in.AppType, appTypes...)
	if failed := c.failure(); failed != nil {
		return failed
	}
	if (in.Profile == nil) == (in.Space == nil) {
		return invalid("Exactly one of UserProfileName and SpaceName must be set")
	}
	return nil
}

func (in appInput) app() App {
	a := App{Type: *in.AppType, Name: *in.AppName, Space: value(in.Space), Profile: value(in.Profile), Status: Pending}
	if in.ResourceSpec != nil {
		a.Instance = value(in.ResourceSpec.InstanceType)
	}
	return a
}

// withApp calls with with the app that a request is about, or with nil where
// there is none that wasn't deleted.
func (s *Server) withApp(r *request, with func(d *domain, in appInput, a *appRecord) *failure) *failure {
	in, failed := decode[appInput](r.body)
	if failed != nil {
		return failed
	}
	if failed := in.check(); failed != nil {
		return failed
	}
	s.estate.write(*in.DomainID, func(d *domain) {
		if d == nil {
			failed = noDomain(r.region, *in.DomainID)
			return
		}
		a := d.apps[in.app().key()]
		if a != nil {
			a.settle(time.Now())
		}
		failed = with(d, in, a)
	})
	return failed
}

func (s *Server) describeApp(r *request) (any, *failure) {
	var out *describedApp
	failed := s.withApp(r, func(d *domain, in appInput, a *appRecord) *failure {
		if a == nil {
			return noApp(r.region, d.ID, in.app())
		}
		out = &describedApp{listedApp: a.listed(d.ID), AppArn: appARN(r.region, d.ID, a.App)}
		if !a.Checked.IsZero() {
			out.LastHealthCheckTimestamp = wireTime(a.Checked)
		}
		if !a.Active.IsZero() {
			out.LastUserActivityTimestamp = wireTime(a.Active)
		}
		return nil
	})
	return out, failed
}

type createdApp struct{ AppArn string }

func (s *Server) createApp(r *request) (any, *failure) {
	var out *createdApp
	failed := s.withApp(r, func(d *domain, in appInput, a *appRecord) *failure {
		fresh := in.app()
		switch {
		case fresh.Space != "" && d.spaces[strings.ToLower(fresh.Space)] == nil:
			return noSpace(r.region, d.ID, fresh.Space)
		case fresh.Profile != "" && d.profiles[strings.ToLower(fresh.Profile)] == nil:
			return noProfile(r.region, d.ID, fresh.Profile)
		case a != nil && a.Status != Deleted && a.Status != Failed:
			return inUse("App " + fresh.Name + " already exists in status " + a.Status)
		case a != nil && a.Status == Deleted:
			fresh.Created = a.Created // a restart is an update, by the documentation
		}
		s.estate.putApp(d, fresh).next = s.estate.becomes(InService)
		out = &createdApp{appARN(r.region, d.ID, fresh)}
		return nil
	})
	return out, failed
}

func (s *Server) deleteApp(r *request) (any, *failure) {
	failed := s.withApp(r, func(d *domain, in appInput, a *appRecord) *failure {
		switch {
		case a == nil || a.Status == Deleted:
			return noApp(r.region, d.ID, in.app())
		case a.Status == Deleting:
			return inUse("App " + a.Name + " is being deleted")
		}
		a.Status, a.next = Deleting, s.estate.becomes(Deleted)
		return nil
	})
	return &struct{}{}, failed
}
