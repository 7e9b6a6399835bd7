package mapping_test

import (
	"errors"
	"testing"

	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/studio"
)

func TestAdmit(t *testing.T) {
	t.Parallel()
	plain := mapping.Home{Team: ourTeam}
	grid := mapping.Home{Team: ourTeam, Enterprise: ourEnterprise}
	orgWide := mapping.Home{Team: ourEnterprise, Enterprise: ourEnterprise}
	with := func(change func(*studio.Member)) studio.Member {
		m := member("U0JANE")
		change(&m)
		return m
	}
	from := func(team, enterprise string) studio.Member {
		return with(func(m *studio.Member) { m.Team, m.Enterprise = team, enterprise })
	}
	guest := with(func(m *studio.Member) { m.Guest = true })
	for _, c := range []struct {
		name   string
		m      studio.Member
		home   mapping.Home
		guests bool
		want   error
	}{
		{"member", member("U0JANE"), plain, false, nil},
		{"deactivated", with(func(m *studio.Member) { m.Deleted = true }), plain, true, studio.ErrDeactivated},
		{"deactivated guest", with(func(m *studio.Member) { m.Deleted, m.Guest = true, true }), plain, false, studio.ErrDeactivated},
		{"bot", with(func(m *studio.Member) { m.Bot = true }), plain, true, studio.ErrNotPerson},
		{"invited", with(func(m *studio.Member) { m.Invited = true }), plain, true, studio.ErrNotPerson},
		{"stranger by flag", with(func(m *studio.Member) { m.Stranger = true }), plain, true, studio.ErrStranger},
		{"guest", guest, plain, false, studio.ErrGuest},
		{"guest, let in", guest, plain, true, nil},
		{"other team", from("T0OTHER", ""), plain, true, studio.ErrStranger},
		{"other team's guest", with(func(m *studio.Member) { m.Team, m.Guest = "T0OTHER", true }), plain, true, studio.ErrStranger},
		{"no team", from("", ""), plain, true, studio.ErrStranger},
		{"organisation without ours", from("T0OTHER", ourEnterprise), plain, true, studio.ErrStranger},
		{"colleague of another workspace", from("T0OTHER", ourEnterprise), grid, false, nil},
		{"organisation as team", from(ourEnterprise, ""), grid, false, nil},
		{"other organisation", from("T0OTHER", "E0OTHER"), grid, true, studio.ErrStranger},
		{"organisation-wide", from("T0ANY", ourEnterprise), orgWide, false, nil},
		{"organisation-wide, stranger by flag", with(func(m *studio.Member) { m.Stranger, m.Enterprise = true, ourEnterprise }), orgWide, true, studio.ErrStranger},
		{"nothing known of anybody", studio.Member{}, plain, true, studio.ErrStranger},
		{"home not known", member("U0JANE"), mapping.Home{}, true, studio.ErrStranger},
		{"nothing known at all", studio.Member{}, mapping.Home{}, true, studio.ErrStranger},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if err := (mapping.Access{Guests: c.guests}).Admit(c.m, c.home); !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
}
