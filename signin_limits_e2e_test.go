package studiobot_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/studiobot/studiobot/internal/slacksim"
)

// Who floods the way back costs no call to the provider, writes a few lines, and
// keeps nobody from signing in; sign-ins that fail there have to wait in the end.
func TestSignInFlood(t *testing.T) {
	t.Parallel()
	r := start(t, setup{signIn: withSlack, limits: "person: off, refused: 5/1h"})
	flood := r.visitor()
	for range 50 {
		if a := flood.get(r.url + "/auth/callback?code=x&state=y"); a.status != http.StatusBadRequest {
			t.Fatalf("%d %q", a.status, a.title)
		}
	}
	if n := r.slack.Calls("openid.connect.token"); n != 0 {
		t.Errorf("the provider was asked %d times", n)
	}
	if n := strings.Count(r.log.String(), `"reason":"sign-in: state unknown"`); n != 5 {
		t.Errorf("%d lines in the trail", n)
	}
	v := r.visitor()
	v.studio(v.get(v.signIn(r.url+"/open/research", "U0JANE")), researchID, "jane-doe")
	r.slack.Fail(slacksim.Fault{Method: "openid.connect.token", N: 5, SlackError: "invalid_code"})
	for range 5 {
		if a := flood.get(flood.as(flood.toProvider(r.url+"/open/research"), "U0SAM")); a.status != http.StatusForbidden {
			t.Errorf("%d %q", a.status, a.title)
		}
	}
	if a := flood.get(flood.as(flood.toProvider(r.url+"/open/research"), "U0SAM")); a.status != http.StatusTooManyRequests {
		t.Errorf("the sixth: %d %q", a.status, a.title)
	}
	if n := r.slack.Calls("openid.connect.token"); n != 6 {
		t.Errorf("the provider was asked %d times", n)
	}
	v.studio(v.get(r.url+"/open/research"), researchID, "jane-doe") // who is signed in doesn't notice
}
