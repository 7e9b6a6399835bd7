package launch_test

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/studiobot/studiobot/launch"
	"github.com/studiobot/studiobot/studio"
)

// Each row of the design's table of requests, and what it leaves behind: the
// last column is what an ordinary launch gets afterwards.
func TestRequestTable(t *testing.T) {
	t.Parallel()
	const spends, leaves = false, true
	for _, row := range []struct {
		name   string
		proof  launch.Proof
		armed  bool
		method string
		query  string
		header []string
		body   string
		status int
		title  string // "" for the redirect
		usable bool   // opens afterwards
	}{
		{"GET armed", launch.ProofClick, true, "GET", "", nil, "", 302, "", spends},
		{"GET not armed", launch.ProofClick, false, "GET", "", nil, "", 200, waiting, leaves},
		{"reload of the waiting page", launch.ProofClick, false, "GET", "?again", nil, "", 200, waiting, leaves},
		{"confirm: GET armed", launch.ProofConfirm, true, "GET", "", nil, "", 302, "", spends},
		{"confirm: GET not armed", launch.ProofConfirm, false, "GET", "", nil, "", 200, confirm, leaves},
		{"confirm: POST without nonce", launch.ProofConfirm, false, "POST", "", nil, "a=b", 403, "That button press can&#39;t be accepted.", leaves},
		{"confirm: POST with a wrong nonce", launch.ProofConfirm, false, "POST", "", nil, "nonce=" + strings.Repeat("0", 32), 403, "That button press can&#39;t be accepted.", leaves},
		{"click: POST armed", launch.ProofClick, true, "POST", "", nil, "nonce=x", 405, "This link opens in a browser.", leaves},
		{"HEAD armed", launch.ProofClick, true, "HEAD", "", nil, "", 200, "200", leaves},
		{"OPTIONS armed", launch.ProofClick, true, "OPTIONS", "", nil, "", 204, "204", leaves},
		{"PUT armed", launch.ProofClick, true, "PUT", "", nil, "", 405, "This link opens in a browser.", leaves},
		{"DELETE armed", launch.ProofClick, true, "DELETE", "", nil, "", 405, "This link opens in a browser.", leaves},
		{"Sec-Purpose prefetch", launch.ProofClick, true, "GET", "", []string{"Sec-Purpose", "prefetch;prerender"}, "", 403, "This link is for one person&#39;s browser.", leaves},
		{"Purpose prefetch", launch.ProofClick, true, "GET", "", []string{"Purpose", "prefetch"}, "", 403, "This link is for one person&#39;s browser.", leaves},
		{"X-Moz prefetch", launch.ProofClick, true, "GET", "", []string{"X-Moz", "prefetch"}, "", 403, "This link is for one person&#39;s browser.", leaves},
		{"loaded as an image", launch.ProofClick, true, "GET", "", []string{"Sec-Fetch-Mode", "no-cors"}, "", 403, "This link is for one person&#39;s browser.", leaves},
		{"Slack's crawler", launch.ProofClick, true, "GET", "", []string{"User-Agent", "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"}, "", 403, "This link is for one person&#39;s browser.", leaves},
		{"a page opened by a person", launch.ProofClick, true, "GET", "", []string{"Sec-Fetch-Mode", "navigate", "Sec-Fetch-Site", "none"}, "", 302, "", spends},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, func(o *launch.Options) { o.Proof = row.proof })
				link := r.issue().Links[0]
				if row.armed {
					r.mustClick(link)
				}
				started := time.Now()
				w := r.browser("192.0.2.1").send(row.method, link.URL+row.query, row.body, row.header...)
				if row.title == "" {
					opens(t, w, row.status)
				} else {
					says(t, w, row.status, row.title)
				}
				if row.method == "HEAD" && w.Body.Len() > 0 {
					t.Error("HEAD has a body")
				}
				if time.Since(started) > 2*time.Second {
					t.Errorf("answered after %s", time.Since(started))
				}
				r.mustClickUnlessUsed(link)
				if w := r.browser("192.0.2.1").get(link); row.usable {
					opens(t, w, 302)
				} else {
					says(t, w, 410, used)
				}
				if r.studio.calls() != 1 {
					t.Errorf("SageMaker was asked %d times", r.studio.calls())
				}
			})
		})
	}
}

// mustClickUnlessUsed clicks once more, as a person would.
func (r *rig) mustClickUnlessUsed(link studio.Link) { _ = r.click(jane, link) }

var nonceField = regexp.MustCompile(`name="nonce" value="([0-9a-f]+)"`)

func TestConfirmPage(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name   string
		header []string
		opens  bool
	}{
		{"same origin", []string{"Sec-Fetch-Site", "same-origin", "Sec-Fetch-Mode", "navigate", "Origin", "null"}, true},
		{"a browser without fetch metadata", nil, true},
		{"another site", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Origin", "https://evil.example"}, false},
		{"another site, by its origin only", []string{"Origin", "https://evil.example"}, false},
		{"a script of another site", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors"}, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, func(o *launch.Options) { o.Proof = launch.ProofConfirm })
				is := r.issue()
				link, b := is.Links[0], r.browser("192.0.2.1")
				w := b.get(link)
				says(t, w, 200, confirm)
				m := nonceField.FindStringSubmatch(w.Body.String())
				if m == nil {
					t.Fatal("the page has no nonce")
				}
				if csp := w.Header().Get("Content-Security-Policy"); !strings.Contains(csp, "form-action 'self' https://*.studio.us-west-2.sagemaker.aws") {
					t.Errorf("the browser would stop the redirect that follows the form: %s", csp)
				}
				// The nonce of one button is no good for the other.
				says(t, b.send("POST", is.Links[1].URL, "nonce="+m[1]), 403, "That button press can&#39;t be accepted.")
				w = b.send("POST", link.URL, url.Values{"nonce": {m[1]}}.Encode(), row.header...)
				if !row.opens {
					says(t, w, 403, "That button press can&#39;t be accepted.")
					return
				}
				opens(t, w, 303)
				says(t, b.send("POST", link.URL, "nonce="+m[1]), 410, used)
			})
		})
	}
}

func TestConfirmFormIsBounded(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *launch.Options) { o.Proof = launch.ProofConfirm })
	w := r.browser("192.0.2.1").send("POST", r.issue().Links[0].URL, "nonce="+strings.Repeat("x", 1<<20))
	says(t, w, 403, "That button press can&#39;t be accepted.")
}

func TestClickOpensTheWaitingRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, nil)
		link := r.issue().Links[0]
		go func() {
			time.Sleep(1500 * time.Millisecond) // the bubble's clock
			r.mustClick(link)
		}()
		started := time.Now()
		opens(t, r.browser("192.0.2.1").get(link), 302)
		if waited := time.Since(started); waited != 1500*time.Millisecond {
			t.Errorf("opened %s after the request, want it with the click", waited)
		}
	})
}

func TestWaitingPage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, nil)
		link, b := r.issue().Links[0], r.browser("192.0.2.1")
		started := time.Now()
		w := b.get(link)
		says(t, w, 200, waiting)
		if time.Since(started) != 2*time.Second {
			t.Errorf("the page came after %s, want 2s", time.Since(started))
		}
		if !strings.Contains(w.Body.String(), `http-equiv="refresh" content="2; url=?again"`) {
			t.Error("the page doesn't look again")
		}
		if c := b.cookie; c == nil || !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Name != "__Host-studiobot_visitor" {
			t.Errorf("cookie %+v", b.cookie)
		}
		time.Sleep(2 * time.Second)
		if w = b.again(link); strings.Contains(w.Body.String(), "press it once more") {
			t.Error("after 4 s the page already asks to press again")
		}
		time.Sleep(12 * time.Second)
		if w = b.again(link); !strings.Contains(w.Body.String(), "press it once more") {
			t.Error("after 16 s the page doesn't ask to press again")
		}
		r.mustClick(link)
		opens(t, b.again(link), 302) // an early visitor, alone
		time.Sleep(2 * time.Minute)
		says(t, b.again(link), 410, used)
	})
}

func TestArmingLasts30Seconds(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		after time.Duration
		opens bool
	}{{29 * time.Second, true}, {30 * time.Second, false}} {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t, nil)
			link := r.issue().Links[0]
			r.mustClick(link)
			time.Sleep(row.after)
			w := r.browser("192.0.2.1").get(link)
			if !row.opens {
				says(t, w, 200, waiting)
				r.mustClick(link) // another click starts it again
				w = r.browser("192.0.2.2").get(link)
			}
			opens(t, w, 302)
		})
	}
}

func TestExpiryEndsArmingToo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, nil)
		link := r.issue().Links[0]
		time.Sleep(110 * time.Second)
		r.mustClick(link)
		time.Sleep(10 * time.Second)
		says(t, r.browser("192.0.2.1").get(link), 410, expired)
		if r.studio.calls() != 0 {
			t.Error("SageMaker was asked")
		}
		time.Sleep(2 * time.Minute)
		says(t, r.browser("192.0.2.1").get(link), 404, unknown)
	})
}

func TestBadTokens(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	link := r.issue().Links[0]
	r.mustClick(link)
	base, token := link.URL[:strings.LastIndex(link.URL, "/")+1], link.URL[strings.LastIndex(link.URL, "/")+1:]
	flipped := "A" + token[1:]
	if flipped == token {
		flipped = "B" + token[1:]
	}
	for name, bad := range map[string]string{
		"empty": "", "truncated": token[:20], "without index": token[:43], "index out of range": token[:44] + "7", "index with a zero": token[:44] + "00",
		"negative index": token[:44] + "-1", "overlong": strings.Repeat("A", 8000), "forged": flipped, "bad letters": "%21" + token[1:],
		"more path": token + "/x", "padding": token[:43] + "=.0", "upper case": strings.ToUpper(token), "spaces": "%20" + token, "dots": "..%2f" + token,
	} {
		if w := r.browser("192.0.2.1").send("GET", base+bad, ""); w.Code != 404 {
			t.Errorf("%s: %d %q, want 404", name, w.Code, title(w))
		}
	}
	// Odd ways to write the path of a good link repeat it nowhere.
	for _, odd := range []string{"//launch/", "/x/../launch/", "/launch/./", "/launch//"} {
		w := r.browser("192.0.2.1").send("GET", "https://studio.example.com"+odd+token, "")
		if w.Code != 404 || w.Header().Get("Location") != "" || strings.Contains(w.Body.String(), token) {
			t.Errorf("%s: %d, Location of %d characters", odd, w.Code, len(w.Header().Get("Location")))
		}
	}
	if r.studio.calls() != 0 {
		t.Error("SageMaker was asked for a bad token")
	}
	opens(t, r.browser("192.0.2.1").get(link), 302)
}

func TestOneWinner(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, nil)
		r.studio.before = func(ctx context.Context) error { time.Sleep(3 * time.Second); return nil }
		link := r.issue().Links[0]
		r.mustClick(link)
		const n = 200
		results := make(chan string, n)
		for range n {
			go func() { results <- title(r.browser("192.0.2.1").get(link)) }()
		}
		count := map[string]int{}
		for range n {
			count[<-results]++
		}
		if count["302"] != 1 || count[busy] != n-1 {
			t.Errorf("got %v, want one winner and the others told that it opens elsewhere", count)
		}
		says(t, r.browser("192.0.2.1").get(link), 410, used)
		if len(r.opened) != 1 || r.studio.calls() != 1 {
			t.Errorf("opened %d times, SageMaker asked %d times", len(r.opened), r.studio.calls())
		}
	})
}

func TestButtonsAreSpentByThemselves(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, nil)
		is := r.issue()
		r.mustClick(is.Links[0])
		says(t, r.browser("192.0.2.1").get(is.Links[1]), 200, waiting)
		opens(t, r.browser("192.0.2.1").get(is.Links[0]), 302)
		r.mustClick(is.Links[1])
		opens(t, r.browser("192.0.2.2").get(is.Links[1]), 302)
		if got := r.studio.opened; len(got) != 2 || got[0] != options[0] || got[1] != options[1] {
			t.Errorf("opened %v", got)
		}
	})
}
