package studiobot_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/studiobot/studiobot/internal/slacksim"
)

// The page at public_url: sign in, see the same as in Slack, press one.
func TestFrontDoor(t *testing.T) {
	t.Parallel()
	for _, proof := range []string{"click", "sign_in"} {
		t.Run(proof, func(t *testing.T) {
			t.Parallel()
			r := start(t, setup{signIn: withSlack, launch: ", proof: " + proof})
			v := r.visitor()
			if a := v.get(r.url + "/"); a.status != http.StatusOK || a.title != "Open SageMaker Studio" || !strings.Contains(a.body, `href="/auth/start?back=%2F"`) {
				t.Fatalf("%d %q\n%s", a.status, a.title, a.body)
			}
			if back := v.signIn(r.url+"/auth/start?back=%2F", "U0SAM"); back != r.url+"/" {
				t.Fatalf("the sign-in leads to %s", back)
			}
			a := v.get(r.url + "/")
			for _, want := range []string{"Research · dev account", "User profile sam-research", "Production", "User profile sam-prod", `action="/open/research"`, `action="/auth/out"`} {
				if !strings.Contains(a.body, want) {
					t.Errorf("the page doesn't say %q:\n%s", want, a.body)
				}
			}
			v.studio(v.post(r.url+"/open/prod"), prodID, "sam-prod")
			v.studio(v.get(r.url+"/open/research"), researchID, "sam-research")
			v.studio(v.get(r.url+"/open/research/lab"), researchID, "sam-research")
			log := r.log.String()
			for _, want := range []string{
				`"step":"issued"`, `"step":"armed"`, `"reason":"front door"`, `"step":"opening"`, `"step":"opened"`, `"target":"lab"`,
			} {
				if !strings.Contains(log, want) {
					t.Errorf("no %s in the trail", want)
				}
			}
			if n := strings.Count(log, `"step":"opened"`); n != 3 {
				t.Errorf("%d lines of what was opened", n)
			}
			if a := v.post(r.url + "/auth/out"); a.status != http.StatusOK || a.title != "You are signed out here." {
				t.Errorf("signed out: %d %q", a.status, a.title)
			}
			if a := v.post(r.url + "/open/prod"); a.status != http.StatusForbidden || a.title != "You aren’t signed in any more." {
				t.Errorf("pressed after that: %d %q", a.status, a.title)
			}
			v.toProvider(r.url + "/open/prod")
		})
	}
}

// Only what the person did themselves opens at once, and only our own form does.
func TestFrontDoorFromOtherSites(t *testing.T) {
	t.Parallel()
	r := start(t, setup{signIn: withSlack})
	v := r.visitor()
	v.signIn(r.url+"/open/research", "U0JANE")
	made := v.navigation
	for name, headers := range map[string]map[string]string{
		"no word":         {},
		"nobody's click":  {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "cross-site"},
		"in a frame":      {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe", "Sec-Fetch-User": "?1", "Sec-Fetch-Site": "cross-site"},
		"user ?0":         {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-User": "?0", "Sec-Fetch-Site": "none"},
		"an old browser":  {"Origin": "https://evil.example.com"},
		"only user":       {"Sec-Fetch-User": "?1"},
		"prefetch":        {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-User": "?1", "Sec-Purpose": "prefetch"},
		"an image":        {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image", "Sec-Fetch-Site": "cross-site"},
		"a script":        {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty", "Sec-Fetch-Site": "cross-site"},
		"a script of our": {"Sec-Fetch-Mode": "same-origin", "Sec-Fetch-Dest": "empty", "Sec-Fetch-Site": "same-origin"},
	} {
		v.navigation = headers
		a := v.get(r.url + "/open/research")
		button := a.status == http.StatusOK && a.title == "Open Studio?" && strings.Contains(a.body, `action="/open/research"`)
		if refused := a.status == http.StatusForbidden; !button && !refused {
			t.Errorf("GET, %s: %d %q %s", name, a.status, a.title, a.location)
		}
	}
	for name, headers := range map[string]map[string]string{
		"another site":      {"Sec-Fetch-Site": "cross-site"},
		"a sister host":     {"Sec-Fetch-Site": "same-site"},
		"another origin":    {"Origin": "https://evil.example.com"},
		"no origin":         {"Origin": "null"},
		"a script of ours":  {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"},
		"a frame, by click": {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
	} {
		for _, path := range []string{"/open/research", "/auth/out"} {
			v.navigation = headers
			if a := v.do(http.MethodPost, r.url+path, url.Values{}); a.status != http.StatusForbidden || a.location != "" {
				t.Errorf("POST %s, %s: %d %s", path, name, a.status, a.location)
			}
		}
	}
	r.nothing()
	if strings.Contains(r.log.String(), `"step":"issued"`) {
		t.Error("a ticket was issued")
	}
	v.navigation = made
	v.studio(v.get(r.url+"/open/research"), researchID, "jane-doe")
	// Somebody whose link on another site was followed may do so, too.
	v.navigation["Sec-Fetch-Site"] = "cross-site"
	v.studio(v.get(r.url+"/open/research"), researchID, "jane-doe")
}

// The session says who it is; what they may open is asked each time.
func TestFrontDoorAsksAgain(t *testing.T) {
	t.Parallel()
	r := start(t, setup{signIn: withSlack, limits: "person: 4/1h, refused: off"})
	in := func(user string) *visitor {
		v := r.visitor()
		v.signIn(r.url+"/open/research", user)
		return v
	}
	jane, sam := in("U0JANE"), in("U0SAM")
	sam.studio(sam.get(r.url+"/open/prod"), prodID, "sam-prod")
	r.writeUsers("U0JANE: {research: jane-doe}\nU0SAM: {prod: sam-prod}\nU0BAN: deny\nU0GUS: sam-research\n")
	r.await("the file to be read", func() bool { return strings.Count(r.log.String(), `"users file read"`) == 2 })
	if a := sam.post(r.url + "/open/research"); a.status != http.StatusForbidden || a.title != "You have no profile there." {
		t.Errorf("remapped: %d %q", a.status, a.title)
	}
	r.slack.ChangePerson(slacksim.Person{ID: "U0JANE", Name: "jane", Deleted: true})
	r.await("the denial", func() bool { return strings.Contains(r.log.String(), `"reason":"changed in Slack"`) })
	for _, path := range []string{"/", "/open/research"} {
		if a := jane.get(r.url + path); a.status != http.StatusForbidden || a.title != "You can’t open Studio." {
			t.Errorf("%s of somebody who was deactivated: %d %q", path, a.status, a.title)
		}
	}
	for user, title := range map[string]string{
		"U0UMA": "You aren’t linked to a Studio profile yet.", "U0BAN": "You can’t open Studio.", "U0GUS": "Guests can’t open Studio.",
	} {
		if a := in(user).get(r.url + "/"); a.status != http.StatusForbidden || a.title != title {
			t.Errorf("%s: %d %q", user, a.status, a.title)
		}
	}
	for range 2 {
		sam.studio(sam.get(r.url+"/open/prod"), prodID, "sam-prod")
	}
	if a := sam.get(r.url + "/open/prod"); a.status != http.StatusTooManyRequests {
		t.Errorf("the fifth launch: %d %q", a.status, a.title)
	}
	if n := r.sagemaker.CallCount("CreatePresignedDomainUrl"); n != 3 {
		t.Errorf("SageMaker was asked for %d URLs", n)
	}
}

// Somebody who signed in to another workspace is a stranger.
func TestFrontDoorStranger(t *testing.T) {
	t.Parallel()
	r := start(t, setup{signIn: withSlack, people: []slacksim.Person{{ID: "U0EVE", Name: "eve", TeamID: "T0OTHER"}}, users: "U0EVE: {research: jane-doe}\n"})
	v := r.visitor()
	v.signIn(r.url+"/open/research", "U0EVE")
	for _, path := range []string{"/", "/open/research"} {
		if a := v.get(r.url + path); a.status != http.StatusForbidden || a.title != "You are signed in to another Slack workspace." {
			t.Errorf("%s: %d %q", path, a.status, a.title)
		}
	}
	r.nothing()
}

// A sign-in leads to our own pages and nowhere else.
func TestSignInLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	r := start(t, setup{signIn: withSlack})
	v := r.visitor()
	for _, back := range []string{
		"", "//evil.example.com", "https://evil.example.com/", `/\evil.example.com`, "/launch/..//evil.example.com", "/open/research?x", "/open/%2e%2e/",
		"/open/research#x", "/auth/out", "/healthz", "/open/", "javascript:alert(1)", "/launch/\r\nX: y", "/open/" + strings.Repeat("x", 300), "/launch/../auth/out", "@evil.example.com",
	} {
		if got := v.signIn(r.url+"/auth/start?back="+url.QueryEscape(back), "U0JANE"); got != r.url+"/" {
			t.Errorf("%q leads to %s", back, got)
		}
	}
	for _, path := range []string{"/open/nowhere", "/open/research/", "/open/research/mlflow", "/open/research/lab/x", "/open", "/auth/x", "/auth/", "/open//research"} {
		if a := v.get(r.url + path); a.status != http.StatusNotFound {
			t.Errorf("%s: %d %q", path, a.status, a.title)
		}
	}
	for _, c := range []struct{ method, path string }{{"POST", "/"}, {"DELETE", "/open/research"}, {"POST", "/auth/callback"}, {"GET", "/auth/out"}, {"PUT", "/auth/start"}} {
		if a := v.do(c.method, r.url+c.path, nil); a.status != http.StatusMethodNotAllowed {
			t.Errorf("%s %s: %d", c.method, c.path, a.status)
		}
	}
	r.nothing()
}

// Without sign_in nothing of it is there.
func TestNoFrontDoor(t *testing.T) {
	t.Parallel()
	r := start(t, setup{})
	v := r.visitor()
	if a := v.get(r.url + "/"); a.status != http.StatusOK || !strings.HasPrefix(a.title, "Open SageMaker Studio from Slack") || strings.Contains(a.body, "/auth/") {
		t.Errorf("/: %d %q", a.status, a.title)
	}
	for _, path := range []string{"/open/research", "/auth/start", "/auth/callback"} {
		if a := v.get(r.url + path); a.status != http.StatusNotFound {
			t.Errorf("%s: %d", path, a.status)
		}
	}
}

// Whoever is blocked comes through no front door: not by the page, not by a link to
// keep, not by a page that was there before, and not with a link from before.
func TestFrontDoorOfSomebodyWhoIsBlocked(t *testing.T) {
	t.Parallel()
	for _, proof := range []string{"click", "sign_in"} {
		t.Run(proof, func(t *testing.T) {
			t.Parallel()
			s := blocking()
			s.signIn, s.launch = withSlack, ", proof: "+proof
			r := start(t, s)
			v := r.visitor()
			v.signIn(r.url+"/open/research", "U0JANE")
			before := v.post(r.url + "/open/research") // armed, and not followed
			if !strings.HasPrefix(before.location, r.url+"/launch/") {
				t.Fatalf("%d %q leads to %s", before.status, before.title, before.location)
			}
			r.command("U0ANN", "admin block U0JANE")
			issued := r.issued()
			for what, a := range map[string]answer{
				"the page": v.get(r.url + "/"), "a link to keep": v.get(r.url + "/open/research"), "one with a target": v.get(r.url + "/open/research/lab"),
				"the button": v.post(r.url + "/open/research"),
			} {
				if a.status != http.StatusForbidden || !strings.Contains(a.body, "An admin has blocked your access.") || a.location != "" {
					t.Errorf("%s: %d %q %s", what, a.status, a.title, a.location)
				}
			}
			if a := v.get(before.location); a.status == http.StatusFound || a.status == http.StatusOK && strings.Contains(a.body, "auth=") {
				t.Errorf("the link from before: %d %s", a.status, a.location)
			}
			r.nothing()
			if n := r.issued(); n != issued {
				t.Errorf("%d links for somebody who is blocked", n-issued)
			}
			r.command("U0BOB", "admin unblock U0JANE")
			v.studio(v.get(r.url+"/open/research"), researchID, "jane-doe")
		})
	}
}
