package mapping

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/studiobot/studiobot/studio"
)

const (
	// askWithin bounds one question to Slack: a command has 3 s in all.
	askWithin = 1500 * time.Millisecond
	// asksAtOnce bounds the questions under way; Slack takes about a hundred a
	// minute.
	asksAtOnce = 16
	// absentFor is how long "there is no such person" counts.
	absentFor = 30 * time.Second
	// maxAbsent bounds how many of them are remembered.
	maxAbsent = 10_000
)

// Asker asks Slack for one person. bot.Bot is the one that production has.
type Asker interface {
	// Ask returns what Slack says now, and ends with ctx.
	// studio.ErrUnknownPerson means that there is no such person; any other
	// error, that Slack can't say. The error's text goes to the log.
	Ask(ctx context.Context, user string) (studio.Member, error)
}

// askOnce asks for a person, once for all who wait for the answer. The question
// doesn't end with the first of them to leave.
func (d *Directory) askOnce(ctx context.Context, user string) (studio.Member, error) {
	wait, cancel := context.WithTimeout(ctx, d.o.AskWithin)
	defer cancel()
	answer := d.flight.DoChan(user, func() (any, error) { return d.ask(context.WithoutCancel(ctx), user) })
	select {
	case r := <-answer:
		if r.Err != nil {
			return studio.Member{}, r.Err
		}
		return r.Val.(studio.Member), nil
	case <-wait.Done():
		return studio.Member{}, unsure(wait.Err())
	}
}

// unsure hides what the cause wraps: whatever it is, it is no answer.
func unsure(cause error) error {
	return fmt.Errorf("%w: ask Slack for the person: %v", studio.ErrUnsure, cause)
}

// ask asks for a person and keeps the answer, unless something younger was said
// meanwhile.
func (d *Directory) ask(ctx context.Context, user string) (studio.Member, error) {
	ctx, cancel := context.WithTimeout(ctx, d.o.AskWithin)
	defer cancel()
	select {
	case d.turns <- struct{}{}:
		defer func() { <-d.turns }()
	case <-ctx.Done():
		return studio.Member{}, unsure(errors.New("too many questions at once"))
	}
	asOf := d.moment()
	m, err := d.question(ctx, user)
	switch {
	case err == nil && m.User != user:
		err = errors.New("the answer is about somebody else")
	case err == nil:
		d.take(m, asOf)
	case errors.Is(err, studio.ErrUnknownPerson):
		d.people.drop(user, asOf)
	}
	if now, ok := d.fresh(user); ok {
		return now, nil
	}
	switch {
	case errors.Is(err, studio.ErrUnknownPerson):
		d.absent.add(user, d.now())
		return studio.Member{}, studio.ErrUnknownPerson
	case err != nil:
		return studio.Member{}, unsure(err)
	}
	return m, nil // the directory is full
}

// question is Ask. A panic in it would end the process, since nobody who could
// catch it is above: it becomes an error.
func (d *Directory) question(ctx context.Context, user string) (m studio.Member, err error) {
	defer func() {
		if p := recover(); p != nil {
			d.o.Log.ErrorContext(ctx, "panic while Slack was asked for a person", "user", user, "panic", fmt.Sprint(p))
			m, err = studio.Member{}, errors.New("panic")
		}
	}()
	return d.o.Asker.Ask(ctx, user)
}

// absent remembers for a short while of whom Slack doesn't know, so that
// repeating an ID that doesn't exist costs no question.
type absent struct {
	mu    sync.Mutex
	until map[string]int64
}

func (a *absent) has(user string, now int64) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return now < a.until[user]
}

// add remembers one more, if there is room: the questions under way are bounded
// anyhow.
func (a *absent) add(user string, now int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.until) >= maxAbsent {
		for u, until := range a.until {
			if now >= until {
				delete(a.until, u)
			}
		}
	}
	if len(a.until) < maxAbsent {
		a.until[user] = now + int64(absentFor)
	}
}
