package notify

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/studiobot/studiobot/studio"
)

const (
	// Before is how long before its end a session is told of.
	Before = 10 * time.Minute
	// Patience is how long something that is being prepared is looked at. A user
	// profile takes a few minutes.
	Patience = 30 * time.Minute
	// firstLook and longestWait are the first and the longest wait between two
	// looks; it doubles in between.
	firstLook   = 15 * time.Second
	longestWait = time.Minute
	// lookRate and tellRate are how many looks, and how many messages, there are
	// in a second: AWS has other things to do, and Slack takes some hundred
	// messages a minute.
	lookRate = 2
	tellRate = 4
	// waiting is how many launches may wait for the store.
	waiting = 4096
	// keepTime bounds one call of the store, promiseTime one that a page waits for.
	keepTime    = 5 * time.Second
	promiseTime = 3 * time.Second
)

// Desk tells people. bot.Bot is the one that production has. Its errors wrap
// studio.ErrUnknownPerson where there is nobody to tell, or no way to, so that
// another try won't help.
type Desk interface {
	// SessionEnds tells somebody when their session ends, n.Ends.
	SessionEnds(ctx context.Context, n studio.Notice) error
	// Became tells somebody what became of what was being prepared: it can be
	// opened where why is nil. Otherwise why is a sentinel of package studio;
	// ErrPending: it takes longer than anybody waits for.
	Became(ctx context.Context, n studio.Notice, why error) error
}

// Options is what a Service is made of. All but Desk, Every and Look are required.
type Options struct {
	Store Store
	// Desk speaks to people; nil: another process over the same store does, and this
	// one only notes what is to be told.
	Desk Desk
	// Allowed says whether the person may still open the option.
	Allowed func(ctx context.Context, p studio.Person, o studio.Option) error
	// Look says what keeps an option from being opened now, with a sentinel of
	// package studio; nil: nothing.
	Look func(ctx context.Context, o studio.Option) error
	Log  *slog.Logger
	// Every is how often it is looked for what is due; zero: every 5 s.
	Every time.Duration
	// FirstLook is how long after the promise the first look is; zero: 15 s.
	FirstLook time.Duration
}

// Service notes what people are to be told, and tells them. It is safe for
// concurrent use.
type Service struct {
	o        Options
	launches chan studio.Opened
	looks    *rate.Limiter
	tells    *rate.Limiter
}

// New returns a Service. It makes no call.
func New(o Options) *Service {
	if o.Every <= 0 {
		o.Every = 5 * time.Second
	}
	if o.FirstLook <= 0 {
		o.FirstLook = firstLook
	}
	return &Service{o: o, launches: make(chan studio.Opened, waiting), looks: rate.NewLimiter(lookRate, lookRate), tells: rate.NewLimiter(tellRate, tellRate)}
}

// Remind keeps whether somebody wants to be reminded. studio.ErrBusy where the
// store is full, studio.ErrUnsure where it can't be asked.
func (s *Service) Remind(ctx context.Context, p studio.Person, on bool) error {
	return sorted(s.o.Store.SetReminders(ctx, p, on))
}

// Reminding says whether somebody wants to be reminded, or studio.ErrUnsure.
func (s *Service) Reminding(ctx context.Context, p studio.Person) (bool, error) {
	on, err := s.o.Store.Reminders(ctx, p)
	return on, sorted(err)
}

// Opened takes in a launch with its Ends. It doesn't block.
func (s *Service) Opened(o studio.Opened) {
	select {
	case s.launches <- o:
	default:
		s.o.Log.Error("too many launches at once; one has no reminder", "ref", o.Ref)
	}
}

// Promise notes that somebody is to be told when o can be opened, or that it
// can't, and says whether that could be kept. The person waits for it.
func (s *Service) Promise(ctx context.Context, p studio.Person, o studio.Option) bool {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), promiseTime)
	defer cancel()
	now := moment()
	err := s.o.Store.PutNotice(ctx, studio.Notice{
		Kind: studio.NoticeReady, Person: p, About: thing(o), Serial: serial(), Option: o, Begun: now, Ends: now.Add(Patience), Due: now.Add(s.o.FirstLook),
	})
	if err != nil {
		s.o.Log.WarnContext(ctx, "nobody will be told when it is ready", "domain", o.Domain, "profile", o.Profile, "err", err)
	}
	return err == nil
}

// opened notes the end of the session that began, in place of that of an earlier
// one, and drops the promise of what was opened.
func (s *Service) opened(ctx context.Context, o studio.Opened) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepTime)
	defer cancel()
	s.OpenedNow(ctx, o)
}

// OpenedNow is Opened for a process that is frozen when its answer is out: it
// returns when all is noted, or ctx has ended.
func (s *Service) OpenedNow(ctx context.Context, o studio.Opened) {
	if err := s.o.Store.DropNotice(ctx, studio.Notice{Kind: studio.NoticeReady, Person: o.Person, About: thing(o.Option)}); err != nil {
		s.o.Log.WarnContext(ctx, "somebody who opened it may still be told that it is ready", "ref", o.Ref, "err", err)
	}
	if err := s.noteEnd(ctx, o); err != nil {
		s.o.Log.WarnContext(ctx, "a reminder couldn't be noted", "ref", o.Ref, "err", err)
	}
}

// noteEnd notes the end of a session, for somebody who wants to be reminded.
func (s *Service) noteEnd(ctx context.Context, o studio.Opened) error {
	due := o.Ends.Add(-Before)
	if o.Ends.IsZero() || !time.Now().Before(due) {
		return nil
	}
	if on, err := s.o.Store.Reminders(ctx, o.Person); err != nil || !on {
		return err
	}
	return s.o.Store.PutNotice(ctx, studio.Notice{
		Kind: studio.NoticeEnds, Person: o.Person, About: session(o.Option), Serial: serial(), Option: o.Option,
		Begun: whole(o.At), Ends: whole(o.Ends), Due: whole(due),
	})
}

// Run does what is due until ctx ends. Several processes may run it over one
// store.
func (s *Service) Run(ctx context.Context) {
	var all sync.WaitGroup
	if s.o.Desk != nil {
		all.Go(func() { s.rounds(ctx, studio.NoticeEnds, s.ends) })
		all.Go(func() { s.rounds(ctx, studio.NoticeReady, s.ready) })
	}
	for {
		select {
		case o := <-s.launches:
			s.opened(ctx, o)
		case <-ctx.Done():
			all.Wait()
			return
		}
	}
}

// Flush notes the launches that still wait. It is for when nothing calls Opened
// any more.
func (s *Service) Flush(ctx context.Context) {
	for {
		select {
		case o := <-s.launches:
			s.opened(ctx, o)
		default:
			return
		}
	}
}

// thing names what an option opens.
func thing(o studio.Option) string {
	return fmt.Sprintf("%s/%s/%d/%s", o.Domain, o.Profile, o.Target.Takes(), o.Name)
}

// session names the session that an option is opened in: all of a domain's is
// one, and each notebook instance and tracking server has its own.
func session(o studio.Option) string {
	switch o.Target.Takes() {
	case studio.NotebookName, studio.ServerName:
		return thing(o)
	}
	return o.Domain
}

func serial() string { return rand.Text()[:16] }

// whole is a moment as a record keeps it, and moment is now.
func whole(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }
func moment() time.Time           { return whole(time.Now()) }
