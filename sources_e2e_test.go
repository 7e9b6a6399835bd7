package studiobot_test

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/studiobot/studiobot/internal/sagemakersim"
	"github.com/studiobot/studiobot/internal/slacksim"
)

// allSources is a mapping with every kind of source, over a store that lasts.
func allSources(t *testing.T) setup {
	s := asking(t)
	s.sources = `, {tag: slack-user-id}, {email: "{{ .Local }}", domains: [example.com]}, {table: true}`
	s.people = append(s.people, slacksim.Person{ID: "U0TAG", Name: "tag"}, slacksim.Person{ID: "U0TWO", Name: "two"},
		slacksim.Person{ID: "U0MAY", Name: "may", Email: "may@example.com"})
	before := s.before
	s.before = func(r *rig) {
		before(r)
		for _, name := range []string{"uma-lind", "tagged", "one", "two", "may"} {
			r.sagemaker.AddProfile(researchID, name)
		}
		r.sagemaker.SetTags(researchID, "tagged", map[string]string{"slack-user-id": "U0TAG"})
		r.sagemaker.SetTags(researchID, "one", map[string]string{"slack-user-id": "U0TWO"})
		r.sagemaker.SetTags(researchID, "two", map[string]string{"slack-user-id": "T0ACME/U0TWO"})
	}
	return s
}

// mapped waits until somebody's command is answered with that text.
func (r *rig) mapped(user, text string) *slacksim.Message {
	r.t.Helper()
	var m *slacksim.Message
	r.await(user+"'s command to say "+text, func() bool {
		m = r.command(user, "")
		return strings.Contains(m.Text+unescaped(m.Blocks), text)
	})
	return m
}

// Each source opens Studio for its person, and the command itself asks neither
// Slack nor AWS.
func TestEverySourceOpens(t *testing.T) {
	t.Parallel()
	r := start(t, allSources(t))
	r.mapped("U0TAG", "as tagged")
	slack, aws := r.slack.Calls("users.info")+r.slack.Calls("chat.postMessage"), r.sagemaker.CallCount("CreatePresignedDomainUrl")
	for user, profile := range map[string]string{"U0JANE": "jane-doe", "U0TAG": "tagged", "U0UMA": "uma-lind"} {
		m := r.mapped(user, "as "+profile)
		if got := r.slack.Calls("users.info") + r.slack.Calls("chat.postMessage"); got != slack || r.sagemaker.CallCount("CreatePresignedDomainUrl") != aws {
			t.Errorf("%s: the command asked Slack or AWS", user)
		}
		r.launches(r.press(user, m, 0), researchID, profile)
		aws++
	}
	r.mapped("U0TWO", "Several Studio profiles claim to be yours.")
	r.mapped("U0MAY", "You aren't linked") // the address isn't confirmed
	if m := r.command("U0ANN", "admin link <@U0MAY|may> may"); !strings.Contains(unescaped(m.Blocks), "<@U0MAY> has the Studio profile *may*") {
		t.Fatalf("%s", m.Blocks)
	}
	r.launches(r.press("U0MAY", r.command("U0MAY", ""), 0), researchID, "may")
}

// What is taken away at the source kills the links that are out there, by
// whichever source.
func TestSourcesTakeAway(t *testing.T) {
	t.Parallel()
	r := start(t, allSources(t))
	tag, mail := r.mapped("U0TAG", "as tagged"), r.mapped("U0UMA", "as uma-lind")
	r.command("U0ANN", "admin link U0MAY may")
	table := r.command("U0MAY", "")
	links := map[string]string{"U0TAG": r.press("U0TAG", tag, 0), "U0UMA": r.press("U0UMA", mail, 0), "U0MAY": r.press("U0MAY", table, 0)}
	r.await("the links to be armed", func() bool { return strings.Count(r.log.String(), `"step":"armed"`) == 3 })
	r.sagemaker.SetTags(researchID, "tagged", nil)
	r.mapped("U0TAG", "You aren't linked")
	r.slack.ChangePerson(slacksim.Person{ID: "U0UMA", Name: "uma", Email: "uma@elsewhere.example", EmailConfirmed: true})
	r.mapped("U0UMA", "You aren't linked")
	if m := r.command("U0ANN", "admin unlink <@U0MAY|may>"); !strings.Contains(unescaped(m.Blocks), "Their live links don't work any more.") {
		t.Errorf("%s", m.Blocks)
	}
	for user, link := range links {
		if a := r.get(link); a.status == http.StatusFound || a.status < 400 {
			t.Errorf("%s: %d %s", user, a.status, a.title)
		}
	}
	if n := len(r.sagemaker.Openings()); n != 0 {
		t.Errorf("Studio was opened %d times", n)
	}
}

// A source that can't answer yet, or any more, hands nobody to a later one: the
// table would know them.
func TestSourceAwayRefusesRatherThanFallsThrough(t *testing.T) {
	t.Parallel()
	s := allSources(t)
	before := s.before
	s.before = func(r *rig) {
		before(r)
		r.sagemaker.Fail(sagemakersim.Fault{Operation: "ListUserProfiles", N: -1, Drop: true})
	}
	r := start(t, s)
	r.command("U0ANN", "admin link U0MAY may prod")
	if m := r.command("U0MAY", ""); !strings.Contains(m.Text, "We can't check what you may open right now.") {
		t.Errorf("%s", m.Text)
	}
	// Whom an earlier source knows isn't concerned; what can't be said is named.
	if m := r.command("U0JANE", ""); !strings.Contains(string(m.Blocks), "as jane-doe") || !strings.Contains(string(m.Blocks), "We can't check right now whether you may open Production") {
		t.Errorf("%s", m.Blocks)
	}
	if m := r.command("U0JANE", "prod"); !strings.Contains(m.Text, "We can't check what you may open right now.") {
		t.Errorf("%s", m.Text)
	}
	r.sagemaker.ClearFaults()
	r.await("the profiles to be read", func() bool { return strings.Contains(r.command("U0MAY", "").Text, "Your Studio is ready") })
}

// User groups of the whole bot and of one domain; events count at once.
func TestUserGroups(t *testing.T) {
	t.Parallel()
	r := start(t, setup{
		access: ", user_groups: [S0STAFF]", domain: ", user_groups: [S0RES]",
		before: func(r *rig) {
			r.slack.AddUserGroup("S0STAFF", "U0JANE", "U0SAM")
			r.slack.AddUserGroup("S0RES", "U0JANE")
		},
	})
	jane := r.mapped("U0JANE", "as jane-doe")
	r.mapped("U0SAM", "as sam-prod")
	if m := r.command("U0SAM", "research"); !strings.Contains(m.Text, "You aren't in a group that may open Studio.") {
		t.Errorf("%s", m.Text)
	}
	link := r.press("U0JANE", jane, 0)
	r.await("the link to be armed", func() bool { return strings.Contains(r.log.String(), `"step":"armed"`) })
	if err := r.slack.ChangeUserGroup("S0STAFF", "U0SAM"); err != nil {
		t.Fatal(err)
	}
	r.mapped("U0JANE", "You aren't in a group that may open Studio.")
	if a := r.get(link); a.status < 400 {
		t.Errorf("the link of somebody who left the group: %d %s", a.status, a.title)
	}
	if err := r.slack.ChangeUserGroup("S0STAFF", "U0SAM", "U0JANE"); err != nil {
		t.Fatal(err)
	}
	r.launches(r.press("U0JANE", r.mapped("U0JANE", "as jane-doe"), 0), researchID, "jane-doe")
	if err := r.slack.DisableUserGroup("S0RES"); err != nil {
		t.Fatal(err)
	}
	r.mapped("U0JANE", "You aren't in a group that may open Studio.")
}

// Nobody is let in while nobody knows who is in the group.
func TestUserGroupsUnknown(t *testing.T) {
	t.Parallel()
	r := start(t, setup{access: ", user_groups: [S0STAFF]", before: func(r *rig) {
		r.slack.AddUserGroup("S0STAFF", "U0JANE")
		r.slack.Fail(slacksim.Fault{Method: "usergroups.users.list", N: 2, Status: 503})
	}})
	r.mapped("U0JANE", "as jane-doe") // in the end
	if !strings.Contains(r.log.String(), "a user group can't be read") {
		t.Error("the outage isn't in the log")
	}
}

// An organisation-wide install: W IDs, several workspaces, an allow-list.
func TestOrganisation(t *testing.T) {
	t.Parallel()
	r := start(t, setup{
		slack:  slacksim.Options{OrgInstall: true, EnterpriseID: "E0ORG"},
		access: ", teams: [T0ACME, T0BETA]", users: "W0JANE: {research: jane-doe}\nW0SAM: {research: sam-research}\n",
		before: func(r *rig) {
			for _, id := range []string{"T0BETA", "T0GAMMA"} {
				r.slack.AddTeam(slacksim.Team{ID: id})
			}
			r.slack.AddPeople(slacksim.Person{ID: "W0JANE", Name: "jane", TeamID: "T0ACME"}, slacksim.Person{ID: "W0SAM", Name: "sam", TeamID: "T0GAMMA"},
				slacksim.Person{ID: "W0EVE", Name: "eve", TeamID: "T0OTHER", EnterpriseID: "E0OTHER", Stranger: true})
		},
	})
	type typed = slacksim.CommandOptions
	say := func(o typed) *slacksim.Message {
		t.Helper()
		o.Command = "/studio"
		a, err := r.slack.CommandWith(r.within(), o)
		if err != nil || a.Message == nil {
			t.Fatalf("%+v, %v", a, err)
		}
		return a.Message
	}
	for _, team := range []string{"T0ACME", "T0BETA"} { // Jane's account is in one of them
		m := say(typed{UserID: "W0JANE", TeamID: team})
		r.launches(r.press("W0JANE", m, 0), researchID, "jane-doe")
	}
	// Sam's account is in a workspace that isn't on the list; he types in one that is.
	r.launches(r.press("W0SAM", say(typed{UserID: "W0SAM", TeamID: "T0BETA"}), 0), researchID, "sam-research")
	if m := say(typed{UserID: "W0SAM", TeamID: "T0GAMMA"}); !strings.Contains(m.Text, "Studio can't be opened from this workspace.") {
		t.Errorf("%s", m.Text)
	}
	if m := say(typed{UserID: "W0EVE", TeamID: "T0ACME"}); !strings.Contains(m.Text, "only for members of this workspace") {
		t.Errorf("%s", m.Text)
	}
}

// A restart on a Monday at nine asks Slack for nobody by name.
func TestDirectorySurvivesARestart(t *testing.T) {
	t.Parallel()
	s := setup{config: fmt.Sprintf("store: %q", "sqlite:"+filepath.Join(t.TempDir(), "bot.db")), people: slacksim.Crowd(50, "")}
	r := start(t, s)
	if err := r.shut(); err != nil {
		t.Fatal(err)
	}
	r.slack.Fail(slacksim.Fault{Method: "users.list", N: 100, Status: 503})
	asked := r.slack.Calls("users.info")
	r.run(s)
	if err := r.slack.WaitConnections(r.within(), 2); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	r.launches(r.press("U0JANE", r.command("U0JANE", ""), 0), researchID, "jane-doe")
	r.command("U0000007", "")
	if n := r.slack.Calls("users.info") - asked; n != 0 {
		t.Errorf("%d people were asked for by name", n)
	}
	t.Log("took", time.Since(began))
}

// A list that loses thousands at once kills the links that are out there, and
// writes no denial for those who hold none.
func TestManyLoseAtOnce(t *testing.T) {
	t.Parallel()
	var users strings.Builder
	users.WriteString("U0JANE: {research: jane-doe}\n")
	for i := range 3000 {
		fmt.Fprintf(&users, "U0P%05d: p-%d\n", i, i)
	}
	r := start(t, setup{users: users.String()})
	link := r.press("U0JANE", r.command("U0JANE", ""), 0)
	r.await("the link to be armed", func() bool { return strings.Contains(r.log.String(), `"step":"armed"`) })
	r.writeUsers("{}\n")
	r.mapped("U0JANE", "You aren't linked")
	r.await("the denial", func() bool { return strings.Contains(r.log.String(), `"step":"denied"`) })
	if a := r.get(link); a.status < 400 {
		t.Errorf("%d %s", a.status, a.title)
	}
	if n := strings.Count(r.log.String(), `"step":"denied"`); n != 1 {
		t.Errorf("%d denials", n)
	}
}

// Where another source takes over and says the same, nobody's link dies.
func TestSameProfileByAnotherSource(t *testing.T) {
	t.Parallel()
	r := start(t, allSources(t))
	r.mapped("U0JANE", "as jane-doe")
	r.sagemaker.SetTags(researchID, "jane-doe", map[string]string{"slack-user-id": "U0JANE"})
	r.await("the tag to be read", func() bool {
		return strings.Contains(says(r.command("U0ANN", "admin who U0JANE")), "tag slack-user-id on jane-doe")
	})
	link := r.press("U0JANE", r.command("U0JANE", ""), 0)
	r.await("the link to be armed", func() bool { return strings.Contains(r.log.String(), `"step":"armed"`) })
	r.writeUsers("U0SAM: {research: sam-research}\n")
	r.await("the file to be read", func() bool { return strings.Count(r.log.String(), `"users file read"`) == 2 })
	if got := says(r.command("U0ANN", "admin who U0JANE")); !strings.Contains(got, "1. users.yaml: doesn't know them") {
		t.Fatal(got)
	}
	r.launches(link, researchID, "jane-doe")
	if strings.Contains(r.log.String(), `"step":"denied","team":"T0ACME","user":"U0JANE"`) {
		t.Error("Jane was denied")
	}
}
