package bot

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

const (
	// ackTime is Slack's 3 seconds less a margin for the way back.
	ackTime = 2800 * time.Millisecond
	// doubt is how long before the end of its connection an acknowledgement may
	// have been written and still not have arrived: slack-go closes the socket
	// without waiting, and what it has queued is lost.
	doubt = time.Second
	// linger is how long the sockets stay open after the last acknowledgement
	// was handed over: slack-go queues it and doesn't tell when it was written.
	linger = 250 * time.Millisecond
)

var errNoSocket = errors.New("no connection to Slack in time")

// acks sends acknowledgements: on the connection that the envelope came by if
// it is still open, else on the other one, and once more on the other one where
// the connection ended before the acknowledgement surely arrived.
type acks struct {
	sockets []*socket
	log     *slog.Logger

	mu     sync.Mutex // guards the rest
	recent []sent     // by time, at most doubt old
	last   time.Time
	wake   chan struct{} // closed when a connection came up
	closed bool          // nothing is repeated any more

	repeats sync.WaitGroup
}

// sent is an acknowledgement that was handed to a socket.
type sent struct {
	at       time.Time
	socket   *socket
	envelope string
	payload  any
	repeated bool
}

func newAcks(sockets []*socket, log *slog.Logger) *acks {
	return &acks{sockets: sockets, log: log, wake: make(chan struct{})}
}

// send acknowledges an envelope that came by from; payload may be nil. It
// waits for a connection until deadline. After an error the acknowledgement
// was not sent.
func (a *acks) send(from *socket, envelope string, payload any, deadline time.Time) error {
	ctx, cancel := context.WithDeadline(context.Background(), deadline)
	defer cancel()
	return a.sendOn(ctx, from, sent{envelope: envelope, payload: payload})
}

func (a *acks) sendOn(ctx context.Context, first *socket, x sent) error {
	for {
		wake := a.waker()
		for _, s := range append([]*socket{first}, a.sockets...) {
			client, up := s.current()
			if !up {
				continue
			}
			if err := client.AckCtx(ctx, x.envelope, x.payload); err != nil {
				return err
			}
			x.at, x.socket = time.Now(), s
			a.note(x)
			return nil
		}
		select {
		case <-wake:
		case <-ctx.Done():
			return errNoSocket
		}
	}
}

// note remembers an acknowledgement for as long as it may be in doubt.
func (a *acks) note(x sent) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.last = x.at
	drop := 0
	for drop < len(a.recent) && x.at.Sub(a.recent[drop].at) > doubt {
		drop++
	}
	a.recent = append(a.recent[drop:], x)
}

// lost sends again what may not have arrived before the socket's connection
// ended. Slack ignores a second acknowledgement of an envelope.
func (a *acks) lost(s *socket) {
	now := time.Now()
	a.repeat(func(x sent) bool { return x.socket == s && now.Sub(x.at) <= doubt })
}

// again sends an acknowledgement again whose write failed.
func (a *acks) again(envelope string, s *socket) {
	a.repeat(func(x sent) bool { return x.socket == s && x.envelope == envelope })
}

// repeat sends the chosen acknowledgements once more, in the background.
func (a *acks) repeat(chosen func(sent) bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	var again []sent
	for i := range a.recent {
		if x := &a.recent[i]; !x.repeated && chosen(*x) {
			x.repeated = true
			again = append(again, *x)
		}
	}
	if len(again) == 0 || a.closed {
		return
	}
	a.repeats.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), ackTime)
		defer cancel()
		for _, x := range again {
			if err := a.sendOn(ctx, a.other(x.socket), x); err != nil {
				a.log.Warn("an acknowledgement may be lost with its connection", "envelope", x.envelope, "err", err)
			}
		}
	})
}

// other is the socket to try first when s has just failed.
func (a *acks) other(s *socket) *socket {
	for _, o := range a.sockets {
		if o != s {
			return o
		}
	}
	return s
}

func (a *acks) waker() <-chan struct{} {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.wake
}

// woke says that a connection came up.
func (a *acks) woke() {
	a.mu.Lock()
	defer a.mu.Unlock()
	close(a.wake)
	a.wake = make(chan struct{})
}

// flush waits until what was handed over last was surely written. The
// connections may be closed then, and nothing is repeated for that.
func (a *acks) flush() {
	a.mu.Lock()
	a.closed = true
	wait := time.Until(a.last.Add(linger))
	a.mu.Unlock()
	a.repeats.Wait()
	time.Sleep(wait)
}
