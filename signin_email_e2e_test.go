package studiobot_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/studiobot/studiobot/internal/slacksim"
)

// provider is another organisation's OpenID provider, with accounts of its own.
func provider(t *testing.T, accounts ...slacksim.Person) *slacksim.Server {
	t.Helper()
	p, err := slacksim.Start(slacksim.Options{PlainOpenID: true, ClientID: "studiobot", TeamID: "T0IDP"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	p.AddPeople(accounts...)
	return p
}

// byEmail is a bot whose browsers sign in there.
func byEmail(t *testing.T, p *slacksim.Server, more string, people ...slacksim.Person) *rig {
	t.Helper()
	r := start(t, setup{people: people, launch: ", proof: sign_in", env: map[string]string{"STUDIOBOT_CLIENT_SECRET": p.ClientSecret()},
		signIn: func(r *rig) string {
			p.SetRedirectURLs(r.url + "/auth/callback")
			return fmt.Sprintf("{issuer: %q, client_id: studiobot%s}", p.Issuer(), more)
		}})
	return r
}

func confirmed(id, email string) slacksim.Person {
	return slacksim.Person{ID: id, Name: "person-" + strings.ToLower(id), Email: email, EmailConfirmed: true}
}

// With another provider the confirmed address tells, in any case.
func TestSignInByEmail(t *testing.T) {
	t.Parallel()
	p := provider(t, confirmed("A1", "Jane.Doe@Example.com"), confirmed("A2", "sam@example.com"))
	r := byEmail(t, p, "", confirmed("U0JANE", "jane.doe@example.COM"), confirmed("U0SAM", "sam@example.com"))
	link := r.pressedLink("U0JANE")
	other := r.visitor()
	if a := other.get(other.signIn(link, "A2")); a.status != http.StatusForbidden || a.title != "Another account is needed." {
		t.Errorf("somebody else: %d %q", a.status, a.title)
	}
	r.nothing()
	v := r.visitor()
	v.studio(v.get(v.signIn(link, "A1")), researchID, "jane-doe")
	v.studio(v.post(r.url+"/open/research"), researchID, "jane-doe")
	other.studio(other.post(r.url+"/open/prod"), prodID, "sam-prod")
	for _, address := range []string{"jane.doe@", "Jane.Doe@", "sam@example"} {
		if strings.Contains(r.log.String(), address) {
			t.Errorf("the log holds %s", address)
		}
	}
}

// An address that the provider doesn't confirm, or that isn't one person's alone
// in Slack, is nobody's.
func TestSignInByEmailRefuses(t *testing.T) {
	t.Parallel()
	unconfirmed := confirmed("A1", "jane@example.com")
	unconfirmed.EmailConfirmed = false
	set := func(name string, value any) func(*slacksim.IDToken) {
		return func(x *slacksim.IDToken) { x.Claims[name] = value }
	}
	gone := confirmed("U0OLD", "jane@example.com")
	gone.Deleted = true
	unsaid := confirmed("U0JANE", "jane@example.com")
	unsaid.EmailConfirmed = false
	stranger := confirmed("U0STRA", "jane@example.com")
	stranger.Stranger, stranger.TeamID = true, "T0OTHER"
	jane := []slacksim.Person{confirmed("U0JANE", "jane@example.com")}
	for name, c := range map[string]struct {
		account          slacksim.Person
		forge            func(*slacksim.IDToken)
		people           []slacksim.Person // of Slack
		more             string            // of the config
		callback, launch string            // titles; launch empty: it opens
	}{
		"fine":                     {account: confirmed("A1", "jane@example.com"), people: jane},
		"a stranger has it, too":   {account: confirmed("A1", "jane@example.com"), people: append([]slacksim.Person{stranger}, jane...)},
		"true as text":             {account: unconfirmed, forge: set("email_verified", "true"), people: jane},
		"the right claim":          {account: confirmed("A1", "jane@example.com"), forge: set("hd", "example.com"), people: jane, more: ", claims: {hd: example.com}"},
		"the right domain":         {account: confirmed("A1", "jane@example.com"), people: jane, more: ", email_domains: [example.com]"},
		"unconfirmed":              {account: unconfirmed, people: jane, callback: "This account can’t be used here."},
		"confirmed, as a number":   {account: unconfirmed, forge: set("email_verified", 1), people: jane, callback: "This account can’t be used here."},
		"no address":               {account: slacksim.Person{ID: "A1", Name: "a"}, people: jane, callback: "This account can’t be used here."},
		"another alphabet":         {account: confirmed("A1", "\u212Aate@example.com"), people: []slacksim.Person{confirmed("U0JANE", "kate@example.com")}, callback: "This account can’t be used here."},
		"another domain":           {account: confirmed("A1", "jane@example.com"), people: jane, more: ", email_domains: [example.org]", callback: "This account can’t be used here."},
		"no claim":                 {account: confirmed("A1", "jane@example.com"), people: jane, more: ", claims: {hd: example.com}", callback: "This sign-in can’t be trusted."},
		"another claim":            {account: confirmed("A1", "jane@example.com"), forge: set("hd", "example.org"), people: jane, more: ", claims: {hd: example.com}", callback: "This sign-in can’t be trusted."},
		"two people in Slack":      {account: confirmed("A1", "jane@example.com"), people: append([]slacksim.Person{confirmed("U0SAM", "jane@example.com")}, jane...), launch: "Your account can't be recognised."},
		"reused":                   {account: confirmed("A1", "jane@example.com"), people: append([]slacksim.Person{gone}, jane...), launch: "Your account can't be recognised."},
		"not confirmed in Slack":   {account: confirmed("A1", "jane@example.com"), people: []slacksim.Person{unsaid}, launch: "Your account can't be recognised."},
		"a plus":                   {account: confirmed("A1", "jane+x@example.com"), people: jane, launch: "Another account is needed."},
		"Slack's claims count not": {account: confirmed("A1", "eve@example.com"), forge: set("https://slack.com/user_id", "U0JANE"), people: jane, launch: "Another account is needed."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := provider(t, c.account)
			r := byEmail(t, p, c.more, c.people...)
			link := r.pressedLink("U0JANE")
			if c.forge != nil {
				p.ForgeIDToken(c.forge)
			}
			v := r.visitor()
			a := v.get(v.as(v.toProvider(link), "A1"))
			if c.callback != "" {
				if a.status != http.StatusForbidden || a.title != c.callback {
					t.Errorf("%d %q, want %q", a.status, a.title, c.callback)
				}
				r.nothing()
				return
			}
			if c.launch == "" {
				v.studio(v.get(a.location), researchID, "jane-doe")
				v.studio(v.get(r.url+"/open/research"), researchID, "jane-doe")
				return
			}
			if b := v.get(a.location); b.status != http.StatusForbidden || b.title != c.launch {
				t.Errorf("%d %q, want %q", b.status, b.title, c.launch)
			}
			if b := v.get(r.url + "/"); b.status != http.StatusForbidden || b.title != "You can’t be recognised." {
				t.Errorf("the front door: %d %q", b.status, b.title)
			}
			r.nothing()
		})
	}
}

// A rotated key opens what it sealed, until it is taken out.
func TestSignInKeyRotation(t *testing.T) {
	t.Parallel()
	const newKey = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU="
	for _, c := range []struct {
		name, keys string
		in         bool
	}{{"in front", newKey + " " + cookieKey, true}, {"behind, by line", cookieKey + "\n" + newKey + "\n", true}, {"instead", newKey, false}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := setup{signIn: withSlack}
			r := start(t, s)
			v := r.visitor()
			v.signIn(r.url+"/open/research", "U0JANE")
			s.env = map[string]string{"STUDIOBOT_COOKIE_KEYS": c.keys}
			r.restart(s, func() {})
			var a answer
			r.await("Slack to say who is there", func() bool { a = v.get(r.url + "/"); return a.status != http.StatusServiceUnavailable })
			if in := a.title == "What do you want to open?"; in != c.in || a.status != http.StatusOK {
				t.Errorf("%d %q", a.status, a.title)
			}
		})
	}
}
