package studiobot_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/studiobot/studiobot"
)

// Where the presigned URL comes in a page, nobody gets that page who isn't signed in
// as the person.
func TestSignInWithDeliveryByPage(t *testing.T) {
	t.Parallel()
	r := signsIn(t, setup{launch: ", delivery: page"})
	link := r.pressedLink("U0JANE")
	sam, jane := r.visitor(), r.visitor()
	sam.toProvider(link)
	sam.signIn(link, "U0SAM")
	if a := sam.get(link); a.status != http.StatusForbidden || strings.Contains(a.body, r.sagemaker.URL()) {
		t.Errorf("Sam gets %d %q", a.status, a.title)
	}
	r.nothing()
	a := jane.get(jane.signIn(link, "U0JANE"))
	if a.status != http.StatusOK || a.location != "" || !strings.Contains(a.body, "auth?token=") {
		t.Errorf("Jane gets %d %q\n%s", a.status, a.title, a.body)
	}
}

// A redirect that runs apart has no mapping: people sign in there before a link
// opens, and its / is no front door.
func TestSignInAtARedirect(t *testing.T) {
	t.Parallel()
	eachShared(t, func(t *testing.T, shared sharing) {
		s := shared.on(setup{signIn: withSlack, launch: ", proof: sign_in", role: studiobot.RoleBot})
		r := start(t, s)
		s = shared.on(setup{signIn: withSlack, launch: ", proof: sign_in", role: studiobot.RoleRedirect, env: map[string]string{"SLACK_APP_TOKEN": "", "SLACK_BOT_TOKEN": ""}, away: true})
		redirect := r.another(s)
		link := redirect.at(r.pressedLink("U0JANE"))
		sam, jane := redirect.visitor(), redirect.visitor()
		sam.signIn(link, "U0SAM")
		if a := sam.get(link); a.status != http.StatusForbidden {
			t.Errorf("Sam gets %d %q", a.status, a.title)
		}
		jane.studio(jane.get(jane.signIn(link, "U0JANE")), researchID, "jane-doe")
		if a := jane.get(redirect.url + "/"); a.status != http.StatusOK || strings.Contains(a.body, "/open/") || strings.Contains(a.body, "/auth/start") {
			t.Errorf("/ is %d %q\n%s", a.status, a.title, a.body)
		}
		if a := jane.get(redirect.url + "/open/research"); a.status != http.StatusNotFound {
			t.Errorf("/open/research is %d %q", a.status, a.title)
		}
	})
}
