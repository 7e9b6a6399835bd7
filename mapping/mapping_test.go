package mapping_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/studio"
)

func TestAdmit(t *testing.T) {
	t.Parallel()
	workspace, grid := mapping.Home{Team: "T1"}, mapping.Home{Team: "T1", Enterprise: "E1"}
	of := func(team, enterprise string) studio.Member {
		return studio.Member{Person: studio.Person{Team: team, User: "U1"}, Enterprise: enterprise}
	}
	but := func(change func(*studio.Member)) studio.Member {
		m := of("T1", "")
		change(&m)
		return m
	}
	for _, c := range []struct {
		name   string
		m      studio.Member
		home   mapping.Home
		access mapping.Access
		want   error
	}{
		{"a member", of("T1", ""), workspace, mapping.Access{}, nil},
		{"a member of the organisation", of("T1", "E1"), grid, mapping.Access{}, nil},
		{"a colleague of another workspace", of("T2", "E1"), grid, mapping.Access{}, nil},
		{"known by the workspace only", of("T1", ""), grid, mapping.Access{}, nil},
		{"of another workspace", of("T2", ""), workspace, mapping.Access{}, studio.ErrStranger},
		{"of another organisation", of("T9", "E9"), grid, mapping.Access{}, studio.ErrStranger},
		{"of another organisation, in our workspace", of("T1", "E9"), grid, mapping.Access{}, studio.ErrStranger},
		{"of no workspace", of("", ""), workspace, mapping.Access{}, studio.ErrStranger},
		{"of no workspace, without an organisation", of("", ""), mapping.Home{Team: "T1"}, mapping.Access{Guests: true}, studio.ErrStranger},
		{"no home", of("T1", ""), mapping.Home{}, mapping.Access{}, studio.ErrUnsure},
		{"no home at all", of("", ""), mapping.Home{}, mapping.Access{Guests: true}, studio.ErrUnsure},
		{"deactivated", but(func(m *studio.Member) { m.Deleted = true }), workspace, mapping.Access{}, studio.ErrDeactivated},
		{"a bot", but(func(m *studio.Member) { m.Bot = true }), workspace, mapping.Access{}, studio.ErrNotPerson},
		{"invited", but(func(m *studio.Member) { m.Invited = true }), workspace, mapping.Access{}, studio.ErrNotPerson},
		{"a stranger by Slack's word", but(func(m *studio.Member) { m.Stranger = true }), workspace, mapping.Access{Guests: true}, studio.ErrStranger},
		{"a guest", but(func(m *studio.Member) { m.Guest = true }), workspace, mapping.Access{}, studio.ErrGuest},
		{"a guest, let in", but(func(m *studio.Member) { m.Guest = true }), workspace, mapping.Access{Guests: true}, nil},
		{"a guest of others", but(func(m *studio.Member) { m.Guest, m.Team = true, "T2" }), workspace, mapping.Access{Guests: true}, studio.ErrStranger},
		{"a deactivated guest", but(func(m *studio.Member) { m.Guest, m.Deleted = true, true }), workspace, mapping.Access{Guests: true}, studio.ErrDeactivated},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if err := c.access.Admit(c.m, c.home); !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
}

// word is a source that has one word on everybody, by domain.
type word struct {
	says  map[string]mapping.Answer
	fails map[string]error
}

func (w word) Lookup(_ context.Context, _ studio.Person, domain string) (mapping.Answer, error) {
	return w.says[domain], w.fails[domain]
}

func profile(name string) mapping.Answer {
	return mapping.Answer{Known: true, Profile: name, Origin: "here"}
}

func denied() mapping.Answer { return mapping.Answer{Known: true, Denied: true} }

func both(research, prod mapping.Answer) word {
	return word{says: map[string]mapping.Answer{"research": research, "prod": prod}}
}

func studioDomains() []studio.Domain {
	return []studio.Domain{
		{Name: "research", Label: "Research · dev", Open: studio.Home},
		{Name: "prod", Label: "Production", Open: "app:JupyterLab"},
	}
}

func newMapping(t testing.TB, sources ...mapping.Source) *mapping.Mapping {
	t.Helper()
	d := newDirectory(t, &asker{}, nil)
	d.Put(member(jane().User))
	return mapping.New(mapping.Options{Domains: studioDomains(), Sources: sources, Directory: d})
}

func TestGrants(t *testing.T) {
	t.Parallel()
	const research = "{research Research · dev jane studio }"
	silent := mapping.Answer{}
	failing := func(domain string) word { return word{fails: map[string]error{domain: errAway}} }
	lying := word{fails: map[string]error{"research": studio.ErrDenied, "prod": studio.ErrNotMapped}}
	for _, c := range []struct {
		name    string
		sources []mapping.Source
		options string
		unsure  string
		err     error
	}{
		{"both", []mapping.Source{both(profile("jane"), profile("joe"))}, "[" + research + " {prod Production joe app:JupyterLab }]", "[]", nil},
		{"one", []mapping.Source{both(profile("jane"), silent)}, "[" + research + "]", "[]", nil},
		{"one denied", []mapping.Source{both(profile("jane"), denied())}, "[" + research + "]", "[]", nil},
		{"the first who knows", []mapping.Source{both(silent, profile("joe")), both(profile("jane"), profile("ann"))},
			"[" + research + " {prod Production joe app:JupyterLab }]", "[]", nil},
		{"a denial stands", []mapping.Source{both(denied(), denied()), both(profile("jane"), profile("joe"))}, "[]", "[]", studio.ErrDenied},
		{"a later denial doesn't", []mapping.Source{both(profile("jane"), silent), both(denied(), silent)}, "[" + research + "]", "[]", nil},
		{"nobody knows", []mapping.Source{both(silent, silent)}, "[]", "[]", studio.ErrNotMapped},
		{"no source", nil, "[]", "[]", studio.ErrNotMapped},
		{"denied here, unknown there", []mapping.Source{both(silent, denied())}, "[]", "[]", studio.ErrNotMapped},
		{"unsure of one", []mapping.Source{failing("prod"), both(profile("jane"), profile("weaker"))}, "[" + research + "]", "[prod]", nil},
		{"unsure, and denied", []mapping.Source{failing("prod"), both(denied(), profile("weaker"))}, "[]", "[]", studio.ErrUnsure},
		{"unsure behind an answer", []mapping.Source{both(profile("jane"), denied()), failing("research")}, "[" + research + "]", "[]", nil},
		{"errors are no answers", []mapping.Source{lying, both(profile("jane"), profile("joe"))}, "[]", "[]", studio.ErrUnsure},
		{"no profile's name", []mapping.Source{both(profile("jane.doe"), profile("")), both(profile("jane"), profile("joe"))}, "[]", "[]", studio.ErrUnsure},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := newMapping(t, c.sources...)
			g, err := m.Grants(t.Context(), jane())
			if !errors.Is(err, c.err) || (err == nil) != (c.err == nil) || errors.Is(c.err, studio.ErrUnsure) && errors.Is(err, studio.ErrDenied) {
				t.Errorf("error %v, want %v", err, c.err)
			}
			if fmt.Sprint(g.Options) != c.options || fmt.Sprint(g.Unsure) != c.unsure {
				t.Errorf("%v %v, want %s %s", g.Options, g.Unsure, c.options, c.unsure)
			}
			options, unsure, same := m.Options(t.Context(), jane())
			if fmt.Sprint(options) != c.options || fmt.Sprint(unsure) != c.unsure || !errors.Is(same, c.err) {
				t.Errorf("Options: %v, %v", options, same)
			}
		})
	}
}

func TestAllowed(t *testing.T) {
	t.Parallel()
	m := newMapping(t, word{
		says:  map[string]mapping.Answer{"research": profile("Jane-Doe"), "gone": profile("jane-doe")},
		fails: map[string]error{"prod": errAway},
	})
	for _, c := range []struct {
		name            string
		domain, profile string
		want            error
	}{
		{"still", "research", "Jane-Doe", nil},
		{"but for case", "research", "jane-doe", nil},
		{"another profile", "research", "jane", studio.ErrNotMapped},
		{"no profile", "research", "", studio.ErrNotMapped},
		{"a domain that can't be asked", "prod", "jane-doe", studio.ErrUnsure},
		{"a domain that is gone", "gone", "jane-doe", studio.ErrNotMapped},
	} {
		err := m.Allowed(t.Context(), jane(), studio.Option{Domain: c.domain, Profile: c.profile})
		if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	m = newMapping(t, both(denied(), mapping.Answer{}))
	for domain, want := range map[string]error{"research": studio.ErrDenied, "prod": studio.ErrNotMapped} {
		if err := m.Allowed(t.Context(), jane(), studio.Option{Domain: domain, Profile: "jane"}); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", domain, err, want)
		}
	}
}

// Who may ask is looked at again every time, and for nobody on a guess.
func TestAdmission(t *testing.T) {
	t.Parallel()
	a := &asker{answer: func(_ context.Context, user string) (studio.Member, error) {
		switch user {
		case "U0GUEST":
			m := member(user)
			m.Guest = true
			return m, nil
		case "U0AWAY":
			return studio.Member{}, errAway
		}
		return studio.Member{}, studio.ErrUnknownPerson
	}}
	d := newDirectory(t, a, nil)
	d.SetHome("", "")
	m := mapping.New(mapping.Options{Domains: studioDomains(), Sources: []mapping.Source{both(profile("jane"), profile("jane"))}, Directory: d})
	option := studio.Option{Domain: "prod", Profile: "jane"}
	check := func(name string, p studio.Person, want error) {
		t.Helper()
		g, err := m.Grants(t.Context(), p)
		if !errors.Is(err, want) || (err == nil) != (want == nil) || (len(g.Options) > 0) != (want == nil) {
			t.Errorf("%s: %v, %v; want %v", name, g, err, want)
		}
		if err := m.Allowed(t.Context(), p, option); !errors.Is(err, want) || (err == nil) != (want == nil) {
			t.Errorf("%s: allowed %v, want %v", name, err, want)
		}
	}
	check("before Slack said who we are", jane(), studio.ErrUnsure)
	d.SetHome(ourTeam, ourEnterprise)
	check("from another workspace", studio.Person{Team: "T9", User: "U0JANE"}, studio.ErrStranger)
	check("from nowhere", studio.Person{User: "U0JANE"}, studio.ErrStranger)
	if a.total() != 0 {
		t.Errorf("%d questions for nothing", a.total())
	}
	check("unknown to Slack", jane(), studio.ErrUnknownPerson)
	check("Slack is away", studio.Person{Team: ourTeam, User: "U0AWAY"}, studio.ErrUnsure)
	check("a guest", studio.Person{Team: ourTeam, User: "U0GUEST"}, studio.ErrGuest)
	d.Put(member("U0JANE"))
	check("joined", jane(), nil)
	check("by the organisation", studio.Person{Team: ourEnterprise, User: "U0JANE"}, nil)
	d.Put(deleted("U0JANE"))
	check("deactivated", jane(), studio.ErrDeactivated)
}

// The whole way from a file: changed while a button is in somebody's message.
func TestAllowedAfterReload(t *testing.T) {
	t.Parallel()
	w := watch(t, usersFile(t, "U0JANE: {research: jane, prod: jane}\n"), time.Hour)
	m := newMapping(t, w.file)
	options, _, err := m.Options(t.Context(), jane())
	if err != nil || len(options) != 2 {
		t.Fatal(options, err)
	}
	write(t, w.path, "U0JANE: {research: JANE, prod: deny}\n")
	if got := w.waitLost(); got != "[/U0JANE]" {
		t.Errorf("lost %s", got)
	}
	if err := m.Allowed(t.Context(), jane(), options[0]); err != nil {
		t.Errorf("but for case: %v", err)
	}
	if err := m.Allowed(t.Context(), jane(), options[1]); !errors.Is(err, studio.ErrDenied) {
		t.Errorf("denied by now: %v", err)
	}
}

func TestFileLookup(t *testing.T) {
	t.Parallel()
	log, _ := newLog(t)
	f, err := mapping.OpenFile(mapping.FileOptions{Domains: configured(), Log: log, Path: usersFile(t, `# people
U1: jane-doe
U2: {research: jdoe, prod: deny}
U3: DENY
U4: bare
T0HOME/U4: {prod: team}
T0HOME/U5: only
E0ORG/U5: org
U6: deny
T0HOME/U6: {prod: joe}
`)})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ person, domain, want string }{
		{"T0HOME/U1", "research", "jane-doe users.yaml:2"}, {"T0HOME/U1", "prod", "jane-doe users.yaml:2"},
		{"T0HOME/U1", "staging", ""}, {"T0HOME/u1", "prod", ""}, {"T0HOME/U9", "prod", ""},
		{"T0HOME/U2", "research", "jdoe users.yaml:3"}, {"T0HOME/U2", "prod", "deny users.yaml:3"},
		{"T0HOME/U3", "prod", "deny users.yaml:4"},
		{"T0HOME/U4", "prod", "team users.yaml:6"}, {"T0HOME/U4", "research", "bare users.yaml:5"}, {"T9/U4", "prod", "bare users.yaml:5"},
		{"T0HOME/U5", "prod", "only users.yaml:7"}, {"E0ORG/U5", "prod", "org users.yaml:8"}, {"T9/U5", "prod", ""}, {"/U5", "prod", ""}, {"/T0HOME/U5", "prod", ""},
		{"T0HOME/U6", "prod", "joe users.yaml:10"}, {"T0HOME/U6", "research", "deny users.yaml:9"},
	} {
		var p studio.Person
		for i := range c.person {
			if c.person[i] == '/' {
				p = studio.Person{Team: c.person[:i], User: c.person[i+1:]}
				break
			}
		}
		a, err := f.Lookup(t.Context(), p, c.domain)
		got := ""
		switch {
		case a.Denied:
			got = "deny " + a.Origin
		case a.Known:
			got = a.Profile + " " + a.Origin
		}
		if err != nil || got != c.want || a.Known != (c.want != "") {
			t.Errorf("%s in %s: %q %+v %v, want %q", c.person, c.domain, got, a, err, c.want)
		}
	}
}
