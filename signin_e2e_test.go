package studiobot_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/studiobot/studiobot/internal/slacksim"
)

// The first launch of the day signs in, and comes back to the same link; the
// second is one click again.
func TestSignInThenOneClick(t *testing.T) {
	t.Parallel()
	r := signsIn(t, setup{})
	v := r.visitor()
	link := r.pressedLink("U0JANE")
	back := v.signIn(link, "U0JANE")
	if back != link {
		t.Errorf("the sign-in leads to %s", back)
	}
	v.studio(v.get(back), researchID, "jane-doe")
	v.studio(v.get(r.pressedLink("U0JANE")), researchID, "jane-doe")
	log := r.log.String()
	if n := strings.Count(log, `"step":"signed_in"`); n != 1 {
		t.Errorf("%d sign-ins in the trail", n)
	}
	if !strings.Contains(log, `"step":"signed_in","team":"T0ACME","user":"U0JANE","client":"127.0.0.1"`) {
		t.Errorf("the trail doesn't say who signed in:\n%s", log)
	}
	u, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{strings.TrimPrefix(u.Path, "/launch/"), r.slack.ClientSecret(), cookieKey, "xoxp-"} {
		if strings.Contains(log, secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}

// A browser that comes before the click signs in first, and then waits for it.
func TestSignInBeforeTheClick(t *testing.T) {
	t.Parallel()
	r := signsIn(t, setup{})
	v := r.visitor()
	m := r.command("U0JANE", "")
	link := m.Buttons()[0].URL
	back := v.signIn(link, "U0JANE")
	if a := v.get(back); a.status != http.StatusOK || !strings.HasPrefix(a.title, "Waiting for Slack") {
		t.Fatalf("%d %q, want the waiting page", a.status, a.title)
	}
	r.nothing()
	r.press("U0JANE", m, 0)
	v.studio(v.get(link+"?again"), researchID, "jane-doe")
}

// Whoever holds somebody else's link gets nothing, learns of nobody, and can't
// spoil it.
func TestSignInAsSomebodyElse(t *testing.T) {
	t.Parallel()
	for name, thief := range map[string]slacksim.Person{
		"another user":                        {ID: "U0SAM", Name: "sam"},
		"another workspace":                   {ID: "U0EVE", Name: "eve", TeamID: "T0OTHER"},
		"the same user ID, another workspace": {ID: "U0EVE", Name: "eve", TeamID: "T0OTHER"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := signsIn(t, setup{people: []slacksim.Person{thief}})
			link := r.pressedLink("U0JANE")
			if strings.HasPrefix(name, "the same") {
				r.slack.ForgeIDToken(func(x *slacksim.IDToken) { x.Claims["https://slack.com/user_id"] = "U0JANE" })
			}
			for range 15 { // more than a link takes of browsers that wait
				r.visitor().get(link)
			}
			v := r.visitor()
			a := v.get(v.signIn(link, thief.ID))
			if a.status != http.StatusForbidden || a.title != "Another account is needed." || somebody.MatchString(strings.ReplaceAll(a.body, "?back=", "")) {
				t.Errorf("%d %q\n%s", a.status, a.title, a.body)
			}
			for range 3 {
				v.get(link + "?again")
			}
			r.nothing()
			if !strings.Contains(a.body, "Sign in as somebody else") {
				t.Error("no way to sign in as somebody else")
			}
			if !strings.Contains(r.log.String(), `"reason":"another account is signed in"`) {
				t.Error("no line in the trail")
			}
			// The owner opens it all the same, also in that browser.
			start := r.url + "/auth/start?other=1&back=" + url.QueryEscape(strings.TrimPrefix(link, r.url))
			v.studio(v.get(v.signIn(start, "U0JANE")), researchID, "jane-doe")
		})
	}
}

// A provider's answer counts once, in the browser that asked for it.
func TestSignInIsOfOneBrowser(t *testing.T) {
	t.Parallel()
	r := signsIn(t, setup{})
	link := r.pressedLink("U0JANE")
	v, other := r.visitor(), r.visitor()
	answered := v.as(v.toProvider(link), "U0JANE")
	u, _ := url.Parse(r.url)
	before := v.client.Jar.Cookies(u)
	if a := other.get(answered); a.status != http.StatusBadRequest {
		t.Errorf("in another browser: %d %q", a.status, a.title)
	}
	other.toProvider(link) // has a sign-in of its own under way
	if a := other.get(answered); a.status != http.StatusBadRequest {
		t.Errorf("in another browser with its own: %d %q", a.status, a.title)
	}
	other.toProvider(link) // and still isn't signed in
	for _, bad := range []string{"", "&state=x", "&state=" + strings.Repeat("x", 7000), "&state=%zz"} {
		if a := v.get(r.url + "/auth/callback?code=x" + bad); a.status != http.StatusBadRequest {
			t.Errorf("state %.20q: %d %q", bad, a.status, a.title)
		}
	}
	if a := v.get(answered); a.status != http.StatusSeeOther {
		t.Fatalf("in its own: %d %q\n%s", a.status, a.title, r.log)
	}
	calls := r.slack.Calls("openid.connect.token")
	if a := v.get(answered); a.status != http.StatusBadRequest {
		t.Errorf("again: %d %q", a.status, a.title)
	}
	v.client.Jar.SetCookies(u, before) // as it was
	if a := v.get(answered); a.status != http.StatusBadRequest {
		t.Errorf("again, with the cookie of before: %d %q", a.status, a.title)
	}
	if calls != 1 || r.slack.Calls("openid.connect.token") != 1 {
		t.Errorf("the provider was asked %d times, then %d", calls, r.slack.Calls("openid.connect.token"))
	}
}

// No token but the provider's own, for us, now, and for this sign-in.
func TestSignInForgedTokens(t *testing.T) {
	t.Parallel()
	r := signsIn(t, setup{})
	link := r.pressedLink("U0JANE")
	set := func(name string, value any) func(*slacksim.IDToken) {
		return func(x *slacksim.IDToken) { x.Claims[name] = value }
	}
	for name, forge := range map[string]func(*slacksim.IDToken){
		"expired":          set("exp", time.Now().Add(-time.Minute).Unix()),
		"not yet":          set("nbf", time.Now().Add(time.Hour).Unix()),
		"another issuer":   set("iss", "https://slack.com.example.com"),
		"another audience": set("aud", "somebody-else"),
		"several":          set("aud", []string{r.slack.ClientID(), "somebody-else"}),
		"another client":   set("azp", "somebody-else"),
		"empty nonce":      set("nonce", ""),
		"another nonce":    set("nonce", "x"),
		"no nonce":         func(x *slacksim.IDToken) { delete(x.Claims, "nonce") },
		"at_hash":          set("at_hash", "AAAAAAAAAAAAAAAAAAAAAA"),
		"foreign key":      func(x *slacksim.IDToken) { x.ForeignKey = true },
		"no signature":     func(x *slacksim.IDToken) { x.Alg = "none" },
		"public key":       func(x *slacksim.IDToken) { x.Alg = "HS256" },
		"no user":          func(x *slacksim.IDToken) { delete(x.Claims, "https://slack.com/user_id") },
		"no team":          set("https://slack.com/team_id", ""),
		"user is a list":   set("https://slack.com/user_id", []string{"U0JANE"}),
	} {
		r.slack.ForgeIDToken(forge)
		v := r.visitor()
		if a := v.get(v.as(v.toProvider(link), "U0JANE")); a.status != http.StatusForbidden || a.title != "This sign-in can’t be trusted." {
			t.Errorf("%s: %d %q", name, a.status, a.title)
		}
		v.toProvider(link) // still nobody
	}
	r.nothing()
	if n := strings.Count(r.log.String(), `"reason":"sign-in: token not accepted"`); n != 16 {
		t.Errorf("%d lines in the trail", n)
	}
	v := r.visitor()
	if err := r.slack.RotateKeys(); err != nil { // a new key of the provider's own is no forgery
		t.Fatal(err)
	}
	v.studio(v.get(v.signIn(link, "U0JANE")), researchID, "jane-doe")
}

// What the provider refuses, or can't say, is a page with the next step.
func TestSignInTrouble(t *testing.T) {
	t.Parallel()
	r := signsIn(t, setup{})
	link := r.pressedLink("U0JANE")
	v := r.visitor()
	page := v.toProvider(link)
	cancelled := v.do(http.MethodPost, page, url.Values{"user": {""}}).location
	if a := v.get(cancelled); a.status != http.StatusForbidden || a.title != "You haven’t signed in." {
		t.Errorf("cancelled: %d %q", a.status, a.title)
	}
	for _, c := range []struct {
		fault  slacksim.Fault
		status int
	}{
		{slacksim.Fault{SlackError: "invalid_code"}, http.StatusForbidden},
		{slacksim.Fault{SlackError: "bad_client_secret"}, http.StatusServiceUnavailable},
		{slacksim.Fault{SlackError: "internal_error"}, http.StatusServiceUnavailable},
		{slacksim.Fault{Status: 500}, http.StatusServiceUnavailable},
		{slacksim.Fault{RetryAfter: time.Second}, http.StatusServiceUnavailable},
		{slacksim.Fault{Status: 200, Body: `{"ok":true,"access_token":"xoxp-secret"}`}, http.StatusForbidden},
		{slacksim.Fault{Status: 200, Body: `xoxp-secret`}, http.StatusServiceUnavailable},
		{slacksim.Fault{Status: 302, Body: `xoxp-secret`}, http.StatusForbidden},
	} {
		c.fault.Method, c.fault.N = "openid.connect.token", 1
		r.slack.Fail(c.fault)
		if a := v.get(v.as(v.toProvider(link), "U0JANE")); a.status != c.status || !strings.Contains(a.body, "Reference") {
			t.Errorf("%+v: %d %q", c.fault, a.status, a.title)
		}
	}
	if strings.Contains(r.log.String(), "xoxp-secret") {
		t.Error("the log holds what the provider sent")
	}
	r.nothing()
	v.studio(v.get(v.signIn(link, "U0JANE")), researchID, "jane-doe")
}
