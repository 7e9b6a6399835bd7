package sagemaker

import (
	"container/list"
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/studiobot/studiobot/studio"
)

// maxSessions bounds how many people's sessions are kept, at some 2 KB each.
const maxSessions = 5_000

// freshPart is the part of a session's life in which launches are made with it.
// What AWS allows the role is enforced for every request of a browser in Studio,
// and whether Studio outlives the role session that opened it isn't documented: a
// launch costs nobody more than a tenth of it.
const freshPart = 10

// sessions keeps the sessions of people: one is asked for once, however many
// wait for it.
type sessions struct {
	limit int
	ask   func(ctx context.Context, d *domain, s session) (aws.Credentials, error)

	mu     sync.Mutex // guards the rest
	kept   map[sessionKey]*list.Element
	order  *list.List // of *held, what was used last at the front
	flying map[sessionKey]*flight
}

// sessionKey is whose role, and what was asked for.
type sessionKey struct {
	d *domain
	s session
}

// held is a session that was given out.
type held struct {
	key   sessionKey
	creds aws.Credentials
	since time.Time // from before it was asked for
}

// flight is a question that is on its way; done is closed when it has landed.
type flight struct {
	done chan struct{}
	got  *held
	err  error
}

func newSessions(ask func(context.Context, *domain, session) (aws.Credentials, error)) *sessions {
	return &sessions{limit: maxSessions, ask: ask, kept: map[sessionKey]*list.Element{}, order: list.New(), flying: map[sessionKey]*flight{}}
}

// get returns the session, and whether it was there before.
func (x *sessions) get(ctx context.Context, d *domain, s session) (*held, bool, error) {
	key := sessionKey{d, s}
	x.mu.Lock()
	if h := x.fresh(key, time.Now()); h != nil {
		x.mu.Unlock()
		return h, true, nil
	}
	f := x.flying[key]
	if f == nil {
		f = &flight{done: make(chan struct{})}
		x.flying[key] = f
		go x.fly(context.WithoutCancel(ctx), key, f)
	}
	x.mu.Unlock()
	select {
	case <-f.done:
		return f.got, false, f.err
	case <-ctx.Done():
		return nil, false, &credentialsError{&assumeError{d.actor.ARN, ctx.Err()}}
	}
}

// fresh returns what is kept and fresh. Its caller holds the lock.
func (x *sessions) fresh(key sessionKey, now time.Time) *held {
	e := x.kept[key]
	if e == nil {
		return nil
	}
	h := e.Value.(*held)
	// A machine that was suspended knows that by the time of day only.
	if age := max(now.Sub(h.since), now.Round(0).Sub(h.since.Round(0))); age >= key.s.life/freshPart || age < 0 {
		x.remove(e)
		return nil
	}
	x.order.MoveToFront(e)
	return h
}

func (x *sessions) fly(ctx context.Context, key sessionKey, f *flight) {
	h := &held{key: key, since: time.Now()}
	f.err = fmt.Errorf("%w: the question for a role session ended early", studio.ErrUnavailable)
	defer func() {
		x.mu.Lock()
		defer x.mu.Unlock()
		delete(x.flying, key)
		if f.err == nil {
			x.keep(h)
		}
		close(f.done)
	}()
	ctx, cancel := context.WithTimeout(ctx, openDeadline)
	defer cancel()
	h.creds, f.err = x.ask(ctx, key.d, key.s)
	f.got = h
}

// keep makes room for one more. Its caller holds the lock.
func (x *sessions) keep(h *held) {
	if e := x.kept[h.key]; e != nil {
		x.remove(e)
	}
	for x.order.Len() >= x.limit {
		x.remove(x.order.Back())
	}
	x.kept[h.key] = x.order.PushFront(h)
}

func (x *sessions) remove(e *list.Element) {
	x.order.Remove(e)
	delete(x.kept, e.Value.(*held).key)
}

// drop forgets a session that AWS takes no longer.
func (x *sessions) drop(h *held) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if e := x.kept[h.key]; e != nil && e.Value.(*held) == h {
		x.remove(e)
	}
}
