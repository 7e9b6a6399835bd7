package slacksim_test

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"testing"

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
