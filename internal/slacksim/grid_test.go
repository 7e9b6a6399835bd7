package slacksim_test

import (
	"fmt"
	"testing"

	"github.com/studiobot/studiobot/internal/slacksim"
)

// organisation has three workspaces and a person in two of them.
func organisation(t *testing.T) *slacksim.Server {
	s := start(t, slacksim.Options{OrgInstall: true, Teams: []string{"T2"}})
	s.AddTeam(slacksim.Team{ID: "T3", Name: "Third", Domain: "acme-third"})
	s.AddPeople(
		slacksim.Person{ID: "W1", Name: "jane", TeamID: "T2", Teams: []string{"T2", "T3"}},
		slacksim.Person{ID: "W2", Name: "joe"},
		slacksim.Person{ID: "W3", Name: "ann", TeamID: "T3"},
	)
	s.PutUserGroup(slacksim.UserGroup{ID: "S2", TeamID: "T2", Members: []string{"W1"}})
	s.AddUserGroup("S1", "W2")
	return s
}

func TestOrgAuth(t *testing.T) {
	t.Parallel()
	s := organisation(t)
	_, answer := post(t, s, "auth.test", s.BotToken(), nil)
	if answer["is_enterprise_install"] != true || answer["enterprise_id"] != "E0ACME" || answer["team_id"] != "E0ACME" || answer["user_id"] != s.BotUserID() {
		t.Errorf("auth.test %v", answer)
	}
	var seen []string
	cursor, pages := "", 0
	for {
		_, answer := post(t, s, "auth.teams.list", s.BotToken(), obj{"limit": 2, "cursor": cursor})
		teams, _ := answer["teams"].([]any)
		for _, team := range teams {
			team, _ := team.(map[string]any)
			seen = append(seen, or(team["id"])+"="+or(team["name"]))
		}
		pages++
		meta, _ := answer["response_metadata"].(map[string]any)
		if cursor = or(meta["next_cursor"]); cursor == "" {
			break
		}
	}
	if pages != 2 || fmt.Sprint(seen) != "[T0ACME=Acme T2=Workspace T2 T3=Third]" {
		t.Errorf("%d pages: %v", pages, seen)
	}
	for want, params := range map[string]obj{
		"invalid_limit": {"limit": 1001}, "invalid_cursor": {"cursor": "bm9uc2Vuc2U="},
	} {
		if _, answer := post(t, s, "auth.teams.list", s.BotToken(), params); answer["error"] != want {
			t.Errorf("%v: %v", params, answer)
		}
	}
	alone := start(t, slacksim.Options{Teams: []string{"T2"}})
	if _, answer := post(t, alone, "auth.teams.list", alone.BotToken(), nil); len(answer["teams"].([]any)) != 1 {
		t.Errorf("a workspace's token: %v", answer)
	}
}

func TestOrgPeople(t *testing.T) {
	t.Parallel()
	s := organisation(t)
	list := func(params obj) string {
		_, answer := post(t, s, "users.list", s.BotToken(), params)
		if answer["error"] != nil {
			return fmt.Sprint(answer["error"], answer["arg"])
		}
		all := ""
		members, _ := answer["members"].([]any)
		for _, m := range members {
			m, _ := m.(map[string]any)
			all += " " + or(m["id"])
			grid, _ := m["enterprise_user"].(map[string]any)
			if m["id"] == "W1" && (fmt.Sprint(grid["teams"]) != "[T2 T3]" || m["is_stranger"] != nil || grid["enterprise_id"] != "E0ACME") {
				t.Errorf("W1 is %v", m)
			}
		}
		meta, _ := answer["response_metadata"].(map[string]any)
		if next := or(meta["next_cursor"]); next != "" {
			params["cursor"] = next
		}
		return all
	}
	for _, tt := range []struct {
		params obj
		want   string
	}{
		{obj{}, "missing_argumentteam_id"},
		{obj{"team_id": "T404"}, "team_access_not_granted<nil>"},
		{obj{"team_id": "T0ACME"}, " USLACKBOT U0STUDIOBOT W2"},
		{obj{"team_id": "T2"}, " USLACKBOT U0STUDIOBOT W1"},
		{obj{"team_id": "T3"}, " USLACKBOT U0STUDIOBOT W1 W3"},
	} {
		if got := list(tt.params); got != tt.want {
			t.Errorf("%v: %s", tt.params, got)
		}
	}
	paged := obj{"team_id": "T3", "limit": 3}
	if one, two := list(paged), list(paged); one != " USLACKBOT U0STUDIOBOT W1" || two != " W3" {
		t.Errorf("pages %q and %q", one, two)
	}
	if _, answer := post(t, s, "users.info", s.BotToken(), obj{"user": "W3"}); answer["ok"] != true {
		t.Errorf("users.info: %v", answer)
	}
}

func TestOrgUserGroups(t *testing.T) {
	t.Parallel()
	s := organisation(t)
	for _, tt := range []struct {
		method string
		params obj
		want   string
	}{
		{"usergroups.list", obj{}, "missing_argument"},
		{"usergroups.list", obj{"team_id": "T404"}, "invalid_team"},
		{"usergroups.list", obj{"team_id": "T2"}, ""},
		{"usergroups.users.list", obj{"usergroup": "S2"}, "missing_argument"},
		{"usergroups.users.list", obj{"usergroup": "S2", "team_id": "T3"}, "no_such_subteam"},
		{"usergroups.users.list", obj{"usergroup": "S2", "team_id": "T2"}, ""},
	} {
		_, answer := post(t, s, tt.method, s.BotToken(), tt.params)
		if or(answer["error"]) != tt.want {
			t.Errorf("%s %v: %v", tt.method, tt.params, answer)
		}
		if groups, _ := answer["usergroups"].([]any); groups != nil && len(groups) != 1 {
			t.Errorf("groups %v", groups)
		}
	}
	a := connect(t, s)
	if err := s.ChangeUserGroup("S2", "W1", "W3"); err != nil {
		t.Fatal(err)
	}
	inner, outer := event(t, a)
	if inner["team_id"] != "T2" || outer["team_id"] != "T2" || outer["enterprise_id"] != "E0ACME" {
		t.Errorf("event %v", outer)
	}
	list, _ := outer["authorizations"].([]any)
	if first, _ := list[0].(map[string]any); len(list) != 1 || first["is_enterprise_install"] != true || first["enterprise_id"] != "E0ACME" || first["team_id"] != "T2" {
		t.Errorf("authorizations %v", list)
	}
	s.ChangePerson(slacksim.Person{ID: "W3", TeamID: "T3", Deleted: true})
	if _, outer = event(t, a); outer["team_id"] != "T3" {
		t.Errorf("event %v", outer)
	}
}

func TestOrgPayloads(t *testing.T) {
	t.Parallel()
	s := organisation(t)
	a := connect(t, s)
	for _, tt := range []struct{ typedIn, team, domain string }{{"", "T2", "t2"}, {"T3", "T3", "acme-third"}} {
		s.StartCommandWith(slacksim.CommandOptions{UserID: "W1", Command: "/studio", TeamID: tt.typedIn})
		f := a.next()
		a.ack(f, "")
		got := decode(t, f.Payload)
		if got["team_id"] != tt.team || got["team_domain"] != tt.domain || got["enterprise_id"] != "E0ACME" || got["is_enterprise_install"] != "true" {
			t.Errorf("command %s", f.Payload)
		}
	}
	check := func(f frame) {
		t.Helper()
		got := decode(t, f.Payload)
		user, _ := got["user"].(map[string]any)
		enterprise, _ := got["enterprise"].(map[string]any)
		if team, there := got["team"]; !there || team != nil || user["team_id"] != "T2" || enterprise["id"] != "E0ACME" || enterprise["name"] == nil || got["is_enterprise_install"] != true {
			t.Errorf("payload %s", f.Payload)
		}
	}
	post(t, s, "chat.postMessage", s.BotToken(), obj{"channel": "W1", "text": "x", "blocks": []any{actions(button(nil))}})
	_, frames := pressed(t, s, a, slacksim.PressOptions{MessageID: s.Messages("W1")[0].ID})
	check(frames[0])
	if view := opened(t, s, a, "W1", form(nil)); view["team_id"] != "T2" || view["app_installed_team_id"] != "E0ACME" {
		t.Errorf("view %v", view)
	}
	done := make(chan error, 1)
	go func() {
		_, err := s.SubmitModal(within(t), "W1", filled)
		done <- err
	}()
	f := a.next()
	a.ack(f, "")
	check(f)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// A workspace of an organisation with its own token names the organisation.
func TestWorkspaceInAnOrganisation(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{EnterpriseID: "E0ACME"})
	s.AddPeople(slacksim.Person{ID: "W1"})
	a := connect(t, s)
	post(t, s, "chat.postMessage", s.BotToken(), obj{"channel": "W1", "text": "x", "blocks": []any{actions(button(nil))}})
	_, frames := pressed(t, s, a, slacksim.PressOptions{MessageID: s.Messages("W1")[0].ID})
	got := decode(t, frames[0].Payload)
	team, _ := got["team"].(map[string]any)
	enterprise, _ := got["enterprise"].(map[string]any)
	if team["id"] != s.TeamID() || team["enterprise_id"] != "E0ACME" || enterprise["id"] != "E0ACME" || got["is_enterprise_install"] != false {
		t.Errorf("payload %s", frames[0].Payload)
	}
}
