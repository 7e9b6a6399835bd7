package studiobot_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/studiobot/studiobot"
	"github.com/studiobot/studiobot/bot"
	"github.com/studiobot/studiobot/internal/sagemakersim"
	"github.com/studiobot/studiobot/internal/slacksim"
	"github.com/studiobot/studiobot/mapping"
)

// told is an explanation in a line: whether they are let in, and each domain.
func told(e studiobot.Explained) string {
	parts := []string{e.Person.String(), fmt.Sprint(e.Refused)}
	for _, d := range e.Domains {
		what := d.Profile
		if d.Err != nil {
			what = d.Err.Error()
		}
		parts = append(parts, fmt.Sprintf("%s: %s by %d", d.Domain, what, d.Source))
	}
	return strings.Join(parts, " | ")
}

func TestExplain(t *testing.T) {
	t.Parallel()
	d := sit(t, slacksim.Options{})
	r := d.open(d.config(everySource), false)
	d.into(r, "table.csv", "U0TAB,tab,research\nU0JANE,other,research\nU0STR,tab\nU0GONE,tab\nU0BOT,tab\nU0OUT,tab,research\n")
	d.slack.AddPeople(slacksim.Person{ID: "U0OUT", Name: "out"})
	for id, want := range map[string]string{
		"U0JANE":        "T0ACME/U0JANE | <nil> | research: jane-doe by 1 | prod: not linked to a Studio user profile by 0",
		"T0ACME/U0JANE": "T0ACME/U0JANE | <nil> | research: jane-doe by 1 | prod: not linked to a Studio user profile by 0",
		"T0ELSE/U0JANE": "T0ELSE/U0JANE | of another workspace or organisation | research: jane-doe by 1 | prod: not linked to a Studio user profile by 0",
		"U0TAG":         "T0ACME/U0TAG | <nil> | research: tagged by 2 | prod: not linked to a Studio user profile by 0",
		"U0TWO":         "T0ACME/U0TWO | <nil> | research: several Studio profiles claim the person: one and two in research carry the tag slack-user-id with the same person by 2 | prod: not linked to a Studio user profile by 0",
		"U0UMA":         "T0ACME/U0UMA | <nil> | research: uma-lind by 3 | prod: not linked to a Studio user profile by 0",
		"U0TAB":         "T0ACME/U0TAB | <nil> | research: tab by 4 | prod: not linked to a Studio user profile by 0",
		"U0BAN":         "T0ACME/U0BAN | <nil> | research: in none of the user groups that may by 1 | prod: denied by the mapping by 1",
		"U0OUT":         "T0ACME/U0OUT | <nil> | research: in none of the user groups that may by 4 | prod: not linked to a Studio user profile by 0",
		"U0DEE":         "T0ACME/U0DEE | deactivated in Slack | research: sam-research by 1 | prod: sam-research by 1",
		"U0GUS":         "T0ACME/U0GUS | guest of the workspace | research: sam-research by 1 | prod: sam-research by 1",
		"U0GONE":        "T0ACME/U0GONE | unknown to Slack | research: in none of the user groups that may by 4 | prod: tab by 4",
		"U0BOT":         "T0ACME/U0BOT | not a person's account | research: in none of the user groups that may by 4 | prod: tab by 4",
	} {
		e, err := r.Explain(t.Context(), id)
		if err != nil || told(e) != want || e.Gets() != (e.Refused == nil && strings.Contains(want, "research: ") && e.Domains[0].Err == nil) {
			t.Errorf("%s: %v, %v\n%s\nwant\n%s", id, e.Gets(), err, told(e), want)
		}
	}
	for _, id := range []string{"", "jane", "u0jane", "T0ACME/", "/U0JANE", "T0ACME/U0JANE/X", "U0JANE ", "S0ACME", strings.Repeat("U", 100)} {
		var wrong *studiobot.IDError
		if _, err := r.Explain(t.Context(), id); !errors.As(err, &wrong) || wrong.Error() == "" {
			t.Errorf("%q: %v", id, err)
		}
	}
}

// Explaining somebody asks for that person, and reads no more than what the
// sources need.
func TestExplainAsksLittle(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		config       string
		people, tags bool
	}{
		"file and table": {config: fileAndTable},
		"tag":            {config: "mapping: [{tag: slack-user-id}]\n", tags: true},
		"email":          {config: "mapping: [{email: \"{{ .Local }}\", domains: [example.com]}]\n", people: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := sit(t, slacksim.Options{})
			r := d.open(d.config(c.config), false)
			if d.asked() > 0 {
				t.Errorf("opening it asked somebody")
			}
			for range 2 {
				if _, err := r.Explain(t.Context(), "U0UMA"); err != nil {
					t.Fatal(err)
				}
			}
			lists := 0
			if c.people {
				lists = 1
			}
			if n := d.slack.Calls("users.list"); n != lists {
				t.Errorf("users.list was asked %d times", n)
			}
			if got := [3]int{d.slack.Calls("auth.test"), d.slack.Calls("users.info"), d.slack.Calls("usergroups.users.list")}; got != [3]int{1, 2, 1} {
				t.Errorf("auth.test, users.info and usergroups.users.list were asked %v times", got)
			}
			if got := d.sagemaker.CallCount("ListTags") > 0; got != c.tags {
				t.Errorf("tags were read: %v", got)
			}
			if got := d.sagemaker.CallCount("ListUserProfiles") > 0; got != (c.tags || c.people) {
				t.Errorf("profiles were listed: %v", got)
			}
		})
	}
}

// What the store has of an earlier reading serves, unless it is asked for anew.
func TestReviewByCopies(t *testing.T) {
	t.Parallel()
	d := sit(t, slacksim.Options{})
	cfg := d.config(everySource)
	if _, err := d.open(cfg, false).Explain(t.Context(), "U0TAG"); err != nil {
		t.Fatal(err)
	}
	count := func() [2]int { return [2]int{d.slack.Calls("users.list"), d.sagemaker.CallCount("ListTags")} }
	before := count()
	e, err := d.open(cfg, false).Explain(t.Context(), "U0TAG")
	if err != nil || e.Domains[0].Profile != "tagged" || count() != before {
		t.Errorf("%s, %v; asked %v after %v", told(e), err, count(), before)
	}
	o := d.options(false)
	o.Fresh = true
	fresh, err := studiobot.OpenReview(t.Context(), cfg, o)
	if err != nil {
		t.Fatal(err)
	}
	defer fresh.Close()
	d.sagemaker.SetTags(researchID, "tagged", nil)
	e, err = fresh.Explain(t.Context(), "U0TAG")
	if now := count(); err != nil || e.Domains[0].Source != 0 || now[0] != before[0]+1 || now[1] <= before[1] {
		t.Errorf("fresh: %s, %v; asked %v after %v", told(e), err, now, before)
	}
}

func TestOfflineAsksNobody(t *testing.T) {
	t.Parallel()
	d := sit(t, slacksim.Options{})
	r := d.open(d.config(everySource), true)
	d.into(r, "table.csv", "U0TAB,tab,research\nU0UMA,sam-prod,prod\n")
	for id, want := range map[string]string{
		"U0DEE":         "/U0DEE | <nil> | research: sam-research by 1 | prod: sam-research by 1",
		"U0TAG":         "/U0TAG | <nil> | research: not linked to a Studio user profile by 0 | prod: not linked to a Studio user profile by 0",
		"T0ACME/U0TAB":  "T0ACME/U0TAB | <nil> | research: tab by 4 | prod: not linked to a Studio user profile by 0",
		"T0ANY/U0NOBDY": "T0ANY/U0NOBDY | <nil> | research: not linked to a Studio user profile by 0 | prod: not linked to a Studio user profile by 0",
	} {
		e, err := r.Explain(t.Context(), id)
		if err != nil || told(e) != want || !e.Offline || e.Known {
			t.Errorf("%s: %s, %v", id, told(e), err)
		}
		if why := e.Domains[0].Words[1].Why; why != "wasn't asked (--offline)" {
			t.Errorf("the tag source says %q", why)
		}
	}
	sameLines(t, d.found(r), []string{
		"shared | users.yaml:3: U0GUS has the user profile sam-research in research, as U0SAM has (users.yaml:2); they share its files and apps; give one of them another",
		"shared | users.yaml:4: U0DEE has the user profile sam-research in research, as U0SAM has (users.yaml:2); they share its files and apps; give one of them another",
		"shared | users.yaml:4: U0DEE has the user profile sam-research in prod, as U0GUS has (users.yaml:3); they share its files and apps; give one of them another",
		"shared | table: U0UMA has the user profile sam-prod in prod, as U0SAM has (users.yaml:2); they share its files and apps; give one of them another",
	})
	if out := d.exported(r); !strings.Contains(out, "U0DEE,sam-research,prod,file,users.yaml:4,not checked,\n") || strings.Contains(out, "allowed") {
		t.Errorf("export:\n%s", out)
	}
	if err := r.List(t.Context(), "", func(studiobot.Listed) bool { return true }); err != nil {
		t.Error(err)
	}
	if n := d.asked(); n > 0 {
		t.Errorf("%d questions were asked", n)
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	d := sit(t, slacksim.Options{})
	d.write("users.csv", "U0JANE,jane-doe\nU0JANE,jane-prod,prod\nU0BAN,deny\n")
	r := d.open(d.config(strings.Replace(everySource, "users.yaml", "users.csv", 1)), false)
	d.into(r, "table.yaml", "U0TAB: {prod: tab}\n")
	lines := func(domain string, most int) (out []string) {
		err := r.List(t.Context(), domain, func(l studiobot.Listed) bool {
			out = append(out, fmt.Sprintf("%s %s %s %v %s %s %s", l.Person, l.Domain, l.Profile, l.Denied, l.Conflict, l.Source, strings.TrimSuffix(l.Origin, "on ")))
			return len(out) < most
		})
		if err != nil {
			t.Error(err)
		}
		return out
	}
	prod := lines("prod", 100)
	if len(prod) != 3 || !strings.HasPrefix(prod[2], "/U0TAB prod tab false  table table, linked by import on 20") {
		t.Errorf("%q", prod)
	}
	sameLines(t, prod[:2], []string{"/U0JANE prod jane-prod false  users.csv users.csv:2", "/U0BAN   true  users.csv users.csv:3"})
	sameLines(t, lines("", 7)[:7], []string{
		"/U0JANE  jane-doe false  users.csv users.csv:1", "/U0JANE prod jane-prod false  users.csv users.csv:2", "/U0BAN   true  users.csv users.csv:3",
		"/U0TAG research tagged false  tag slack-user-id tag slack-user-id on tagged",
		"/U0TWO research one false  tag slack-user-id tag slack-user-id on one",
		"T0ACME/U0TWO research  false one and two in research carry the tag slack-user-id with the same person tag slack-user-id tag slack-user-id on one and two",
		"/U0UMA research uma-lind false  email {{ .Local }} email uma.lind@example.com",
	})
	if n := d.slack.Calls("users.info"); n > 0 {
		t.Errorf("%d people were asked for by name", n)
	}
	var wrong *studiobot.DomainError
	if err := r.List(t.Context(), "prd", func(studiobot.Listed) bool { return true }); !errors.As(err, &wrong) || wrong.Error() != "there is no domain prd; did you mean prod?" {
		t.Errorf("%v", err)
	}
}

// Where Slack or SageMaker can't be asked nothing is said to be right, and
// nothing is written.
func TestReviewThatCannotAsk(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		breaks func(*desk)
		want   string
	}{
		"a refused token": {func(d *desk) { d.slack.Fail(slacksim.Fault{Method: "auth.test", N: 1, SlackError: "invalid_auth"}) }, "SLACK_BOT_TOKEN"},
		"no scope": {func(d *desk) {
			d.slack.Fail(slacksim.Fault{Method: "users.list", N: 1, SlackError: "missing_scope", Needed: "users:read"})
		}, "manifest"},
		"no scope for groups": {func(d *desk) {
			d.slack.Fail(slacksim.Fault{Method: "usergroups.users.list", N: 1, SlackError: "missing_scope", Needed: "usergroups:read"})
		}, "manifest"},
		"no permission": {func(d *desk) {
			d.sagemaker.Fail(sagemakersim.Fault{Operation: "ListUserProfiles", N: -1, Code: "AccessDeniedException"})
		}, "user profiles"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := sit(t, slacksim.Options{})
			c.breaks(d)
			var out bytes.Buffer
			err := d.open(d.config(everySource), false).Export(t.Context(), &out)
			if err == nil || !strings.Contains(err.Error(), c.want) || out.Len() > 0 {
				t.Errorf("%v, %q", err, &out)
			}
			if strings.Contains(c.want, "SLACK") && !errors.As(err, new(*bot.FinalError)) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestReviewThatCannotOpen(t *testing.T) {
	t.Parallel()
	d := sit(t, slacksim.Options{})
	cfg := d.config(fileAndTable)
	d.write("users.yaml", "U0JANE: no name\nx: y\n")
	var mistakes mapping.Mistakes
	if _, err := studiobot.OpenReview(t.Context(), cfg, d.options(true)); !errors.As(err, &mistakes) || len(mistakes) != 2 {
		t.Errorf("%v", err)
	}
	d.write("users.yaml", usersYAML)
	d.write("bot.db", "this is no SQLite file, however long one looks at it")
	if _, err := studiobot.OpenReview(t.Context(), cfg, d.options(true)); err == nil || !strings.Contains(err.Error(), "bot.db") {
		t.Errorf("%v", err)
	}
}

// A reading that fails once is begun again.
func TestReviewReadsAgain(t *testing.T) {
	t.Parallel()
	d := sit(t, slacksim.Options{})
	d.slack.Fail(slacksim.Fault{Method: "auth.test", N: 1, Status: 500})
	d.slack.Fail(slacksim.Fault{Method: "users.list", N: 1, Status: 500})
	d.slack.Fail(slacksim.Fault{Method: "usergroups.users.list", N: 1, SlackError: "internal_error"})
	if out := d.exported(d.open(d.config(everySource), false)); !strings.Contains(out, "U0JANE,jane-doe,research,file,users.yaml:1,allowed,") {
		t.Errorf("%s", out)
	}
}
