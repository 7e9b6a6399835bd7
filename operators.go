package studiobot

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/studiobot/studiobot/bot"
	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/studio"
)

const (
	// alarmEvery is how often the admins are told of the same alarm at most.
	alarmEvery = 5 * time.Minute
	// gather is how long people who lose their access are collected before the
	// store is asked what they opened: one list may take away many.
	gather = 2 * time.Second
	// maxGone bounds who waits for that.
	maxGone = 10_000
	// maxTold is how many admins are told; maxLogged how many sessions are logged
	// one by one.
	maxTold   = 20
	maxLogged = 1000
	// tellTime bounds one round of messages, scanTime going through what was opened.
	tellTime = 30 * time.Second
	scanTime = time.Minute
)

// operators tells the people who run the bot what they should know at once: by a
// log line, and by a direct message to access.admins. Nothing here makes anybody
// wait; what there is no room for is in the log. Nil, it tells nobody: a redirect that
// runs apart has no way into Slack, and leaves it at the log and the metrics.
type operators struct {
	log    *slog.Logger
	bot    *bot.Bot
	groups *mapping.Groups
	admins []string
	rate   string // of limits.alarm
	opened *lastOpened
	length map[string]time.Duration // of a session, by domain
	told   func(sent bool)

	mu      sync.Mutex
	alarmed time.Time
	gone    map[studio.Person]string // and why
	wake    chan struct{}
	alarms  chan struct{}
}

func newOperators(cfg Config, h *halves) *operators {
	o := &operators{
		log: h.log, groups: h.groups, admins: cfg.Access.Admins, opened: h.opened, length: map[string]time.Duration{},
		rate: fmt.Sprintf("%d in %v", cfg.Limits.Alarm.N, cfg.Limits.Alarm.Per),
		gone: map[studio.Person]string{}, wake: make(chan struct{}, 1), alarms: make(chan struct{}, 1), told: func(bool) {},
	}
	for _, d := range cfg.Domains {
		o.length[d.Name] = d.Session
	}
	if h.watching.m != nil {
		o.told = h.watching.m.AdminMessage
	}
	return o
}

// alarm takes in that there are more launches than limits.alarm.
func (o *operators) alarm() {
	if o == nil {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if now := time.Now(); now.Sub(o.alarmed) >= alarmEvery {
		o.alarmed = now
		poke(o.alarms)
	}
}

// lost takes in that somebody has no access any more, and why.
func (o *operators) lost(p studio.Person, why string) {
	if o == nil {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.gone) >= maxGone {
		o.log.Error("whether a Studio session still runs isn't looked up: too many people lost their access at once", "user", p.User, "why", why)
		return
	}
	o.gone[p] = why
	poke(o.wake)
}

func poke(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default: // it will look anyhow
	}
}

// run tells until ctx ends.
func (o *operators) run(ctx context.Context) {
	for {
		select {
		case <-o.alarms:
			o.tell(ctx, "alarm", func(ctx context.Context, to []string) error { return o.bot.TellAlarm(ctx, to, o.rate) })
		case <-o.wake:
			select {
			case <-time.After(gather):
			case <-ctx.Done():
			}
			o.tellSessions(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// tellSessions tells what the people who lost their access may still have open.
func (o *operators) tellSessions(ctx context.Context) {
	o.mu.Lock()
	gone := o.gone
	o.gone = map[studio.Person]string{}
	o.mu.Unlock()
	if len(gone) == 0 {
		return
	}
	scan, cancel := context.WithTimeout(context.WithoutCancel(ctx), scanTime)
	defer cancel()
	running, err := o.running(scan, gone)
	if err != nil {
		o.log.ErrorContext(ctx, "what people who lost their access may still have open can't be looked up", "people", len(gone), "err", err)
	}
	by := map[string][]studio.Session{}
	for i, s := range running {
		why := gone[s.Person]
		by[why] = append(by[why], s)
		if i < maxLogged {
			o.log.WarnContext(ctx, "a Studio session may still run of somebody without access", "user", s.Person.User, "domain", s.Domain,
				"profile", s.Profile, "until", s.Until.UTC().Format(time.RFC3339), "why", why)
		}
	}
	for _, why := range slices.Sorted(maps.Keys(by)) {
		o.tell(ctx, "sessions", func(ctx context.Context, to []string) error { return o.bot.TellSessions(ctx, to, why, by[why]) })
	}
}

// running are the sessions of these people that may not be over: opened less than
// their domain's session ago.
func (o *operators) running(ctx context.Context, people map[studio.Person]string) ([]studio.Session, error) {
	now := time.Now()
	found := map[openedKey]studio.Session{}
	note := func(x studio.Opened) {
		if _, ours := people[x.Person]; !ours {
			return
		}
		until := x.At.Add(o.length[x.Option.Domain])
		key := openedKey{x.Person, x.Option.Domain, x.Option.Profile}
		if now.Before(until) && until.After(found[key].Until) {
			found[key] = studio.Session{Person: x.Person, Domain: x.Option.Domain, Profile: x.Option.Profile, Opened: x.At, Until: until}
		}
	}
	err := o.opened.each(ctx, note)
	out := slices.Collect(maps.Values(found))
	slices.SortFunc(out, func(a, b studio.Session) int {
		return strings.Compare(a.Person.String()+a.Domain+a.Profile, b.Person.String()+b.Domain+b.Profile)
	})
	return out, err
}

// tell sends a message to the admins.
func (o *operators) tell(ctx context.Context, what string, send func(ctx context.Context, to []string) error) {
	to := o.people()
	if len(to) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, tellTime)
	defer cancel()
	err := send(ctx, to)
	o.told(err == nil)
	if err != nil {
		o.log.ErrorContext(ctx, "not every admin could be told", "about", what, "err", err,
			"next", "paste the output of `studiobot manifest --config studiobot.yaml` into the Slack app if chat:write is missing")
	}
}

// people are the admins, and the members of their user groups, as many as are told.
func (o *operators) people() []string {
	var out []string
	for _, id := range o.admins {
		users := []string{id}
		if strings.HasPrefix(id, "S") && o.groups != nil {
			users = o.groups.Members(id, maxTold)
		}
		for _, u := range users {
			if len(out) < maxTold && !slices.Contains(out, u) {
				out = append(out, u)
			}
		}
	}
	return out
}
