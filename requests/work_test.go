package requests_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/studiobot/studiobot/requests"
	"github.com/studiobot/studiobot/studio"
)

// Each step fails, and fails though it happened; and the process dies after each
// number of store writes. In the end everything is done, and never half.
func TestEveryStepFails(t *testing.T) {
	for _, what := range []string{"show", "tell", "link", "create", "look", "nothing"} {
		for _, happened := range []bool{false, true} {
			for _, times := range []int{1, 3} {
				t.Run(fmt.Sprint(what, " ", times, " ", happened), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						w := newWorld(t, nil)
						r := w.ask(uma, "research", "uma-lind")
						w.runs()
						synctest.Wait()
						w.happened = happened
						w.fails[what] = times
						if _, err := w.Approve(t.Context(), by(r, ann)); err != nil {
							t.Fatal(err)
						}
						later(time.Minute)
						w.becomes("research/uma-lind", studio.InService)
						later(time.Hour)
						checkDone(t, w, r)
					})
				})
			}
		}
	}
}

func checkDone(t *testing.T, w *world, r studio.Request) {
	t.Helper()
	now := w.load(r)
	if !now.Finished || now.State != studio.RequestApproved || !now.Made || !now.Linked || !now.Shown || !now.Told {
		t.Errorf("%+v", now)
	}
	if len(w.created) != 1 || len(w.links) < 1 || len(w.told) < 1 || w.shown[len(w.shown)-1].State != studio.RequestApproved {
		t.Errorf("created %d, links %v, told %d, shown %d", len(w.created), w.links, len(w.told), len(w.shown))
	}
	for _, link := range w.links {
		if link != w.links[0] {
			t.Errorf("linked %v", w.links)
		}
	}
}

// dying is a store whose process dies: from the n-th write on, nothing works.
type dying struct {
	requests.Store
	left int
	die  context.CancelFunc
}

func (d *dying) UpdateRequest(ctx context.Context, id string, change func(*studio.Request) error) (studio.Request, error) {
	if d.left--; d.left < 0 {
		d.die()
		return studio.Request{}, errAway
	}
	return d.Store.UpdateRequest(ctx, id, change)
}

func (d *dying) UnfinishedRequests(ctx context.Context) ([]studio.Request, error) {
	if d.left < 0 {
		return nil, errAway
	}
	return d.Store.UnfinishedRequests(ctx)
}

func TestCrashBetweenAnyTwoSteps(t *testing.T) {
	for writes := range 14 {
		t.Run(fmt.Sprint(writes), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var mortal *dying
				w := newWorld(t, func(o *requests.Options) {
					mortal = &dying{Store: o.Store, left: writes}
					o.Store = mortal
				})
				ctx, die := context.WithCancel(t.Context())
				mortal.die = die
				r := w.ask(uma, "research", "uma-lind")
				w.becomes("research/uma-lind", studio.InService) // somebody has made it
				ended := make(chan struct{})
				go func() { defer close(ended); w.Run(ctx) }()
				synctest.Wait()
				_, err := w.Approve(ctx, by(r, ann)) // may be what kills it
				later(time.Hour)
				die()
				<-ended
				// Another process finds what is there.
				mortal.left, mortal.die = 1<<30, func() {}
				undone := w.load(r).State == studio.RequestOpen
				if undone && (err == nil || len(w.links) > 0) {
					t.Fatalf("%v, %v", err, w.links)
				}
				w.runs()
				later(time.Hour)
				if undone {
					if _, err := w.Approve(t.Context(), by(r, ann)); err != nil {
						t.Fatal(err)
					}
					later(time.Hour)
				}
				now := w.load(r)
				if !now.Finished || len(w.told) == 0 || len(slices.Compact(slices.Clone(w.links))) != 1 { // linked again and again is the same
					t.Errorf("%+v, links %v, told %d", now, w.links, len(w.told))
				}
			})
		})
	}
}

func TestCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		w.runs()
		r := w.ask(uma, "prod", "jane-doe")
		later(requests.Life - time.Second)
		if w.load(r).State != studio.RequestOpen {
			t.Error("closed early")
		}
		later(2 * time.Second)
		if _, err := w.Approve(t.Context(), by(r, ann)); err == nil {
			t.Error("approved though its time is over")
		}
		later(2 * time.Minute)
		now := w.load(r)
		if now.State != studio.RequestClosed || now.Answer != studio.AnswerExpired || !now.Finished || len(w.told) != 1 || len(w.links) != 0 {
			t.Errorf("%+v, told %d", now, len(w.told))
		}
		again := w.ask(uma, "prod", "jane-doe") // a new one, with the ID of the old one
		if again.ID != r.ID || again.Serial == r.Serial {
			t.Errorf("%+v", again)
		}
		if _, err := w.Approve(t.Context(), by(r, ann)); err == nil {
			t.Error("the old one's button decides the new one")
		}
	})
}

// What can't be carried out closes the request, with the reason.
func TestGivesUp(t *testing.T) {
	for name, c := range map[string]struct {
		prepare func(*world)
		after   func(*world)
		want    string
	}{
		"the profile fails":            {nil, func(w *world) { w.becomes("research/uma-lind", "Failed") }, studio.AnswerFailed},
		"the profile is being deleted": {nil, func(w *world) { w.becomes("research/uma-lind", "Deleting") }, studio.AnswerFailed},
		"AWS doesn't permit it":        {func(w *world) { w.fails["forbidden"] = 1 << 20 }, nil, studio.AnswerForbidden},
		"somebody else's by now": {nil, func(w *world) {
			w.becomes("research/uma-lind", studio.InService)
			w.mu.Lock()
			defer w.mu.Unlock()
			w.tags["research/uma-lind"] = map[string]string{"slack-user-id": "U0JANE"}
		}, studio.AnswerTaken},
		"SageMaker is away for days": {func(w *world) { w.fails["look"] = 1 << 20 }, nil, studio.AnswerFailed},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, nil)
				w.runs()
				r := w.ask(uma, "research", "uma-lind")
				synctest.Wait()
				if c.prepare != nil {
					c.prepare(w)
				}
				if _, err := w.Approve(t.Context(), by(r, ann)); err != nil {
					t.Fatal(err)
				}
				later(10 * time.Second)
				if c.after != nil {
					c.after(w)
				}
				later(48 * time.Hour)
				now := w.load(r)
				if now.State != studio.RequestClosed || now.Answer != c.want || !now.Finished || len(w.links) != 0 || len(w.told) != 1 {
					t.Errorf("%+v, links %v, told %d", now, w.links, len(w.told))
				}
			})
		})
	}
}

// Nobody to tell, and a message that can't be replaced, hold up nothing for ever.
func TestNobodyToTell(t *testing.T) {
	for _, what := range []string{"nobody", "tell", "show"} {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, nil)
				w.runs()
				r := w.ask(uma, "prod", "jane-doe")
				synctest.Wait()
				w.fails[what] = 1 << 20
				if _, err := w.Deny(t.Context(), by(r, ann)); err != nil {
					t.Fatal(err)
				}
				later(24 * time.Hour)
				if now := w.load(r); !now.Finished {
					t.Errorf("%+v", now)
				}
			})
		})
	}
}

// Several processes over one store do each step once.
func TestTwoProcesses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		for range 4 {
			w.runs()
		}
		r := w.ask(uma, "prod", "jane-doe")
		synctest.Wait()
		if _, err := w.Approve(t.Context(), by(r, ann)); err != nil {
			t.Fatal(err)
		}
		later(time.Hour)
		if len(w.shown) != 3 || len(w.told) != 1 || len(w.links) != 1 || !w.load(r).Finished {
			t.Errorf("shown %d, told %d, links %v", len(w.shown), len(w.told), w.links)
		}
	})
}
