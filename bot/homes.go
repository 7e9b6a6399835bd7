package bot

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/slack-go/slack"
	"golang.org/x/time/rate"

	"github.com/studiobot/studiobot/studio"
)

const (
	// homeRate is what Slack lets views.publish have (tier 4, a hundred a minute),
	// homeBurst what it lets pass at once.
	homeRate  = rate.Limit(100.0 / 60)
	homeBurst = 20
	// maxHomes is how many people may wait for theirs.
	maxHomes = 10_000
	// homeLooks is how many Homes may be waiting for a look at what runs.
	homeLooks = 4
	// homeTime bounds one Home, homeTries how often one is tried.
	homeTime  = 10 * time.Second
	homeTries = 3
)

// homeOpening says that somebody looks at their Home.
type homeOpening struct {
	team, enterprise, user string
	// shown is the digest of what is published there, or "".
	shown string
	tries int
	// looked: what runs was looked at just now.
	looked bool
}

// homes are the people whose Home is to be published. Somebody who opens it many
// times waits once. Whoever came last is served first: they are looking at it,
// and who came long ago sees the new one when they open it again.
type homes struct {
	mu      sync.Mutex
	waiting map[string]homeOpening // by user
	order   []string               // the last one is next
	wake    chan struct{}
	looks   chan struct{} // for what runs, on their way
}

func newHomes() *homes {
	return &homes{waiting: map[string]homeOpening{}, wake: make(chan struct{}, 1), looks: make(chan struct{}, homeLooks)}
}

func (h *homes) add(o homeOpening) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, waits := h.waiting[o.user]; waits {
		h.order = slices.DeleteFunc(h.order, func(user string) bool { return user == o.user })
	} else if len(h.order) >= maxHomes {
		delete(h.waiting, h.order[0])
		h.order = h.order[1:]
	}
	h.waiting[o.user] = o
	h.order = append(h.order, o.user)
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

func (h *homes) next() (homeOpening, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.order) == 0 {
		return homeOpening{}, false
	}
	user := h.order[len(h.order)-1]
	h.order = h.order[:len(h.order)-1]
	o := h.waiting[user]
	delete(h.waiting, user)
	return o, true
}

// publishHomes publishes the Homes of those who wait, one after the other, until
// ctx ends. What is published says what is known at that moment, so of two that
// overtake each other either is right.
func (b *Bot) publishHomes(ctx context.Context) {
	pace := rate.NewLimiter(homeRate, homeBurst)
	for {
		o, any := b.homes.next()
		if !any {
			select {
			case <-b.homes.wake:
				continue
			case <-ctx.Done():
				return
			}
		}
		wait := b.publishHome(ctx, pace, o)
		if ctx.Err() != nil || wait > 0 && !pause(ctx, wait) {
			return
		}
	}
}

// publishHome publishes one, where it shows anything else than what is there. It
// says how long Slack wants to be left alone. Nothing here is worth more than a
// log line: the command does without.
func (b *Bot) publishHome(ctx context.Context, pace *rate.Limiter, o homeOpening) (wait time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, homeTime)
	defer cancel()
	v, err := b.homeOf(ctx, o)
	switch {
	case err != nil:
		b.o.Log.DebugContext(ctx, "no Home for somebody who isn't served here", "user", o.user, "err", err)
		return 0
	case v.PrivateMetadata == o.shown:
		return 0
	}
	if err := pace.Wait(ctx); err != nil {
		b.again(o)
		return 0
	}
	_, err = b.api().PublishViewContext(ctx, slack.PublishViewContextRequest{UserID: o.user, View: v})
	if err == nil {
		return 0
	}
	var limited *slack.RateLimitedError
	if errors.As(err, &limited) {
		wait = limited.RetryAfter
	}
	b.o.Log.WarnContext(ctx, "a Home couldn't be published"+mendHome(err), "user", o.user, "try", o.tries+1, "err", redact(err))
	if slackCode(err) == "" {
		b.again(o)
	}
	return wait
}

// again lets somebody wait once more, unless that was often enough.
func (b *Bot) again(o homeOpening) {
	if o.tries++; o.tries < homeTries {
		b.homes.add(o)
	}
}

// mendHome says what to do about an app without a Home.
func mendHome(err error) string {
	if slackCode(err) == "not_enabled" {
		return ": it is switched off in the Slack app; paste the output of `studiobot manifest` there"
	}
	return ""
}

// homeOf is what somebody's Home shows now. The error says that they are nobody
// of ours.
func (b *Bot) homeOf(ctx context.Context, o homeOpening) (slack.HomeTabViewRequest, error) {
	p, err := b.o.Mapping.From(ctx, o.team, o.enterprise, o.user)
	if err != nil {
		p = studio.Person{Team: o.team, User: o.user}
	}
	var t theirs
	if err == nil {
		t, err = b.theirs(ctx, p, "")
	}
	if errors.Is(err, studio.ErrStranger) || errors.Is(err, studio.ErrNotPerson) || errors.Is(err, studio.ErrUnknownPerson) {
		return slack.HomeTabViewRequest{}, err
	}
	h := homeState{person: p, now: time.Now(), options: t.options, signIns: t.signIns, unsure: t.unsure, named: len(t.named) > 0}
	if err != nil {
		w := b.worded(ctx, p, err)
		h.refused = &w
		return homeView(b.o, h), nil
	}
	b.lookIn(ctx, &h, o)
	if b.o.Reminders != nil {
		if on, err := b.o.Reminders.Reminding(ctx, p); err == nil {
			h.reminding = &on
		}
	}
	return homeView(b.o, h), nil
}

// lookIn adds what runs, as far as it is known. Where that is too old it is looked
// at in the background, and the Home published again; not for everybody at once.
func (b *Bot) lookIn(ctx context.Context, h *homeState, o homeOpening) {
	if b.o.Machines == nil {
		return
	}
	r, fresh, err := b.o.Machines.Running(ctx, h.person)
	if err != nil {
		return
	}
	h.running, h.looked = &r, fresh || o.looked
	if h.looked || !take(b.homes.looks) {
		return
	}
	began := b.slow.do(func(ctx context.Context) {
		defer func() { <-b.homes.looks }()
		if _, err := b.o.Machines.Look(ctx, h.person); err == nil {
			b.homes.add(homeOpening{team: o.team, enterprise: o.enterprise, user: o.user, looked: true})
		}
	})
	if !began {
		<-b.homes.looks
	}
}
