package bot

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	// maxURL bounds a response URL; Slack's are about a hundred characters.
	maxURL = 2048
	// respondTime bounds one message by response URL, attempts included.
	respondTime = 8 * time.Second
	// responding is how many messages may be on their way at a time, and
	// respondQueue how many more may wait for their turn.
	responding   = 64
	respondQueue = 4096
	// respondTries: Slack takes five messages per response URL, so a failed
	// post can be repeated.
	respondTries = 3
)

var errNotSlack = errors.New("the response URL isn't Slack's")

// later posts a message after the answer is out.
func (b *Bot) later(address string, m message) {
	b.behind(func(ctx context.Context) { b.respond(ctx, address, m) })
}

// behind does something after the answer is out, and lets Wait wait for it. A
// response URL that hangs must not hold up acknowledgements.
func (b *Bot) behind(do func(context.Context)) {
	if b.queued.Add(1) > respondQueue {
		b.queued.Add(-1)
		b.o.Log.Error("a message behind an answer was dropped: too many at once")
		return
	}
	b.rest.Go(func() {
		defer b.queued.Add(-1)
		b.turns <- struct{}{}
		defer func() { <-b.turns }()
		ctx, cancel := context.WithTimeout(context.Background(), respondTime)
		defer cancel()
		do(ctx)
	})
}

// respond posts a message to a response URL. Failing is logged, without the
// address: whoever has it can write into the person's conversation.
func (b *Bot) respond(ctx context.Context, address string, m message) {
	body, err := json.Marshal(m)
	if err == nil {
		err = b.checkAddress(address)
	}
	if err != nil {
		b.o.Log.WarnContext(ctx, "a message can't be sent", "err", err)
		return
	}
	for attempt := range respondTries {
		again, err := b.post(ctx, address, body)
		if err == nil {
			return
		}
		if !again || attempt == respondTries-1 || !pause(ctx, jitter(firstBackoff<<attempt)) {
			b.o.Log.WarnContext(ctx, "a message by response URL didn't get through", "attempts", attempt+1, "err", redact(err))
			return
		}
	}
}

// checkAddress accepts Slack's own hosts and, where SLACK_API_URL moves the Web
// API, the host that it names.
func (b *Bot) checkAddress(address string) error {
	u, err := url.Parse(address)
	if err != nil || len(address) > maxURL || u.User != nil {
		return errNotSlack
	}
	host := u.Hostname()
	ours := b.apiHost != "" && u.Host == b.apiHost
	if u.Scheme == "https" && (strings.HasSuffix(host, ".slack.com") || strings.HasSuffix(host, ".slack-gov.com") || ours) {
		return nil
	}
	if ip := net.ParseIP(host); ours && u.Scheme == "http" && (host == "localhost" || ip != nil && ip.IsLoopback()) {
		return nil
	}
	return errNotSlack
}

// post makes one attempt, and says whether another may help.
func (b *Bot) post(ctx context.Context, address string, body []byte) (again bool, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return false, errNotSlack
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	resp, err := b.http.Do(req)
	if err != nil {
		return true, err
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
	switch {
	case resp.StatusCode == http.StatusOK:
		return false, nil
	case resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode >= 500:
		return true, fmt.Errorf("HTTP %d", resp.StatusCode)
	default:
		return false, fmt.Errorf("HTTP %d", resp.StatusCode)
	}
}
