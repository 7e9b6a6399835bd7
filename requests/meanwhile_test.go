package requests_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/studiobot/studiobot/requests"
	"github.com/studiobot/studiobot/studio"
)

// A process that is asked to stop in the middle of a step holds up the next one
// for no longer than that.
func TestStopsInTheMiddle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		r := w.ask(uma, "prod", "jane-doe")
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); w.Run(ctx) }()
		synctest.Wait()
		w.fails["show"], w.onFail = 1, stop
		if _, err := w.Approve(t.Context(), by(r, ann)); err != nil {
			t.Fatal(err)
		}
		<-ended
		w.runs()
		later(time.Second)
		if now := w.load(r); !now.Finished {
			t.Errorf("%+v", now)
		}
	})
}

// A decision that comes while the request is being shown is carried out, too.
func TestDecidedWhileItIsShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		r := w.ask(uma, "prod", "jane-doe")
		w.onShow = func() {
			w.onShow = nil
			if _, err := w.Approve(t.Context(), by(r, ann)); err != nil {
				t.Error(err)
			}
		}
		w.runs()
		later(time.Minute)
		if now := w.load(r); !now.Finished || len(w.links) != 1 || len(w.told) != 1 {
			t.Errorf("%+v, links %v", now, w.links)
		}
	})
}

// What an admin takes back stays taken back, wherever the approval stands.
func TestWithdraw(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		w.runs()
		r := w.ask(uma, "research", "uma-lind") // made, and pending for long
		synctest.Wait()
		if _, err := w.Approve(t.Context(), by(r, ann)); err != nil {
			t.Fatal(err)
		}
		later(time.Minute)
		if open, err := w.Open(t.Context()); err != nil || len(open) != 1 || open[0].State != studio.RequestApproved {
			t.Errorf("%+v, %v", open, err)
		}
		if err := w.Withdraw(t.Context(), abe, uma, "prod"); err != nil || w.load(r).State != studio.RequestApproved {
			t.Errorf("another domain's was withdrawn: %v", err)
		}
		if err := w.Withdraw(t.Context(), abe, uma, ""); err != nil {
			t.Fatal(err)
		}
		w.becomes("research/uma-lind", studio.InService)
		later(time.Hour)
		if now := w.load(r); now.State != studio.RequestClosed || now.Answer != studio.AnswerWithdrawn || !now.Finished || len(w.links) != 0 || len(w.told) != 1 {
			t.Errorf("%+v, links %v", now, w.links)
		}
		// In the middle of being linked.
		again := w.ask(uma, "prod", "jane-doe")
		w.onLink = func() {
			w.onLink = nil
			if err := w.Withdraw(t.Context(), abe, uma, ""); err != nil {
				t.Error(err)
			}
		}
		if _, err := w.Approve(t.Context(), by(again, ann)); err != nil {
			t.Fatal(err)
		}
		later(time.Hour)
		if now := w.load(again); now.State != studio.RequestClosed || !now.Finished || len(w.links) != 1 || len(w.rows) != 0 {
			t.Errorf("%+v, linked %v, left %v", now, w.links, w.rows)
		}
	})
}

func TestTooManyRequests(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *requests.Options) {
		for i := range 9 {
			o.Domains = append(o.Domains, requests.Domain{Name: fmt.Sprint("d", i), Label: "D"})
		}
	})
	for i := range 5 {
		w.ask(uma, fmt.Sprint("d", i), "uma")
	}
	if _, made, err := w.Ask(t.Context(), studio.Asking{Person: uma, Domain: "d5", Profile: "uma"}); !errors.Is(err, studio.ErrBusy) || made {
		t.Errorf("a sixth: %v", err)
	}
	if _, made, err := w.Ask(t.Context(), studio.Asking{Person: uma, Domain: "d4", Profile: "uma"}); err != nil || made {
		t.Errorf("one of the five again: %v, %v", made, err)
	}
	w.ask(ann, "d5", "ann")
}

// The approvers see whether there is such a profile, and whose it is.
func TestApproversSeeWhose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		w.others = []studio.Person{abe}
		w.runs()
		w.ask(uma, "prod", "jane-doe")
		synctest.Wait()
		w.others = nil
		w.ask(uma, "research", "uma-lind")
		synctest.Wait()
		if len(w.shown) != 2 || w.shown[0].Exists != "yes" || len(w.shown[0].Others) != 1 || w.shown[1].Exists != "no" || len(w.shown[1].Others) != 0 {
			t.Errorf("%+v", w.shown)
		}
	})
}
