package launch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/studiobot/studiobot/audit"
	"github.com/studiobot/studiobot/studio"
)

// Proof is what must show, besides the link, that the right person opens it.
type Proof string

const (
	// ProofClick: Slack reported this person's click. The default.
	ProofClick Proof = "click"
	// ProofConfirm: a click opens at once, and whoever holds the link may press
	// a button on a page instead. For workspaces whose clicks don't arrive.
	ProofConfirm Proof = "confirm"
	// ProofSignIn: as ProofClick, and the browser is signed in as that person.
	ProofSignIn Proof = "sign_in"
)

// Promised says whether somebody will be told.
type Promised int

const (
	// NotPromised: they have to look themselves.
	NotPromised Promised = iota
	// PromisedForNow: they will, unless the bot is restarted before.
	PromisedForNow
	// PromisedSurely: they will, in any case.
	PromisedSurely
)

// Opener turns an option into the presigned URL that a browser is sent to.
// studio/sagemaker is the one that production has.
type Opener interface {
	// Open returns a URL that opens o right now and for a few seconds, made in p's
	// name. It must honour ctx. Errors wrap a sentinel of package studio; the URL never
	// stands in one.
	Open(ctx context.Context, p studio.Person, o studio.Option) (presigned string, err error)
}

// Limiter bounds how often something may happen, for each key by itself.
type Limiter interface {
	// Allow counts one, and says how long to wait where it is one too many.
	Allow(key string) (wait time.Duration, ok bool)
}

// Options is what a Service is made of. Store, Opener, Audit, Log and PublicURL
// are required.
type Options struct {
	Store  Store
	Opener Opener
	Audit  *audit.Log
	Log    *slog.Logger

	// PublicURL is where browsers reach the handler, without a trailing slash.
	PublicURL *url.URL
	// LinkTTL is how long a link can be used.
	LinkTTL time.Duration
	Proof   Proof
	// Delivery is DeliverRedirect where it is empty.
	Delivery Delivery
	// Command is what the pages tell people to type: /studio.
	Command string
	// Help is the operator's sentence for whoever gets stuck; may be empty.
	Help string
	// Allowed says whether the person may still open the option. The confirm
	// page's button asks it, where no click did; ErrUnsure: it can't be said now.
	// Nil: not asked.
	Allowed func(ctx context.Context, p studio.Person, o studio.Option) error
	// Browsers says who is signed in in a browser. Required with ProofSignIn.
	Browsers Browsers
	// Address returns the confirmed e-mail address that is a person's alone, in
	// lower case, or "" for none; ErrUnsure: it can't be said now. Nil where
	// addresses don't count.
	Address func(ctx context.Context, p studio.Person) (string, error)
	// Front answers / and /open/, Auth /auth/; nil: / says what this is, and the
	// others aren't there.
	Front, Auth http.Handler
	// SlackURL leads back to Slack; empty: Slack's own web address. The
	// workspace's ID is appended to it.
	SlackURL string
	// TrustedProxies are the networks whose X-Forwarded-For counts.
	TrustedProxies []netip.Prefix
	// Destinations are CSP source expressions of where a launch may lead.
	Destinations []string
	// SignIn returns the address where people sign in to a domain that has no
	// presigned URLs (Identity Center mode), or "".
	SignIn func(domain string) string
	// Refused limits the refused requests of one address: beyond it they get
	// less work and one audit line a minute, not one each. Nil: no limit.
	Refused Limiter
	// Alarm limits nothing: beyond it a log line says that there are more
	// launches than usual. Nil: none.
	Alarm Limiter
	// Promise is told of each launch that found that what it opens is being
	// prepared, and says whether the person will hear when it is ready. A page
	// waits for it. Nil: they won't.
	Promise func(ctx context.Context, p studio.Person, o studio.Option) Promised
	// Watch is told how browsers and clicks come together; nil: nobody is.
	Watch Watcher
	// Opened is told of each launch, after the browser was sent off. It must
	// not block.
	Opened func(studio.Opened)
}

// Service issues, arms and redeems tickets.
type Service struct {
	o       Options
	key     []byte
	path    string // of the links, without the token: /launch/
	waiters *waiters
	pages   *pages
	noted   noted

	proxyHint sync.Once
}

// New returns a Service. It reads the store's key, so the store must answer.
func New(ctx context.Context, o Options) (*Service, error) {
	key, err := o.Store.Key(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the store's key: %w", err)
	}
	path := "/launch/"
	if base := strings.Trim(o.PublicURL.Path, "/"); base != "" {
		path = "/" + base + path
	}
	return &Service{o: o, key: key, path: path, waiters: newWaiters(), pages: newPages(o)}, nil
}

// maxRounds is how many expired tickets of one cause are passed over before
// Issue gives up. A command comes again for minutes, not for hours.
const maxRounds = 20

// Issue makes a ticket with one link per option, or returns the one that was
// made for the same cause before: cause is what Slack calls the command's or
// the click's trigger ID. asked is when the options were asked for: what is taken
// away from the person after that, is taken from this ticket too. It makes one
// store write and writes an audit line per option. ErrBusy where the store is
// full.
func (s *Service) Issue(ctx context.Context, p studio.Person, options []studio.Option, cause string, asked time.Time) (studio.Issued, error) {
	if len(options) == 0 || len(options) > maxButtons {
		return studio.Issued{}, fmt.Errorf("issue: %d options", len(options))
	}
	email, err := s.markOf(ctx, p)
	if err != nil {
		return studio.Issued{}, fmt.Errorf("%w: ask for the e-mail address: %w", studio.ErrUnsure, err)
	}
	now := time.Now()
	for round := range maxRounds {
		secret := deriveSecret(s.key, p, cause, round)
		t := newTicket(secret, p, options, asked, s.o.LinkTTL)
		t.Email = email
		kept, created, err := s.o.Store.Create(ctx, t)
		switch {
		case errors.Is(err, ErrFull):
			return studio.Issued{}, fmt.Errorf("%w: %w", studio.ErrBusy, err)
		case err != nil:
			return studio.Issued{}, fmt.Errorf("%w: create ticket: %w", studio.ErrUnsure, err)
		case !created && !now.Before(kept.Expires):
			continue // an old command, delivered again: its link is dead
		case created:
			if err := s.auditIssued(ctx, kept); err != nil {
				return studio.Issued{}, fmt.Errorf("%w: %w", studio.ErrUnsure, err)
			}
		}
		return s.issued(secret, kept), nil
	}
	return studio.Issued{}, fmt.Errorf("%w: the same command came %d times", studio.ErrBusy, maxRounds)
}

func newTicket(secret []byte, p studio.Person, options []studio.Option, now time.Time, ttl time.Duration) Ticket {
	id := ticketID(secret)
	t := Ticket{ID: id, Ref: reference(id), Person: p, Issued: now, Expires: now.Add(ttl)}
	for _, o := range options {
		t.Buttons = append(t.Buttons, Button{Option: o})
	}
	return t
}

func (s *Service) issued(secret []byte, t Ticket) studio.Issued {
	out := studio.Issued{Ref: t.Ref, Expires: t.Expires}
	for i, b := range t.Buttons {
		out.Links = append(out.Links, studio.Link{
			Option: b.Option,
			URL:    s.o.PublicURL.Scheme + "://" + s.o.PublicURL.Host + s.path + formatToken(secret, i),
			Handle: formatHandle(t.ID, i),
		})
	}
	return out
}

func (s *Service) auditIssued(ctx context.Context, t Ticket) error {
	for i := range t.Buttons {
		if err := s.o.Audit.Write(ctx, t.entry(audit.Issued, i)); err != nil {
			return err
		}
	}
	return nil
}

// Arm applies a click: from now on the link of that button opens, for 30 s.
// allowed is asked whether the person may still open that option; its error is
// returned and arms nothing. Otherwise the error is one of package studio's
// ErrLink… sentinels, ErrNotYours, or ErrUnsure where the store can't be asked.
// The Opened that comes with ErrLinkUsed says what was opened, and when.
func (s *Service) Arm(ctx context.Context, c studio.Click, allowed func(studio.Option) error) (studio.Opened, error) {
	id, i, err := parseHandle(c.Handle)
	if err != nil {
		return studio.Opened{}, s.refuseClick(ctx, c, Ticket{}, 0, err)
	}
	t, err := s.o.Store.Load(ctx, id)
	if err != nil {
		return studio.Opened{}, s.refuseClick(ctx, c, Ticket{}, 0, storeError("load ticket", err))
	}
	b, err := t.button(i)
	if err != nil {
		return studio.Opened{}, s.refuseClick(ctx, c, t, i, err)
	}
	if c.Person != t.Person {
		return studio.Opened{}, s.refuseClick(ctx, c, t, i, studio.ErrNotYours)
	}
	if err := t.dead(b, time.Now()); err == nil {
		if err := allowed(b.Option); err != nil {
			return studio.Opened{}, s.refuseClick(ctx, c, t, i, err)
		}
	}
	var changed bool
	t, changed, err = s.update(ctx, id, func(t *Ticket) (bool, error) { return t.arm(i, c, time.Now()) })
	if err != nil {
		return openedOf(t, i, c), s.refuseClick(ctx, c, t, i, err)
	}
	if changed {
		e := t.entry(audit.Armed, i)
		e.Reason = c.Via
		if err := s.o.Audit.Write(ctx, e); err != nil {
			s.o.Log.ErrorContext(ctx, "audit line of an armed link is missing", "ref", t.Ref, "err", err)
		}
	}
	s.waiters.wake(id)
	return studio.Opened{}, nil
}

// openedOf says what was opened with a spent button, for the click c.
func openedOf(t Ticket, i int, c studio.Click) studio.Opened {
	b, err := t.button(i)
	if err != nil || b.Spent.IsZero() {
		return studio.Opened{}
	}
	return studio.Opened{Ref: t.Ref, Person: t.Person, Option: b.Option, At: b.Spent, ResponseURL: c.ResponseURL, View: c.View}
}

// refuseClick writes the audit line of a click that arms nothing. A second
// click on a link that was used is no event.
func (s *Service) refuseClick(ctx context.Context, c studio.Click, t Ticket, i int, err error) error {
	if errors.Is(err, studio.ErrLinkUsed) {
		return err
	}
	e := t.entry(audit.Refused, i)
	e.Team, e.User = c.Person.Team, c.Person.User
	e.Reason, e.Err = "click: "+reason(err), err
	s.note(ctx, e)
	return err
}

// update is Store.Update for the methods of Ticket. changed tells whether this
// call changed the record; err is the ticket's answer or the store's failure,
// as a sentinel of package studio.
func (s *Service) update(ctx context.Context, id string, change func(*Ticket) (bool, error)) (t Ticket, changed bool, err error) {
	var answer error
	stop := errors.New("nothing to write")
	t, err = s.o.Store.Update(ctx, id, func(t *Ticket) error {
		changed, answer = change(t)
		if !changed {
			return stop
		}
		return nil
	})
	switch {
	case errors.Is(err, stop):
		return t, false, answer
	case err != nil:
		return t, false, storeError("update ticket", err)
	}
	return t, changed, answer
}

// Deny makes a person's links open nothing, as d says.
func (s *Service) Deny(ctx context.Context, p studio.Person, d Denial) error {
	if err := s.o.Store.Deny(ctx, p, d); err != nil {
		return fmt.Errorf("deny %s: %w", p, err)
	}
	s.note(ctx, audit.Entry{Step: audit.Denied, Team: p.Team, User: p.User, Reason: d.Reason})
	return nil
}

// Lift ends a denial.
func (s *Service) Lift(ctx context.Context, p studio.Person, why string) error {
	if err := s.o.Store.Lift(ctx, p, why); err != nil {
		return fmt.Errorf("lift the denial of %s: %w", p, err)
	}
	s.note(ctx, audit.Entry{Step: audit.Lifted, Team: p.Team, User: p.User, Reason: why})
	return nil
}

// note writes an audit line that nothing waits for.
func (s *Service) note(ctx context.Context, e audit.Entry) {
	if err := s.o.Audit.Write(ctx, e); err != nil {
		s.o.Log.ErrorContext(ctx, "audit line is missing", "step", e.Step, "ref", e.Ref, "err", err)
	}
}

// entry is the audit line of one button; i may be out of range.
func (t Ticket) entry(step audit.Step, i int) audit.Entry {
	e := audit.Entry{Step: step, Ref: t.Ref, Team: t.Person.Team, User: t.Person.User}
	if b, err := t.button(i); err == nil {
		e.Domain, e.Profile = b.Option.Domain, b.Option.Profile
		if b.Option.Target != studio.Home {
			e.Target, e.Name = string(b.Option.Target), b.Option.Name
		}
	}
	return e
}
