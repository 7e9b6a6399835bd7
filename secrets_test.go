package studiobot_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/studiobot/studiobot"
)

func TestSecretsFromTheEnvironment(t *testing.T) {
	t.Parallel()
	const (
		app, bot = "xapp-1-A0-1-hunter2", "xoxb-1-2-hunter2"
		appThere = "put an app-level token there, which begins with xapp-"
		botThere = "put a bot token there, which begins with xoxb-"
	)
	folder := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	appFile, botFile, empty := write("app", app+"\r\n"), write("bot", bot+"\n"), write("empty", "\n")
	nowhere := filepath.Join(folder, "nowhere")
	for name, c := range map[string]struct {
		env  map[string]string
		want []string // without "environment: "
	}{
		"both":               {map[string]string{"SLACK_APP_TOKEN": app, "SLACK_BOT_TOKEN": bot}, nil},
		"a line break":       {map[string]string{"SLACK_APP_TOKEN": app + "\n", "SLACK_BOT_TOKEN": bot}, nil},
		"from files":         {map[string]string{"SLACK_APP_TOKEN_FILE": appFile, "SLACK_BOT_TOKEN_FILE": botFile}, nil},
		"one from a file":    {map[string]string{"SLACK_APP_TOKEN": app, "SLACK_BOT_TOKEN_FILE": botFile}, nil},
		"only one":           {map[string]string{"SLACK_APP_TOKEN": app}, []string{"SLACK_BOT_TOKEN: is missing; set it to a token beginning with xoxb-, or SLACK_BOT_TOKEN_FILE to a file that holds it"}},
		"swapped":            {map[string]string{"SLACK_APP_TOKEN": bot, "SLACK_BOT_TOKEN": app}, []string{"SLACK_APP_TOKEN: holds the bot token, and SLACK_BOT_TOKEN the app-level token; swap the two"}},
		"bot token twice":    {map[string]string{"SLACK_APP_TOKEN": bot, "SLACK_BOT_TOKEN": bot}, []string{"SLACK_APP_TOKEN: holds a bot token; " + appThere}},
		"app token twice":    {map[string]string{"SLACK_APP_TOKEN": app, "SLACK_BOT_TOKEN": app}, []string{"SLACK_BOT_TOKEN: holds an app-level token; " + botThere}},
		"a user token":       {map[string]string{"SLACK_APP_TOKEN": app, "SLACK_BOT_TOKEN": "xoxp-hunter2"}, []string{"SLACK_BOT_TOKEN: holds a user token; " + botThere}},
		"a rotated token":    {map[string]string{"SLACK_APP_TOKEN": app, "SLACK_BOT_TOKEN": "xoxe.xoxb-hunter2"}, []string{"SLACK_BOT_TOKEN: holds a configuration or rotated token; " + botThere}},
		"no token":           {map[string]string{"SLACK_APP_TOKEN": "hunter2", "SLACK_BOT_TOKEN": bot}, []string{"SLACK_APP_TOKEN: doesn't begin with xapp-; " + appThere}},
		"its beginning":      {map[string]string{"SLACK_APP_TOKEN": "xapp-", "SLACK_BOT_TOKEN": bot}, []string{"SLACK_APP_TOKEN: is only the beginning of a token; " + appThere}},
		"a space":            {map[string]string{"SLACK_APP_TOKEN": app + " x", "SLACK_BOT_TOKEN": bot}, []string{"SLACK_APP_TOKEN: has a space, a line break or another character that no token has; " + appThere}},
		"too long":           {map[string]string{"SLACK_APP_TOKEN": app + strings.Repeat("x", 1024), "SLACK_BOT_TOKEN": bot}, []string{"SLACK_APP_TOKEN: is longer than 1024 characters; " + appThere}},
		"variable and file":  {map[string]string{"SLACK_APP_TOKEN": app, "SLACK_APP_TOKEN_FILE": appFile, "SLACK_BOT_TOKEN": bot}, []string{"SLACK_APP_TOKEN: is set, and so is SLACK_APP_TOKEN_FILE; keep one of them"}},
		"an empty file":      {map[string]string{"SLACK_APP_TOKEN_FILE": empty, "SLACK_BOT_TOKEN": bot}, []string{"SLACK_APP_TOKEN_FILE: empty is empty; name a file that holds a token beginning with xapp-"}},
		"no file":            {map[string]string{"SLACK_APP_TOKEN_FILE": nowhere, "SLACK_BOT_TOKEN": bot}, []string{"SLACK_APP_TOKEN_FILE: nowhere can't be read (no such file or directory); name a file that holds a token beginning with xapp-"}},
		"token as file":      {map[string]string{"SLACK_APP_TOKEN_FILE": app, "SLACK_BOT_TOKEN": bot}, []string{"SLACK_APP_TOKEN_FILE: [secret] can't be read (no such file or directory); name a file that holds a token beginning with xapp-"}},
		"a folder":           {map[string]string{"SLACK_APP_TOKEN_FILE": folder + "/.", "SLACK_BOT_TOKEN": bot}, []string{"SLACK_APP_TOKEN_FILE: . is no regular file; name a file that holds a token beginning with xapp-"}},
		"wrong one in file":  {map[string]string{"SLACK_APP_TOKEN_FILE": botFile, "SLACK_BOT_TOKEN": bot}, []string{"SLACK_APP_TOKEN_FILE: holds a bot token; " + appThere}},
		"Slack by http":      {map[string]string{"SLACK_APP_TOKEN": app, "SLACK_BOT_TOKEN": bot, "SLACK_API_URL": "http://hunter2.example.com"}, []string{"SLACK_API_URL: is http, and not on a loopback host; set it to an https address like https://slack.com/api/ (http on a loopback host only)"}},
		"SageMaker by http":  {map[string]string{"SLACK_APP_TOKEN": app, "SLACK_BOT_TOKEN": bot, "AWS_ENDPOINT_URL_SAGEMAKER": "http://hunter2.example.com"}, []string{"AWS_ENDPOINT_URL_SAGEMAKER: must be https (http only on a loopback address)"}},
		"AWS by http":        {map[string]string{"SLACK_APP_TOKEN": app, "SLACK_BOT_TOKEN": bot, "AWS_ENDPOINT_URL": "http://hunter2.example.com"}, []string{"AWS_ENDPOINT_URL: must be https (http only on a loopback address)"}},
		"AWS on this device": {map[string]string{"SLACK_APP_TOKEN": app, "SLACK_BOT_TOKEN": bot, "AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := mistakes(t, least, func(name string) string { return c.env[name] })
			for i := range got {
				got[i] = strings.ReplaceAll(strings.TrimPrefix(got[i], "environment: "), folder+"/", "")
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got:\n%s", strings.Join(got, "\n"))
			}
			if strings.Contains(strings.Join(got, ""), "hunter2") {
				t.Error("a value of the environment is repeated")
			}
		})
	}
}

func TestSecretsAreRead(t *testing.T) {
	t.Parallel()
	folder := configFolder(t)
	appFile := filepath.Join(folder, "app")
	if err := os.WriteFile(appFile, []byte("xapp-1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"SLACK_APP_TOKEN_FILE": appFile, "SLACK_BOT_TOKEN": "xoxb-1", "SLACK_API_URL": "https://slack-proxy.example.com/api"}
	cfg, err := studiobot.Parse(filepath.Join(folder, "studiobot.yaml"), []byte(least), func(name string) string { return env[name] })
	if err != nil {
		t.Fatal(err)
	}
	if a, b := cfg.Secrets.AppToken.Reveal(), cfg.Secrets.BotToken.Reveal(); a != "xapp-1" || b != "xoxb-1" {
		t.Errorf("got %q and %q", a, b)
	}
	if cfg.SlackAPIURL != "https://slack-proxy.example.com/api/" {
		t.Errorf("SlackAPIURL is %s", cfg.SlackAPIURL)
	}
}

// However a secret is printed, alone or inside something, its text isn't there.
func TestSecretNeverPrints(t *testing.T) {
	t.Parallel()
	const value = "xoxb-hunter2"
	secret := studiobot.NewSecret(value)
	if secret.Reveal() != value || (studiobot.Secret{}).Reveal() != "" {
		t.Fatal("Reveal doesn't give the value")
	}
	type deep struct {
		Public studiobot.Secrets
		hidden studiobot.Secrets
	}
	s := studiobot.Secrets{AppToken: secret, BotToken: secret}
	for _, v := range []any{
		secret, &secret, []studiobot.Secret{secret}, map[string]studiobot.Secret{"a": secret}, s, &s,
		studiobot.Config{Secrets: s}, deep{s, s}, &deep{s, s}, fmt.Errorf("wrap: %v", secret),
	} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T", "%p", "%t", "%10s"} {
			if got := fmt.Sprintf(verb, v); leaks(got, value) {
				t.Errorf("%s of %T leaks: %s", verb, v, got)
			}
		}
		if data, err := json.Marshal(v); err != nil || leaks(string(data), value) {
			t.Errorf("JSON of %T: %s, %v", v, data, err)
		}
		var text, jsonLog bytes.Buffer
		slog.New(slog.NewTextHandler(&text, nil)).Info("m", "v", v)
		slog.New(slog.NewJSONHandler(&jsonLog, nil)).Info("m", "v", v)
		if leaks(text.String(), value) || leaks(jsonLog.String(), value) {
			t.Errorf("slog of %T leaks: %s %s", v, &text, &jsonLog)
		}
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		if got := fmt.Sprintf(verb, secret); got != "[secret]" {
			t.Errorf("%s prints %q", verb, got)
		}
	}
}

func leaks(s, secret string) bool {
	return strings.Contains(s, secret) || strings.Contains(strings.ToLower(s), fmt.Sprintf("%x", secret)) || strings.Contains(s, "hunter2")
}
