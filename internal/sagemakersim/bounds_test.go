package sagemakersim

import (
	"slices"
	"testing"
	"time"
)

func TestFeedIsBounded(t *testing.T) {
	t.Parallel()
	f := newFeed[int]()
	slow, stop := f.subscribe()
	defer stop()
	for range 3*historyLimit + 7 {
		f.add(func(seq int) int { return seq })
	}
	got := f.all()
	if len(got) != historyLimit || !slices.IsSorted(got) || got[len(got)-1] != 3*historyLimit+7 {
		t.Errorf("%d kept, from %d to %d", len(got), got[0], got[len(got)-1])
	}
	if first := <-slow; first <= historyLimit {
		t.Errorf("a slow reader has item %d, the oldest should be gone", first)
	}
}

func TestBookIsBounded(t *testing.T) {
	t.Parallel()
	s := newShelf[int]()
	for i := range bookLimit + 10 {
		s.put(time.Duration(i).String(), i)
	}
	if len(s.items) != bookLimit || len(s.order) != bookLimit {
		t.Errorf("%d kept", len(s.items))
	}
	if _, ok := s.items[time.Duration(9).String()]; ok {
		t.Error("the oldest is still there")
	}
	if _, ok := s.items[time.Duration(bookLimit+9).String()]; !ok {
		t.Error("the latest is gone")
	}
}

// A URL ends with its own life, to the second.
func TestURLLife(t *testing.T) {
	t.Parallel()
	b := newURLBook("http://127.0.0.1/auth?token=", realLength)
	now := time.Now()
	token := func() string { return b.mint(grant{profile: "jane"}, now, 5*time.Second)[len(b.prefix):] }
	if _, reason := b.redeem(token(), now.Add(5*time.Second-1)); reason != "" {
		t.Errorf("in time: %s", reason)
	}
	if _, reason := b.redeem(token(), now.Add(5*time.Second)); reason != ReasonExpired {
		t.Errorf("at the end: %q", reason)
	}
}
