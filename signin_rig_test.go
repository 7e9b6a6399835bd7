package studiobot_test

import (
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// withSlack is the key sign_in for Slack's own.
func withSlack(r *rig) string {
	return fmt.Sprintf("{issuer: %q, client_id: %q}", r.slack.Issuer(), r.slack.ClientID())
}

// signsIn is a bot with proof sign_in, by Slack.
func signsIn(t *testing.T, s setup) *rig {
	t.Helper()
	if s.signIn == nil {
		s.signIn = withSlack
	}
	s.launch += ", proof: sign_in"
	return start(t, s)
}

// visitor is somebody's browser, with its cookies. It follows no redirect by
// itself.
type visitor struct {
	r      *rig
	client *http.Client
	// navigation are the Sec-Fetch headers of the next requests.
	navigation map[string]string
}

func (r *rig) visitor() *visitor {
	return &visitor{r: r, client: browser(), navigation: map[string]string{
		"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-User": "?1", "Sec-Fetch-Site": "none",
	}}
}

func (v *visitor) do(method, address string, form url.Values) answer {
	v.r.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	req, err := http.NewRequestWithContext(v.r.within(), method, address, body)
	if err != nil {
		v.r.t.Fatal(err)
	}
	req.Header.Set("User-Agent", "Mozilla/5.0 Firefox/140")
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, value := range v.navigation {
		req.Header.Set(name, value)
	}
	resp, err := v.client.Do(req)
	if err != nil {
		v.r.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		v.r.t.Fatal(err)
	}
	a := answer{status: resp.StatusCode, body: string(data), location: resp.Header.Get("Location")}
	if m := titleTag.FindStringSubmatch(a.body); m != nil {
		a.title = html.UnescapeString(m[1])
	}
	return a
}

func (v *visitor) get(address string) answer {
	v.r.t.Helper()
	return v.do(http.MethodGet, address, nil)
}

// post presses a button of our own pages.
func (v *visitor) post(address string) answer {
	v.r.t.Helper()
	before := v.navigation["Sec-Fetch-Site"]
	v.navigation["Sec-Fetch-Site"] = "same-origin"
	defer func() { v.navigation["Sec-Fetch-Site"] = before }()
	return v.do(http.MethodPost, address, url.Values{})
}

// toProvider follows an address of ours to the provider's page.
func (v *visitor) toProvider(address string) string {
	v.r.t.Helper()
	a := v.get(address)
	if a.status != http.StatusFound || !strings.Contains(a.location, "/openid/connect/authorize?") {
		v.r.t.Fatalf("no sign-in: %d %q %s\n%s", a.status, a.title, a.location, v.r.log)
	}
	return a.location
}

// as signs in there as somebody, and returns where the browser is sent with the
// provider's answer.
func (v *visitor) as(page, user string) string {
	v.r.t.Helper()
	a := v.do(http.MethodPost, page, url.Values{"user": {user}})
	if a.status != http.StatusFound || !strings.HasPrefix(a.location, v.r.url+"/auth/callback?") {
		v.r.t.Fatalf("the provider gave %d %s", a.status, a.body)
	}
	return a.location
}

// signIn signs in as somebody, from an address of ours, and returns where that
// leads.
func (v *visitor) signIn(address, user string) string {
	v.r.t.Helper()
	a := v.get(v.as(v.toProvider(address), user))
	if a.status != http.StatusSeeOther || a.location == "" {
		v.r.t.Fatalf("not signed in as %s: %d %q\n%s", user, a.status, a.title, v.r.log)
	}
	return a.location
}

// studio says that an answer sends the browser to Studio, as that profile.
func (v *visitor) studio(a answer, domain, profile string) {
	v.r.t.Helper()
	if a.status == http.StatusSeeOther && strings.HasPrefix(a.location, v.r.url+"/launch/") {
		a = v.get(a.location)
	}
	if a.status != http.StatusFound || a.body != "" {
		v.r.t.Fatalf("%d %q, want a redirect to Studio\n%s", a.status, a.title, v.r.log)
	}
	before := len(v.r.sagemaker.Openings())
	v.get(a.location)
	openings := v.r.sagemaker.Openings()
	if len(openings) != before+1 {
		v.r.t.Fatalf("%d browsers in Studio, want one more than %d", len(openings), before)
	}
	if o := openings[len(openings)-1]; !o.OK || o.Domain != domain || o.Profile != profile {
		v.r.t.Errorf("Studio opened %+v, want %s in %s", o, profile, domain)
	}
}

// nothing says that SageMaker was asked for nothing.
func (r *rig) nothing() {
	r.t.Helper()
	if n := r.sagemaker.CallCount("CreatePresignedDomainUrl"); n != 0 {
		r.t.Errorf("SageMaker was asked for %d URLs", n)
	}
}

// pressedLink is the link of a button that its owner pressed.
func (r *rig) pressedLink(user string) string {
	r.t.Helper()
	return r.press(user, r.command(user, "research"), 0)
}

// somebody must not be named to anybody else.
var somebody = regexp.MustCompile(`U0JANE|jane|U0SAM|sam-`)
