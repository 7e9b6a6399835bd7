package sagemaker_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/studiobot/studiobot/internal/sagemakersim"
	"github.com/studiobot/studiobot/studio"
	"github.com/studiobot/studiobot/studio/sagemaker"
)

// A session serves for a tenth of its life: Studio may end with it.
func TestSessionIsRenewed(t *testing.T) {
	t.Parallel()
	r := withRoles(t, nil)
	r.opens(me, "research", "jane-doe")
	r.opens(me, "research", "jane-doe")
	if got := r.sim.CallCount(assumeRole); got != 1 {
		t.Errorf("%d sessions for two launches, want 1", got)
	}
	r.client.AgeSessions(6*time.Minute - time.Second)
	r.opens(me, "research", "jane-doe")
	if got := r.sim.CallCount(assumeRole); got != 1 {
		t.Errorf("%d sessions before a tenth was over, want 1", got)
	}
	r.client.AgeSessions(time.Second)
	r.opens(me, "research", "jane-doe")
	if got := r.sim.CallCount(assumeRole); got != 2 {
		t.Errorf("%d sessions after a tenth was over, want 2", got)
	}
	r.sim.Revoke()
	r.opens(me, "research", "jane-doe") // a session that is refused is asked for anew
	if got := r.sim.CallCount(assumeRole); got != 3 {
		t.Errorf("%d sessions after they were revoked, want 3", got)
	}
}

// The sessions that are kept are bounded; those used last stay.
func TestSessionsAreBounded(t *testing.T) {
	t.Parallel()
	r := withRoles(t, nil)
	r.client.LimitSessions(3)
	for _, profile := range []string{"p-1", "p-2", "p-3", "p-1", "p-4", "p-1"} {
		r.opens(me, "research", profile)
	}
	if kept, asked := r.client.KeptSessions(), r.sim.CallCount(assumeRole); kept != 3 || asked != 4 {
		t.Errorf("%d kept of %d asked for, want 3 of 4", kept, asked)
	}
	r.opens(me, "research", "p-2")
	if asked := r.sim.CallCount(assumeRole); asked != 5 {
		t.Errorf("%d asked for, want the one that was used longest ago to be gone", asked)
	}
}

// With the policy a session opens nothing but what it is for.
func TestSessionPolicy(t *testing.T) {
	t.Parallel()
	r := withRoles(t, func(c *sagemaker.Config) { c.ProfilePolicy = true })
	r.opens(me, "research", "Jane-Doe")
	by := r.presigned()[0].By
	want := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sagemaker:CreatePresignedDomainUrl",` +
		`"sagemaker:CreatePresignedDomainUrlWithPrincipalTag","sagemaker:DescribeUserProfile"],"Resource":[` +
		`"arn:aws:sagemaker:us-west-2:111122223333:user-profile/d-abcdefghijkl/jane-doe",` +
		`"arn:aws:sagemaker:us-west-2:111122223333:user-profile/d-abcdefghijkl/Jane-Doe"]}]}`
	if by.Policy != want {
		t.Errorf("the policy is\n%s\nwant\n%s", by.Policy, want)
	}
	r.sim.SetNotebook(sagemakersim.Notebook{Name: "Box"})
	if _, err := r.client.Open(t.Context(), me, studio.Option{Domain: "research", Target: studio.NotebookLab, Name: "Box"}); err != nil {
		t.Errorf("a notebook instance: %v", err)
	}
	r.sim.SetTrackingServer(sagemakersim.TrackingServer{Name: "Track"})
	if _, err := r.client.Open(t.Context(), me, studio.Option{Domain: "research", Target: studio.MLflow, Name: "Track"}); err != nil {
		t.Errorf("a tracking server: %v", err)
	}
	r.sim.SetSpace(research.ID, sagemakersim.Space{Name: "space", Owner: "jane-doe"})
	r.sim.SetApp(research.ID, sagemakersim.App{Space: "space", Type: "JupyterLab"})
	if _, err := r.client.Open(t.Context(), me, studio.Option{Domain: "research", Profile: "jane-doe", Target: studio.Lab, Name: "space"}); err != nil {
		t.Errorf("a space: %v", err)
	}
	if got := r.presigned(); got[len(got)-1].Space != "space" {
		t.Errorf("whether the space's app runs wasn't seen: %+v", got[len(got)-1])
	}
}

// Who gave up doesn't take the session from those who wait for it.
func TestOneFlight(t *testing.T) {
	t.Parallel()
	r := withRoles(t, nil)
	r.sim.Fail(sagemakersim.Fault{Operation: assumeRole, Delay: 200 * time.Millisecond})
	ctx, cancel := context.WithCancel(t.Context())
	gone := make(chan error, 1)
	go func() { _, err := r.client.Open(ctx, me, jane); gone <- err }()
	r.until(func() bool { return r.client.Flying() > 0 })
	cancel()
	if err := <-gone; !errors.Is(err, context.Canceled) || !errors.Is(err, studio.ErrUnavailable) {
		t.Errorf("who gave up got %v", err)
	}
	r.opens(me, "research", "jane-doe")
	if got := r.sim.CallCount(assumeRole); got != 1 {
		t.Errorf("%d questions, want 1", got)
	}
}

// Ahead of a click at most a few are asked for, and what was is there then.
func TestPrepare(t *testing.T) {
	t.Parallel()
	r := withRoles(t, nil)
	options := []studio.Option{{Domain: "research", Profile: "jane-doe"}, {Domain: "prod", Profile: "jane-doe"}}
	r.client.Prepare(t.Context(), me, options)
	if got := r.sim.CallCount(assumeRole); got != 2 {
		t.Errorf("%d sessions were prepared, want 2", got)
	}
	r.opens(me, "research", "jane-doe")
	r.opens(me, "prod", "jane-doe")
	if got := r.sim.CallCount(assumeRole); got != 2 {
		t.Errorf("%d sessions after the clicks, want 2", got)
	}
	r.sim.Fail(sagemakersim.Fault{Operation: assumeRole, N: -1, Hang: true})
	ctx, stop := context.WithCancel(t.Context())
	var monday sync.WaitGroup
	before := r.sim.CallCount(assumeRole)
	for i := range 50 {
		monday.Go(func() {
			r.client.Prepare(ctx, me, []studio.Option{{Domain: "research", Profile: fmt.Sprintf("p-%d", i)}})
		})
	}
	r.until(func() bool { return r.sim.CallCount(assumeRole) >= before+8 })
	if n := r.client.Flying(); n != 8 {
		t.Errorf("%d on their way at once, want 8", n)
	}
	stop()
	monday.Wait()
}
