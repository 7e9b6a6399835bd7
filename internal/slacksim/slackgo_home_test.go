package slacksim_test

import (
	"errors"
	"strconv"
	"testing"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"
	"github.com/studiobot/studiobot/internal/slacksim"
)

// slackGoMenu is an overflow with a URL in it and a dialog before it.
func slackGoMenu() *slack.OverflowBlockElement {
	words := func(text string) *slack.TextBlockObject {
		return slack.NewTextBlockObject("plain_text", text, false, false)
	}
	docs := slack.NewOptionBlockObject("docs", words("Read"), nil)
	docs.URL = "https://x.example/docs"
	return slack.NewOverflowBlockElement("more", slack.NewOptionBlockObject("canvas", words("Canvas"), nil), docs).
		WithConfirm(slack.NewConfirmationBlockObject(words("Sure?"), words("It may cost."), words("Yes"), words("No")))
}

func TestSlackGoHome(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{AckDeadline: patience})
	s.AddPeople(slacksim.Person{ID: "U1"})
	api, client, next := events(t, s)
	next(socketmode.EventTypeHello)
	done := make(chan error, 1)
	acked := func(kind socketmode.EventType, act func() error) socketmode.Event {
		t.Helper()
		go func() { done <- act() }()
		evt := next(kind)
		if err := client.AckCtx(within(t), evt.Request.EnvelopeID, nil); err != nil {
			t.Fatal(err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
		return evt
	}
	open := func() *slackevents.AppHomeOpenedEvent {
		t.Helper()
		evt := acked(socketmode.EventTypeEventsAPI, func() error { _, err := s.OpenHome(within(t), "U1"); return err })
		outer, _ := evt.Data.(slackevents.EventsAPIEvent)
		opened, _ := outer.InnerEvent.Data.(*slackevents.AppHomeOpenedEvent)
		if opened == nil || opened.User != "U1" || opened.Tab != "home" || opened.Channel != "D1" {
			t.Fatalf("event %s", evt.Request.Payload)
		}
		return opened
	}
	if first := open(); first.View != nil {
		t.Errorf("view %+v", first.View)
	}
	home := slack.HomeTabViewRequest{Type: slack.VTHomeTab, CallbackID: "home", Blocks: slack.Blocks{BlockSet: []slack.Block{
		slack.NewActionBlock("launch", slackGoMenu()),
	}}}
	view, err := api.PublishViewContext(within(t), slack.PublishViewContextRequest{UserID: "U1", View: home})
	if err != nil || view.Type != slack.VTHomeTab {
		t.Fatalf("views.publish: %+v, %v", view, err)
	}
	if second := open(); second.View == nil || second.View.ID != view.ID || second.View.Hash != view.Hash || second.View.CallbackID != "home" {
		t.Errorf("view %+v", second.View)
	}
	refused, stale := slack.SlackErrorResponse{}, "1.x"
	if _, err := api.PublishViewContext(within(t), slack.PublishViewContextRequest{UserID: "U1", View: home, Hash: &stale}); !errors.As(err, &refused) || refused.Err != "hash_conflict" {
		t.Errorf("a stale hash: %v", err)
	}
	evt := acked(socketmode.EventTypeInteractive, func() error { _, err := s.ChooseHome(within(t), "U1", 0, "docs"); return err })
	chosen, _ := evt.Data.(slack.InteractionCallback)
	if chosen.Type != slack.InteractionTypeBlockActions || chosen.Container.Type != "view" || chosen.Container.ViewID != view.ID || chosen.View.ID != view.ID ||
		chosen.ResponseURL != "" || chosen.Channel.ID != "" || len(chosen.ActionCallback.BlockActions) != 1 || chosen.ActionCallback.BlockActions[0].SelectedOption.URL != "https://x.example/docs" {
		t.Errorf("choice %s", evt.Request.Payload)
	}
	evt = acked(socketmode.EventTypeInteractive, func() error { _, err := s.Shortcut(within(t), "U1", "open_studio"); return err })
	shortcut, _ := evt.Data.(slack.InteractionCallback)
	if shortcut.Type != slack.InteractionTypeShortcut || shortcut.CallbackID != "open_studio" || shortcut.TriggerID == "" || shortcut.APIAppID != "" ||
		shortcut.User.ID != "U1" || shortcut.Team.ID != s.TeamID() || evt.Request.AcceptsResponsePayload {
		t.Errorf("shortcut %s", evt.Request.Payload)
	}
}

func TestSlackGoSchedules(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	s.AddPeople(slacksim.Person{ID: "U1"})
	api, _ := slackGo(s)
	at := strconv.FormatInt(inSeconds(600), 10)
	channel, id, err := api.ScheduleMessageContext(within(t), "U1", at, slack.MsgOptionText("soon over", false), slack.MsgOptionBlocks(slack.NewActionBlock("", slackGoMenu())))
	if err != nil || channel != "D1" || len(s.Scheduled()) != 1 || s.Scheduled()[0].ID != id {
		t.Fatalf("chat.scheduleMessage: %s, %s, %v", channel, id, err)
	}
	params := slack.DeleteScheduledMessageParameters{Channel: channel, ScheduledMessageID: id}
	if ok, err := api.DeleteScheduledMessageContext(within(t), &params); err != nil || !ok || len(s.Scheduled()) != 0 {
		t.Errorf("chat.deleteScheduledMessage: %v, %v", ok, err)
	}
	refused := slack.SlackErrorResponse{}
	if _, err := api.DeleteScheduledMessageContext(within(t), &params); !errors.As(err, &refused) || refused.Err != "invalid_scheduled_message_id" {
		t.Errorf("twice: %v", err)
	}
}
