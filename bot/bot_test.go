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

// links is a Launcher that makes links that nobody opens.
type links struct{}

func (links) Issue(_ context.Context, _ studio.Person, o []studio.Option, cause string, _ time.Time) (studio.Issued, error) {
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

// An event that comes late, or again, doesn't undo a younger one; those of
// another workspace are none of ours.
func TestEventsOutOfOrder(t *testing.T) {
	t.Parallel()
	m := &people{}
	slack, _ := start(t, slacksim.Options{}, m)
	send := func(team string, at int64, deleted bool) {
		t.Helper()
		payload := map[string]any{"type": "event_callback", "team_id": team, "event_time": at,
			"event": map[string]any{"type": "user_change", "user": map[string]any{"id": "U0EVE", "team_id": team, "deleted": deleted}}}
		if a, err := slack.SendEnvelope(within(t), "events_api", payload, slacksim.EnvelopeOptions{}); err != nil || !a.Acked {
			t.Fatalf("%+v, %v", a, err)
		}
	}
	await := func(deleted bool) {
		t.Helper()
		ctx := within(t)
		for {
			if x, ok := m.member("U0EVE"); ok && x.Deleted == deleted {
				return
			}
			select {
			case <-time.After(5 * time.Millisecond):
			case <-ctx.Done():
				t.Fatalf("deleted is not %v", deleted)
			}
		}
	}
	send(slack.TeamID(), 100, false)
	await(false)
	send(slack.TeamID(), 200, true)
	await(true)
	send(slack.TeamID(), 100, false)
	send("T0OTHER", 300, false)
	send(slack.TeamID(), 201, true) // what came before was worked on, or is about to be dropped
	send(slack.TeamID(), 202, true)
	if x, _ := m.member("U0EVE"); !x.Deleted || x.Team != slack.TeamID() {
		t.Errorf("the last word is %+v", x)
	}
}

// Response URLs that hang hold up nobody's command.
func TestHangingResponseURLs(t *testing.T) {
	t.Parallel()
	slack, _ := start(t, slacksim.Options{}, &people{})
	slack.Fail(slacksim.Fault{Method: slacksim.FaultResponseURL, N: 1000, HangFor: 5 * time.Second})
	for i := range 100 { // more than the workers
		payload := map[string]any{"type": "block_actions", "trigger_id": fmt.Sprint(i), "response_url": strings.TrimSuffix(slack.APIURL(), "api/") + "actions/T/x/y",
			"user": map[string]any{"id": "U0JANE", "team_id": slack.TeamID()}, "actions": []any{map[string]any{"action_id": "fresh", "action_ts": fmt.Sprint(i)}}}
		if a, err := slack.SendEnvelope(within(t), "interactive", payload, slacksim.EnvelopeOptions{AcceptsResponsePayload: true}); err != nil || !a.Acked {
			t.Fatalf("click %d: %+v, %v", i, a, err)
		}
	}
	if a, err := slack.Command(within(t), "U0JANE", "/studio", ""); err != nil || a.Message == nil {
		t.Errorf("a command meanwhile: %+v, %v", a, err)
	}
	slack.ClearFaults()
}
