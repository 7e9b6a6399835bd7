package bot_test

import (
	"context"
	"sync"

	"github.com/studiobot/studiobot/bot"
	"github.com/studiobot/studiobot/studio"
)

// people is a Mapping and a Directory in one, as a test wants it: it lets
// everybody in with one option, after whatever before does.
type people struct {
	before func(p studio.Person) error

	mu      sync.Mutex
	members map[string]studio.Member
}

func (m *people) From(_ context.Context, team, _, user string) (studio.Person, error) {
	return studio.Person{Team: team, User: user}, nil
}

func (m *people) Options(_ context.Context, p studio.Person) ([]studio.Option, []string, error) {
	if m.before != nil {
		if err := m.before(p); err != nil {
			return nil, nil, err
		}
	}
	return []studio.Option{{Domain: "research", Label: "Research", Profile: "jane-doe"}}, nil, nil
}
func (m *people) Has(context.Context, studio.Person, string) error            { return studio.ErrNotMapped }
func (m *people) Allowed(context.Context, studio.Person, studio.Option) error { return nil }
func (m *people) SetHome(string, string)                                      {}
func (m *people) Begin() bot.Reading                                          { return m }
func (m *people) Done()                                                       {}
func (m *people) Put(x studio.Member)                                         { m.Add(x) }
func (m *people) Add(list ...studio.Member) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, x := range list {
		m.members[x.User] = x
	}
}

func (m *people) member(user string) (studio.Member, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	x, ok := m.members[user]
	return x, ok
}
