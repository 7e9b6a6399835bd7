package studiobot_test

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/studiobot/studiobot"
	"github.com/studiobot/studiobot/internal/slacksim"
	"github.com/studiobot/studiobot/store/sqlite"
	"github.com/studiobot/studiobot/studio"
)

// undated is a text without the day on which a test ran.
func undated(text string) []byte {
	return regexp.MustCompile(` on \d{4}-\d\d-\d\d`).ReplaceAll([]byte(text), []byte(" on DATE"))
}

// opened notes what somebody opened.
func (d *desk) opened(user, domain, profile string, at time.Time) {
	d.t.Helper()
	s, err := sqlite.Open(d.t.Context(), d.path("bot.db"), sqlite.Options{})
	if err != nil {
		d.t.Fatal(err)
	}
	defer s.Close()
	o := studio.Opened{Person: studio.Person{Team: d.slack.TeamID(), User: user}, Option: studio.Option{Domain: domain, Profile: profile}, At: at}
	if err := s.KeepOpened(d.t.Context(), []studio.Opened{o}); err != nil {
		d.t.Fatal(err)
	}
}

func TestExport(t *testing.T) {
	t.Parallel()
	d, cfg := crookedDesk(t)
	at := time.Date(2026, 3, 9, 8, 7, 6, 5, time.UTC)
	d.opened("U0JANE", "research", "Jane-Doe", at) // SageMaker compares without case
	d.opened("U0JANE", "research", "jane-doe", at.Add(-time.Hour))
	d.opened("U0SAM", "prod", "another", at) // that isn't what they have now
	d.opened("U0TAG", "research", "tagged", at.Add(time.Hour))
	d.slack.AddPeople(slacksim.Person{ID: "U0OUT", Name: "out"})
	d.into(d.open(cfg, true), "more.csv", "U0OUT,tab,\n")
	golden(t, filepath.Join("testdata", "export.golden.csv"), undated(d.exported(d.open(cfg, false))))
	if n := d.slack.Calls("users.info"); n > 0 {
		t.Errorf("%d people were asked for by name", n)
	}
}

// What is exported is a users file, and can be imported: both say the same of
// everybody then.
func TestExportIsReadBack(t *testing.T) {
	t.Parallel()
	d, cfg := crookedDesk(t)
	first := d.exported(d.open(cfg, false))
	d.write("back.csv", first)
	file := d.config("mapping: [{file: back.csv}]\n")
	table := d.config("mapping: [{table: true}]\nstore: \"sqlite:back.db\"\n")
	done := d.into(d.open(table, true), "back.csv", first)
	if rows := strings.Count(first, "\n") - 1; done != (studiobot.Imported{New: rows}) {
		t.Errorf("%d rows, imported as %+v", rows, done)
	}
	if done = d.into(d.open(table, true), "back.csv", first); done.New+done.Changed > 0 {
		t.Errorf("again: %+v", done)
	}
	three := func(text string) (out []string) {
		for line := range strings.Lines(text) {
			out = append(out, strings.Join(strings.SplitN(line, ",", 4)[:3], ","))
		}
		return out
	}
	for name, cfg := range map[string]studiobot.Config{"as a users file": file, "in the table": table} {
		t.Run(name, func(t *testing.T) { sameLines(t, three(d.exported(d.open(cfg, true))), three(first)) })
	}
}

// Rows that say the same of one person in one domain, by several keys, are one.
func TestExportHasEachOnce(t *testing.T) {
	t.Parallel()
	d := sit(t, slacksim.Options{})
	cfg := d.config("mapping: [{table: true}]\nstore: \"sqlite:bot.db\"\n")
	d.into(d.open(cfg, true), "t.csv", "U0TAB,tab,\nU0TAB,tab,prod\nT0ACME/U0TAB,tab,\nT0ACME/U0TAB,tab,research\nU0JANE,jane-doe,\nU0JANE,jane-doe,prod\n")
	var got []string
	for line := range strings.Lines(d.exported(d.open(cfg, false))) {
		got = append(got, strings.Join(strings.SplitN(line, ",", 4)[:3], ","))
	}
	sameLines(t, got, []string{
		"slack_id,profile,domain", "T0ACME/U0TAB,tab,prod", "T0ACME/U0TAB,tab,research",
		"U0JANE,jane-doe,research", "U0JANE,jane-doe,prod",
	})
	got = nil
	for line := range strings.Lines(d.exported(d.open(cfg, true))) { // which workspace is ours isn't known
		got = append(got, strings.Join(strings.SplitN(line, ",", 4)[:3], ","))
	}
	if len(got) != 7 {
		t.Errorf("offline: %q", got)
	}
}

// A field that a spreadsheet would take for a formula is none there.
func TestExportHoldsNoFormula(t *testing.T) {
	t.Parallel()
	d := sit(t, slacksim.Options{})
	d.write("=cmd.csv", "U0JANE,jane-doe,prod\n")
	if out := d.exported(d.open(d.config("mapping: [{file: \"=cmd.csv\"}]\n"), true)); !strings.HasSuffix(out, "\nU0JANE,jane-doe,prod,file,'=cmd.csv:1,not checked,\n") {
		t.Errorf("%s", out)
	}
}
