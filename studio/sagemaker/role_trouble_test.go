package sagemaker_test

import (
	"strings"
	"testing"
	"time"

	"github.com/studiobot/studiobot/internal/sagemakersim"
	"github.com/studiobot/studiobot/studio"
	"github.com/studiobot/studiobot/studio/sagemaker"
)

// What is the matter with a role is found at the start, and said with what to do.
func TestRoleTrouble(t *testing.T) {
	t.Parallel()
	without := func(action string) func(roles) {
		return func(r roles) {
			policy := strings.ReplaceAll(trust, `,"sts:`+action+`"`, "")
			if policy == trust {
				r.t.Fatalf("there is no %s to take away", action)
			}
			if err := r.sim.SetRole(sagemakersim.Role{ARN: roleOne, Trust: policy}); err != nil {
				r.t.Fatal(err)
			}
		}
	}
	both := func(r roles) {
		if err := r.sim.SetRole(sagemakersim.Role{ARN: roleOne, Trust: strings.ReplaceAll(trust, `,"sts:TagSession","sts:SetSourceIdentity"`, "")}); err != nil {
			r.t.Fatal(err)
		}
	}
	for name, test := range map[string]struct {
		do   func(roles)
		long time.Duration
		want []string
	}{
		"no tags":     {do: without("TagSession"), want: []string{"level=ERROR", "doesn't allow sts:TagSession: add it"}},
		"no identity": {do: without("SetSourceIdentity"), want: []string{"level=ERROR", "doesn't allow sts:SetSourceIdentity: add it"}},
		"neither":     {do: both, want: []string{"level=ERROR", "neither sts:TagSession nor sts:SetSourceIdentity"}},
		"no role": {do: func(r roles) { r.sim.RemoveRole(roleOne) }, want: []string{"level=ERROR", "check that it exists",
			"arn:aws:sts::111122223333:assumed-role/studiobot/task (the role is of account 111122223333, that identity of 111122223333)"}},
		"too long": {long: 2 * time.Hour, want: []string{"level=ERROR", "can't be that long (role_session: 2h0m0s)"}},
		"away": {do: func(r roles) { r.sim.Fail(sagemakersim.Fault{Operation: assumeRole, Status: 503, N: 3}) },
			want: []string{"level=WARN", "STS can't be reached"}},
		"busy": {do: func(r roles) {
			r.sim.Fail(sagemakersim.Fault{Operation: assumeRole, Status: 400, Code: "Throttling", N: 3})
		}, want: []string{"level=WARN", "STS is throttling"}},
		"another account": {do: func(r roles) {
			r.sim.SetDomain(sagemakersim.Domain{ID: research.ID, Account: "999988887777"})
		}, want: []string{"level=ERROR", "the domain doesn't exist", "the account of the AWS credentials or of its role"}},
		"a clock that is off": {do: func(r roles) {
			r.sim.SetClock(time.Hour) // and STS says so in a way that the SDK doesn't mend
			r.sim.Fail(sagemakersim.Fault{Operation: assumeRole, Status: 403, Code: "RequestExpired", N: -1})
		}, want: []string{"level=ERROR", "clock is off"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := withRoles(t, func(c *sagemaker.Config) {
				c.Domains = c.Domains[:1]
				delete(c.Roles, "prod")
				if test.long > 0 {
					c.Roles["research"] = sagemaker.Role{ARN: roleOne, Session: test.long}
				}
			})
			if test.do != nil {
				test.do(r)
			}
			r.client.Look(t.Context())
			for _, want := range append(test.want, "domain=research", "id="+research.ID) {
				if !strings.Contains(r.log.String(), want) {
					t.Errorf("the log doesn't say %q:\n%s", want, r.log)
				}
			}
		})
	}
}

// A clock that is an hour off is the SDK's to mend, at STS and at SageMaker.
func TestClockIsMended(t *testing.T) {
	t.Parallel()
	for _, ahead := range []time.Duration{time.Hour, -time.Hour} {
		r := withRoles(t, nil)
		r.sim.SetClock(ahead)
		r.opens(me, "research", "jane-doe")
		r.opens(me, "research", "jane-doe")
		if got := r.sim.CallCount(assumeRole); got != 2 {
			t.Errorf("%d questions with a clock %v ahead, want 2: one refused, one mended", got, ahead)
		}
	}
}

func TestRolesAreChecked(t *testing.T) {
	t.Parallel()
	for what, r := range map[string]sagemaker.Role{
		"no ARN":           {ARN: "arn:aws:iam::1:role/x", Session: time.Hour},
		"another resource": {ARN: "arn:aws:iam::111122223333:user/x", Session: time.Hour},
		"too short":        {ARN: roleOne, Session: 899 * time.Second},
		"too long":         {ARN: roleOne, Session: 12*time.Hour + time.Second},
		"a part of it":     {ARN: roleOne, Session: time.Hour + time.Millisecond},
	} {
		c := sagemaker.Config{Domains: []studio.Domain{research}, URLTTL: 5 * time.Second, Log: quietLog(t), Roles: map[string]sagemaker.Role{"research": r}}
		if _, err := sagemaker.New(t.Context(), c); err == nil || !strings.Contains(err.Error(), `domain "research"`) {
			t.Errorf("%s: %v", what, err)
		}
	}
	c := sagemaker.Config{Domains: []studio.Domain{research}, URLTTL: 5 * time.Second, Log: quietLog(t), Roles: map[string]sagemaker.Role{"reserch": {ARN: roleOne, Session: time.Hour}}}
	if _, err := sagemaker.New(t.Context(), c); err == nil {
		t.Error("a role for no domain was taken")
	}
}
