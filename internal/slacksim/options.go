package slacksim

import (
	"log/slog"
	"net"
	"time"
)

// ForeignAckPolicy says what happens to an acknowledgement that arrives on
// another socket than the one that carried the envelope. What Slack does is
// not documented.
type ForeignAckPolicy int

const (
	// AcceptForeignAcks honours it.
	AcceptForeignAcks ForeignAckPolicy = iota
	// RefuseForeignAcks records it as "foreign_ack" and ignores it.
	RefuseForeignAcks
)

// Options of a Server. The zero value works.
type Options struct {
	// Listener to serve on; the Server closes it. Nil: 127.0.0.1, any port.
	Listener net.Listener
	// AppToken (xapp-…) and BotToken (xoxb-…) are the only ones accepted.
	AppToken, BotToken string
	// The identifiers of the one app and its workspace. EnterpriseID is
	// empty outside Enterprise Grid, the others have defaults.
	AppID, TeamID, EnterpriseID, BotUserID string
	// OrgInstall: the app is installed on the whole organisation, BotToken is
	// the organisation's. EnterpriseID has a default then.
	OrgInstall bool
	// Teams are workspaces of the organisation beside TeamID, see Server.AddTeam.
	Teams []string
	// ClientID and ClientSecret are the app's, for signing in with Slack; they
	// have defaults.
	ClientID, ClientSecret string
	// PlainOpenID makes the OpenID endpoints those of another organisation: no
	// claims of Slack's, the standard's errors, a word on PKCE in the discovery
	// document, and whoever is signed in goes back at once.
	PlainOpenID bool
	// Scopes of the bot token. Nil: each that a method wants, but for
	// chat:write.public. Empty: none.
	Scopes []string

	// PingEvery is the interval of Slack's pings; 5 s.
	PingEvery time.Duration
	// PongTimeout is how long a socket may stay without any frame from the
	// client, pongs included, before it is cut; 30 s.
	PongTimeout time.Duration
	// AckDeadline is how long an app has to acknowledge; Slack's 3 s.
	AckDeadline time.Duration
	// WarningDelay is the time between a "warning" and the end of the socket;
	// Slack's 10 s.
	WarningDelay time.Duration
	// CloseGrace is how long a socket is still read after its close frame, for
	// acknowledgements that are on their way; 1 s.
	CloseGrace time.Duration
	// ConnectionTime is what hello announces; an hour. No socket is refreshed
	// because of it.
	ConnectionTime time.Duration
	// TriggerTTL is the life of a trigger_id; Slack's 3 s.
	TriggerTTL time.Duration
	// ResponseURLTTL and ResponseURLUses limit a response_url; 30 minutes and
	// 5 uses.
	ResponseURLTTL  time.Duration
	ResponseURLUses int

	// ForeignAcks is the policy for acknowledgements on another socket.
	ForeignAcks ForeignAckPolicy
	// NoRedeliver: an envelope whose socket died before its acknowledgement is
	// lost. Otherwise it goes out again, on an open socket or on the next one.
	NoRedeliver bool
	// RedeliverFor is how long after its first delivery an envelope still goes
	// out again like that; AckDeadline.
	RedeliverFor time.Duration
	// EventRetries are the delays before an unacknowledged event is sent again
	// under a new envelope ID. Nil: at once, 1 and 5 minutes. Empty: never.
	EventRetries []time.Duration
	// OmitActionURL leaves the url out of a click's action, as some of Slack's
	// clients do.
	OmitActionURL bool

	// NumericCounts sends the counts of subteam_members_changed as numbers, as
	// Slack's Node types have them. The documentation shows strings.
	NumericCounts bool

	// NoRateLimits switches every rate limit off.
	NoRateLimits bool
	// RateLimits overrides calls per minute by method; 0 is no limit.
	RateLimits map[string]int

	// HistoryLimit is the number of records kept, 100,000; HistoryBytes the
	// size of their bodies together, 64 MiB. The oldest go first.
	HistoryLimit, HistoryBytes int

	// Log gets one line per record, without contents. Nil: nothing.
	Log *slog.Logger
}

func (o Options) withDefaults() Options {
	name := func(p *string, v string) {
		if *p == "" {
			*p = v
		}
	}
	span := func(p *time.Duration, v time.Duration) {
		if *p <= 0 {
			*p = v
		}
	}
	number := func(p *int, v int) {
		if *p <= 0 {
			*p = v
		}
	}
	name(&o.AppToken, "xapp-1-A0STUDIO-1000000000001-simulated")
	name(&o.BotToken, "xoxb-1000000000001-1000000000002-simulated")
	name(&o.AppID, "A0STUDIO")
	name(&o.ClientID, "1000000000001.1000000000003")
	name(&o.ClientSecret, "c0ffee00c0ffee00c0ffee00c0ffee00")
	name(&o.TeamID, "T0ACME")
	name(&o.BotUserID, "U0STUDIOBOT")
	if o.OrgInstall {
		name(&o.EnterpriseID, "E0ACME")
	}
	span(&o.PingEvery, 5*time.Second)
	span(&o.PongTimeout, 30*time.Second)
	span(&o.AckDeadline, 3*time.Second)
	span(&o.WarningDelay, 10*time.Second)
	span(&o.CloseGrace, time.Second)
	span(&o.ConnectionTime, time.Hour)
	span(&o.TriggerTTL, 3*time.Second)
	span(&o.ResponseURLTTL, 30*time.Minute)
	number(&o.ResponseURLUses, 5)
	span(&o.RedeliverFor, o.AckDeadline)
	if o.EventRetries == nil {
		o.EventRetries = []time.Duration{0, time.Minute, 5 * time.Minute}
	}
	number(&o.HistoryLimit, 100_000)
	number(&o.HistoryBytes, 64<<20)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}
