package launch_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/studiobot/studiobot/launch"
	"github.com/studiobot/studiobot/studio"
)

// parked has a browser sit on the waiting page: it looks again every 2 s until
// it gets something else, which it sends.
func parked(b *browser, link studio.Link) <-chan *httptest.ResponseRecorder {
	out := make(chan *httptest.ResponseRecorder, 1)
	go func() {
		w := b.get(link)
		for w.Code == 200 {
			time.Sleep(2 * time.Second)
			w = b.again(link)
		}
		out <- w
	}()
	return out
}

func TestEarlyVisitorGoesLast(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, nil)
		link := r.issue().Links[0]
		stranger := parked(r.browser("198.51.100.7"), link)
		time.Sleep(5 * time.Second)
		r.mustClick(link)
		time.Sleep(1900 * time.Millisecond) // a slow owner
		opens(t, r.browser("192.0.2.1").get(link), 302)
		if w := <-stranger; w.Code == 302 {
			t.Error("the parked browser got Studio")
		}
	})
}

func TestLoneEarlyVisitorIsServed(t *testing.T) {
	t.Parallel()
	// A click that arrives late finds its owner on the waiting page.
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, nil)
		link := r.issue().Links[0]
		owner := parked(r.browser("192.0.2.1"), link)
		time.Sleep(5 * time.Second)
		r.mustClick(link)
		clicked := time.Now()
		opens(t, <-owner, 302)
		if waited := time.Since(clicked); waited < 2*time.Second || waited > 4*time.Second {
			t.Errorf("served %s after the click, want the 2 s for a newcomer and at most one reload", waited)
		}
	})
}

func TestOwnerWithTwoTabsOfOneBrowser(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, nil)
		link, b := r.issue().Links[0], r.browser("192.0.2.1")
		says(t, b.get(link), 200, waiting) // a first tab, whose click never arrived
		time.Sleep(5 * time.Second)
		r.mustClick(link) // pressed again: a second tab, the same cookie
		opens(t, b.get(link), 302)
	})
}

func TestTwoEarlyVisitorsBurnTheLink(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, nil)
		link := r.issue().Links[0]
		one := parked(r.browser("192.0.2.1"), link)
		time.Sleep(time.Second)
		two := parked(r.browser("198.51.100.7"), link)
		time.Sleep(5 * time.Second)
		r.mustClick(link)
		for _, w := range []*httptest.ResponseRecorder{<-one, <-two} {
			says(t, w, 403, burned)
		}
		if r.studio.calls() != 0 {
			t.Error("SageMaker was asked")
		}
		if log := r.log.String(); strings.Count(log, `"level":"ERROR","msg":"audit","step":"burned"`) != 1 {
			t.Errorf("want one security line:\n%s", log)
		}
		if err := r.click(jane, link); err == nil {
			t.Error("a burned link was armed")
		}
		says(t, r.browser("192.0.2.9").get(link), 403, burned)
	})
}

func TestSameOfficeSameBrowserCountsAsTwo(t *testing.T) {
	t.Parallel()
	// A colleague behind the same address, with the same kind of browser, parks
	// with the cookie; the owner comes without one.
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, nil)
		link := r.issue().Links[0]
		colleague := parked(r.browser("192.0.2.1"), link)
		time.Sleep(5 * time.Second)
		r.mustClick(link)
		w := r.browser("192.0.2.1").get(link)
		if w.Code == 302 {
			t.Error("nothing tells the two apart, but one was served")
		}
		if w := <-colleague; w.Code == 302 {
			t.Error("the parked colleague got Studio")
		}
	})
}

func TestOwnerWithoutCookiesIsServed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, nil)
		link, b := r.issue().Links[0], r.browser("192.0.2.1")
		var w *httptest.ResponseRecorder
		for range 30 { // a minute on the waiting page
			b.cookie = nil
			w = b.again(link)
			time.Sleep(2 * time.Second)
		}
		says(t, w, 200, waiting)
		r.mustClick(link)
		b.cookie = nil
		opens(t, b.again(link), 302)
	})
}

func TestScannerThatIsGoneCompetesWithNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, nil)
		link := r.issue().Links[0]
		says(t, r.browser("203.0.113.99").get(link), 200, waiting)
		owner := parked(r.browser("192.0.2.1"), link)
		time.Sleep(8 * time.Second)
		r.mustClick(link)
		opens(t, <-owner, 302)
	})
}

// Whoever asks and hangs up before the 2 s are over, again and again, was still
// there before the click.
func TestHangingUpDoesNotHideAVisitor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, nil)
		link, b := r.issue().Links[0], r.browser("198.51.100.7")
		for range 4 {
			ctx, hangUp := context.WithTimeout(t.Context(), 1500*time.Millisecond)
			b.sendContext(ctx, "GET", link.URL, "")
			hangUp()
		}
		r.mustClick(link)
		stranger := make(chan *httptest.ResponseRecorder)
		go func() { stranger <- b.get(link) }()
		time.Sleep(1500 * time.Millisecond)
		opens(t, r.browser("192.0.2.1").get(link), 302)
		if w := <-stranger; w.Code == 302 {
			t.Error("served before the owner")
		}
	})
}

func TestTooManyVisitorsBurnTheLink(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, nil)
		link := r.issue().Links[0]
		const most = 12
		for i := range most + 1 {
			w := r.browser(fmt.Sprintf("198.51.100.%d", i)).again(link)
			if want := 200; i < most && w.Code != want {
				t.Fatalf("visitor %d got %d", i, w.Code)
			} else if i == most {
				says(t, w, 403, burned)
			}
		}
		if err := r.click(jane, link); err == nil {
			t.Error("armed a link that 13 browsers were waiting for")
		}
	})
}

func TestHandedBackLinkServesItsOwnerAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, nil)
		r.studio.errs = []error{studio.ErrUnavailable}
		link, b := r.issue().Links[0], r.browser("192.0.2.1")
		r.mustClick(link)
		says(t, b.get(link), 503, "Studio can&#39;t be reached right now.")
		time.Sleep(20 * time.Second)
		started := time.Now()
		opens(t, b.get(link), 302)
		if waited := time.Since(started); waited != 0 {
			t.Errorf("waited %s", waited)
		}
	})
}

// A program that takes another name at every request is still there before the
// click.
func TestChangingNamesDoesNotHideAVisitor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, nil)
		link := r.issue().Links[0]
		stranger := make(chan *httptest.ResponseRecorder, 1)
		go func() {
			for i := 0; ; i++ {
				b := r.browser("198.51.100.7")
				b.agent = fmt.Sprint("Mozilla/5.0 number ", i)
				if w := b.get(link); w.Code != 200 {
					stranger <- w
					return
				}
			}
		}()
		time.Sleep(15 * time.Second)
		r.mustClick(link)
		time.Sleep(200 * time.Millisecond)
		opens(t, r.browser("192.0.2.1").get(link), 302)
		if w := <-stranger; w.Code == 302 {
			t.Error("the stranger got Studio")
		}
	})
}

// A colleague makes the owner look early by looking like them, and comes back
// with another name: nothing tells the two apart, so nobody is served.
func TestLookingLikeTheOwner(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, nil)
		link := r.issue().Links[0]
		says(t, r.browser("192.0.2.1").get(link), 200, waiting) // with the owner's kind of browser
		time.Sleep(5 * time.Second)
		r.mustClick(link)
		owner := make(chan *httptest.ResponseRecorder)
		go func() { owner <- r.browser("192.0.2.1").get(link) }()
		time.Sleep(1500 * time.Millisecond)
		b := r.browser("192.0.2.1")
		b.agent = "Mozilla/5.0 something else"
		says(t, b.get(link), 403, burned)
		says(t, <-owner, 403, burned)
	})
}

// What is handed back is for the browser that tried, until the next click.
func TestHandedBackLinkIsNobodyElses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, nil)
		r.studio.errs = []error{studio.ErrThrottled}
		link, owner := r.issue().Links[0], r.browser("192.0.2.1")
		stranger := parked(r.browser("198.51.100.7"), link)
		time.Sleep(4500 * time.Millisecond)
		r.mustClick(link)
		says(t, owner.get(link), 503, "AWS is busy right now.")
		time.Sleep(10 * time.Second)
		opens(t, owner.get(link), 302)
		if w := <-stranger; w.Code == 302 {
			t.Error("the parked browser got Studio")
		}
	})
}

func TestHandedBackConfirmationArmsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, func(o *launch.Options) { o.Proof = launch.ProofConfirm })
		r.studio.errs = []error{studio.ErrThrottled}
		link, b := r.issue().Links[0], r.browser("192.0.2.1")
		nonce := nonceField.FindStringSubmatch(b.get(link).Body.String())[1]
		says(t, b.send("POST", link.URL, "nonce="+nonce), 503, "AWS is busy right now.")
		says(t, r.browser("198.51.100.7").get(link), 200, confirm)
		opens(t, b.send("POST", link.URL, "nonce="+nonce), 303)
	})
}
