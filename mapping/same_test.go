package mapping_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/studio"
)

// draw draws links of few people, so that many have several, of a kind that YAML
// can say too: about every domain, or about single ones.
func draw(r *rand.Rand) []mapping.Link {
	var out []mapping.Link
	for u := range 12 {
		for _, team := range []string{"", ourTeam, ourEnterprise} {
			p := studio.Person{Team: team, User: fmt.Sprintf("U%d", u)}
			name := func() (string, bool) { // a profile, or denied
				if r.IntN(4) == 0 {
					return "", true
				}
				return fmt.Sprintf("p%d", r.IntN(5)), false
			}
			switch r.IntN(4) {
			case 0:
				profile, denied := name()
				out = append(out, mapping.Link{Person: p, Profile: profile, Denied: denied})
			case 1:
				for _, d := range configured() {
					if r.IntN(3) > 0 {
						profile, denied := name()
						out = append(out, mapping.Link{Person: p, Domain: d, Profile: profile, Denied: denied})
					}
				}
			}
		}
	}
	return out
}

func profileOf(l mapping.Link) string {
	if l.Denied {
		return "deny"
	}
	return l.Profile
}

func keyOf(p studio.Person) string {
	return strings.TrimPrefix(p.String(), "/")
}

func asYAML(links []mapping.Link) string {
	b := strings.Builder{}
	for i, l := range links {
		switch first := i == 0 || links[i-1].Person != l.Person; {
		case l.Domain == "":
			fmt.Fprintf(&b, "%s: %s\n", keyOf(l.Person), profileOf(l))
		case first:
			fmt.Fprintf(&b, "%s:\n  %s: %s\n", keyOf(l.Person), l.Domain, profileOf(l))
		default:
			fmt.Fprintf(&b, "  %s: %s\n", l.Domain, profileOf(l))
		}
	}
	if len(links) == 0 {
		return "{}"
	}
	return b.String()
}

func asCSV(t testing.TB, links []mapping.Link) string {
	t.Helper()
	var b bytes.Buffer
	s := mapping.NewSheet(&b, "note")
	for _, l := range links {
		s.Row(l.Person, l.Domain, mapping.Answer{Profile: l.Profile, Denied: l.Denied}, "=a note")
	}
	if err := s.End(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// expected is the answer by the rules as they are written, the plain way.
func expected(links []mapping.Link, p studio.Person, domain string) string {
	for _, who := range []studio.Person{p, {User: p.User}} {
		for _, d := range []string{domain, ""} {
			i := slices.IndexFunc(links, func(l mapping.Link) bool { return l.Person == who && l.Domain == d })
			if i >= 0 {
				return profileOf(links[i])
			}
		}
	}
	return ""
}

func say(a mapping.Answer) string {
	switch {
	case a.Denied:
		return "deny"
	case a.Known:
		return a.Profile
	}
	return ""
}

// The same people give the same answers, whoever keeps them.
func TestSourcesAgree(t *testing.T) {
	t.Parallel()
	log, _ := newLog(t)
	open := func(name, text string) mapping.Source {
		path := filepath.Join(t.TempDir(), name)
		write(t, path, text)
		f, err := mapping.OpenFile(mapping.FileOptions{Path: path, Domains: configured(), Log: log})
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		return f
	}
	for seed := range uint64(30) {
		r := rand.New(rand.NewPCG(seed, 3))
		links := draw(r)
		table := mapping.NewTable(mapping.TableOptions{Links: &memLinks{}, Domains: configured(), Log: log})
		mixed := slices.Clone(links)
		r.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		half := len(mixed) / 2
		if err := table.Put(t.Context(), mixed[:half]...); err != nil {
			t.Fatal(err)
		}
		if err := table.Put(t.Context(), mixed[half:]...); err != nil { // laid over
			t.Fatal(err)
		}
		sources := map[string]mapping.Source{"yaml": open("users.yaml", asYAML(links)), "csv": open("users.CSV", asCSV(t, mixed)), "table": table}
		for name, s := range sources {
			for u := range 13 {
				for _, team := range []string{"", ourTeam, ourEnterprise, "T9"} {
					for _, d := range append(configured(), "", "kitchen") {
						p := studio.Person{Team: team, User: fmt.Sprintf("U%d", u)}
						want := ""
						if slices.Contains(configured(), d) {
							want = expected(links, p, d)
						}
						if a, err := s.Lookup(context.Background(), p, d); err != nil || say(a) != want || a.Known != (a.Origin != "") {
							t.Errorf("%s, seed %d: %v in %q: %+v, %v; want %q", name, seed, p, d, a, err, want)
						}
					}
				}
			}
			if got, want := listed(s), sorted(links); got != want {
				t.Errorf("%s, seed %d: lists\n%s\nwant\n%s", name, seed, got, want)
			}
		}
	}
}

// listed is what a source lists, sorted.
func listed(s mapping.Source) string {
	var links []mapping.Link
	s.(interface {
		Entries(func(studio.Person, string, mapping.Answer) bool)
	}).Entries(func(p studio.Person, domain string, a mapping.Answer) bool {
		links = append(links, mapping.Link{Person: p, Domain: domain, Profile: a.Profile, Denied: a.Denied})
		return true
	})
	return sorted(links)
}

func sorted(links []mapping.Link) string {
	var lines []string
	for _, l := range links {
		lines = append(lines, fmt.Sprintf("%s %s %s", keyOf(l.Person), l.Domain, profileOf(l)))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func TestParseLinks(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"users.yaml": "U1A: jane\nT1/U2B: {prod: joe, research: deny}\n",
		"users.csv":  "slack_id,profile,domain\nU1A,jane,\nT1/U2B,joe,prod\nT1/U2B,deny,research\n",
	} {
		links, mistakes := mapping.ParseLinks(name, []byte(text), configured())
		if got := fmt.Sprint(links, mistakes); len(links) != 3 || sorted(links) != "T1/U2B prod joe\nT1/U2B research deny\nU1A  jane" {
			t.Errorf("%s: %s", name, got)
		}
	}
	for name, want := range map[string]string{
		"x.yaml": "x.yaml: names nobody; write {} if that is meant", "x.csv": "x.csv: names nobody; write the header line slack_id,profile,domain alone if that is meant",
	} {
		if links, mistakes := mapping.ParseLinks(name, nil, configured()); links != nil || len(mistakes) != 1 || mistakes[0].Error() != want {
			t.Errorf("%v, %v; want %s", links, mistakes, want)
		}
	}
}
