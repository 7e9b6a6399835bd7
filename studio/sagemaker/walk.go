package sagemaker

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/sagemaker"

	"github.com/studiobot/studiobot/studio"
)

// pager is one of the SDK's paginators.
type pager[Page any] interface {
	HasMorePages() bool
	NextPage(context.Context, ...func(*api.Options)) (*Page, error)
}

// verdict is what becomes of a row of a listing.
type verdict int

const (
	listed   verdict = iota
	ignored          // fine, and of no interest
	unusable         // it can't be what it is listed as
)

// listing is how one kind of thing is listed.
type listing[Page, Row, Item any] struct {
	kind  string        // in words
	odd   *atomic.Int64 // how many rows the last listing of it skipped
	pages pager[Page]
	rows  func(*Page) (rows []Row, next *string)
	// read also returns the name of what it reads, as far as there is one.
	read func(*Row) (item Item, name string, v verdict)
}

// walk calls each with every item, page by page at the background's pace, and
// returns how many rows there were. An error of each's own is returned as it is.
func (l listing[Page, Row, Item]) walk(ctx context.Context, c *Client, d *domain, each func(Item) error) (n int, err error) {
	what := "list the " + l.kind + " of " + d.Name
	walked := make(trail)
	odd := skipped{}
	for l.pages.HasMorePages() {
		out, err := nextPage(ctx, c, d, l.pages.NextPage)
		if err != nil {
			return n, wrap(sentinel(err), what, err)
		}
		rows, next := l.rows(out)
		if err := walked.step(next, maxPages); err != nil {
			return n, wrap(studio.ErrRefused, what, err)
		}
		for i := range rows {
			item, name, v := l.read(&rows[i])
			if n++; n > maxListed {
				return n, fmt.Errorf("%w: %s: there are more than %d", studio.ErrRefused, what, maxListed)
			}
			switch v {
			case unusable:
				odd.add(name)
			case listed:
				if err := each(item); err != nil {
					return n, err
				}
			}
		}
	}
	c.sayOdd(ctx, d, l.kind, l.odd, odd)
	return n, nil
}

// nextPage asks for the next page of any paginator.
func nextPage[Page any](ctx context.Context, c *Client, d *domain, next func(context.Context, ...func(*api.Options)) (*Page, error)) (*Page, error) {
	if err := c.ready(ctx, d); err != nil {
		return nil, err
	}
	return next(ctx)
}

// skipped counts what can't be what it is listed as.
type skipped struct {
	n       int
	example string
}

func (s *skipped) add(name string) {
	if s.n == 0 {
		s.example = clip(name)
	}
	s.n++
}

// sayOdd says once how many were skipped, and again when it is another number.
func (c *Client) sayOdd(ctx context.Context, d *domain, kind string, last *atomic.Int64, odd skipped) {
	before := last.Swap(int64(odd.n))
	if odd.n == 0 {
		return
	}
	level := slog.LevelWarn
	if before == int64(odd.n) {
		level = slog.LevelDebug
	}
	c.log.Log(ctx, level, "SageMaker lists "+kind+" that can't be any: they are left out", "domain", d.Name, "count", odd.n, "first", odd.example)
}

// ofDomain reports whether a row belongs to the domain that was asked about.
func (d *domain) ofDomain(id *string) bool { return aws.ToString(id) == "" || *id == d.ID }
