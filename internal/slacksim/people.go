package slacksim

import (
	"fmt"
	"slices"
	"sync"
)

// Person is a user of the workspace, or of another one that Slack shows in it.
type Person struct {
	ID       string // U… or W…
	Name     string // the handle, jane
	RealName string
	Email    string // empty: Slack shows none

	EmailConfirmed     bool
	Deleted            bool // deactivated
	Admin              bool
	Guest              bool // is_restricted
	SingleChannelGuest bool // is_ultra_restricted, and is_restricted with it
	Bot                bool
	WorkflowBot        bool
	ConnectorBot       bool
	Stranger           bool // is_stranger
	Invited            bool // is_invited_user: never signed in

	TeamID string // empty: the server's
	// Teams are the workspaces of the organisation that the person is in;
	// nil: TeamID alone.
	Teams        []string
	EnterpriseID string // empty: the server's
	TZ           string // empty: Europe/Amsterdam
	Locale       string // empty: en-US
	Updated      int64  // Unix seconds
}

type roster struct {
	o Options

	mu     sync.RWMutex
	list   []Person
	byID   map[string]int // index in list; nobody ever leaves it
	groups map[string]*group
	teams  []Team // in the order they were added
}

func newRoster(o Options) *roster {
	r := &roster{o: o, byID: make(map[string]int), groups: make(map[string]*group)}
	r.addTeam(Team{ID: o.TeamID, Name: "Acme", Domain: "acme"})
	for _, id := range o.Teams {
		r.addTeam(Team{ID: id})
	}
	r.put(
		Person{ID: "USLACKBOT", Name: "slackbot", RealName: "Slackbot"}, // is_bot is false on the real one too
		Person{ID: o.BotUserID, Name: "studiobot", RealName: "Studio", Bot: true},
	)
	return r
}

func (r *roster) put(people ...Person) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range people {
		if p.TeamID == "" {
			p.TeamID = r.o.TeamID
		}
		if p.EnterpriseID == "" && r.ours(p.TeamID) {
			p.EnterpriseID = r.o.EnterpriseID
		}
		if p.Teams == nil {
			p.Teams = []string{p.TeamID}
		}
		if p.TZ == "" {
			p.TZ = "Europe/Amsterdam"
		}
		if p.Locale == "" {
			p.Locale = "en-US"
		}
		if p.Updated == 0 {
			p.Updated = 1_700_000_000
		}
		if at, known := r.byID[p.ID]; known {
			r.list[at] = p
			continue
		}
		r.byID[p.ID] = len(r.list)
		r.list = append(r.list, p)
	}
}

func (r *roster) get(id string) (Person, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	at, known := r.byID[id]
	if !known {
		return Person{}, false
	}
	return r.list[at], true
}

// page returns up to limit people of a workspace (empty: everybody) from the
// one with the ID from on, and the ID the next page starts with, empty after
// the last.
func (r *roster) page(from string, limit int, team string) (people []Person, next string, known bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	start := 0
	if from != "" {
		if start, known = r.byID[from]; !known {
			return nil, "", false
		}
	}
	// put replaces elements in place, so the page has to be a copy.
	people = make([]Person, 0, min(limit, len(r.list)-start))
	for i := start; i < len(r.list); i++ {
		if !r.member(r.list[i], team) {
			continue
		}
		if len(people) == limit {
			return people, r.list[i].ID, true
		}
		people = append(people, r.list[i])
	}
	return people, "", true
}

// member reports whether users.list has the person in a workspace. Slackbot
// and the app are in each.
func (r *roster) member(p Person, team string) bool {
	return team == "" || p.ID == "USLACKBOT" || p.ID == r.o.BotUserID || slices.Contains(p.Teams, team)
}

// count is how many people a workspace has.
func (r *roster) count(team string) int {
	r.mu.RLock()
	defer r.mu.RUnlock()
	n := 0
	for _, p := range r.list {
		if r.member(p, team) {
			n++
		}
	}
	return n
}

// AddPeople adds or replaces people without telling the app. Slackbot and the
// app's own user are always there.
func (s *Server) AddPeople(p ...Person) { s.people.put(p...) }

// People returns everybody, in the order users.list has them.
func (s *Server) People() []Person {
	all, _, _ := s.people.page("", s.people.count(""), "")
	return all
}

// JoinPerson adds a person and sends team_join.
func (s *Server) JoinPerson(p Person) { s.changePerson("team_join", p) }

// ChangePerson replaces a person and sends user_change. Without the scope
// users:read the app hears of neither.
func (s *Server) ChangePerson(p Person) { s.changePerson("user_change", p) }

func (s *Server) changePerson(event string, p Person) {
	s.people.put(p)
	if !s.holds("users:read") {
		return
	}
	p, _ = s.people.get(p.ID)
	body := fmt.Appendf(nil, `{"type":%q,"user":`, event)
	body = s.appendPerson(body, p, true)
	body = fmt.Appendf(body, `,"cache_ts":%d,"event_ts":%q}`, p.Updated, s.stamp())
	s.sendEvent(body, s.people.team(p.TeamID))
}

// Crowd makes n ordinary members with the IDs PREFIX000001 and up (prefix U0
// if empty), distinct names and confirmed addresses at example.com.
func Crowd(n int, prefix string) []Person {
	if prefix == "" {
		prefix = "U0"
	}
	people := make([]Person, n)
	for i := range people {
		people[i] = Person{
			ID:             fmt.Sprintf("%s%06d", prefix, i+1),
			Name:           fmt.Sprintf("person%06d", i+1),
			RealName:       fmt.Sprintf("Person Number %06d", i+1),
			Email:          fmt.Sprintf("person%06d@example.com", i+1),
			EmailConfirmed: true,
		}
	}
	return people
}
