package mapping_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/studio"
)

// open opens a users file with that text.
func open(t testing.TB, text string) *mapping.File {
	t.Helper()
	path := filepath.Join(t.TempDir(), "users.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	log, _ := newLog(t)
	f, err := mapping.OpenFile(mapping.FileOptions{Path: path, Domains: domains(), Log: log})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func lookup(t testing.TB, f *mapping.File, team, user, domain string) mapping.Answer {
	t.Helper()
	a, err := f.Lookup(t.Context(), studio.Person{Team: team, User: user}, domain)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestLookup(t *testing.T) {
	t.Parallel()
	const text = `# people
U1ALL: jane-doe
W2ENT: w-jane
U3DENY: deny
U4DENY: "DENY"
U5SOME:
  prod: deny
  research: joe
U6ONE: {prod: ann}
U7BOTH: bare
T0HOME/U7BOTH: home
U8PART: bare
T0HOME/U8PART: {prod: home}
T0HOME/U9ONLY: only
T0HOME/U10NO: deny
U10NO: bare
U11NUM: 007
U12HEX: 0x1F
U13BOOL: "true"
U14YES: yes
E0ORG/U15ORG: org
U16TAG: !!str 2024-05-06
`
	f := open(t, text)
	profile := func(p string, line int) mapping.Answer {
		return mapping.Answer{Known: true, Profile: p, Origin: fmt.Sprintf("users.yaml:%d", line)}
	}
	deny := func(line int) mapping.Answer {
		return mapping.Answer{Known: true, Denied: true, Origin: fmt.Sprintf("users.yaml:%d", line)}
	}
	for _, c := range []struct {
		team, user, domain string
		want               mapping.Answer
	}{
		{ourTeam, "U1ALL", "research", profile("jane-doe", 2)},
		{ourTeam, "U1ALL", "prod", profile("jane-doe", 2)},
		{"T0OTHER", "U1ALL", "prod", profile("jane-doe", 2)},
		{ourTeam, "U0NOBODY", "prod", mapping.Answer{}},
		{ourTeam, "u1all", "prod", mapping.Answer{}},
		{ourTeam, "W2ENT", "prod", profile("w-jane", 3)},
		{ourTeam, "U2ENT", "prod", mapping.Answer{}},
		{ourTeam, "U3DENY", "prod", deny(4)},
		{ourTeam, "U4DENY", "research", deny(5)},
		{ourTeam, "U5SOME", "prod", deny(6)},
		{ourTeam, "U5SOME", "research", profile("joe", 6)},
		{ourTeam, "U6ONE", "prod", profile("ann", 9)},
		{ourTeam, "U6ONE", "research", mapping.Answer{}},
		{ourTeam, "U7BOTH", "prod", profile("home", 11)},
		{"T0OTHER", "U7BOTH", "prod", profile("bare", 10)},
		{"", "U7BOTH", "prod", profile("bare", 10)},
		{ourTeam, "U8PART", "prod", profile("home", 13)},
		{ourTeam, "U8PART", "research", profile("bare", 12)},
		{ourTeam, "U9ONLY", "prod", profile("only", 14)},
		{"T0OTHER", "U9ONLY", "prod", mapping.Answer{}},
		{"", "U9ONLY", "prod", mapping.Answer{}},
		{ourTeam, "U10NO", "prod", deny(15)},
		{"T0OTHER", "U10NO", "prod", profile("bare", 16)},
		{ourTeam, "U11NUM", "prod", profile("007", 17)},
		{ourTeam, "U12HEX", "prod", profile("0x1F", 18)},
		{ourTeam, "U13BOOL", "prod", profile("true", 19)},
		{ourTeam, "U14YES", "prod", profile("yes", 20)},
		{"E0ORG", "U15ORG", "prod", profile("org", 21)},
		{ourTeam, "U15ORG", "prod", mapping.Answer{}},
		{ourTeam, "U16TAG", "prod", profile("2024-05-06", 22)},
	} {
		t.Run(c.team+" "+c.user+" "+c.domain, func(t *testing.T) {
			t.Parallel()
			if got := lookup(t, f, c.team, c.user, c.domain); got != c.want {
				t.Errorf("%+v, want %+v", got, c.want)
			}
		})
	}
}
