package launch_test

import (
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/studiobot/studiobot/launch"
	"github.com/studiobot/studiobot/studio"
)

var styleNonce = regexp.MustCompile(`style-src 'nonce-([A-Z0-9]{20,})'`)

// Every page keeps the token to itself, runs nothing and leads back to Slack.
func TestPagesAreSafe(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, nil)
		is := r.issue()
		b := r.browser("192.0.2.1")
		pages := map[string]*httptest.ResponseRecorder{
			"index":   b.send("GET", "https://studio.example.com/", ""),
			"nowhere": b.send("GET", "https://studio.example.com/admin", ""),
			"unknown": b.send("GET", "https://studio.example.com/launch/x", ""),
			"waiting": b.get(is.Links[0]),
		}
		r.mustClick(is.Links[1])
		r.studio.errs = []error{studio.ErrThrottled}
		pages["throttled"] = b.get(is.Links[1])
		time.Sleep(3 * time.Minute)
		pages["expired"] = b.get(is.Links[0])
		nonces := map[string]bool{}
		for name, w := range pages {
			h, body := w.Header(), w.Body.String()
			for header, want := range map[string]string{
				"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff",
				"X-Frame-Options": "DENY", "Content-Type": "text/html; charset=utf-8",
			} {
				if h.Get(header) != want {
					t.Errorf("%s: %s is %q, want %q", name, header, h.Get(header), want)
				}
			}
			csp := h.Get("Content-Security-Policy")
			m := styleNonce.FindStringSubmatch(csp)
			if m == nil || !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'none'") {
				t.Errorf("%s: policy %q", name, csp)
				continue
			}
			if nonces[m[1]] || !strings.Contains(body, `<style nonce="`+m[1]+`">`) {
				t.Errorf("%s: the nonce is reused or isn't the style's", name)
			}
			nonces[m[1]] = true
			if strings.Contains(body, "<script") || strings.Contains(body, " style=") || strings.Contains(body, "src=") {
				t.Errorf("%s: runs or loads something", name)
			}
			if !strings.Contains(body, `<html lang="en">`) || !strings.Contains(body, `name="viewport"`) || strings.Count(body, "<h1>") != 1 {
				t.Errorf("%s: not a page for everyone", name)
			}
			if !strings.Contains(body, `href="https://app.slack.com/client/`) {
				t.Errorf("%s: no way back to Slack", name)
			}
			if name != "index" && !strings.Contains(body, "Reference <code>") {
				t.Errorf("%s: no reference", name)
			}
			for _, link := range is.Links {
				if strings.Contains(body, link.URL[len(link.URL)-40:]) {
					t.Errorf("%s: the page repeats the token", name)
				}
			}
		}
	})
}

func TestLabelsAreEscaped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, func(o *launch.Options) { o.Proof = launch.ProofConfirm })
		is, err := r.Issue(t.Context(), jane, []studio.Option{{Domain: "d", Label: `<script>alert(1)</script>`, Profile: `"><b>`}}, "t", time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if body := r.browser("192.0.2.1").get(is.Links[0]).Body.String(); strings.Contains(body, "<script>") || strings.Contains(body, "<b>") {
			t.Error("a label came out as markup")
		}
	})
}

func TestPublicURLWithAPath(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *launch.Options) { o.PublicURL = o.PublicURL.JoinPath("/tools/studio") })
	link := r.issue().Links[0]
	if !strings.HasPrefix(link.URL, "https://studio.example.com/tools/studio/launch/") {
		t.Fatalf("link begins %.60s", link.URL)
	}
	r.mustClick(link)
	opens(t, r.browser("192.0.2.1").get(link), 302)
	if w := r.browser("192.0.2.1").send("GET", "https://studio.example.com/tools/studio/", ""); w.Code != 200 {
		t.Errorf("index: %d", w.Code)
	}
}

// Nothing that a log gets holds a token, a presigned URL or a response URL.
func TestLogHoldsNoSecret(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, nil)
		r.studio.errs = []error{studio.ErrThrottled}
		link, b := r.issue().Links[0], r.browser("192.0.2.1")
		b.get(link)
		r.mustClick(link)
		b.get(link)
		opens(t, b.get(link), 302)
		b.get(link)
		_ = r.click(mallory, link)
		token := link.URL[strings.LastIndex(link.URL, "/")+1:]
		for _, secret := range []string{token, token[:43], presigned, "hooks.slack.com"} {
			if strings.Contains(r.log.String(), secret) {
				t.Errorf("the log holds %.20s…", secret)
			}
		}
		for _, step := range []string{"issued", "armed", "opening", "handed_back", "opened", "refused"} {
			if !strings.Contains(r.log.String(), `"step":"`+step+`"`) {
				t.Errorf("no %s line", step)
			}
		}
	})
}

func FuzzLaunchPath(f *testing.F) {
	r := newRig(f, nil)
	is, err := r.Issue(f.Context(), jane, options, "fuzz", time.Now())
	if err != nil {
		f.Fatal(err)
	}
	good := strings.TrimPrefix(is.Links[0].URL, "https://studio.example.com/launch/")
	for _, seed := range []string{good, good + "x", good[:43], "", ".", "..", "%00", "a/b", good[:44] + "1", strings.Repeat("A", 43) + ".0", "é", "//", "?again"} {
		f.Add(seed)
	}
	if _, err := r.Arm(f.Context(), studio.Click{ID: "1", Person: jane, Handle: is.Links[0].Handle}, allowAll); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, path string) {
		req := httptest.NewRequest("GET", "https://studio.example.com/", nil)
		req.URL.Path, req.URL.RawPath = "/launch/"+path, ""
		w := httptest.NewRecorder()
		r.handler.ServeHTTP(w, req)
		if path != good && path != good[:44]+"1" && w.Header().Get("Location") == presigned {
			t.Errorf("%q opened Studio", path)
		}
	})
}
