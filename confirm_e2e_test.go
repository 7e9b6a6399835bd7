package studiobot_test

import (
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/studiobot/studiobot/internal/sagemakersim"
)

var nonceField = regexp.MustCompile(`name="nonce" value="([0-9a-f]+)"`)

// confirm opens a link and presses the button of its page.
func (r *rig) confirm(link string) answer {
	r.t.Helper()
	page := r.get(link)
	m := nonceField.FindStringSubmatch(page.body)
	if page.status != http.StatusOK || m == nil {
		r.t.Fatalf("no confirm page: %d %q\n%s", page.status, page.title, r.log)
	}
	req, err := http.NewRequestWithContext(r.within(), http.MethodPost, link, strings.NewReader(url.Values{"nonce": {m[1]}}.Encode()))
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("User-Agent", "Mozilla/5.0 Firefox/140")
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	resp, err := browser().Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	return answer{status: resp.StatusCode, location: resp.Header.Get("Location")}
}

// restart stops studiobot, does something, and starts it again.
func (r *rig) restart(s setup, between func()) {
	r.t.Helper()
	if err := r.shut(); err != nil {
		r.t.Fatal(err)
	}
	between()
	r.run(s)
	r.ready(2)
}

// A restart forgets who holds links, and of a list that was edited meanwhile no
// change is seen: no denial is written. The confirm page's button opens no link
// for whom the list has lost.
func TestConfirmAfterRestartAndLoss(t *testing.T) {
	t.Parallel()
	var users strings.Builder
	users.WriteString("U0JANE: {research: jane-doe}\nU0SAM: {research: sam-research}\n")
	for i := range 1500 {
		fmt.Fprintf(&users, "U0P%05d: p-%d\n", i, i)
	}
	const left = "U0SAM: {research: sam-research}\n"
	for _, down := range []bool{false, true} {
		t.Run(fmt.Sprintf("edited while down: %v", down), func(t *testing.T) {
			t.Parallel()
			s := setup{users: users.String(), launch: ", proof: confirm", config: fmt.Sprintf("store: %q", "sqlite:"+filepath.Join(t.TempDir(), "bot.db"))}
			r := start(t, s)
			old := r.url
			janes, sams := r.command("U0JANE", "").Buttons()[0].URL, r.command("U0SAM", "").Buttons()[0].URL
			r.restart(s, func() {
				if down {
					r.writeUsers(left)
				}
			})
			if !down {
				r.writeUsers(left)
				r.await("the file to be read", func() bool { return strings.Count(r.log.String(), `"users file read"`) == 3 })
			}
			if strings.Contains(r.log.String(), `"step":"denied"`) {
				t.Error("a denial was written, so that this shows nothing")
			}
			if a := r.confirm(strings.Replace(janes, old, r.url, 1)); a.status != http.StatusForbidden || a.location != "" {
				t.Errorf("the link of somebody who lost access: %d", a.status)
			}
			if n := r.sagemaker.CallCount("CreatePresignedDomainUrl"); n != 0 {
				t.Errorf("SageMaker was asked %d times", n)
			}
			if a := r.confirm(strings.Replace(sams, old, r.url, 1)); a.status != http.StatusSeeOther || a.location == "" {
				t.Errorf("the link of somebody who lost nothing: %d", a.status)
			}
		})
	}
}

// The page's button opens no space that somebody else has by now.
func TestConfirmOfASpaceThatChangedHands(t *testing.T) {
	t.Parallel()
	s := placesSetup()
	s.launch = ", proof: confirm"
	r := start(t, s)
	r.listed("U0JANE", "spaces", "running")
	link := func(name string) string { return r.command("U0JANE", name).Buttons()[0].URL }
	code, lab := link("janes-code"), link("janes-lab")
	r.sagemaker.SetSpace(researchID, sagemakersim.Space{Name: "janes-code", Owner: "sam-research", App: sagemakersim.CodeEditor})
	r.await("the space to be gone", func() bool { return strings.Contains(says(r.command("U0JANE", "janes-code")), "I don't know") })
	if a := r.confirm(code); a.status != http.StatusForbidden || a.location != "" {
		t.Errorf("status %d, a location: %t", a.status, a.location != "")
	}
	if a := r.confirm(lab); a.status != http.StatusSeeOther || a.location == "" {
		t.Errorf("status %d, a location: %t", a.status, a.location != "")
	}
}
