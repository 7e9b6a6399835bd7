package sagemakersim

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// estate is what exists in the simulated account.
type estate struct {
	mu      sync.RWMutex
	domains map[string]*domain
	serial  int // of what was added last
	// notebooks and servers are the Region's, by lower-case name.
	notebooks map[string]*notebookRecord
	servers   map[string]*serverRecord
	// delay is how long a created profile stays Pending; negative: until
	// SetProfileStatus.
	delay time.Duration
	// stateDelay is the same for apps and notebook instances.
	stateDelay time.Duration
}

// domain holds its profiles by lower-case name, as SageMaker compares them, and
// in the two orders that they are listed in.
type domain struct {
	Domain
	profiles map[string]*record
	spaces   map[string]*spaceRecord // by lower-case name too: they share one namespace
	apps     map[string]*appRecord
	orders   map[string][]*record
	pending  []*record // that become ready by themselves
}

func newEstate(o Options) *estate {
	e := &estate{
		domains: make(map[string]*domain, len(o.Domains)), delay: o.ProfileDelay, stateDelay: o.StateDelay,
		notebooks: make(map[string]*notebookRecord), servers: make(map[string]*serverRecord),
	}
	for _, d := range o.Domains {
		e.set(d)
	}
	for _, n := range o.Notebooks {
		e.putNotebook(n)
	}
	for _, t := range o.TrackingServers {
		e.putServer(t)
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
	kept := &domain{
		Domain: d, profiles: make(map[string]*record, len(d.Profiles)),
		spaces: make(map[string]*spaceRecord, len(d.Spaces)), apps: make(map[string]*appRecord, len(d.Apps)),
		orders: make(map[string][]*record, 2),
	}
	kept.Profiles, kept.Spaces, kept.Apps = nil, nil, nil // profiles, spaces and apps have them
	kept.Tags = maps.Clone(d.Tags)
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, p := range d.Profiles {
		e.put(kept, p)
	}
	for _, sp := range d.Spaces {
		e.putSpace(kept, sp)
	}
	for _, a := range d.Apps {
		e.putApp(kept, a)
	}
	e.domains[d.ID] = kept
}

// put adds a profile to a domain, or replaces the one with its name. The caller
// holds the lock.
func (e *estate) put(d *domain, p Profile) *record {
	if p.Status == "" {
		p.Status = InService
	}
	if p.Created.IsZero() {
		p.Created = time.Unix(created, 0)
	}
	if p.Modified.IsZero() {
		p.Modified = p.Created
	}
	p.Tags = maps.Clone(p.Tags)
	d.remove(p.Name)
	e.serial++
	r := &record{Profile: p, serial: e.serial}
	d.profiles[strings.ToLower(p.Name)] = r
	for _, by := range []string{byCreation, byModification} {
		d.insert(by, r)
	}
	return r
}

func (d *domain) remove(name string) {
	r, ok := d.profiles[strings.ToLower(name)]
	if !ok {
		return
	}
	delete(d.profiles, strings.ToLower(name))
	for _, by := range []string{byCreation, byModification} {
		d.withdraw(by, r)
	}
	d.pending = slices.DeleteFunc(d.pending, func(other *record) bool { return other == r })
}

// settle puts the profiles into service whose time has come. The caller holds
// the lock.
func (d *domain) settle(now time.Time) {
	d.pending = slices.DeleteFunc(d.pending, func(r *record) bool {
		if now.Before(r.ready) {
			return false
		}
		d.modify(r, InService, "", r.ready)
		return true
	})
}

// modify changes the status of a profile, and when it was modified.
func (d *domain) modify(r *record, status, reason string, at time.Time) {
	d.withdraw(byModification, r)
	r.Status, r.FailureReason, r.Modified = status, reason, at
	d.insert(byModification, r)
}

// read calls with with the domain, whose profiles it must not change, or with
// nil. What it takes out of it may be kept: tags are replaced, never changed.
func (e *estate) read(id string, with func(*domain)) {
	e.mu.RLock()
	if d := e.domains[id]; d == nil || len(d.pending) == 0 {
		defer e.mu.RUnlock()
		with(d)
		return
	}
	e.mu.RUnlock()
	e.write(id, with)
}

// write is read for who changes something.
func (e *estate) write(id string, with func(*domain)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	d := e.domains[id]
	if d != nil {
		d.settle(time.Now())
	}
	with(d)
}

// domain returns the domain, without its profiles.
func (e *estate) domain(id string) (found Domain, ok bool) {
	e.read(id, func(d *domain) {
		if d != nil {
			found, ok = d.Domain, true
		}
	})
	return found, ok
}

// profile returns the profile as it is written in the domain.
func (e *estate) profile(id, name string) (found Profile, ok bool) {
	e.read(id, func(d *domain) {
		if d == nil {
			return
		}
		if r := d.profiles[strings.ToLower(name)]; r != nil {
			found, ok = r.Profile, true
		}
	})
	return found, ok
}
