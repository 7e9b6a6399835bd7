package mapping

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/studiobot/studiobot/studio"
)

const (
	// maxUsersFile and maxUsers bound the users file. YAML parsers take minutes
	// for much larger ones.
	maxUsersFile = 8 << 20
	maxUsers     = 20_000
)

// Mistake is something wrong in a users file.
type Mistake struct {
	File    string
	Line    int
	Problem string
}

// Error names the file and the line.
func (m Mistake) Error() string { return fmt.Sprintf("%s:%d: %s", m.File, m.Line, m.Problem) }

// users is a users file that was read. It doesn't change any more.
type users struct {
	// people are keyed by U…, or T…/U… for one workspace only.
	people map[string]person
	// blank: there isn't even a {} in the file.
	blank bool
}

// person is what the file says of somebody: of one domain, or of all of them
// under the empty name.
type person struct {
	line    int
	domains map[string]string // to the profile, or denied
}

// denied stands for "deny"; no profile has that name, see readProfile.
const denied = "deny"

var (
	userKey     = regexp.MustCompile(`^(?:[TE][A-Z0-9]{1,31}/)?[UW][A-Z0-9]{1,31}$`)
	profileName = regexp.MustCompile(`^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$`)
	notInName   = regexp.MustCompile(`[^a-zA-Z0-9]+`)
)

// Check reads a users file, and says everything that is wrong with it and what
// deserves a second look. domains are the names of the configured domains.
func Check(file string, data []byte, domains []string) (mistakes []Mistake, warnings []string) {
	_, mistakes, warnings = parseUsers(file, data, domains)
	return mistakes, warnings
}

// reader collects what is wrong while it reads.
type reader struct {
	file     string
	domains  []string
	mistakes []Mistake
}

func (r *reader) wrong(line int, format string, args ...any) {
	r.mistakes = append(r.mistakes, Mistake{r.file, line, fmt.Sprintf(format, args...)})
}

// parseUsers reads a users file. With mistakes there are no users.
func parseUsers(file string, data []byte, domains []string) (*users, []Mistake, []string) {
	r := &reader{file: file, domains: domains}
	u := &users{people: map[string]person{}}
	root := r.document(data)
	if root == nil {
		u.blank = true
		return u, r.mistakes, nil
	}
	if n := len(root.Content) / 2; n > maxUsers {
		r.wrong(root.Line, "%d people; a users file takes up to %d", n, maxUsers)
		return nil, r.mistakes, nil
	}
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		id := key.Value
		switch earlier, twice := u.people[id]; {
		case key.Kind != yaml.ScalarNode || !userKey.MatchString(id):
			r.wrong(key.Line, "%q is no Slack user ID; write it like U012AB3CD, or T0123ABC/U012AB3CD for one workspace only", clip(id))
		case twice:
			r.wrong(key.Line, "%s stands here twice, first in line %d; keep one", id, earlier.line)
		default:
			u.people[id] = person{key.Line, r.profiles(value)}
		}
	}
	if len(r.mistakes) > 0 {
		return nil, r.mistakes, nil
	}
	return u, nil, u.warnings(file)
}

// document returns the mapping at the top of the file, or nil where there is
// none to read: it is empty, or was found wrong.
func (r *reader) document(data []byte) *yaml.Node {
	if len(data) > maxUsersFile {
		r.wrong(1, "the file is larger than %d MiB", maxUsersFile>>20)
		return nil
	}
	dec := yaml.NewDecoder(strings.NewReader(string(data)))
	var doc, more yaml.Node
	err := dec.Decode(&doc)
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		line, problem := syntaxError(err)
		r.wrong(line, "%s", problem)
		return nil
	}
	switch err := dec.Decode(&more); {
	case errors.Is(err, io.EOF):
	case err != nil:
		line, problem := syntaxError(err)
		r.wrong(line, "%s", problem)
		return nil
	default:
		r.wrong(more.Line, "there is a second document (---); write one")
		return nil
	}
	root := doc.Content[0]
	if root.Kind == yaml.ScalarNode && root.Tag == "!!null" {
		return nil
	}
	if root.Kind != yaml.MappingNode {
		r.wrong(root.Line, "write one line for each person: U012AB3CD: jane-doe")
		return nil
	}
	return root
}

var yamlLine = regexp.MustCompile(`^yaml: line (\d+): (.*)$`)

// syntaxError takes the line out of the parser's error.
func syntaxError(err error) (line int, problem string) {
	line, problem = 1, strings.TrimPrefix(err.Error(), "yaml: ")
	if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
		_, _ = fmt.Sscan(m[1], &line) // digits, by the pattern
		problem = m[2]
	}
	return line, "this isn't YAML: " + problem
}

// profiles reads what stands behind a person: a profile, deny, or those of
// single domains.
func (r *reader) profiles(value *yaml.Node) map[string]string {
	switch value.Kind {
	case yaml.ScalarNode:
		return map[string]string{"": r.profile(value)}
	case yaml.MappingNode:
	case yaml.AliasNode:
		r.wrong(value.Line, "*%s is an alias; write the profile out", clip(value.Value))
		return nil
	default:
		r.wrong(value.Line, "write a user profile, deny, or {%s: jane-doe}", r.example())
		return nil
	}
	if len(value.Content) == 0 {
		r.wrong(value.Line, "no domain is named; write a user profile, deny, or {%s: jane-doe}", r.example())
	}
	out := map[string]string{}
	for i := 0; i+1 < len(value.Content); i += 2 {
		key, v := value.Content[i], value.Content[i+1]
		_, twice := out[key.Value]
		switch {
		case key.Kind == yaml.AliasNode: // its Value is the anchor's name, which may be a domain's
			r.wrong(key.Line, "*%s is an alias; write the domain out", clip(key.Value))
		case !slices.Contains(r.domains, key.Value):
			r.wrong(key.Line, "there is no domain %q; the config has %s", clip(key.Value), strings.Join(r.domains, ", "))
		case twice:
			r.wrong(key.Line, "the domain %s stands here twice; keep one", key.Value)
		case v.Kind != yaml.ScalarNode:
			r.wrong(v.Line, "write a user profile or deny")
		default:
			out[key.Value] = r.profile(v)
		}
	}
	return out
}

// example is a domain's name to show.
func (r *reader) example() string {
	if len(r.domains) == 0 {
		return "research"
	}
	return r.domains[0]
}

// profile reads a user profile's name by the pattern of the SageMaker API,
// which the SDK doesn't check.
func (r *reader) profile(v *yaml.Node) string {
	name := v.Value
	switch {
	case v.Tag == "!!null":
		r.wrong(v.Line, "no user profile; write one, or deny")
	case v.Tag == "!!bool" || v.Tag == "!!float" || v.Tag == "!!timestamp":
		r.wrong(v.Line, "YAML reads %s as something else than a name; put it in quotes", clip(name))
	case strings.EqualFold(name, denied):
		return denied
	case len(name) > 63:
		r.wrong(v.Line, "a user profile's name has up to 63 characters, this one %d", len(name))
	case !profileName.MatchString(name):
		hint := strings.Trim(notInName.ReplaceAllString(name, "-"), "-")
		if profileName.MatchString(hint) {
			hint = "; did you mean " + clip(hint) + "?"
		} else {
			hint = ""
		}
		r.wrong(v.Line, "%q is no user profile's name: letters, digits and hyphens between them%s", clip(name), hint)
	}
	return name
}

// warnings names profiles that several people share: that can be meant.
func (u *users) warnings(file string) []string {
	type key struct{ domain, profile string }
	owners := map[key][]string{}
	for id, p := range u.people {
		for domain, profile := range p.domains {
			if profile != denied {
				k := key{domain, strings.ToLower(profile)}
				owners[k] = append(owners[k], id)
			}
		}
	}
	var out []string
	for k, ids := range owners {
		if len(ids) > 1 {
			slices.Sort(ids)
			out = append(out, fmt.Sprintf("%s: the user profile %s is given to %s", file, k.profile, strings.Join(ids[:min(len(ids), 5)], ", ")))
		}
	}
	slices.Sort(out)
	return out
}

// lookup says what the file has on a person. An entry for the person in that
// workspace wins over one for the bare ID.
func (u *users) lookup(p studio.Person, domain string) (profile string, line int, known bool) {
	for _, id := range [...]string{p.Team + "/" + p.User, p.User} {
		entry, ok := u.people[id]
		if !ok {
			continue
		}
		if profile, ok := entry.domains[domain]; ok {
			return profile, entry.line, true
		}
		if profile, ok := entry.domains[""]; ok {
			return profile, entry.line, true
		}
	}
	return "", 0, false
}

// clip bounds what is repeated of a file.
func clip(s string) string {
	if r := []rune(s); len(r) > 80 {
		return string(r[:79]) + "…"
	}
	return s
}
