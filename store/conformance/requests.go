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

	"github.com/studiobot/studiobot/requests"
	"github.com/studiobot/studiobot/studio"
)

func requestsSuite() suite {
	return suite{
		"RequestRoundTrip":                 requestRoundTrip,
		"UnfinishedRequestStays":           unfinishedStays,
		"FinishedRequestIsReplaced":        finishedIsReplaced,
		"ConcurrentRequestsMakeOne":        concurrentRequests,
		"MissingRequest":                   missingRequest,
		"RefusedRequestUpdateKeepsNothing": refusedRequestUpdate,
		"ConcurrentRequestUpdatesAllCount": concurrentRequestUpdates,
		"OneDeciderAmongMany":              oneDecider,
		"UnfinishedOldestFirst":            unfinishedOldestFirst,
	}
}

// request is one as it is when somebody asks.
func request(id string) studio.Request {
	at := now()
	return studio.Request{
		ID: id, Serial: "serial-" + id, Person: studio.Person{Team: "T1", User: "U1"}, Domain: "research", Label: "Research · dev",
		Profile: "jane-doe", Asked: at, Closes: at.Add(7 * 24 * time.Hour), State: studio.RequestOpen,
	}
}

func ask(t *testing.T, s Store, r studio.Request) {
	t.Helper()
	if _, created, err := s.CreateRequest(ctx, r); err != nil || !created {
		t.Fatalf("CreateRequest = created %v, %v", created, err)
	}
}

func finish(t *testing.T, s Store, id string) studio.Request {
	t.Helper()
	r, err := s.UpdateRequest(ctx, id, func(r *studio.Request) error {
		r.State, r.Decided, r.Finished = studio.RequestDenied, r.Asked.Add(time.Minute), true
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func sameRequest(t *testing.T, got, want studio.Request) {
	t.Helper()
	for _, r := range []*studio.Request{&got, &want} {
		for _, at := range []*time.Time{&r.Asked, &r.Closes, &r.Decided, &r.Next} {
			*at = at.UTC()
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func loadsRequest(t *testing.T, s Store, want studio.Request) {
	t.Helper()
	got, err := s.LoadRequest(ctx, want.ID)
	if err != nil {
		t.Fatal(err)
	}
	sameRequest(t, got, want)
}

// requestRoundTrip has every field set, those of a later version too: one that
// is zero here fails the test.
func requestRoundTrip(t *testing.T, open func() Store) {
	full := request("full")
	full.Reason, full.Answer = strings.Repeat("ü", 500), "<not> & \"now\"\n"
	full.Decider, full.Decided = studio.Person{Team: "T1", User: "U2"}, full.Asked.Add(time.Hour)
	full.Undone, full.Withdrawer = true, studio.Person{Team: "T1", User: "U4"}
	full.Exists, full.Others = "yes", []studio.Person{{Team: "T1", User: "U3"}}
	full.Channel, full.Message = "C1", "1581136319.685647"
	full.Seen, full.Made, full.Linked, full.Shown, full.Told, full.Finished = true, true, true, true, true, true
	full.Next, full.Tries = full.Asked.Add(2*time.Hour), 3
	for i, v := 0, reflect.ValueOf(full); i < v.NumField(); i++ {
		if v.Field(i).IsZero() {
			t.Errorf("%s isn't set", v.Type().Field(i).Name)
		}
	}
	bare := request("bare")
	for _, r := range []studio.Request{full, bare} {
		kept, created, err := open().CreateRequest(ctx, r)
		if err != nil || !created {
			t.Fatalf("CreateRequest = %v, %v", created, err)
		}
		sameRequest(t, kept, r)
		loadsRequest(t, open(), r)
	}
	got, err := open().UpdateRequest(ctx, "bare", func(r *studio.Request) error { *r = full; r.ID = "bare"; return nil })
	if err != nil {
		t.Fatal(err)
	}
	full.ID = "bare"
	sameRequest(t, got, full)
	loadsRequest(t, open(), full)
}

func unfinishedStays(t *testing.T, open func() Store) {
	first, second := request("a"), request("a")
	second.Serial = "another"
	ask(t, open(), first)
	for _, state := range []studio.RequestState{studio.RequestOpen, studio.RequestApproved} {
		_, err := open().UpdateRequest(ctx, "a", func(r *studio.Request) error { r.State = state; return nil })
		if err != nil {
			t.Fatal(err)
		}
		kept, created, err := open().CreateRequest(ctx, second)
		if err != nil || created {
			t.Fatalf("CreateRequest beside one that is %s: created %v, %v", state, created, err)
		}
		first.State = state
		sameRequest(t, kept, first)
		loadsRequest(t, open(), first)
	}
}

func finishedIsReplaced(t *testing.T, open func() Store) {
	ask(t, open(), request("a"))
	loadsRequest(t, open(), finish(t, open(), "a")) // finished ones stay known
	second := request("a")
	second.Serial, second.Asked = "another", second.Asked.Add(time.Hour)
	kept, created, err := open().CreateRequest(ctx, second)
	if err != nil || !created {
		t.Fatalf("CreateRequest after a finished one: created %v, %v", created, err)
	}
	sameRequest(t, kept, second)
	loadsRequest(t, open(), second)
	if rs, err := open().UnfinishedRequests(ctx); err != nil || len(rs) != 1 || rs[0].Serial != "another" {
		t.Errorf("UnfinishedRequests = %+v, %v", rs, err)
	}
}

// concurrentRequests asks at first where there is nothing, then where there is
// a finished request.
func concurrentRequests(t *testing.T, open func() Store) {
	for round := range 3 {
		var made atomic.Int64
		var serial atomic.Value
		serials := make([]string, 16)
		var wg sync.WaitGroup
		for i := range serials {
			s := open()
			wg.Go(func() {
				r := request("a")
				r.Serial = fmt.Sprint(round, "-", i)
				kept, created, err := s.CreateRequest(ctx, r)
				if err != nil {
					t.Error(err)
				}
				if created {
					made.Add(1)
					serial.Store(r.Serial)
				}
				serials[i] = kept.Serial
			})
		}
		wg.Wait()
		if made.Load() != 1 {
			t.Fatalf("%d of 16 concurrent calls created the request", made.Load())
		}
		for _, got := range serials {
			if got != serial.Load() {
				t.Errorf("a call returned request %q, and %q was created", got, serial.Load())
			}
		}
		finish(t, open(), "a")
	}
}

func missingRequest(t *testing.T, open func() Store) {
	if _, err := open().LoadRequest(ctx, "nope"); !errors.Is(err, requests.ErrNotFound) {
		t.Errorf("LoadRequest = %v, want ErrNotFound", err)
	}
	_, err := open().UpdateRequest(ctx, "nope", func(*studio.Request) error { t.Error("change was called"); return nil })
	if !errors.Is(err, requests.ErrNotFound) {
		t.Errorf("UpdateRequest = %v, want ErrNotFound", err)
	}
	if rs, err := open().UnfinishedRequests(ctx); err != nil || len(rs) != 0 {
		t.Errorf("UnfinishedRequests = %+v, %v", rs, err)
	}
}
