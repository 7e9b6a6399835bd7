package slacksim_test

import (
	"errors"
	"testing"
	"time"

	"github.com/studiobot/studiobot/internal/slacksim"
)

// The envelope moves with the death of its socket, to an open one or to the
// next one, and is answered there.
func TestRedeliveryAfterDeath(t *testing.T) {
	t.Parallel()
	for _, later := range []bool{false, true} {
		s := start(t, slacksim.Options{AckDeadline: patience})
		a := connect(t, s)
		var b *app
		if !later {
			b = connect(t, s)
		}
		p := s.StartCommand("U1", "/studio", "")
		first := a.next()
		s.Kill(1)
		a.closed()
		if later {
			b = connect(t, s)
		}
		second := b.next()
		if second.EnvelopeID != first.EnvelopeID || string(second.raw) != string(first.raw) {
			t.Errorf("redelivered %s for %s", second.raw, first.raw)
		}
		b.ack(second, launchMessage)
		if answer, err := p.Wait(within(t)); err != nil || answer.Message == nil {
			t.Errorf("%+v, %v", answer, err)
		}
		b.ack(second, "") // the answer to the first frame
		if r := waitNth(t, s, slacksim.KindAck, 2); r.Note == "" {
			t.Errorf("record %+v", r)
		}
		b.ack(second, "")
		wait(t, s, slacksim.KindDoubleAck)
	}
}

func waitNth(t *testing.T, s *slacksim.Server, kind string, n int) slacksim.Record {
	t.Helper()
	r, err := s.WaitFor(within(t), func(r slacksim.Record) bool {
		if r.Kind == kind {
			n--
		}
		return n == 0
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestNoRedeliver(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{NoRedeliver: true, AckDeadline: 100 * time.Millisecond})
	a := connect(t, s)
	b := connect(t, s)
	p := s.StartCommand("U1", "/studio", "")
	a.next()
	s.Kill(1)
	if answer, err := p.Wait(within(t)); err != nil || answer.Error != slacksim.ErrorTimeout {
		t.Errorf("%+v, %v", answer, err)
	}
	if len(b.got) != 0 {
		t.Errorf("redelivered: %s", (<-b.got).raw)
	}
}

func TestRedeliver(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	a := connect(t, s)
	p := s.StartCommand("U1", "/studio", "")
	first := a.next()
	a.ack(first, launchMessage)
	if _, err := p.Wait(within(t)); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		o    slacksim.RedeliverOptions
	}{
		{"the same", slacksim.RedeliverOptions{}},
		{"a retry", slacksim.RedeliverOptions{NewID: true, RetryAttempt: 1, RetryReason: "timeout"}},
		{"a retry under the same ID", slacksim.RedeliverOptions{RetryAttempt: 1, RetryReason: "timeout"}},
	}
	for i, tt := range tests {
		done := make(chan *slacksim.Answer, 1)
		go func() {
			answer, err := s.RedeliverAs(first.EnvelopeID, tt.o)
			if err != nil {
				t.Error(err)
			}
			done <- answer
		}()
		again := a.next()
		if string(again.Payload) != string(first.Payload) || again.Attempt != tt.o.RetryAttempt || again.RetryOf != tt.o.RetryReason {
			t.Errorf("%s: %s", tt.name, again.raw)
		}
		if (again.EnvelopeID != first.EnvelopeID) != tt.o.NewID {
			t.Errorf("%s: envelope ID %s", tt.name, again.EnvelopeID)
		}
		a.ack(again, launchMessage)
		if answer := <-done; answer == nil || answer.Message == nil {
			t.Errorf("%s: %+v", tt.name, answer)
		}
		if n := len(s.Messages("U1")); n != i+2 {
			t.Errorf("%s: %d messages", tt.name, n)
		}
	}
	if count(s, slacksim.KindDoubleAck) != 0 {
		t.Error("the answer to a redelivery counts as a second acknowledgement")
	}
	if _, err := s.Redeliver("nobody's"); !errors.Is(err, slacksim.ErrUnknownEnvelope) {
		t.Errorf("unknown envelope: %v", err)
	}
}
