package slacksim_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/studiobot/studiobot/internal/slacksim"
)

func TestCommandEnvelope(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{EnterpriseID: "E0ACME"})
	s.AddPeople(slacksim.Person{ID: "U1", Name: "jane"})
	a := connect(t, s)
	s.StartCommandWith(slacksim.CommandOptions{UserID: "U1", Command: "/studio", Text: "research", ChannelID: "D1"})
	f := a.next()
	if f.Type != "slash_commands" || !f.Accepts || len(f.EnvelopeID) != 36 {
		t.Errorf("envelope: %s", f.raw)
	}
	payload := decode(t, f.Payload)
	for name, want := range map[string]any{
		"user_id": "U1", "user_name": "jane", "command": "/studio", "text": "research", "team_id": s.TeamID(),
		"api_app_id": s.AppID(), "is_enterprise_install": "false", "enterprise_id": "E0ACME",
		"channel_id": "D1", "channel_name": "directmessage",
	} {
		if payload[name] != want {
			t.Errorf("%s: %v, want %v", name, payload[name], want)
		}
	}
	if payload["trigger_id"] == "" || payload["response_url"] == "" {
		t.Error("no trigger_id or response_url")
	}
}

func TestAckShowsMessage(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	a := connect(t, s)
	answer := command(t, s, a, launchMessage)
	if !answer.Acked || answer.Error != "" || answer.Message == nil || answer.AckAfter <= 0 {
		t.Fatalf("answer %+v", answer)
	}
	seen := s.Messages("U1")
	if len(seen) != 1 || seen[0].ID != answer.Message.ID || !seen[0].Ephemeral || seen[0].Source != slacksim.SourceAck {
		t.Fatalf("U1 sees %+v", seen)
	}
	want := slacksim.Button{
		ActionID: "open", BlockID: "studio", Text: "Open Studio", URL: "https://studio.example.com/launch/abc",
		Value: "h1", Style: "primary", AccessibilityLabel: "Open your Studio",
	}
	if got := seen[0].Buttons(); len(got) != 2 || got[0] != want {
		t.Errorf("buttons %+v", got)
	}
	if others := s.Messages("U2"); len(others) != 0 {
		t.Errorf("U2 sees %+v", others)
	}
	command(t, s, a, `{"response_type":"in_channel","text":"hello all"}`)
	if others := s.Messages("U2"); len(others) != 1 || others[0].Ephemeral {
		t.Errorf("U2 sees %+v of the channel", others)
	}
	if own := s.Messages("U1"); len(own) != 2 || own[1].Text != "hello all" {
		t.Errorf("U1 sees %+v", own)
	}
}

func TestAckPayloads(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, payload, wantText, wantError string }{
		{"none", "", "", ""},
		{"null", "null", "", ""},
		{"empty", "{}", "", ""},
		{"text", `{"text":"hi"}`, "hi", ""},
		{"bare string", `"hi"`, "hi", ""},
		{"neither", `{"response_type":"ephemeral"}`, "", "no_text"},
		{"number", "7", "", "invalid_payload"},
		{"blocks of no type", `{"text":"hi","blocks":[{}]}`, "", "invalid_blocks"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, slacksim.Options{})
			answer := command(t, s, connect(t, s), tt.payload)
			text := ""
			if answer.Message != nil {
				text = answer.Message.Text
			}
			if !answer.Acked || text != tt.wantText || answer.Error != tt.wantError {
				t.Errorf("%+v", answer)
			}
			if refused := count(s, slacksim.KindRefused) == 1; refused != (tt.wantError != "") {
				t.Errorf("refused recorded: %v", refused)
			}
		})
	}
}

func TestNoSocketMeansDispatchFailed(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	answer, err := s.Command(within(t), "U1", "/studio", "")
	if err != nil || answer.Acked || answer.Error != slacksim.ErrorDispatch {
		t.Errorf("%+v, %v", answer, err)
	}
	if count(s, slacksim.KindUndelivered) != 1 {
		t.Error("not recorded")
	}
}

func TestLateAndDoubleAcks(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{AckDeadline: 20 * time.Millisecond})
	a := connect(t, s)
	p := s.StartCommand("U1", "/studio", "")
	f := a.next()
	answer, err := p.Wait(within(t))
	if err != nil || answer.Acked || answer.Error != slacksim.ErrorTimeout {
		t.Fatalf("%+v, %v", answer, err)
	}
	a.ack(f, `{"text":"too late"}`)
	if r := wait(t, s, slacksim.KindLateAck); r.EnvelopeID != f.EnvelopeID || r.UserID != "U1" {
		t.Errorf("record %+v", r)
	}
	if seen := s.Messages("U1"); len(seen) != 0 {
		t.Errorf("a late answer is shown: %+v", seen)
	}
	a.ack(f, "")
	wait(t, s, slacksim.KindDoubleAck)
}

func TestAckOnAnotherSocket(t *testing.T) {
	t.Parallel()
	for _, policy := range []slacksim.ForeignAckPolicy{slacksim.AcceptForeignAcks, slacksim.RefuseForeignAcks} {
		s := start(t, slacksim.Options{ForeignAcks: policy, AckDeadline: 200 * time.Millisecond})
		a, b := connect(t, s), connect(t, s)
		p := s.StartCommand("U1", "/studio", "")
		b.ack(a.next(), `{"text":"from the other one"}`)
		answer, err := p.Wait(within(t))
		if err != nil {
			t.Fatal(err)
		}
		if accepted := policy == slacksim.AcceptForeignAcks; answer.Acked != accepted {
			t.Errorf("policy %d: acked %v", policy, answer.Acked)
		}
		if policy == slacksim.RefuseForeignAcks {
			wait(t, s, slacksim.KindForeignAck)
		}
	}
}

func TestEnvelopesGoRound(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	apps := []*app{connect(t, s), connect(t, s), connect(t, s)}
	for range 2 {
		for range apps {
			s.StartCommand("U1", "/studio", "")
		}
		for _, a := range apps {
			a.ack(a.next(), "")
		}
	}
}

func TestDroppedAcks(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{AckDeadline: 50 * time.Millisecond})
	a := connect(t, s)
	s.Fail(slacksim.Fault{DropAck: true, N: 1})
	if answer := command(t, s, a, `{"text":"hi"}`); answer.Error != slacksim.ErrorTimeout {
		t.Errorf("%+v", answer)
	}
	wait(t, s, slacksim.KindDroppedAck)
	if answer := command(t, s, a, `{"text":"hi"}`); !answer.Acked {
		t.Errorf("the second: %+v", answer)
	}
}

func TestRawAndOtherEnvelopes(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	if err := s.SendRaw(within(t), []byte("x")); !errors.Is(err, slacksim.ErrNoSocket) {
		t.Errorf("without a socket: %v", err)
	}
	a := connect(t, s)
	for _, raw := range []string{"x", "{}", `{"envelope_id":"e-1","type":"slash_commands","payload":7}`} {
		if err := s.SendRaw(within(t), []byte(raw)); err != nil {
			t.Fatal(err)
		}
		if f := a.next(); string(f.raw) != raw {
			t.Errorf("sent %q, got %q", raw, f.raw)
		}
	}
	a.send(`{"envelope_id":"e-1"}`)
	if r := wait(t, s, slacksim.KindAck); r.EnvelopeID != "e-1" {
		t.Errorf("record %+v", r)
	}
	done := make(chan *slacksim.Answer, 1)
	go func() {
		answer, err := s.SendEnvelope(within(t), "shortcut_of_2031", []int{1}, slacksim.EnvelopeOptions{EnvelopeID: "e-2"})
		if err != nil {
			t.Error(err)
		}
		done <- answer
	}()
	f := a.next()
	if f.EnvelopeID != "e-2" || f.Type != "shortcut_of_2031" || f.Accepts || !slices.Equal(f.Payload, []byte("[1]")) {
		t.Errorf("envelope %s", f.raw)
	}
	a.ack(f, "")
	if answer := <-done; answer == nil || !answer.Acked {
		t.Errorf("%+v", answer)
	}
}

func TestEventsAndTheirRetries(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{
		AckDeadline: 20 * time.Millisecond, EventRetries: []time.Duration{0, time.Millisecond},
	})
	a := connect(t, s)
	s.JoinPerson(slacksim.Person{ID: "U7", Name: "new"})
	ids := map[string]bool{}
	for attempt := range 3 {
		f := a.next()
		ids[f.EnvelopeID] = true
		event, _ := decode(t, f.Payload)["event"].(map[string]any)
		if f.Type != "events_api" || f.Accepts || f.Attempt != attempt || event["type"] != "team_join" {
			t.Fatalf("attempt %d: %s", attempt, f.raw)
		}
		if user, _ := event["user"].(map[string]any); user["id"] != "U7" {
			t.Errorf("user %v", event["user"])
		}
	}
	if len(ids) != 3 {
		t.Errorf("%d envelope IDs", len(ids))
	}
	s.ChangePerson(slacksim.Person{ID: "U7", Name: "new", Deleted: true})
	f := a.next()
	a.ack(f, "")
	event, _ := decode(t, f.Payload)["event"].(map[string]any)
	if user, _ := event["user"].(map[string]any); event["type"] != "user_change" || user["deleted"] != true {
		t.Errorf("event %v", event)
	}
}
