package slacksim_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/studiobot/studiobot/internal/slacksim"
)

// patience is how long a test waits for what has to happen.
const patience = 10 * time.Second

func start(t testing.TB, o slacksim.Options) *slacksim.Server {
	t.Helper()
	if o.Log == nil {
		o.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
	}
	if o.TriggerTTL == 0 { // Slack's 3 s may be over on a busy machine
		o.TriggerTTL = patience
	}
	s, err := slacksim.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func within(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

// post calls a Web API method with a JSON body.
func post(t testing.TB, s *slacksim.Server, method, token string, params any) (*http.Response, map[string]any) {
	t.Helper()
	body, err := json.Marshal(params)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(within(t), http.MethodPost, s.APIURL()+method, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	return do(t, r)
}

func do(t testing.TB, r *http.Request) (*http.Response, map[string]any) {
	t.Helper()
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	answer := map[string]any{}
	if json.Unmarshal(raw, &answer) != nil {
		answer = map[string]any{"text": string(raw)}
	}
	return resp, answer
}

// respond posts to a response URL and returns the status and the body.
func respond(t testing.TB, address, body string) (int, string) {
	t.Helper()
	resp, err := http.Post(address, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(raw)
}

// frame is anything that the simulator sends over a socket.
type frame struct {
	Type       string `json:"type"`
	Reason     string `json:"reason"`
	EnvelopeID string `json:"envelope_id"`
	Accepts    bool   `json:"accepts_response_payload"`
	Attempt    int    `json:"retry_attempt"`
	RetryOf    string `json:"retry_reason"`
	Open       int    `json:"num_connections"`
	Connection struct {
		AppID string `json:"app_id"`
	} `json:"connection_info"`
	Payload json.RawMessage `json:"payload"`
	raw     []byte
}

// app is a bare WebSocket client, so that the tests see what clients hide.
type app struct {
	t     testing.TB
	ws    *websocket.Conn
	got   chan frame
	ended chan error
	pings chan string

	deaf   atomic.Bool // answers no ping
	noEcho atomic.Bool // answers no close frame
}

// ticket asks for the address of a socket.
func ticket(t testing.TB, s *slacksim.Server) string {
	t.Helper()
	_, answer := post(t, s, "apps.connections.open", s.AppToken(), nil)
	address, _ := answer["url"].(string)
	if address == "" {
		t.Fatalf("apps.connections.open: %v", answer["error"])
	}
	return address
}

// dial opens a socket without waiting for hello.
func dial(t testing.TB, s *slacksim.Server) *app {
	t.Helper()
	ws, resp, err := websocket.DefaultDialer.DialContext(within(t), ticket(t, s), nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	a := &app{t: t, ws: ws, got: make(chan frame, 4096), ended: make(chan error, 1), pings: make(chan string, 64)}
	pong := ws.PingHandler()
	ws.SetPingHandler(func(data string) error {
		select {
		case a.pings <- data:
		default:
		}
		if a.deaf.Load() {
			return nil
		}
		return pong(data)
	})
	echo := ws.CloseHandler()
	ws.SetCloseHandler(func(code int, text string) error {
		if a.noEcho.Load() {
			return nil
		}
		return echo(code, text)
	})
	t.Cleanup(func() { _ = ws.Close() })
	go func() {
		for {
			_, raw, err := ws.ReadMessage()
			if err != nil {
				a.ended <- err
				return
			}
			f := frame{raw: raw}
			_ = json.Unmarshal(raw, &f) // tests of malformed frames look at raw
			a.got <- f
		}
	}()
	return a
}

func connect(t testing.TB, s *slacksim.Server) *app {
	t.Helper()
	a := dial(t, s)
	if hello := a.next(); hello.Type != "hello" {
		t.Fatalf("first frame: %s", hello.raw)
	}
	return a
}

func (a *app) next() frame {
	a.t.Helper()
	select {
	case f := <-a.got:
		return f
	case <-within(a.t).Done():
		a.t.Fatal("no frame came")
		return frame{}
	}
}

func (a *app) closed() error {
	a.t.Helper()
	select {
	case err := <-a.ended:
		return err
	case <-within(a.t).Done():
		a.t.Fatal("the socket stayed open")
		return nil
	}
}

func (a *app) send(raw string) {
	a.t.Helper()
	if err := a.ws.WriteMessage(websocket.TextMessage, []byte(raw)); err != nil {
		a.t.Fatal(err)
	}
}

func (a *app) ack(f frame, payload string) {
	a.t.Helper()
	if payload != "" {
		payload = `,"payload":` + payload
	}
	a.send(`{"envelope_id":"` + f.EnvelopeID + `"` + payload + `}`)
}

// decode reads a payload.
func decode(t testing.TB, raw json.RawMessage) map[string]any {
	t.Helper()
	out := map[string]any{}
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// wait finds a record of one kind.
func wait(t testing.TB, s *slacksim.Server, kind string) slacksim.Record {
	t.Helper()
	r, err := s.WaitFor(within(t), func(r slacksim.Record) bool { return r.Kind == kind })
	if err != nil {
		t.Fatalf("no %s: %v", kind, err)
	}
	return r
}

func count(s *slacksim.Server, kind string) int {
	n := 0
	for _, r := range s.History() {
		if r.Kind == kind {
			n++
		}
	}
	return n
}

// launchMessage has one URL button and one plain one.
const launchMessage = `{"response_type":"ephemeral","text":"Your Studio is ready.","blocks":[
 {"type":"section","text":{"type":"mrkdwn","text":"*Your Studio is ready.*"}},
 {"type":"actions","block_id":"studio","elements":[
  {"type":"button","action_id":"open","style":"primary","text":{"type":"plain_text","text":"Open Studio"},
   "url":"https://studio.example.com/launch/abc","value":"h1","accessibility_label":"Open your Studio"},
  {"type":"button","action_id":"again","text":{"type":"plain_text","text":"Fresh link"},"value":"h2"}]}]}`

// command types /studio as U1, answers with payload and returns the answer.
func command(t testing.TB, s *slacksim.Server, a *app, payload string) *slacksim.Answer {
	t.Helper()
	p := s.StartCommand("U1", "/studio", "")
	a.ack(a.next(), payload)
	answer, err := p.Wait(within(t))
	if err != nil {
		t.Fatal(err)
	}
	return answer
}
