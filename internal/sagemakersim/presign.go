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
	where, ok := parseLanding(in.LandingURI, in.Space)
	if !ok {
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
	if where.space != "" {
		if failed := s.mayEnter(r.region, d.ID, p.Name, where.space); failed != nil {
			return nil, failed
		}
	}
	grant := grant{
		domainID: d.ID, domainName: d.Name, profile: p.Name, landing: where,
		session: seconds(in.Session, defaultSession),
	}
	now := time.Now()
	return &presignedDomainURL{s.urls.mint(grant, now, seconds(in.ExpiresIn, defaultExpiresIn))}, nil
}

// mayEnter says why a profile can't enter a space.
func (s *Server) mayEnter(region, domainID, profile, space string) (failed *failure) {
	s.estate.write(domainID, func(d *domain) {
		switch sp := d.spaces[strings.ToLower(space)]; {
		case sp == nil:
			failed = noSpace(region, domainID, space)
		case !sp.Shared && !strings.EqualFold(sp.Owner, profile):
			failed = invalid("Space " + sp.Name + " is not owned by UserProfile " + profile)
		case sp.Status != InService:
			failed = invalid("Space " + sp.Name + " is in status " + sp.Status)
		}
	})
	return failed
}

func seconds(given *int, otherwise int) time.Duration {
	if given != nil {
		otherwise = *given
	}
	return time.Duration(otherwise) * time.Second
}
