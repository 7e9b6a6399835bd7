package slacksim_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"testing"

	"github.com/studiobot/studiobot/internal/slacksim"
)

// The sign-in works with a certified OpenID client, as Slack's and as some other
// organisation's.
func TestOpenIDJudge(t *testing.T) {
	t.Parallel()
	node, err := exec.LookPath("node")
	if err == nil {
		_, err = os.Stat("judge/node_modules/openid-client/package.json")
	}
	if err != nil {
		const need = "needs Node: run npm ci in internal/slacksim/judge"
		if os.Getenv("STUDIOBOT_NO_SKIP") == "1" {
			t.Fatal(need)
		}
		t.Skip(need)
	}
	for _, plain := range []bool{false, true} {
		s, err := slacksim.Start(slacksim.Options{PlainOpenID: plain})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Close)
		s.AddPeople(slacksim.Person{ID: "U0JANE", Name: "jane", RealName: "Jane", Email: "jane@example.com", EmailConfirmed: true})
		const redirect = "https://studio.example.com/auth/callback"
		s.SetRedirectURLs(redirect)
		cmd := exec.CommandContext(t.Context(), node, "openid.mjs", s.Issuer(), s.ClientID(), s.ClientSecret(), redirect, "U0JANE")
		cmd.Dir, cmd.Stderr = "judge", t.Output()
		cmd.Env = append(os.Environ(), "NO_PROXY=127.0.0.1", "no_proxy=127.0.0.1")
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("plain %v: %v", plain, err)
		}
		var saw struct {
			Claims, Info map[string]any
			Again        string
		}
		if err := json.Unmarshal(out, &saw); err != nil {
			t.Fatal(err)
		}
		slack := map[bool]any{false: "U0JANE", true: nil}[plain]
		if saw.Claims["https://slack.com/user_id"] != slack || saw.Claims["email"] != "jane@example.com" || saw.Info["sub"] != "U0JANE" || saw.Info["name"] != "Jane" {
			t.Errorf("plain %v: the judge saw %s", plain, out)
		}
		if saw.Again == "accepted" {
			t.Errorf("plain %v: a code was good twice", plain)
		}
	}
}
