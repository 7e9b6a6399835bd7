package studiobot_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/studiobot/studiobot"
)

// What is wrong with sign_in is said like everything else: all at once, with
// file and line and what would be right, and never with a secret.
func TestSignInMistakes(t *testing.T) {
	t.Parallel()
	const keyWant = "; write keys of `openssl rand -base64 32`, with spaces between them: the first seals, all of them open"
	for name, c := range map[string]struct {
		add  string
		env  map[string]string
		want []string
	}{
		"nothing":      {},
		"fine":         {add: "sign_in: {client_id: x}\nlaunch: {proof: sign_in}\n"},
		"only session": {add: "sign_in: {session: 1h}\n", want: []string{"studiobot.yaml:6: sign_in.client_id: is missing; write the client ID, or leave sign_in out"}},
		"proof alone":  {add: "launch: {proof: sign_in}\n", want: []string{"studiobot.yaml:6: launch.proof: is sign_in, and nobody can sign in; write sign_in: {client_id: …}; docs/sign-in.md says where it comes from"}},
		"with Slack": {add: "sign_in: {client_id: x, email_domains: [example.com], claims: {hd: x}}\n", want: []string{
			"studiobot.yaml:6: sign_in.email_domains: goes with another provider than Slack only; leave it out",
			"studiobot.yaml:6: sign_in.claims: goes with another provider than Slack only; leave it out",
		}},
		"http":     {add: "sign_in: {client_id: x, issuer: \"http://login.example.com\"}\n", want: []string{"studiobot.yaml:6: sign_in.issuer: is http, and not on a loopback host; write an https address like https://slack.com (http on a loopback host only)"}},
		"Google":   {add: "sign_in: {client_id: x, issuer: \"https://accounts.google.com\"}\n", want: []string{"studiobot.yaml:6: sign_in.claims: has no hd: without it anybody's Google account counts that was once opened with an address of yours; write claims: {hd: example.com} with your Google Workspace domain"}},
		"too long": {add: "sign_in: {client_id: x, session: 48h}\n", want: []string{"studiobot.yaml:6: sign_in.session: 48h is too long; write a duration from 5m to 24h in whole seconds"}},
		"no secrets": {add: "sign_in: {client_id: x}\n", env: map[string]string{"STUDIOBOT_CLIENT_SECRET": "", "STUDIOBOT_COOKIE_KEYS": ""}, want: []string{
			"environment: STUDIOBOT_CLIENT_SECRET: is missing; set it to the client secret that the provider gave you, or STUDIOBOT_CLIENT_SECRET_FILE to a file that holds it",
			"environment: STUDIOBOT_COOKIE_KEYS: is missing; write keys of `openssl rand -base64 32`, with spaces between them: the first seals, all of them open, or STUDIOBOT_COOKIE_KEYS_FILE to a file that holds it",
		}},
		"a spoilt secret": {add: "sign_in: {client_id: x}\n", env: map[string]string{"STUDIOBOT_CLIENT_SECRET": "hunter 2"}, want: []string{"environment: STUDIOBOT_CLIENT_SECRET: has a space, a line break or another character that no client secret has, or is too long; put the client secret there, and nothing else"}},
		"a short key":     {add: "sign_in: {client_id: x}\n", env: map[string]string{"STUDIOBOT_COOKIE_KEYS": "aHVudGVyMg=="}, want: []string{"environment: STUDIOBOT_COOKIE_KEYS: has a key (number 1) of 7 bytes, fewer than 32" + keyWant}},
		"no base64":       {add: "sign_in: {client_id: x}\n", env: map[string]string{"STUDIOBOT_COOKIE_KEYS": cookieKey + " hunter2!"}, want: []string{"environment: STUDIOBOT_COOKIE_KEYS: has a key (number 2) that isn't base64" + keyWant}},
		"a key twice":     {add: "sign_in: {client_id: x}\n", env: map[string]string{"STUDIOBOT_COOKIE_KEYS": cookieKey + "," + cookieKey}, want: []string{"environment: STUDIOBOT_COOKIE_KEYS: has a key twice (number 2)" + keyWant}},
		"many keys":       {add: "sign_in: {client_id: x}\n", env: map[string]string{"STUDIOBOT_COOKIE_KEYS": strings.Repeat(cookieKey+" ", 9)}, want: []string{"environment: STUDIOBOT_COOKIE_KEYS: has 9 keys, not 1 to 8" + keyWant}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			getenv := func(name string) string {
				if v, ok := c.env[name]; ok {
					return v
				}
				return tokens(name)
			}
			if got := mistakes(t, least+c.add, getenv); !slices.Equal(got, c.want) {
				t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

// The client secret and the cookie keys may stand in files.
func TestSignInSecretsFromFiles(t *testing.T) {
	t.Parallel()
	folder := configFolder(t)
	env := map[string]string{"SLACK_APP_TOKEN": "xapp-1", "SLACK_BOT_TOKEN": "xoxb-1"}
	for name, text := range map[string]string{"STUDIOBOT_CLIENT_SECRET": "hunter2\n", "STUDIOBOT_COOKIE_KEYS": cookieKey + "\n"} {
		env[name+"_FILE"] = filepath.Join(folder, name)
		if err := os.WriteFile(env[name+"_FILE"], []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cfg, err := studiobot.Parse(filepath.Join(folder, "studiobot.yaml"), []byte(least+"sign_in: {client_id: x}\n"), func(name string) string { return env[name] })
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Secrets.ClientSecret.Reveal() != "hunter2" || cfg.Secrets.CookieKeys.Reveal() != cookieKey {
		t.Error("they weren't read")
	}
	manifest := string(studiobot.Manifest(&cfg))
	if !strings.Contains(manifest, "redirect_urls:\n    - https://studio.example.com/auth/callback") || strings.Contains(manifest, "users:read.email") {
		t.Errorf("the manifest is\n%s", manifest)
	}
	cfg.SignIn.Issuer = "https://login.example.com"
	if manifest = string(studiobot.Manifest(&cfg)); strings.Contains(manifest, "redirect_urls") || !strings.Contains(manifest, "users:read.email") {
		t.Errorf("with another provider the manifest is\n%s", manifest)
	}
}
