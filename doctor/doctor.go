// Package doctor finds what is wrong with an installation before people do: the
// tokens, the Slack app, the domains and the policy, the store, the clock, and the
// way from a browser to the bot. Each check gives findings: good, warning or wrong,
// in a sentence, with the exact next step.
//
// It changes nothing and takes nothing from a bot that runs: it connects to Slack
// only where no running bot can be seen (socket.go says why), and a presigned URL
// that it had made is dropped. It asks AWS and the store by functions that its
// caller passes, so that it knows neither.
package doctor

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/studiobot/studiobot/studio"
)

// Result is how bad a finding is.
type Result string

// The results.
const (
	Good    Result = "good"
	Warning Result = "warning" // it works, or it can't be known
	Wrong   Result = "wrong"
)

// Finding is one line of the report.
type Finding struct {
	// Check is what was looked at, a fixed word or two, and the domain's name.
	Check  string `json:"check"`
	Result Result `json:"result"`
	Says   string `json:"says"`
	// Next is what to do; empty where all is good.
	Next string `json:"next,omitempty"`
}

// Domain is what AWS says of a domain.
type Domain struct {
	// IdentityCenter: it has no presigned URLs.
	IdentityCenter bool
	// Status is SageMaker's: InService.
	Status string
}

// Options is what to look at. All but MetricsURL, Tried and HTTP are required.
type Options struct {
	AppToken, BotToken string
	// SlackURL is the Web API's address with a trailing slash; empty: Slack's.
	SlackURL string
	// Scopes are those that the manifest for this config asks for.
	Scopes    []string
	PublicURL *url.URL
	// MetricsURL is the private listener of a bot that may run here; empty: none.
	MetricsURL string
	Domains    []studio.Domain
	// Tried is a user profile that somebody is mapped to, by domain.
	Tried map[string]string
	// Describe looks at a domain, Profile says whether a user profile is there and
	// ready, and Presign has a URL made for it, which it drops. Their errors wrap
	// the sentinels of package studio.
	Describe func(ctx context.Context, domain string) (Domain, error)
	Profile  func(ctx context.Context, domain, profile string) error
	Presign  func(ctx context.Context, domain, profile string) error
	// Store looks at the store: what it is, and what is wrong with it, or a
	// finding of its own.
	Store func(ctx context.Context) Finding
	// HTTP asks Slack and the public URL; nil: as anybody does.
	HTTP *http.Client
}

const (
	// askTime bounds one question.
	askTime = 12 * time.Second
	// clockOff is from when on AWS refuses signatures, and clockDrifts from when
	// on it's worth a word.
	clockOff    = 4 * time.Minute
	clockDrifts = 30 * time.Second
)

// Run makes every check, and calls each with its findings as they come.
func Run(ctx context.Context, o Options, each func(Finding)) {
	if o.HTTP == nil {
		o.HTTP = &http.Client{}
	}
	client := *o.HTTP
	client.Timeout = askTime
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	e := &examination{o: o, http: &client, each: each}
	e.slack(ctx)
	e.domains(ctx)
	each(o.Store(ctx))
	e.public(ctx)
}

// examination is one run.
type examination struct {
	o    Options
	http *http.Client
	each func(Finding)
}

func (e *examination) good(check, says string) {
	e.each(Finding{Check: check, Result: Good, Says: says})
}

func (e *examination) warn(check, says, next string) {
	e.each(Finding{Check: check, Result: Warning, Says: says, Next: next})
}

func (e *examination) wrong(check, says, next string) {
	e.each(Finding{Check: check, Result: Wrong, Says: says, Next: next})
}
