package mapping

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/studiobot/studiobot/studio"
)

// notebooksWord stands in the place of a domain, with a list behind it of the
// notebook instances that are a person's:
//
//	U012AB3CD: {research: jane-doe, notebooks: [gpu-box, prod/old-box]}
//
// A notebook instance belongs to an account and Region, not to a domain. Where
// there are several, a domain's name in front says which; without one it is that
// of the first domain. No domain can have that name.
const notebooksWord = "notebooks"

// maxNotebooks is how many one person may be given.
const maxNotebooks = 50

// whatIs is what a key of a person's grants is, for a mistake.
func (r *reader) whatIs(key string) string {
	if key == notebooksWord {
		return key
	}
	return "the domain " + key
}

// notebooks reads the notebook instances of a person.
func (r *reader) notebooks(value *yaml.Node) {
	const want = "write a list of notebook instances, like [gpu-box]"
	switch {
	case value.Kind == yaml.AliasNode:
		r.alias(value)
		return
	case value.Kind != yaml.SequenceNode || len(value.Content) == 0:
		r.wrong(value.Line, "%s", want)
		return
	case len(value.Content) > maxNotebooks:
		r.wrong(value.Line, "has %d notebook instances; up to %d are taken for one person", len(value.Content), maxNotebooks)
		return
	}
	for _, n := range value.Content {
		domain, name, both := strings.Cut(n.Value, "/")
		if !both {
			domain, name = "", n.Value
		}
		switch {
		case n.Kind == yaml.AliasNode:
			r.alias(n)
		case n.Kind != yaml.ScalarNode || n.ShortTag() != "!!str":
			r.wrong(n.Line, "%s; a name that YAML reads as something else goes in quotes", want)
		case both && !r.known(domain):
			r.noDomain(n.Line, domain)
		case !studio.NotebookName.Valid(name):
			r.wrong(n.Line, "%q is no notebook instance's name: letters, digits, and hyphens between them, up to 63", clip(name))
		default:
			r.boxes = append(r.boxes, studio.NotebookGrant{Domain: domain, Name: name})
		}
	}
}

// grantNotebooks takes in the notebook instances of a person.
func (l *roll) grantNotebooks(p studio.Person, all []studio.NotebookGrant) {
	if l.notebooks == nil {
		l.notebooks = map[studio.Person][]studio.NotebookGrant{}
	}
	l.notebooks[p] = all
}

// boxes are the notebook instances of a person: what stands behind the ID with
// the workspace, otherwise what stands behind the bare one.
func (l *roll) boxes(p studio.Person) []studio.NotebookGrant {
	if all, ok := l.notebooks[p]; ok && p.Team != "" {
		return all
	}
	return l.notebooks[studio.Person{User: p.User}]
}

// Notebooks returns the notebook instances that the file gives a person. What a
// Domain's Name stands in front of is in that domain's account and Region;
// otherwise it is in the first domain's. Whether the person may ask at all, and
// isn't denied, is Mapping.Has's word.
func (f *File) Notebooks(p studio.Person) []studio.NotebookGrant {
	return slices.Clone(f.list.Load().boxes(p))
}

// boxLosers are the people who had a notebook instance that they don't have any
// more.
func boxLosers(old, fresh *roll) []studio.Person {
	var out []studio.Person
	for p := range old.notebooks {
		for _, g := range old.boxes(p) {
			if !slices.Contains(fresh.boxes(p), g) {
				out = append(out, p)
				break
			}
		}
	}
	for p := range fresh.notebooks { // hides what stood behind the bare ID
		for _, g := range old.boxes(p) {
			if _, before := old.notebooks[p]; !before && !slices.Contains(fresh.boxes(p), g) {
				out = append(out, p)
				break
			}
		}
	}
	return out
}
