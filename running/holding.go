package running

import (
	"cmp"
	"slices"
	"strings"

	"github.com/studiobot/studiobot/studio"
)

// Of returns what exists and runs for the options that the mapping grants
// somebody, one Holding for each option, in their order. It makes no call. What
// was never read, or too long ago, is a Holding without a Read; see
// studio.Holding.
func (k *Keeper) Of(options []studio.Option) []studio.Holding {
	out := make([]studio.Holding, len(options))
	for i, o := range options {
		out[i] = studio.Holding{Domain: o.Domain, Label: o.Label, Profile: o.Profile}
		d, ok := k.domains[o.Domain]
		if !ok || o.Profile == "" {
			continue
		}
		out[i].Barred = d.reading.use()
		if l, age := d.known(); age.exists {
			out[i].Read, out[i].Stale = l.began, !age.runs
			d.fill(&out[i], l)
		}
	}
	return out
}

func (d *domain) fill(h *studio.Holding, l *listing) {
	own, shared := l.owned[key(h.Profile)], l.shared
	h.Spaces = make([]studio.HeldSpace, 0, len(own)+len(shared))
	for _, s := range own {
		h.Spaces = append(h.Spaces, studio.HeldSpace{Space: s, Own: true})
	}
	for _, s := range shared {
		h.Spaces = append(h.Spaces, studio.HeldSpace{Space: s})
	}
	slices.SortStableFunc(h.Spaces, func(a, b studio.HeldSpace) int {
		if a.Own != b.Own {
			return cmp.Compare(b2i(b.Own), b2i(a.Own))
		}
		return strings.Compare(key(a.Called()), key(b.Called()))
	})
	if h.Stale {
		return
	}
	for i := range h.Spaces {
		s := &h.Spaces[i]
		s.Apps = d.active.of(l.within[key(s.Name)])
		slices.SortStableFunc(s.Apps, func(a, b studio.App) int {
			return cmp.Compare(b2i(b.Kind == s.App), b2i(a.Kind == s.App))
		})
	}
	h.Apps = d.active.of(l.their[key(h.Profile)])
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Servers returns the tracking servers of the domains of those options, in their
// order.
func (k *Keeper) Servers(options []studio.Option) []studio.Server {
	var out []studio.Server
	for _, o := range options {
		for _, name := range k.o.Servers[o.Domain] {
			out = append(out, studio.Server{Name: name, Domain: o.Domain, Label: o.Label, Profile: o.Profile})
		}
	}
	return out
}
