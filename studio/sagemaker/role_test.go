package sagemaker_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/studiobot/studiobot/internal/sagemakersim"
	"github.com/studiobot/studiobot/studio"
	"github.com/studiobot/studiobot/studio/sagemaker"
)

const (
	roleOne = "arn:aws:iam::111122223333:role/team/studiobot-launch"
	roleTwo = "arn:aws:iam::444455556666:role/studiobot-launch"
	trust   = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/studiobot"},
		"Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]}]}`
	assumeRole = "AssumeRole"
)

// roles are two accounts, each with a domain, of which each has a role.
type roles struct {
	t      testing.TB
	sim    *sagemakersim.Server
	client *sagemaker.Client
	log    *bytes.Buffer
}

func withRoles(t testing.TB, change func(*sagemaker.Config)) roles {
	t.Helper()
	profiles := []sagemakersim.Profile{{Name: "jane-doe"}, {Name: "sam"}}
	for i := range 50 {
		profiles = append(profiles, sagemakersim.Profile{Name: fmt.Sprintf("p-%d", i)})
	}
	s, err := sagemakersim.Start(sagemakersim.Options{
		Domains: []sagemakersim.Domain{
			{ID: research.ID, Name: "research", Profiles: profiles},
			{ID: prod.ID, Name: "prod", Profiles: profiles, Account: "444455556666"},
		},
		Roles: []sagemakersim.Role{{ARN: roleOne, Trust: trust}, {ARN: roleTwo, Trust: trust}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	r := roles{t: t, sim: s, log: &bytes.Buffer{}}
	c := sagemaker.Config{
		Domains: []studio.Domain{research, prod}, URLTTL: 5 * time.Second, Log: slog.New(slog.NewTextHandler(r.log, nil)), AppID: "studiobot/test",
		Roles: map[string]sagemaker.Role{"research": {ARN: roleOne, Session: time.Hour}, "prod": {ARN: roleTwo, Session: 15 * time.Minute}},
		Load:  load(s.URL(), nil),
	}
	if change != nil {
		change(&c)
	}
	if r.client, err = sagemaker.New(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	r.client.SetTimes(30*time.Second, time.Minute) // the machine may be busy
	return r
}

func (r roles) opens(p studio.Person, domain, profile string) {
	r.t.Helper()
	if _, err := r.client.Open(r.t.Context(), p, studio.Option{Domain: domain, Profile: profile}); err != nil {
		r.t.Fatal(err)
	}
}

// until waits for what nothing signals.
func (r roles) until(ok func() bool) {
	r.t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(10 * time.Second); !ok(); <-tick.C {
		if time.Now().After(end) {
			r.t.Fatal("waited in vain")
		}
	}
}

// presigned are the calls that opened something.
func (r roles) presigned() (out []sagemakersim.Call) {
	for _, c := range r.sim.Calls() {
		if c.Operation == presign {
			out = append(out, c)
		}
	}
	return out
}

// A launch is made in its person's name, in the domain's own account, and the
// rest in the program's.
func TestLaunchInSomebodysName(t *testing.T) {
	t.Parallel()
	r := withRoles(t, nil)
	r.client.Look(t.Context())
	for _, domain := range []string{"research", "prod"} {
		if err := r.client.Profiles(t.Context(), domain, func(studio.Profile) error { return nil }); err != nil {
			t.Error(err)
		}
	}
	if tags, err := r.client.ProfileTags(t.Context(), "prod", "sam"); err != nil || len(tags) > 0 {
		t.Errorf("tags in another account: %v, %v", tags, err)
	}
	for _, c := range r.sim.Calls() {
		if c.By.Session != "studiobot" && c.Operation != assumeRole {
			t.Errorf("%s is made by %+v", c.Operation, c.By)
		}
	}
	r.opens(me, "research", "Jane-DOE")
	r.opens(me, "prod", "jane-doe")
	got := r.presigned()
	if len(got) != 2 {
		t.Fatalf("%d launches", len(got))
	}
	want := sagemakersim.Identity{
		Role: roleOne, Session: "jane-doe@U0JANE", SourceIdentity: "T0TEAM.U0JANE",
		Tags: "studiobot-domain=research,studiobot-profile=jane-doe,studiobot-team=T0TEAM,studiobot-user=U0JANE",
	}
	if got[0].By != want {
		t.Errorf("made by %+v, want %+v", got[0].By, want)
	}
	want.Role, want.Tags = roleTwo, strings.Replace(want.Tags, "research", "prod", 1)
	if got[1].By != want {
		t.Errorf("made by %+v, want %+v", got[1].By, want)
	}
	for _, c := range r.sim.Calls() {
		if session := map[string]time.Duration{roleOne: time.Hour, roleTwo: 15 * time.Minute}[c.Assumed.Role]; c.Operation == assumeRole && c.Assumed.Duration != session {
			t.Errorf("a session of %v was asked for, want %v", c.Assumed.Duration, session)
		}
	}
	if r.log.Len() > 0 {
		t.Errorf("the log has\n%s", r.log)
	}
}

// However many people launch at once, and whatever their names have in common,
// nobody's launch is made in the session of another.
func TestNobodyElsesSession(t *testing.T) {
	t.Parallel()
	r := withRoles(t, nil)
	var all errgroup.Group
	all.SetLimit(32)
	people := []studio.Person{
		{Team: "T0", User: "U1"}, {Team: "T1", User: "U1"}, {Team: "T0", User: "U11"}, {Team: "T0U", User: "1"}, {Team: "T0", User: "u1"},
		{Team: "T0", User: "U1@x"}, {Team: "T0.U1", User: "U1"}, {Team: "T0", User: strings.Repeat("U", 300)}, {Team: "T0", User: strings.Repeat("U", 301)},
	}
	for _, p := range people {
		for i := range 20 {
			for _, profile := range []string{"p-%d", "P-%d"} {
				all.Go(func() error {
					o := studio.Option{Domain: "research", Profile: fmt.Sprintf(profile, i%5)}
					if _, err := r.client.Open(t.Context(), p, o); err != nil {
						t.Errorf("%.40v: %v", p, err)
					}
					return nil
				})
			}
		}
	}
	_ = all.Wait() // its functions return nil
	// The simulator knows a session by its name, its source and its tags. Each has
	// one profile, and no two people have the same.
	of := map[string]string{}
	for _, c := range r.presigned() {
		id := c.By.SourceIdentity + " " + c.By.Tags + " " + c.By.Session
		profile := strings.ToLower(c.Profile)
		if before, ok := of[id]; ok && before != profile {
			t.Errorf("the session %s opened %s and %s", id, before, profile)
		}
		if !strings.Contains(c.By.Tags, "studiobot-profile="+profile) || !strings.HasPrefix(c.By.Session, profile) {
			t.Errorf("%s was opened in the session %+v", profile, c.By)
		}
		of[id] = profile
	}
	if want := len(people) * 5; len(of) != want {
		t.Errorf("%d sessions opened something, want %d: one for each person and profile", len(of), want)
	}
	if got := r.sim.CallCount(assumeRole); got != len(people)*5 {
		t.Errorf("%d sessions were asked for, want %d", got, len(people)*5)
	}
}

// What STS answers becomes the error that the person's sentence is made of.
func TestAssumingFails(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault sagemakersim.Fault
		want  error
	}{
		"refused":   {sagemakersim.Fault{Code: "AccessDenied", Status: 403}, studio.ErrForbidden},
		"throttled": {sagemakersim.Fault{Code: "Throttling", Status: 400}, studio.ErrThrottled},
		"away":      {sagemakersim.Fault{Status: 503}, studio.ErrUnavailable},
		"cut":       {sagemakersim.Fault{Drop: true}, studio.ErrUnavailable},
		"hanging":   {sagemakersim.Fault{Hang: true}, studio.ErrUnavailable},
		"nonsense":  {sagemakersim.Fault{Body: "<html>"}, studio.ErrForbidden},
		"an outsider": {sagemakersim.Fault{Body: `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>` +
			`<AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken></Credentials><AssumedRoleUser>` +
			`<Arn>arn:aws:sts::1:assumed-role/x/sam@U0SAM</Arn></AssumedRoleUser></AssumeRoleResult></AssumeRoleResponse>`}, studio.ErrRefused},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := withRoles(t, nil)
			if test.fault.Hang {
				r.client.SetTimes(50*time.Millisecond, 300*time.Millisecond)
			}
			test.fault.Operation, test.fault.N = assumeRole, -1
			r.sim.Fail(test.fault)
			_, err := r.client.Open(t.Context(), me, jane)
			wantKind(t, err, test.want)
			if n := len(r.presigned()); n > 0 {
				t.Errorf("%d launches all the same", n)
			}
			r.sim.ClearFaults()
			r.opens(me, "research", "jane-doe") // it passes by itself
		})
	}
	r := withRoles(t, nil)
	if _, err := r.client.Open(t.Context(), studio.Person{}, jane); !errors.Is(err, studio.ErrRefused) {
		t.Errorf("a launch in nobody's name: %v", err)
	}
}
