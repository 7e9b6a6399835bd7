package mapping_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/studiobot/studiobot/mapping"
)

func domains() []string { return []string{"research", "prod"} }

// check returns every mistake as the operator sees it.
func check(text string) (mistakes, warnings []string) {
	found, warnings := mapping.Check("users.yaml", []byte(text), domains())
	for _, m := range found {
		mistakes = append(mistakes, m.Error())
	}
	return mistakes, warnings
}

func sameLines(t *testing.T, what string, got, want []string) {
	t.Helper()
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("%s:\n%s\nwant:\n%s", what, g, w)
	}
}

func TestUsersMistakes(t *testing.T) {
	t.Parallel()
	const noID = ` is no Slack user ID; write it like U012AB3CD, or T0123ABC/U012AB3CD for one workspace only`
	const noName = ` is no user profile's name: letters, digits and hyphens between them`
	const noDomain = `; the config has research, prod`
	name63, name64 := strings.Repeat("a", 63), strings.Repeat("a", 64)
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"an e-mail address", "jane@example.com: jane", []string{`users.yaml:1: "jane@example.com"` + noID}},
		{"a name", "\njane: jane", []string{`users.yaml:2: "jane"` + noID}},
		{"a small letter", "u012ab3cd: jane", []string{`users.yaml:1: "u012ab3cd"` + noID}},
		{"a channel", "C012AB3CD: jane", []string{`users.yaml:1: "C012AB3CD"` + noID}},
		{"a mention", `"<@U012AB3CD>": jane`, []string{`users.yaml:1: "<@U012AB3CD>"` + noID}},
		{"no ID after the U", "U: jane", []string{`users.yaml:1: "U"` + noID}},
		{"an ID that never ends", "U" + strings.Repeat("A", 99) + ": jane",
			[]string{`users.yaml:1: "U` + strings.Repeat("A", 78) + `…"` + noID}},
		{"the wrong way round", "U012AB3CD/T0123ABC: jane", []string{`users.yaml:1: "U012AB3CD/T0123ABC"` + noID}},
		{"two teams", "T1A/T2B/U012AB3CD: jane", []string{`users.yaml:1: "T1A/T2B/U012AB3CD"` + noID}},
		{"a newline in the ID", `"U012AB3CD\n": jane`, []string{`users.yaml:1: "U012AB3CD\n"` + noID}},
		{"a list as key", "? [U1A]\n: jane", []string{`users.yaml:1: ""` + noID}},
		{"an alias as key", "U1A: &U2B jane\n*U2B : joe", []string{`users.yaml:2: "U2B"` + noID}},
		{"a merge key", "U1A: &a {prod: jane}\n<<: *a", []string{`users.yaml:2: "<<"` + noID}},
		{"a merge key inside", "U1A: &a {prod: jane}\nU2B:\n  <<: *a",
			[]string{`users.yaml:3: there is no domain "<<"` + noDomain}},
		{"an alias as domain", "U1A: &prod jane\nU2B: {*prod : joe}",
			[]string{`users.yaml:2: *prod is an alias; write the domain out`}},
		{"a list as domain", "U1A:\n  ? [prod]\n  : joe", []string{`users.yaml:2: there is no domain ""` + noDomain}},
		{"an alias", "U1A: &a jane\nU2B: *a", []string{`users.yaml:2: *a is an alias; write the profile out`}},
		{"an alias in a domain", "U1A: &a jane\nU2B: {prod: *a}", []string{`users.yaml:2: write a user profile or deny`}},
		{"the same person twice", "U1A: jane\n\nU1A: joe", []string{`users.yaml:3: U1A stands here twice, first in line 1; keep one`}},
		{"three times", "U1A: a\nU1A: a\nU1A: a", []string{`users.yaml:2: U1A stands here twice, first in line 1; keep one`,
			`users.yaml:3: U1A stands here twice, first in line 1; keep one`}},
		{"twice, once in quotes", "U1A: jane\n\"U1A\": joe", []string{`users.yaml:2: U1A stands here twice, first in line 1; keep one`}},
		{"the same team's twice", "T1A/U1A: a\nU1A: b\nT1A/U1A: c",
			[]string{`users.yaml:3: T1A/U1A stands here twice, first in line 1; keep one`}},
		{"the same domain twice", "U1A:\n  prod: a\n  prod: b", []string{`users.yaml:3: the domain prod stands here twice; keep one`}},
		{"an unknown domain", "U1A: {staging: jane}", []string{`users.yaml:1: there is no domain "staging"` + noDomain}},
		{"a domain in capitals", "U1A:\n  prod: jane\n  Research: jane", []string{`users.yaml:3: there is no domain "Research"` + noDomain}},
		{"no space", "U1A: {prod:jane}", []string{`users.yaml:1: there is no domain "prod:jane"` + noDomain}},
		{"no domain", "U1A: {}", []string{`users.yaml:1: no domain is named; write a user profile, deny, or {research: jane-doe}`}},
		{"domains in a list", "U1A: [research, prod]", []string{`users.yaml:1: write a user profile, deny, or {research: jane-doe}`}},
		{"a list in a domain", "U1A: {prod: [a, b]}", []string{`users.yaml:1: write a user profile or deny`}},
		{"nothing behind it", "U1A:\nU2B: jane", []string{`users.yaml:1: no user profile; write one, or deny`}},
		{"null", "U1A: null", []string{`users.yaml:1: no user profile; write one, or deny`}},
		{"a tilde", "U1A: {prod: ~}", []string{`users.yaml:1: no user profile; write one, or deny`}},
		{"true", "U1A: true", []string{`users.yaml:1: YAML reads true as something else than a name; put it in quotes`}},
		{"False", "U1A: {prod: False}", []string{`users.yaml:1: YAML reads False as something else than a name; put it in quotes`}},
		{"a float", "U1A: 1e3", []string{`users.yaml:1: YAML reads 1e3 as something else than a name; put it in quotes`}},
		{"a date", "U1A: 2024-05-06", []string{`users.yaml:1: YAML reads 2024-05-06 as something else than a name; put it in quotes`}},
		{"a negative number", "U1A: -5", []string{`users.yaml:1: "-5"` + noName + `; did you mean 5?`}},
		{"an empty name", `U1A: ""`, []string{`users.yaml:1: ""` + noName}},
		{"a dot", "U1A: jane.doe", []string{`users.yaml:1: "jane.doe"` + noName + `; did you mean jane-doe?`}},
		{"an e-mail as profile", "U1A: jane.doe@example.com", []string{`users.yaml:1: "jane.doe@example.com"` + noName + `; did you mean jane-doe-example-com?`}},
		{"an underscore", "U1A: jane_doe", []string{`users.yaml:1: "jane_doe"` + noName + `; did you mean jane-doe?`}},
		{"a hyphen at the end", "U1A: jane-", []string{`users.yaml:1: "jane-"` + noName + `; did you mean jane?`}},
		{"no letter at all", `U1A: "…"`, []string{`users.yaml:1: "…"` + noName}},
		{"63 characters", "U1A: " + name63, nil},
		{"64 characters", "U1A: " + name64, []string{`users.yaml:1: a user profile's name has up to 63 characters, this one 64`}},
		{"a list of people", "- U1A\n- U2B", []string{`users.yaml:1: write one line for each person: U012AB3CD: jane-doe`}},
		{"a word", "# people\njane", []string{`users.yaml:2: write one line for each person: U012AB3CD: jane-doe`}},
		{"a tab", "U1A: jane\nU2B:\n\tprod: joe", []string{`users.yaml:3: this isn't YAML: found character that cannot start any token`}},
		{"a bad first line", "U1A: a: b\n", []string{`users.yaml:1: this isn't YAML: mapping values are not allowed in this context`}},
		{"not text", "U1A: \x00", []string{`users.yaml:1: this isn't YAML: control characters are not allowed`}},
		{"a second document", "U1A: jane\n---\nU2B: joe", []string{`users.yaml:2: there is a second document (---); write one`}},
		{"a second document that isn't YAML", "U1A: jane\n---\nU2B: a: b\n", []string{`users.yaml:3: this isn't YAML: mapping values are not allowed in this context`}},
		{"an empty second document", "U1A: jane\n---\n", []string{`users.yaml:2: there is a second document (---); write one`}},
		{"several at once", strings.Join([]string{
			"# who is who", "U1A: jane", "jane: jane", "U1A: joe", "U2B: jane.doe", "U3C:", "  prod: x", "  lab: y", "  prod: z",
			"U4D: true", "U5E:", "T9Z/U1A: fine"}, "\n"), []string{
			`users.yaml:3: "jane"` + noID,
			`users.yaml:4: U1A stands here twice, first in line 2; keep one`,
			`users.yaml:5: "jane.doe"` + noName + `; did you mean jane-doe?`,
			`users.yaml:8: there is no domain "lab"` + noDomain,
			`users.yaml:9: the domain prod stands here twice; keep one`,
			`users.yaml:10: YAML reads true as something else than a name; put it in quotes`,
			`users.yaml:11: no user profile; write one, or deny`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, _ := check(c.text)
			sameLines(t, "mistakes", got, c.want)
		})
	}
}

func TestUsersTooMuch(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&b, "U%d: p%d\n", i, i)
	}
	if got, _ := check(b.String()); got != nil {
		t.Errorf("20,000 people: %s", got)
	}
	b.WriteString("UMORE: more\n")
	got, _ := check(b.String())
	sameLines(t, "one more", got, []string{"users.yaml:1: 20001 people; a users file takes up to 20000"})

	const mib8 = 8 << 20
	fits := "U1A: jane\n#" + strings.Repeat("x", mib8-len("U1A: jane\n#"))
	if got, _ := check(fits); got != nil {
		t.Errorf("8 MiB: %s", got)
	}
	got, _ = check(fits + "x")
	sameLines(t, "a byte more", got, []string{"users.yaml:1: the file is larger than 8 MiB"})
}

func TestUsersEmpty(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "\n\n", "# nobody yet\n", "---\n", "null\n", "~", "{}", "--- # nobody\n...\n"} {
		mistakes, warnings := check(text)
		if mistakes != nil || warnings != nil {
			t.Errorf("%q: %q %q", text, mistakes, warnings)
		}
		if a := lookup(t, open(t, text), ourTeam, "U1A", "prod"); a.Known {
			t.Errorf("%q: %+v", text, a)
		}
	}
}

func TestUsersNoDomain(t *testing.T) {
	t.Parallel()
	found, _ := mapping.Check("u.yaml", []byte("U1A: {}"), nil)
	want := "u.yaml:1: no domain is named; write a user profile, deny, or {research: jane-doe}"
	if len(found) != 1 || found[0].Error() != want {
		t.Errorf("%v", found)
	}
}

func TestUsersWarnings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"each their own", "U1A: jane\nU2B: joe\nU3C: deny\nU4D: deny", nil},
		{"shared, but for case", "U2B: Team\nU1A: tEAM", []string{"users.yaml: the user profile team is given to U1A, U2B"}},
		{"shared in a domain", "U1A: {prod: x}\nU2B: {prod: x}\nU3C: {research: x}",
			[]string{"users.yaml: the user profile x is given to U1A, U2B"}},
		{"by seven", "U1: x\nU2: x\nU3: x\nU4: x\nU5: x\nU6: x\nU7: x",
			[]string{"users.yaml: the user profile x is given to U1, U2, U3, U4, U5"}},
		{"two pairs", "U1: b\nU2: b\nU3: a\nU4: a", []string{
			"users.yaml: the user profile a is given to U3, U4", "users.yaml: the user profile b is given to U1, U2"}},
		{"none where there is a mistake", "U1A: x\nU2B: x\nU3C:", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, got := check(c.text)
			sameLines(t, "warnings", got, c.want)
		})
	}
}
