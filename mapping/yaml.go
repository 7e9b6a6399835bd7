package mapping

import (
	"go.yaml.in/yaml/v3"

	"github.com/studiobot/studiobot/studio"
)

// rather is what a users file in YAML that is too large is told.
const rather = "use a .csv users file (up to 1000000 people)"

// everybody reads the mapping at the top of the file.
func (r *reader) everybody(root *yaml.Node) {
	n := len(root.Content) / 2
	if n > maxYAMLPeople {
		r.wrong(0, "names %d people; YAML takes up to %d, %s", n, maxYAMLPeople, rather)
		return
	}
	for i := 0; i+1 < len(root.Content); i += 2 {
		k, value := root.Content[i], root.Content[i+1]
		r.boxes = nil
		entry := r.person(k.Line, value)
		p, ok := personKey(k.Value)
		if k.Kind != yaml.ScalarNode || !ok {
			r.wrong(k.Line, "%s", noPerson(k))
			continue
		}
		r.take(k, p, entry)
	}
}

// take adds what stands behind a user ID, unless that stands there already.
func (r *reader) take(k *yaml.Node, p studio.Person, entry []record) {
	if earlier := r.list.head(p); earlier != nil {
		r.wrong(k.Line, "%s stands on line %d already; keep one of the two", k.Value, earlier.mark)
		return
	}
	if len(r.list.notebooks[p]) > 0 {
		r.wrong(k.Line, "%s stands on an earlier line already; keep one of the two", k.Value)
		return
	}
	if len(r.boxes) > 0 {
		r.list.grantNotebooks(p, r.boxes)
	}
	if len(entry) == 0 && len(r.boxes) == 0 { // a mistake, told already
		entry = []record{{}}
	}
	for _, e := range entry {
		e.person, e.mark = p, uint32(k.Line)
		r.list.add(e)
	}
}

// noPerson says what a key should be instead.
func noPerson(k *yaml.Node) string {
	switch {
	case k.Kind == yaml.AliasNode || k.ShortTag() == "!!merge":
		return "aliases and << aren't taken here; write every person out"
	case k.Kind != yaml.ScalarNode:
		return "a Slack user ID belongs here, like U012AB3CD"
	}
	return noUser(k.Value)
}

// person reads what stands behind a user ID.
func (r *reader) person(line int, value *yaml.Node) []record {
	switch value.Kind {
	case yaml.ScalarNode:
		return []record{r.grant(line, value)}
	case yaml.MappingNode:
		return r.single(value)
	case yaml.AliasNode:
		r.alias(value)
	default:
		r.wrong(value.Line, "a list isn't taken here; write one user profile, deny, or {%s: jane-doe}", r.example())
	}
	return nil
}

// single reads the grants of single domains.
func (r *reader) single(value *yaml.Node) []record {
	if len(value.Content) == 0 {
		r.wrong(value.Line, "no domain is named; write one user profile, deny, or {%s: jane-doe}", r.example())
	}
	var out []record
	lines := make(map[string]int, len(value.Content)/2)
	for i := 0; i+1 < len(value.Content); i += 2 {
		k, v := value.Content[i], value.Content[i+1]
		earlier, twice := lines[k.Value]
		switch {
		case k.Kind == yaml.AliasNode || k.ShortTag() == "!!merge":
			r.alias(k)
		case twice:
			r.wrong(k.Line, "%s stands on line %d already; keep one of the two", r.whatIs(k.Value), earlier)
		case k.Value == notebooksWord && k.Kind == yaml.ScalarNode:
			lines[k.Value] = k.Line
			r.notebooks(v)
		case k.Kind != yaml.ScalarNode || !r.known(k.Value):
			r.noDomain(k.Line, k.Value)
		case v.Kind == yaml.AliasNode:
			r.alias(v)
		case v.Kind != yaml.ScalarNode:
			r.wrong(v.Line, "one user profile, or deny, belongs behind %s", k.Value)
		default:
			lines[k.Value] = k.Line
			e := r.grant(k.Line, v)
			e.domain = k.Value
			out = append(out, e)
		}
	}
	return out
}

func (r *reader) alias(n *yaml.Node) {
	r.wrong(n.Line, "aliases and << aren't taken here; write it out")
}

// example is a domain's name to show.
func (r *reader) example() string {
	if len(r.domains) == 0 {
		return "research"
	}
	return r.domains[0]
}

// grant reads a user profile's name, or deny. line is that of its key: a value
// that isn't there has none.
func (r *reader) grant(line int, v *yaml.Node) record {
	name := v.Value
	switch tag := v.ShortTag(); {
	case tag == "!!null":
		r.wrong(line, "%s", noProfile)
	case tag == "!!bool":
		r.wrong(v.Line, "YAML reads %s as yes or no; for nobody write deny, for a user profile of that name %q", name, name)
	case tag == "!!int", tag == "!!float":
		r.wrong(v.Line, "YAML reads %s as a number; for a user profile of that name put it in quotes: %q", clip(name), clip(name))
	case tag == "!!timestamp":
		r.wrong(v.Line, "YAML reads %s as a date; for a user profile of that name put it in quotes: %q", clip(name), clip(name))
	case tag != "!!str":
		r.wrong(v.Line, "the tag %s isn't taken here; write the user profile's name alone", clip(tag))
	default:
		return r.named(v.Line, name)
	}
	return record{}
}
