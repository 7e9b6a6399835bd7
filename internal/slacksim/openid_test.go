package slacksim_test

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/studiobot/studiobot/internal/slacksim"
)

// send posts a form and follows no redirect.
func send(t *testing.T, address string, form url.Values) (status int, location, body string) {
	t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.PostForm(address, form)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header.Get("Location"), string(data)
}

// Slack's own ways: an empty nonce where none was sent, errors with status 200,
// codes for one try, addresses that are registered.
func TestOpenIDAsSlackDoes(t *testing.T) {
	t.Parallel()
	s, err := slacksim.Start(slacksim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	s.AddPeople(slacksim.Person{ID: "U0JANE", Name: "jane"}, slacksim.Person{ID: "U0DEE", Name: "dee", Deleted: true})
	s.SetRedirectURLs("https://studio.example.com/auth")
	page := func(change url.Values) string {
		q := url.Values{
			"response_type": {"code"}, "scope": {"openid"}, "client_id": {s.ClientID()}, "state": {"abc"}, "redirect_uri": {"https://studio.example.com/auth/callback"},
		}
		for name, value := range change {
			q[name] = value
		}
		return s.Issuer() + "/openid/connect/authorize?" + q.Encode()
	}
	for name, change := range map[string]url.Values{
		"bad_redirect_uri": {"redirect_uri": {"https://studio.example.com/authx"}}, "invalid_client_id": {"client_id": {"x"}}, "invalid_scope": {"scope": {"email"}},
	} {
		if status, _, body := send(t, page(change), url.Values{"user": {"U0JANE"}}); status != http.StatusBadRequest || !strings.Contains(body, name) {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	if status, _, _ := send(t, page(nil), url.Values{"user": {"U0DEE"}}); status != http.StatusBadRequest {
		t.Errorf("somebody deactivated: %d", status)
	}
	_, location, _ := send(t, page(nil), url.Values{"user": {"U0JANE"}})
	back, err := url.Parse(location)
	if err != nil || back.Query().Get("state") != "abc" || back.Query().Get("code") == "" {
		t.Fatalf("sent back to %s", location)
	}
	form := url.Values{
		"client_id": {s.ClientID()}, "client_secret": {s.ClientSecret()}, "grant_type": {"authorization_code"}, "code": {back.Query().Get("code")},
		"redirect_uri": {"https://studio.example.com/auth/callback"},
	}
	ask := func(want string) (token string) {
		t.Helper()
		status, _, body := send(t, s.APIURL()+"openid.connect.token", form)
		var answer struct {
			OK      bool
			Error   string
			IDToken string `json:"id_token"`
		}
		if err := json.Unmarshal([]byte(body), &answer); err != nil || status != http.StatusOK || answer.OK != (want == "") || answer.Error != want {
			t.Errorf("%d %s, want %q", status, body, want)
		}
		return answer.IDToken
	}
	form.Set("client_secret", "x")
	ask("bad_client_secret")
	form.Set("client_secret", s.ClientSecret())
	parts := strings.Split(ask(""), ".")
	claims, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || !strings.Contains(string(claims), `"nonce":""`) || !strings.Contains(string(claims), `"https://slack.com/team_id":"T0ACME"`) {
		t.Errorf("the token says %s", claims)
	}
	ask("invalid_code")
	_, location, _ = send(t, page(url.Values{"code_challenge": {"x"}, "code_challenge_method": {"S256"}}), url.Values{"user": {"U0JANE"}})
	back, _ = url.Parse(location)
	form["code"], form["code_verifier"] = []string{back.Query().Get("code")}, []string{"wrong"}
	ask("invalid_code_verifier")
	for _, r := range s.History() {
		if strings.Contains(string(r.Body), s.ClientSecret()) {
			t.Error("the history holds the client secret")
		}
	}
}
