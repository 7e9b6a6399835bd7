package bot

import (
	"context"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"
)

const (
	// slowAtOnce is how much slow work goes on at a time, and slowQueue how much
	// more may wait for its turn.
	slowAtOnce, slowQueue = 64, 1024
	// slowTime bounds one piece of it, from its turn on.
	slowTime = 15 * time.Second
	// watching is how many things may be watched at a time: see watch.
	watching = 64
	// patient is how long an acknowledgement waits for its answer, of Slack's 3
	// seconds, before it says that the answer follows; and waiters how many may
	// wait like that: they take up the workers that launches need too.
	patient = 1500 * time.Millisecond
	waiters = 16
)

// slow does what takes longer than an acknowledgement may: a bounded number at a
// time, a bounded number waiting. It ends with the bot.
type slow struct {
	log  *slog.Logger
	rest *sync.WaitGroup // of the bot: who waits for its messages

	life context.Context
	end  context.CancelFunc

	turns, queue, watches, waits chan struct{}
}

func newSlow(rest *sync.WaitGroup, log *slog.Logger) *slow {
	s := &slow{
		log: log, rest: rest, turns: make(chan struct{}, slowAtOnce), queue: make(chan struct{}, slowAtOnce+slowQueue),
		watches: make(chan struct{}, watching), waits: make(chan struct{}, waiters),
	}
	s.life, s.end = context.WithCancel(context.Background())
	return s
}

// take tries to put somebody into a bounded place.
func take(place chan struct{}) bool {
	select {
	case place <- struct{}{}:
		return true
	default:
		return false
	}
}

// do does work in the background, and says whether there was room for it.
func (s *slow) do(work func(context.Context)) bool {
	if !take(s.queue) {
		return false
	}
	s.rest.Go(func() {
		defer func() { <-s.queue }()
		s.turns <- struct{}{}
		defer func() { <-s.turns }()
		ctx, cancel := context.WithTimeout(s.life, slowTime)
		defer cancel()
		s.safely(ctx, work)
	})
	return true
}

// watch waits in the background for something that takes minutes: work has to end
// with its context, which lives for as long as that. It says whether there was
// room.
func (s *slow) watch(long time.Duration, work func(context.Context)) bool {
	if !take(s.watches) {
		return false
	}
	s.rest.Go(func() {
		defer func() { <-s.watches }()
		ctx, cancel := context.WithTimeout(s.life, long)
		defer cancel()
		s.safely(ctx, work)
	})
	return true
}

// safely keeps a panic from ending the process.
func (s *slow) safely(ctx context.Context, work func(context.Context)) {
	defer func() {
		if r := recover(); r != nil {
			s.log.ErrorContext(ctx, "panic in slow work", "panic", r, "stack", string(debug.Stack()))
		}
	}()
	work(ctx)
}

// ending says whether the bot is being stopped.
func (s *slow) ending() bool { return s.life.Err() != nil }

// eventually returns what work makes, if that comes soon enough for an
// acknowledgement. Otherwise it returns meanwhile, and what work makes follows by
// the response URL, after the acknowledgement. Slack can't put it in the place of
// a command's first message: it is one of its own.
func (b *Bot) eventually(address string, meanwhile message, work func(context.Context) message) message {
	early, acked := make(chan message), make(chan struct{})
	began := b.slow.do(func(ctx context.Context) {
		m := notice(wordsBroken) // for whoever waits, if work panics
		defer func() {
			late := time.NewTimer(ackTime)
			defer late.Stop()
			select {
			case early <- m:
				return
			case <-acked:
			case <-late.C: // nobody acknowledged anything
			}
			b.later(address, m)
		}()
		m = work(ctx)
	})
	if !began {
		return notice(wordsBusy)
	}
	if take(b.slow.waits) {
		defer func() { <-b.slow.waits }()
		wait := time.NewTimer(patient)
		defer wait.Stop()
		select {
		case m := <-early:
			return m
		case <-wait.C:
		}
	}
	meanwhile.acked = sync.OnceFunc(func() { close(acked) })
	return meanwhile
}
