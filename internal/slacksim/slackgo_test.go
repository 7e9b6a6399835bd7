package slacksim_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
	"github.com/studiobot/studiobot/internal/slacksim"
)

func slackGo(s *slacksim.Server) (*slack.Client, *socketmode.Client) {
	quiet := log.New(io.Discard, "", 0)
	api := slack.New(s.BotToken(),
		slack.OptionAppLevelToken(s.AppToken()),
		slack.OptionHTTPClient(&http.Client{Timeout: patience}),
		slack.OptionAPIURL(s.APIURL()),
		slack.OptionLog(quiet))
	return api, socketmode.New(api, socketmode.OptionLog(quiet), socketmode.OptionPingInterval(200*time.Millisecond))
}

// run drives slack-go's own client and answers every command with text.
func run(t *testing.T, s *slacksim.Server, text string) {
	t.Helper()
	_, client := slackGo(s)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- client.RunContext(ctx) }()
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case evt := <-client.Events:
				if evt.Type != socketmode.EventTypeSlashCommand && evt.Type != socketmode.EventTypeInteractive && evt.Type != socketmode.EventTypeEventsAPI {
					continue
				}
				var payload any
				if evt.Type == socketmode.EventTypeSlashCommand {
					cmd, _ := evt.Data.(slack.SlashCommand)
					payload = map[string]string{"response_type": "ephemeral", "text": text + " " + cmd.UserID}
				}
				if err := client.AckCtx(ctx, evt.Request.EnvelopeID, payload); err != nil && ctx.Err() == nil {
					t.Error(err)
				}
			}
		}
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("RunContext: %v", err)
		}
	})
}

func TestSlackGoSocketMode(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{PingEvery: 20 * time.Millisecond, AckDeadline: patience})
	s.AddPeople(slacksim.Crowd(3, "")...)
	run(t, s, "hello")
	ask := func(when string) {
		t.Helper()
		if err := s.WaitConnections(within(t), 1); err != nil {
			t.Fatalf("%s: %v", when, err)
		}
		answer, err := s.Command(within(t), "U0000001", "/studio", "")
		if err != nil || answer.Message == nil || answer.Message.Text != "hello U0000001" {
			t.Fatalf("%s: %+v, %v", when, answer, err)
		}
	}
	ask("at first")
	for _, reason := range []string{slacksim.ReasonWarning, slacksim.ReasonRefresh, slacksim.ReasonLinkDisabled} {
		mark := s.Mark()
		s.Refresh(reason)
		if _, err := s.WaitForAfter(within(t), mark, func(r slacksim.Record) bool { return r.Kind == slacksim.KindConnect }); err != nil {
			t.Fatal(err)
		}
		ask("after " + reason)
	}
	mark := s.Mark()
	s.KillAll()
	if _, err := s.WaitForAfter(within(t), mark, func(r slacksim.Record) bool { return r.Kind == slacksim.KindConnect }); err != nil {
		t.Fatal(err)
	}
	ask("after being killed")

	// Without pings the client gives its socket up and opens another.
	s.PausePings(true)
	mark = s.Mark()
	if _, err := s.WaitForAfter(within(t), mark, func(r slacksim.Record) bool { return r.Kind == slacksim.KindConnect }); err != nil {
		t.Fatal(err)
	}
	s.PausePings(false)
	ask("after a silence")
	answer, err := s.SendEvent(within(t), map[string]any{"type": "app_home_opened", "user": "U0000001", "channel": "D1", "tab": "home"})
	if err != nil || !answer.Acked {
		t.Errorf("event: %+v, %v", answer, err)
	}
}

func TestSlackGoDecodesEverything(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{EnterpriseID: "E0ACME"})
	_, client := slackGo(s)
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	go func() { _ = client.RunContext(ctx) }()
	next := func(kind socketmode.EventType) socketmode.Event {
		t.Helper()
		for {
			select {
			case evt := <-client.Events:
				if evt.Type == socketmode.EventTypeErrorBadMessage {
					t.Fatalf("slack-go can't parse it: %v", evt.Data.(*socketmode.ErrorBadMessage).Cause)
				}
				if evt.Type == kind {
					return evt
				}
			case <-within(t).Done():
				t.Fatalf("no %s", kind)
			}
		}
	}
	next(socketmode.EventTypeHello)
	p := s.StartCommandWith(slacksim.CommandOptions{UserID: "U1", Command: "/studio", Text: "prod", ChannelID: "D1"})
	evt := next(socketmode.EventTypeSlashCommand)
	cmd, _ := evt.Data.(slack.SlashCommand)
	if cmd.UserID != "U1" || cmd.Text != "prod" || cmd.TeamID != s.TeamID() || cmd.EnterpriseID != "E0ACME" || cmd.IsEnterpriseInstall || cmd.APIAppID != s.AppID() {
		t.Errorf("command %+v", cmd)
	}
	button := slack.NewButtonBlockElement("open", "h1", slack.NewTextBlockObject("plain_text", "Open", false, false)).WithURL("https://studio.example.com/launch/abc")
	if err := client.AckCtx(ctx, evt.Request.EnvelopeID, map[string]any{
		"text": "Ready.", "blocks": []slack.Block{slack.NewActionBlock("studio", button)},
	}); err != nil {
		t.Fatal(err)
	}
	answer, err := p.Wait(within(t))
	if err != nil || answer.Message == nil {
		t.Fatalf("%+v, %v", answer, err)
	}

	press, err := s.PressWith(within(t), slacksim.PressOptions{MessageID: answer.Message.ID, Delay: time.Nanosecond})
	if err != nil || press.URL != "https://studio.example.com/launch/abc" {
		t.Fatalf("%+v, %v", press, err)
	}
	click, _ := next(socketmode.EventTypeInteractive).Data.(slack.InteractionCallback)
	if click.Type != slack.InteractionTypeBlockActions || click.User.ID != "U1" || click.User.TeamID != s.TeamID() || !click.Container.IsEphemeral ||
		len(click.ActionCallback.BlockActions) != 1 || click.ActionCallback.BlockActions[0].Value != "h1" || click.ResponseURL != press.ResponseURL {
		t.Errorf("click %+v", click)
	}
	for _, event := range []func(){
		func() { s.JoinPerson(slacksim.Person{ID: "U9"}) },
		func() { s.ChangePerson(slacksim.Person{ID: "U9", Guest: true}) },
	} {
		event()
		next(socketmode.EventTypeEventsAPI)
	}
}

func TestSlackGoWebAPI(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	s.AddPeople(slacksim.Crowd(250, "")...)
	s.AddPeople(slacksim.Person{ID: "U-guest", Guest: true, Email: "g@example.com"})
	api, _ := slackGo(s)
	ctx := within(t)
	auth, err := api.AuthTestContext(ctx)
	if err != nil || auth.TeamID != s.TeamID() || auth.UserID != s.BotUserID() {
		t.Errorf("auth.test: %+v, %v", auth, err)
	}
	users, err := api.GetUsersContext(ctx, slack.GetUsersOptionLimit(100))
	if err != nil || len(users) != 253 {
		t.Errorf("users.list: %d, %v", len(users), err)
	}
	guest, err := api.GetUserInfoContext(ctx, "U-guest")
	if err != nil || !guest.IsRestricted || guest.Profile.Email != "g@example.com" || guest.IsEmailConfirmed {
		t.Errorf("users.info: %+v, %v", guest, err)
	}
	refused := slack.SlackErrorResponse{}
	if _, err := api.GetUserInfoContext(ctx, "U404"); !errors.As(err, &refused) || refused.Err != "user_not_found" {
		t.Errorf("unknown person: %v", err)
	}
	s.Fail(slacksim.Fault{Method: "users.info", N: 1, RetryAfter: time.Second})
	limited := (*slack.RateLimitedError)(nil)
	if _, err := api.GetUserInfoContext(ctx, "U-guest"); !errors.As(err, &limited) || limited.RetryAfter != time.Second {
		t.Errorf("limited: %v", err)
	}
	channel, _, _, err := api.OpenConversationContext(ctx, &slack.OpenConversationParameters{Users: []string{"U-guest"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := api.PostMessageContext(ctx, channel.ID, slack.MsgOptionText("hi", false)); err != nil {
		t.Error(err)
	}
	if seen := s.Messages("U-guest"); len(seen) != 1 || seen[0].Text != "hi" {
		t.Errorf("the guest sees %+v", seen)
	}
}
