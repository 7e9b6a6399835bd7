package running

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/studiobot/studiobot/studio"
)

// maxNotebooks bounds what is kept of one account and Region: 3 MB.
const maxNotebooks = 10_000

// notebooks are the notebook instances of one account and Region.
type notebooks struct {
	place   string
	k       *Keeper
	reading *reading

	mu     sync.Mutex
	began  time.Time            // of what is there; zero: never read
	all    map[string]*notebook // by name; it isn't changed, another one takes its place
	wanted map[string]time.Time // names that the mapping grants, and when they were asked for
}

type notebook struct {
	studio.NotebookInstance        // without Tags
	claim                   string // the value of the tag that counts
}

// claims says whether the tag's value names the person: by the user ID alone, or
// with the workspace, T…/U….
func (n *notebook) claims(p studio.Person) bool {
	return n.claim != "" && (n.claim == p.User || n.claim == p.String())
}

// read lists the instances, which tells their tags too. Where no tag counts, only
// those are looked at that somebody was granted and asked for.
func (n *notebooks) read(ctx context.Context) error {
	began := n.k.o.Now()
	found := map[string]*notebook{}
	keep := func(i studio.NotebookInstance) error {
		if len(found) >= maxNotebooks {
			return fmt.Errorf("%w: more than %d notebook instances", studio.ErrRefused, maxNotebooks)
		}
		kept := &notebook{NotebookInstance: i, claim: strings.Clone(strings.TrimSpace(i.Tags[n.k.o.Tag]))}
		kept.Tags = nil
		found[key(i.Name)] = kept
		return nil
	}
	var err error
	if n.k.o.Tag != "" {
		err = n.k.o.Lister.Notebooks(ctx, n.place, keep)
	} else {
		err = n.each(ctx, keep)
	}
	if err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.began, n.all = began, found
	return nil
}

// each looks at the instances that were asked for lately.
func (n *notebooks) each(ctx context.Context, keep func(studio.NotebookInstance) error) error {
	for _, name := range n.asked() {
		i, err := n.k.o.Lister.Notebook(ctx, n.place, name)
		switch {
		case errors.Is(err, studio.ErrNoTarget):
			continue
		case err != nil:
			return err
		}
		if err := keep(i); err != nil {
			return err
		}
	}
	return nil
}

func (n *notebooks) asked() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := n.k.o.Now()
	var out []string
	for name, at := range n.wanted {
		if now.Sub(at) >= usedFor {
			delete(n.wanted, name)
			continue
		}
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// want notes that an instance that the mapping grants was asked for.
func (n *notebooks) want(name string) {
	if n.k.o.Tag != "" {
		return
	}
	n.mu.Lock()
	if n.wanted == nil {
		n.wanted = map[string]time.Time{}
	}
	_, before := n.wanted[key(name)]
	n.wanted[key(name)] = n.k.o.Now()
	n.mu.Unlock()
	if !before {
		n.reading.soon()
	}
}

// known returns the instances, and how far they can be trusted.
func (n *notebooks) known() (map[string]*notebook, time.Time, age) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.all, n.began, n.k.age(n.began)
}

// Notebooks returns the notebook instances that are a person's, by name, and the
// places (Names of domains) of which nobody can say now. It makes no call. Whether
// the person may ask at all, and isn't denied in that domain, is the mapping's
// word.
func (k *Keeper) Notebooks(p studio.Person) (held []studio.HeldNotebook, unsure []string) {
	granted, err := k.granted(p)
	for _, place := range k.o.Places {
		n, ok := k.notebooks[place]
		if !ok {
			continue
		}
		n.reading.use()
		all, _, age := n.known()
		if err != nil || k.o.Tag != "" && !age.exists {
			unsure = append(unsure, place)
		}
		if err != nil {
			continue
		}
		for _, name := range granted[place] {
			n.want(name)
			held = append(held, n.held(name, true))
		}
		if k.o.Tag == "" || !age.exists {
			continue
		}
		for _, i := range all {
			if i.claims(p) && !has(granted[place], i.Name) {
				held = append(held, n.held(i.Name, false))
			}
		}
	}
	slices.SortStableFunc(held, func(a, b studio.HeldNotebook) int {
		return cmp.Or(strings.Compare(key(a.Name), key(b.Name)), strings.Compare(a.Domain, b.Domain))
	})
	return held, unsure
}

// held is one instance as a person sees it.
func (n *notebooks) held(name string, granted bool) studio.HeldNotebook {
	h := studio.HeldNotebook{Domain: n.place, Label: n.place, Granted: granted}
	if d, ok := n.k.domains[n.place]; ok {
		h.Label = d.Label
	}
	h.Name = name
	all, began, age := n.known()
	i, there := all[key(name)]
	if !age.exists || !there {
		return h
	}
	h.NotebookInstance, h.Read, h.Stale = i.NotebookInstance, began, !age.runs
	if h.Stale {
		h.Status = ""
	}
	return h
}

// granted are the instances that the mapping gives a person, by place.
func (k *Keeper) granted(p studio.Person) (map[string][]string, error) {
	if k.o.Granted == nil {
		return nil, nil
	}
	grants, err := k.o.Granted(p)
	if err != nil {
		return nil, err
	}
	out := map[string][]string{}
	for _, g := range grants {
		domain := g.Domain
		if domain == "" && len(k.o.Domains) > 0 {
			domain = k.o.Domains[0].Name
		}
		place := k.o.Place(domain)
		if !has(out[place], g.Name) {
			out[place] = append(out[place], g.Name)
		}
	}
	return out, nil
}
