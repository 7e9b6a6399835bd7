package studiobot_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/studiobot/studiobot/internal/slacksim"
)

// count counts records of a kind.
func (r *rig) count(kind string) int {
	n := 0
	for _, rec := range r.slack.History() {
		if rec.Kind == kind {
			n++
		}
	}
	return n
}

func TestRedeliveredCommandShowsTheSameLink(t *testing.T) {
	t.Parallel()
	r := start(t, setup{})
	first, err := r.slack.Command(r.within(), "U0JANE", "/studio", "")
	if err != nil || first.Message == nil {
		t.Fatalf("%+v, %v", first, err)
	}
	for _, o := range []slacksim.RedeliverOptions{{}, {NewID: true, RetryAttempt: 1, RetryReason: "timeout"}} {
		again, err := r.slack.RedeliverAs(first.EnvelopeID, o)
		if err != nil || !again.Acked || again.Message == nil {
			t.Fatalf("redelivered: %+v, %v", again, err)
		}
		if again.Message.Buttons()[0].URL != first.Message.Buttons()[0].URL {
			t.Error("another link for the same command")
		}
	}
	if n := strings.Count(r.log.String(), `"step":"issued"`); n != 1 {
		t.Errorf("%d tickets", n)
	}
	r.launches(r.press("U0JANE", first.Message, 0), researchID, "jane-doe")
}

// Envelopes that hold nothing to work with are acknowledged, noted without
// their content, and nothing else happens.
func TestOddEnvelopes(t *testing.T) {
	t.Parallel()
	r := start(t, setup{})
	const secret = "t0p-s3cret-content"
	for name, e := range map[string]struct {
		kind    string
		payload any
	}{
		"unknown type":               {"mystery", map[string]any{"x": secret}},
		"no payload":                 {"slash_commands", nil},
		"command without a user":     {"slash_commands", map[string]any{"command": "/studio", "text": secret}},
		"command with a strange ID":  {"slash_commands", map[string]any{"team_id": "T0ACME", "user_id": "<!here>" + secret}},
		"command that isn't one":     {"slash_commands", []any{secret}},
		"odd installation flag":      {"slash_commands", map[string]any{"team_id": "T0OTHER", "user_id": "U0JANE", "is_enterprise_install": ""}},
		"click without actions":      {"interactive", map[string]any{"type": "block_actions", "actions": []any{}, "user": map[string]any{"id": "U0JANE"}}},
		"click on a foreign button":  {"interactive", map[string]any{"type": "block_actions", "team": nil, "user": map[string]any{"id": "U0JANE", "team_id": "T0ACME"}, "actions": []any{map[string]any{"action_id": "x", "value": secret}}}},
		"click with a strange value": {"interactive", map[string]any{"type": "block_actions", "user": map[string]any{"id": "U0JANE", "team_id": "T0ACME"}, "actions": []any{map[string]any{"action_id": "open:0", "value": secret, "action_ts": "1.1"}}}},
		"interaction of strings":     {"interactive", secret},
		"shortcut":                   {"interactive", map[string]any{"type": "shortcut", "callback_id": secret}},
		"unknown event":              {"events_api", map[string]any{"type": "event_callback", "event": map[string]any{"type": "user_guest_status_changed", "x": secret}}},
		"event without an event":     {"events_api", map[string]any{"type": "event_callback"}},
		"change of nobody":           {"events_api", map[string]any{"type": "event_callback", "event": map[string]any{"type": "user_change", "user": secret}}},
	} {
		a, err := r.slack.SendEnvelope(r.within(), e.kind, e.payload, slacksim.EnvelopeOptions{AcceptsResponsePayload: e.kind != "events_api"})
		if err != nil || !a.Acked {
			t.Errorf("%s: %+v, %v", name, a, err)
		}
	}
	for _, frame := range []string{`{"envelope_id":"raw-1","type":5}`, `{"envelope_id":"raw-2"}`, `{"envelope_id":"raw-3","type":"events_api","payload":"x"}`} {
		if err := r.slack.SendRaw(r.within(), []byte(frame)); err != nil {
			t.Fatal(err)
		}
	}
	r.await("the raw frames to be acknowledged", func() bool {
		ids := map[string]bool{}
		for _, rec := range r.slack.History() {
			if rec.Kind == slacksim.KindAck && strings.HasPrefix(rec.EnvelopeID, "raw-") {
				ids[rec.EnvelopeID] = true
			}
		}
		return len(ids) == 3
	})
	if strings.Contains(r.log.String(), secret) {
		t.Error("the log holds what an envelope held")
	}
	if n := r.count(slacksim.KindDoubleAck) + r.count(slacksim.KindTimeout) + r.count(slacksim.KindBadAck); n != 0 {
		t.Errorf("%d envelopes acknowledged twice, late or wrongly", n)
	}
	r.launches(r.press("U0JANE", r.command("U0JANE", ""), 0), researchID, "jane-doe")
}

// Commands keep coming while Slack recycles sockets and connections are cut.
// None that reached us stays unanswered.
func TestNoCommandIsLostWhileSocketsComeAndGo(t *testing.T) {
	t.Parallel()
	const rounds = 9
	r := start(t, setup{slack: slacksim.Options{NoRateLimits: true}})
	var stop atomic.Bool
	var wg sync.WaitGroup
	wg.Go(func() {
		defer stop.Store(true)
		for i := range rounds {
			// The next one goes when both are up again, as with Slack's refreshes: when
			// the one before is gone for sure, and there are two.
			if err := r.slack.WaitConnections(r.within(), 2); err != nil {
				t.Errorf("round %d: %v", i, err)
				return
			}
			mark := r.slack.Mark()
			switch i % 3 {
			case 0:
				r.slack.RefreshOne(slacksim.ReasonRefresh)
			case 1:
				r.slack.Kill(1)
			case 2:
				r.slack.RefreshOne(slacksim.ReasonTooMany)
			}
			_, err := r.slack.WaitForAfter(r.within(), mark, func(x slacksim.Record) bool { return x.Kind == slacksim.KindClose })
			if err != nil {
				t.Errorf("round %d: %v", i, err)
				return
			}
		}
	})
	var commands, failures atomic.Int64
	for w := range 4 {
		wg.Go(func() {
			for !stop.Load() {
				commands.Add(1)
				a, err := r.slack.Command(r.within(), "U0JANE", "/studio", "")
				if err != nil || a.Message == nil {
					failures.Add(1)
					t.Errorf("worker %d: %+v, %v", w, a, err)
				}
			}
		})
	}
	wg.Wait()
	r.launches(r.press("U0JANE", r.command("U0JANE", ""), 0), researchID, "jane-doe")
	t.Logf("%d sockets were opened; %d of %d commands failed", r.slack.Calls("ws"), failures.Load(), commands.Load())
}

// With both sockets gone at once, what was taken is answered on the next one or
// by the response URL.
func TestBothSocketsKilled(t *testing.T) {
	t.Parallel()
	r := start(t, setup{})
	for range 5 {
		p := r.slack.StartCommand("U0JANE", "/studio", "")
		r.slack.KillAll()
		a, err := p.Wait(r.within())
		if err != nil {
			t.Fatal(err)
		}
		if a.Message == nil && a.Error != slacksim.ErrorDispatch {
			t.Errorf("a command that reached us got %+v", a)
		}
		if err := r.slack.WaitConnections(r.within(), 2); err != nil {
			t.Fatal(err)
		}
	}
}

// Refusals that no waiting mends end the process, with the setting to mend.
// A stop takes no new envelope, answers what it took and lets launches finish.
// Monday at nine: everybody types at once, and Slack is asked for nobody.
func TestCrowdIsNoStampede(t *testing.T) {
	t.Parallel()
	const n = 2000
	crowd := slacksim.Crowd(n, "U0C")
	var users strings.Builder
	users.WriteString(usersYAML)
	for _, p := range crowd {
		fmt.Fprintf(&users, "%s: {research: jane-doe}\n", p.ID)
	}
	r := start(t, setup{people: crowd, users: users.String()})
	var wg sync.WaitGroup
	next := make(chan string)
	for range 50 {
		wg.Go(func() {
			for id := range next {
				if a, err := r.slack.Command(r.within(), id, "/studio", ""); err != nil || a.Message == nil || len(a.Message.Buttons()) != 1 {
					t.Errorf("%s: %+v, %v", id, a, err)
				}
			}
		})
	}
	for _, p := range crowd {
		next <- p.ID
	}
	close(next)
	wg.Wait()
	if calls := r.slack.Calls("users.info"); calls != 0 {
		t.Errorf("Slack was asked for %d people", calls)
	}
}

// Nobody is let in on a guess: where Slack can't be asked and nothing is known,
// the person is asked to try again.
// Tokens, links, presigned URLs, trigger IDs and response URLs reach no log.
// Of many browsers at once one gets Studio, also while connections are cut.
func TestOneOfManyBrowsers(t *testing.T) {
	t.Parallel()
	r := start(t, setup{})
	r.sagemaker.SetDelay(200 * time.Millisecond)
	for range 5 {
		link := r.press("U0JANE", r.command("U0JANE", ""), 0)
		var opened atomic.Int64
		var wg sync.WaitGroup
		for i := range 32 {
			wg.Go(func() {
				ctx, hangUp := context.WithTimeout(r.ctx, patience)
				defer hangUp()
				if i%4 == 0 { // some leave in the middle
					time.AfterFunc(time.Duration(i)*5*time.Millisecond, hangUp)
				}
				if a, err := fetch(ctx, browser(), link); err == nil && a.status == http.StatusFound {
					opened.Add(1)
				}
			})
		}
		wg.Wait()
		if opened.Load() > 1 {
			t.Errorf("%d browsers got Studio with one link", opened.Load())
		}
	}
}
