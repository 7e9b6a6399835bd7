package launch_test

import (
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/studiobot/studiobot/launch"
)

var (
	refreshTag = regexp.MustCompile(`<meta http-equiv="refresh" content="0; url=([^"]*)">`)
	leaveLink  = regexp.MustCompile(`<a class="go" href="([^"]*)" rel="noreferrer">Open Studio</a>`)
)

// leaves checks that the answer is the page that leads to Studio, and that the
// URL stands nowhere but there.
func leaves(t *testing.T, w *httptest.ResponseRecorder, to string) {
	t.Helper()
	says(t, w, http.StatusOK, "Opening Studio")
	for what, tag := range map[string]*regexp.Regexp{"refresh": refreshTag, "link": leaveLink} {
		if m := tag.FindAllStringSubmatch(w.Body.String(), -1); len(m) != 1 || html.UnescapeString(m[0][1]) != to {
			t.Errorf("the %s doesn't lead to Studio: %d of them", what, len(m))
		}
	}
	for name, values := range w.Header() {
		if strings.Contains(strings.Join(values, " "), "token=") {
			t.Errorf("the URL stands in %s", name)
		}
	}
	for name, want := range map[string]string{"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	csp := w.Header().Get("Content-Security-Policy")
	if !strings.HasPrefix(csp, "default-src 'none'") || strings.Contains(csp, "script") || strings.Contains(w.Body.String(), "<script") {
		t.Errorf("the policy is %q", csp)
	}
}

// With delivery: page a link is spent as with a redirect: once.
func TestDeliveryByPage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, func(o *launch.Options) { o.Delivery = launch.DeliverPage })
		b := r.browser("192.0.2.1")
		link := r.issue().Links[0]
		if w := b.send(http.MethodHead, link.URL, ""); w.Code != http.StatusOK || w.Body.Len() > 0 {
			t.Errorf("HEAD: %d", w.Code)
		}
		says(t, b.get(link), http.StatusOK, waiting)
		r.mustClick(link)
		says(t, b.send(http.MethodGet, link.URL, "", "Purpose", "prefetch"), http.StatusForbidden, "This link is for one person&#39;s browser.")
		leaves(t, b.get(link), presigned)
		says(t, b.get(link), http.StatusGone, used)
		if r.studio.calls() != 1 || len(r.opened) != 1 {
			t.Errorf("%d URLs, %d opened, want one", r.studio.calls(), len(r.opened))
		}
		if strings.Contains(r.log.String(), "token=") {
			t.Error("the URL is in the log")
		}
	})
}

// The form's answer is the page, too.
func TestDeliveryByPageConfirmed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, func(o *launch.Options) { o.Delivery, o.Proof = launch.DeliverPage, launch.ProofConfirm })
		b, link := r.browser("192.0.2.1"), r.issue().Links[0]
		m := regexp.MustCompile(`name="nonce" value="([0-9a-f]+)"`).FindStringSubmatch(b.get(link).Body.String())
		if m == nil {
			t.Fatal("no form")
		}
		form := url.Values{"nonce": {m[1]}}.Encode()
		leaves(t, b.send(http.MethodPost, link.URL, form, "Sec-Fetch-Site", "same-origin"), presigned)
		says(t, b.send(http.MethodPost, link.URL, form, "Sec-Fetch-Site", "same-origin"), http.StatusGone, used)
	})
}
