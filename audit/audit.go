// Package audit writes the trail of every launch: one line per step, always
// with the same keys, so that a query over the log answers who opened what,
// when, from where, and why somebody was refused. docs/audit.md describes the
// schema and is generated from Fields.
//
// An audit line is written whatever the log level is, and Write says whether
// it was: a launch whose "opening" line can't be written doesn't happen.
package audit

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

// Step is what happened. The steps of one launch share their reference.
type Step string

const (
	// Issued: the person got a message with a button for this option.
	Issued Step = "issued"
	// Armed: Slack reported the person's click; the link opens for 30 s.
	Armed Step = "armed"
	// Opening: SageMaker is about to be asked for a presigned URL.
	Opening Step = "opening"
	// Opened: a Location was handed to the browser.
	Opened Step = "opened"
	// HandedBack: no URL was delivered; the link may be tried again.
	HandedBack Step = "handed_back"
	// Refused: somebody asked and got nothing; Reason says why.
	Refused Step = "refused"
	// Burned: a security event, the link was made useless; Reason says why.
	Burned Step = "burned"
	// Denied: a person's live links stopped working; Reason says why.
	Denied Step = "denied"
	// Lifted: an earlier denial ended; Reason names it.
	Lifted Step = "lifted"
	// SignedIn: a browser signed in, as the person where Slack vouches for them.
	SignedIn Step = "signed_in"
	// Asked: somebody asked for access.
	Asked Step = "asked"
	// Approved and Declined: Actor decided a request for access.
	Approved Step = "approved"
	Declined Step = "declined"
	// Closed: a request for access ended without a decision, or couldn't be
	// carried out; Reason says why.
	Closed Step = "closed"
	// Created: a user profile is about to be made for the person.
	Created Step = "created"
	// Linked and Unlinked: the person's row in the table is about to change, from
	// Before to After.
	Linked   Step = "linked"
	Unlinked Step = "unlinked"
	// Stopping and Starting: SageMaker is about to be asked to stop an app or a
	// notebook instance, or to start a notebook instance, for the person.
	Stopping Step = "stopping"
	Starting Step = "starting"
)

// Entry is one audit line. Empty fields are left out of the line. It has no
// field that could hold a secret: no token, no URL, no Slack payload.
type Entry struct {
	Step    Step
	Ref     string
	Team    string
	User    string
	Domain  string
	Profile string
	Target  string
	// Name is that of the space, the notebook instance or the app.
	Name   string
	Client string
	// Actor is who did it, where that isn't the person: T…/U…, or a word like
	// import.
	Actor string
	// Before and After are user profiles, "deny", or empty for nothing.
	Before, After string
	Reason        string
	// Err is the cause, for the operator; it must not contain a secret.
	Err error
}

// Field describes one key of an audit line.
type Field struct{ Key, Meaning string }

// Fields lists the keys in the order in which a line has them. Later versions
// add keys; they rename and remove none.
func Fields() []Field {
	return []Field{
		{"time", "When, RFC 3339 with the host's offset."},
		{"level", "INFO; WARN for refusals, ERROR for security events."},
		{"msg", "Always `audit`: the mark to filter on."},
		{"step", "What happened, see the steps below."},
		{"ref", "The launch's reference: the same in each of its lines, on its pages and in support questions. Or the request for access's, from `asked` to `linked`. What an admin or the mapping does by itself has none."},
		{"team", "Slack workspace (or organisation) ID."},
		{"user", "Slack user ID of the person."},
		{"domain", "Name of the domain in studiobot.yaml."},
		{"profile", "Studio user profile."},
		{"target", "What opens in Studio; left out for Studio's home. Of `stopping` and `starting`, SageMaker's type of app, or `notebook`."},
		{"name", "The space whose app it is, or the notebook instance; of an app of the user profile, the app's own name."},
		{"client", "Address of the browser, by the rules of `trusted_proxies`; left out where the step came from Slack."},
		{"actor", "Who did it, where that isn't the person: workspace and user ID, or `import` for the command line, which doesn't know who ran it."},
		{"before", "User profile that the person had by the table: a name or `deny`; left out for none."},
		{"after", "User profile that the person has by it from now on."},
		{"reason", "Why, as a short fixed phrase. A query may compare it."},
		{"err", "The cause in the operator's terms. Free text: don't compare it."},
	}
}

// Steps lists the steps with their meaning, in the order of a launch.
func Steps() []Field {
	return []Field{
		{string(Issued), "The person got a private message with a button for this option."},
		{string(Armed), "Slack reported that the person pressed it; the link opens for 30 seconds. With the reason `front door` they pressed it in a browser that is signed in as them."},
		{string(Opening), "Written before SageMaker is asked. A launch without this line doesn't happen."},
		{string(Opened), "The browser was sent to the presigned URL. At most one per option of a link."},
		{string(HandedBack), "No URL was delivered; the link can be tried again until it expires."},
		{string(Refused), "Somebody asked and got nothing: at the command, at the click or in the browser."},
		{string(Burned), "Security event: the link was made useless for everybody."},
		{string(Denied), "The person's live links stopped working, because access was taken away."},
		{string(Lifted), "A denial ended."},
		{string(SignedIn), "A browser signed in. With Slack's own sign-in the line names the person; with another provider it names nobody, since nothing is known but an address."},
		{string(Asked), "The person asked for access."},
		{string(Approved), "The actor approved the request; what follows has lines of its own."},
		{string(Declined), "The actor denied the request."},
		{string(Closed), "The request ended without a decision, or couldn't be carried out."},
		{string(Created), "Written before a user profile is made for the person."},
		{string(Linked), "Written before the person's row in the table is made or changed."},
		{string(Unlinked), "Written before the person's row in the table is removed."},
		{string(Stopping), "Written before SageMaker is asked to stop an app or a notebook instance. Nothing is stopped without this line. Whoever presses twice leaves two."},
		{string(Starting), "Written before SageMaker is asked to start a notebook instance."},
	}
}

// Log writes entries to one slog handler. It is safe for concurrent use.
type Log struct {
	handler slog.Handler
	observe func(Entry)
}

// New returns a Log that writes to the handler of log.
func New(log *slog.Logger) *Log { return &Log{handler: log.Handler()} }

// Observed returns a Log that writes to the same place and tells observe of each
// entry. observe must not block.
func (l *Log) Observed(observe func(Entry)) *Log { return &Log{handler: l.handler, observe: observe} }

// Write writes one line, whatever the level of the log. An error means that
// the line may not be there; the caller that is about to act doesn't.
func (l *Log) Write(ctx context.Context, e Entry) error {
	if l.observe != nil {
		l.observe(e)
	}
	r := slog.NewRecord(time.Now(), e.level(), "audit", 0)
	r.AddAttrs(slog.String("step", string(e.Step)))
	for _, a := range []slog.Attr{
		slog.String("ref", e.Ref), slog.String("team", e.Team), slog.String("user", e.User),
		slog.String("domain", e.Domain), slog.String("profile", e.Profile), slog.String("target", e.Target), slog.String("name", e.Name),
		slog.String("client", e.Client), slog.String("actor", e.Actor), slog.String("before", e.Before), slog.String("after", e.After),
		slog.String("reason", e.Reason),
	} {
		if a.Value.String() != "" {
			r.AddAttrs(a)
		}
	}
	if e.Err != nil {
		r.AddAttrs(slog.String("err", e.Err.Error()))
	}
	if err := l.handler.Handle(ctx, r); err != nil {
		return fmt.Errorf("write audit line: %w", err)
	}
	return nil
}

func (e Entry) level() slog.Level {
	switch e.Step {
	case Burned:
		return slog.LevelError
	case Refused, HandedBack, Denied, Closed:
		return slog.LevelWarn
	default:
		return slog.LevelInfo
	}
}
