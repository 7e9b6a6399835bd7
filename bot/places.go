package bot

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/studiobot/studiobot/studio"
)

// Places says what a person can land in beside Studio's home, from memory:
// running.Keeper is the one that production has. What it doesn't know it says, and
// is asked about again.
type Places interface {
	// Of returns the spaces and apps for the options that the mapping grants.
	Of(options []studio.Option) []studio.Holding
	// Notebooks returns the notebook instances that are the person's, if the
	// mapping lets them in at all, and the domains of which nobody can say.
	Notebooks(p studio.Person) (held []studio.HeldNotebook, unsure []string)
	// Servers returns the tracking servers of the domains of those options.
	Servers(options []studio.Option) []studio.Server
	// Refresh reads a domain anew, and returns when that is done or ctx is over.
	Refresh(ctx context.Context, domain string) error
}

// theirs is what a person can open now, as far as it is known.
type theirs struct {
	options []studio.Option // of the mapping, each with the domain's own target
	signIns []signIn
	unsure  []string // labels of domains of which the mapping can't say
	named   []place
	// unseen are labels of the domains whose spaces, or whose account's notebook
	// instances, nobody can list now; looked are the Names of those.
	unseen []string
	looked []string
	// barred are labels of domains whose spaces AWS doesn't let us list.
	barred []string
}

// place is one thing that has a name of its own.
type place struct {
	option studio.Option
	called string // by people; the name where it has no other
	own    bool
	space  *studio.HeldSpace // one of these, or a tracking server
	book   *studio.HeldNotebook
	// stale: whether it runs isn't known.
	stale bool
}

// running says that it is known to run.
func (n place) running() bool {
	if n.book != nil {
		return n.book.Status == studio.InService
	}
	a, ok := n.app()
	return ok && a.Status == studio.InService
}

// app is the app of a space that runs, starts or stops.
func (n place) app() (studio.App, bool) {
	if n.space == nil {
		return studio.App{}, false
	}
	return n.space.Main()
}

// theirs gathers what a person can open, in one domain if it is named. It makes no
// call. Whoever has only a notebook instance needs no user profile.
func (b *Bot) theirs(ctx context.Context, p studio.Person, domain string) (theirs, error) {
	options, unsure, err := b.o.Mapping.Options(ctx, p)
	var t theirs
	if b.o.Places != nil && (err == nil || errors.Is(err, studio.ErrNotMapped)) {
		b.addNotebooks(ctx, &t, p, domain)
	}
	if err != nil && len(t.named) == 0 {
		return theirs{}, err
	}
	if domain != "" {
		options, unsure = slices.DeleteFunc(slices.Clone(options), func(o studio.Option) bool { return o.Domain != domain }), nil
		if len(options) == 0 && len(t.named) == 0 {
			return theirs{}, b.notThere(ctx, request{person: p, domain: domain})
		}
	}
	t.unsure = b.labels(unsure)
	t.options, t.signIns = b.apart(options)
	if b.o.Places != nil {
		b.addSpaces(&t)
		for _, s := range b.o.Places.Servers(options) {
			t.named = append(t.named, place{called: s.Name, option: studio.Option{Domain: s.Domain, Label: s.Label, Profile: s.Profile, Target: studio.MLflow, Name: s.Name}})
		}
	}
	return t, nil
}

// addNotebooks adds the notebook instances of domains that aren't denied.
func (b *Bot) addNotebooks(ctx context.Context, t *theirs, p studio.Person, domain string) {
	barred := func(name string) bool {
		err := b.o.Mapping.Has(ctx, p, name)
		return err != nil && !errors.Is(err, studio.ErrNotMapped) || domain != "" && name != domain
	}
	held, unsure := b.o.Places.Notebooks(p)
	for i := range held {
		n := &held[i]
		if barred(n.Domain) {
			continue
		}
		t.named = append(t.named, place{
			book: n, called: n.Name, own: true, stale: n.Status == "",
			option: studio.Option{Domain: n.Domain, Label: n.Label, Target: studio.Notebook, Name: n.Name},
		})
	}
	for _, name := range unsure {
		if !barred(name) {
			t.cantSee(name, label(b.o, name))
		}
	}
}

// addSpaces adds the spaces in front of what is there already.
func (b *Bot) addSpaces(t *theirs) {
	var spaces []place
	for _, h := range b.o.Places.Of(t.options) {
		switch {
		case h.Barred && !h.Known():
			t.barred = append(t.barred, h.Label)
		case !h.Known():
			t.cantSee(h.Domain, h.Label)
		}
		for i := range h.Spaces {
			s := &h.Spaces[i]
			spaces = append(spaces, place{
				space: s, called: s.Called(), own: s.Own, stale: h.Stale,
				option: studio.Option{Domain: h.Domain, Label: h.Label, Profile: h.Profile, Target: s.App, Name: s.Name},
			})
		}
	}
	t.named = append(spaces, t.named...)
}

func (t *theirs) cantSee(name, label string) {
	if !slices.Contains(t.looked, name) {
		t.looked, t.unseen = append(t.looked, name), append(t.unseen, label)
	}
}

// opens says that there is a page to land on.
func (n place) opens() bool {
	return n.option.Target.Takes() != studio.Nameless && n.option.Target.Takes().Valid(n.option.Name)
}

// of are the named things that a target opens; empty: all that open.
func (t theirs) of(target studio.Target) []place {
	var out []place
	for _, n := range t.named {
		same := target == "" || n.option.Target == target || target == studio.NotebookLab && n.option.Target == studio.Notebook
		if same && n.opens() {
			out = append(out, n)
		}
	}
	return out
}

// find returns the one thing of theirs that a text names: in full, or by a
// beginning that is no other's. What is somebody else's isn't among them.
func find(among []place, text string) (place, bool) {
	text = folded(text)
	for _, fits := range []func(name string) bool{
		func(name string) bool { return folded(name) == text },
		func(name string) bool { return strings.HasPrefix(folded(name), text) },
	} {
		for _, of := range []func(place) string{func(n place) string { return n.option.Name }, func(n place) string { return n.called }} {
			var found []place
			for _, n := range among {
				if fits(of(n)) {
					found = append(found, n)
				}
			}
			if len(found) == 1 {
				return found[0], true
			}
			if len(found) > 1 {
				return place{}, false
			}
		}
	}
	return place{}, false
}

// folded is how names compare: without case, with single blanks.
func folded(text string) string { return strings.ToLower(strings.Join(strings.Fields(text), " ")) }

// begins says whether a word is the beginning of the name of something of theirs,
// and whether it is all of it.
func (t theirs) begins(field string) (begins, all bool) {
	for _, n := range t.of("") {
		for _, name := range []string{folded(n.option.Name), folded(n.called)} {
			begins = begins || strings.HasPrefix(name, folded(field))
			all = all || name == folded(field)
		}
	}
	return begins, all
}

// likely are up to most spaces that run, the person's own before shared ones, those
// that somebody worked in last first.
func (t theirs) likely(most int) []place {
	var out []place
	for _, n := range t.of("") {
		if n.space != nil && n.running() {
			out = append(out, n)
		}
	}
	slices.SortStableFunc(out, func(x, y place) int {
		if x.own != y.own {
			if x.own {
				return -1
			}
			return 1
		}
		a, _ := x.app()
		c, _ := y.app()
		return cmp.Or(c.Active.Compare(a.Active), c.Since.Compare(a.Since))
	})
	return out[:min(len(out), most)]
}
