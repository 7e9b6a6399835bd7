package requests_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/studiobot/studiobot/requests"
	"github.com/studiobot/studiobot/studio"
)

// A withdrawal that couldn't be carried out at once is carried out later.
func TestWithdrawnStaysWithdrawn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		w.fails["unlink"] = 3
		w.runs()
		r := w.ask(uma, "prod", "jane-doe")
		synctest.Wait()
		w.onLink = func() {
			w.onLink = nil
			if err := w.Withdraw(t.Context(), abe, uma, ""); err != nil {
				t.Error(err)
			}
		}
		if _, err := w.Approve(t.Context(), by(r, ann)); err != nil {
			t.Fatal(err)
		}
		later(time.Hour)
		if now := w.load(r); !now.Finished || len(w.links) != 1 || len(w.rows) != 0 || len(w.told) != 1 {
			t.Errorf("%+v, linked %v, left %v", now, w.links, w.rows)
		}
	})
}

// Only what was withdrawn is taken back, whatever somebody wrote into a denial.
func TestDenialTakesNothingBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		w.rows["U0UMA/prod"] = "jane-doe" // an admin linked her meanwhile
		w.runs()
		r := w.ask(uma, "prod", "jane-doe")
		synctest.Wait()
		d := by(r, ann)
		d.Reason = studio.AnswerWithdrawn
		if _, err := w.Deny(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		later(time.Hour)
		if now := w.load(r); !now.Finished || len(w.rows) != 1 {
			t.Errorf("%+v, %v", now, w.rows)
		}
	})
}

// While somebody links, nobody else finishes the request: it would be gone by the
// time the link is there.
func TestWithdrawWhileLinkingHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		r := w.ask(uma, "prod", "jane-doe")
		hang := make(chan struct{})
		w.onLink = func() {
			w.onLink = nil
			if err := w.Withdraw(t.Context(), abe, uma, ""); err != nil {
				t.Error(err)
			}
			<-hang
		}
		w.runs()
		synctest.Wait()
		if _, err := w.Approve(t.Context(), by(r, ann)); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		w.runs() // another process
		later(time.Minute)
		if w.load(r).Finished {
			t.Error("finished while somebody links it")
		}
		close(hang)
		later(time.Hour)
		if now := w.load(r); !now.Finished || len(w.links) != 1 || len(w.rows) != 0 {
			t.Errorf("%+v, linked %v, left %v", now, w.links, w.rows)
		}
	})
}

// Of two approvals of one profile the second doesn't give it away again, also
// when both were pressed before either was carried out.
func TestTwoApprovalsOfOneProfile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w *world
		w = newWorld(t, func(o *requests.Options) {
			o.Others = func(_ context.Context, p studio.Person, _, profile string) (out []studio.Person, err error) {
				w.mu.Lock()
				defer w.mu.Unlock()
				for key, has := range w.rows {
					if user, _, _ := strings.Cut(key, "/"); has == profile && user != p.User {
						out = append(out, studio.Person{User: user})
					}
				}
				return out, nil
			}
		})
		w.runs()
		first, second := w.ask(uma, "prod", "jane-doe"), w.ask(studio.Person{Team: "T0ACME", User: "U0MAL"}, "prod", "jane-doe")
		synctest.Wait()
		w.mu.Lock()
		w.fails["look"] = 4 // SageMaker is away for a moment
		w.mu.Unlock()
		if _, err := w.Approve(t.Context(), by(first, ann)); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Approve(t.Context(), by(second, abe)); err != nil {
			t.Fatal(err)
		}
		later(time.Hour)
		a, b := w.load(first), w.load(second)
		if len(w.rows) != 1 || a.State == b.State || a.Answer+b.Answer != studio.AnswerTaken {
			t.Errorf("%v\n%+v\n%+v", w.rows, a, b)
		}
	})
}

// Who is denied gets nothing, at whichever point the denial comes.
func TestDeniedIsNotLinked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		w.runs()
		r := w.ask(uma, "prod", "jane-doe")
		synctest.Wait()
		for _, refusal := range []error{studio.ErrDenied, studio.ErrUnsure} {
			w.refuse(refusal)
			if now, err := w.Approve(t.Context(), by(r, ann)); !errors.Is(err, refusal) || now.State != studio.RequestOpen {
				t.Errorf("%+v, %v", now, err)
			}
		}
		w.refuse(studio.ErrDenied)
		if _, _, err := w.Ask(t.Context(), studio.Asking{Person: uma, Domain: "research", Profile: "uma"}); !errors.Is(err, studio.ErrDenied) {
			t.Errorf("asked: %v", err)
		}
		w.refuse(nil)
		w.mu.Lock()
		w.fails["look"] = 2
		w.mu.Unlock()
		if _, err := w.Approve(t.Context(), by(r, ann)); err != nil {
			t.Fatal(err)
		}
		w.refuse(studio.ErrDenied)
		later(time.Hour)
		if now := w.load(r); now.State != studio.RequestClosed || now.Answer != studio.AnswerDenied || len(w.links) != 0 || !now.Finished {
			t.Errorf("%+v, %v", now, w.links)
		}
	})
}
