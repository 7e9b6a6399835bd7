package slacksim_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
	"github.com/studiobot/studiobot/internal/slacksim"
)

// BenchmarkCommand is one command, its acknowledgement and the message, on one
// socket; the simulator has to carry 1,000 of them a second.
func BenchmarkCommand(b *testing.B) {
	s := start(b, slacksim.Options{Log: slog.New(slog.DiscardHandler)})
	a := connect(b, s)
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		for {
			select {
			case f := <-a.got:
				frame := `{"envelope_id":"` + f.EnvelopeID + `","payload":` + launchMessage + `}`
				if a.ws.WriteMessage(websocket.TextMessage, []byte(frame)) != nil {
					return
				}
			case <-stop:
				return
			}
		}
	}()
	ctx := b.Context()
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			answer, err := s.Command(ctx, "U1", "/studio", "")
			if err != nil || answer.Message == nil {
				b.Errorf("%+v, %v", answer, err)
				return
			}
		}
	})
}

// BenchmarkUsersList reads a workspace of 50,000 in pages of 1,000.
func BenchmarkUsersList(b *testing.B) {
	s := start(b, slacksim.Options{NoRateLimits: true, Log: slog.New(slog.DiscardHandler)})
	s.AddPeople(slacksim.Crowd(50_000, "")...)
	b.ReportAllocs()
	for b.Loop() {
		cursor := ""
		for {
			resp, err := http.PostForm(s.APIURL()+"users.list", url.Values{
				"token": {s.BotToken()}, "limit": {"1000"}, "cursor": {cursor},
			})
			if err != nil {
				b.Fatal(err)
			}
			body, err := io.ReadAll(resp.Body)
			_ = resp.Body.Close()
			if err != nil {
				b.Fatal(err)
			}
			const name = `"next_cursor":"`
			at := strings.LastIndex(string(body[len(body)-200:]), name)
			if cursor = strings.TrimSuffix(string(body[len(body)-200+at+len(name):]), `"}}`); cursor == "" {
				break
			}
		}
	}
}
