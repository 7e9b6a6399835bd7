package slacksim_test

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/studiobot/studiobot/internal/slacksim"
)

// Whatever an app sends as a view is refused or shown, and what is shown is
// JSON with its fields in it.
func FuzzViews(f *testing.F) {
	for _, seed := range []any{form(nil), obj{"type": "modal"}, []any{1}, form(obj{"blocks": []any{obj{"type": "input"}}})} {
		raw, err := json.Marshal(seed)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(raw))
	}
	s := start(f, slacksim.Options{NoRateLimits: true, HistoryLimit: 100, Log: slog.New(slog.DiscardHandler)})
	a := connect(f, s)
	s.StartCommand("U1", "/studio", "")
	id := decode(f, a.next().Payload)["trigger_id"]
	_, answer := post(f, s, "views.open", s.BotToken(), obj{"trigger_id": id, "view": form(nil)})
	open, _ := answer["view"].(map[string]any)
	f.Fuzz(func(t *testing.T, view string) {
		resp, answer := post(t, s, "views.update", s.BotToken(), obj{"view_id": open["id"], "view": view})
		m, shown := s.Modal("U1")
		if resp.StatusCode != http.StatusOK || !shown || !json.Valid(m.Blocks) || answer["ok"] == nil {
			t.Fatalf("status %d, %v, modal %+v", resp.StatusCode, answer, m)
		}
		if answer["ok"] == true && (m.Title == "" || len(m.Fields) > 0 && m.Submit == "") {
			t.Errorf("shown: %+v", m)
		}
	})
}

// Whatever an app publishes as a Home is refused or shown, and each of its
// buttons and menus can be used.
func FuzzHomes(f *testing.F) {
	for _, seed := range []any{homeView(nil), obj{"type": "home", "blocks": targets()}, obj{"type": "home", "blocks": []any{
		actions(obj{"type": "overflow", "options": []any{optionOf(obj{"url": "https://x.example/"})}}, obj{"type": "static_select", "options": []any{option("x")}}, obj{"type": "button", "text": plain("x")}),
	}}} {
		raw, err := json.Marshal(seed)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(raw))
	}
	s := start(f, slacksim.Options{NoRateLimits: true, HistoryLimit: 100, EventRetries: []time.Duration{}, Log: slog.New(slog.DiscardHandler)})
	s.AddPeople(slacksim.Person{ID: "U1"})
	f.Fuzz(func(t *testing.T, view string) {
		resp, answer := post(t, s, "views.publish", s.BotToken(), obj{"user_id": "U1", "view": view})
		if resp.StatusCode != http.StatusOK || answer["ok"] == nil {
			t.Fatalf("status %d, %v", resp.StatusCode, answer)
		}
		h, published := s.HomeTab("U1")
		if !published {
			return
		}
		if !json.Valid(h.Blocks) {
			t.Errorf("blocks %s", h.Blocks)
		}
		for i := range h.Buttons() {
			if press, err := s.PressHome(within(t), "U1", i); err != nil || press.Error != slacksim.ErrorDispatch {
				t.Errorf("button %d: %+v, %v", i, press, err)
			}
		}
		for i, m := range h.Menus() {
			for _, o := range m.Options {
				if press, err := s.ChooseHome(within(t), "U1", i, o.Value); err != nil || press.Error != slacksim.ErrorDispatch {
					t.Errorf("menu %d, %q: %+v, %v", i, o.Value, press, err)
				}
			}
		}
	})
}
