package slacksim_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/studiobot/studiobot/internal/slacksim"
)

// clicked has U1 with the launch message, and the response URLs of the command
// and of a click on it.
func clicked(t *testing.T, s *slacksim.Server) (message, commandURL, clickURL string) {
	t.Helper()
	a := connect(t, s)
	p := s.StartCommand("U1", "/studio", "")
	f := a.next()
	a.ack(f, launchMessage)
	answer, err := p.Wait(within(t))
	if err != nil || answer.Message == nil {
		t.Fatalf("%+v, %v", answer, err)
	}
	press, _ := pressed(t, s, a, slacksim.PressOptions{MessageID: answer.Message.ID})
	return answer.Message.ID, or(decode(t, f.Payload)["response_url"]), press.ResponseURL
}

func TestClickReplacesAndDeletes(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	id, _, address := clicked(t, s)
	if status, body := respond(t, address, `{"replace_original":true,"text":"Opened."}`); status != http.StatusOK || body != "ok" {
		t.Errorf("%d %s", status, body)
	}
	seen := s.Messages("U1")
	if len(seen) != 1 || seen[0].ID != id || seen[0].Text != "Opened." || seen[0].Replaced != 1 || len(seen[0].Buttons()) != 0 {
		t.Errorf("U1 sees %+v", seen)
	}
	respond(t, address, `{"text":"more"}`)
	if seen = s.Messages("U1"); len(seen) != 2 || !seen[1].Ephemeral || seen[1].Source != slacksim.SourceResponseURL {
		t.Errorf("without replace_original: %+v", seen)
	}
	respond(t, address, `{"delete_original":true}`)
	if seen = s.Messages("U1"); len(seen) != 1 || seen[0].Text != "more" {
		t.Errorf("after delete_original: %+v", seen)
	}
	if gone, there := s.Message(id); !there || !gone.Deleted {
		t.Errorf("deleted message: %+v", gone)
	}
	if status, body := respond(t, address, `{"replace_original":true,"text":"x"}`); status == http.StatusOK {
		t.Errorf("replaced a deleted message: %d %s", status, body)
	}
	for _, kind := range []string{slacksim.KindReplaced, slacksim.KindDeleted} {
		wait(t, s, kind)
	}
}

func TestCommandCannotReplace(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	id, address, _ := clicked(t, s)
	respond(t, address, `{"replace_original":true,"text":"second"}`)
	respond(t, address, `{"response_type":"in_channel","text":"for all"}`)
	seen := s.Messages("U1")
	if len(seen) != 3 || seen[0].ID != id || seen[0].Replaced != 0 || seen[1].Text != "second" {
		t.Errorf("U1 sees %+v", seen)
	}
	if others := s.Messages("U2"); len(others) != 1 || others[0].Text != "for all" {
		t.Errorf("U2 sees %+v", others)
	}
}

func TestResponseURLUses(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	_, commandURL, clickURL := clicked(t, s)
	for _, address := range []string{commandURL, clickURL} {
		for i := range 5 {
			if status, body := respond(t, address, `{"text":"hi"}`); status != http.StatusOK {
				t.Errorf("use %d: %d %s", i+1, status, body)
			}
		}
		if status, body := respond(t, address, `{"text":"hi"}`); status != http.StatusNotFound || !strings.Contains(body, "used_url") {
			t.Errorf("use 6: %d %s", status, body)
		}
	}
	if n := s.Calls(slacksim.KindResponseURL); n != 12 {
		t.Errorf("%d uses counted", n)
	}
	if n := len(s.Messages("U1")); n != 11 {
		t.Errorf("%d messages", n)
	}
}

func TestResponseURLExpires(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{ResponseURLTTL: time.Nanosecond})
	_, _, address := clicked(t, s)
	if status, body := respond(t, address, `{"text":"hi"}`); status != http.StatusNotFound || !strings.Contains(body, "Expired url") {
		t.Errorf("%d %s", status, body)
	}
	if status, _ := respond(t, address+"x", `{"text":"hi"}`); status != http.StatusNotFound {
		t.Errorf("unknown address: %d", status)
	}
}

func TestResponseURLRefuses(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	_, _, address := clicked(t, s)
	for body, want := range map[string]string{
		`x`:                           "invalid_payload",
		`{"text":7}`:                  "invalid_payload",
		`{"replace_original":true}`:   "no_text",
		`{"text":"x","blocks":[{}]}`:  "invalid_blocks",
		`{"text":"x","blocks":"all"}`: "invalid_blocks",
	} {
		if status, got := respond(t, address, body); status != http.StatusBadRequest || got != want {
			t.Errorf("%s: %d %s, want %s", body, status, got, want)
		}
	}
	if seen := s.Messages("U1"); len(seen) != 1 || seen[0].Replaced != 0 {
		t.Errorf("U1 sees %+v", seen)
	}
}

func TestResponseURLFaults(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	_, _, address := clicked(t, s)
	s.Fail(slacksim.Fault{Method: slacksim.FaultResponseURL, N: 2, Status: http.StatusBadGateway})
	for range 2 {
		if status, _ := respond(t, address, `{"text":"hi"}`); status != http.StatusBadGateway {
			t.Errorf("status %d", status)
		}
	}
	s.Fail(slacksim.Fault{Method: slacksim.FaultResponseURL, N: 1, HappenedButFailed: true})
	if resp, err := http.Post(address, "application/json", strings.NewReader(`{"replace_original":true,"text":"done"}`)); err == nil {
		_ = resp.Body.Close()
		t.Errorf("an answer came: %d", resp.StatusCode)
	}
	if seen := s.Messages("U1"); len(seen) != 1 || seen[0].Text != "done" {
		t.Errorf("U1 sees %+v", seen)
	}
	s.Fail(slacksim.Fault{Method: slacksim.FaultResponseURL, N: 1, HangFor: time.Millisecond})
	if status, _ := respond(t, address, `{"replace_original":true,"text":"late"}`); status != http.StatusOK {
		t.Errorf("a late good answer: %d", status)
	}
}
