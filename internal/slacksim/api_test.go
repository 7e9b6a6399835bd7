package slacksim_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/studiobot/studiobot/internal/slacksim"
)

func TestTokens(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	tests := []struct{ method, token, want string }{
		{"auth.test", s.BotToken(), ""},
		{"auth.test", "", "not_authed"},
		{"auth.test", "xoxb-wrong", "invalid_auth"},
		{"auth.test", s.AppToken(), "not_allowed_token_type"},
		{"apps.connections.open", s.AppToken(), ""},
		{"apps.connections.open", "", "not_authed"},
		{"apps.connections.open", "xapp-wrong", "invalid_auth"},
		{"apps.connections.open", s.BotToken(), "not_allowed_token_type"},
		{"stars.list", s.BotToken(), "unknown_method"},
	}
	for _, tt := range tests {
		resp, answer := post(t, s, tt.method, tt.token, nil)
		got, _ := answer["error"].(string)
		if resp.StatusCode != http.StatusOK || got != tt.want || answer["ok"] != (tt.want == "") {
			t.Errorf("%s: status %d, error %q, want %q", tt.method, resp.StatusCode, got, tt.want)
		}
	}
	// As a parameter the bot token counts, the app token doesn't.
	for method, want := range map[string]string{"auth.test": "", "apps.connections.open": "not_authed"} {
		token := s.BotToken()
		if want != "" {
			token = s.AppToken()
		}
		r, err := http.NewRequestWithContext(within(t), http.MethodPost, s.APIURL()+method,
			strings.NewReader(url.Values{"token": {token}}.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		_, answer := do(t, r)
		if got, _ := answer["error"].(string); got != want {
			t.Errorf("%s with a parameter: %q", method, got)
		}
	}
	for _, r := range s.History() {
		if strings.Contains(string(r.Body), s.BotToken()) || strings.Contains(string(r.Body), s.AppToken()) {
			t.Errorf("a token in the history of %s", r.Method)
		}
	}
}

func TestAuthTest(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{EnterpriseID: "E0ACME"})
	_, answer := post(t, s, "auth.test", s.BotToken(), nil)
	for name, want := range map[string]any{
		"team_id": s.TeamID(), "user_id": s.BotUserID(), "enterprise_id": "E0ACME", "is_enterprise_install": false, "team": "Acme",
	} {
		if answer[name] != want {
			t.Errorf("%s: %v, want %v", name, answer[name], want)
		}
	}
	if answer["bot_id"] == nil || answer["url"] == nil || answer["user"] == nil {
		t.Errorf("answer %v", answer)
	}
}

func TestUsersListPages(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	s.AddPeople(slacksim.Crowd(248, "")...) // and two that are always there
	seen := map[string]bool{}
	cursor, pages := "", 0
	for {
		_, answer := post(t, s, "users.list", s.BotToken(), map[string]any{"limit": 100, "cursor": cursor})
		members, _ := answer["members"].([]any)
		for _, m := range members {
			id, _ := m.(map[string]any)["id"].(string)
			if seen[id] {
				t.Errorf("%s comes twice", id)
			}
			seen[id] = true
		}
		pages++
		meta, _ := answer["response_metadata"].(map[string]any)
		if cursor, _ = meta["next_cursor"].(string); cursor == "" {
			break
		}
		if len(members) != 100 {
			t.Errorf("page %d has %d people", pages, len(members))
		}
	}
	if pages != 3 || len(seen) != 250 || !seen["USLACKBOT"] || !seen["U0000248"] {
		t.Errorf("%d people on %d pages", len(seen), pages)
	}
	for want, params := range map[string]map[string]any{
		"invalid_cursor": {"limit": 10, "cursor": "bm9uc2Vuc2U="},
		"invalid_limit":  {"limit": 1001},
	} {
		if _, answer := post(t, s, "users.list", s.BotToken(), params); answer["error"] != want {
			t.Errorf("%v: %v", params, answer["error"])
		}
	}
	if _, answer := post(t, s, "users.list", s.BotToken(), nil); len(answer["members"].([]any)) != 250 {
		t.Error("without a limit not everybody came")
	}
}

func TestUsersListWantsALimitForTheLarge(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	s.AddPeople(slacksim.Crowd(10_000, "")...)
	if _, answer := post(t, s, "users.list", s.BotToken(), nil); answer["error"] != "limit_required" {
		t.Errorf("error %v", answer["error"])
	}
}

func TestUserObjects(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	tests := []struct {
		name   string
		person slacksim.Person
		want   map[string]any // nil: absent
	}{
		{"member", slacksim.Person{EmailConfirmed: true, Email: "a@example.com"}, map[string]any{
			"deleted": false, "is_bot": false, "is_restricted": false, "is_ultra_restricted": false,
			"is_email_confirmed": true, "is_stranger": nil, "is_invited_user": nil, "enterprise_user": nil, "team_id": s.TeamID(),
		}},
		{"deactivated", slacksim.Person{Deleted: true}, map[string]any{"deleted": true, "is_restricted": nil, "tz": nil}},
		{"guest", slacksim.Person{Guest: true}, map[string]any{"is_restricted": true, "is_ultra_restricted": false}},
		{"single-channel guest", slacksim.Person{SingleChannelGuest: true}, map[string]any{"is_restricted": true, "is_ultra_restricted": true}},
		{"bot", slacksim.Person{Bot: true}, map[string]any{"is_bot": true}},
		{"workflow", slacksim.Person{WorkflowBot: true}, map[string]any{"is_bot": true, "is_workflow_bot": true}},
		{"connector", slacksim.Person{ConnectorBot: true}, map[string]any{"is_bot": true, "is_connector_bot": true}},
		{"stranger", slacksim.Person{Stranger: true, TeamID: "T0OTHER"}, map[string]any{"is_stranger": true, "team_id": "T0OTHER"}},
		{"of a shared channel", slacksim.Person{TeamID: "T0OTHER"}, map[string]any{"is_stranger": false, "team_id": "T0OTHER"}},
		{"invited", slacksim.Person{Invited: true}, map[string]any{"is_invited_user": true}},
		{"odd name", slacksim.Person{RealName: "Zoë \"Z\" O'Hara \\ \x01"}, map[string]any{"real_name": "Zoë \"Z\" O'Hara \\ \x01"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.person.ID = "U-" + tt.name
			s.AddPeople(tt.person)
			_, answer := post(t, s, "users.info", s.BotToken(), map[string]any{"user": tt.person.ID})
			user, _ := answer["user"].(map[string]any)
			for name, want := range tt.want {
				if user[name] != want {
					t.Errorf("%s: %v, want %v", name, user[name], want)
				}
			}
			profile, _ := user["profile"].(map[string]any)
			if email := profile["email"]; tt.person.Email == "" && email != nil || tt.person.Email != "" && email != tt.person.Email {
				t.Errorf("email %v", email)
			}
		})
	}
	if _, answer := post(t, s, "users.info", s.BotToken(), map[string]any{"user": "U404"}); answer["error"] != "user_not_found" {
		t.Errorf("unknown: %v", answer["error"])
	}
}

// The weight of a user is what makes memory tests honest.
func TestUserWeight(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{EnterpriseID: "E0ACME"})
	s.AddPeople(slacksim.Crowd(1, "")...)
	_, answer := post(t, s, "users.info", s.BotToken(), map[string]any{"user": "U0000001"})
	raw, err := json.Marshal(answer["user"])
	if err != nil {
		t.Fatal(err)
	}
	if len(raw) < 1400 || len(raw) > 2200 {
		t.Errorf("a user has %d bytes", len(raw))
	}
	user, _ := answer["user"].(map[string]any)
	grid, _ := user["enterprise_user"].(map[string]any)
	if grid["enterprise_id"] != "E0ACME" {
		t.Errorf("enterprise_user %v", grid)
	}
}

func TestRateLimits(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{RateLimits: map[string]int{"users.info": 0, "auth.test": 3}})
	tests := []struct {
		method string
		passes int
	}{{"users.list", 20}, {"auth.test", 3}, {"conversations.open", 50}}
	for _, tt := range tests {
		for i := range tt.passes {
			if resp, _ := post(t, s, tt.method, s.BotToken(), nil); resp.StatusCode != http.StatusOK {
				t.Fatalf("%s: call %d: status %d", tt.method, i+1, resp.StatusCode)
			}
		}
		resp, answer := post(t, s, tt.method, s.BotToken(), nil)
		if resp.StatusCode != http.StatusTooManyRequests || resp.Header.Get("Retry-After") == "" || answer["error"] != "ratelimited" {
			t.Errorf("%s: status %d, Retry-After %q, %v", tt.method, resp.StatusCode, resp.Header.Get("Retry-After"), answer)
		}
	}
	for range 200 { // switched off above
		if resp, _ := post(t, s, "users.info", s.BotToken(), nil); resp.StatusCode != http.StatusOK {
			t.Fatalf("users.info: status %d", resp.StatusCode)
		}
	}
	if n := s.Calls("users.list"); n != 21 {
		t.Errorf("%d calls of users.list", n)
	}
}

func TestRateLimitRefills(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{RateLimits: map[string]int{"users.info": 600}}) // one in 100 ms
	limited := false
	for ctx := within(t); ctx.Err() == nil; {
		resp, _ := post(t, s, "users.info", s.BotToken(), nil)
		if limited && resp.StatusCode == http.StatusOK {
			return
		}
		limited = limited || resp.StatusCode == http.StatusTooManyRequests
	}
	t.Error("never limited and free again")
}
