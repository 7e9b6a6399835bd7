package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
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
	// Copy is which copy of studiobot it was, where there are several.
	Copy int `json:"copy,omitempty"`
	// Body is for whoever wants to look closer; links in it are cut.
	Body string `json:"body,omitempty"`
	// Kind is how it went: "", "good" or "bad".
	Kind string `json:"kind,omitempty"`
	// Screen tells the page that messages or forms changed.
	Screen bool `json:"screen,omitempty"`
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
				switch c.Operation { // the listings would drown everything else
				case "CreatePresignedDomainUrl", "CreateUserProfile", "DeleteApp", "StartNotebookInstance", "StopNotebookInstance":
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
		i.What = envelopeWords(r)
	case slacksim.KindAck:
		i.From, i.To, i.What, i.Kind = "bot", "slack", "acknowledgement", "good"
		switch {
		case len(r.Body) <= 2:
		case r.EnvelopeType == "interactive":
			i.What = "acknowledgement with what the form says next"
		default:
			i.What = "acknowledgement with the message"
		}
	case slacksim.KindLateAck, slacksim.KindTimeout, slacksim.KindRefused:
		i.From, i.To, i.What, i.Kind = "bot", "slack", r.Kind, "bad"
	case slacksim.KindResponseURL:
		var posted struct {
			Replace bool `json:"replace_original"`
		}
		what := "a message below"
		if json.Unmarshal(r.Body, &posted) == nil && posted.Replace {
			what = "replaces the message"
		}
		i.From, i.To, i.What = "bot", "slack", fmt.Sprintf("response_url: %s (HTTP %d)", what, r.Status)
	case slacksim.KindAPI:
		i.From, i.To, i.What, i.Body = "bot", "slack", fmt.Sprintf("Web API: %s (HTTP %d)", r.Method, r.Status), ""
	case slacksim.KindConnect:
		i.What = fmt.Sprintf("socket %d: hello", r.Conn)
	case slacksim.KindDisconnect:
		i.What = fmt.Sprintf("socket %d: disconnect (%s)", r.Conn, r.Note)
	case slacksim.KindShown, slacksim.KindReplaced, slacksim.KindDeleted, slacksim.KindModal, slacksim.KindModalClosed, slacksim.KindHome:
		return item{At: r.At, Screen: true}, true
	}
	return i, i.What != ""
}

// envelopeWords say what an envelope brings.
func envelopeWords(r slacksim.Record) string {
	switch r.EnvelopeType {
	case "slash_commands":
		return "envelope: a slash command"
	case "events_api":
		return "envelope: an event"
	case "interactive":
		var kind struct {
			Type string `json:"type"`
		}
		_ = json.Unmarshal(r.Body, &kind) // it is the simulator's
		switch kind.Type {
		case "view_submission":
			return "envelope: a form was sent (view_submission)"
		case "shortcut":
			return "envelope: the shortcut was used"
		}
		return "envelope: a click (block_actions)"
	}
	return ""
}

func callItem(c sagemakersim.Call) item {
	i := item{At: c.At, From: "bot", To: "sagemaker", Kind: "good", What: c.Operation + ": " + about(c)}
	if c.LandingURI != "" {
		i.What += ", LandingUri " + c.LandingURI
	}
	if c.ExpiresIn > 0 {
		i.What += fmt.Sprintf(", ExpiresInSeconds %d", c.ExpiresIn)
	}
	i.What += fmt.Sprintf(" → HTTP %d", c.Status)
	if c.Status != 200 {
		i.Kind = "bad"
		i.What += " " + c.ErrorCode
	}
	return i
}

// about is what a call is about.
func about(c sagemakersim.Call) string {
	var parts []string
	for _, part := range []string{c.Domain, c.Profile, c.Space, c.App} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	if c.App == "" && c.Name != "" {
		parts = append(parts, c.Name)
	}
	return strings.Join(parts, " / ")
}

func openingItem(o sagemakersim.Opening) item {
	i := item{At: o.At, From: "browser", To: "sagemaker", What: "presigned URL opened: Studio as " + o.Profile, Kind: "good"}
	if o.App != "" && o.App != sagemakersim.Portal {
		i.What = fmt.Sprintf("presigned URL opened: %s as %s", o.App, o.Profile)
	}
	if !o.OK {
		i.What, i.Kind = "presigned URL refused: "+o.Reason, "bad"
	}
	return i
}

// secretParts are what a panel should not teach people to copy.
var secretParts = regexp.MustCompile(`(/launch/[A-Za-z0-9_-]{4})[A-Za-z0-9_-]+|("token": ?"[^"]{4})[^"]+|(/(?:commands|actions)/[A-Z0-9]+/)[^"]+|("trigger_id": ?"[^"]{4})[^"]+`)

// pretty indents a body and cuts the secrets in it.
func pretty(raw json.RawMessage) string {
	if len(raw) == 0 {
		return ""
	}
	var b bytes.Buffer
	if err := json.Indent(&b, raw, "", "  "); err != nil {
		return ""
	}
	return secretParts.ReplaceAllString(b.String(), "$1$2$3$4…")
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
