package studiobot

import (
	"log/slog"
	"net/netip"
	"net/url"
	"time"

	"github.com/studiobot/studiobot/studio"
)

// Config is studiobot.yaml together with the secrets of the environment,
// checked. It holds values only: nothing in it is open or running.
//
// config_rows.go has the table of keys that reading, checking, the example and
// the reference are made from.
type Config struct {
	// PublicURL is where browsers reach the bot: https, or http on a loopback
	// host; without a trailing slash.
	PublicURL *url.URL
	// Listen is host:port of the listener that browsers reach.
	Listen string
	TLS    TLS
	// TrustedProxies are the networks whose X-Forwarded-For counts.
	TrustedProxies []netip.Prefix
	// Command is the slash command, with its slash.
	Command string
	// Metrics is host:port of the private listener; empty: none.
	Metrics string

	// Domains has at least one; the first is the default.
	Domains []Domain
	// Mapping has at least one source, in the order in which they are asked.
	Mapping []Source

	Access Access
	Launch Launch
	// Studio says what may be done with apps that run.
	Studio Studio
	// Notebooks says what may be done with notebook instances.
	Notebooks Notebooks
	// Prices are what instances cost, as the operator says.
	Prices studio.Prices
	SignIn SignIn
	Limits Limits
	Store  Store
	Log    Log

	// Role is what the process does that this was loaded for.
	Role Role

	Secrets Secrets
	// SlackAPIURL is another address of Slack's Web API, with a trailing slash;
	// empty: Slack's own.
	SlackAPIURL string

	// Warnings are sentences for the operator about what was read and is no
	// mistake, but probably not what was meant.
	Warnings []string
}

// TLS names the files of the listener's certificate and key; both are empty
// where something in front of the bot ends TLS.
type TLS struct{ Cert, Key string }

// Domain is a SageMaker domain, and how it is reached.
type Domain struct {
	studio.Domain
	// RoleARN is the role to assume for the calls; empty: none.
	RoleARN string
	// RoleSession is how long the assumed role's session lasts, 15 minutes to
	// 12 hours.
	RoleSession time.Duration
	// UserGroups are IDs of Slack user groups whose members may open this
	// domain; empty: no further limit.
	UserGroups []string
	// CreateProfiles: an approved request makes the user profile where there is
	// none, with ProfileTags and the person's Slack ID.
	CreateProfiles bool
	ProfileTags    map[string]string
	// MLflow are names of tracking servers that everybody with a profile in this
	// domain may open.
	MLflow []string
}

// The kinds of a Source.
const (
	SourceFile  = "file"
	SourceTag   = "tag"
	SourceEmail = "email"
	SourceTable = "table"
)

// Source is one place that knows which user profile a person has. Kind says
// which of the other fields counts.
type Source struct {
	Kind string
	// File is the path of a users file.
	File string
	// Tag is the key of the tag on a user profile that holds the Slack user ID.
	Tag string
	// Email is the template that makes a profile's name of an e-mail address;
	// only confirmed addresses of Domains count.
	Email   string
	Domains []string
	// Table: the links that people made in Slack.
	Table bool
	// MaxAge is how old the last good copy of a tag, email or table source may
	// be and still count; zero: the source's own default.
	MaxAge time.Duration
}

// Access says who may ask.
type Access struct {
	// Guests: guests of the workspace may, too.
	Guests bool
	// UserGroups are IDs of Slack user groups; empty: everybody who is mapped.
	UserGroups []string
	// Teams are the workspaces of an Enterprise Grid organisation that people may
	// ask from; empty: every one that the app is installed in.
	Teams []string
	// Help is the operator's sentence for whoever is refused; may be empty.
	Help string
	// Admins are IDs of people and of user groups who may use the admin commands
	// and decide requests.
	Admins []string
	// ApprovalsChannel is the ID of the channel where requests for access are
	// decided; empty: nobody can ask.
	ApprovalsChannel string
	// SelfApproval lets admins approve what they asked for themselves.
	SelfApproval bool
}

// Launch says how a link becomes an open Studio.
type Launch struct {
	// LinkTTL is how long a link can be used, 10 s to 15 min.
	LinkTTL time.Duration
	// URLTTL is how long a presigned URL can be used: whole seconds, 5 to 300.
	URLTTL time.Duration
	// Proof is click, confirm or sign_in.
	Proof string
	// Delivery is how the browser gets the presigned URL: redirect or page.
	Delivery string
	// SessionPolicy is SessionPolicyProfile where a launch's role session may open
	// nothing but what it is for, otherwise none.
	SessionPolicy string
}

// Studio is what people may do with what runs.
type Studio struct {
	// AllowStop: they may stop their own apps and notebook instances in Slack.
	AllowStop bool
}

// Notebooks is what people may do with notebook instances.
type Notebooks struct {
	// Tag is the key of the tag on a notebook instance that holds the Slack user
	// ID of whoever may open it; empty: no tag counts.
	Tag string
	// AllowStart: they may start those that are theirs.
	AllowStart bool
}

// The values of Launch.SessionPolicy.
const (
	SessionPolicyNone    = "none"
	SessionPolicyProfile = "profile"
)

// Limits are rates; the zero Rate is no limit.
type Limits struct {
	// Person limits the commands of one person.
	Person Rate
	// Refused limits the refused redemptions of one client address.
	Refused Rate
	// Alarm is how many launches are normal; more raise an alarm.
	Alarm Rate
}

// Rate is N in each Per. The zero value means that there is no limit.
type Rate struct {
	N   int
	Per time.Duration
}

// The kinds of a Store.
const (
	StoreMemory   = "memory"
	StoreSQLite   = "sqlite"
	StoreDynamoDB = "dynamodb"
)

// Store says what outlives the process, and where.
type Store struct {
	Kind string
	// Path is the file (sqlite) or the table's name (dynamodb).
	Path string
}

// Log says what is logged, and how.
type Log struct {
	Level slog.Level
	// Format is text, json or auto: text on a terminal, JSON elsewhere.
	Format string
}

// studioDomains are the domains in the words of package studio.
func (c Config) studioDomains() []studio.Domain {
	out := make([]studio.Domain, len(c.Domains))
	for i, d := range c.Domains {
		out[i] = d.Domain
	}
	return out
}

// domainNames are what people type.
func (c Config) domainNames() []string {
	out := make([]string, len(c.Domains))
	for i, d := range c.Domains {
		out[i] = d.Name
	}
	return out
}
