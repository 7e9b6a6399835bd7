package studiobot_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/studiobot/studiobot/bot"
	"github.com/studiobot/studiobot/internal/slacksim"
)

func TestReadiness(t *testing.T) {
	t.Parallel()
	r := start(t, setup{})
	if a := r.get(r.url + "/readyz"); a.status != http.StatusOK {
		t.Errorf("ready: %d %q", a.status, a.body)
	}
	r.slack.Fail(slacksim.Fault{Method: "apps.connections.open", N: 1000, Status: 503})
	r.slack.KillAll()
	r.await("not to be ready", func() bool { return r.get(r.url+"/readyz").status == http.StatusServiceUnavailable })
	if a := r.get(r.url + "/readyz"); !strings.Contains(a.body, "Slack") {
		t.Errorf("not ready: %q", a.body)
	}
	if a := r.get(r.url + "/healthz"); a.status != http.StatusOK {
		t.Errorf("alive: %d", a.status)
	}
	r.slack.ClearFaults()
	r.await("to be ready again", func() bool { return r.get(r.url+"/readyz").status == http.StatusOK })
}

func TestFinalRefusals(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, method, code, mend string
	}{
		{"wrong bot token", "auth.test", "invalid_auth", "SLACK_BOT_TOKEN"},
		{"uninstalled", "auth.test", "account_inactive", "install it"},
		{"expired", "auth.test", "token_expired", "token rotation"},
		{"wrong app token", "apps.connections.open", "invalid_auth", "SLACK_APP_TOKEN"},
		{"swapped tokens", "apps.connections.open", "not_allowed_token_type", "SLACK_APP_TOKEN"},
		{"app token without its scope", "apps.connections.open", "missing_scope", "connections:write"},
		{"not let in", "apps.connections.open", "forbidden_team", "workspace admin"},
		{"missing scope", "users.list", "missing_scope", "studiobot manifest"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			r := start(t, setup{away: true, before: func(r *rig) {
				r.slack.Fail(slacksim.Fault{Method: row.method, N: 1000, SlackError: row.code})
			}})
			select {
			case err := <-r.done:
				r.done <- nil
				var final *bot.FinalError
				if !errors.As(err, &final) || final.Method != row.method || final.Code != row.code || !strings.Contains(err.Error(), row.mend) {
					t.Errorf("Run = %v, want one that names %s", err, row.mend)
				}
			case <-time.After(patience):
				t.Fatal("it lives on")
			}
		})
	}
}

func TestUninstalledWhileRunning(t *testing.T) {
	t.Parallel()
	for name, event := range map[string]any{
		"app_uninstalled": map[string]any{"type": "app_uninstalled"},
		"tokens_revoked":  map[string]any{"type": "tokens_revoked", "tokens": map[string]any{"bot": []string{"U0STUDIOBOT"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t, setup{})
			go func() { _, _ = r.slack.SendEvent(r.ctx, event) }()
			select {
			case err := <-r.done:
				r.done <- nil
				if !errors.As(err, new(*bot.FinalError)) {
					t.Errorf("Run = %v", err)
				}
			case <-time.After(patience):
				t.Fatal("it lives on")
			}
		})
	}
}

func TestPassingRefusalsAreTriedAgain(t *testing.T) {
	t.Parallel()
	r := start(t, setup{before: func(r *rig) {
		r.slack.Fail(slacksim.Fault{Method: "auth.test", N: 1, Status: 500})
		r.slack.Fail(slacksim.Fault{Method: "auth.test", N: 1, SlackError: "internal_error"})
		r.slack.Fail(slacksim.Fault{Method: "apps.connections.open", N: 2, SlackError: "internal_error"})
		r.slack.Fail(slacksim.Fault{Method: "users.list", N: 1, Status: 503})
		r.slack.Fail(slacksim.Fault{Method: "ws", N: 1, Status: 500})
	}})
	r.launches(r.press("U0JANE", r.command("U0JANE", ""), 0), researchID, "jane-doe")
}

func TestGracefulStop(t *testing.T) {
	t.Parallel()
	r := start(t, setup{})
	link := r.press("U0JANE", r.command("U0JANE", ""), 0)
	r.sagemaker.SetDelay(1500 * time.Millisecond)
	got := make(chan answer, 1)
	go func() {
		a, err := fetch(r.ctx, browser(), link)
		if err != nil {
			a.title = err.Error()
		}
		got <- a
	}()
	r.await("SageMaker to be asked", func() bool { return strings.Contains(r.log.String(), `"step":"opening"`) })
	// Somebody unknown: Slack is asked, slowly, while the stop comes.
	r.slack.AddPeople(slacksim.Person{ID: "U0NEW", Name: "new"})
	r.slack.SetLatency("users.info", 500*time.Millisecond)
	p := r.slack.StartCommand("U0NEW", "/studio", "")
	r.await("the question", func() bool { return r.slack.Calls("users.info") == 1 })
	began := time.Now()
	if err := r.shut(); err != nil {
		t.Errorf("Run = %v", err)
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("the stop took %s", took)
	}
	if a := <-got; a.status != http.StatusFound {
		t.Errorf("the launch in flight got %d %q", a.status, a.title)
	}
	if a, err := p.Wait(r.within()); err != nil || a.Message == nil {
		t.Errorf("the command that was taken got %+v, %v", a, err)
	}
}

func TestSlackCantBeAsked(t *testing.T) {
	t.Parallel()
	r := start(t, setup{away: true, before: func(r *rig) {
		r.slack.Fail(slacksim.Fault{Method: "users.list", N: 1000, Status: 503})
		r.slack.Fail(slacksim.Fault{Method: "users.info", N: 1, Hang: true})
	}})
	if err := r.slack.WaitConnections(r.within(), 1); err != nil {
		t.Fatal(err)
	}
	a, err := r.slack.Command(r.within(), "U0JANE", "/studio", "")
	if err != nil || !a.Acked || a.Message == nil || !strings.Contains(a.Message.Text, "can't check") || len(a.Message.Buttons()) != 0 {
		t.Fatalf("%+v, %v", a, err)
	}
	// users.info serves until the workspace could be read.
	m := a.Message
	r.await("Slack to be asked again", func() bool { m = r.command("U0JANE", ""); return len(m.Buttons()) == 1 })
	r.launches(r.press("U0JANE", m, 0), researchID, "jane-doe")
}

func TestLogHoldsNoSecret(t *testing.T) {
	t.Parallel()
	r := start(t, setup{config: "log: {level: debug}"})
	m := r.command("U0JANE", "")
	link := r.press("U0JANE", m, 0)
	r.slack.Fail(slacksim.Fault{Method: "response_url", N: 5, Status: 500})
	a := r.get(link)
	r.await("the message to fail", func() bool { return strings.Contains(r.log.String(), "didn't get through") })
	r.slack.KillAll()
	if err := r.slack.WaitConnections(r.within(), 2); err != nil {
		t.Fatal(err)
	}
	secrets := []string{r.slack.AppToken(), r.slack.BotToken(), a.location, link[strings.LastIndex(link, "/")+1:], "/api/response", "hooks.slack.com", "ticket="}
	for _, rec := range r.slack.History() {
		if rec.Kind != slacksim.KindEnvelope {
			continue
		}
		var p struct {
			TriggerID   string `json:"trigger_id"`
			ResponseURL string `json:"response_url"`
		}
		if err := json.Unmarshal(rec.Body, &p); err != nil {
			t.Fatal(err)
		}
		secrets = append(secrets, p.TriggerID, p.ResponseURL)
	}
	log := r.log.String()
	for _, s := range secrets {
		if s != "" && strings.Contains(log, s) {
			t.Errorf("the log holds a secret: %.12s…", s)
		}
	}
	for line := range strings.Lines(log) {
		if !json.Valid([]byte(line)) {
			t.Errorf("a stray line: %.80s", line)
		}
	}
}
