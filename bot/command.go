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
	// name is that of something of theirs; empty: none.
	name string
	// address is the command's response URL, for what takes longer.
	address string
	// cause makes two deliveries of one request one ticket.
	cause string
}

// command answers a slash command. It makes no network call for somebody whom
// the directory knows.
func (b *Bot) command(ctx context.Context, c command) message {
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
	if words := strings.FieldsFunc(c.Text, unicode.IsSpace); len(words) > 0 && strings.EqualFold(words[0], "remind") {
		return b.remind(ctx, person, words[1:])
	}
	w := b.words(c.Text)
	var t theirs
	nothing := b.o.Places == nil // of theirs that has a name
	if !nothing && (w.name != "" || w.loose) {
		if t, err = b.theirs(ctx, person, ""); err == nil {
			w = b.read(c.Text, t)
		}
		nothing = err != nil && w.target == ""
	}
	r := request{person: person, domain: w.domain, target: w.target, name: w.name, cause: c.TriggerID, address: c.ResponseURL}
	switch {
	case w.help:
		return helpMessage(b.o, b.isAdmin(ctx, person))
	case w.unknown != "":
		return b.dontKnow(w, t)
	case w.status && b.o.Machines != nil:
		return b.status(ctx, c, person, w.domain)
	case w.spaces:
		return b.seen(ctx, r, func(ctx context.Context, t theirs) message { return b.spaces(ctx, r, t, 0) })
	case w.name != "" && (nothing || w.status):
		return b.dontKnow(b.unknownWord(strings.Fields(w.name)[0], t), t)
	case w.name != "":
		return b.openNamed(ctx, r)
	case w.target.Takes() == studio.NotebookName:
		return b.seen(ctx, r, func(ctx context.Context, t theirs) message { return b.notebooks(ctx, r, t) })
	case w.target == studio.MLflow:
		return b.servers(ctx, r)
	}
	return b.offer(ctx, r)
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
	t, err := b.theirs(ctx, r.person, r.domain)
	if err != nil {
		return b.refuse(ctx, r, err)
	}
	options, also := t.offered(r, b.recent(r.person))
	if len(options) == 0 && len(t.signIns) == 0 { // notebook instances only
		return b.notebooks(ctx, r, t)
	}
	if len(options) == 0 {
		b.audit(ctx, audit.Entry{Step: audit.Refused, Team: r.person.Team, User: r.person.User, Domain: t.signIns[0].domain.Name, Reason: "domain in Identity Center mode"})
		m := signInMessage(t.signIns)
		m.Blocks = append(m.Blocks, moreBlocks(b.o, also)...)
		return m
	}
	issued, err := b.o.Launcher.Issue(ctx, r.person, options, r.cause, asked)
	if err != nil {
		return b.refuse(ctx, r, err)
	}
	b.warm(options)
	return b.withMore(offersMessage(b.o, t.call(issued), t.signIns, t.unsure), r, t, also)
}

func (b *Bot) recent(p studio.Person) []studio.Option {
	if b.o.Recent == nil {
		return nil
	}
	return b.o.Recent(p)
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
	w := b.worded(ctx, r.person, err)
	b.audit(ctx, audit.Entry{Step: audit.Refused, Team: r.person.Team, User: r.person.User, Domain: r.domain, Reason: w.reason, Err: err})
	return refusalMessage(b.o, w, r)
}

// worded are the words of a refusal, for one person.
func (b *Bot) worded(ctx context.Context, p studio.Person, err error) refusalWords {
	w := refusal(err)
	if errors.Is(err, studio.ErrNotInGroup) && b.o.Requests != nil {
		w.mayAsk = len(b.askable(ctx, p)) > 0 // for another domain
	}
	return w
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

func (b *Bot) warm(options []studio.Option) {
	if b.o.Warm == nil {
		return
	}
	var domains []string
	for _, o := range options {
		domains = append(domains, o.Domain)
	}
	b.o.Warm(domains)
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
