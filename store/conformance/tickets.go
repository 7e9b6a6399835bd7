package conformance

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/studiobot/studiobot/launch"
	"github.com/studiobot/studiobot/studio"
)

func tickets() suite {
	return suite{
		"CreateThenLoad":               createThenLoad,
		"CreateKeepsTheFirst":          createKeepsTheFirst,
		"ConcurrentCreatesMakeOne":     concurrentCreatesMakeOne,
		"MissingTicket":                missingTicket,
		"UpdateKeeps":                  updateKeeps,
		"RefusedUpdateKeepsNothing":    refusedUpdate,
		"NothingIsSharedWithTheCaller": nothingShared,
		"ConcurrentUpdatesAllCount":    concurrentUpdates,
		"OneWinnerAmongMany":           oneWinner,
		"LongestRecord":                longestRecord,
	}
}

// ticket has every field set, so that a round trip that loses one is seen.
func ticket(id string) launch.Ticket {
	at := time.Now().UTC().Truncate(time.Millisecond)
	return launch.Ticket{
		ID: id, Ref: "REF0-0001", Person: studio.Person{Team: "T1", User: "U1"}, Email: "a keyed hash", Issued: at, Expires: at.Add(2 * time.Minute),
		Buttons: []launch.Button{
			{
				Option:  studio.Option{Domain: "research", Label: "Research · dev", Profile: "jane-doe", Target: "studio"},
				Clicked: at.Add(1 * time.Second), Click: "1581136319.685647", ResponseURL: "https://hooks.slack.com/actions/T1/x/y",
				Armed: at.Add(2 * time.Second), Attempt: "attempt", Opening: at.Add(3 * time.Second), Spent: at.Add(4 * time.Second), Burned: at.Add(5 * time.Second),
				Visitors: []launch.Visitor{{Net: "n", Cookie: "c", First: at.Add(-time.Second), Asked: at.Add(6 * time.Second)}},
			},
			{Option: studio.Option{Domain: "prod", Label: "Prod", Profile: "jd"}},
		},
	}
}

func create(t *testing.T, s launch.Store, x launch.Ticket) {
	t.Helper()
	if _, created, err := s.Create(ctx, x); err != nil || !created {
		t.Fatalf("Create = created %v, %v", created, err)
	}
}

func load(t *testing.T, s launch.Store, id string) launch.Ticket {
	t.Helper()
	x, err := s.Load(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// same compares records; times by the instant, since an engine may keep UTC.
func same(t *testing.T, got, want launch.Ticket) {
	t.Helper()
	if !reflect.DeepEqual(utc(got), utc(want)) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func utc(x launch.Ticket) launch.Ticket {
	x = x.Clone()
	x.Issued, x.Expires = x.Issued.UTC(), x.Expires.UTC()
	for i := range x.Buttons {
		b := &x.Buttons[i]
		for _, at := range []*time.Time{&b.Clicked, &b.Armed, &b.Opening, &b.Spent, &b.Burned} {
			*at = at.UTC()
		}
		for j := range b.Visitors {
			b.Visitors[j].First, b.Visitors[j].Asked = b.Visitors[j].First.UTC(), b.Visitors[j].Asked.UTC()
		}
	}
	return x
}

func createThenLoad(t *testing.T, open func() Store) {
	want := ticket("a")
	kept, created, err := open().Create(ctx, want)
	if err != nil || !created {
		t.Fatalf("Create = %v, %v", created, err)
	}
	same(t, kept, want)
	same(t, load(t, open(), "a"), want)
}

func createKeepsTheFirst(t *testing.T, open func() Store) {
	first, second := ticket("a"), ticket("a")
	second.Ref = "REF0-0002"
	create(t, open(), first)
	kept, created, err := open().Create(ctx, second)
	if err != nil || created {
		t.Fatalf("second Create = created %v, %v", created, err)
	}
	same(t, kept, first)
	same(t, load(t, open(), "a"), first)
}

func concurrentCreatesMakeOne(t *testing.T, open func() Store) {
	var made atomic.Int64
	var wg sync.WaitGroup
	for i := range 16 {
		s := open()
		wg.Go(func() {
			x := ticket("a")
			x.Ref = fmt.Sprint(i)
			_, created, err := s.Create(ctx, x)
			if err != nil {
				t.Error(err)
			}
			if created {
				made.Add(1)
			}
		})
	}
	wg.Wait()
	if made.Load() != 1 {
		t.Errorf("%d of 16 concurrent calls created the ticket", made.Load())
	}
}

func missingTicket(t *testing.T, open func() Store) {
	if _, err := open().Load(ctx, "nope"); !errors.Is(err, launch.ErrNotFound) {
		t.Errorf("Load = %v, want ErrNotFound", err)
	}
	_, err := open().Update(ctx, "nope", func(*launch.Ticket) error { t.Error("change was called"); return nil })
	if !errors.Is(err, launch.ErrNotFound) {
		t.Errorf("Update = %v, want ErrNotFound", err)
	}
}

// longestRecord is a ticket as large as the rules let it become.
func longestRecord(t *testing.T, open func() Store) {
	x := ticket("a")
	x.Buttons = x.Buttons[:1]
	for len(x.Buttons) < 25 {
		x.Buttons = append(x.Buttons, x.Clone().Buttons[0])
	}
	for i := range x.Buttons {
		x.Buttons[i].Option.Label = strings.Repeat("ü", 60)
		for len(x.Buttons[i].Visitors) < 32 {
			v := x.Buttons[i].Visitors[0]
			v.Net, v.Cookie = strings.Repeat("n", 16), strings.Repeat("c", 16)
			x.Buttons[i].Visitors = append(x.Buttons[i].Visitors, v)
		}
	}
	create(t, open(), x)
	same(t, load(t, open(), "a"), x)
}
