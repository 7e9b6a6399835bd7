package requests_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/studiobot/studiobot/requests"
	"github.com/studiobot/studiobot/studio"
)

func TestAsk(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	r := w.ask(uma, "prod", "jane-doe")
	if r.State != studio.RequestOpen || r.Reason != "because" || r.Label != "Production" || r.Closes.Sub(r.Asked) != requests.Life {
		t.Errorf("%+v", r)
	}
	again, made, err := w.Ask(t.Context(), studio.Asking{Person: uma, Domain: "prod", Profile: "other"})
	if err != nil || made || again.Serial != r.Serial || again.Profile != r.Profile {
		t.Errorf("asked twice: %+v, %v, %v", again, made, err)
	}
	if other := w.ask(ann, "prod", "jane-doe"); other.ID == r.ID {
		t.Error("two people have one request")
	}
	for name, a := range map[string]studio.Asking{
		"a domain that isn't there": {Person: uma, Domain: "elsewhere", Profile: "jane"},
		"no profile's name":         {Person: uma, Domain: "research", Profile: "jane.doe"},
		"no name":                   {Person: uma, Domain: "research"},
		"the word for nothing":      {Person: uma, Domain: "research", Profile: "Deny"},
		"a novel":                   {Person: uma, Domain: "research", Profile: "jane", Reason: strings.Repeat("é", studio.MaxReason+1)},
		"no text":                   {Person: uma, Domain: "research", Profile: "jane", Reason: "\xff"},
	} {
		if _, made, err := w.Ask(t.Context(), a); !errors.Is(err, studio.ErrInvalid) || made {
			t.Errorf("%s: %v, %v", name, made, err)
		}
	}
	open, err := w.Open(t.Context())
	if err != nil || len(open) != 2 {
		t.Errorf("%+v, %v", open, err)
	}
}

// The whole way: made, linked, shown and told, once each.
func TestApproveMakesTheProfile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		w.runs()
		r := w.ask(uma, "research", "uma-lind")
		synctest.Wait()
		if len(w.shown) != 1 || w.load(r).Message == "" {
			t.Fatalf("shown %+v", w.shown)
		}
		if _, err := w.Approve(t.Context(), by(r, ann)); err != nil {
			t.Fatal(err)
		}
		later(30 * time.Second)
		if len(w.created) != 1 || len(w.links) != 0 || len(w.told) != 0 {
			t.Fatalf("while it is pending: created %+v, links %v, told %+v", w.created, w.links, w.told)
		}
		want := map[string]string{"studiobot": "enabled", "slack-user-id": "U0UMA"}
		if fmt.Sprint(w.created[0].Tags) != fmt.Sprint(want) || w.created[0].Domain != "research" || w.created[0].Name != "uma-lind" {
			t.Errorf("%+v", w.created[0])
		}
		w.becomes("research/uma-lind", studio.InService)
		later(10 * time.Minute)
		now := w.load(r)
		if !now.Finished || now.State != studio.RequestApproved || now.Decider != ann {
			t.Errorf("%+v", now)
		}
		if fmt.Sprint(w.links) != "[T0ACME/U0UMA research uma-lind T0ACME/U0ANN]" || len(w.shown) != 3 || len(w.told) != 1 {
			t.Errorf("links %v, shown %d, told %d", w.links, len(w.shown), len(w.told))
		}
		for _, line := range []string{"step=asked", "step=approved", "step=created", "actor=T0ACME/U0ANN"} {
			if !strings.Contains(w.log.String(), line) {
				t.Errorf("no %s in the trail:\n%s", line, w.log)
			}
		}
	})
}

func TestDecisionsThatAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.tags["prod/taken"], w.profiles["prod/taken"] = map[string]string{"slack-user-id": "U0JANE"}, studio.Profile{Name: "taken", Status: studio.InService}
	w.tags["prod/hers"], w.profiles["prod/hers"] = map[string]string{"slack-user-id": "T0ACME/U0ABE"}, studio.Profile{Name: "hers", Status: studio.InService}
	r, own, missing, taken := w.ask(uma, "prod", "jane-doe"), w.ask(ann, "prod", "jane-doe"), w.ask(uma, "research", "new"), w.ask(abe, "prod", "hers")
	gone := r
	gone.Serial = "another"
	for _, c := range []struct {
		name   string
		decide func() (studio.Request, error)
		want   error
	}{
		{"not an admin", func() (studio.Request, error) { return w.Approve(t.Context(), by(r, uma)) }, studio.ErrNotAdmin},
		{"not an admin, denying", func() (studio.Request, error) { return w.Deny(t.Context(), by(r, uma)) }, studio.ErrNotAdmin},
		{"one's own", func() (studio.Request, error) { return w.Approve(t.Context(), by(own, ann)) }, studio.ErrOwnRequest},
		{"an older one's button", func() (studio.Request, error) { return w.Approve(t.Context(), by(gone, ann)) }, studio.ErrRequestGone},
		{"no such request", func() (studio.Request, error) { return w.Deny(t.Context(), studio.Decision{ID: "X", By: ann}) }, studio.ErrRequestGone},
		{"too long an answer", func() (studio.Request, error) {
			d := by(r, ann)
			d.Reason = strings.Repeat("x", studio.MaxReason+1)
			return w.Deny(t.Context(), d)
		}, studio.ErrInvalid},
		{"one that is to be made is no mistake", func() (studio.Request, error) { return w.Approve(t.Context(), by(missing, ann)) }, nil},
		{"one's own denied", func() (studio.Request, error) { return w.Deny(t.Context(), by(own, ann)) }, nil},
		{"with the person's own tag", func() (studio.Request, error) { return w.Approve(t.Context(), by(taken, ann)) }, nil},
		{"decided", func() (studio.Request, error) { return w.Approve(t.Context(), by(taken, abe)) }, studio.ErrDecided},
	} {
		if _, err := c.decide(); !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	w.notAdmin = errAway
	if _, err := w.Approve(t.Context(), by(r, ann)); !errors.Is(err, studio.ErrUnsure) {
		t.Errorf("nobody knows whether that is an admin: %v", err)
	}
	w.notAdmin = nil
	sam := w.ask(studio.Person{Team: "T0ACME", User: "U0SAM"}, "prod", "taken")
	if _, err := w.Approve(t.Context(), by(sam, ann)); !errors.Is(err, studio.ErrProfileTaken) || w.load(sam).State != studio.RequestOpen {
		t.Errorf("somebody else's profile: %v", err)
	}
	w.others = []studio.Person{abe}
	shared := w.ask(studio.Person{Team: "T0ACME", User: "U0NIL"}, "research", "shared")
	if got, err := w.Approve(t.Context(), by(shared, ann)); !errors.Is(err, studio.ErrProfileTaken) || len(got.Others) != 1 || w.load(shared).State != studio.RequestOpen {
		t.Errorf("a profile that another source gives to somebody: %+v, %v", got, err)
	}
	w.others = nil
	nobody := w.ask(studio.Person{Team: "T0ACME", User: "U0NIL"}, "prod", "nobody")
	if _, err := w.Approve(t.Context(), by(nobody, ann)); !errors.Is(err, studio.ErrNoProfile) || w.load(nobody).State != studio.RequestOpen {
		t.Errorf("no such profile, and none is made: %v", err)
	}
}

func TestSelfApproval(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *requests.Options) { o.SelfApproval = true })
	if _, err := w.Approve(t.Context(), by(w.ask(ann, "prod", "jane-doe"), ann)); err != nil {
		t.Error(err)
	}
}

// Of any number of approvers one decides.
func TestOneDecides(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	r := w.ask(uma, "prod", "jane-doe")
	var mu sync.Mutex
	var won, late int
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			d := by(r, ann)
			var err error
			if i%2 == 0 {
				d.By, d.Reason = abe, fmt.Sprint("no ", i)
				_, err = w.Deny(t.Context(), d)
			} else {
				_, err = w.Approve(t.Context(), d)
			}
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				won++
			case errors.Is(err, studio.ErrDecided):
				late++
			default:
				t.Error(err)
			}
		})
	}
	all.Wait()
	// An approver who presses twice has decided both times: the same.
	if approved := w.load(r).State == studio.RequestApproved; approved && (won > 10 || won+late != 20) || !approved && won != 1 {
		t.Errorf("%d decided, %d were late, %+v", won, late, w.load(r))
	}
}
