package slacksim_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/studiobot/studiobot/internal/slacksim"
)

var filled = map[string]string{"domain_id": "prod", "reason": "because"}

// submitted submits as U1 and acknowledges with payload.
func submitted(t *testing.T, s *slacksim.Server, a *app, values map[string]string, payload string) (*slacksim.Submission, frame) {
	t.Helper()
	type result struct {
		done *slacksim.Submission
		err  error
	}
	got := make(chan result, 1)
	go func() {
		done, err := s.SubmitModal(within(t), "U1", values)
		got <- result{done, err}
	}()
	f := a.next()
	a.ack(f, payload)
	r := <-got
	if r.err != nil {
		t.Fatal(r.err)
	}
	if !r.done.Acked || r.done.EnvelopeID != f.EnvelopeID {
		t.Errorf("submission %+v", r.done)
	}
	return r.done, f
}

func TestSubmit(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	s.AddPeople(slacksim.Person{ID: "U1", Name: "jane"}, slacksim.Person{ID: "U2"})
	a := connect(t, s)
	view := opened(t, s, a, "U1", form(nil))
	values := map[string]string{"domain_id": "prod", "reason": "because", "person_id": "U2"}
	done, f := submitted(t, s, a, values, "")
	if done.Action != "close" || done.Error != "" || done.Modal != nil || done.AckAfter <= 0 {
		t.Errorf("submission %+v", done)
	}
	if _, open := s.Modal("U1"); open {
		t.Error("the modal is still there")
	}
	if f.Type != "interactive" || !f.Accepts {
		t.Errorf("envelope %s", f.raw)
	}
	payload := decode(t, f.Payload)
	for name, want := range map[string]any{
		"type": "view_submission", "api_app_id": s.AppID(), "is_enterprise_install": false, "enterprise": nil,
	} {
		if payload[name] != want {
			t.Errorf("%s: %v", name, payload[name])
		}
	}
	user, _ := payload["user"].(map[string]any)
	team, _ := payload["team"].(map[string]any)
	if user["id"] != "U1" || user["name"] != "jane" || user["username"] != "jane" || user["team_id"] != s.TeamID() || team["id"] != s.TeamID() {
		t.Errorf("user %v, team %v", user, team)
	}
	if urls, there := payload["response_urls"].([]any); !there || len(urls) != 0 || or(payload["trigger_id"]) == "" {
		t.Errorf("payload %s", f.Payload)
	}
	sent, _ := payload["view"].(map[string]any)
	for _, name := range []string{"id", "hash", "callback_id", "private_metadata", "root_view_id", "type", "team_id", "app_installed_team_id"} {
		if sent[name] != view[name] || sent[name] == nil {
			t.Errorf("view %s: %v, want %v", name, sent[name], view[name])
		}
	}
	state, _ := sent["state"].(map[string]any)
	got, _ := state["values"].(map[string]any)
	at := func(block, action string) map[string]any {
		fields, _ := got[block].(map[string]any)
		field, _ := fields[action].(map[string]any)
		return field
	}
	chosen, _ := at("domain", "domain_id")["selected_option"].(map[string]any)
	if chosen["value"] != "prod" || at("domain", "domain_id")["type"] != "static_select" {
		t.Errorf("values %v", got)
	}
	if at("reason", "reason_text")["value"] != "because" || at("person", "person_id")["selected_user"] != "U2" {
		t.Errorf("values %v", got)
	}
	if r := wait(t, s, slacksim.KindModalClosed); r.UserID != "U1" || r.Note != view["id"] {
		t.Errorf("record %+v", r)
	}
}

func TestSubmitOptionalFields(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	a := connect(t, s)
	opened(t, s, a, "U1", form(obj{"blocks": []any{
		input("a", obj{"type": "plain_text_input"}, obj{"optional": true}),
		input("b", menu("b1", "x"), obj{"optional": true}),
		input("c", typed("c1", obj{"initial_value": "kept", "min_length": 2}), nil),
	}}))
	_, f := submitted(t, s, a, nil, "")
	if !strings.Contains(string(f.Payload), `"a":{"f0":{"type":"plain_text_input","value":null}}`) ||
		!strings.Contains(string(f.Payload), `"selected_option":null`) || !strings.Contains(string(f.Payload), `"value":"kept"`) {
		t.Errorf("payload %s", f.Payload)
	}
}

// What Slack's client doesn't send never reaches the app.
func TestTheClientChecks(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	s.AddPeople(slacksim.Person{ID: "U2"}, slacksim.Person{ID: "U3", Deleted: true})
	a := connect(t, s)
	opened(t, s, a, "U1", form(nil))
	for _, tt := range []struct {
		change obj
		block  string
	}{
		{obj{"domain_id": ""}, "domain"},
		{obj{"domain_id": "elsewhere"}, "domain"},
		{obj{"reason": ""}, "reason"},
		{obj{"reason": "ab"}, "reason"},
		{obj{"reason": strings.Repeat("é", 11)}, "reason"},
		{obj{"reason": "a\nbc"}, "reason"},
		{obj{"person_id": "U404"}, "person"},
		{obj{"person_id": "U3"}, "person"},
	} {
		values := map[string]string{"domain_id": "prod", "reason": "because", "person_id": "U2"}
		for name, value := range tt.change {
			values[name], _ = value.(string)
		}
		_, err := s.SubmitModal(within(t), "U1", values)
		var wrong *slacksim.FieldError
		if !errors.As(err, &wrong) || !errors.Is(err, slacksim.ErrField) || wrong.BlockID != tt.block || wrong.Reason == "" {
			t.Errorf("%v: %v", tt.change, err)
		}
		m, _ := s.Modal("U1")
		for _, f := range m.Fields {
			if (f.Error != "") != (f.BlockID == tt.block) || f.BlockID == tt.block && f.Value != values[f.ActionID]+values[f.BlockID] {
				t.Errorf("%v: field %+v", tt.change, f)
			}
		}
	}
	for _, tt := range []struct {
		user, name string
		want       error
	}{{"U1", "colour", slacksim.ErrNoField}, {"U9", "reason", slacksim.ErrNoModal}} {
		if _, err := s.SubmitModal(within(t), tt.user, map[string]string{tt.name: "x"}); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	opened(t, s, a, "U2", form(obj{"submit": nil, "blocks": []any{obj{"type": "divider"}}}))
	if _, err := s.SubmitModal(within(t), "U2", nil); !errors.Is(err, slacksim.ErrNoButton) {
		t.Errorf("nothing to submit with: %v", err)
	}
	for _, r := range s.History() {
		if r.Kind == slacksim.KindEnvelope && r.EnvelopeType == "interactive" {
			t.Errorf("the app heard of %s", r.Body)
		}
	}
}

func TestSubmitErrorsUpdatePushClear(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	a := connect(t, s)
	view := opened(t, s, a, "U1", form(nil))
	done, _ := submitted(t, s, a, filled, `{"response_action":"errors","errors":{"reason":"Say more."}}`)
	if done.Action != "errors" || done.Errors["reason"] != "Say more." || done.Modal == nil || done.Modal.Error != "" {
		t.Fatalf("submission %+v", done)
	}
	if f := done.Modal.Fields[1]; f.Error != "Say more." || f.Value != "because" || done.Modal.Fields[0].Error != "" {
		t.Errorf("fields %+v", done.Modal.Fields)
	}

	next := `{"type":"modal","title":{"type":"plain_text","text":"Sure?"},"submit":{"type":"plain_text","text":"Yes"},"blocks":[` +
		`{"type":"input","block_id":"reason","label":{"type":"plain_text","text":"Why"},"element":{"type":"plain_text_input","action_id":"reason_text","initial_value":"new"}},` +
		`{"type":"input","block_id":"domain","label":{"type":"plain_text","text":"Where"},"element":{"type":"static_select","action_id":"domain_id","options":[{"text":{"type":"plain_text","text":"X"},"value":"x"}]}}]}`
	done, _ = submitted(t, s, a, map[string]string{"reason": "longer"}, `{"response_action":"update","view":`+next+`}`)
	m := done.Modal
	if done.Action != "update" || m.ID != view["id"] || m.Title != "Sure?" || m.Depth != 1 {
		t.Fatalf("submission %+v, modal %+v", done, m)
	}
	if m.Fields[0].Value != "longer" || m.Fields[0].Error != "" || m.Fields[1].Value != "" {
		t.Errorf("what was typed: %+v", m.Fields)
	}

	done, _ = submitted(t, s, a, map[string]string{"domain": "x"}, `{"response_action":"push","view":`+next+`}`)
	if m = done.Modal; done.Action != "push" || m.ID == view["id"] || m.Depth != 2 || m.Fields[0].Value != "new" {
		t.Fatalf("submission %+v, modal %+v", done, m)
	}
	done, f := submitted(t, s, a, map[string]string{"domain": "x"}, `{}`)
	if m = done.Modal; done.Action != "close" || m == nil || m.ID != view["id"] || m.Fields[0].Value != "longer" {
		t.Errorf("back on %+v", m)
	}
	if pushed, _ := decode(t, f.Payload)["view"].(map[string]any); pushed["root_view_id"] != view["id"] || pushed["previous_view_id"] != view["id"] {
		t.Errorf("pushed view %v", pushed)
	}
	for range 2 {
		submitted(t, s, a, map[string]string{"domain": "x"}, `{"response_action":"push","view":`+next+`}`)
	}
	done, _ = submitted(t, s, a, map[string]string{"domain": "x"}, `{"response_action":"push","view":`+next+`}`)
	if done.Error != "invalid_response_action" || done.Modal.Depth != 3 || done.Modal.Error != slacksim.ErrorModal {
		t.Errorf("a fourth view: %+v, %+v", done, done.Modal)
	}
	if done, _ = submitted(t, s, a, nil, `{"response_action":"clear"}`); done.Action != "clear" || done.Modal != nil {
		t.Errorf("submission %+v", done)
	}
}

func TestSubmitMisunderstood(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	a := connect(t, s)
	view := opened(t, s, a, "U1", form(nil))
	opened(t, s, a, "U2", form(obj{"external_id": "taken"}))
	for _, payload := range []string{
		`"text"`, `{"text":"thanks"}`, `{"response_action":"dance"}`,
		`{"response_action":"errors"}`, `{"response_action":"errors","errors":{"nowhere":"x"}}`,
		`{"response_action":"errors","errors":{"reason":""}}`, `{"response_action":"errors","errors":{"reason_text":"by action"}}`,
		`{"response_action":"update"}`, `{"response_action":"update","view":{"type":"modal"}}`,
		`{"response_action":"push","view":{"type":"home","blocks":[]}}`,
		`{"response_action":"update","view":{"type":"modal","external_id":"taken","title":{"type":"plain_text","text":"x"},"blocks":[]}}`,
	} {
		mark := s.Mark()
		done, _ := submitted(t, s, a, filled, payload)
		m := done.Modal
		if done.Error != "invalid_response_action" || done.Action != "" || m == nil || m.ID != view["id"] || m.Error != slacksim.ErrorModal || m.Fields[1].Error != "" {
			t.Errorf("%s: %+v, %+v", payload, done, m)
		}
		if _, err := s.WaitForAfter(within(t), mark, func(r slacksim.Record) bool { return r.Kind == slacksim.KindRefused && r.Note != "" }); err != nil {
			t.Errorf("%s: %v", payload, err)
		}
	}
	if done, _ := submitted(t, s, a, nil, ""); done.Modal != nil { // and it can be sent again
		t.Errorf("submission %+v", done)
	}
}

func TestSubmitLateAndUndelivered(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{AckDeadline: 50 * time.Millisecond})
	a := connect(t, s)
	opened(t, s, a, "U1", form(nil))
	got := make(chan error, 1)
	go func() {
		done, err := s.SubmitModal(within(t), "U1", filled)
		if err == nil && (done.Acked || done.Error != slacksim.ErrorTimeout || done.Modal == nil || done.Modal.Error != slacksim.ErrorModal) {
			t.Errorf("submission %+v", done)
		}
		got <- err
	}()
	f := a.next()
	if err := <-got; err != nil {
		t.Fatal(err)
	}
	a.ack(f, `{"response_action":"clear"}`)
	wait(t, s, slacksim.KindLateAck)
	m, open := s.Modal("U1")
	if !open || m.Error != slacksim.ErrorModal || m.Fields[1].Value != "because" {
		t.Errorf("after the late acknowledgement: %+v", m)
	}
	s.KillAll()
	if err := s.WaitConnections(within(t), 0); err != nil {
		t.Fatal(err)
	}
	done, err := s.SubmitModal(within(t), "U1", nil)
	if err != nil || done.Error != slacksim.ErrorDispatch || done.Modal == nil || done.Modal.Error != slacksim.ErrorModal {
		t.Errorf("nobody there: %+v, %v", done, err)
	}
}
