package sagemakersim

import (
	"strings"
	"sync"
)

// estate is what exists in the simulated account.
type estate struct {
	mu      sync.RWMutex
	domains map[string]*domain
}

// domain holds its profiles by lower-case name, as SageMaker compares them.
type domain struct {
	Domain
	profiles map[string]Profile
}

func newEstate(domains []Domain) *estate {
	e := &estate{domains: make(map[string]*domain, len(domains))}
	for _, d := range domains {
		e.set(d)
	}
	return e
}

func (e *estate) set(d Domain) {
	if d.AuthMode == "" {
		d.AuthMode = AuthModeIAM
	}
	if d.Status == "" {
		d.Status = InService
	}
	kept := &domain{Domain: d, profiles: make(map[string]Profile, len(d.Profiles))}
	kept.Profiles = nil // profiles has them
	for _, p := range d.Profiles {
		kept.add(p)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.domains[d.ID] = kept
}

func (d *domain) add(p Profile) {
	if p.Status == "" {
		p.Status = InService
	}
	d.profiles[strings.ToLower(p.Name)] = p
}

// domain returns the domain, without its profiles.
func (e *estate) domain(id string) (Domain, bool) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	d, ok := e.domains[id]
	if !ok {
		return Domain{}, false
	}
	return d.Domain, true
}

// profile returns the profile as it is written in the domain.
func (e *estate) profile(id, name string) (Profile, bool) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	d, ok := e.domains[id]
	if !ok {
		return Profile{}, false
	}
	p, ok := d.profiles[strings.ToLower(name)]
	return p, ok
}

// SetDomain adds the domain, or replaces the one with the same ID together
// with its profiles.
func (s *Server) SetDomain(d Domain) { s.estate.set(d) }

// AddProfile adds a profile that is in service, or puts one back into service.
// It does nothing where the domain doesn't exist.
func (s *Server) AddProfile(domainID, name string) {
	s.estate.mu.Lock()
	defer s.estate.mu.Unlock()
	if d, ok := s.estate.domains[domainID]; ok {
		d.add(Profile{Name: name})
	}
}

// RemoveProfile removes a profile; presigned URLs of it that are out there
// still work, as those of a removed grant would.
func (s *Server) RemoveProfile(domainID, name string) {
	s.estate.mu.Lock()
	defer s.estate.mu.Unlock()
	if d, ok := s.estate.domains[domainID]; ok {
		delete(d.profiles, strings.ToLower(name))
	}
}
