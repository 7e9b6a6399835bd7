package sagemakersim

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
)

// The two orders that profiles are listed in, as the API names them.
const (
	byCreation     = "CreationTime"
	byModification = "LastModifiedTime"
)

// record is a profile as it is kept.
type record struct {
	Profile
	serial int       // tells those of one moment apart
	ready  time.Time // when a Pending one is in service
}

// place is where a profile stands in an order. No two have the same.
type place struct {
	At     int64 // nanoseconds since 1970
	Serial int
}

func (p place) compare(q place) int {
	return cmp.Or(cmp.Compare(p.At, q.At), cmp.Compare(p.Serial, q.Serial))
}

func (r *record) place(by string) place {
	at := r.Created
	if by == byModification {
		at = r.Modified
	}
	return place{at.UnixNano(), r.serial}
}

// find returns the index of the first profile at p or behind it, and whether it
// is at p.
func (d *domain) find(by string, p place) (int, bool) {
	return slices.BinarySearchFunc(d.orders[by], p, func(r *record, p place) int { return r.place(by).compare(p) })
}

func (d *domain) insert(by string, r *record) {
	at, _ := d.find(by, r.place(by))
	d.orders[by] = slices.Insert(d.orders[by], at, r)
}

func (d *domain) withdraw(by string, r *record) {
	if at, ok := d.find(by, r.place(by)); ok {
		d.orders[by] = slices.Delete(d.orders[by], at, at+1)
	}
}

// SetDomain adds the domain, or replaces the one with the same ID together
// with its profiles.
func (s *Server) SetDomain(d Domain) { s.estate.set(d) }

// AddProfile adds a profile that is in service and has no tags, or puts one
// back into that state. It does nothing where the domain doesn't exist.
func (s *Server) AddProfile(domainID, name string) {
	s.estate.write(domainID, func(d *domain) {
		if d != nil {
			s.estate.put(d, Profile{Name: name, Created: time.Now()})
		}
	})
}

// RemoveProfile removes a profile; presigned URLs of it that are out there
// still work, as those of a removed grant would.
func (s *Server) RemoveProfile(domainID, name string) {
	s.estate.write(domainID, func(d *domain) {
		if d != nil {
			d.remove(name)
		}
	})
}

// Profile returns a profile as it is now, also one that was created by a
// request.
func (s *Server) Profile(domainID, name string) (Profile, bool) {
	p, ok := s.estate.profile(domainID, name)
	p.Tags = maps.Clone(p.Tags)
	return p, ok
}

// SetProfileStatus gives a profile another status: it ends Pending as
// InService or, with a reason, as Failed. It does nothing where the profile
// doesn't exist.
func (s *Server) SetProfileStatus(domainID, profile, status, reason string) {
	s.estate.write(domainID, func(d *domain) {
		if d == nil {
			return
		}
		if r := d.profiles[strings.ToLower(profile)]; r != nil {
			d.pending = slices.DeleteFunc(d.pending, func(other *record) bool { return other == r })
			d.modify(r, status, reason, time.Now())
		}
	})
}

// SetTags replaces all tags of a profile, or of the domain where profile is
// empty. Unlike AddTags it checks nothing, so that system tags (aws:…) can be
// there too. It does nothing where there is no such thing.
func (s *Server) SetTags(domainID, profile string, tags map[string]string) {
	s.estate.write(domainID, func(d *domain) {
		if d == nil {
			return
		}
		if profile == "" {
			d.Tags = maps.Clone(tags)
		} else if r := d.profiles[strings.ToLower(profile)]; r != nil {
			r.Tags = maps.Clone(tags) // LastModifiedTime stays, see the package's doc
		}
	})
}
