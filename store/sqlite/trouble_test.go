package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/studiobot/studiobot/launch"
	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/requests"
	"github.com/studiobot/studiobot/store/sqlite"
	"github.com/studiobot/studiobot/studio"
)

// writes are all methods that write, each with something to do.
func writes(ctx context.Context, s *sqlite.Store) map[string]error {
	big := ticket("new")
	big.Buttons[0].Option.Label = strings.Repeat("x", 100_000)
	p := studio.Person{Team: "T1", User: "U1"}
	_, _, create := s.Create(ctx, big)
	_, update := s.Update(ctx, "old", func(x *launch.Ticket) error {
		x.Buttons[0].Option.Label = strings.Repeat("x", 100_000)
		return nil
	})
	long := link("U1", strings.Repeat("x", 100_000))
	_, _, drop := s.DropLink(ctx, p, "research", long.Profile, long.At)
	ask := request("new")
	ask.Reason = long.Profile
	_, _, createRequest := s.CreateRequest(ctx, ask)
	_, updateRequest := s.UpdateRequest(ctx, "old", func(r *studio.Request) error { r.Reason = long.Profile; return nil })
	return map[string]error{
		"PutLinks": s.PutLinks(ctx, long), "DropLink": drop, "CreateRequest": createRequest, "UpdateRequest": updateRequest,
		"KeepCopy":   s.KeepCopy(ctx, "new", long.At, []byte(long.Profile)),
		"KeepOpened": s.KeepOpened(ctx, []studio.Opened{{Person: p, Option: studio.Option{Profile: long.Profile}, At: long.At}}),
		"Create":     create, "Update": update,
		"Deny": s.Deny(ctx, p, launch.Denial{Reason: strings.Repeat("x", 100_000)}),
		"Lift": s.Lift(ctx, p, "was there"),
	}
}

// store has one ticket and one request, "old", one link and one denial.
func store(t *testing.T) *sqlite.Store {
	t.Helper()
	s := open(t, filepath.Join(t.TempDir(), "bot.db"), sqlite.Options{})
	create(t, s, ticket("old"))
	put(t, s, link("U1", "jane-doe"))
	if _, _, err := s.CreateRequest(ctx, request("old")); err != nil {
		t.Fatal(err)
	}
	if err := s.Deny(ctx, studio.Person{Team: "T1", User: "U1"}, launch.Denial{Reason: "was there"}); err != nil {
		t.Fatal(err)
	}
	return s
}

// asBefore says whether the store has what store put into it and nothing else.
func asBefore(t *testing.T, s *sqlite.Store) {
	t.Helper()
	checkWhole(t, s)
	if x, err := s.Load(ctx, "old"); err != nil || x.Buttons[0].Option.Label != "Research" {
		t.Errorf("the ticket that was there: %v", err)
	}
	if _, err := s.Load(ctx, "new"); !errors.Is(err, launch.ErrNotFound) {
		t.Errorf("the ticket that wasn't created: %v", err)
	}
	var links table
	if links.follow(t, s); len(links.profiles) != 1 || links.profiles["U1"] != "jane-doe" {
		t.Errorf("links: %d", len(links.profiles))
	}
	if rs, err := s.UnfinishedRequests(ctx); err != nil || len(rs) != 1 || rs[0].ID != "old" || rs[0].Reason != "" {
		t.Errorf("%d requests, %v", len(rs), err)
	}
	if _, taken, err := s.Copy(ctx, "new"); err != nil || !taken.IsZero() {
		t.Errorf("the copy that wasn't kept: %v, %v", taken, err)
	}
	ds, err := s.Denied(ctx, studio.Person{Team: "T1", User: "U1"})
	if err != nil || len(ds) != 1 || ds[0].Reason != "was there" {
		t.Errorf("%d denials, %v", len(ds), err)
	}
}

// SQLite answers a full disk and a file at max_page_count with the same code.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	s := store(t)
	if _, err := s.Writer().Exec(`PRAGMA max_page_count = 1`); err != nil { // raised to what there is
		t.Fatal(err)
	}
	for what, err := range writes(ctx, s) {
		if what != "Lift" && !errors.Is(err, sqlite.ErrDiskFull) {
			t.Errorf("%s on a full disk = %v", what, err)
		}
		if what == "Lift" && err != nil {
			t.Errorf("what needs no room fails: %v", err)
		}
		if errors.Is(err, launch.ErrFull) {
			t.Errorf("%s: a full disk is no full store", what)
		}
	}
	if err := s.Deny(ctx, studio.Person{Team: "T1", User: "U1"}, launch.Denial{Reason: "was there"}); err != nil {
		t.Fatal(err)
	}
	asBefore(t, s)
	if _, err := s.Writer().Exec(`PRAGMA max_page_count = 100000`); err != nil {
		t.Fatal(err)
	}
	create(t, s, ticket("new"))
}

func TestReadOnly(t *testing.T) {
	t.Parallel()
	s := store(t)
	if _, err := s.Writer().Exec(`PRAGMA query_only = ON`); err != nil {
		t.Fatal(err)
	}
	for what, err := range writes(ctx, s) {
		if !errors.Is(err, sqlite.ErrReadOnly) {
			t.Errorf("%s = %v", what, err)
		}
	}
	asBefore(t, s)
	if os.Geteuid() == 0 {
		return // root may write to any file
	}
	path := filepath.Join(t.TempDir(), "bot.db")
	shut(t, open(t, path, sqlite.Options{}))
	for what, mode := range map[string]os.FileMode{path: 0o400, filepath.Dir(path): 0o500} {
		info, err := os.Stat(what)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(what, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := sqlite.Open(ctx, path, sqlite.Options{}); !errors.Is(err, sqlite.ErrReadOnly) {
			t.Errorf("Open with %s read-only = %v", what, err)
		}
		if err := os.Chmod(what, info.Mode().Perm()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCancelledContext(t *testing.T) {
	t.Parallel()
	s := store(t)
	gone, cancel := context.WithCancel(ctx)
	cancel()
	errs := writes(gone, s)
	_, errs["Load"] = s.Load(gone, "old")
	_, errs["Load of no ticket"] = s.Load(gone, "nope")
	_, errs["Update of no ticket"] = s.Update(gone, "nope", spend)
	_, errs["Denied"] = s.Denied(gone, studio.Person{Team: "T1", User: "U1"})
	_, errs["LinkChanges"] = s.LinkChanges(gone, 0, func(mapping.Change) error { return nil })
	_, _, errs["DropLink of no link"] = s.DropLink(gone, studio.Person{}, "", "", time.Time{})
	_, errs["LoadRequest of none"] = s.LoadRequest(gone, "nope")
	_, errs["UpdateRequest of none"] = s.UpdateRequest(gone, "nope", decide)
	_, _, errs["Copy of none"] = s.Copy(gone, "nope")
	errs["LastOpened"] = s.LastOpened(gone, func(studio.Opened) error { return nil })
	errs["Ping"] = s.Ping(gone)
	_, errs["Open"] = sqlite.Open(gone, filepath.Join(t.TempDir(), "bot.db"), sqlite.Options{})
	for what, err := range errs {
		if !errors.Is(err, context.Canceled) || errors.Is(err, launch.ErrNotFound) || errors.Is(err, requests.ErrNotFound) {
			t.Errorf("%s with a cancelled context = %v", what, err)
		}
	}
	asBefore(t, s)
}

// The context ends in the middle of an update, or while another process has the
// file: the write is given up, and the next one works.
func TestCancelledInTheMiddle(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "bot.db")
	a, b := open(t, path, sqlite.Options{}), open(t, path, sqlite.Options{})
	create(t, a, ticket("old"))
	inside, cancel := context.WithCancel(ctx)
	_, err := a.Update(inside, "old", func(x *launch.Ticket) error {
		waiting, give := context.WithTimeout(ctx, 20*time.Millisecond)
		defer give()
		if _, err := b.Update(waiting, "old", spend); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Update while another one is under way = %v", err)
		}
		cancel()
		return spend(x)
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Update = %v", err)
	}
	if x, err := b.Load(ctx, "old"); err != nil || !x.Buttons[0].Spent.IsZero() {
		t.Errorf("spent all the same, or %v", err)
	}
	for _, s := range []*sqlite.Store{a, b} {
		if _, err := s.Update(ctx, "old", spend); err != nil {
			t.Error(err)
		}
	}
}

func TestPanicInChangeLeavesTheStoreUsable(t *testing.T) {
	t.Parallel()
	s := store(t)
	func() {
		defer func() { _ = recover() }()
		_, _ = s.Update(ctx, "old", func(*launch.Ticket) error { panic("in change") })
	}()
	func() {
		defer func() { _ = recover() }()
		_, _ = s.UpdateRequest(ctx, "old", func(*studio.Request) error { panic("in change") })
	}()
	func() {
		defer func() { _ = recover() }()
		_, _ = s.LinkChanges(ctx, 0, func(mapping.Change) error { panic("in each") })
	}()
	put(t, s, link("U1", "other"))
	if _, err := s.Update(ctx, "old", spend); err != nil {
		t.Error(err)
	}
}

func TestTwoHandlesManyGoroutines(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "bot.db")
	handles := []*sqlite.Store{open(t, path, sqlite.Options{}), open(t, path, sqlite.Options{})}
	const each = 6
	taken := errors.New("taken")
	var created, spent atomic.Int64
	var wg sync.WaitGroup
	for g := range 16 {
		s := handles[g%2]
		wg.Go(func() {
			for n := range each { // all of them fight for the same tickets
				id := fmt.Sprint(n)
				_, made, err := s.Create(ctx, ticket(id))
				if err != nil {
					t.Error(err)
				}
				if made {
					created.Add(1)
				}
				_, err = s.Update(ctx, id, func(x *launch.Ticket) error {
					if !x.Buttons[0].Spent.IsZero() {
						return taken
					}
					return spend(x)
				})
				switch {
				case err == nil:
					spent.Add(1)
				case !errors.Is(err, taken):
					t.Error(err)
				}
				if x, err := handles[(g+1)%2].Load(ctx, id); err != nil || x.Buttons[0].Spent.IsZero() {
					t.Errorf("the other handle doesn't see it: %v", err)
				}
			}
		})
	}
	wg.Wait()
	if created.Load() != each || spent.Load() != each {
		t.Errorf("%d created and %d spent, want %d of each", created.Load(), spent.Load(), each)
	}
	checkWhole(t, handles[0])
}
