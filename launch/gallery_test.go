package launch_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"

	"github.com/studiobot/studiobot/launch"
	"github.com/studiobot/studiobot/studio"
)

// Every page that a browser can get, as files to look at:
// STUDIOBOT_GALLERY=folder go test -run TestGallery ./launch
func TestGallery(t *testing.T) {
	t.Parallel()
	folder := os.Getenv("STUDIOBOT_GALLERY")
	keep := func(name, body string) {
		if len(body) < 500 {
			t.Errorf("%s: a page of %d bytes", name, len(body))
		}
		if folder == "" {
			return
		}
		if err := os.WriteFile(filepath.Join(folder, name+".html"), []byte(body), 0o600); err != nil {
			t.Error(err)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, nil)
		b := r.browser("192.0.2.1")
		keep("index", b.send("GET", "https://studio.example.com/", "").Body.String())
		keep("unknown", b.send("GET", "https://studio.example.com/launch/x", "").Body.String())
		keep("crawler", b.send("GET", r.issue().Links[0].URL, "", "Purpose", "prefetch").Body.String())
		keep("waiting", b.get(r.issue().Links[0]).Body.String())
		used := r.issue().Links[0]
		r.mustClick(used)
		b.get(used)
		keep("used", b.get(used).Body.String())
		for name, err := range map[string]error{
			"no-profile": studio.ErrNoProfile, "forbidden": studio.ErrForbidden, "throttled": studio.ErrThrottled,
			"unavailable": studio.ErrUnavailable, "refused": studio.ErrRefused, "identity-center": studio.ErrIdentityCenter, "internal": fmt.Errorf("x"),
			"pending": studio.ErrPending, "broken": studio.ErrBroken, "stopped": studio.ErrStopped, "no-target": studio.ErrNoTarget,
		} {
			link := r.issue().Links[0]
			r.studio.errs = []error{err}
			r.mustClick(link)
			keep(name, b.get(link).Body.String())
		}
		c := newRig(t, func(o *launch.Options) { o.Proof = launch.ProofConfirm })
		p := newRig(t, func(o *launch.Options) { o.Delivery = launch.DeliverPage })
		leaving := p.issue().Links[0]
		p.mustClick(leaving)
		keep("leaving", p.browser("192.0.2.1").get(leaving).Body.String())
		keep("confirm", c.browser("192.0.2.1").get(c.issue().Links[0]).Body.String())
	})
}
