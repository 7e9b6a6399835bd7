package slacksim_test

import (
	"errors"
	"testing"

	"github.com/studiobot/studiobot/internal/slacksim"
)

func TestCloseModal(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	a := connect(t, s)
	if _, err := s.CloseModal(within(t), "U1"); !errors.Is(err, slacksim.ErrNoModal) {
		t.Errorf("nothing open: %v", err)
	}
	opened(t, s, a, "U1", form(nil))
	if answer, err := s.CloseModal(within(t), "U1"); err != nil || answer != nil {
		t.Errorf("%+v, %v", answer, err)
	}
	for _, cleared := range []bool{false, true} {
		first := opened(t, s, a, "U1", form(nil))
		view := form(obj{"notify_on_close": true, "clear_on_close": cleared})
		_, answer := post(t, s, "views.push", s.BotToken(), obj{"trigger_id": trigger(t, s, a, "U1"), "view": view})
		pushed, _ := answer["view"].(map[string]any)
		done := make(chan error, 1)
		go func() {
			answer, err := s.CloseModal(within(t), "U1")
			if err == nil && (answer == nil || !answer.Acked) {
				t.Errorf("answer %+v", answer)
			}
			done <- err
		}()
		f := a.next()
		a.ack(f, "")
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		payload := decode(t, f.Payload)
		closed, _ := payload["view"].(map[string]any)
		if payload["type"] != "view_closed" || payload["is_cleared"] != cleared || closed["id"] != pushed["id"] || f.Type != "interactive" {
			t.Errorf("payload %s", f.Payload)
		}
		m, open := s.Modal("U1")
		if open == cleared || open && m.ID != first["id"] {
			t.Errorf("cleared %v: %v, %+v", cleared, open, m)
		}
	}
}

// The answer to a submission of a view that the person has closed since
// changes nothing.
func TestCloseWhileSubmitting(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{AckDeadline: patience})
	a := connect(t, s)
	opened(t, s, a, "U1", form(nil))
	got := make(chan error, 1)
	go func() {
		done, err := s.SubmitModal(within(t), "U1", filled)
		if err == nil && (!done.Acked || done.Action != "" || done.Modal == nil || done.Modal.CallbackID != "other") {
			t.Errorf("submission %+v", done)
		}
		got <- err
	}()
	f := a.next()
	if _, err := s.SubmitModal(within(t), "U1", nil); !errors.Is(err, slacksim.ErrBusy) {
		t.Errorf("a second press of the button: %v", err)
	}
	if _, err := s.CloseModal(within(t), "U1"); err != nil {
		t.Fatal(err)
	}
	opened(t, s, a, "U1", form(obj{"callback_id": "other"}))
	a.ack(f, `{"response_action":"clear"}`)
	if err := <-got; err != nil {
		t.Error(err)
	}
}

// The click that opens a modal brings the trigger, and a modal that was
// redelivered acts once.
func TestAButtonOpensAModal(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{AckDeadline: patience})
	s.AddPeople(slacksim.Person{ID: "U1"})
	a := connect(t, s)
	m := command(t, s, a, launchMessage).Message
	_, frames := pressed(t, s, a, slacksim.PressOptions{MessageID: m.ID, Button: 1})
	id := decode(t, frames[0].Payload)["trigger_id"]
	if _, answer := post(t, s, "views.open", s.BotToken(), obj{"trigger_id": id, "view": form(nil)}); answer["ok"] != true {
		t.Fatalf("views.open: %v", answer)
	}
	done, f := submitted(t, s, a, filled, `{"response_action":"errors","errors":{"reason":"No."}}`)
	again := make(chan error, 1)
	go func() {
		_, err := s.RedeliverAs(done.EnvelopeID, slacksim.RedeliverOptions{NewID: true})
		again <- err
	}()
	twin := a.next()
	if string(twin.Payload) != string(f.Payload) {
		t.Errorf("redelivered %s", twin.Payload)
	}
	a.ack(twin, "")
	if err := <-again; err != nil {
		t.Fatal(err)
	}
	if m, open := s.Modal("U1"); !open || m.Fields[1].Error != "No." {
		t.Errorf("the second answer counted: %v, %+v", open, m)
	}
}
