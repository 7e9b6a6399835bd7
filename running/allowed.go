package running

import (
	"fmt"
	"slices"
	"strings"

	"github.com/studiobot/studiobot/studio"
)

// Act is what somebody wants to do with a space, a notebook instance, a tracking
// server or an app.
type Act int

// What can be done.
const (
	See Act = iota
	Open
	Start
	Stop
)

// Allowed says whether what the option names is the person's, for that act. The
// rules:
//
//	                     see  open  stop
//	own space            yes  yes   yes
//	shared space         yes  yes   no: others may be working in it
//	somebody else's      no   no    no
//	granted notebook     yes  yes   yes, and start
//	the domain's server  yes  yes   no
//
// The error is studio.ErrNoTarget for what isn't theirs, in the same words whether
// there is such a thing or not; and studio.ErrUnsure where nobody can say: nothing
// was read yet, or too long ago. Without a name there is nothing to ask: the
// mapping decides that. Domain and profile of the option are the mapping's word,
// and whether the person may ask at all.
//
// It makes no call, and goes by the last reading; see Check.
func (k *Keeper) Allowed(p studio.Person, o studio.Option, act Act) error {
	switch o.Target.Takes() {
	case studio.SpaceName:
		if o.Name == "" {
			return nil
		}
		return k.inSpace(o, o.Name, o.Target, act)
	case studio.NotebookName:
		return k.inNotebook(p, o, act)
	case studio.ServerName:
		if act != See && act != Open || !slices.Contains(k.o.Servers[o.Domain], o.Name) {
			return notTheirs()
		}
	}
	return nil
}

// AllowedApp is Allowed for one app of the person's spaces or of their user
// profile, whatever kind it is; the option says the domain and the profile.
func (k *Keeper) AllowedApp(o studio.Option, a studio.App, act Act) error {
	if a.Space != "" {
		return k.inSpace(o, a.Space, "", act)
	}
	if o.Profile == "" || !strings.EqualFold(a.Profile, o.Profile) {
		return notTheirs()
	}
	return nil
}

// inSpace says whether the space of that name is that of the option's profile.
func (k *Keeper) inSpace(o studio.Option, name string, target studio.Target, act Act) error {
	d, ok := k.domains[o.Domain]
	if !ok || o.Profile == "" {
		return notTheirs()
	}
	d.reading.use()
	l, age := d.known()
	if !age.exists {
		return unsure(o.Domain)
	}
	s, ok := l.spaces[key(name)]
	if !ok {
		return notTheirs()
	}
	return judge(*s, o.Profile, target, act)
}

// judge is the rule for spaces.
func judge(s studio.Space, profile string, target studio.Target, act Act) error {
	own := !s.Shared && s.Owner != "" && strings.EqualFold(s.Owner, profile)
	switch {
	case target != "" && s.App != target:
		return notTheirs()
	case own, s.Shared && (act == See || act == Open):
		return nil
	}
	return notTheirs()
}

// inNotebook says whether the notebook instance is the person's.
func (k *Keeper) inNotebook(p studio.Person, o studio.Option, _ Act) error {
	place := k.o.Place(o.Domain)
	n, ok := k.notebooks[place]
	if !ok || o.Name == "" {
		return notTheirs()
	}
	n.reading.use()
	granted, err := k.granted(p)
	switch {
	case err != nil:
		return unsure(o.Domain)
	case has(granted[place], o.Name):
		return nil
	case k.o.Tag == "":
		return notTheirs()
	}
	all, _, age := n.known()
	if !age.exists {
		return unsure(o.Domain)
	}
	if i, there := all[key(o.Name)]; !there || !i.claims(p) {
		return notTheirs()
	}
	return nil
}

// notTheirs is the one answer for what is somebody else's and what isn't there.
func notTheirs() error { return fmt.Errorf("%w that is theirs", studio.ErrNoTarget) }

func unsure(domain string) error {
	return fmt.Errorf("%w: what exists in %s isn't known", studio.ErrUnsure, domain)
}

// has says whether a name is among others.
func has(names []string, name string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) })
}
