package mapping_test

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/studio"
)

// memLinks keeps links by the contract of mapping.Links.
type memLinks struct {
	// fails says whether the call of that number, from 1, fails; nil: none.
	fails func(call int) error

	mu       sync.Mutex
	calls    int
	revision int64
	at       map[pair]int64 // the revision of the latest change
	changes  map[int64]mapping.Change
}

type pair struct {
	person studio.Person
	domain string
}

// call begins one, with the lock held if it doesn't fail.
func (m *memLinks) call(ctx context.Context) error {
	m.mu.Lock()
	m.calls++
	var err error
	if m.fails != nil {
		err = m.fails(m.calls)
	}
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		m.mu.Unlock()
	}
	return err
}

func (m *memLinks) change(c mapping.Change) {
	if m.at == nil {
		m.at, m.changes = map[pair]int64{}, map[int64]mapping.Change{}
	}
	who := pair{c.Person, c.Domain}
	delete(m.changes, m.at[who])
	m.revision++
	m.at[who], m.changes[m.revision] = m.revision, c
}

func (m *memLinks) link(p studio.Person, domain string) (mapping.Link, bool) {
	c, known := m.changes[m.at[pair{p, domain}]]
	return c.Link, known && !c.Gone
}

func (m *memLinks) PutLinks(ctx context.Context, links ...mapping.Link) error {
	if err := m.call(ctx); err != nil {
		return err
	}
	defer m.mu.Unlock()
	for _, l := range links {
		if old, there := m.link(l.Person, l.Domain); !there || old.Profile != l.Profile || old.Denied != l.Denied {
			m.change(mapping.Change{Link: l})
		}
	}
	return nil
}

func (m *memLinks) DropLink(ctx context.Context, p studio.Person, domain, by string, at time.Time) (mapping.Link, bool, error) {
	if err := m.call(ctx); err != nil {
		return mapping.Link{}, false, err
	}
	defer m.mu.Unlock()
	old, there := m.link(p, domain)
	if there {
		gone := old
		gone.By, gone.At = by, at
		m.change(mapping.Change{Link: gone, Gone: true})
	}
	return old, there, nil
}

func (m *memLinks) LinkChanges(ctx context.Context, after int64, each func(mapping.Change) error) (int64, error) {
	if err := m.call(ctx); err != nil {
		return 0, err
	}
	var revisions []int64
	for r, c := range m.changes {
		if r > after && (after > 0 || !c.Gone) {
			revisions = append(revisions, r)
		}
	}
	slices.Sort(revisions)
	var changes []mapping.Change
	for _, r := range revisions {
		changes = append(changes, m.changes[r])
	}
	revision := m.revision
	m.mu.Unlock()
	for _, c := range changes {
		if err := each(c); err != nil {
			return 0, err
		}
	}
	return revision, nil
}
