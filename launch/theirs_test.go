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

// confirming is a rig whose mapping says what answer says, and counts.
func confirming(t *testing.T, answer *error, asked *int) *rig {
	return newRig(t, func(o *launch.Options) {
		o.Proof = launch.ProofConfirm
		o.Allowed = func(_ context.Context, p studio.Person, o studio.Option) error {
			if p != jane || o != options[0] {
				t.Errorf("asked for %s and %+v", p, o)
			}
			*asked++
			return *answer
		}
	})
}

// confirms presses the confirm page's button.
func (b *browser) confirms(t *testing.T, link studio.Link) *httptest.ResponseRecorder {
	t.Helper()
	w := b.get(link)
	says(t, w, 200, confirm)
	m := nonceField.FindStringSubmatch(w.Body.String())
	if m == nil {
		t.Fatal("the page has no nonce")
	}
	return b.send("POST", link.URL, "nonce="+m[1], "Sec-Fetch-Site", "same-origin", "Sec-Fetch-Mode", "navigate")
}

// No click asked the mapping, so the confirm page's button does.
func TestConfirmAsksWhetherItIsStillTheirs(t *testing.T) {
	t.Parallel()
	const changed, unsure = "Your access has changed.", "We can&#39;t check your link right now."
	for _, row := range []struct {
		err    error
		status int
		title  string
	}{
		{studio.ErrNotMapped, 403, changed},
		{studio.ErrDenied, 403, changed},
		{studio.ErrDeactivated, 403, changed},
		{studio.ErrConflict, 403, changed},
		{fmt.Errorf("%w: Slack is away", studio.ErrUnsure), 503, unsure},
	} {
		t.Run(row.err.Error(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				answer, asked := row.err, 0
				r := confirming(t, &answer, &asked)
				link, b := r.issue().Links[0], r.browser("192.0.2.1")
				w := b.confirms(t, link)
				says(t, w, row.status, row.title)
				if (w.Header().Get("Retry-After") != "") != (row.status == 503) {
					t.Errorf("Retry-After: %q", w.Header().Get("Retry-After"))
				}
				if r.studio.calls() != 0 || asked != 1 {
					t.Errorf("SageMaker was asked %d times, the mapping %d times", r.studio.calls(), asked)
				}
				if strings.Contains(r.log.String(), `"step":"opening"`) {
					t.Error("an audit line says that it was being opened")
				}
				answer = nil // nothing is lost by asking
				opens(t, b.confirms(t, link), 303)
			})
		})
	}
}

// SageMaker takes its time, and what is lost meanwhile counts.
func TestConfirmAsksAgainAfterSageMaker(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var answer error
		asked := 0
		r := confirming(t, &answer, &asked)
		r.studio.before = func(context.Context) error {
			time.Sleep(5 * time.Second) // of the bubble
			answer = studio.ErrNotMapped
			return nil
		}
		says(t, r.browser("192.0.2.1").confirms(t, r.issue().Links[0]), 403, "Your access has changed.")
	})
}

// A click asked already.
func TestArmedLinkAsksNoMapping(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var answer error = studio.ErrUnsure
		asked := 0
		r := confirming(t, &answer, &asked)
		link := r.issue().Links[0]
		r.mustClick(link)
		opens(t, r.browser("192.0.2.1").get(link), 302)
		if asked != 0 {
			t.Errorf("the mapping was asked %d times", asked)
		}
	})
}
