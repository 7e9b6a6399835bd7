package launch_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/studiobot/studiobot/launch"
	"github.com/studiobot/studiobot/studio"
)

// signIns says who is signed in by a request's header, and when they did.
type signIns struct{ at map[string]studio.SignedIn }

func (s signIns) Session(r *http.Request) (studio.SignedIn, bool) {
	who, ok := s.at[r.Header.Get("X-Test-Session")]
	return who, ok
}

func (s signIns) Begin(w http.ResponseWriter, _ *http.Request, back, team string) {
	w.Header().Set("Location", "https://slack.com/openid?team="+team+"&back="+back)
	w.WriteHeader(http.StatusFound)
}

func (s signIns) StartPath(back string, _ bool) string { return "/auth/start?back=" + back }

func slackSession(user string) studio.SignedIn {
	return studio.SignedIn{Person: studio.Person{Team: jane.Team, User: user}, Since: time.Now()}
}

// A click vouches for 30 s, and a sign-in takes its time: who signed in since the
// click needs no other one. A session of before changes nothing, and neither does
// anybody else's.
func TestSlowSignIn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := signIns{at: map[string]studio.SignedIn{"old": slackSession(jane.User)}}
		r := newRig(t, func(o *launch.Options) { o.Proof, o.Browsers = launch.ProofSignIn, s })
		link := r.issue().Links[0]
		mine, parked := r.browser("192.0.2.1"), r.browser("198.51.100.7")
		r.mustClick(link)
		if w := mine.get(link); w.Code != http.StatusFound || w.Header().Get("Location")[:17] != "https://slack.com" {
			t.Fatalf("%d %s, want the sign-in", w.Code, w.Header().Get("Location"))
		}
		time.Sleep(70 * time.Second)
		s.at["eve"], s.at["new"] = slackSession("U0EVE"), slackSession(jane.User)
		if w := parked.send("GET", link.URL, "", "X-Test-Session", "eve"); w.Code != http.StatusForbidden {
			t.Errorf("somebody else: %d %s", w.Code, title(w))
		}
		if w := mine.send("GET", link.URL, "", "X-Test-Session", "old"); w.Code != http.StatusOK {
			t.Errorf("a session of before the click: %d %s, want the waiting page", w.Code, title(w))
		}
		if n := r.studio.calls(); n != 0 {
			t.Errorf("Studio was asked %d times", n)
		}
		opens(t, r.browser("192.0.2.9").send("GET", link.URL, "", "X-Test-Session", "new"), http.StatusFound)
		says(t, mine.send("GET", link.URL, "", "X-Test-Session", "new"), http.StatusGone, "This link has already been used.")
		late := r.issue().Links[0]
		r.mustClick(late)
		time.Sleep(2 * time.Minute)
		s.at["later"] = slackSession(jane.User)
		says(t, mine.send("GET", late.URL, "", "X-Test-Session", "later"), http.StatusGone, "This link has expired.")
		never := r.issue().Links[0]
		s.at["latest"] = slackSession(jane.User)
		if w := mine.send("GET", never.URL, "", "X-Test-Session", "latest"); w.Code != http.StatusOK {
			t.Errorf("nobody clicked: %d %s, want the waiting page", w.Code, title(w))
		}
	})
}

// Who isn't the ticket's person leaves no trace in it, however many they are and
// however long they wait.
func TestSignInLeavesNoTrace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := signIns{at: map[string]studio.SignedIn{"eve": slackSession("U0EVE"), "mine": slackSession(jane.User), "mail": {Email: "a@example.com"}}}
		r := newRig(t, func(o *launch.Options) { o.Proof, o.Browsers = launch.ProofSignIn, s })
		link := r.issue().Links[0]
		for i := range 20 {
			b := r.browser(fmt.Sprintf("198.51.100.%d", i+1))
			b.get(link)
			b.send("GET", link.URL, "", "X-Test-Session", "eve")
			b.send("GET", link.URL, "", "X-Test-Session", "mail")
		}
		time.Sleep(10 * time.Second)
		r.mustClick(link)
		opens(t, r.browser("192.0.2.1").send("GET", link.URL, "", "X-Test-Session", "mine"), http.StatusFound)
	})
}

// A ticket holds no address, and one whose person's address can't be said is none.
func TestTicketHoldsNoAddress(t *testing.T) {
	t.Parallel()
	email, fails := "jane@example.com", error(nil)
	s := signIns{at: map[string]studio.SignedIn{"jane": {Email: email}, "eve": {Email: "eve@example.com"}, "slack": slackSession(jane.User)}}
	r := newRig(t, func(o *launch.Options) {
		o.Proof, o.Browsers = launch.ProofSignIn, s
		o.Address = func(context.Context, studio.Person) (string, error) { return email, fails }
	})
	link := r.issue().Links[0]
	kept, err := r.store.Load(t.Context(), link.Handle[:64])
	if err != nil || len(kept.Email) != 64 {
		t.Fatalf("%+v, %v", kept, err)
	}
	r.mustClick(link)
	says(t, r.browser("192.0.2.1").send("GET", link.URL, "", "X-Test-Session", "eve"), http.StatusForbidden, "Another account is needed.")
	opens(t, r.browser("192.0.2.1").send("GET", link.URL, "", "X-Test-Session", "jane"), http.StatusFound)
	email = ""
	none := r.issue().Links[0]
	r.mustClick(none)
	says(t, r.browser("192.0.2.1").send("GET", none.URL, "", "X-Test-Session", "jane"), http.StatusForbidden, "Your account can&#39;t be recognised.")
	fails = studio.ErrUnsure
	if _, err := r.Issue(t.Context(), jane, []studio.Option{link.Option}, "x", time.Now()); !errors.Is(err, studio.ErrUnsure) {
		t.Errorf("issued without an address: %v", err)
	}
}
