package bot

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/studiobot/studiobot/audit"
	"github.com/studiobot/studiobot/studio"
)

// command is what is used of a slash command's payload.
type command struct {
	TeamID       string `json:"team_id"`
	EnterpriseID string `json:"enterprise_id"` // empty outside Enterprise Grid
	UserID       string `json:"user_id"`
	Text         string `json:"text"`
	TriggerID    string `json:"trigger_id"`
	ResponseURL  string `json:"response_url"`
}

var slackID = regexp.MustCompile(`^[A-Z0-9]{1,64}$`)

// valid says whether the payload is one that Slack would send.
func (c command) valid() bool {
	return slackID.MatchString(c.TeamID) && slackID.MatchString(c.UserID) && len(c.TriggerID) <= maxID &&
		(c.EnterpriseID == "" || slackID.MatchString(c.EnterpriseID))
}

// request is what a person asked for, in words or with a button.
type request struct {
	person studio.Person
	// domain limits it to one domain; empty: all of the person's.
	domain string
	// target is what to open there; empty: what the config says.
	target studio.Target
	// cause makes two deliveries of one request one ticket.
	cause string
}

// command answers a slash command. It makes no network call for somebody whom
// the directory knows.
func (b *Bot) command(ctx context.Context, c command) message {
	word := b.words(c.Text)
	person, err := b.o.Mapping.From(ctx, c.TeamID, c.EnterpriseID, c.UserID)
	if err != nil {
		return b.refuse(ctx, request{person: studio.Person{Team: c.TeamID, User: c.UserID}}, err)
	}
	if m, over := b.limited(ctx, person); over {
		return m
	}
	if words := strings.FieldsFunc(c.Text, unicode.IsSpace); len(words) > 0 && strings.EqualFold(words[0], "admin") && b.isAdmin(ctx, person) {
		return b.admin(ctx, person, words[1:]) // everybody else doesn't know that word
	}
	switch {
	case word.help:
		return helpMessage(b.o, b.isAdmin(ctx, person))
	case word.unknown != "":
		return unknownWordMessage(b.o, word.unknown, word.nearest)
	}
	return b.offer(ctx, request{person: person, domain: word.domain, target: word.target, cause: c.TriggerID})
}

// limited counts a command, and words the wait where it is one too many.
func (b *Bot) limited(ctx context.Context, p studio.Person) (message, bool) {
	if b.o.Limit == nil {
		return message{}, false
	}
	wait, ok := b.o.Limit(p)
	if ok {
		return message{}, false
	}
	w := tooMany(wait)
	b.audit(ctx, audit.Entry{Step: audit.Refused, Team: p.Team, User: p.User, Reason: w.reason})
	return notice(w), true
}

// offer issues links for what the person may open, or says why there are none.
func (b *Bot) offer(ctx context.Context, r request) message {
	asked := time.Now() // what changes from here on covers the ticket
	options, unsure, err := b.o.Mapping.Options(ctx, r.person)
	if err != nil {
		return b.refuse(ctx, r, err)
	}
	if r.domain != "" {
		options, unsure = slices.DeleteFunc(slices.Clone(options), func(o studio.Option) bool { return o.Domain != r.domain }), nil
		if len(options) == 0 {
			return b.refuse(ctx, r, b.notThere(ctx, r))
		}
	}
	options = aimed(options, r.target)
	options, signIns := b.apart(options)
	if len(options) == 0 {
		b.audit(ctx, audit.Entry{Step: audit.Refused, Team: r.person.Team, User: r.person.User, Domain: signIns[0].domain.Name, Reason: "domain in Identity Center mode"})
		return signInMessage(signIns)
	}
	issued, err := b.o.Launcher.Issue(ctx, r.person, options, r.cause, asked)
	if err != nil {
		return b.refuse(ctx, r, err)
	}
	if b.o.Warm != nil {
		b.o.Warm(r.person, options)
	}
	return readyMessage(b.o, issued, signIns, b.labels(unsure))
}

// aimed are the options with another target, where one was asked for.
func aimed(options []studio.Option, target studio.Target) []studio.Option {
	if target == "" {
		return options
	}
	options = slices.Clone(options)
	for i := range options {
		options[i].Target = target
	}
	return options
}

// notThere says why somebody with profiles elsewhere has none in a domain.
func (b *Bot) notThere(ctx context.Context, r request) error {
	err := b.o.Mapping.Has(ctx, r.person, r.domain)
	if err == nil || errors.Is(err, studio.ErrNotMapped) {
		return errNotThatDomain
	}
	return err
}

// labels are what domains are called.
func (b *Bot) labels(domains []string) []string {
	out := make([]string, len(domains))
	for i, d := range domains {
		out[i] = label(b.o, d)
	}
	return out
}

// errNotThatDomain: the person has profiles, but none in the domain asked for.
var errNotThatDomain = errors.New("no profile in that domain")

// refuse words a refusal and writes its audit line.
func (b *Bot) refuse(ctx context.Context, r request, err error) message {
	w := refusal(err)
	b.audit(ctx, audit.Entry{Step: audit.Refused, Team: r.person.Team, User: r.person.User, Domain: r.domain, Reason: w.reason, Err: err})
	if errors.Is(err, studio.ErrNotInGroup) && b.o.Requests != nil {
		w.mayAsk = len(b.askable(ctx, r.person)) > 0 // for another domain
	}
	return refusalMessage(b.o, w, r)
}

// signIn is a domain with its own sign-in.
type signIn struct {
	domain  studio.Domain
	address string
}

// apart takes out the options whose domain has no presigned URLs.
func (b *Bot) apart(options []studio.Option) (open []studio.Option, own []signIn) {
	for _, o := range options {
		address, identityCenter := b.signIn(o.Domain)
		if !identityCenter {
			open = append(open, o)
			continue
		}
		i := slices.IndexFunc(b.o.Domains, func(d studio.Domain) bool { return d.Name == o.Domain })
		if i >= 0 {
			own = append(own, signIn{b.o.Domains[i], address})
		}
	}
	return open, own
}

func (b *Bot) signIn(domain string) (string, bool) {
	if b.o.SignIn == nil {
		return "", false
	}
	return b.o.SignIn(domain)
}

func (b *Bot) audit(ctx context.Context, e audit.Entry) {
	if err := b.o.Audit.Write(ctx, e); err != nil {
		b.o.Log.ErrorContext(ctx, "audit line is missing", "step", e.Step, "err", err)
	}
}

// cut shortens a text to n runes and drops what isn't printed.
func cut(s string, n int) string {
	out := make([]rune, 0, n)
	for _, r := range s {
		if len(out) == n {
			return string(out[:n-1]) + "…"
		}
		if unicode.IsPrint(r) {
			out = append(out, r)
		}
	}
	return string(out)
}

// distance is the number of letters to add, drop or change to get from a to b.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		diagonal := row[0]
		row[0] = i + 1
		for j := range y {
			change := diagonal
			if x[i] != y[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(y)]
}
