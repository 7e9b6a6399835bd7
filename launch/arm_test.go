package launch_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/studiobot/studiobot/launch"
	"github.com/studiobot/studiobot/studio"
)

func allowAll(studio.Option) error { return nil }

func TestIssueIsIdempotent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, nil)
		issue := func(p studio.Person, cause string) studio.Issued {
			is, err := r.Issue(t.Context(), p, options, cause, time.Now())
			if err != nil {
				t.Fatal(err)
			}
			return is
		}
		first, again := issue(jane, "t1"), issue(jane, "t1")
		if first.Links[0].URL != again.Links[0].URL || first.Ref != again.Ref || first.Expires != again.Expires {
			t.Error("the same command twice made two tickets")
		}
		if n := strings.Count(r.log.String(), `"step":"issued"`); n != len(options) {
			t.Errorf("%d issued lines for one command with %d options", n, len(options))
		}
		for name, other := range map[string]studio.Issued{"another command": issue(jane, "t2"), "another person": issue(mallory, "t1"), "no cause": issue(jane, ""), "no cause again": issue(jane, "")} {
			if other.Links[0].URL == first.Links[0].URL || other.Links[0].Handle == first.Links[0].Handle {
				t.Errorf("%s got the same ticket", name)
			}
		}
		r.mustClick(first.Links[0])
		opens(t, r.browser("192.0.2.1").get(first.Links[0]), 302)
		if issue(jane, "t1").Links[0].URL != first.Links[0].URL {
			t.Error("a command delivered again after its link was used made a second ticket")
		}
		time.Sleep(2 * time.Minute)
		late := issue(jane, "t1")
		if late.Links[0].URL == first.Links[0].URL {
			t.Error("a command delivered again after its link expired shows a dead link")
		}
		says(t, r.browser("192.0.2.1").get(first.Links[0]), 410, used)
	})
}

func TestOtherProcessDerivesTheSameLink(t *testing.T) {
	t.Parallel()
	a := newRig(t, nil)
	b := newRig(t, func(o *launch.Options) { o.Store = a.store })
	one, err1 := a.Issue(t.Context(), jane, options, "t1", time.Now())
	two, err2 := b.Issue(t.Context(), jane, options, "t1", time.Now())
	if err1 != nil || err2 != nil || one.Links[0].URL != two.Links[0].URL {
		t.Errorf("two processes over one store made two tickets of one command (%v, %v)", err1, err2)
	}
	a.mustClick(one.Links[0])
	opens(t, b.browser("192.0.2.1").get(one.Links[0]), 302)
	says(t, a.browser("192.0.2.1").get(one.Links[0]), 410, used)
}

func TestTokenIsNotKept(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	link := r.issue().Links[0]
	token := link.URL[strings.LastIndex(link.URL, "/")+1:]
	if len(token) != 45 || strings.Contains(link.Handle, token[:20]) {
		t.Errorf("token of %d characters, handle %q", len(token), link.Handle)
	}
	id, _, _ := strings.Cut(link.Handle, ".")
	kept, err := r.store.Load(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(kept.ID+kept.Ref, token[:8]) || kept.Person != jane || len(kept.Buttons) != 2 {
		t.Errorf("kept %+v", kept)
	}
	if w := r.browser("192.0.2.1").send("GET", "https://studio.example.com/launch/"+link.Handle, ""); w.Code != 404 {
		t.Errorf("the handle as a token got %d", w.Code)
	}
}

func TestArm(t *testing.T) {
	t.Parallel()
	taken := errors.New("taken away")
	for _, row := range []struct {
		name    string
		prepare func(r *rig, link studio.Link)
		click   func(c *studio.Click)
		allowed func(studio.Option) error
		err     error
	}{
		{name: "the owner's click"},
		{name: "somebody else's", click: func(c *studio.Click) { c.Person = mallory }, err: studio.ErrNotYours},
		{name: "the same ID in another workspace", click: func(c *studio.Click) { c.Person.Team = "T0OTHER" }, err: studio.ErrNotYours},
		{name: "no longer allowed", allowed: func(studio.Option) error { return taken }, err: taken},
		{name: "expired", prepare: func(*rig, studio.Link) { time.Sleep(2 * time.Minute) }, err: studio.ErrLinkExpired},
		{name: "used", prepare: func(r *rig, l studio.Link) {
			r.mustClick(l)
			r.browser("192.0.2.1").get(l)
		}, err: studio.ErrLinkUsed},
		{name: "forgotten", prepare: func(*rig, studio.Link) { time.Sleep(time.Hour) }, err: studio.ErrLinkUnknown},
		{name: "no handle", click: func(c *studio.Click) { c.Handle = "" }, err: studio.ErrLinkUnknown},
		{name: "forged handle", click: func(c *studio.Click) { c.Handle = strings.Repeat("0", 64) + ".0" }, err: studio.ErrLinkUnknown},
		{name: "index out of range", click: func(c *studio.Click) { c.Handle = c.Handle[:65] + "9" }, err: studio.ErrLinkUnknown},
		{name: "odd handle", click: func(c *studio.Click) { c.Handle = strings.Repeat("é", 32) + ".0" }, err: studio.ErrLinkUnknown},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, nil)
				link := r.issue().Links[0]
				if row.prepare != nil {
					row.prepare(r, link)
				}
				before := r.studio.calls()
				c := studio.Click{ID: "1.1", Person: jane, Handle: link.Handle, ResponseURL: "https://hooks.slack.com/actions/secret"}
				if row.click != nil {
					row.click(&c)
				}
				if row.allowed == nil {
					row.allowed = allowAll
				}
				opened, err := r.Arm(t.Context(), c, row.allowed)
				if !errors.Is(err, row.err) {
					t.Fatalf("Arm = %v, want %v", err, row.err)
				}
				if row.err == studio.ErrLinkUsed && (opened.Option != options[0] || opened.At.IsZero() || opened.ResponseURL != c.ResponseURL) {
					t.Errorf("a used link says %+v", opened)
				}
				w := r.browser("192.0.2.2").get(link)
				if row.err == nil {
					opens(t, w, 302)
				} else if w.Code == 302 || r.studio.calls() != before {
					t.Errorf("a refused click opened the link (%d)", w.Code)
				}
				if row.err != nil && row.err != studio.ErrLinkUsed && !strings.Contains(r.log.String(), `"step":"refused"`) {
					t.Error("no audit line")
				}
			})
		})
	}
}

func TestRedeliveredClickDoesNotArmAnew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, nil)
		link := r.issue().Links[0]
		c := studio.Click{ID: "1.1", Person: jane, Handle: link.Handle}
		for range 2 {
			if _, err := r.Arm(t.Context(), c, allowAll); err != nil {
				t.Fatal(err)
			}
			time.Sleep(20 * time.Second)
		}
		says(t, r.browser("192.0.2.1").get(link), 200, waiting)
	})
}

func TestDenials(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name   string
		denial func() launch.Denial
		opens  bool
	}{
		{"blocked", func() launch.Denial { return launch.Denial{Reason: "blocked"} }, false},
		{"lost access after the link was issued", func() launch.Denial {
			return launch.Denial{Reason: "unlinked", Before: time.Now(), Until: time.Now().Add(time.Hour)}
		}, false},
		{"lost access before", func() launch.Denial {
			return launch.Denial{Reason: "unlinked", Before: time.Now().Add(-time.Minute), Until: time.Now().Add(time.Hour)}
		}, true},
		{"over", func() launch.Denial { return launch.Denial{Reason: "deactivated", Until: time.Now().Add(-time.Second)} }, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, nil)
				link := r.issue().Links[0]
				r.mustClick(link)
				time.Sleep(time.Second)
				d := row.denial()
				if err := r.Deny(t.Context(), jane, d); err != nil {
					t.Fatal(err)
				}
				w := r.browser("192.0.2.1").get(link)
				if row.opens {
					opens(t, w, 302)
					return
				}
				says(t, w, 403, "Your access has changed.")
				if r.studio.calls() != 0 {
					t.Error("SageMaker was asked")
				}
				if err := r.Lift(t.Context(), jane, d.Reason); err != nil {
					t.Fatal(err)
				}
				opens(t, r.browser("192.0.2.1").get(link), 302)
			})
		})
	}
}

func TestFullStoreIsBusy(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *launch.Options) {
		o.Store = &flaky{Store: o.Store, fail: map[string][]fault{"Create": {{err: launch.ErrFull}}}}
	})
	if _, err := r.Issue(t.Context(), jane, options, "t", time.Now()); !errors.Is(err, studio.ErrBusy) {
		t.Errorf("Issue = %v, want ErrBusy", err)
	}
}

// Access that is taken away while SageMaker is being asked stops the launch.
func TestDeniedWhileOpening(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, nil)
		r.studio.before = func(ctx context.Context) error {
			return r.Deny(ctx, jane, launch.Denial{Reason: "blocked"})
		}
		link := r.issue().Links[0]
		r.mustClick(link)
		says(t, r.browser("192.0.2.1").get(link), 403, "Your access has changed.")
	})
}
