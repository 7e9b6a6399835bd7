package slacksim_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/studiobot/studiobot/internal/slacksim"
)

func TestHistoryIsBounded(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{HistoryLimit: 100, NoRateLimits: true})
	for range 250 {
		post(t, s, "auth.test", s.BotToken(), nil)
	}
	records := s.History()
	if len(records) != 100 || records[0].Seq != 151 || records[99].Seq != 250 || s.Mark() != 250 {
		t.Errorf("%d records", len(records))
	}
	for i, r := range records[1:] {
		if r.Seq != records[i].Seq+1 || r.At.Before(records[i].At) {
			t.Fatalf("record %d follows %d", r.Seq, records[i].Seq)
		}
	}
	if n := s.Calls("auth.test"); n != 250 {
		t.Errorf("%d calls", n)
	}
}

func TestHistoryIsBoundedInBytes(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{HistoryBytes: 2000})
	for range 50 {
		post(t, s, "auth.test", s.BotToken(), obj{"note": string(make([]byte, 30))})
	}
	held := 0
	records := s.History()
	for _, r := range records {
		held += len(r.Body)
	}
	if held > 2000 || len(records) == 0 || len(records) == 50 {
		t.Errorf("%d records of %d bytes", len(records), held)
	}
}

func TestWaitFor(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	post(t, s, "auth.test", s.BotToken(), nil)
	api := func(r slacksim.Record) bool { return r.Kind == slacksim.KindAPI }
	first, err := s.WaitFor(within(t), api) // it is there already
	if err != nil || first.Method != "auth.test" || first.Status != 200 {
		t.Errorf("%+v, %v", first, err)
	}
	got := make(chan slacksim.Record, 1)
	go func() {
		r, err := s.WaitForAfter(within(t), first.Seq, api)
		if err != nil {
			t.Error(err)
		}
		got <- r
	}()
	post(t, s, "users.info", s.BotToken(), nil)
	if r := <-got; r.Method != "users.info" || r.Note != "user_not_found" {
		t.Errorf("%+v", r)
	}
	ctx, cancel := context.WithTimeout(within(t), 10*time.Millisecond)
	defer cancel()
	if _, err := s.WaitFor(ctx, func(slacksim.Record) bool { return false }); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("nothing to find: %v", err)
	}
}

func TestSubscribeDropsTheOldest(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{NoRateLimits: true})
	records, stop := s.Subscribe()
	const sent = 1500
	for range sent {
		post(t, s, "auth.test", s.BotToken(), nil)
	}
	if first := <-records; first.Seq != sent-1024+1 {
		t.Errorf("the oldest is %d", first.Seq)
	}
	stop()
	stop()
	n := 0
	for range records {
		n++
	}
	if n != 1023 {
		t.Errorf("%d more", n)
	}
	post(t, s, "auth.test", s.BotToken(), nil) // sends to nobody
}
