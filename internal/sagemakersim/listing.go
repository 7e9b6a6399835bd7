package sagemakersim

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// defaultPage is MaxResults where a request says nothing.
const defaultPage = 10

type listProfilesInput struct {
	DomainID   *string `json:"DomainIdEquals"`
	Contains   *string `json:"UserProfileNameContains"`
	SortBy     *string
	SortOrder  *string
	MaxResults *int
	NextToken  *string
}

type listedProfiles struct {
	UserProfiles []listedProfile
	NextToken    string `json:",omitempty"`
}

type listedProfile struct {
	DomainID         string `json:"DomainId"`
	UserProfileName  string
	Status           string
	CreationTime     float64
	LastModifiedTime float64
}

func (in listProfilesInput) check() *failure {
	var c constraints
	c.text("domainIdEquals", in.DomainID, false, 63, domainIDPattern, domainIDRegexp)
	c.text("userProfileNameContains", in.Contains, false, 63, namePattern, nameRegexp)
	c.oneOf("sortBy", in.SortBy, byCreation, byModification)
	c.oneOf("sortOrder", in.SortOrder, "Ascending", "Descending")
	c.number("maxResults", in.MaxResults, 1, 100)
	c.text("nextToken", in.NextToken, false, 8192, "", nil)
	return c.failure()
}

// profileQuery is what a listing is about, whatever its page.
type profileQuery struct {
	Domain, Contains string
	By               string
	Down             bool
}

func (s *Server) listUserProfiles(r *request) (any, *failure) {
	in, failed := decode[listProfilesInput](r.body)
	if failed != nil {
		return nil, failed
	}
	if failed := in.check(); failed != nil {
		return nil, failed
	}
	q := profileQuery{By: byCreation, Down: in.SortOrder != nil && *in.SortOrder == "Descending"}
	if in.DomainID != nil {
		q.Domain = *in.DomainID
	}
	if in.Contains != nil {
		q.Contains = strings.ToLower(*in.Contains)
	}
	if in.SortBy != nil {
		q.By = *in.SortBy
	}
	text, _ := json.Marshal(q) // strings can't fail
	query := "profiles " + r.region + string(text)
	from, failed := s.tokens.read(in.NextToken, query)
	if failed != nil {
		return nil, failed
	}
	page := defaultPage
	if in.MaxResults != nil {
		page = *in.MaxResults
	}
	if s.o.PageLimit > 0 {
		page = min(page, s.o.PageLimit)
	}
	var after *place
	if from != nil {
		after = &from.After
	}
	found := s.estate.list(q, after, page+1)
	out := &listedProfiles{UserProfiles: make([]listedProfile, 0, page)}
	for _, l := range found[:min(len(found), page)] {
		out.UserProfiles = append(out.UserProfiles, l.listedProfile)
	}
	if len(found) > page {
		out.NextToken = s.tokens.make(cursor{Query: query, After: found[page-1].place})
	}
	r.call.Items, r.call.More = len(out.UserProfiles), out.NextToken != ""
	return out, nil
}

// placed is a profile in a listing, and where it stands.
type placed struct {
	listedProfile
	place place
}

// list returns the first profiles after a place, in the query's order. A domain
// that doesn't exist has none.
func (e *estate) list(q profileQuery, after *place, limit int) []placed {
	if q.Domain != "" {
		var found []placed
		e.read(q.Domain, func(d *domain) {
			if d != nil {
				found = d.list(q, after, limit)
			}
		})
		return found
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	now := time.Now()
	var found []placed
	for _, d := range e.domains {
		d.settle(now)
		found = append(found, d.list(q, after, limit)...)
	}
	slices.SortFunc(found, func(a, b placed) int {
		if q.Down {
			a, b = b, a
		}
		return a.place.compare(b.place)
	})
	return found[:min(len(found), limit)]
}

func (d *domain) list(q profileQuery, after *place, limit int) []placed {
	all := d.orders[q.By]
	step, at := 1, 0
	if q.Down {
		step, at = -1, len(all)-1
	}
	if after != nil {
		next, there := d.find(q.By, *after)
		switch {
		case q.Down:
			at = next - 1
		case there:
			at = next + 1
		default:
			at = next
		}
	}
	var found []placed
	for ; at >= 0 && at < len(all) && len(found) < limit; at += step {
		r := all[at]
		if q.Contains != "" && !strings.Contains(strings.ToLower(r.Name), q.Contains) {
			continue
		}
		found = append(found, placed{listedProfile{d.ID, r.Name, r.Status, wireTime(r.Created), wireTime(r.Modified)}, r.place(q.By)})
	}
	return found
}

// wireTime is how the protocol writes a moment: seconds since 1970, to the
// millisecond.
func wireTime(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
