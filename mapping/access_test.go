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

// at is a mapping whose home is team and enterprise.
func at(t *testing.T, team, enterprise string, access mapping.Access, members ...studio.Member) *mapping.Mapping {
	t.Helper()
	d := newDirectory(t, &asker{}, nil)
	d.SetHome(team, enterprise)
	read(d, append(members, studio.Member{Person: studio.Person{Team: team, User: "UBOT"}, Bot: true})...)
	return mapping.New(mapping.Options{Domains: studioDomains(), Directory: d, Access: access,
		Sources: []mapping.Source{both(profile("jane"), profile("jane"))}})
}

func TestFrom(t *testing.T) {
	t.Parallel()
	list := func(teams ...string) mapping.Access { return mapping.Access{Teams: teams} }
	for _, c := range []struct {
		name             string
		team, enterprise string // home
		access           mapping.Access
		from, of         string // the payload's team and enterprise
		want             string
		err              error
	}{
		{"outside Grid", "T1", "", list(), "T1", "", "T1/U1", nil},
		{"outside Grid, elsewhere", "T1", "", list(), "T9", "", "", studio.ErrStranger},
		{"outside Grid, of an organisation", "T1", "", list(), "T9", "E9", "", studio.ErrStranger},
		{"outside Grid, from nowhere", "T1", "", list(), "", "", "", studio.ErrStranger},
		{"outside Grid, listed", "T1", "", list("T2", "T1"), "T1", "", "T1/U1", nil},
		{"outside Grid, not listed", "T1", "", list("T2"), "T1", "", "T1/U1", studio.ErrTeam},
		{"a stranger's place isn't ours, listed or not", "T1", "", list("T9"), "T9", "", "", studio.ErrStranger},
		{"on Grid, our workspace", "T1", "E1", list(), "T1", "E1", "T1/U1", nil},
		{"on Grid, without the organisation", "T1", "E1", list(), "T1", "", "T1/U1", nil},
		{"on Grid, a sister workspace", "T1", "E1", list(), "T2", "E1", "T1/U1", nil},
		{"on Grid, a sister that isn't listed", "T1", "E1", list("T1"), "T2", "E1", "T1/U1", studio.ErrTeam},
		{"on Grid, the organisation as the team", "T1", "E1", list(), "E1", "E1", "T1/U1", nil},
		{"on Grid, another organisation", "T1", "E1", list(), "T9", "E9", "", studio.ErrStranger},
		{"organisation-wide", "E1", "E1", list(), "T2", "E1", "E1/U1", nil},
		{"organisation-wide, listed", "E1", "E1", list("T2"), "T2", "E1", "E1/U1", nil},
		{"organisation-wide, not listed", "E1", "E1", list("T2"), "T3", "E1", "E1/U1", studio.ErrTeam},
		{"organisation-wide, without a team", "E1", "E1", list(), "", "E1", "E1/U1", nil},
		{"organisation-wide, without a team, listed", "E1", "E1", list("T2"), "", "E1", "E1/U1", studio.ErrTeam},
		{"organisation-wide, elsewhere", "E1", "E1", list(), "T9", "E9", "", studio.ErrStranger},
		{"before Slack said who we are", "", "", list("T1"), "T1", "E1", "", studio.ErrUnsure},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := at(t, c.team, c.enterprise, c.access)
			p, err := m.From(t.Context(), c.from, c.of, "U1")
			if !errors.Is(err, c.err) || (err == nil) != (c.err == nil) || c.want != "" && p.String() != c.want || c.want == "" && p != (studio.Person{}) {
				t.Errorf("%s, %v; want %s, %v", p, err, c.want, c.err)
			}
		})
	}
	d := newDirectory(t, &asker{}, nil)
	for _, c := range []struct {
		team, enterprise string
		org              bool
	}{{"T1", "", false}, {"T1", "E1", false}, {"E1", "E1", true}} {
		d.SetHome(c.team, c.enterprise)
		if home, ok := d.Home(); !ok || home.Org != c.org {
			t.Errorf("%+v", home)
		}
	}
}

// Where a question comes from lets nobody in: the directory's word on the user
// ID does. On Grid a command and the click on its button are the same person's.
func TestFromThenAllowed(t *testing.T) {
	t.Parallel()
	of := func(user, team, enterprise string) studio.Member {
		return studio.Member{Person: studio.Person{Team: team, User: user}, Enterprise: enterprise}
	}
	connected, flagged := of("U0CONN", "T9", "E9"), of("U0FLAG", "T1", "E1")
	flagged.Stranger = true
	m := at(t, "T1", "E1", mapping.Access{}, of("W0JANE", "T2", "E1"), of("U0OURS", "T1", "E1"), connected, flagged, of("U0SOLO", "T9", ""))
	for _, c := range []struct {
		user string
		want error
	}{
		{"W0JANE", nil}, {"U0OURS", nil},
		{"U0CONN", studio.ErrStranger}, {"U0FLAG", studio.ErrStranger}, {"U0SOLO", studio.ErrStranger},
		{"U0NOBODY", studio.ErrUnknownPerson}, {"", studio.ErrUnknownPerson},
	} {
		command, err := m.From(t.Context(), "T1", "E1", c.user)
		if err != nil {
			t.Fatal(err)
		}
		for _, place := range []string{"T1", "T2", "E1"} { // the click's, with the host's enterprise
			click, err := m.From(t.Context(), place, "E1", c.user)
			if err != nil || click != command {
				t.Errorf("%s: the command is %s's, the click %s's, %v", c.user, command, click, err)
			}
			if err := m.Allowed(t.Context(), click, studio.Option{Domain: "prod", Profile: "jane"}); !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
				t.Errorf("%s by %s: %v, want %v", c.user, place, err, c.want)
			}
		}
	}
	workspace := at(t, "T1", "", mapping.Access{}, connected, member("U0OURS"))
	p, err := workspace.From(t.Context(), "T1", "", "U0CONN")
	if _, refused := workspace.Grants(t.Context(), p); err != nil || !errors.Is(refused, studio.ErrStranger) {
		t.Errorf("a stranger in our channel: %v, %v", err, refused)
	}
}

func TestUserGroups(t *testing.T) {
	t.Parallel()
	g, _ := newGroups(t, nil, "S1", "S2", "S3", "S9")
	g.Set("S1", []string{"U1", "U2"}, g.Moment())
	g.Set("S2", []string{"U1"}, g.Moment())
	g.Set("S3", nil, g.Moment()) // S9 is never read
	whole := func(ids ...string) mapping.Access { return mapping.Access{UserGroups: ids, Groups: g} }
	single := func(research, prod []string) mapping.Access {
		return mapping.Access{DomainGroups: map[string][]string{"research": research, "prod": prod}, Groups: g}
	}
	s := func(ids ...string) []string { return ids }
	jane, silent := profile("jane"), mapping.Answer{}
	for _, c := range []struct {
		name   string
		access mapping.Access
		source word
		user   string
		want   string
		err    error
	}{
		{"no groups", mapping.Access{}, both(jane, jane), "U3", "research prod [] ", nil},
		{"in the bot's", whole("S1"), both(jane, jane), "U1", "research prod [] ", nil},
		{"in one of the bot's", whole("S3", "S1"), both(jane, jane), "U1", "research prod [] ", nil},
		{"in none of the bot's", whole("S1"), both(jane, jane), "U3", "[] ", studio.ErrNotInGroup},
		{"unsure of the bot's", whole("S1", "S9"), both(jane, jane), "U3", "[] ", studio.ErrUnsure},
		{"groups that nobody reads", mapping.Access{UserGroups: s("S1")}, both(jane, jane), "U1", "[] ", studio.ErrUnsure},
		{"in both domains'", single(s("S1"), s("S2")), both(jane, jane), "U1", "research prod [] ", nil},
		{"in one domain's", single(s("S1"), s("S2")), both(jane, jane), "U2", "research [] ", nil},
		{"in no domain's", single(s("S1"), s("S2")), both(jane, jane), "U3", "[] ", studio.ErrNotInGroup},
		{"in no domain's, and not mapped", single(s("S1"), s("S2")), both(silent, silent), "U3", "[] ", studio.ErrNotInGroup},
		{"barred where mapped", single(nil, s("S2")), both(silent, jane), "U2", "[] ", studio.ErrNotInGroup},
		{"not mapped where in", single(nil, s("S2")), both(silent, silent), "U2", "[] ", studio.ErrNotMapped},
		{"denied where in", single(nil, s("S2")), both(denied(), jane), "U2", "[] ", studio.ErrNotInGroup},
		{"unsure of one domain's", single(s("S9"), nil), both(jane, jane), "U1", "prod [research] ", nil},
		{"the bot's and a domain's", mapping.Access{Groups: g, UserGroups: s("S1"), DomainGroups: map[string][]string{"prod": s("S3")}}, both(jane, jane), "U1", "research [] ", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := newDirectory(t, &asker{}, nil)
			d.Put(member(c.user))
			m := mapping.New(mapping.Options{Domains: studioDomains(), Sources: []mapping.Source{c.source}, Directory: d, Access: c.access})
			p := studio.Person{Team: ourTeam, User: c.user}
			grants, err := m.Grants(t.Context(), p)
			got := ""
			for _, o := range grants.Options {
				got += o.Domain + " "
			}
			got += fmt.Sprint(grants.Unsure) + " "
			if got != c.want || !errors.Is(err, c.err) || (err == nil) != (c.err == nil) {
				t.Errorf("%s, %v; want %s, %v", got, err, c.want, c.err)
			}
			for _, domain := range []string{"research", "prod"} {
				if is := m.Allowed(t.Context(), p, studio.Option{Domain: domain, Profile: "jane"}) == nil; is != strings.Contains(got, domain+" ") {
					t.Errorf("%s: allowed %t, granted %s", domain, is, got)
				}
			}
		})
	}
}

func TestAdmin(t *testing.T) {
	t.Parallel()
	g, _ := newGroups(t, nil, "S1", "S9")
	g.Set("S1", []string{"U2", "U4"}, g.Moment())
	guest := member("U5")
	guest.Guest = true
	for _, c := range []struct {
		name   string
		admins []string
		user   string
		want   bool
		unsure bool
	}{
		{"nobody is", nil, "U1", false, false},
		{"by name", []string{"U1"}, "U1", true, false},
		{"another's name", []string{"U1"}, "U2", false, false},
		{"by a group", []string{"U1", "S1"}, "U2", true, false},
		{"in no group", []string{"S1"}, "U3", false, false},
		{"by name, whatever the group", []string{"S9", "U1"}, "U1", true, false},
		{"a group that isn't known", []string{"S9"}, "U1", false, true},
		{"deactivated", []string{"S1"}, "U4", false, false},
		{"a guest", []string{"U5"}, "U5", false, false},
		{"unknown to Slack", []string{"U6"}, "U6", false, false},
		{"Slack is away", []string{"U7"}, "U7", false, true},
		{"outside the bot's groups", []string{"U3"}, "U3", true, false},
		{"no ID", []string{""}, "", false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := newDirectory(t, &asker{answer: func(_ context.Context, user string) (studio.Member, error) {
				if user == "U7" {
					return studio.Member{}, errAway
				}
				return studio.Member{}, studio.ErrUnknownPerson
			}}, nil)
			read(d, member("U1"), member("U2"), member("U3"), deleted("U4"), guest)
			m := mapping.New(mapping.Options{Directory: d, Access: mapping.Access{Admins: c.admins, Groups: g, UserGroups: []string{"S1"}}})
			got, err := m.Admin(t.Context(), studio.Person{Team: ourTeam, User: c.user})
			if got != c.want || errors.Is(err, studio.ErrUnsure) != c.unsure || (err != nil) != c.unsure {
				t.Errorf("%t, %v", got, err)
			}
			if is, _ := m.Admin(t.Context(), studio.Person{Team: "T9", User: c.user}); is {
				t.Error("from another workspace")
			}
		})
	}
}
