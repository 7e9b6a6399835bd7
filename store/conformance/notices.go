package conformance

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/studiobot/studiobot/studio"
)

func notices() suite {
	return suite{
		"RemindersAreEachPersonsOwn":  remindersApart,
		"NoticesAreTakenWhenDue":      noticesWhenDue,
		"LaterNoticeTakesThePlace":    laterNotice,
		"NoticesAreApart":             noticesApart,
		"ConcurrentTakersShareThem":   noticesShared,
		"OldSerialMovesAndDropsNone":  oldSerial,
		"NoticesKeepEverything":       noticesKept,
		"MostOverdueNoticeComesFirst": noticesInOrder,
	}
}

// noticeOf has every field set.
func noticeOf(user, about string, due time.Time) studio.Notice {
	return studio.Notice{
		Kind: studio.NoticeReady, Person: studio.Person{Team: "T1", User: user}, About: about, Serial: "serial-1",
		Option: studio.Option{Domain: "research", Label: "Research", Profile: "jane-doe", Target: studio.Lab, Name: "my-space"},
		Begun:  due.Add(-time.Hour), Ends: due.Add(time.Hour), Due: due, Tries: 2,
	}
}

func putNotices(t *testing.T, s Store, ns ...studio.Notice) {
	t.Helper()
	for _, n := range ns {
		if err := s.PutNotice(ctx, n); err != nil {
			t.Fatal(err)
		}
	}
}

// due returns who about what was due.
func due(t *testing.T, s Store, kind studio.NoticeKind, at time.Time, limit int) []string {
	t.Helper()
	got, err := s.TakeNotices(ctx, kind, at, at.Add(time.Minute), limit)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, n := range got {
		if !n.Due.Equal(at.Add(time.Minute)) || n.Kind != kind {
			t.Errorf("taken at %v: %+v", at, n)
		}
		out = append(out, n.Person.User+" "+n.About)
	}
	return out
}

func remindersApart(t *testing.T, open func() Store) {
	a, b := studio.Person{Team: "T1", User: "U1"}, studio.Person{Team: "T2", User: "U1"}
	is := func(p studio.Person, want bool) {
		t.Helper()
		if on, err := open().Reminders(ctx, p); err != nil || on != want {
			t.Errorf("%v: %v, %v", p, on, err)
		}
	}
	set := func(p studio.Person, on bool) {
		t.Helper()
		for range 2 { // again is harmless
			if err := open().SetReminders(ctx, p, on); err != nil {
				t.Fatal(err)
			}
		}
	}
	is(a, false)
	set(a, true)
	is(a, true)
	is(b, false)
	set(b, false)
	is(a, true)
	set(a, false)
	is(a, false)
}

func noticesWhenDue(t *testing.T, open func() Store) {
	at := now()
	putNotices(t, open(), noticeOf("U1", "a", at))
	for _, x := range []struct {
		at   time.Time
		want []string
	}{
		{at.Add(-time.Millisecond), nil}, {at, []string{"U1 a"}}, {at.Add(time.Minute - time.Millisecond), nil}, {at.Add(time.Minute), []string{"U1 a"}},
	} {
		if got := due(t, open(), studio.NoticeReady, x.at, 10); !slices.Equal(got, x.want) {
			t.Errorf("at %v: %v, want %v", x.at.Sub(at), got, x.want)
		}
	}
	if err := open().DropNotice(ctx, noticeOf("U1", "a", at)); err != nil {
		t.Fatal(err)
	}
	if got := due(t, open(), studio.NoticeReady, at.Add(time.Hour), 10); got != nil {
		t.Errorf("it was dropped: %v", got)
	}
}

func laterNotice(t *testing.T, open func() Store) {
	at := now()
	later := noticeOf("U1", "a", at.Add(time.Hour))
	later.Serial = "serial-2"
	putNotices(t, open(), noticeOf("U1", "a", at), later)
	if got := due(t, open(), studio.NoticeReady, at, 10); got != nil {
		t.Errorf("the earlier one is due: %v", got)
	}
	if got := due(t, open(), studio.NoticeReady, at.Add(time.Hour), 10); !slices.Equal(got, []string{"U1 a"}) {
		t.Errorf("got %v", got)
	}
}

func noticesApart(t *testing.T, open func() Store) {
	at := now()
	other, kind := noticeOf("U1", "a", at), noticeOf("U1", "a", at)
	other.Person.Team, kind.Kind = "T2", studio.NoticeEnds
	putNotices(t, open(), noticeOf("U1", "a", at), noticeOf("U1", "b", at), noticeOf("U2", "a", at), other, kind)
	if err := open().DropNotice(ctx, noticeOf("U1", "b", at)); err != nil {
		t.Fatal(err)
	}
	if got := due(t, open(), studio.NoticeReady, at, 10); !slices.Equal(got, []string{"U1 a", "U2 a", "U1 a"}) {
		t.Errorf("got %v", got)
	}
	if got := due(t, open(), studio.NoticeEnds, at, 10); !slices.Equal(got, []string{"U1 a"}) {
		t.Errorf("of the other kind: %v", got)
	}
}

func noticesShared(t *testing.T, open func() Store) {
	at := now()
	const many = 60
	for i := range many {
		putNotices(t, open(), noticeOf(fmt.Sprintf("U%03d", i), "a", at))
	}
	var mu sync.Mutex
	seen := map[string]int{}
	var wg sync.WaitGroup
	for range 8 {
		s := open()
		wg.Go(func() {
			for {
				got, err := s.TakeNotices(ctx, studio.NoticeReady, at, at.Add(time.Minute), 7)
				if err != nil {
					t.Error(err)
				}
				if len(got) > 7 {
					t.Errorf("%d at a time", len(got))
				}
				if err != nil || len(got) == 0 {
					return
				}
				mu.Lock()
				for _, n := range got {
					seen[n.Person.User]++
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	for user, n := range seen {
		if n != 1 {
			t.Errorf("%s was taken %d times", user, n)
		}
	}
	if len(seen) != many {
		t.Errorf("%d were taken", len(seen))
	}
}

func oldSerial(t *testing.T, open func() Store) {
	at := now()
	old, young := noticeOf("U1", "a", at), noticeOf("U1", "a", at)
	young.Serial = "serial-2"
	putNotices(t, open(), old, young)
	old.Due = at.Add(time.Hour)
	if err := open().MoveNotice(ctx, old); err != nil {
		t.Fatal(err)
	}
	if err := open().DropNotice(ctx, old); err != nil {
		t.Fatal(err)
	}
	if got := due(t, open(), studio.NoticeReady, at, 10); !slices.Equal(got, []string{"U1 a"}) {
		t.Errorf("an old serial did something: %v", got)
	}
	young.Due = at.Add(2 * time.Hour)
	if err := open().MoveNotice(ctx, young); err != nil {
		t.Fatal(err)
	}
	if got := due(t, open(), studio.NoticeReady, at.Add(time.Hour), 10); got != nil {
		t.Errorf("it was moved: %v", got)
	}
	gone := noticeOf("U2", "a", at)
	if err := open().MoveNotice(ctx, gone); err != nil {
		t.Errorf("one that isn't there: %v", err)
	}
	young.Serial = "" // whichever
	if err := open().DropNotice(ctx, young); err != nil {
		t.Fatal(err)
	}
	if got := due(t, open(), studio.NoticeReady, at.Add(24*time.Hour), 10); got != nil {
		t.Errorf("then there is %v", got)
	}
}

func noticesKept(t *testing.T, open func() Store) {
	want := noticeOf("U1", "a/b", now())
	putNotices(t, open(), want)
	want.Tries++
	if err := open().MoveNotice(ctx, want); err != nil {
		t.Fatal(err)
	}
	got, err := open().TakeNotices(ctx, studio.NoticeReady, want.Due, want.Due, 1)
	if err != nil || len(got) != 1 {
		t.Fatalf("%v, %v", got, err)
	}
	if g := got[0]; !g.Begun.Equal(want.Begun) || !g.Ends.Equal(want.Ends) || !g.Due.Equal(want.Due) {
		t.Errorf("got %+v, want %+v", g, want)
	}
	got[0].Begun, got[0].Ends, got[0].Due = want.Begun, want.Ends, want.Due
	if got[0] != want {
		t.Errorf("got %+v, want %+v", got[0], want)
	}
}

func noticesInOrder(t *testing.T, open func() Store) {
	at := now()
	putNotices(t, open(), noticeOf("U1", "a", at), noticeOf("U2", "a", at.Add(-time.Second)), noticeOf("U3", "a", at.Add(-time.Hour)), noticeOf("U4", "a", at.Add(time.Second)))
	if got := due(t, open(), studio.NoticeReady, at, 2); !slices.Equal(got, []string{"U3 a", "U2 a"}) {
		t.Errorf("got %v", got)
	}
	if got := due(t, open(), studio.NoticeReady, at, 2); !slices.Equal(got, []string{"U1 a"}) {
		t.Errorf("then %v", got)
	}
}
