package mapping_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/studio"
)

func conflict() mapping.Answer { return mapping.Answer{Known: true, Conflict: "a and b"} }

// A conflict counts like a denial, and says so.
func TestConflict(t *testing.T) {
	t.Parallel()
	silent := mapping.Answer{}
	for _, c := range []struct {
		name    string
		sources []mapping.Source
		options int
		err     error
	}{
		{"in every domain", []mapping.Source{both(conflict(), conflict()), both(profile("jane"), profile("jane"))}, 0, studio.ErrConflict},
		{"in one", []mapping.Source{both(conflict(), profile("jane")), both(profile("jane"), silent)}, 1, nil},
		{"in one, and not mapped", []mapping.Source{both(conflict(), silent)}, 0, studio.ErrConflict},
		{"in one, and denied", []mapping.Source{both(conflict(), denied())}, 0, studio.ErrConflict},
		{"behind an answer", []mapping.Source{both(profile("jane"), profile("jane")), both(conflict(), conflict())}, 2, nil},
		{"with an error", []mapping.Source{both(conflict(), silent), word{fails: map[string]error{"prod": errAway}}}, 0, studio.ErrUnsure},
	} {
		m := newMapping(t, c.sources...)
		g, err := m.Grants(t.Context(), jane())
		if len(g.Options) != c.options || !errors.Is(err, c.err) || (err == nil) != (c.err == nil) {
			t.Errorf("%s: %v, %v", c.name, g, err)
		}
		if err := m.Allowed(t.Context(), jane(), studio.Option{Domain: "research", Profile: "jane"}); (err == nil) != (c.options == 2) {
			t.Errorf("%s: allowed %v", c.name, err)
		}
	}
}

// told writes an explanation down, domain by domain.
func told(e studio.Explanation) string {
	var b strings.Builder
	kind := func(err error) string {
		for _, k := range []error{studio.ErrNotMapped, studio.ErrDenied, studio.ErrConflict, studio.ErrNotInGroup, studio.ErrUnsure, studio.ErrDeactivated, studio.ErrUnknownPerson, studio.ErrStranger} {
			if errors.Is(err, k) {
				return k.Error()
			}
		}
		return fmt.Sprint(err)
	}
	fmt.Fprintf(&b, "known %t, refused: %s\n", e.Known, kind(e.Refused))
	for _, d := range e.Domains {
		fmt.Fprintf(&b, "%s: %q, %s, by %d\n", d.Domain, d.Profile, kind(d.Err), d.Source)
		for _, w := range d.Words {
			fmt.Fprintf(&b, "  %d %s: %q, %s, %q, %q\n", w.Source, w.Name, w.Profile, kind(w.Err), w.Origin, w.Why)
		}
		for _, w := range d.Shadowed() {
			fmt.Fprintf(&b, "  shadows %d\n", w.Source)
		}
	}
	return b.String()
}

func TestExplain(t *testing.T) {
	t.Parallel()
	m := newMail(t, newLister("jane-doe", "other=U0JANE", "x=U0TWO", "y=U0TWO"), &asker{}, "{{ .Local }}")
	mustPass(t, m.p)
	p := newTags(t, newLister("other=U0JANE", "x=U0TWO", "y=U0TWO"))
	mustPass(t, p)
	g, _ := newGroups(t, nil, "S1")
	g.Set("S1", []string{"U0JANE"}, g.Moment())
	read(m.d, addressed("U0JANE", "jane.doe@example.com"), addressed("U0TWO", "nobody@example.com"), deleted("U0GONE"))
	first := word{says: map[string]mapping.Answer{"prod": {Known: true, Profile: "lead", Origin: "users.yaml:3"}}}
	mp := mapping.New(mapping.Options{
		Domains: studioDomains(), Sources: []mapping.Source{first, p.source, m}, Directory: m.d,
		Access: mapping.Access{Groups: g, DomainGroups: map[string][]string{"prod": {"S1"}}},
	})
	unread := `, can't be decided now, "", ""` + "\n"
	for user, want := range map[string]string{
		"U0JANE": `known true, refused: <nil>
research: "other", <nil>, by 2
  1 source 1: "", <nil>, "", ""
  2 tag slack-user-id: "other", <nil>, "tag slack-user-id on other", ""
  3 email {{ .Local }}: "jane-doe", <nil>, "email jane.doe@example.com", ""
  shadows 3
prod: "lead", <nil>, by 1
  1 source 1: "lead", <nil>, "users.yaml:3", ""
  2 tag slack-user-id: ""` + unread + `  3 email {{ .Local }}: ""` + unread + `  shadows 2
  shadows 3
`,
		"U0TWO": `known true, refused: <nil>
research: "", several Studio profiles claim the person, by 2
  1 source 1: "", <nil>, "", ""
  2 tag slack-user-id: "", several Studio profiles claim the person, "tag slack-user-id on x and y", ""
  3 email {{ .Local }}: "", <nil>, "", "the confirmed address nobody@example.com makes nobody, which doesn't exist in research"
prod: "", in none of the user groups that may, by 1
  1 source 1: "lead", <nil>, "users.yaml:3", ""
  2 tag slack-user-id: ""` + unread + `  3 email {{ .Local }}: ""` + unread + `  shadows 2
  shadows 3
`,
		"U0GONE": `known true, refused: deactivated in Slack
research: "", not linked to a Studio user profile, by 0
  1 source 1: "", <nil>, "", ""
  2 tag slack-user-id: "", <nil>, "", "no user profile in research has the tag slack-user-id with U0GONE"
  3 email {{ .Local }}: "", <nil>, "", "Slack has no confirmed e-mail address of the person"
prod: "", in none of the user groups that may, by 1
  1 source 1: "lead", <nil>, "users.yaml:3", ""
  2 tag slack-user-id: ""` + unread + `  3 email {{ .Local }}: ""` + unread + `  shadows 2
  shadows 3
`,
	} {
		e := mp.Explain(t.Context(), studio.Person{Team: ourTeam, User: user})
		if got := told(e); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", user, got, want)
		}
	}
}

// Somebody whom Slack doesn't know is explained too.
func TestExplainUnknown(t *testing.T) {
	t.Parallel()
	m := newMapping(t, both(mapping.Answer{}, profile("lead")))
	e := m.Explain(t.Context(), studio.Person{Team: ourTeam, User: "U0NOBODY"})
	if e.Known || !errors.Is(e.Refused, studio.ErrUnknownPerson) || len(e.Domains) != 2 {
		t.Fatalf("%+v", e)
	}
	if w, ok := e.Domains[1].Decides(); !ok || w.Profile != "lead" {
		t.Errorf("%+v", w)
	}
	if _, ok := e.Domains[0].Decides(); ok {
		t.Error("nobody decides")
	}
}

// What Explain says is what Grants gives.
func TestExplainAgreesWithGrants(t *testing.T) {
	t.Parallel()
	answers := []mapping.Answer{{}, profile("jane"), profile("joe"), denied(), conflict(), profile("no.name")}
	for _, a := range answers {
		for _, b := range answers {
			for _, fails := range []error{nil, errAway} {
				m := newMapping(t, both(a, b), word{fails: map[string]error{"prod": fails}}, both(b, a))
				e := m.Explain(context.Background(), jane())
				g, _ := m.Grants(context.Background(), jane())
				got := map[string]string{}
				for _, o := range g.Options {
					got[o.Domain] = o.Profile
				}
				for _, d := range e.Domains {
					if d.Profile != got[d.Domain] || (d.Err == nil) != (d.Profile != "") || fmt.Sprint(g.Unsure) == "["+d.Domain+"]" && !errors.Is(d.Err, studio.ErrUnsure) {
						t.Errorf("%v then %v (%v): explained %+v, granted %v", a, b, fails, d, g)
					}
				}
			}
		}
	}
}
