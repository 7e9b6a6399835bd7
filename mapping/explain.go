package mapping

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/studiobot/studiobot/studio"
)

// named and reasoned are what a Source may have besides.
type (
	named interface{ Name() string }
	aged  interface {
		AgeIn(domain string) (age time.Duration, known bool)
	}
	reasoned interface {
		Why(ctx context.Context, p studio.Person, domain string) string
	}
)

// Explain says what the person gets now and why, whether they are let in or not.
// It decides as Grants does, and asks every source, also those that another one
// shadows. It is for people who ask: unlike Grants it may take its time.
func (m *Mapping) Explain(ctx context.Context, p studio.Person) studio.Explanation {
	e := studio.Explanation{Person: p, Refused: m.admit(ctx, p)}
	if member, err := m.o.Directory.Member(ctx, p.User); err == nil {
		e.Member, e.Known = member, true
	}
	for i := range m.o.Domains {
		e.Domains = append(e.Domains, m.explain(ctx, p, m.o.Domains[i].Name))
	}
	return e
}

func (m *Mapping) explain(ctx context.Context, p studio.Person, domain string) studio.DomainExplanation {
	out := studio.DomainExplanation{Domain: domain, Err: studio.ErrNotMapped}
	for i, s := range m.o.Sources {
		w := heardOf(ctx, s, p, domain)
		w.Source = i + 1
		if w.Name == "" {
			w.Name = fmt.Sprintf("source %d", w.Source)
		}
		out.Words = append(out.Words, w)
		if out.Source == 0 && !w.Silent() {
			out.Source, out.Profile, out.Err = w.Source, w.Profile, w.Err
		}
	}
	if err := m.o.Access.inGroups(p.User, m.o.Access.DomainGroups[domain]); err != nil {
		out.Profile, out.Err = "", err
	}
	return out
}

// heardOf is what one source says.
func heardOf(ctx context.Context, s Source, p studio.Person, domain string) (w studio.SourceWord) {
	if n, ok := s.(named); ok {
		w.Name = n.Name()
	}
	if old, ok := s.(aged); ok {
		w.Age, w.Aged = old.AgeIn(domain)
	}
	a, err := s.Lookup(ctx, p, domain)
	w.Profile, w.Err = heard(a, err, domain)
	if !w.Silent() {
		w.Origin = a.Origin
		return w
	}
	if r, ok := s.(reasoned); ok {
		w.Why = r.Why(ctx, p, domain)
	}
	return w
}

// onlyUnsure is the error if it says that something can't be decided now.
func onlyUnsure(err error) error {
	if errors.Is(err, studio.ErrUnsure) {
		return err
	}
	return nil
}
