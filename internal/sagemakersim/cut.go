package sagemakersim

import (
	"cmp"
	"encoding/json"
	"slices"
)

// listInput is what every listing can be asked for.
type listInput struct {
	SortBy, SortOrder *string
	MaxResults        *int
	NextToken         *string
}

func (in listInput) check(c *constraints, sorts ...string) {
	c.oneOf("sortBy", in.SortBy, sorts...)
	c.oneOf("sortOrder", in.SortOrder, "Ascending", "Descending")
	c.number("maxResults", in.MaxResults, 1, 100)
	c.text("nextToken", in.NextToken, false, 8192, "", nil)
}

// by is what the listing is sorted by.
func (in listInput) by(otherwise string) string {
	if in.SortBy == nil {
		return otherwise
	}
	return *in.SortBy
}

func (in listInput) down(otherwise bool) bool {
	if in.SortOrder == nil {
		return otherwise
	}
	return *in.SortOrder == "Descending"
}

// row is an item of a listing, and where it stands: by its key (a name, a
// status), then by its place.
type row[T any] struct {
	item  T
	key   string
	place place
}

func (a row[T]) compare(b row[T]) int {
	return cmp.Or(cmp.Compare(a.key, b.key), a.place.compare(b.place))
}

// cut sorts a listing and returns the page of it that was asked for, with the
// NextToken of the next one. What has to be the same for all pages is in query.
// It is for listings of thousands; listUserProfiles is for more.
func cut[T any](s *Server, r *request, in listInput, down bool, query any, rows []row[T]) ([]T, string, *failure) {
	text, _ := json.Marshal(query) // strings can't fail
	name := r.call.Operation + " " + r.region + string(text)
	from, failed := s.tokens.read(in.NextToken, name)
	if failed != nil {
		return nil, "", failed
	}
	order := func(a, b row[T]) int {
		if down {
			a, b = b, a
		}
		return a.compare(b)
	}
	slices.SortFunc(rows, order)
	if from != nil {
		last := row[T]{key: from.Key, place: from.After}
		rows = slices.DeleteFunc(rows, func(r row[T]) bool { return order(r, last) <= 0 })
	}
	page := defaultPage
	if in.MaxResults != nil {
		page = *in.MaxResults
	}
	if s.o.PageLimit > 0 {
		page = min(page, s.o.PageLimit)
	}
	items := make([]T, 0, page)
	for _, r := range rows[:min(len(rows), page)] {
		items = append(items, r.item)
	}
	next := ""
	if len(rows) > page {
		last := rows[page-1]
		next = s.tokens.make(cursor{Query: name, After: last.place, Key: last.key})
	}
	r.call.Items, r.call.More = len(items), next != ""
	return items, next, nil
}

func value(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}
