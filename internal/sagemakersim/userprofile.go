package sagemakersim

import (
	"slices"
	"strings"
	"time"
)

type profileInput struct {
	DomainID *string `json:"DomainId"`
	Profile  *string `json:"UserProfileName"`
}

func (in profileInput) check(c *constraints) {
	c.text("domainId", in.DomainID, true, 63, domainIDPattern, domainIDRegexp)
	c.text("userProfileName", in.Profile, true, 63, namePattern, nameRegexp)
}

// describedProfile has the members that a caller of ours could look at.
type describedProfile struct {
	DomainID         string `json:"DomainId"`
	UserProfileArn   string
	UserProfileName  string
	Status           string
	FailureReason    string `json:",omitempty"`
	CreationTime     float64
	LastModifiedTime float64
}

func (s *Server) describeUserProfile(r *request) (any, *failure) {
	in, failed := decode[profileInput](r.body)
	if failed != nil {
		return nil, failed
	}
	var c constraints
	in.check(&c)
	if failed := c.failure(); failed != nil {
		return nil, failed
	}
	if _, ok := s.estate.domain(*in.DomainID); !ok {
		return nil, noDomain(r.region, *in.DomainID)
	}
	p, ok := s.estate.profile(*in.DomainID, *in.Profile)
	if !ok {
		return nil, noProfile(r.region, *in.DomainID, *in.Profile)
	}
	return &describedProfile{
		DomainID: *in.DomainID, UserProfileArn: profileARN(r.region, *in.DomainID, s.spelled(p.Name)), UserProfileName: p.Name,
		Status: p.Status, FailureReason: p.FailureReason, CreationTime: wireTime(p.Created), LastModifiedTime: wireTime(p.Modified),
	}, nil
}

type createProfileInput struct {
	profileInput
	SignOnIdentifier *string `json:"SingleSignOnUserIdentifier"`
	SignOnValue      *string `json:"SingleSignOnUserValue"`
	Tags             []tag
}

type createdProfile struct{ UserProfileArn string }

func (s *Server) createUserProfile(r *request) (any, *failure) {
	in, failed := decode[createProfileInput](r.body)
	if failed != nil {
		return nil, failed
	}
	var c constraints
	in.check(&c)
	c.oneOf("singleSignOnUserIdentifier", in.SignOnIdentifier, "UserName")
	c.text("singleSignOnUserValue", in.SignOnValue, false, 256, "", nil)
	c.tags(in.Tags)
	if failed := c.failure(); failed != nil {
		return nil, failed
	}
	tags, failed := collect(in.Tags)
	if failed != nil {
		return nil, failed
	}
	signOn := in.SignOnIdentifier != nil && in.SignOnValue != nil
	s.estate.write(*in.DomainID, func(d *domain) {
		name := strings.ToLower(*in.Profile)
		switch {
		case d == nil:
			failed = noDomain(r.region, *in.DomainID)
		case d.Status != InService:
			failed = invalid("Domain " + d.ID + " is in status " + d.Status)
		case d.AuthMode == AuthModeSSO && !signOn:
			failed = invalid("SingleSignOnUserIdentifier and SingleSignOnUserValue are required for domains with AuthMode SSO")
		case d.AuthMode == AuthModeIAM && (in.SignOnIdentifier != nil || in.SignOnValue != nil):
			failed = invalid("SingleSignOnUserIdentifier and SingleSignOnUserValue cannot be specified for domains with AuthMode IAM")
		case d.profiles[name] != nil:
			failed = inUse("User Profile already exists with the same name")
		case d.spaces[name] != nil:
			failed = inUse("Space already exists with the same name")
		default:
			s.estate.create(d, *in.Profile, tags)
		}
	})
	if failed != nil {
		return nil, failed
	}
	return &createdProfile{profileARN(r.region, *in.DomainID, s.spelled(*in.Profile))}, nil
}

// create begins a profile. The caller holds the lock.
func (e *estate) create(d *domain, name string, tags map[string]string) {
	now := time.Now()
	r := e.put(d, Profile{Name: name, Status: Pending, Tags: tags, Created: now})
	if e.delay < 0 {
		return
	}
	r.ready = now.Add(e.delay)
	d.pending = slices.Concat(d.pending, []*record{r})
}
