package mapping_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/studio"
)

func TestCheckNotebooks(t *testing.T) {
	t.Parallel()
	many := make([]string, 51)
	for i := range many {
		many[i] = fmt.Sprintf("box-%d", i)
	}
	const want = "write a list of notebook instances, like [gpu-box]"
	for _, c := range []mistaken{
		{"no list", "U1A: {notebooks: gpu-box}", []string{"1: " + want}},
		{"an empty list", "U1A: {prod: jane, notebooks: []}", []string{"1: " + want}},
		{"a number", "U1A: {notebooks: [1]}", []string{"1: " + want + "; a name that YAML reads as something else goes in quotes"}},
		{"a list in a list", "U1A: {notebooks: [[a]]}", []string{"1: " + want + "; a name that YAML reads as something else goes in quotes"}},
		{"no name", "U1A:\n  notebooks:\n    - gpu_box", []string{`3: "gpu_box" is no notebook instance's name: letters, digits, and hyphens between them, up to 63`}},
		{"no name behind a domain", "U1A: {notebooks: [prod/]}", []string{`1: "" is no notebook instance's name: letters, digits, and hyphens between them, up to 63`}},
		{"another domain", "U1A: {notebooks: [prd/box]}", []string{`1: there is no domain "prd"; did you mean prod?`}},
		{"twice", "U1A:\n  notebooks: [a]\n  notebooks: [b]", []string{"3: notebooks stands on line 2 already; keep one of the two"}},
		{"a person twice", "U1A: {notebooks: [a]}\nU1A: {notebooks: [b]}", []string{"2: U1A stands on an earlier line already; keep one of the two"}},
		{"too many", "U1A: {notebooks: [" + strings.Join(many, ", ") + "]}", []string{"1: has 51 notebook instances; up to 50 are taken for one person"}},
		{"an alias", "U1A: {notebooks: &x [a]}\nU2B: {notebooks: *x}", []string{"2: aliases and << aren't taken here; write it out"}},
	} {
		t.Run(c.name, c.check)
	}
}

// What the file gives, and that a loss is told like any other.
func TestFileNotebooks(t *testing.T) {
	t.Parallel()
	w := watch(t, usersFile(t, `U0JANE: {research: jane, notebooks: [gpu-box, prod/old-box]}
T1/U0SAM: {notebooks: [teams]}
U0SAM: {research: sam, notebooks: [everywhere]}
U0UMA: {notebooks: [gpu-box]}
U0BOB: bob
`), 10*time.Millisecond)
	boxes := func(team, user string) string {
		return strings.ReplaceAll(fmt.Sprint(w.file.Notebooks(studio.Person{Team: team, User: user})), " ", ",")
	}
	for who, want := range map[string]string{
		"T1/U0JANE": "[{,gpu-box},{prod,old-box}]", "T1/U0SAM": "[{,teams}]", "T2/U0SAM": "[{,everywhere}]", "T1/U0UMA": "[{,gpu-box}]",
		"T1/U0BOB": "[]", "T1/U0NOBODY": "[]",
	} {
		team, user, _ := strings.Cut(who, "/")
		if got := boxes(team, user); got != want {
			t.Errorf("%s: %s, want %s", who, got, want)
		}
	}
	// Who has nothing else has no profile anywhere.
	if a, err := w.file.Lookup(t.Context(), studio.Person{Team: "T1", User: "U0UMA"}, "research"); err != nil || a.Known {
		t.Errorf("%+v, %v", a, err)
	}
	write(t, w.path, `U0JANE: {research: jane, notebooks: [gpu-box]}
T1/U0SAM: {notebooks: [teams, more]}
U0SAM: {research: sam, notebooks: [everywhere]}
U0UMA: {research: uma, notebooks: [gpu-box]}
U0BOB: bob
`)
	if got := w.waitLost(); got != "[/U0JANE]" {
		t.Errorf("lost %s", got)
	}
	if got := boxes("T1", "U0JANE"); got != "[{,gpu-box}]" {
		t.Errorf("now %s", got)
	}
	if _, warnings := mapping.Check("users.yaml", []byte("U1A: {notebooks: [a]}"), configured()); len(warnings) > 0 {
		t.Errorf("warnings %q", warnings)
	}
}
