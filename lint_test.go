package studiobot_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/studiobot/studiobot"
	"github.com/studiobot/studiobot/internal/sagemakersim"
	"github.com/studiobot/studiobot/internal/slacksim"
)

// crooked is a mapping with each kind of mistake: users.csv, and its table.
const crooked = `slack_id,profile,domain
U0JANE,jane-doe,
U0SAM,sam-research,research
U0SAM,sam-prod,prod
U0GUS,sam-research,
U0DEE,sam-research,
U0BAN,deny,
U0UMA,Sam-Research,research
U0STR,tab,research
U0BOT,tab,research
U0GONE,tab,research
T0ELSE/U0SAM,tab,research
U0TAB,nowhere,
`

const crookedTable = `U0JANE,jane-doe,prod
U0BAN,tab,research
U0TAG,tab,research
U0TWO,deny,prod
U0TAB,tab,
T0ACME/U0SAM,sam-research,research
`

func crookedDesk(t *testing.T) (*desk, studiobot.Config) {
	d := sit(t, slacksim.Options{})
	d.write("users.csv", crooked)
	cfg := d.config(strings.Replace(everySource, "users.yaml", "users.csv", 1))
	d.into(d.open(cfg, true), "table.csv", crookedTable)
	return d, cfg
}

func TestLint(t *testing.T) {
	t.Parallel()
	d, cfg := crookedDesk(t)
	r := d.open(cfg, false)
	sameLines(t, d.found(r), []string{
		`tag | tag slack-user-id: odd in research has the value "jane@example.com", which is no Slack user ID, and counts for nobody; write one like U012AB3CD`,
		"person | users.csv:5: U0GUS is a guest of the workspace, and access.guests is deny; take the entry out, or set access.guests to allow",
		"person | users.csv:6: U0DEE is deactivated in Slack; take the entry out",
		"shared | users.csv:8: U0UMA has the user profile Sam-Research in research, and U0SAM has sam-research (users.csv:3), which is the same one to SageMaker; they share its files and apps; give one of them another",
		"person | users.csv:9: U0STR is of another workspace or organisation; correct the ID, or take the entry out",
		"person | users.csv:10: U0BOT is a bot or a workflow in Slack, or an invitation that wasn't accepted yet; correct the ID, or take the entry out",
		"person | users.csv:11: U0GONE is unknown to Slack; correct the ID, or take the entry out",
		"person | users.csv:12: T0ELSE/U0SAM is of another workspace or organisation; correct the ID, or take the entry out",
		"profile | users.csv:13: the user profile nowhere of U0TAB doesn't exist in research, prod; make it, or correct the name",
		"conflict | tag slack-user-id: one and two in research carry the tag slack-user-id with the same person, U0TWO; take the tag off all but one; until then none of them is used",
		"shadowed | table: U0JANE has jane-doe in prod, which never counts: users.csv:2 comes first; keep one of the two",
		"shadowed | table: U0BAN has tab in research, which never counts: users.csv:7 comes first; keep one of the two",
		"shadowed | table: U0TAG has tab in research, which never counts: tag slack-user-id on tagged comes first; keep one of the two",
		"shadowed | table: U0TAB has tab in research, prod, which never counts: users.csv:13 comes first; keep one of the two",
		"shadowed | table: T0ACME/U0SAM has sam-research in research, which never counts: users.csv:3 comes first; keep one of the two",
	})
	if n := d.slack.Calls("users.info"); n > 0 {
		t.Errorf("%d people were asked for by name", n)
	}
	n := 0
	if err := r.Lint(t.Context(), func(studiobot.Finding) bool { n++; return n < 2 }); err != nil || n != 2 {
		t.Errorf("stopped after %d: %v", n, err)
	}
}

// A mapping with nothing to mend has no findings; nor has one person two.
func TestLintFindsNothing(t *testing.T) {
	t.Parallel()
	d := sit(t, slacksim.Options{})
	d.write("users.yaml", "U0JANE: jane-doe\nT0ACME/U0JANE: {prod: jane-doe}\nU0GONE: deny\nU0SAM: {research: sam-research}\n")
	d.sagemaker.SetTags(researchID, "two", nil)
	d.sagemaker.SetTags(researchID, "odd", nil)
	sameLines(t, d.found(d.open(d.config(everySource), false)), nil)
}

func TestLintDomains(t *testing.T) {
	t.Parallel()
	d := sit(t, slacksim.Options{})
	d.write("users.yaml", "U0JANE: nowhere\n")
	cfg := d.config(fileAndTable)
	d.into(d.open(cfg, true), "table.csv", "U0SAM,sam,prod\n")
	cfg.Domains[1].Domain.ID = "d-elsewhere0001"
	sameLines(t, d.found(d.open(cfg, false)), []string{
		"domain | domain prod: SageMaker has no domain d-elsewhere0001 in us-west-2; correct id and region in the config, or use AWS credentials of its account",
		"profile | users.yaml:1: the user profile nowhere of U0JANE doesn't exist in research; make it, or correct the name",
	})
	d.sagemaker.SetDomain(sagemakersim.Domain{ID: "d-elsewhere0001", AuthMode: sagemakersim.AuthModeSSO})
	cfg.Domains[1].Name = "old"
	sameLines(t, d.found(d.open(cfg, false)), []string{
		"domain | domain old: d-elsewhere0001 is in Identity Center mode (AuthMode SSO) and has no presigned URLs: nobody can be sent there; take it out of the config, or use a domain with AuthMode IAM",
		"profile | users.yaml:1: the user profile nowhere of U0JANE doesn't exist in research; make it, or correct the name",
		"domain | table: U0SAM has a word in prod, which the config doesn't have; remove the link (admin unlink), or configure the domain again",
	})
	d.sagemaker.Fail(sagemakersim.Fault{Operation: "ListUserProfiles", N: -1, Code: "AccessDeniedException"})
	if err := d.open(cfg, false).Lint(t.Context(), func(studiobot.Finding) bool { return true }); err == nil || !strings.Contains(err.Error(), "can't be listed") {
		t.Errorf("%v", err)
	}
}

// However many people Slack doesn't know, none is asked for by name; and one
// finding is told for all domains where it is the same.
func TestLintAsksForNobodyByName(t *testing.T) {
	t.Parallel()
	d := sit(t, slacksim.Options{})
	var rows strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&rows, "U0LOST%04d,jane-doe\n", i)
	}
	d.write("users.csv", rows.String())
	cfg := d.config("mapping: [{file: users.csv}]\n")
	if lines := d.found(d.open(cfg, false)); len(lines) != 2000 || !strings.Contains(lines[1999], "U0LOST1999 is unknown to Slack") || d.slack.Calls("users.info") > 0 {
		t.Errorf("%d findings, %d questions", len(lines), d.slack.Calls("users.info"))
	}
	if lines := d.found(d.open(cfg, true)); len(lines) != 1999 || !strings.Contains(lines[0], "in research, prod, as U0LOST0000 has") {
		t.Errorf("%d findings offline: %q", len(lines), lines[0])
	}
}

func TestFindingAsJSON(t *testing.T) {
	t.Parallel()
	f := studiobot.Finding{Kind: studiobot.FindingShared, At: "users.yaml:7", User: "U1", Profile: "jane", Domains: []string{"prod"}, Problem: "p", Mend: "m"}
	got, err := json.Marshal(f)
	if want := `{"kind":"shared","at":"users.yaml:7","user":"U1","profile":"jane","domains":["prod"],"problem":"p","mend":"m"}`; err != nil || string(got) != want {
		t.Errorf("%s, %v", got, err)
	}
}
