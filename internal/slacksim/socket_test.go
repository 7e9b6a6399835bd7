package slacksim_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/studiobot/studiobot/internal/slacksim"
)

func TestHello(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	connect(t, s)
	hello := dial(t, s).next()
	if hello.Type != "hello" || hello.Open != 2 || hello.Connection.AppID != s.AppID() {
		t.Errorf("hello: %s", hello.raw)
	}
	if err := s.WaitConnections(within(t), 2); err != nil {
		t.Error(err)
	}
}

func TestTicketOpensOneSocket(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	address := ticket(t, s)
	for i, want := range []int{http.StatusSwitchingProtocols, http.StatusForbidden} {
		ws, resp, err := websocket.DefaultDialer.DialContext(within(t), address, nil)
		if resp == nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("use %d: status %d, want %d", i+1, resp.StatusCode, want)
		}
		if err == nil {
			_ = ws.Close()
		}
	}
}

func TestEleventhSocketIsTooMany(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	for range 10 {
		connect(t, s)
	}
	late := dial(t, s)
	if f := late.next(); f.Type != "disconnect" || f.Reason != slacksim.ReasonTooMany {
		t.Errorf("first frame: %s", f.raw)
	}
	if err := late.closed(); !websocket.IsCloseError(err, websocket.CloseNormalClosure) {
		t.Errorf("closed with %v", err)
	}
	if n := s.Connections(); n != 10 {
		t.Errorf("%d connections", n)
	}
}

func TestPings(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{PingEvery: 5 * time.Millisecond, AckDeadline: 100 * time.Millisecond})
	a := connect(t, s)
	select {
	case <-a.pings:
	case <-within(t).Done():
		t.Fatal("no ping")
	}
	s.PausePings(true)
	b := connect(t, s)
	// Nobody answers: the deadline is the clock, 20 pings long.
	if _, err := s.Command(within(t), "U1", "/studio", ""); err != nil {
		t.Fatal(err)
	}
	if n := len(b.pings); n != 0 {
		t.Errorf("%d pings while paused", n)
	}
	s.PausePings(false)
	select {
	case <-b.pings:
	case <-within(t).Done():
		t.Fatal("no ping after the pause")
	}
}

func TestSilentClientIsCut(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{PingEvery: 5 * time.Millisecond, PongTimeout: 50 * time.Millisecond})
	a := connect(t, s)
	a.deaf.Store(true)
	a.closed()
	if err := s.WaitConnections(within(t), 0); err != nil {
		t.Error(err)
	}
}

func TestRefresh(t *testing.T) {
	t.Parallel()
	for _, reason := range []string{slacksim.ReasonRefresh, slacksim.ReasonLinkDisabled, slacksim.ReasonTooMany} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			s := start(t, slacksim.Options{})
			a, b := connect(t, s), connect(t, s)
			s.Refresh(reason)
			for _, each := range []*app{a, b} {
				if f := each.next(); f.Type != "disconnect" || f.Reason != reason {
					t.Errorf("frame: %s", f.raw)
				}
				if err := each.closed(); !websocket.IsCloseError(err, websocket.CloseNormalClosure) {
					t.Errorf("closed with %v", err)
				}
			}
			if err := s.WaitConnections(within(t), 0); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestWarningLeavesTheSocketInUse(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{WarningDelay: 100 * time.Millisecond})
	a := connect(t, s)
	s.Refresh(slacksim.ReasonWarning)
	if f := a.next(); f.Reason != slacksim.ReasonWarning {
		t.Fatalf("frame: %s", f.raw)
	}
	p := s.StartCommand("U1", "/studio", "")
	a.ack(a.next(), `{"text":"hi"}`)
	if answer, err := p.Wait(within(t)); err != nil || !answer.Acked {
		t.Errorf("after the warning: %+v, %v", answer, err)
	}
	if err := a.closed(); !websocket.IsCloseError(err, websocket.CloseNormalClosure) {
		t.Errorf("closed with %v", err)
	}
}

// An acknowledgement that is under way when the socket is refreshed counts.
func TestAckAfterDisconnectFrame(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{CloseGrace: patience})
	a := connect(t, s)
	a.noEcho.Store(true) // the socket stays half open
	p := s.StartCommand("U1", "/studio", "")
	f := a.next()
	s.Refresh(slacksim.ReasonRefresh)
	a.next()
	a.ack(f, `{"text":"hi"}`)
	if answer, err := p.Wait(within(t)); err != nil || answer.Message == nil {
		t.Errorf("answer %+v, %v", answer, err)
	}
}

func TestRefreshOneAndKill(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	if s.RefreshOne(slacksim.ReasonRefresh) || s.Kill(1) != 0 {
		t.Error("nothing is open, yet something was closed")
	}
	a, b, c := connect(t, s), connect(t, s), connect(t, s)
	if !s.RefreshOne(slacksim.ReasonRefresh) {
		t.Error("no socket to refresh")
	}
	a.closed()
	if n := s.Kill(1); n != 1 {
		t.Errorf("killed %d", n)
	}
	if err := b.closed(); !websocket.IsCloseError(err, websocket.CloseAbnormalClosure) && !isReset(err) {
		t.Errorf("a killed socket ended with %v", err)
	}
	if n := s.Connections(); n != 1 {
		t.Errorf("%d connections", n)
	}
	s.KillAll()
	c.closed()
}

func isReset(err error) bool {
	closed := (*websocket.CloseError)(nil)
	return err != nil && !errors.As(err, &closed)
}

func TestFrameSize(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	a := connect(t, s)
	pad := func(f frame, size int) string {
		head := `{"envelope_id":"` + f.EnvelopeID + `","payload":{"text":"`
		return head + strings.Repeat("x", size-len(head)-3) + `"}}`
	}
	p := s.StartCommand("U1", "/studio", "")
	a.send(pad(a.next(), 20479))
	if answer, err := p.Wait(within(t)); err != nil || answer.Message == nil {
		t.Errorf("20479 bytes: %+v, %v", answer, err)
	}
	s.StartCommand("U1", "/studio", "")
	a.send(pad(a.next(), 20480))
	if err := a.closed(); !websocket.IsCloseError(err, websocket.CloseMessageTooBig) {
		t.Errorf("20480 bytes: closed with %v", err)
	}
	if r := wait(t, s, slacksim.KindBadAck); r.Note != "frame too large" {
		t.Errorf("recorded %q", r.Note)
	}
}

func TestFrameThatIsNoAck(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{"", "x", "{}", "[]", `{"envelope_id":7}`, `{"envelope_id":"nobody's"}`} {
		t.Run(raw, func(t *testing.T) {
			t.Parallel()
			s := start(t, slacksim.Options{})
			a := connect(t, s)
			a.send(raw)
			wait(t, s, slacksim.KindBadAck)
			if answer := command(t, s, a, `{"text":"hi"}`); answer.Message == nil {
				t.Errorf("the socket is dead afterwards: %+v", answer)
			}
		})
	}
}

func TestCloseEndsEverything(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	a := connect(t, s)
	p := s.StartCommand("U1", "/studio", "")
	a.next()
	s.Close()
	s.Close()
	answer, err := p.Wait(within(t))
	if err != nil || answer.Error != slacksim.ErrorClosed {
		t.Errorf("%+v, %v", answer, err)
	}
	a.closed()
	if err := s.WaitConnections(context.Background(), 1); !errors.Is(err, slacksim.ErrClosed) {
		t.Errorf("WaitConnections: %v", err)
	}
	if late := s.StartCommand("U1", "/studio", ""); late == nil {
		t.Error("no pending")
	} else if answer, err := late.Wait(within(t)); err != nil || answer.Error != slacksim.ErrorClosed {
		t.Errorf("a command after Close: %+v, %v", answer, err)
	}
}
