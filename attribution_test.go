package studiobot_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/studiobot/studiobot"
	"github.com/studiobot/studiobot/internal/sagemakersim"
)

// attribution are the policies of docs/attribution.md, for the rig's domain.
func attribution(t *testing.T) (trust, permissions, own string) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("docs", "attribution.md"))
	if err != nil {
		t.Fatal(err)
	}
	policies := blocks(string(raw), "json")
	if len(policies) != 3 {
		t.Fatalf("%d JSON blocks, want three policies", len(policies))
	}
	for i := range policies {
		policies[i] = strings.ReplaceAll(policies[i], "d-abcdefghijkl", researchID)
	}
	return policies[0], policies[1], policies[2]
}

const launchRole = "arn:aws:iam::444455556666:role/studiobot-launch"

// withRole is a rig whose domain research is in another account.
func withRole(t *testing.T, s setup) *rig {
	t.Helper()
	trust, permissions, _ := attribution(t)
	s.domain += ", role_arn: " + launchRole
	s.before = func(r *rig) {
		r.sagemaker.SetDomain(sagemakersim.Domain{
			ID: researchID, Account: "444455556666", Profiles: []sagemakersim.Profile{{Name: "jane-doe"}, {Name: "sam-research"}},
		})
		if err := r.sagemaker.SetRole(sagemakersim.Role{ARN: launchRole, Trust: trust, Policy: permissions}); err != nil {
			t.Fatal(err)
		}
	}
	return start(t, s)
}

// With the documented policies, and no more, each launch is its person's own, of
// two accounts in one process; the actions that they allow are those that are called.
func TestAttribution(t *testing.T) {
	t.Parallel()
	r := withRole(t, setup{})
	r.launches(r.press("U0JANE", r.command("U0JANE", ""), 0), researchID, "jane-doe")
	r.launches(r.press("U0SAM", r.command("U0SAM", "research"), 0), researchID, "sam-research")
	r.launches(r.press("U0SAM", r.command("U0SAM", "prod"), 0), prodID, "sam-prod")
	r.sagemaker.SetProfileStatus(researchID, "jane-doe", "Failed", "no role")
	r.get(r.press("U0JANE", r.command("U0JANE", ""), 0)) // and why is looked up
	var names, called []string
	r.await("the domains and what is in them to be looked at", func() bool {
		return r.sagemaker.CallCount("DescribeDomain") >= 2 && r.sagemaker.CallCount("ListSpaces") >= 2 && r.sagemaker.CallCount("ListApps") >= 2
	})
	for _, c := range r.sagemaker.Calls() {
		if c.Operation == "CreatePresignedDomainUrl" && c.Status == 200 {
			names = append(names, c.By.Session+" "+c.By.SourceIdentity)
		}
		if c.By.Role != "" {
			called = append(called, "sagemaker:"+c.Operation)
		}
		if c.Operation != "CreatePresignedDomainUrl" && c.By.Role != "" && c.By.Session != "studiobot" {
			t.Errorf("%s was made by %+v", c.Operation, c.By)
		}
	}
	// prod has no role: it is opened with our own credentials.
	if want := []string{"jane-doe@U0JANE T0ACME.U0JANE", "sam-research@U0SAM T0ACME.U0SAM", " "}; !slices.Equal(names, want) {
		t.Errorf("opened by %q, want %q", names, want)
	}
	_, permissions, own := attribution(t)
	slices.Sort(called)
	want := append(slices.Compact(called), "sagemaker:CreatePresignedDomainUrlWithPrincipalTag") // see "wants proof"
	slices.Sort(want)
	if got := actions(t, permissions); !slices.Equal(got, want) {
		t.Errorf("the role's policy allows %v, called were %v", got, want)
	}
	if got := actions(t, own); !slices.Equal(got, []string{"sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"}) || !strings.Contains(own, launchRole) {
		t.Errorf("our own policy allows %v", got)
	}
	if strings.Contains(r.log.String(), `"level":"ERROR"`) || strings.Contains(r.log.String(), "ASIA") {
		t.Errorf("the log has\n%s", r.log)
	}
}

// The session was there before the click.
func TestSessionAheadOfTheClick(t *testing.T) {
	t.Parallel()
	r := withRole(t, setup{launch: ", session_policy: profile"})
	m := r.command("U0JANE", "")
	asked := func() (n int) {
		for _, c := range r.sagemaker.Calls() {
			if c.Assumed.Session == "jane-doe@U0JANE" {
				n++
			}
		}
		return n
	}
	r.await("the session to be asked for", func() bool { return asked() == 1 })
	r.launches(r.press("U0JANE", m, 0), researchID, "jane-doe")
	if n := asked(); n != 1 {
		t.Errorf("%d sessions, want 1", n)
	}
}

// What is the matter with a role is in the log at the start, and people read the
// ordinary sentence.
func TestRoleThatCantBeAssumed(t *testing.T) {
	t.Parallel()
	r := withRole(t, setup{})
	r.sagemaker.RemoveRole(launchRole)
	r.restart(setup{domain: ", role_arn: " + launchRole}, func() {})
	r.await("the log to say it", func() bool {
		return strings.Contains(r.log.String(), "the role can't be assumed: check that it exists, that its trust policy lets arn:aws:sts::111122223333:assumed-role/studiobot/task")
	})
	a := r.get(r.press("U0JANE", r.command("U0JANE", ""), 0))
	if a.status != 403 || a.title != "This profile can&#39;t be opened from here." || strings.Contains(a.body, "arn:") || strings.Contains(a.body, "444455556666") {
		t.Errorf("the page is %d %q", a.status, a.title)
	}
}

// actions are all that a policy allows, sorted.
func actions(t *testing.T, policy string) (out []string) {
	t.Helper()
	var p struct {
		Statement []struct{ Action json.RawMessage }
	}
	if err := json.Unmarshal([]byte(policy), &p); err != nil {
		t.Fatal(err)
	}
	for _, s := range p.Statement {
		var one string
		var many []string
		if json.Unmarshal(s.Action, &one) == nil {
			many = []string{one}
		} else if err := json.Unmarshal(s.Action, &many); err != nil {
			t.Fatal(err)
		}
		out = append(out, many...)
	}
	slices.Sort(out)
	return out
}

// What roles can't be is a mistake of the config.
func TestRoleMistakes(t *testing.T) {
	t.Parallel()
	for more, want := range map[string]string{
		"launch: {session_policy: profile}\n": "6: launch.session_policy: there is no role session to limit, because no domain has a role_arn; write the domain's role_arn, or leave it out",
	} {
		if got := mistakes(t, least+more, tokens); !slices.Equal(got, []string{"studiobot.yaml:" + want}) {
			t.Errorf("%s: %q", more, got)
		}
	}
	role := func(arn string) string {
		return strings.Replace(least, "region: us-west-2", "region: us-west-2, role_arn: "+arn, 1)
	}
	want := "studiobot.yaml:3: domains[0].role_arn: is of another part of AWS than the Region us-west-2; write a role of the domain's own account, arn:aws:iam::…"
	if got := mistakes(t, role("arn:aws-cn:iam::111122223333:role/x"), tokens); !slices.Equal(got, []string{want}) {
		t.Errorf("another partition: %q", got)
	}
	if got := mistakes(t, role("arn:aws:iam::111122223333:role/x/y")+"launch: {session_policy: profile}\n", tokens); got != nil {
		t.Errorf("a role that is fine: %q", got)
	}
	lambda := func(name string) string {
		if name == "AWS_LAMBDA_RUNTIME_API" {
			return "127.0.0.1:9001"
		}
		return tokens(name)
	}
	folder := configFolder(t)
	for store, want := range map[string]string{
		"sqlite:x.db":      "studiobot.yaml:6: store: sqlite doesn't last in a Lambda function, and no other copy sees it; set it to dynamodb:TABLE",
		"memory":           "studiobot.yaml:6: store: memory can't be shared, and the role is redirect; set store to dynamodb:TABLE, or sqlite:FILE for processes of one machine",
		"dynamodb:tickets": "",
	} {
		_, err := studiobot.ParseAs(studiobot.RoleRedirect, filepath.Join(folder, "studiobot.yaml"), fmt.Appendf(nil, "%sstore: %q\n", least, store), lambda)
		if got := strings.Join(mistakeLines(t, folder, err), "\n"); got != want {
			t.Errorf("%s: %q", store, got)
		}
	}
}
