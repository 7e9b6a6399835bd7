package bot_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/studiobot/studiobot/audit"
	"github.com/studiobot/studiobot/bot"
	"github.com/studiobot/studiobot/internal/slacksim"
	"github.com/studiobot/studiobot/studio"
)

const patience = 20 * time.Second

// people is a Mapping and a Directory in one, as a test wants it: it lets
// everybody in with one option, after whatever before does.
type people struct {
	before func(p studio.Person) error

	mu      sync.Mutex
	members map[string]studio.Member
}

func (m *people) Options(_ context.Context, p studio.Person) ([]studio.Option, error) {
	if m.before != nil {
		if err := m.before(p); err != nil {
			return nil, err
		}
	}
	return []studio.Option{{Domain: "research", Label: "Research", Profile: "jane-doe"}}, nil
}
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

// links is a Launcher that makes links that nobody opens.
type links struct{}

func (links) Issue(_ context.Context, _ studio.Person, o []studio.Option, cause string) (studio.Issued, error) {
	return studio.Issued{Ref: "REF0-0001", Links: []studio.Link{{Option: o[0], URL: "https://studio.example.com/launch/" + fmt.Sprint(len(cause)), Handle: "h"}}}, nil
}
func (links) Arm(context.Context, studio.Click, func(studio.Option) error) (studio.Opened, error) {
	return studio.Opened{}, nil
}

type lockedLog struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *lockedLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *lockedLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// start runs a bot against a Slack of its own.
func start(t *testing.T, o slacksim.Options, m *people) (*slacksim.Server, *lockedLog) {
	t.Helper()
	slack, err := slacksim.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(slack.Close)
	slack.AddPeople(
		slacksim.Person{ID: "U0JANE", Name: "jane"}, slacksim.Person{ID: "U0GUS", Name: "gus", Guest: true},
		slacksim.Person{ID: "U0SIN", Name: "sin", SingleChannelGuest: true}, slacksim.Person{ID: "U0DEE", Name: "dee", Deleted: true},
		slacksim.Person{ID: "U0WF", Name: "flow", WorkflowBot: true}, slacksim.Person{ID: "U0CON", Name: "con", ConnectorBot: true},
		slacksim.Person{ID: "U0STR", Name: "str", Stranger: true, TeamID: "T0OTHER"}, slacksim.Person{ID: "U0INV", Name: "inv", Invited: true},
	)
	m.members = map[string]studio.Member{}
	out := &lockedLog{}
	log := slog.New(slog.NewJSONHandler(out, nil))
	b, err := bot.New(bot.Options{
		AppToken: slack.AppToken(), BotToken: slack.BotToken(), APIURL: slack.APIURL(), Command: "/studio", LinkTTL: 2 * time.Minute,
		Domains: []studio.Domain{{Name: "research", Label: "Research"}}, Mapping: m, Launcher: links{}, Directory: m,
		Audit: audit.New(log), Log: log, SecondSocket: 10 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("Run = %v", err)
			}
			b.Wait()
		case <-time.After(patience):
			t.Error("the bot didn't stop")
		}
	})
	if err := slack.WaitConnections(within(t), 2); err != nil {
		t.Fatal(err)
	}
	return slack, out
}

func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

func TestPanicIsAnswered(t *testing.T) {
	t.Parallel()
	slack, log := start(t, slacksim.Options{}, &people{before: func(studio.Person) error { panic("boom") }})
	a, err := slack.Command(within(t), "U0JANE", "/studio", "")
	if err != nil || a.Message == nil || !strings.Contains(a.Message.Text, "Something went wrong on our side") {
		t.Errorf("%+v, %v", a, err)
	}
	if !strings.Contains(log.String(), "panic in a handler") {
		t.Error("the panic isn't logged")
	}
	if a, err := slack.Command(within(t), "U0JANE", "/studio", "help"); err != nil || a.Message == nil {
		t.Errorf("after the panic: %+v, %v", a, err)
	}
}

// An answer that comes too late for the acknowledgement follows by the
// command's response URL.
func TestLateAnswerFollows(t *testing.T) {
	t.Parallel()
	slow := make(chan struct{})
	slack, _ := start(t, slacksim.Options{}, &people{before: func(studio.Person) error { <-slow; return nil }})
	p := slack.StartCommand("U0JANE", "/studio", "")
	a, err := p.Wait(within(t)) // Slack's 3 s are over
	if err != nil || a.Message != nil {
		t.Fatalf("%+v, %v", a, err)
	}
	close(slow)
	if _, err := slack.WaitFor(within(t), func(r slacksim.Record) bool { return r.Kind == slacksim.KindShown }); err != nil {
		t.Fatal(err)
	}
	m := slack.Messages("U0JANE")
	if len(m) != 1 || m[0].Source != slacksim.SourceResponseURL || len(m[0].Buttons()) != 1 || !m[0].Ephemeral {
		t.Errorf("messages %+v", m)
	}
}

// More at once than is worked on: everybody is answered, nobody waits for ever.
func TestFloodIsAnswered(t *testing.T) {
	t.Parallel()
	open := make(chan struct{})
	var once sync.Once
	slack, _ := start(t, slacksim.Options{AckDeadline: 15 * time.Second}, &people{before: func(studio.Person) error { <-open; return nil }})
	const n = 3000 // more than the workers and the backlog
	all := make([]*slacksim.Pending, n)
	for i := range all {
		all[i] = slack.StartCommand("U0JANE", "/studio", "")
	}
	said := map[string]int{}
	for i := range all {
		// The last ones find no room and are told at once; then the rest goes on.
		p := all[n-1-i]
		a, err := p.Wait(within(t))
		if err != nil || !a.Acked {
			t.Fatalf("command %d: %+v, %v", n-1-i, a, err)
		}
		if a.Message != nil {
			said[a.Message.Text[:10]]++
		} else {
			said["later"]++ // on a slow machine: the answer follows by the response URL
		}
		once.Do(func() { close(open) })
	}
	if said["Too much i"] == 0 || said["Too much i"]+said["Your Studi"]+said["later"] != n {
		t.Errorf("people were told %v", said)
	}
}

// What Slack says of each kind of person arrives, and only that.
func TestPeopleAreRead(t *testing.T) {
	t.Parallel()
	m := &people{}
	slack, log := start(t, slacksim.Options{}, m)
	ctx := within(t)
	for !strings.Contains(log.String(), "workspace read") {
		select {
		case <-time.After(5 * time.Millisecond):
		case <-ctx.Done():
			t.Fatal("the workspace wasn't read")
		}
	}
	home := slack.TeamID()
	for user, want := range map[string]studio.Member{
		"U0JANE":    {},
		"U0GUS":     {Guest: true},
		"U0SIN":     {Guest: true},
		"U0DEE":     {Deleted: true},
		"U0WF":      {Bot: true},
		"U0CON":     {Bot: true},
		"U0INV":     {Invited: true},
		"USLACKBOT": {Bot: true},
	} {
		want.Person = studio.Person{Team: home, User: user}
		if got, ok := m.member(user); !ok || got != want {
			t.Errorf("%s: %+v, want %+v", user, got, want)
		}
	}
	if got, _ := m.member("U0STR"); !got.Stranger || got.Team != "T0OTHER" {
		t.Errorf("a stranger: %+v", got)
	}
	slack.JoinPerson(slacksim.Person{ID: "U0NEW", Name: "new"})
	slack.ChangePerson(slacksim.Person{ID: "U0JANE", Name: "jane", Deleted: true})
	for {
		_, joined := m.member("U0NEW")
		if jane, _ := m.member("U0JANE"); joined && jane.Deleted {
			break
		}
		select {
		case <-time.After(5 * time.Millisecond):
		case <-ctx.Done():
			t.Fatal("events didn't arrive")
		}
	}
}
