package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"regexp"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/studiobot/studiobot/internal/sagemakersim"
	"github.com/studiobot/studiobot/internal/slacksim"
)

// item is one line of the side panel: what went over the wire.
type item struct {
	At   time.Time `json:"at"`
	From string    `json:"from"` // slack, bot, browser, sagemaker
	To   string    `json:"to"`
	What string    `json:"what"`
	// Body is for whoever wants to look closer; links in it are cut.
	Body string `json:"body,omitempty"`
	// Kind is how it went: "", "good" or "bad".
	Kind string `json:"kind,omitempty"`
	// Messages tells the page that messages changed.
	Messages bool `json:"messages,omitempty"`
}

// feed hands items to whoever is looking. Who looks too slowly misses some.
type feed struct {
	mu      sync.Mutex
	viewers map[chan item]bool
}

func newFeed() *feed { return &feed{viewers: map[chan item]bool{}} }

func (f *feed) join() (<-chan item, func()) {
	c := make(chan item, 256)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.viewers[c] = true
	return c, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.viewers, c)
	}
}

func (f *feed) tell(i item) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for c := range f.viewers {
		select {
		case c <- i:
		default:
		}
	}
}

// follow turns what the simulators saw into items until ctx ends.
func (f *feed) follow(ctx context.Context, group *errgroup.Group, s *slacksim.Server, m *sagemakersim.Server) {
	records, leave := s.Subscribe()
	calls, leaveCalls := m.Subscribe()
	openings, leaveOpenings := m.SubscribeOpenings()
	group.Go(func() error {
		defer leave()
		defer leaveCalls()
		defer leaveOpenings()
		for {
			select {
			case r := <-records:
				if i, ok := slackItem(r); ok {
					f.tell(i)
				}
			case c := <-calls:
				if c.Operation == "CreatePresignedDomainUrl" {
					f.tell(callItem(c))
				}
			case o := <-openings:
				f.tell(openingItem(o))
			case <-ctx.Done():
				return nil
			}
		}
	})
}

// slackItem says in words what a record of the Slack simulator is.
func slackItem(r slacksim.Record) (item, bool) {
	i := item{At: r.At, From: "slack", To: "bot", Body: pretty(r.Body)}
	switch r.Kind {
	case slacksim.KindEnvelope:
		i.What = map[string]string{"slash_commands": "envelope: a slash command", "interactive": "envelope: a click (block_actions)", "events_api": "envelope: an event"}[r.EnvelopeType]
	case slacksim.KindAck:
		i.From, i.To, i.What, i.Kind = "bot", "slack", "acknowledgement", "good"
		if len(r.Body) > 2 {
			i.What = "acknowledgement with the message"
		}
	case slacksim.KindLateAck, slacksim.KindTimeout, slacksim.KindRefused:
		i.From, i.To, i.What, i.Kind = "bot", "slack", r.Kind, "bad"
	case slacksim.KindResponseURL:
		i.From, i.To, i.What = "bot", "slack", fmt.Sprintf("response_url: replaces the message (HTTP %d)", r.Status)
	case slacksim.KindAPI:
		i.From, i.To, i.What, i.Body = "bot", "slack", fmt.Sprintf("Web API: %s (HTTP %d)", r.Method, r.Status), ""
	case slacksim.KindConnect:
		i.What = fmt.Sprintf("socket %d: hello", r.Conn)
	case slacksim.KindDisconnect:
		i.What = fmt.Sprintf("socket %d: disconnect (%s)", r.Conn, r.Note)
	case slacksim.KindShown, slacksim.KindReplaced, slacksim.KindDeleted:
		return item{At: r.At, Messages: true}, true
	}
	return i, i.What != ""
}

func callItem(c sagemakersim.Call) item {
	i := item{At: c.At, From: "bot", To: "sagemaker", Kind: "good",
		What: fmt.Sprintf("%s: %s / %s, ExpiresInSeconds %d → HTTP %d", c.Operation, c.Domain, c.Profile, c.ExpiresIn, c.Status)}
	if c.Status != 200 {
		i.Kind = "bad"
		i.What += " " + c.ErrorCode
	}
	return i
}

func openingItem(o sagemakersim.Opening) item {
	i := item{At: o.At, From: "browser", To: "sagemaker", What: "presigned URL opened: Studio as " + o.Profile, Kind: "good"}
	if !o.OK {
		i.What, i.Kind = "presigned URL refused: "+o.Reason, "bad"
	}
	return i
}

// secretParts are what a panel should not teach people to copy.
var secretParts = regexp.MustCompile(`(/launch/[A-Za-z0-9_-]{4})[A-Za-z0-9_-]+|("token": ?"[^"]{4})[^"]+|(/(?:commands|actions)/[A-Z0-9]+/)[^"]+`)

// pretty indents a body and cuts the secrets in it.
func pretty(raw json.RawMessage) string {
	if len(raw) == 0 {
		return ""
	}
	var b bytes.Buffer
	if err := json.Indent(&b, raw, "", "  "); err != nil {
		return ""
	}
	return secretParts.ReplaceAllString(b.String(), "$1$2$3…")
}

// handler passes studiobot's log on, and shows its audit lines in the panel.
func (f *feed) handler(next slog.Handler) slog.Handler { return feedHandler{feed: f, next: next} }

type feedHandler struct {
	feed *feed
	next slog.Handler
}

func (h feedHandler) Enabled(ctx context.Context, l slog.Level) bool { return h.next.Enabled(ctx, l) }

func (h feedHandler) Handle(ctx context.Context, r slog.Record) error {
	if r.Message == "audit" {
		h.feed.tell(auditItem(r))
	}
	if !h.next.Enabled(ctx, r.Level) {
		return nil
	}
	return h.next.Handle(ctx, r)
}

func (h feedHandler) WithAttrs(a []slog.Attr) slog.Handler {
	return feedHandler{h.feed, h.next.WithAttrs(a)}
}
func (h feedHandler) WithGroup(name string) slog.Handler {
	return feedHandler{h.feed, h.next.WithGroup(name)}
}

func auditItem(r slog.Record) item {
	values := map[string]string{}
	var text bytes.Buffer
	r.Attrs(func(a slog.Attr) bool {
		values[a.Key] = a.Value.String()
		fmt.Fprintf(&text, "%s: %s\n", a.Key, a.Value)
		return true
	})
	i := item{At: r.Time, From: "bot", To: "audit", What: "audit: " + values["step"], Body: text.String()}
	switch values["step"] {
	case "opened":
		i.From, i.To, i.What, i.Kind = "bot", "browser", "redirect: 302, Location = the presigned URL", "good"
	case "refused", "handed_back", "burned":
		i.What += ": " + values["reason"]
		i.Kind = "bad"
	}
	return i
}
