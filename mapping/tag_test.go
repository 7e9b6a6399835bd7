package mapping_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/studio"
)

func TestTagClaims(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, profiles, person, want string }{
		{"by the user ID", "jane=U0JANE joe=U0JOE", "T1/U0JANE", "jane"},
		{"an enterprise user", "jane=W0JANE", "T1/W0JANE", "jane"},
		{"of one workspace", "jane=T1/U0JANE", "T1/U0JANE", "jane"},
		{"of one workspace, elsewhere", "jane=T1/U0JANE", "T2/U0JANE", ""},
		{"of an organisation", "jane=E1/U0JANE", "E1/U0JANE", "jane"},
		{"nobody", "jane=U0JANE", "T1/U0JOE", ""},
		{"as SageMaker writes the name", "Jane-Doe=U0JANE", "T1/U0JANE", "Jane-Doe"},
		{"lower case", "jane=u0jane", "T1/u0jane", ""},
		{"several IDs", "jane=U0JANE,U0JOE", "T1/U0JANE", ""},
		{"a bot's", "jane=B0JANE", "T1/B0JANE", ""},
		{"another's slash", "jane=T1/U0JANE/x", "T1/U0JANE", ""},
		{"no tag", "jane", "T1/", ""},
		{"two profiles", "jane=U0JANE joe=U0JANE", "T1/U0JANE", "conflict"},
		{"bare and with the team", "jane=U0JANE joe=T1/U0JANE", "T1/U0JANE", "conflict"},
		{"bare and with the team, elsewhere", "jane=U0JANE joe=T1/U0JANE", "T2/U0JANE", "jane"},
		{"two teams, the one", "jane=T1/U0JANE joe=T2/U0JANE", "T1/U0JANE", "jane"},
		{"two teams, the other", "jane=T1/U0JANE joe=T2/U0JANE", "T2/U0JANE", "joe"},
		{"two profiles, another person", "jane=U0JANE joe=U0JANE ann=U0ANN", "T1/U0ANN", "ann"},
		{"being deleted", "jane=U0JANE!Deleting", "T1/U0JANE", ""},
		{"one of two being deleted", "jane=U0JANE!Deleting joe=U0JANE", "T1/U0JANE", "joe"},
		{"failed", "jane=U0JANE!Failed", "T1/U0JANE", "jane"},
		{"one of two failed", "jane=U0JANE!Failed joe=U0JANE", "T1/U0JANE", "conflict"},
		{"pending", "jane=U0JANE!Pending", "T1/U0JANE", "jane"},
		{"not deleted", "jane=U0JANE!Delete_Failed", "T1/U0JANE", "jane"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := newTags(t, newLister(strings.Fields(c.profiles)...))
			mustPass(t, p)
			if got := says(t, p.source, c.person); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func TestTagOriginConflictAndWhy(t *testing.T) {
	t.Parallel()
	l := newLister("jane-doe=U0JANE", "b=U0TWO", "a=T1/U0TWO", "gone=U0GONE", "far=T9/U0FAR")
	p := newTags(t, l)
	mustPass(t, p)
	l.set("gone=U0GONE!Deleting")
	mustPass(t, p)
	of := func(team, user string) studio.Person { return studio.Person{Team: team, User: user} }
	if a, err := p.source.Lookup(t.Context(), jane(), "research"); err != nil || a.Origin != "tag slack-user-id on jane-doe" {
		t.Errorf("%+v, %v", a, err)
	}
	if a, _ := p.source.Lookup(t.Context(), of("T1", "U0TWO"), "research"); a.Conflict != "a and b in research carry the tag slack-user-id with the same person" || !a.Known || a.Profile != "" {
		t.Errorf("%+v", a)
	}
	for user, want := range map[string]string{
		"U0NOBODY": "no user profile in research has the tag slack-user-id with U0NOBODY",
		"U0GONE":   "gone in research has the tag slack-user-id with U0GONE, and is being deleted",
		"U0FAR":    "far in research has the tag slack-user-id with T9/U0FAR, which is another workspace's",
	} {
		if got := p.source.Why(t.Context(), of("T1", user), "research"); got != want {
			t.Errorf("why of %s: %s", user, got)
		}
	}
	if _, err := p.source.Lookup(t.Context(), jane(), "staging"); err == nil {
		t.Error("answered for a domain that isn't read")
	}
	var all []string
	p.source.Entries(func(who studio.Person, domain string, a mapping.Answer) bool {
		all = append(all, fmt.Sprintf("%s %s %s %t", who, domain, a.Profile, a.Conflict != ""))
		return true
	})
	if got := strings.Join(all, ", "); got != "T9/U0FAR research far false, /U0JANE research jane-doe false, /U0TWO research b false, T1/U0TWO research  true" {
		t.Error(got)
	}
	if profiles, tagged := p.Count("research"); profiles != 5 || tagged != 4 {
		t.Error(profiles, tagged)
	}
}

// What changes in the tags is told to those who hold links, after it is in force.
func TestTagChanges(t *testing.T) {
	t.Parallel()
	l := newLister("jane=U0JANE", "joe=U0JOE", "ann=T1/U0ANN", "zoe=U0ZOE", "spare")
	p := newTags(t, l)
	mustPass(t, p)
	if got := p.told(); got != "" {
		t.Errorf("told at first: %s", got)
	}
	for _, c := range []struct {
		name   string
		change func()
		want   string
	}{
		{"nothing", func() {}, ""},
		{"a tag that SageMaker doesn't count as a change", func() { l.retag("joe", "U0NEW") }, "/U0JOE"},
		{"claimed for the first time", func() { l.set("spare=U0FIRST") }, ""},
		{"a second claim", func() { l.set("other=U0JANE") }, "/U0JANE"},
		{"settled for the other", func() { l.set("jane=") }, ""},
		{"gone", func() { l.remove("other") }, "/U0JANE"},
		{"being deleted", func() { l.set("ann=T1/U0ANN!Deleting") }, "T1/U0ANN"},
		{"failed", func() { l.set("zoe=U0ZOE!Failed") }, ""},
		{"swapped", func() { l.set("joe=U0FIRST"); l.set("spare=U0NEW") }, "/U0FIRST /U0NEW"},
	} {
		c.change()
		mustPass(t, p)
		if got := p.told(); got != c.want {
			t.Errorf("%s: told %q, want %q", c.name, got, c.want)
		}
	}
	if says(t, p.source, "T1/U0FIRST") != "joe" || says(t, p.source, "T1/U0NEW") != "spare" {
		t.Error("not in force")
	}
}

func TestTagHidesLaterSources(t *testing.T) {
	t.Parallel()
	l := newLister("jane=U0JANE", "spare")
	p := newTags(t, l, func(o *mapping.ProfilesOptions) { o.Shadows = true })
	mustPass(t, p)
	l.set("spare=U0FIRST")
	mustPass(t, p)
	if got := p.told(); got != "/U0FIRST>spare" {
		t.Errorf("told %q", got)
	}
}

func TestTagTellsConflictsAndNonsenseOnce(t *testing.T) {
	t.Parallel()
	l := newLister("jane=U0JANE", "joe=U0JANE", "ann=jane@example.com")
	p := newTags(t, l)
	for range 3 {
		mustPass(t, p)
	}
	conflict, over, nonsense := "WARN several user profiles claim one person", "INFO no two user profiles claim", "WARN a user profile's tag is no Slack user ID"
	counts := func() string { return fmt.Sprint(p.log.count(conflict), p.log.count(over), p.log.count(nonsense)) }
	if counts() != "1 0 1" || p.log.count("profiles=jane and joe") != 1 || p.log.count("profile=ann tag=slack-user-id value=jane@example.com") != 1 {
		t.Error(counts())
	}
	l.set("joe=")
	l.set("ann=" + strings.Repeat("x", 500))
	for range 2 {
		mustPass(t, p)
	}
	if counts() != "1 1 2" {
		t.Error(counts())
	}
	l.set("joe=U0JANE")
	mustPass(t, p)
	if counts() != "2 1 2" {
		t.Error(counts())
	}
}
