package sqlite_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/store/sqlite"
	"github.com/studiobot/studiobot/studio"
)

// many links, all of them with one profile.
func many(n int, profile string) (ls []mapping.Link) {
	for i := range n {
		ls = append(ls, link(fmt.Sprint("U", i), profile))
	}
	return ls
}

// Whoever reads while batches come sees each of them whole or not at all, also
// by another handle.
func TestBatchesAreSeenWhole(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "bot.db")
	writer, reader := open(t, path, sqlite.Options{}), open(t, path, sqlite.Options{})
	const rounds, batch = 5, 1000 // as the contract says
	put(t, writer, many(batch, "0")...)
	var wg sync.WaitGroup
	var done atomic.Bool
	wg.Go(func() {
		defer done.Store(true)
		for n := range rounds {
			if err := writer.PutLinks(ctx, many(batch, fmt.Sprint(n+1))...); err != nil {
				t.Error(err)
			}
		}
	})
	for !done.Load() {
		profiles := map[string]int{}
		_, err := reader.LinkChanges(ctx, 0, func(c mapping.Change) error { profiles[c.Profile]++; return nil })
		if err != nil {
			t.Fatal(err)
		}
		for profile, n := range profiles {
			if n != batch {
				t.Errorf("of batch %s %d links are there: %v", profile, n, profiles)
			}
		}
	}
	wg.Wait()
}

// A long read holds up neither the writers nor the reads of this process and
// others, and sees nothing of what they write; the next one does.
func TestLongReadHoldsUpNobody(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "bot.db")
	s, other := open(t, path, sqlite.Options{}), open(t, path, sqlite.Options{})
	put(t, s, many(3, "x")...)
	create(t, s, ticket("a"))
	waiting, give := context.WithTimeout(ctx, time.Minute) // instead of for ever
	defer give()
	calls := 0
	rev, err := s.LinkChanges(waiting, 0, func(c mapping.Change) error {
		calls++
		if c.Profile != "x" {
			t.Errorf("it sees %+v", c)
		}
		for i, h := range []*sqlite.Store{s, other} {
			if err := h.PutLinks(waiting, link(fmt.Sprint("U", calls, i), "later"), link("U2", fmt.Sprint("later-", calls, i))); err != nil {
				return err
			}
			if _, err := h.Update(waiting, "a", spend); err != nil {
				return err
			}
			if _, err := h.Load(waiting, "a"); err != nil {
				return err
			}
		}
		return s.LastOpened(waiting, func(studio.Opened) error { return nil })
	})
	if err != nil || calls != 3 {
		t.Fatalf("LinkChanges = %v after %d calls", err, calls)
	}
	seen := 0
	if _, err := other.LinkChanges(ctx, rev, func(mapping.Change) error { seen++; return nil }); err != nil || seen != 7 {
		t.Errorf("the next one sees %d changes of 7, %v", seen, err)
	}
}

// While somebody reads, the log grows. It is given back when they are done.
func TestLogIsGivenBack(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "bot.db")
	s := open(t, path, sqlite.Options{})
	log := func() int64 {
		info, err := os.Stat(path + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	keep := func(n int) {
		if err := s.KeepCopy(ctx, "a", time.Now().Add(time.Duration(n)*time.Second), bytes.Repeat([]byte{byte(n)}, 4<<20)); err != nil {
			t.Fatal(err)
		}
	}
	put(t, s, link("U1", "x"))
	const limit = 16 << 20
	_, err := s.LinkChanges(ctx, 0, func(mapping.Change) error {
		for n := range 6 {
			keep(n)
		}
		return nil
	})
	if grown := log(); err != nil || grown <= limit {
		t.Fatalf("the log has %d bytes (%v); this test shows nothing", grown, err)
	}
	for n := range 3 {
		keep(10 + n)
	}
	if got := log(); got > limit {
		t.Errorf("the log keeps %d bytes", got)
	}
}

// studiobot mapping import works on a file that the bot has open: both see each
// other's links, and the bot goes on issuing links meanwhile.
func TestImportIntoAFileInUse(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "bot.db")
	bot := open(t, path, sqlite.Options{})
	put(t, bot, link("U1", "made in Slack"), link("admin", "made in Slack"))
	var links table
	links.follow(t, bot)
	var wg sync.WaitGroup
	var done atomic.Bool
	wg.Go(func() {
		defer done.Store(true)
		importer, err := sqlite.Open(ctx, path, sqlite.Options{})
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = importer.Close() }()
		var seen table
		if seen.follow(t, importer); seen.profiles["admin"] != "made in Slack" {
			t.Errorf("the import sees %v", seen.profiles)
		}
		if err := importer.PutLinks(ctx, many(10*sqlite.LinkBatch+1, "imported")...); err != nil {
			t.Error(err)
		}
	})
	for known, n := len(links.profiles), 0; !done.Load(); links.follow(t, bot) {
		if len(links.profiles) > known { // right between two batches
			known = len(links.profiles)
			create(t, bot, ticket(fmt.Sprint(n)))
			n++
		}
	}
	wg.Wait()
	links.follow(t, bot)
	if len(links.profiles) != 10*sqlite.LinkBatch+2 || links.profiles["U1"] != "imported" || links.profiles["U10000"] != "imported" || links.profiles["admin"] != "made in Slack" {
		t.Errorf("the bot has %d links", len(links.profiles))
	}
	checkWhole(t, bot)
}

// A call of more than a batch that ends in the middle leaves whole batches.
func TestImportBrokenOff(t *testing.T) {
	t.Parallel()
	s := open(t, filepath.Join(t.TempDir(), "bot.db"), sqlite.Options{})
	broken, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() {
		err := s.PutLinks(broken, many(50*sqlite.LinkBatch, "x")...)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("PutLinks = %v", err)
		}
	})
	var links table
	for len(links.profiles) == 0 {
		links.follow(t, s)
	}
	cancel()
	wg.Wait()
	links.follow(t, s)
	if n := len(links.profiles); n == 0 || n%sqlite.LinkBatch != 0 {
		t.Errorf("%d links are there", n)
	}
	checkWhole(t, s)
}
