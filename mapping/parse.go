package mapping

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/studiobot/studiobot/studio"
)

const (
	// maxUsersFile and maxUsers bound the users file: what is read of it costs
	// some hundred bytes a person while it is read.
	maxUsersFile = 8 << 20
	maxUsers     = 20_000
	// maxMistakes is how many are told one by one.
	maxMistakes = 1000
	// denyWord stands for "nothing, whatever later sources say". In any case of
	// its letters, so that a Deny never grants; no user profile has that name.
	denyWord = "deny"
)

// Check reads a users file and says everything that is wrong with it, and what
// deserves a second look. file is the name that the mistakes carry, domains are
// the names of the configured domains.
func Check(file string, data []byte, domains []string) (mistakes []Mistake, warnings []string) {
	u, mistakes, warnings := parse(file, data, domains)
	if len(mistakes) == 0 && u.blank {
		mistakes = []Mistake{namesNobody(file)}
	}
	return mistakes, warnings
}

// namesNobody is what is wrong with a file that has nothing in it: a write that
// was cut off looks like this, and would lock everybody out.
func namesNobody(file string) Mistake {
	return Mistake{File: file, Problem: "names nobody; write {} if that is meant"}
}

// reader collects what is wrong while it reads.
type reader struct {
	file     string
	domains  []string
	mistakes []Mistake
	untold   int
	warnings []string
	users    *users
}

func (r *reader) wrong(line int, format string, args ...any) {
	if len(r.mistakes) == maxMistakes {
		r.untold++
		return
	}
	r.mistakes = append(r.mistakes, Mistake{r.file, line, fmt.Sprintf(format, args...)})
}

// parse reads a users file. With mistakes there are no users.
func parse(file string, data []byte, domains []string) (*users, []Mistake, []string) {
	r := &reader{file: file, domains: domains, users: &users{domains: make(map[string]int, len(domains))}}
	for i, d := range domains {
		r.users.domains[d] = i
	}
	root := r.document(data)
	if root == nil {
		r.users.blank = true
	} else {
		r.everybody(root)
	}
	if r.untold > 0 {
		r.mistakes = append(r.mistakes, Mistake{File: file, Problem: fmt.Sprintf("%d more mistakes", r.untold)})
	}
	if len(r.mistakes) > 0 {
		return nil, r.mistakes, nil
	}
	return r.users, nil, append(r.warnings, r.shared()...)
}

// everybody reads the mapping at the top of the file.
func (r *reader) everybody(root *yaml.Node) {
	n := len(root.Content) / 2
	if n > maxUsers {
		r.wrong(0, "names %d people; a users file takes up to %d", n, maxUsers)
		return
	}
	r.users.people = make(map[studio.Person]person, n)
	for i := 0; i+1 < len(root.Content); i += 2 {
		k, value := root.Content[i], root.Content[i+1]
		entry := r.person(k.Line, value)
		p, ok := personKey(k.Value)
		if k.Kind != yaml.ScalarNode || !ok {
			r.wrong(k.Line, "%s", noPerson(k))
			continue
		}
		if earlier, twice := r.users.people[p]; twice {
			r.wrong(k.Line, "%s stands on line %d already; keep one of the two", k.Value, earlier.line)
			continue
		}
		r.users.people[p] = entry
		r.users.teams = r.users.teams || p.Team != ""
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
	hint := "write it like U012AB3CD, or T0123ABCD/U012AB3CD for one workspace only (in Slack: the person's profile, the menu with the three dots, Copy member ID)"
	if _, ok := personKey(strings.ToUpper(k.Value)); ok {
		hint = "did you mean " + strings.ToUpper(k.Value) + "?"
	} else if user, team, both := strings.Cut(k.Value, "/"); both {
		if _, ok := personKey(team + "/" + user); ok {
			hint = "the workspace comes first: " + team + "/" + user
		}
	}
	return fmt.Sprintf("%q is no Slack user ID; %s", clip(k.Value), hint)
}

// person reads what stands behind a user ID.
func (r *reader) person(line int, value *yaml.Node) person {
	entry := person{line: line, origin: fmt.Sprintf("%s:%d", r.file, line)}
	switch value.Kind {
	case yaml.ScalarNode:
		entry.every = r.grant(line, value)
	case yaml.MappingNode:
		entry.single = r.single(value)
	case yaml.AliasNode:
		r.alias(value)
	default:
		r.wrong(value.Line, "a list isn't taken here; write one user profile, deny, or {%s: jane-doe}", r.example())
	}
	return entry
}

// single reads the grants of single domains.
func (r *reader) single(value *yaml.Node) []grant {
	if len(value.Content) == 0 {
		r.wrong(value.Line, "no domain is named; write one user profile, deny, or {%s: jane-doe}", r.example())
	}
	out := make([]grant, len(r.domains))
	lines := make(map[int]int, len(value.Content)/2)
	for i := 0; i+1 < len(value.Content); i += 2 {
		k, v := value.Content[i], value.Content[i+1]
		at, known := r.users.domains[k.Value]
		earlier, twice := lines[at]
		switch {
		case k.Kind == yaml.AliasNode || k.ShortTag() == "!!merge":
			r.alias(k)
		case k.Kind != yaml.ScalarNode || !known:
			r.noDomain(k)
		case twice:
			r.wrong(k.Line, "the domain %s stands on line %d already; keep one of the two", k.Value, earlier)
		case v.Kind == yaml.AliasNode:
			r.alias(v)
		case v.Kind != yaml.ScalarNode:
			r.wrong(v.Line, "one user profile, or deny, belongs behind %s", k.Value)
		default:
			lines[at] = k.Line
			out[at] = r.grant(k.Line, v)
		}
	}
	return out
}

// noDomain says that a domain isn't configured, and which could be meant.
func (r *reader) noDomain(k *yaml.Node) {
	if name, profile, ok := strings.Cut(k.Value, ":"); ok && profile != "" {
		if _, known := r.users.domains[name]; known {
			r.wrong(k.Line, "a space belongs behind the colon: %s: %s", name, clip(profile))
			return
		}
	}
	hint := "the config has " + clip(strings.Join(r.domains, ", "))
	if n := nearest(k.Value, r.domains); n != "" {
		hint = "did you mean " + n + "?"
	}
	r.wrong(k.Line, "there is no domain %q; %s", clip(k.Value), hint)
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
func (r *reader) grant(line int, v *yaml.Node) grant {
	name := v.Value
	switch tag := v.ShortTag(); {
	case tag == "!!null":
		r.wrong(line, "no user profile; write one, or deny")
	case tag == "!!bool":
		r.wrong(v.Line, "YAML reads %s as yes or no; for nobody write deny, for a user profile of that name %q", name, name)
	case tag == "!!int", tag == "!!float":
		r.wrong(v.Line, "YAML reads %s as a number; for a user profile of that name put it in quotes: %q", clip(name), clip(name))
	case tag == "!!timestamp":
		r.wrong(v.Line, "YAML reads %s as a date; for a user profile of that name put it in quotes: %q", clip(name), clip(name))
	case tag != "!!str":
		r.wrong(v.Line, "the tag %s isn't taken here; write the user profile's name alone", clip(tag))
	case strings.EqualFold(name, denyWord):
		return grant{denied: true}
	case len(name) > maxProfile:
		r.wrong(v.Line, "a user profile's name has up to %d characters, this one %d", maxProfile, len(name))
	case !validProfile(name):
		hint := ""
		if h := hyphenated(name); h != "" {
			hint = "; did you mean " + h + "?"
		}
		r.wrong(v.Line, "%q is no user profile's name: letters, digits, and hyphens between them%s", clip(name), hint)
	default:
		r.lookAlike(v)
		return grant{profile: name}
	}
	return grant{}
}

// lookAlike warns of a word that may have been meant as deny.
func (r *reader) lookAlike(v *yaml.Node) {
	switch strings.ToLower(v.Value) {
	case "denied", "no", "off", "none", "never", "nobody", "block", "blocked", "disabled":
		r.warnings = append(r.warnings, fmt.Sprintf("%s:%d: %s is taken as the name of a user profile; to give none write deny", r.file, v.Line, v.Value))
	}
}
