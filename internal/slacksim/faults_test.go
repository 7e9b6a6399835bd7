package slacksim_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/studiobot/studiobot/internal/slacksim"
)

func TestFaultsAreCounted(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		fault      slacksim.Fault
		status     int
		code       string
		retryAfter string
	}{
		{"status", slacksim.Fault{Status: 503}, 503, "internal_error", ""},
		{"default", slacksim.Fault{}, 500, "internal_error", ""},
		{"Slack error", slacksim.Fault{SlackError: "account_inactive"}, 200, "account_inactive", ""},
		{"rate limit", slacksim.Fault{RetryAfter: 1500 * time.Millisecond}, 429, "ratelimited", "2"},
		{"late", slacksim.Fault{HangFor: time.Millisecond, SlackError: "fatal_error"}, 200, "fatal_error", ""},
		{"body", slacksim.Fault{Body: "<html>"}, 200, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, slacksim.Options{})
			tt.fault.Method, tt.fault.N = "auth.test", 2
			s.Fail(tt.fault)
			for range 2 {
				resp, answer := post(t, s, "auth.test", s.BotToken(), nil)
				if resp.StatusCode != tt.status || or(answer["error"]) != tt.code || resp.Header.Get("Retry-After") != tt.retryAfter {
					t.Errorf("status %d, %v", resp.StatusCode, answer)
				}
			}
			if _, answer := post(t, s, "auth.test", s.BotToken(), nil); answer["ok"] != true {
				t.Errorf("the third call: %v", answer)
			}
		})
	}
}

func TestMissingScope(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	s.Fail(slacksim.Fault{Method: "users.list", N: 1, SlackError: "missing_scope", Needed: "users:read", Provided: "commands"})
	_, answer := post(t, s, "users.list", s.BotToken(), nil)
	if answer["error"] != "missing_scope" || answer["needed"] != "users:read" || answer["provided"] != "commands" {
		t.Errorf("%v", answer)
	}
}

func TestFaultsQueueAndClear(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	code := func() string {
		_, answer := post(t, s, "auth.test", s.BotToken(), nil)
		return or(answer["error"])
	}
	s.Fail(slacksim.Fault{Method: "auth.test", N: 1, SlackError: "first"})
	s.Fail(slacksim.Fault{Method: "auth.test", N: 5, SlackError: "second"})
	if one, two := code(), code(); one != "first" || two != "second" {
		t.Errorf("%s, %s", one, two)
	}
	s.Fail(slacksim.Fault{Method: "auth.test"})
	if got := code(); got != "" {
		t.Errorf("after N = 0: %s", got)
	}
	s.Fail(slacksim.Fault{Method: "auth.test", N: 5, SlackError: "third"})
	s.SetLatency("auth.test", time.Hour)
	s.ClearFaults()
	if got := code(); got != "" {
		t.Errorf("after ClearFaults: %s", got)
	}
}

func TestHangAndLatency(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	call := func(ctx context.Context) error {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.APIURL()+"auth.test", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(r)
		if err == nil {
			_ = resp.Body.Close()
		}
		return err
	}
	s.Fail(slacksim.Fault{Method: "auth.test", N: 1, Hang: true})
	// Giving up before the call is there would leave its fault to the next one.
	ctx, giveUp := context.WithCancel(within(t))
	go func() {
		defer giveUp()
		if r, err := s.WaitFor(ctx, func(r slacksim.Record) bool { return r.Kind == slacksim.KindAPI }); err != nil || r.Note != "hangs" {
			t.Errorf("record %+v, %v", r, err)
		}
	}()
	if err := call(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("hanging: %v", err)
	}
	s.SetLatency("auth.test", time.Hour)
	short, cancel := context.WithTimeout(within(t), 20*time.Millisecond)
	defer cancel()
	if err := call(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("slow: %v", err)
	}
	s.SetLatency("auth.test", time.Millisecond)
	if err := call(within(t)); err != nil {
		t.Errorf("a bit slow: %v", err)
	}
}

func TestHappenedButFailed(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	s.AddPeople(slacksim.Person{ID: "U1"})
	s.Fail(slacksim.Fault{Method: "chat.postMessage", N: 1, HappenedButFailed: true, Status: 500})
	resp, _ := post(t, s, "chat.postMessage", s.BotToken(), obj{"channel": "U1", "text": "hi"})
	if resp.StatusCode != http.StatusInternalServerError || len(s.Messages("U1")) != 1 {
		t.Errorf("status %d, %d messages", resp.StatusCode, len(s.Messages("U1")))
	}
	s.Fail(slacksim.Fault{Method: "apps.connections.open", N: 1, HappenedButFailed: true})
	r, err := http.NewRequestWithContext(within(t), http.MethodPost, s.APIURL()+"apps.connections.open", nil)
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := http.DefaultClient.Do(r); err == nil {
		_ = resp.Body.Close()
		t.Errorf("an answer came: %d", resp.StatusCode)
	}
}

func TestSocketFaults(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	s.Fail(slacksim.Fault{Method: slacksim.FaultSocket, N: 1, Status: http.StatusConflict})
	_, resp, err := websocket.DefaultDialer.DialContext(within(t), ticket(t, s), nil)
	if err == nil || resp == nil || resp.StatusCode != http.StatusConflict {
		t.Errorf("handshake: %v", err)
	}
	s.Fail(slacksim.Fault{Method: slacksim.FaultSocket, N: 1, SlackError: slacksim.ReasonLinkDisabled})
	a := dial(t, s)
	if f := a.next(); f.Type != "disconnect" || f.Reason != slacksim.ReasonLinkDisabled {
		t.Errorf("first frame %s", f.raw)
	}
	a.closed()
	s.Fail(slacksim.Fault{Method: slacksim.FaultSocket, N: 1, Hang: true})
	// The dial is given up once the handshake hangs, not after a time: on a busy
	// machine that could be over before the handshake is there, and the fault
	// would hit the next one.
	impatient := websocket.Dialer{NetDial: func(network, addr string) (net.Conn, error) {
		conn, err := net.Dial(network, addr)
		go func() {
			hangs := func(r slacksim.Record) bool { return r.Kind == slacksim.KindHandshake && r.Note == "hangs" }
			if _, err := s.WaitFor(within(t), hangs); err != nil {
				t.Errorf("the handshake never came: %v", err)
			}
			if conn != nil {
				_ = conn.Close() // a context's end alone would not interrupt the dialer
			}
		}()
		return conn, err
	}}
	if _, _, err := impatient.DialContext(within(t), ticket(t, s), nil); err == nil {
		t.Error("a hanging handshake succeeded")
	}
	connect(t, s)
}
