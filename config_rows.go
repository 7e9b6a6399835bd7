package studiobot

import (
	"regexp"
	"slices"
	"time"

	"github.com/studiobot/studiobot/studio"
)

// kind is how a value is written.
type kind string

const (
	group    kind = "group"          // keys below it
	items    kind = "list of groups" // "- " and keys below it
	pairs    kind = "names and values"
	prices   kind = "instance types and prices"
	list     kind = "list"
	text     kind = "text"
	duration kind = "duration"
	choice   kind = "choice"
	rate     kind = "rate"
	address  kind = "host:port"
	file     kind = "file"
	link     kind = "URL"
	flag     kind = "true or false"
	place    kind = "store"
)

// row is one key of studiobot.yaml. The rows are the one source of what is
// read, checked, offered as a hint, written into the example and documented.
type row struct {
	// path is the key; [] stands for every item of a list.
	path string
	kind kind
	// def is what counts where the key is left out, as it would be written.
	def string
	// must: it can't be left out. filled: where it stands it can't be empty.
	must, filled bool

	pattern  *regexp.Regexp // of text
	want     string         // what would be right, where kind and range don't say it
	runes    int            // at most that many of them; 0: 1,000
	words    []string       // the choices
	from, to time.Duration  // the range of a duration
	whole    bool           // in whole seconds

	// doc is one line for people, example the value in the commented example;
	// keys without one aren't in it.
	doc, example string

	// at points to where the value goes; for items, of the last one.
	at func(*Config) any
	// grow makes room for another item.
	grow func(*Config)
}

// The patterns. Those of AWS are of the API model, anchored.
var (
	commandPattern = regexp.MustCompile(`^/[a-z0-9_-]{1,31}$`)
	namePattern    = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,30}$`)
	domainPattern  = regexp.MustCompile(`^d-(-*[a-z0-9]){1,61}$`)
	regionPattern  = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-\d$`)
	rolePattern    = regexp.MustCompile(`^arn:aws[a-z-]*:iam::\d{12}:role/([\w+=,.@/-]{1,512}/)?[\w+=,.@-]{1,64}$`)
	tagPattern     = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+@-]{1,128}$`)
	mailPattern    = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$`)
	groupPattern   = regexp.MustCompile(`^S[A-Z0-9]{2,30}$`)
	adminPattern   = regexp.MustCompile(`^[UWS][A-Z0-9]{2,30}$`)
	channelPattern = regexp.MustCompile(`^[CG][A-Z0-9]{2,30}$`)
	serverPattern  = regexp.MustCompile(`^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,255}$`)
	teamPattern    = regexp.MustCompile(`^T[A-Z0-9]{2,30}$`)
)

// rows lists the keys in the order in which people read them.
func rows() []row {
	return slices.Concat(listenerRows(), domainRows(), mappingRows(), policyRows(), signInRows(), runningRows(), restRows())
}

func listenerRows() []row {
	return []row{
		{path: "public_url", kind: link, must: true, want: "write an https address like https://studio.example.com (http on a loopback host only)",
			doc: "where browsers reach this bot; Slack never has to", example: "https://studio.example.com",
			at: func(c *Config) any { return &c.PublicURL }},
		{path: "listen", kind: address, def: ":8080", doc: "the listener behind public_url", example: `":8080"`,
			at: func(c *Config) any { return &c.Listen }},
		{path: "tls", kind: group, doc: "of the listener; empty: a load balancer ends TLS"},
		{path: "tls.cert", kind: file, doc: "PEM file of the certificate chain; read again when it changes", example: `""`,
			at: func(c *Config) any { return &c.TLS.Cert }},
		{path: "tls.key", kind: file, doc: "PEM file of its private key", example: `""`,
			at: func(c *Config) any { return &c.TLS.Key }},
		{path: "trusted_proxies", kind: list, want: "write a network like 10.0.0.0/8, or one address",
			doc: "networks whose X-Forwarded-For counts", example: "[]",
			at: func(c *Config) any { return &c.TrustedProxies }},
		{path: "command", kind: text, def: "/studio", pattern: commandPattern,
			want: "write a slash and up to 31 of a-z, 0-9, - and _, like /studio",
			doc:  "the slash command; change it in the Slack app, too", example: "/studio",
			at: func(c *Config) any { return &c.Command }},
		{path: "metrics", kind: address, doc: "private listener for /metrics; empty: off", example: `""`,
			at: func(c *Config) any { return &c.Metrics }},
	}
}

// domainRows are for one domain: the last of the list.
func domainRows() []row {
	of := func(field func(*Domain) any) func(*Config) any {
		return func(c *Config) any { return field(&c.Domains[len(c.Domains)-1]) }
	}
	return []row{
		{path: "domains", kind: items, must: true, want: "write at least one domain, with name, id and region",
			doc: "the SageMaker domains; the first is the default", grow: func(c *Config) { c.Domains = append(c.Domains, Domain{}) }},
		{path: "domains[].name", kind: text, must: true, pattern: namePattern,
			want: "write up to 31 of a-z, 0-9 and -, like research",
			doc:  "what people type: /studio research", example: "research",
			at: of(func(d *Domain) any { return &d.Name })},
		{path: "domains[].id", kind: text, must: true, pattern: domainPattern, runes: 63,
			want: "write the domain's ID, like d-abcdefghijkl",
			doc:  "the domain's ID, from the SageMaker console", example: "d-abcdefghijkl",
			at: of(func(d *Domain) any { return &d.ID })},
		{path: "domains[].region", kind: text, must: true, pattern: regionPattern,
			want: "write an AWS Region, like us-west-2",
			doc:  "the AWS Region of the domain", example: "us-west-2",
			at: of(func(d *Domain) any { return &d.Region })},
		{path: "domains[].role_arn", kind: text, pattern: rolePattern,
			want: "write a role's ARN, like arn:aws:iam::111122223333:role/studiobot-launch",
			doc:  "the role to assume for this domain, for each launch in its person's name; empty: none",
			at:   of(func(d *Domain) any { return &d.RoleARN })},
		{path: "domains[].label", kind: text, runes: 60,
			doc: "shown on buttons and pages; empty: the name", example: `"Research · dev account"`,
			at: of(func(d *Domain) any { return &d.Label })},
		{path: "domains[].session", kind: duration, def: "12h", from: 30 * time.Minute, to: 12 * time.Hour, whole: true,
			doc: "how long Studio, once open, stays signed in, also after access was taken away", example: "8h",
			at: of(func(d *Domain) any { return &d.Session })},
		{path: "domains[].role_session", kind: duration, def: "1h", from: 15 * time.Minute, to: 12 * time.Hour, whole: true,
			doc: "how long the assumed role's session lasts, at most 1h where studiobot's own credentials are those of a role",
			at:  of(func(d *Domain) any { return &d.RoleSession })},
		{path: "domains[].open", kind: choice, def: string(studio.Home),
			words: []string{string(studio.Home), "lab", "code", "canvas", "rstudio", "classic", "mlflow"},
			doc:   "what a link opens", example: string(studio.Home),
			at: of(func(d *Domain) any { return &d.Open })},
		{path: "domains[].user_groups", kind: list, pattern: groupPattern, want: "write a Slack user group's ID, like S0123ABCD",
			doc: "only members of one of these Slack user groups may open this domain; empty: no further limit",
			at:  of(func(d *Domain) any { return &d.UserGroups })},
		{path: "domains[].create_profiles", kind: flag, def: "false",
			doc: "an approved request makes the user profile where there is none",
			at:  of(func(d *Domain) any { return &d.CreateProfiles })},
		{path: "domains[].profile_tags", kind: pairs, want: "write tags, like {studiobot: enabled}",
			doc: "tags of the user profiles that are made; the tag with the Slack user ID comes by itself",
			at:  of(func(d *Domain) any { return &d.ProfileTags })},
		{path: "domains[].mlflow", kind: list, pattern: serverPattern, runes: 256, want: "write the name of a tracking server, like team-tracking",
			doc: "MLflow tracking servers that everybody with a user profile in this domain may open",
			at:  of(func(d *Domain) any { return &d.MLflow })},
	}
}

// mappingRows are for one source: the last of the list.
func mappingRows() []row {
	of := func(field func(*Source) any) func(*Config) any {
		return func(c *Config) any { return field(&c.Mapping[len(c.Mapping)-1]) }
	}
	return []row{
		{path: "mapping", kind: items, must: true, want: "write at least one source, like - file: users.yaml",
			doc: "who has which user profile; asked in order, the first answer counts", grow: func(c *Config) { c.Mapping = append(c.Mapping, Source{}) }},
		{path: "mapping[].file", kind: file, filled: true, doc: "a users file, YAML or (by its ending) CSV; read again when it changes", example: "users.yaml",
			at: of(func(s *Source) any { return &s.File })},
		{path: "mapping[].tag", kind: text, filled: true, pattern: tagPattern, want: "write the key of a tag, like slack-user-id",
			doc: "the tag on a user profile that holds the person's Slack user ID",
			at:  of(func(s *Source) any { return &s.Tag })},
		{path: "mapping[].email", kind: text, filled: true, runes: 200,
			doc: "makes a profile's name of the e-mail address, only where exactly this profile exists",
			at:  of(func(s *Source) any { return &s.Email })},
		{path: "mapping[].domains", kind: list, pattern: mailPattern, want: "write a mail domain, like example.com",
			doc: "with email: confirmed addresses of these mail domains count",
			at:  of(func(s *Source) any { return &s.Domains })},
		{path: "mapping[].table", kind: flag, def: "false", doc: "links made in Slack; needs a store that lasts",
			at: of(func(s *Source) any { return &s.Table })},
		{path: "mapping[].max_age", kind: duration, from: time.Minute, to: 7 * 24 * time.Hour, whole: true,
			doc: "with tag, email or table: how old the last good copy may be and still count; empty: 6h, for a table 10m",
			at:  of(func(s *Source) any { return &s.MaxAge })},
	}
}
