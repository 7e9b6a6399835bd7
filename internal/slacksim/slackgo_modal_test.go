package slacksim_test

import (
	"context"
	"errors"
	"io"
	"log"
	"slices"
	"testing"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"
	"github.com/studiobot/studiobot/internal/slacksim"
)

// events runs slack-go's socket client and returns how to wait for an event.
func events(t *testing.T, s *slacksim.Server) (*slack.Client, *socketmode.Client, func(socketmode.EventType) socketmode.Event) {
	t.Helper()
	api, _ := slackGo(s)
	// Its pings are every 200 ms: too strict where the machine is busy, and an
	// event whose socket ended comes twice.
	client := socketmode.New(api, socketmode.OptionLog(log.New(io.Discard, "", 0)), socketmode.OptionPingInterval(patience))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = client.RunContext(ctx)
	}()
	t.Cleanup(func() { cancel(); <-done })
	return api, client, func(kind socketmode.EventType) socketmode.Event {
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
}

// slackGoForm is form, as slack-go writes it.
func slackGoForm() slack.ModalViewRequest {
	words := func(text string) *slack.TextBlockObject {
		return slack.NewTextBlockObject("plain_text", text, false, false)
	}
	domain := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, words("Choose"), "domain_id",
		slack.NewOptionBlockObject("research", words("Research"), nil), slack.NewOptionBlockObject("prod", words("Production"), nil))
	domain.InitialOption = slack.NewOptionBlockObject("research", words("Research"), nil)
	reason := slack.NewPlainTextInputBlockElement(words("Because"), "reason_text")
	reason.Multiline, reason.MaxLength = true, 100
	person := slack.NewOptionsSelectBlockElement(slack.OptTypeUser, words("Somebody"), "person_id")
	optional := slack.NewInputBlock("person", words("For"), nil, person)
	optional.Optional = true
	return slack.ModalViewRequest{
		Type: slack.VTModal, Title: words("Request access"), Submit: words("Send"), Close: words("Not now"), CallbackID: "request",
		PrivateMetadata: "m1", NotifyOnClose: true, Blocks: slack.Blocks{BlockSet: []slack.Block{
			slack.NewSectionBlock(slack.NewTextBlockObject("mrkdwn", "*Where?*", false, false), nil, nil),
			slack.NewInputBlock("domain", words("Domain"), nil, domain),
			slack.NewInputBlock("reason", words("Reason"), words("A hint"), reason), optional,
		}},
	}
}

func TestSlackGoModals(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{AckDeadline: patience})
	s.AddPeople(slacksim.Person{ID: "U1"}, slacksim.Person{ID: "U2"})
	api, client, next := events(t, s)
	next(socketmode.EventTypeHello)
	ack := func(evt socketmode.Event, payload any) {
		t.Helper()
		if err := client.AckCtx(within(t), evt.Request.EnvelopeID, payload); err != nil {
			t.Fatal(err)
		}
	}
	s.StartCommand("U1", "/studio", "")
	evt := next(socketmode.EventTypeSlashCommand)
	cmd, _ := evt.Data.(slack.SlashCommand)
	view, err := api.OpenViewContext(within(t), cmd.TriggerID, slackGoForm())
	if err != nil || view.CallbackID != "request" || view.RootViewID != view.ID {
		t.Fatalf("views.open: %+v, %v", view, err)
	}
	ack(evt, nil)
	submit := func(payload any) *slacksim.Submission {
		t.Helper()
		got := make(chan *slacksim.Submission, 1)
		go func() {
			done, err := s.SubmitModal(within(t), "U1", map[string]string{"domain": "prod", "reason": "two\nlines", "person": "U2"})
			if err != nil {
				t.Error(err)
			}
			got <- done
		}()
		evt := next(socketmode.EventTypeInteractive)
		sent, _ := evt.Data.(slack.InteractionCallback)
		values := sent.View.State.Values
		if sent.Type != slack.InteractionTypeViewSubmission || sent.User.ID != "U1" || sent.View.ID != view.ID || sent.View.PrivateMetadata != "m1" ||
			values["domain"]["domain_id"].SelectedOption.Value != "prod" || values["reason"]["reason_text"].Value != "two\nlines" || values["person"]["person_id"].SelectedUser != "U2" {
			t.Errorf("submission %s", evt.Request.Payload)
		}
		ack(evt, payload)
		return <-got
	}
	if done := submit(slack.NewErrorsViewSubmissionResponse(map[string]string{"reason": "No."})); done.Action != "errors" || done.Modal.Fields[1].Error != "No." {
		t.Errorf("errors: %+v", done)
	}
	again := slackGoForm()
	if done := submit(slack.NewUpdateViewSubmissionResponse(&again)); done.Action != "update" || done.Modal.Fields[1].Value != "two\nlines" {
		t.Errorf("update: %+v", done)
	}
	refused := slack.SlackErrorResponse{}
	if _, err := api.UpdateViewContext(within(t), slackGoForm(), "", view.Hash, view.ID); !errors.As(err, &refused) || refused.Err != "hash_conflict" {
		t.Errorf("views.update with the old hash: %v", err)
	}
	if _, err := api.UpdateViewContext(within(t), slack.ModalViewRequest{Type: slack.VTModal}, "", "", view.ID); !errors.As(err, &refused) || len(refused.ResponseMetadata.Messages) != 1 {
		t.Errorf("views.update with nothing: %v", err)
	}
	if done := submit(slack.NewClearViewSubmissionResponse()); done.Action != "clear" || done.Modal != nil {
		t.Errorf("clear: %+v", done)
	}
}

func TestSlackGoChannels(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	s.AddPeople(slacksim.Person{ID: "U1"})
	s.AddChannel(slacksim.Channel{ID: "C1", Members: []string{"U1"}, BotMember: true})
	api, _ := slackGo(s)
	ctx := within(t)
	channel, ts, err := api.PostMessageContext(ctx, "C1", slack.MsgOptionText("open", false), slack.MsgOptionBlocks(slack.NewDividerBlock()))
	if err != nil || channel != "C1" {
		t.Fatalf("%s, %v", channel, err)
	}
	if _, at, text, err := api.UpdateMessageContext(ctx, channel, ts, slack.MsgOptionText("decided", false)); err != nil || at != ts || text != "decided" {
		t.Errorf("chat.update: %s, %s, %v", at, text, err)
	}
	if m := s.Messages("U1")[0]; m.Text != "decided" || m.Blocks != nil || m.Replaced != 1 {
		t.Errorf("U1 sees %+v", m)
	}
	if _, _, err := api.DeleteMessageContext(ctx, channel, ts); err != nil || len(s.Messages("U1")) != 0 {
		t.Errorf("chat.delete: %v", err)
	}
	refused := slack.SlackErrorResponse{}
	if _, _, _, err := api.UpdateMessageContext(ctx, channel, ts, slack.MsgOptionText("x", false)); !errors.As(err, &refused) || refused.Err != "message_not_found" {
		t.Errorf("deleted: %v", err)
	}
}

func TestSlackGoOrganisation(t *testing.T) {
	t.Parallel()
	// slack-go v0.35.0 decodes the counts only as numbers.
	s := start(t, slacksim.Options{OrgInstall: true, Teams: []string{"T2"}, NumericCounts: true})
	s.AddPeople(slacksim.Person{ID: "W1", TeamID: "T2"})
	s.PutUserGroup(slacksim.UserGroup{ID: "S1", TeamID: "T2", Members: []string{"W1"}})
	api, _, next := events(t, s)
	next(socketmode.EventTypeHello)
	ctx := within(t)
	teams, cursor, err := api.ListTeamsContext(ctx, slack.ListTeamsParameters{})
	if err != nil || cursor != "" || len(teams) != 2 || teams[1].ID != "T2" {
		t.Errorf("auth.teams.list: %+v, %v", teams, err)
	}
	refused := slack.SlackErrorResponse{}
	if _, err := api.GetUsersContext(ctx); !errors.As(err, &refused) || refused.Err != "missing_argument" {
		t.Errorf("users.list: %v", err)
	}
	people, err := api.GetUsersContext(ctx, slack.GetUsersOptionTeamID("T2"))
	if err != nil || !slices.ContainsFunc(people, func(u slack.User) bool { return u.ID == "W1" && slices.Equal(u.Enterprise.Teams, []string{"T2"}) }) {
		t.Errorf("users.list: %+v, %v", people, err)
	}
	groups, err := api.GetUserGroupsContext(ctx, slack.GetUserGroupsOptionTeamID("T2"), slack.GetUserGroupsOptionIncludeUsers(true), slack.GetUserGroupsOptionIncludeCount(true))
	if err != nil || len(groups) != 1 || groups[0].UserCount != 1 || groups[0].TeamID != "T2" || groups[0].Users[0] != "W1" {
		t.Errorf("usergroups.list: %+v, %v", groups, err)
	}
	members, err := api.GetUserGroupMembersContext(ctx, "S1", slack.GetUserGroupMembersOptionTeamID("T2"))
	if err != nil || !slices.Equal(members, []string{"W1"}) {
		t.Errorf("usergroups.users.list: %v, %v", members, err)
	}
	if err := s.ChangeUserGroup("S1", "W1", "W2"); err != nil {
		t.Fatal(err)
	}
	outer, _ := next(socketmode.EventTypeEventsAPI).Data.(slackevents.EventsAPIEvent)
	changed, _ := outer.InnerEvent.Data.(*slackevents.SubteamMembersChangedEvent)
	if changed == nil || changed.SubteamID != "S1" || !slices.Equal(changed.AddedUsers, []string{"W2"}) || outer.TeamID != "T2" {
		t.Errorf("event %+v", outer)
	}
	if err := s.DisableUserGroup("S1"); err != nil {
		t.Fatal(err)
	}
	outer, _ = next(socketmode.EventTypeEventsAPI).Data.(slackevents.EventsAPIEvent)
	if updated, _ := outer.InnerEvent.Data.(*slackevents.SubteamUpdatedEvent); updated == nil {
		t.Errorf("event %+v", outer)
	}
}
