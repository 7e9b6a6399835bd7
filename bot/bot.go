// Package bot is studiobot's side of Slack: a slash command comes in, one
// private message goes out; a click comes in, and a ticket is armed.
//
// Everything arrives as an envelope on a Socket Mode connection and has to be
// acknowledged within 3 seconds. The path of a command is
//
//	socket.go -> dispatch.go -> command.go -> message.go
//
// and ends in the acknowledgement, which carries the message: no Web API call
// is made for it. The path of a click ends in click.go. The Home (home.go,
// homes.go) and the shortcut (launch.go) have no acknowledgement that could carry
// a message: what is offered there stands in a modal (reply.go). notices.go is
// what people are told unasked. What is said to people stands in words.go; what
// Slack says of people is read in people.go.
package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/slack-go/slack"
	"golang.org/x/sync/errgroup"

	"github.com/studiobot/studiobot/audit"
	"github.com/studiobot/studiobot/studio"
)

// Mapping says what a person may open. package mapping is the one that
// production has. Its errors wrap the sentinels of package studio.
type Mapping interface {
	// From says who types or presses, by the workspace, the organisation and the
	// user ID of a payload: the same person whatever workspace of an organisation
	// they are in. The error is why nobody is served from there.
	From(ctx context.Context, team, enterprise, user string) (studio.Person, error)
	// Options returns what the person may open now, in the order to show, and
	// the names of the domains of which nobody can say now.
	// It makes no network call for somebody whom the directory knows.
	Options(ctx context.Context, p studio.Person) (options []studio.Option, unsure []string, err error)
	// Has says why the person gets nothing in a domain, or nil.
	Has(ctx context.Context, p studio.Person, domain string) error
	// Allowed says whether the person may still open that option.
	Allowed(ctx context.Context, p studio.Person, o studio.Option) error
}

// Launcher makes and arms one-time links. launch.Service is the one that
// production has.
type Launcher interface {
	// Issue makes one link per option, the same ones again for the same cause.
	// asked is when the mapping was asked for the options.
	Issue(ctx context.Context, p studio.Person, options []studio.Option, cause string, asked time.Time) (studio.Issued, error)
	// Arm lets the link of the clicked button open. allowed is asked first.
	Arm(ctx context.Context, c studio.Click, allowed func(studio.Option) error) (studio.Opened, error)
}

// Directory keeps what Slack says of the people of the workspace.
type Directory interface {
	// SetHome tells which workspace, and which organisation, is ours.
	SetHome(team, enterprise string)
	// Put takes in what an event says of one person.
	Put(studio.Member)
	// Begin starts a pass over the whole workspace.
	Begin() Reading
}

// Reading is one pass over the whole workspace.
type Reading interface {
	Add(...studio.Member)
	// Done says that everybody was seen.
	Done()
}

// Options is what a Bot is made of. All but Help, SignIn, Warm, APIURL and what
// says so are required.
type Options struct {
	AppToken, BotToken string
	// APIURL is the Web API's address with a trailing slash; empty: Slack's.
	APIURL    string
	Command   string
	Help      string
	Domains   []studio.Domain
	LinkTTL   time.Duration
	Mapping   Mapping
	Launcher  Launcher
	Directory Directory
	// Turn waits until it is this process's turn to read the whole workspace, and
	// is called before each pass: where there are several, one reads for all. Nil:
	// it always is.
	Turn func(ctx context.Context) error
	// Admin is what admins may do; nil: there are none.
	Admin Admin
	// Requests are taken where people can ask for access, and shown in the
	// channel Approvals; nil: they can't.
	Requests  Requests
	Approvals string
	// Propose guesses the user profile of somebody who asks for one; may be nil.
	Propose func(ctx context.Context, p studio.Person) string
	// Places is what they can land in beside Studio's home; nil: nothing is known.
	Places Places
	// Recent returns what a person opened last, the latest first; nil: nobody knows.
	Recent func(p studio.Person) []studio.Option
	// Machines is what people have running; nil: nobody is told.
	Machines Machines
	// AllowStop and AllowStart show the buttons for it; whether it is done is for
	// Machines to say.
	AllowStop, AllowStart bool
	// Prices are what instances cost.
	Prices studio.Prices
	// Groups keeps who is in the user groups that count; nil: none does.
	Groups Groups
	Audit  *audit.Log
	Log    *slog.Logger
	// SignIn returns the sign-in address of a domain in Identity Center mode.
	SignIn func(domain string) (address string, identityCenter bool)
	// Warm is called when somebody got a link, so that what the click will need
	// is ready. It must not block.
	Warm func(p studio.Person, options []studio.Option)
	// Reminders keeps who wants to be reminded; nil: nobody can be. Forgets says
	// that a restart forgets it.
	Reminders Reminders
	Forgets   bool
	// Limit counts a person's command, and says how long to wait where it is one
	// too many; nil: no limit.
	Limit func(p studio.Person) (wait time.Duration, ok bool)
	// Watch is told of every envelope; nil: nobody is.
	Watch Watcher
	// SecondSocket is how long after the first connection the second is opened;
	// zero: about five seconds. They must not be recycled at the same moment.
	SecondSocket time.Duration
}

// Bot is a running studiobot on the Slack side.
type Bot struct {
	o       Options
	client  atomic.Pointer[slack.Client] // of the current tokens, see tokens.go
	http    *http.Client                 // for response URLs
	apiHost string

	sockets []*socket
	acks    *acks
	work    *pool

	home  atomic.Pointer[home]
	final chan error // the first final refusal
	once  sync.Once

	// Messages by response URL that are on their way, how many, and whose turn
	// it is.
	rest   sync.WaitGroup
	queued atomic.Int64
	// connections of the app, as Slack said last.
	connections atomic.Int64
	turns       chan struct{}

	homes *homes
	slow  *slow // work that outlasts an acknowledgement

	told    lastTold
	left    groupOrder    // who left which user group
	regroup chan struct{} // an event said something of a user group
}

// home is what auth.test says of the app's own place.
type home struct {
	team, enterprise, botUser string
	org                       bool // installed for the whole organisation
}

// includes says whether an event came from our place.
func (h *home) includes(team, enterprise string) bool {
	return team == "" || team == h.team || h.enterprise != "" && (team == h.enterprise || enterprise == h.enterprise)
}

// New returns a Bot. It makes no call. One that isn't run, and has no tokens,
// replaces messages all the same: Opened and Wait work, for a process that redeems
// links and has no connection to Slack.
func New(o Options) (*Bot, error) {
	client := newHTTPClient()
	apiHost := ""
	if o.APIURL != "" {
		u, err := url.Parse(o.APIURL)
		if err != nil {
			return nil, fmt.Errorf("SLACK_API_URL: %w", err)
		}
		apiHost = u.Host
	}
	if o.SecondSocket == 0 {
		o.SecondSocket = 5 * time.Second
	}
	b := &Bot{o: o, http: client, apiHost: apiHost, final: make(chan error, 1), turns: make(chan struct{}, responding), regroup: make(chan struct{}, 1), homes: newHomes()}
	b.client.Store(b.newClient(o.AppToken, o.BotToken))
	b.sockets = []*socket{newSocket(b, "1"), newSocket(b, "2")}
	b.acks = newAcks(b.sockets, o.Log)
	b.work = newPool(o.Log)
	b.slow = newSlow(&b.rest, o.Log)
	return b, nil
}

// newHTTPClient has the deadline that slack-go's own default lacks: without one
// a black hole behind apps.connections.open would hang for ever.
func newHTTPClient() *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone() // honours HTTPS_PROXY
	t.MaxIdleConnsPerHost = 32
	return &http.Client{
		Timeout: 10 * time.Second, Transport: t,
		// Slack's API redirects nowhere, and a message must not go where a
		// response URL leads to.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Run connects to Slack and works until ctx ends; then it takes no new
// envelope, answers those it took, and returns nil. An error is a final refusal
// by Slack, and names the setting to mend.
func (b *Bot) Run(ctx context.Context) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	go func() {
		select {
		case err := <-b.final:
			stop(err)
		case <-ctx.Done():
		}
	}()
	if err := b.introduce(ctx); err != nil {
		if ctx.Err() != nil && !errors.As(err, new(*FinalError)) {
			return nil
		}
		return err
	}
	b.work.start()
	// The sockets outlive ctx until what was taken is answered.
	sockets, hangUp := context.WithCancel(context.WithoutCancel(ctx))
	defer hangUp()
	var group errgroup.Group
	for i, s := range b.sockets {
		group.Go(func() error {
			if i > 0 && !pause(ctx, jitter(b.o.SecondSocket)) {
				return nil
			}
			s.keep(ctx, sockets)
			return nil
		})
	}
	group.Go(func() error { b.readPeople(ctx); return nil })
	group.Go(func() error { b.readGroups(ctx); return nil })
	group.Go(func() error { b.publishHomes(ctx); return nil })
	<-ctx.Done()
	b.work.drain(drainTime)
	b.slow.end()
	b.acks.flush()
	hangUp()
	_ = group.Wait() // its functions return nil
	var final *FinalError
	if errors.As(context.Cause(ctx), &final) {
		return final
	}
	return nil
}

// Wait waits for the messages that are still on their way to a response URL. It
// is for after Run, when nothing calls Opened any more.
func (b *Bot) Wait() { b.rest.Wait() }

// drainTime is how long envelopes that were taken may still take when the
// process is asked to stop: their own deadline and a margin.
const drainTime = 5 * time.Second

// introduce asks Slack who we are, until it answers or refuses for good.
func (b *Bot) introduce(ctx context.Context) error {
	for attempt := 0; ; attempt++ {
		who, err := b.api().AuthTestContext(ctx)
		if err == nil {
			// For an organisation-wide install Slack names the organisation (E…) in
			// the workspace's place.
			org := strings.HasPrefix(who.TeamID, "E")
			if org {
				who.EnterpriseID = who.TeamID
			}
			b.home.Store(&home{team: who.TeamID, enterprise: who.EnterpriseID, botUser: who.UserID, org: org})
			b.o.Directory.SetHome(who.TeamID, who.EnterpriseID)
			b.o.Log.InfoContext(ctx, "Slack knows us", "team", who.TeamID, "workspace", who.Team)
			return nil
		}
		if final := finalRefusal(err, "auth.test"); final != nil {
			return final
		}
		wait := backoff(attempt, err)
		b.o.Log.WarnContext(ctx, "Slack can't be asked yet", "err", redact(err), "again_in", wait.String())
		if !pause(ctx, wait) {
			return ctx.Err()
		}
	}
}

// Ready says whether Slack can reach us: at least one connection is open.
func (b *Bot) Ready() bool {
	for _, s := range b.sockets {
		if s.live() {
			return true
		}
	}
	return false
}

// fail ends Run with a final refusal.
func (b *Bot) fail(err *FinalError) {
	b.once.Do(func() { b.final <- err })
}
