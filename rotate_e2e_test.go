package studiobot_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Tokens that change in their files are in use without a restart, for the sockets
// and for calls, and no command is lost meanwhile. What can't be used changes
// nothing.
func TestTokensInFilesRotate(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	appFile, botFile := filepath.Join(folder, "app"), filepath.Join(folder, "bot")
	write := func(path, text string) {
		t.Helper()
		if err := os.WriteFile(path+".new", []byte(text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(path+".new", path); err != nil {
			t.Fatal(err)
		}
	}
	var old [2]string
	s := blocking()
	s.env = map[string]string{"SLACK_APP_TOKEN": "", "SLACK_BOT_TOKEN": "", "SLACK_APP_TOKEN_FILE": appFile, "SLACK_BOT_TOKEN_FILE": botFile}
	s.before = func(r *rig) {
		old = [2]string{r.slack.AppToken(), r.slack.BotToken()}
		write(appFile, old[0])
		write(botFile, old[1])
	}
	r := start(t, s)
	const refused = "the tokens in the files have changed and can't be used"
	for i, bad := range []string{"rubbish", "xoxb-of-nobody", ""} {
		write(botFile, bad)
		r.await("the complaint", func() bool { return strings.Count(r.log.String(), refused) == i+1 })
	}
	r.launches(r.press("U0JANE", r.command("U0JANE", ""), 0), researchID, "jane-doe")
	const app, bot = "xapp-1-renewed", "xoxb-1-renewed"
	r.slack.AddTokens(app, bot)
	write(appFile, app)
	write(botFile, bot)
	dials := r.slack.Calls("ws")
	r.await("the new tokens", func() bool {
		r.command("U0JANE", "") // all along
		return strings.Contains(r.log.String(), "are in use; the old ones can be revoked")
	})
	if n := r.slack.Calls("ws") - dials; n != 2 {
		t.Errorf("%d sockets were opened anew, want 2", n)
	}
	r.slack.RevokeTokens(old[0], old[1])
	r.slack.KillAll()
	r.ready(2)
	r.launches(r.press("U0JANE", r.command("U0JANE", ""), 0), researchID, "jane-doe")
	r.command("U0ANN", "admin block U0JANE")
	r.await("a message by the new bot token", func() bool { return strings.Contains(r.told("U0BOB"), "A Studio session may still run") })
	for _, secret := range []string{app, bot, old[0], old[1], "xoxb-of-nobody"} {
		if strings.Contains(r.log.String(), secret) {
			t.Error("the log holds a token")
		}
	}
}
