package sagemakersim

import (
	"strings"
	"time"
)

// What the API model gives where a request says nothing, in seconds.
const (
	defaultExpiresIn = 300
	defaultSession   = 43200
)

type presignInput struct {
	DomainID   *string `json:"DomainId"`
	Profile    *string `json:"UserProfileName"`
	ExpiresIn  *int    `json:"ExpiresInSeconds"`
	Session    *int    `json:"SessionExpirationDurationInSeconds"`
	LandingURI *string `json:"LandingUri"`
	Space      *string `json:"SpaceName"`
}

type presignedDomainURL struct {
	AuthorizedURL string `json:"AuthorizedUrl"`
}

func (in presignInput) check() *failure {
	var c constraints
	c.text("domainId", in.DomainID, true, 63, domainIDPattern, domainIDRegexp)
	c.text("userProfileName", in.Profile, true, 63, namePattern, nameRegexp)
	c.number("expiresInSeconds", in.ExpiresIn, 5, 300)
	c.number("sessionExpirationDurationInSeconds", in.Session, 1800, 43200)
	c.text("spaceName", in.Space, false, 63, namePattern, nameRegexp)
	c.text("landingUri", in.LandingURI, false, 1023, "", nil)
	return c.failure()
}

func (s *Server) createPresignedDomainURL(r *request) (any, *failure) {
	in, failed := decode[presignInput](r.body)
	if failed != nil {
		return nil, failed
	}
	if failed := in.check(); failed != nil {
		return nil, failed
	}
	if in.LandingURI != nil && !landing(*in.LandingURI) {
		return nil, invalid("LandingUri is not one of the supported values")
	}
	d, ok := s.estate.domain(*in.DomainID)
	if !ok {
		return nil, noDomain(r.region, *in.DomainID)
	}
	p, ok := s.estate.profile(*in.DomainID, *in.Profile)
	if !ok {
		return nil, noProfile(r.region, d.ID, *in.Profile)
	}
	switch {
	case d.AuthMode != AuthModeIAM:
		return nil, invalid("CreatePresignedDomainUrl is only supported for domains with AuthMode IAM")
	case d.Status != InService:
		return nil, invalid("Domain " + d.ID + " is in status " + d.Status)
	case p.Status != InService:
		return nil, invalid("UserProfile " + p.Name + " is in status " + p.Status)
	}
	grant := grant{
		domainID: d.ID, domainName: d.Name, profile: p.Name,
		session: seconds(in.Session, defaultSession),
	}
	now := time.Now()
	return &presignedDomainURL{s.urls.mint(grant, now, seconds(in.ExpiresIn, defaultExpiresIn))}, nil
}

// landing reports whether a landing address has one of the documented forms.
func landing(uri string) bool {
	if strings.HasPrefix(uri, "studio::") {
		return true
	}
	for _, app := range []string{"JupyterServer", "JupyterLab", "RStudioServerPro", "CodeEditor", "Canvas"} {
		if strings.HasPrefix(uri, "app:"+app+":") {
			return true
		}
	}
	return false
}

func seconds(given *int, otherwise int) time.Duration {
	if given != nil {
		otherwise = *given
	}
	return time.Duration(otherwise) * time.Second
}
