package bot

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/studiobot/studiobot/studio"
)

// Machines is what people have running, and what stops and starts it. Its errors
// wrap the sentinels of package studio. Whoever calls it may be anybody, and what
// is named anything: it decides, each time, whose that is.
type Machines interface {
	// Running returns what a person has, without a call. fresh: it is young enough
	// to be shown; otherwise Look.
	Running(ctx context.Context, p studio.Person) (r studio.Running, fresh bool, err error)
	// Look returns it after a fresh look, with what is known where that takes too
	// long or fails. It takes seconds.
	Look(ctx context.Context, p studio.Person) (studio.Running, error)
	// Stop begins to stop something of the person's, and Start to start a notebook
	// instance. studio.ErrNoTarget: it isn't theirs, or there is none, which are
	// one answer. What is stopping or started already is success. They take seconds.
	Stop(ctx context.Context, p studio.Person, m studio.Machine) error
	Start(ctx context.Context, p studio.Person, m studio.Machine) error
	// Stopped waits until something that Stop stopped is gone, Started until it
	// is ready: minutes, as long as ctx lets them. studio.ErrBroken and
	// studio.ErrStopped say why it never will be.
	Stopped(ctx context.Context, p studio.Person, m studio.Machine) error
	Started(ctx context.Context, p studio.Person, m studio.Machine) error
}

const (
	// stopsWithin is how long something is watched until it has stopped, and
	// startsWithin until it is ready: a response URL lives 30 minutes.
	stopsWithin, startsWithin = 10 * time.Minute, 25 * time.Minute
)

// status says what somebody has running, at once where that is known.
func (b *Bot) status(ctx context.Context, c command, p studio.Person, domain string) message {
	known, fresh, err := b.o.Machines.Running(ctx, p)
	switch {
	case err != nil:
		return b.refuse(ctx, request{person: p, domain: domain}, err)
	case fresh:
		return statusMessage(b.o, only(known, domain), refusalWords{}, time.Now())
	}
	return b.eventually(c.ResponseURL, notice(wordsLooking), func(ctx context.Context) message {
		seen, err := b.o.Machines.Look(ctx, p)
		if err != nil {
			return b.refuse(ctx, request{person: p, domain: domain}, err)
		}
		return statusMessage(b.o, only(seen, domain), refusalWords{}, time.Now())
	})
}

// only is what of it is in one domain; empty: all.
func only(r studio.Running, domain string) studio.Running {
	if domain == "" {
		return r
	}
	r.Holdings = slices.DeleteFunc(slices.Clone(r.Holdings), func(h studio.Holding) bool { return h.Domain != domain })
	r.Notebooks = slices.DeleteFunc(slices.Clone(r.Notebooks), func(n studio.HeldNotebook) bool { return n.Domain != domain })
	r.Unsure = slices.DeleteFunc(slices.Clone(r.Unsure), func(name string) bool { return name != domain })
	return r
}

// change stops or starts what a button names. It was acknowledged; SageMaker takes
// longer than a click's time.
func (b *Bot) change(ctx context.Context, i interaction, p studio.Person, starting bool) {
	a := i.Actions[0]
	m, ok := parseMachine(a.Value)
	if !ok || b.o.Machines == nil || starting && m.Notebook == "" {
		return // no button of ours
	}
	if over, is := b.limited(ctx, p); is {
		b.reply(ctx, i, over)
		return
	}
	// In a list the button's row is one of several, and the list comes again.
	say := b.speaker(ctx, i)
	list := strings.Contains(a.ActionID, ":") && say.home == nil
	work := func(ctx context.Context) { b.stop(ctx, say, p, m, list) }
	if starting {
		work = func(ctx context.Context) { b.start(ctx, say, p, m, list) }
	}
	if !b.slow.do(work) {
		say.say(notice(wordsBusy))
	}
}

// stop stops something, says so in the place of the message, and again once it is
// gone.
func (b *Bot) stop(ctx context.Context, say speaker, p studio.Person, m studio.Machine, list bool) {
	if err := b.o.Machines.Stop(ctx, p, m); err != nil {
		say.say(notice(machineRefusal(b.o, err, false)))
		return
	}
	b.replace(ctx, say, p, list, stoppingWords(m))
	b.slow.watch(stopsWithin, func(ctx context.Context) {
		if b.o.Machines.Stopped(ctx, p, m) == nil {
			b.replace(ctx, say, p, list, stoppedWords(m))
		}
	})
}

// start starts a notebook instance, says so in the place of the message, and tells
// below it once it is ready.
func (b *Bot) start(ctx context.Context, say speaker, p studio.Person, m studio.Machine, list bool) {
	if err := b.o.Machines.Start(ctx, p, m); err != nil {
		say.say(notice(machineRefusal(b.o, err, true)))
		return
	}
	said := make(chan struct{}) // that it is starting comes before that it is ready
	watched := b.slow.watch(startsWithin, func(ctx context.Context) {
		<-said
		b.tellStarted(ctx, say, p, m)
	})
	b.replace(ctx, say, p, list, startingWords(b.o, m, watched))
	close(said)
}

// tellStarted keeps the promise to tell when it is ready, or takes it back.
func (b *Bot) tellStarted(ctx context.Context, say speaker, p studio.Person, m studio.Machine) {
	err := b.o.Machines.Started(ctx, p, m)
	switch {
	case err == nil:
		say.promised(notice(startedWords(b.o, m)))
	case b.slow.ending():
		say.promised(notice(unwatchedWords(b.o, m, "This bot is being restarted, and doesn't watch it any more.")))
	case ctx.Err() != nil:
		say.promised(notice(unwatchedWords(b.o, m, "It takes longer than usual, and isn't watched any more.")))
	default:
		say.promised(notice(machineRefusal(b.o, err, true)))
	}
}

// replace puts news in the place of the pressed button's message: above the list
// where it was one, alone otherwise.
func (b *Bot) replace(ctx context.Context, say speaker, p studio.Person, list bool, news refusalWords) {
	m := notice(news)
	if list {
		// What was just changed is known without another look.
		if r, _, err := b.o.Machines.Running(ctx, p); err == nil {
			m = statusMessage(b.o, r, news, time.Now())
		}
	}
	m.ReplaceOriginal = true
	say.say(m)
}

// machineKey is what a button carries: which thing it is about, nothing more.
func machineKey(m studio.Machine) string {
	if m.Notebook != "" {
		return strings.Join([]string{"notebook", m.Domain, m.Notebook}, "/")
	}
	return strings.Join([]string{"app", m.Domain, m.Space, m.Type, m.App}, "/")
}

// parseMachine reads a button's value, which may be anything.
func parseMachine(value string) (studio.Machine, bool) {
	var m studio.Machine
	switch parts := strings.SplitN(value, "/", 6); {
	case len(value) > maxValue:
		return m, false
	case len(parts) == 3 && parts[0] == "notebook" && parts[2] != "":
		m = studio.Machine{Domain: parts[1], Notebook: parts[2]}
	case len(parts) == 5 && parts[0] == "app":
		m = studio.Machine{Domain: parts[1], Space: parts[2], Type: parts[3], App: parts[4]}
	}
	return m, m.Domain != "" && m.Valid()
}

// maxValue bounds what is read of a button's value; ours are shorter.
const maxValue = 500
