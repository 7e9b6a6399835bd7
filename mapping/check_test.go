package mapping_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/studiobot/studiobot/mapping"
)

func configured() []string { return []string{"research", "prod"} }

const noID = ` is no Slack user ID; `

const likeThis = noID + `write it like U012AB3CD, or T0123ABCD/U012AB3CD for one workspace only (in Slack: the person's profile, the menu with the three dots, Copy member ID)`

const noName = ` is no user profile's name: letters, digits, and hyphens between them`

// mistaken is a users file with mistakes.
type mistaken struct {
	name, text string
	want       []string // line: problem
}

func (c mistaken) check(t *testing.T) {
	t.Parallel()
	mistakes, warnings := mapping.Check("users.yaml", []byte(c.text), configured())
	var got []string
	for _, m := range mistakes {
		got = append(got, m.String())
	}
	if g, w := strings.Join(got, "\n"), "users.yaml:"+strings.Join(c.want, "\nusers.yaml:"); g != w || warnings != nil {
		t.Errorf("got\n%s\nwant\n%s\nwarnings %q", g, w, warnings)
	}
}

func TestCheckPeopleAndDomains(t *testing.T) {
	t.Parallel()
	for _, c := range []mistaken{
		{"a name for a person", "\njane: jane", []string{`2: "jane"` + likeThis}},
		{"a mail address for a person", "jane@example.com: jane", []string{`1: "jane@example.com"` + likeThis}},
		{"small letters", "u012ab3cd: jane", []string{`1: "u012ab3cd"` + noID + `did you mean U012AB3CD?`}},
		{"the wrong way round", "U1A/T1A: jane", []string{`1: "U1A/T1A"` + noID + `the workspace comes first: T1A/U1A`}},
		{"a channel", "C012AB3CD: jane", []string{`1: "C012AB3CD"` + likeThis}},
		{"a number for a person", "12: jane", []string{`1: "12"` + likeThis}},
		{"an ID without end", "U" + strings.Repeat("A", 300) + ": jane", []string{`1: "U` + strings.Repeat("A", 78) + `…"` + likeThis}},
		{"a list for a person", "? [U1A]\n: jane", []string{"1: a Slack user ID belongs here, like U012AB3CD"}},
		{"an alias for a person", "U1A: &x jane\n*x : joe", []string{"2: aliases and << aren't taken here; write every person out"}},
		{"a merge", "U1A: &x {prod: jane}\n<<: *x", []string{
			"2: aliases and << aren't taken here; write it out", "2: aliases and << aren't taken here; write every person out"}},
		{"twice", "U1A: jane\n\nU1A: joe", []string{"3: U1A stands on line 1 already; keep one of the two"}},
		{"twice in a team", "T1A/U1A: a\nU1A: b\n\"T1A/U1A\": c", []string{"3: T1A/U1A stands on line 1 already; keep one of the two"}},
		{"a domain misspelt", "U1A: {reserch: jane}", []string{`1: there is no domain "reserch"; did you mean research?`}},
		{"a domain in capitals", "U1A:\n  prod: a\n  Research: b", []string{`3: there is no domain "Research"; did you mean research?`}},
		{"another domain", "U1A: {kitchen: jane}", []string{`1: there is no domain "kitchen"; the config has research, prod`}},
		{"no space behind the colon", "U1A: {research:jane}", []string{"1: a space belongs behind the colon: research: jane"}},
		{"a domain twice", "U1A:\n  prod: a\n  prod: b", []string{"3: the domain prod stands on line 2 already; keep one of the two"}},
		{"no domain", "U1A: {}", []string{"1: no domain is named; write one user profile, deny, or {research: jane-doe}"}},
		{"an alias for a domain", "U1A: &prod jane\nU2B: {*prod : joe}", []string{"2: aliases and << aren't taken here; write it out"}},
		{"an alias for a profile", "U1A: &x jane\nU2B: *x\nU3C: {prod: *x}", []string{
			"2: aliases and << aren't taken here; write it out", "3: aliases and << aren't taken here; write it out"}},
	} {
		t.Run(c.name, c.check)
	}
}

func TestCheckProfilesAndText(t *testing.T) {
	t.Parallel()
	for _, c := range []mistaken{
		{"several profiles", "U1A: [a, b]", []string{"1: a list isn't taken here; write one user profile, deny, or {research: jane-doe}"}},
		{"a domain's list", "U1A:\n  prod:\n    - a", []string{"3: one user profile, or deny, belongs behind prod"}},
		{"nothing", "U1A:\nU2B: ~\nU3C: {prod: null}", []string{
			"1: no user profile; write one, or deny", "2: no user profile; write one, or deny", "3: no user profile; write one, or deny"}},
		{"nothing at the end", "U1A: a\nU2B:\n\n\n", []string{"2: no user profile; write one, or deny"}},
		{"yes or no", "U1A: false", []string{`1: YAML reads false as yes or no; for nobody write deny, for a user profile of that name "false"`}},
		{"numbers", "U1A: 007\nU2B: {prod: 1e3}", []string{
			`1: YAML reads 007 as a number; for a user profile of that name put it in quotes: "007"`,
			`2: YAML reads 1e3 as a number; for a user profile of that name put it in quotes: "1e3"`}},
		{"a date", "U1A: 2026-11-24", []string{`1: YAML reads 2026-11-24 as a date; for a user profile of that name put it in quotes: "2026-11-24"`}},
		{"a tag", "U1A: !profile jane", []string{"1: the tag !profile isn't taken here; write the user profile's name alone"}},
		{"a dot", "U1A: frank.gonzalez", []string{`1: "frank.gonzalez"` + noName + "; did you mean frank-gonzalez?"}},
		{"a mail address", "U1A: Frank.Gonzalez@example.com", []string{`1: "Frank.Gonzalez@example.com"` + noName + "; did you mean Frank-Gonzalez?"}},
		{"a space", "U1A: John Doe", []string{`1: "John Doe"` + noName + "; did you mean John-Doe?"}},
		{"hyphens at the ends", "U1A: -jane-", []string{`1: "-jane-"` + noName + "; did you mean jane?"}},
		{"letters of elsewhere", "U1A: jörg", []string{`1: "jörg"` + noName}},
		{"an empty name", `U1A: ""`, []string{`1: ""` + noName}},
		{"almost deny", `U1A: deny.`, []string{`1: "deny."` + noName}},
		{"a line break at the end", `U1A: "jane\n"`, []string{`1: "jane\n"` + noName + "; did you mean jane?"}},
		{"64 characters", "U1A: " + strings.Repeat("a", 64), []string{"1: a user profile's name has up to 63 characters, this one 64"}},
		{"a list of people", "- U1A: jane", []string{"1: write one line for each person, and no list: U012AB3CD: jane-doe"}},
		{"a text", "# people\nU1A:jane", []string{"2: write one line for each person, with a space behind the colon: U012AB3CD: jane-doe"}},
		{"a second document", "U1A: jane\n---\nU1A: joe", []string{"2: a second document (---) begins here; write everybody into one"}},
		{"a tab", "U1A: a\nU2B:\n\tprod: joe", []string{"3: isn't YAML: begins with a tab; YAML takes spaces only"}},
		{"cut off", "U1A: a\nU2B: {prod: jo", []string{"2: isn't YAML: did not find expected ',' or '}'"}},
		{"cut off on the first line", "U1A: {prod: jo", []string{"1: isn't YAML: did not find expected ',' or '}'"}},
		{"a colon too many", "U1A: a\nU2B: b: c", []string{"2: isn't YAML: mapping values are not allowed in this context"}},
		{"an alias of nothing", "U1A: a\nU2B: *x\n", []string{"2: isn't YAML: aliases aren't taken here; write it out"}},
		{"rubbish behind the end", "{U1A: jane}\nU2B: joe\n", []string{"2: isn't YAML: did not find expected <document start>"}},
		{"not UTF-8", "U1A: a\nU2B: j\xf6rg", []string{"2: isn't text; save the file as UTF-8, without control characters"}},
		{"a zero byte", "U1A: a\n\x00", []string{"2: isn't text; save the file as UTF-8, without control characters"}},
		{"several at once", "U1A: a\njane: a.b\nU1A: 7\nU3C: {lab: x, prod: 8}\n", []string{
			`2: "a.b"` + noName + "; did you mean a-b?", `2: "jane"` + likeThis,
			`3: YAML reads 7 as a number; for a user profile of that name put it in quotes: "7"`,
			"3: U1A stands on line 1 already; keep one of the two",
			`4: there is no domain "lab"; the config has research, prod`,
			`4: YAML reads 8 as a number; for a user profile of that name put it in quotes: "8"`}},
	} {
		t.Run(c.name, c.check)
	}
}

func TestCheckTakes(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"{}", "\ufeffU1A: jane\n", "U1A: jane\r\nU2B: joe\r\n",
		"U1A: " + strings.Repeat("a", 63), "U1A: a-------b", "W1A: jane", "T1A/U1A: jane", "E1A/W1A: jane",
		"U1A: {prod: deny}", "U1A: Deny", `U1A: "007"`, "U1A: !!str 2026-11-24", "{U1A: jane}\n# end\n", "--- {U1A: jane}\n...\n",
	} {
		if mistakes, warnings := mapping.Check("users.yaml", []byte(text), configured()); mistakes != nil || warnings != nil {
			t.Errorf("%q: %v %q", text, mistakes, warnings)
		}
	}
}

// A file with nothing in it is what a write that was cut off leaves behind.
func TestCheckRefusesAnEmptyFile(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "# nobody yet\n", "---\n"} {
		mistakes, _ := mapping.Check("users.yaml", []byte(text), configured())
		if len(mistakes) != 1 || mistakes[0].Error() != "users.yaml: names nobody; write {} if that is meant" {
			t.Errorf("%q: %v", text, mistakes)
		}
	}
}

func TestCheckBounds(t *testing.T) {
	t.Parallel()
	var people strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&people, "U%d: p%d\n", i, i)
	}
	large := "U1A: jane\n#"
	large += strings.Repeat("x", 8<<20-len(large))
	for _, c := range []struct {
		name, text string
		count      int
		last       string
	}{
		{"20,000 people", people.String(), 0, ""},
		{"one more", people.String() + "UMORE: x\n", 1, "users.yaml: names 20001 people; YAML takes up to 20000, use a .csv users file (up to 1000000 people)"},
		{"8 MiB", large, 0, ""},
		{"one byte more", large + "x", 1, "users.yaml: is larger than 8 MiB; use a .csv users file (up to 1000000 people)"},
		{"1,500 mistakes", strings.Repeat("x: y\n", 1500), 1001, "users.yaml: 500 more mistakes"},
	} {
		mistakes, _ := mapping.Check("users.yaml", []byte(c.text), configured())
		if len(mistakes) != c.count || c.count > 0 && mistakes[c.count-1].Error() != c.last {
			t.Errorf("%s: %d mistakes, the last %v; want %d, %s", c.name, len(mistakes), mistakes[max(len(mistakes)-1, 0):], c.count, c.last)
		}
	}
}

func TestCheckWarns(t *testing.T) {
	t.Parallel()
	const share = "; they share its files and apps"
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"everybody their own", "U1A: jane\nU2B: {prod: joe}\nU3C: deny\nU4D: deny\nU5E: {prod: deny}", nil},
		{"in all domains", "U1A: team\nU2B: Team", []string{"users.yaml:1: the user profile team belongs to U1A (line 1), U2B (line 2) in every domain" + share}},
		{"in one", "U1A: x\nU2B:\n  prod: x\nU3C: {research: y}", []string{"users.yaml:1: the user profile x belongs to U1A (line 1), U2B (line 2) in prod" + share}},
		{"not in the same", "U1A: {research: x}\nU2B: {prod: x}", nil},
		{"one person, two keys", "U1A: x\nT1A/U1A: x", nil},
		{"by eight", "U1: x\nU2: x\nU3: x\nU4: x\nU5: x\nU6: x\nU7: x\nU8: x", []string{
			"users.yaml:1: the user profile x belongs to U1 (line 1), U2 (line 2), U3 (line 3), U4 (line 4), U5 (line 5) and 3 more in every domain" + share}},
		{"a word like deny", "U1A: None", []string{"users.yaml:1: None is taken as the name of a user profile; to give none write deny"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			mistakes, warnings := mapping.Check("users.yaml", []byte(c.text), configured())
			if mistakes != nil || strings.Join(warnings, "\n") != strings.Join(c.want, "\n") {
				t.Errorf("%v\n%s\nwant\n%s", mistakes, strings.Join(warnings, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

// Whatever a users file holds, it is read or refused with lines that exist.
func FuzzCheck(f *testing.F) {
	for _, s := range []string{
		"", "{}", "U012AB3CD: jane-doe\nU045EF6GH: {research: jdoe, prod: john}\nU078IJ9KL: deny\n", "T1A/U1A: {prod: deny}\n",
		"U1A: &x a\nU2B: *x\n<<: *x", "- a", "? [a]\n: b", "U1A: 007", "a: {b: [", "---\n---", "U1A: |\n  jane\n", "\ufeffU1A: 2026-11-24", "U1A:\n\tprod: x",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		mistakes, warnings := mapping.Check("users.yaml", data, configured())
		if len(mistakes) > 0 && len(warnings) > 0 {
			t.Errorf("refused, and yet %q", warnings)
		}
		lines := 1 + strings.Count(strings.NewReplacer("\r", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n").Replace(string(data)), "\n")
		for _, m := range mistakes {
			if m.Line < 0 || m.Line > lines || m.Problem == "" || len(m.Problem) > 2000 {
				t.Errorf("%d lines: %+v", lines, m)
			}
		}
	})
}
