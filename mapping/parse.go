package mapping

import (
	"fmt"
	"hash/maphash"
	"path/filepath"
	"slices"
	"strings"

	"github.com/studiobot/studiobot/studio"
)

const (
	// maxYAML and maxYAMLPeople bound a users file in YAML: what is read of it
	// costs some hundred bytes a person while it is read, and its parser takes
	// minutes for a million.
	maxYAML       = 8 << 20
	maxYAMLPeople = 20_000
	// maxMistakes is how many are told one by one, and how many warnings.
	maxMistakes = 1000
	// denyWord stands for "nothing, whatever later sources say". In any case of
	// its letters, so that a Deny never grants; no user profile has that name.
	denyWord = "deny"
)

// Check reads a users file, CSV or YAML by the ending of its name, and says
// everything that is wrong with it, and what deserves a second look. file is the
// name that the mistakes carry, domains are the names of the configured domains.
func Check(file string, data []byte, domains []string) (mistakes []Mistake, warnings []string) {
	r := parse(file, data, domains)
	if r.blank && len(r.mistakes) == 0 {
		return []Mistake{r.namesNobody()}, nil
	}
	if len(r.mistakes) > 0 {
		return r.mistakes, nil
	}
	return nil, r.secondLooks()
}

// MaxUsersFile is how large, in bytes, a users file of that name may be. Reading
// one byte more is enough for Check to say that it is too large.
func MaxUsersFile(file string) int64 {
	if isCSV(file) {
		return maxCSV
	}
	return maxYAML
}

// isCSV goes by the ending.
func isCSV(file string) bool { return strings.EqualFold(filepath.Ext(file), ".csv") }

// reader collects what is wrong while it reads.
type reader struct {
	file     string
	domains  []string
	mistakes []Mistake
	untold   int
	warnings []string
	list     *roll
	boxes    []studio.NotebookGrant // of the person that is being read
	// blank: there isn't even a {} in the file, or the header line of a CSV.
	blank bool
}

func (r *reader) wrong(line int, format string, args ...any) {
	if len(r.mistakes) == maxMistakes {
		r.untold++
		return
	}
	r.mistakes = append(r.mistakes, Mistake{r.file, line, fmt.Sprintf(format, args...)})
}

// namesNobody is what is wrong with a file that has nothing in it: a write that
// was cut off looks like this, and would lock everybody out.
func (r *reader) namesNobody() Mistake {
	meant := "{}"
	if isCSV(r.file) {
		meant = "the header line slack_id,profile,domain alone"
	}
	return Mistake{File: r.file, Problem: "names nobody; write " + meant + " if that is meant"}
}

// parse reads a users file. Its list counts only without mistakes.
func parse(file string, data []byte, domains []string) *reader {
	r := &reader{file: file, domains: domains, list: newRoll(maphash.MakeSeed(), domains)}
	if isCSV(file) {
		r.csv(data)
	} else if root := r.document(data); root != nil {
		r.everybody(root)
	} else {
		r.blank = true
	}
	if r.untold > 0 {
		r.mistakes = append(r.mistakes, Mistake{File: file, Problem: fmt.Sprintf("%d more mistakes", r.untold)})
	}
	r.list.done()
	return r
}

// noUser says what should be written instead of something that is no ID.
func noUser(value string) string {
	hint := "write it like U012AB3CD, or T0123ABCD/U012AB3CD for one workspace only (in Slack: the person's profile, the menu with the three dots, Copy member ID)"
	if _, ok := personKey(strings.ToUpper(value)); ok {
		hint = "did you mean " + strings.ToUpper(value) + "?"
	} else if user, team, both := strings.Cut(value, "/"); both {
		if _, ok := personKey(team + "/" + user); ok {
			hint = "the workspace comes first: " + team + "/" + user
		}
	}
	return fmt.Sprintf("%q is no Slack user ID; %s", clip(value), hint)
}

func (r *reader) known(domain string) bool { return slices.Contains(r.domains, domain) }

// noDomain says that a domain isn't configured, and which could be meant.
func (r *reader) noDomain(line int, domain string) {
	if name, profile, ok := strings.Cut(domain, ":"); ok && profile != "" && r.known(name) {
		r.wrong(line, "a space belongs behind the colon: %s: %s", name, clip(profile))
		return
	}
	r.wrong(line, "%s", notADomain(domain, r.domains))
}

// notADomain says that a domain isn't configured, and which could be meant.
func notADomain(domain string, configured []string) string {
	hint := "the config has " + clip(strings.Join(configured, ", "))
	if n := nearest(domain, configured); n != "" {
		hint = "did you mean " + n + "?"
	}
	return fmt.Sprintf("there is no domain %q; %s", clip(domain), hint)
}

const noProfile = "no user profile; write one, or deny"

// named takes a user profile's name, or deny.
func (r *reader) named(line int, name string) record {
	if strings.EqualFold(name, denyWord) {
		return record{denied: true}
	}
	if problem := notAProfile(name); problem != "" {
		r.wrong(line, "%s", problem)
		return record{}
	}
	r.lookAlike(line, name)
	return record{profile: name}
}

// notAProfile says what is wrong with a user profile's name, or "".
func notAProfile(name string) string {
	switch {
	case len(name) > maxProfile:
		return fmt.Sprintf("a user profile's name has up to %d characters, this one %d", maxProfile, len(name))
	case !studio.ValidProfile(name):
		hint := ""
		if h := hyphenated(name); h != "" {
			hint = "; did you mean " + h + "?"
		}
		return fmt.Sprintf("%q is no user profile's name: letters, digits, and hyphens between them%s", clip(name), hint)
	}
	return ""
}

// lookAlike warns of a word that may have been meant as deny.
func (r *reader) lookAlike(line int, name string) {
	if len(name) > len("disabled") || len(r.warnings) == maxMistakes {
		return
	}
	switch strings.ToLower(name) {
	case "denied", "no", "off", "none", "never", "nobody", "block", "blocked", "disabled":
		r.warnings = append(r.warnings, fmt.Sprintf("%s:%d: %s is taken as the name of a user profile; to give none write deny", r.file, line, name))
	}
}
