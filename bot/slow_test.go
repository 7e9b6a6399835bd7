package bot

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"
)

// slowBot is a bot whose response URLs come to the test.
func slowBot(t *testing.T) (b *Bot, address string, posted chan string) {
	t.Helper()
	posted = make(chan string, 10)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var m struct{ Text string }
		raw, _ := io.ReadAll(r.Body)
		if err := json.Unmarshal(raw, &m); err != nil {
			t.Errorf("%s: %v", raw, err)
		}
		posted <- m.Text
	}))
	t.Cleanup(server.Close)
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	b = &Bot{o: Options{Log: slog.New(slog.DiscardHandler)}, http: server.Client(), apiHost: u.Host, turns: make(chan struct{}, responding)}
	b.slow = newSlow(&b.rest, b.o.Log)
	return b, server.URL, posted
}

func said(text string) message { return newMessage(text, section(text)) }

func next(t *testing.T, posted chan string) string {
	t.Helper()
	select {
	case text := <-posted:
		return text
	case <-time.After(20 * time.Second):
		t.Fatal("nothing followed")
		return ""
	}
}

// What is quick is the acknowledgement; nothing follows.
func TestEventuallyQuick(t *testing.T) {
	t.Parallel()
	b, address, posted := slowBot(t)
	m := b.eventually(address, said("later"), func(context.Context) message { return said("done") })
	b.Wait()
	if m.Text != "done" || m.acked != nil || len(posted) != 0 {
		t.Errorf("%q, and %d follow", m.Text, len(posted))
	}
}

// What is slow follows the acknowledgement, and doesn't overtake it.
func TestEventuallySlow(t *testing.T) {
	t.Parallel()
	b, address, posted := slowBot(t)
	going, goes := make(chan struct{}), make(chan struct{})
	for range waiters { // nobody waits in place any more
		b.slow.waits <- struct{}{}
	}
	m := b.eventually(address, said("later"), func(context.Context) message { close(going); <-goes; return said("done") })
	<-going
	if m.Text != "later" || m.acked == nil {
		t.Fatalf("the acknowledgement is %q", m.Text)
	}
	close(goes)
	select {
	case text := <-posted:
		t.Errorf("%q overtook the acknowledgement", text)
	case <-time.After(50 * time.Millisecond):
	}
	m.acked()
	if text := next(t, posted); text != "done" {
		t.Errorf("%q followed", text)
	}
	b.Wait()
}

// Whoever panics leaves words, and more than there is room for is told so.
func TestEventuallyTrouble(t *testing.T) {
	t.Parallel()
	b, address, posted := slowBot(t)
	if m := b.eventually(address, said("later"), func(context.Context) message { panic("x") }); m.Text != notice(wordsBroken).Text {
		t.Errorf("after a panic: %q", m.Text)
	}
	b.Wait()
	for range slowAtOnce + slowQueue {
		b.slow.queue <- struct{}{}
	}
	if m := b.eventually(address, said("later"), func(context.Context) message { return said("done") }); m.Text != notice(wordsBusy).Text {
		t.Errorf("with a full queue: %q", m.Text)
	}
	for range watching {
		b.slow.watches <- struct{}{}
	}
	if b.slow.watch(time.Minute, func(context.Context) {}) || len(posted) != 0 {
		t.Error("more is watched than there is room for")
	}
}

// Slow work ends with the bot, and what waits for minutes does too.
func TestSlowEnds(t *testing.T) {
	t.Parallel()
	b, _, _ := slowBot(t)
	for _, begin := range []func(func(context.Context)) bool{b.slow.do, func(work func(context.Context)) bool { return b.slow.watch(time.Hour, work) }} {
		if !begin(func(ctx context.Context) { <-ctx.Done() }) {
			t.Fatal("no room")
		}
	}
	b.slow.end()
	b.Wait()
	if !b.slow.ending() {
		t.Error("it doesn't know that it ends")
	}
}
