package bot

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/studiobot/studiobot/audit"
	"github.com/studiobot/studiobot/studio"
)

// Admin is what the admins of the config may see and change. Package studiobot
// has the one of production.
type Admin interface {
	// Is says whether somebody is one of access.admins.
	Is(ctx context.Context, p studio.Person) (bool, error)
	// Who explains what a person would get, and why.
	Who(ctx context.Context, p studio.Person) studio.Explanation
	// Link gives the person a profile in a domain by the table, and Unlink takes
	// the table's word on the person back: in one domain, or in all of them where
	// domain is empty. gone is what was there. The errors are studio.ErrNoTable,
	// ErrInvalid, and ErrUnsure where the store can't be asked.
	Link(ctx context.Context, by, p studio.Person, domain, profile string) (studio.Linked, error)
	Unlink(ctx context.Context, by, p studio.Person, domain string) (gone []studio.Granted, err error)
	// Block makes everything of the person's open nothing, and keeps them from
	// getting more, until Unblock; doing it again is harmless. The errors are
	// studio.ErrOwnBlock, and ErrUnsure where it couldn't be written.
	Block(ctx context.Context, by, p studio.Person) (studio.Blocked, error)
	Unblock(ctx context.Context, by, p studio.Person) (studio.Blocked, error)
	// List returns a page of what every source grants, from 0 on, and whether
	// there are more.
	List(ctx context.Context, page int) (rows []studio.Granted, more bool, err error)
}

// adminCommand is what an admin asked for.
type adminCommand struct {
	verb    string
	person  string // a Slack user ID
	profile string
	domain  string
	page    int
}

// errUsage: an admin's words make no command.
var errUsage = errors.New("no such admin command")

// mention is how Slack writes somebody in a command's text (should_escape), and
// how people write the ID alone.
var mention = regexp.MustCompile(`^(?:<@([UW][A-Z0-9]{1,63})(?:\|[^<>|]*)?>|([UW][A-Z0-9]{1,63}))$`)

// who reads a mention.
func who(word string) (user string, ok bool) {
	m := mention.FindStringSubmatch(word)
	if m == nil {
		return "", false
	}
	return m[1] + m[2], true
}

// maxPage is how far a list can be paged.
const maxPage = 100_000

// parseAdmin reads the words behind "admin". domains are those of the config.
func parseAdmin(words, domains []string) (adminCommand, error) {
	if len(words) == 0 {
		return adminCommand{verb: "help"}, nil
	}
	c, rest := adminCommand{verb: strings.ToLower(words[0])}, words[1:]
	isDomain := func(word string) bool { return slices.Contains(domains, strings.ToLower(word)) }
	person := func() bool {
		ok := false
		if len(rest) > 0 {
			if c.person, ok = who(rest[0]); ok {
				rest = rest[1:]
			}
		}
		return ok
	}
	fits := false
	switch c.verb {
	case "help", "requests":
		fits = true
	case "list":
		fits = true
		if len(rest) == 1 {
			n, err := strconv.Atoi(rest[0])
			if fits = err == nil && n >= 1 && n <= maxPage; fits {
				c.page, rest = n-1, nil
			}
		}
	case "who", "block", "unblock":
		fits = person()
	case "unlink":
		if fits = person(); fits && len(rest) == 1 && isDomain(rest[0]) {
			c.domain, rest = strings.ToLower(rest[0]), nil
		}
	case "link":
		if fits = person() && len(rest) > 0; fits {
			c.profile, c.domain, rest = rest[0], domains[0], rest[1:]
			if len(rest) == 1 && isDomain(rest[0]) {
				c.domain, rest = strings.ToLower(rest[0]), nil
			}
		}
	}
	if !fits || len(rest) > 0 {
		return adminCommand{}, errUsage
	}
	return c, nil
}

// isAdmin says whether the person may use the admin commands. Who can't be
// decided about isn't one.
func (b *Bot) isAdmin(ctx context.Context, p studio.Person) bool {
	if b.o.Admin == nil {
		return false
	}
	ok, err := b.o.Admin.Is(ctx, p)
	if err != nil {
		b.o.Log.WarnContext(ctx, "whether somebody is an admin can't be decided now", "user", p.User, "err", err)
	}
	return ok && err == nil
}

// admin answers an admin's command. Nobody else gets here.
func (b *Bot) admin(ctx context.Context, by studio.Person, words []string) message {
	c, err := parseAdmin(words, b.domainNames())
	if err != nil {
		return adminHelp(b.o, true)
	}
	p := studio.Person{Team: by.Team, User: c.person}
	switch c.verb {
	case "link":
		if !studio.Grantable(c.profile) {
			return notice(wordsNoProfileName)
		}
		done, err := b.o.Admin.Link(ctx, by, p, c.domain, c.profile)
		if err != nil {
			return b.adminRefused(ctx, by, err)
		}
		return linkedMessage(b.o, p, c, done)
	case "unlink":
		gone, err := b.o.Admin.Unlink(ctx, by, p, c.domain)
		if err != nil {
			return b.adminRefused(ctx, by, err)
		}
		return unlinkedMessage(b.o, p, gone, b.o.Admin.Who(ctx, p))
	case "block", "unblock":
		do := b.o.Admin.Block
		if c.verb == "unblock" {
			do = b.o.Admin.Unblock
		}
		done, err := do(ctx, by, p)
		if err != nil {
			return b.adminRefused(ctx, by, blocking(err))
		}
		return blockedMessage(b.o, p, c.verb == "block", done)
	case "who":
		return whoMessage(b.o, b.o.Admin.Who(ctx, p))
	case "list":
		rows, more, err := b.o.Admin.List(ctx, c.page)
		if err != nil {
			return b.adminRefused(ctx, by, err)
		}
		return listMessage(b.o, rows, c.page, more)
	case "requests":
		if b.o.Requests == nil {
			return notice(wordsNoRequests)
		}
		open, err := b.o.Requests.Open(ctx)
		if err != nil {
			return b.adminRefused(ctx, by, err)
		}
		return requestsMessage(open)
	}
	return adminHelp(b.o, false)
}

// adminRefused words why an admin's command wasn't done.
func (b *Bot) adminRefused(ctx context.Context, by studio.Person, err error) message {
	w := adminRefusal(err)
	b.audit(ctx, audit.Entry{Step: audit.Refused, Team: by.Team, User: by.User, Reason: "admin: " + w.reason, Err: err})
	return notice(w)
}

func (b *Bot) domainNames() []string {
	names := make([]string, len(b.o.Domains))
	for i, d := range b.o.Domains {
		names[i] = d.Name
	}
	return names
}
