package requests

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/studiobot/studiobot/audit"
	"github.com/studiobot/studiobot/studio"
)

// Life is how long a request waits for a decision before it closes itself.
const Life = 7 * 24 * time.Hour

// Desk is where approvers see requests and people hear of them. bot.Bot is the
// one that production has.
type Desk interface {
	// Show puts a request before the approvers, in place of what stands at its
	// Channel and Message if they are set, and returns where it stands now.
	// Showing the same again is harmless. The error's text goes to the log.
	Show(ctx context.Context, r studio.Request) (channel, message string, err error)
	// Tell sends the person a direct message about what became of it.
	// studio.ErrUnknownPerson where there is nobody to tell.
	Tell(ctx context.Context, r studio.Request) error
}

// Table is where an approved request becomes a link.
type Table interface {
	// Link gives the request's person its profile in its domain, in its decider's
	// name. Doing it again is harmless. studio.ErrInvalid where no such link can
	// be.
	Link(ctx context.Context, r studio.Request) error
	// Unlink takes exactly that link back, if it is there.
	Unlink(ctx context.Context, r studio.Request) error
}

// Maker knows the user profiles of a domain. studio/sagemaker is the one that
// production has. Its errors wrap the sentinels of package studio.
type Maker interface {
	// Profile returns a user profile, or studio.ErrNoProfile.
	Profile(ctx context.Context, domain, name string) (studio.Profile, error)
	// ProfileTags returns its tags.
	ProfileTags(ctx context.Context, domain, profile string) (map[string]string, error)
	// CreateProfile begins to make one. It succeeds too where exactly that
	// profile, with these tags, is there; studio.ErrProfileTaken where another
	// of its name is.
	CreateProfile(ctx context.Context, p studio.NewProfile) error
}

// Domain is what may be asked for.
type Domain struct {
	Name, Label string
	// Create: an approved profile that doesn't exist is made, with these tags and
	// the person's Slack ID under the first of Options.Tags.
	Create bool
	Tags   map[string]string
}

// Options is what a Service is made of. All but SelfApproval are required.
type Options struct {
	Store   Store
	Desk    Desk
	Table   Table
	Maker   Maker
	Domains []Domain
	// Tags are the keys of the tags that say whose a profile is: slack-user-id.
	// The first is put on those that are made.
	Tags []string
	// Denied returns studio.ErrDenied where any source denies the person in that
	// domain, and studio.ErrUnsure where one can't answer.
	Denied func(ctx context.Context, p studio.Person, domain string) error
	// Others returns people besides p who have the profile by any source, or will
	// have it once it is there, the first few; or studio.ErrUnsure.
	Others func(ctx context.Context, p studio.Person, domain, profile string) ([]studio.Person, error)
	// Admin says whether somebody may decide.
	Admin func(ctx context.Context, p studio.Person) (bool, error)
	// SelfApproval lets admins approve what they asked for themselves.
	SelfApproval bool
	Audit        *audit.Log
	Log          *slog.Logger
	// Every is how often unfinished requests are looked through; zero: a minute.
	Every time.Duration
}

// Service takes requests and decisions. It is safe for concurrent use.
type Service struct {
	o    Options
	wake chan struct{} // there is something to do
}

// New returns a Service. It makes no call.
func New(o Options) *Service {
	if o.Every <= 0 {
		o.Every = time.Minute
	}
	return &Service{o: o, wake: make(chan struct{}, 1)}
}

const (
	// maxOpen is how many requests of one person may be unfinished.
	maxOpen = 5
	// formTime bounds a look at the sources that a form waits for.
	formTime = time.Second
)

// Ask makes a request, or returns the one that the person has open for that
// domain already; made tells which. studio.ErrInvalid, studio.ErrBusy where too many
// are open, studio.ErrDenied where a source denies the person, studio.ErrUnsure where
// the store can't be asked.
func (s *Service) Ask(ctx context.Context, a studio.Asking) (r studio.Request, made bool, err error) {
	d, ok := s.domain(a.Domain)
	a.Reason = strings.TrimSpace(a.Reason)
	switch {
	case !ok:
		return r, false, fmt.Errorf("%w: there is no domain of that name", studio.ErrInvalid)
	case !studio.Grantable(a.Profile):
		return r, false, fmt.Errorf("%w: that is no user profile's name", studio.ErrInvalid)
	case !utf8.ValidString(a.Reason) || utf8.RuneCountInString(a.Reason) > studio.MaxReason:
		return r, false, fmt.Errorf("%w: the reason is too long, or no text", studio.ErrInvalid)
	}
	if err := s.denied(ctx, a); err != nil {
		return r, false, err
	}
	if err := s.room(ctx, a); err != nil {
		return r, false, err
	}
	now := moment()
	r, made, err = s.o.Store.CreateRequest(ctx, studio.Request{
		ID: requestID(a.Person, a.Domain), Serial: rand.Text()[:16], Person: a.Person, Domain: a.Domain, Label: d.Label,
		Profile: a.Profile, Reason: a.Reason, Asked: now, Closes: now.Add(Life), State: studio.RequestOpen,
	})
	switch {
	case errors.Is(err, ErrFull):
		return r, false, fmt.Errorf("%w: %w", studio.ErrBusy, err)
	case err != nil:
		return r, false, fmt.Errorf("%w: create request: %w", studio.ErrUnsure, err)
	case made:
		s.note(ctx, entry(audit.Asked, r))
		s.nudge()
	}
	return r, made, nil
}

// denied says whether a source denies the person: ErrDenied. Anything else is for
// the approvers, and nobody waits long for it: a form has 3 s.
func (s *Service) denied(ctx context.Context, a studio.Asking) error {
	ctx, cancel := context.WithTimeout(ctx, formTime)
	defer cancel()
	if err := s.o.Denied(ctx, a.Person, a.Domain); errors.Is(err, studio.ErrDenied) {
		return err
	}
	return nil
}

// room says whether the person may have one more: ErrBusy if not. The one that
// they have for that domain already doesn't count.
func (s *Service) room(ctx context.Context, a studio.Asking) error {
	all, err := s.o.Store.UnfinishedRequests(ctx)
	if err != nil {
		return fmt.Errorf("%w: count requests: %w", studio.ErrUnsure, err)
	}
	n := 0
	for _, r := range all {
		if r.Person == a.Person && r.Domain != a.Domain {
			n++
		}
	}
	if n >= maxOpen {
		return fmt.Errorf("%w: %d requests of that person are unfinished", studio.ErrBusy, n)
	}
	return nil
}

// requestID is one for each person and domain. Whoever knows it can do nothing
// with it that an admin can't.
func requestID(p studio.Person, domain string) string {
	sum := sha256.Sum256([]byte(p.String() + "\x00" + domain))
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:15])
}

func (s *Service) domain(name string) (Domain, bool) {
	for _, d := range s.o.Domains {
		if d.Name == name {
			return d, true
		}
	}
	return Domain{}, false
}

// Open returns the requests that wait for a decision, oldest first, and behind
// them those that are approved and not linked yet.
func (s *Service) Open(ctx context.Context) ([]studio.Request, error) {
	all, err := s.o.Store.UnfinishedRequests(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: list requests: %w", studio.ErrUnsure, err)
	}
	var open, approved []studio.Request
	for _, r := range all {
		switch {
		case r.State == studio.RequestOpen && time.Now().Before(r.Closes):
			open = append(open, r)
		case r.State == studio.RequestApproved && !r.Linked:
			approved = append(approved, r)
		}
	}
	return append(open, approved...), nil
}

// Withdraw ends what is approved and not carried out yet of a person, in one
// domain or (empty) in all: an admin takes the access back, and nothing may bring
// it again. Whoever is just linking it has it to themselves until they are done
// or dead; what they wrote is taken back after that, see steps.
func (s *Service) Withdraw(ctx context.Context, by, p studio.Person, domain string) error {
	all, err := s.o.Store.UnfinishedRequests(ctx)
	if err != nil {
		return fmt.Errorf("%w: list requests: %w", studio.ErrUnsure, err)
	}
	for _, r := range all {
		if r.Person.User != p.User || domain != "" && r.Domain != domain || r.State != studio.RequestApproved {
			continue
		}
		did := false
		now, err := s.o.Store.UpdateRequest(ctx, r.ID, func(now *studio.Request) error {
			did = now.Serial == r.Serial && now.State == studio.RequestApproved && !now.Finished
			if did {
				now.State, now.Answer, now.Withdrawer, now.Shown, now.Told = studio.RequestClosed, studio.AnswerWithdrawn, by, false, false
				if latest := moment().Add(lease); now.Next.After(latest) {
					now.Next = latest
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("%w: withdraw a request: %w", studio.ErrUnsure, err)
		}
		if did {
			e := entry(audit.Closed, now)
			e.Actor, e.Reason = by.String(), studio.AnswerWithdrawn
			s.note(ctx, e)
		}
	}
	s.nudge()
	return nil
}

// entry is the audit line of a request.
func entry(step audit.Step, r studio.Request) audit.Entry {
	return audit.Entry{Step: step, Ref: r.Ref(), Team: r.Person.Team, User: r.Person.User, Domain: r.Domain, Profile: r.Profile}
}

func (s *Service) note(ctx context.Context, e audit.Entry) {
	if err := s.o.Audit.Write(ctx, e); err != nil {
		s.o.Log.ErrorContext(ctx, "audit line is missing", "step", e.Step, "ref", e.Ref, "err", err)
	}
}

// nudge has Run look for work now.
func (s *Service) nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}
