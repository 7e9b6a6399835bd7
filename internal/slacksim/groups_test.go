package slacksim_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/studiobot/studiobot/internal/slacksim"
)

// event takes the next event, acknowledges it and returns it and its wrapper.
func event(t *testing.T, a *app) (inner, outer map[string]any) {
	t.Helper()
	f := a.next()
	a.ack(f, "")
	outer = decode(t, f.Payload)
	inner, _ = outer["event"].(map[string]any)
	return inner, outer
}

func TestUserGroups(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	s.AddUserGroup("S1", "U1", "U2")
	s.PutUserGroup(slacksim.UserGroup{ID: "S2", Name: "Old", Handle: "old", Members: []string{"U3"}, Disabled: true})
	list := func(params obj) []any {
		_, answer := post(t, s, "usergroups.list", s.BotToken(), params)
		groups, _ := answer["usergroups"].([]any)
		return groups
	}
	plainly := list(obj{"team_id": "T404"}) // ignored on a workspace's token
	if len(plainly) != 1 {
		t.Fatalf("groups %v", plainly)
	}
	one, _ := plainly[0].(map[string]any)
	for name, want := range map[string]any{
		"id": "S1", "team_id": s.TeamID(), "is_usergroup": true, "handle": "s1", "name": "S1", "date_delete": 0.0, "users": nil, "user_count": nil,
	} {
		if one[name] != want {
			t.Errorf("%s: %v, want %v", name, one[name], want)
		}
	}
	all := list(obj{"include_users": true, "include_count": true, "include_disabled": true})
	if len(all) != 2 {
		t.Fatalf("groups %v", all)
	}
	one, _ = all[0].(map[string]any)
	two, _ := all[1].(map[string]any)
	if fmt.Sprint(one["users"]) != "[U1 U2]" || one["user_count"] != 2.0 || two["handle"] != "old" || two["date_delete"] == 0.0 {
		t.Errorf("groups %v", all)
	}
	for _, tt := range []struct {
		params obj
		want   string
		error  string
	}{
		{obj{"usergroup": "S1"}, "[U1 U2]", ""},
		{obj{"usergroup": "S2"}, "<nil>", "no_such_subteam"},
		{obj{"usergroup": "S2", "include_disabled": true}, "[U3]", ""},
		{obj{"usergroup": "S404"}, "<nil>", "no_such_subteam"},
	} {
		_, answer := post(t, s, "usergroups.users.list", s.BotToken(), tt.params)
		if fmt.Sprint(answer["users"]) != tt.want || or(answer["error"]) != tt.error {
			t.Errorf("%v: %v", tt.params, answer)
		}
	}
}

func TestChangeUserGroup(t *testing.T) {
	t.Parallel()
	for _, numeric := range []bool{false, true} {
		s := start(t, slacksim.Options{NumericCounts: numeric})
		s.AddUserGroup("S1", "U1", "U2")
		a := connect(t, s)
		if err := s.ChangeUserGroup("S404", "U1"); !errors.Is(err, slacksim.ErrNoGroup) {
			t.Errorf("unknown: %v", err)
		}
		for _, members := range [][]string{{"U2", "U1"}, {"U2", "U3", "U4"}} { // the first changes nothing
			if err := s.ChangeUserGroup("S1", members...); err != nil {
				t.Fatal(err)
			}
		}
		inner, outer := event(t, a)
		two, one := any("2"), any("1")
		if numeric {
			two, one = 2.0, 1.0
		}
		for name, want := range map[string]any{
			"type": "subteam_members_changed", "subteam_id": "S1", "team_id": s.TeamID(), "added_users_count": two, "removed_users_count": one,
		} {
			if inner[name] != want {
				t.Errorf("%s: %v, want %v", name, inner[name], want)
			}
		}
		if fmt.Sprint(inner["added_users"], inner["removed_users"]) != "[U3 U4] [U1]" || outer["team_id"] != s.TeamID() {
			t.Errorf("event %v", outer)
		}
		before, _ := inner["date_previous_update"].(float64)
		after, _ := inner["date_update"].(float64)
		if before == 0 || after <= before {
			t.Errorf("updated from %v to %v", before, after)
		}
		_, answer := post(t, s, "usergroups.users.list", s.BotToken(), obj{"usergroup": "S1"})
		if fmt.Sprint(answer["users"]) != "[U2 U3 U4]" {
			t.Errorf("members %v", answer)
		}
	}
}

func TestDisableUserGroup(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	var members []string
	for _, p := range slacksim.Crowd(501, "") {
		members = append(members, p.ID)
	}
	s.AddUserGroup("S1", members...)
	a := connect(t, s)
	if err := s.DisableUserGroup("S404"); !errors.Is(err, slacksim.ErrNoGroup) {
		t.Errorf("unknown: %v", err)
	}
	if err := s.DisableUserGroup("S1"); err != nil {
		t.Fatal(err)
	}
	inner, _ := event(t, a)
	group, _ := inner["subteam"].(map[string]any)
	users, _ := group["users"].([]any)
	if inner["type"] != "subteam_updated" || group["id"] != "S1" || group["date_delete"] == 0.0 || group["deleted_by"] == nil || len(users) != 500 || group["user_count"] != 501.0 {
		t.Errorf("event with %d users: %v", len(users), group["user_count"])
	}
	if _, answer := post(t, s, "usergroups.users.list", s.BotToken(), obj{"usergroup": "S1"}); answer["error"] != "no_such_subteam" {
		t.Errorf("%v", answer["error"])
	}
}

func TestScopes(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{Scopes: []string{"commands", "users:read"}})
	s.AddPeople(slacksim.Person{ID: "U1", Email: "jane@example.com"})
	s.AddUserGroup("S1")
	a := connect(t, s)
	for _, tt := range []struct{ method, needs string }{
		{"auth.test", ""}, {"users.list", ""}, {"users.info", ""},
		{"usergroups.list", "usergroups:read"}, {"usergroups.users.list", "usergroups:read"},
		{"chat.postMessage", "chat:write"}, {"chat.postEphemeral", "chat:write"}, {"chat.update", "chat:write"}, {"chat.delete", "chat:write"},
		{"conversations.open", "im:write"},
	} {
		resp, answer := post(t, s, tt.method, s.BotToken(), obj{"user": "U1"})
		if or(answer["needed"]) != tt.needs || (answer["error"] == "missing_scope") != (tt.needs != "") {
			t.Errorf("%s: %v", tt.method, answer)
		}
		if tt.needs != "" && answer["provided"] != "commands,users:read" || resp.Header.Get("X-OAuth-Scopes") != "commands,users:read" {
			t.Errorf("%s: %v, header %q", tt.method, answer["provided"], resp.Header.Get("X-OAuth-Scopes"))
		}
	}
	_, answer := post(t, s, "users.info", s.BotToken(), obj{"user": "U1"})
	user, _ := answer["user"].(map[string]any)
	if profile, _ := user["profile"].(map[string]any); profile == nil || profile["email"] != nil {
		t.Errorf("an address without users:read.email: %v", profile["email"])
	}
	if err := errors.Join(s.ChangeUserGroup("S1", "U1"), s.DisableUserGroup("S1")); err != nil {
		t.Fatal(err)
	}
	s.ChangePerson(slacksim.Person{ID: "U1", Email: "jane@example.com", Deleted: true})
	inner, _ := event(t, a) // the one that users:read allows
	changed, _ := inner["user"].(map[string]any)
	if profile, _ := changed["profile"].(map[string]any); inner["type"] != "user_change" || profile["email"] != nil {
		t.Errorf("event %v", inner)
	}
}

func TestNoScopes(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{Scopes: []string{}})
	s.ChangePerson(slacksim.Person{ID: "U1"})
	if slices.ContainsFunc(s.History(), func(r slacksim.Record) bool { return r.Kind == slacksim.KindUndelivered }) {
		t.Error("an event without its scope")
	}
	if _, answer := post(t, s, "users.list", s.BotToken(), nil); answer["error"] != "missing_scope" {
		t.Errorf("%v", answer)
	}
}
