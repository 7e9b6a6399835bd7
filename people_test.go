package studiobot

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"github.com/studiobot/studiobot/audit"
	"github.com/studiobot/studiobot/launch"
	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/store/memory"
	"github.com/studiobot/studiobot/studio"
)

// strictStore writes nothing for whom no time is left, as SQLite does.
type strictStore struct{ launch.Store }

func (s strictStore) Deny(ctx context.Context, p studio.Person, d launch.Denial) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.Store.Deny(ctx, p, d)
}

// sourceFunc is a source in one function.
type sourceFunc func() mapping.Answer

func (f sourceFunc) Lookup(context.Context, studio.Person, string) (mapping.Answer, error) {
	return f(), nil
}

// hangingSlack answers nobody.
type hangingSlack struct{}

func (hangingSlack) Ask(ctx context.Context, _ string) (studio.Member, error) {
	<-ctx.Done()
	return studio.Member{}, ctx.Err()
}

// losing is halves that can lose people, in a workspace of which nobody is known
// yet.
func losing(t *testing.T, source mapping.Source) *halves {
	t.Helper()
	mem := memory.New(memory.Options{})
	t.Cleanup(func() { _ = mem.Close() })
	log := slog.New(slog.DiscardHandler)
	h := &halves{log: log, holders: newHolders(), store: mem}
	h.directory = mapping.NewDirectory(mapping.DirectoryOptions{Asker: hangingSlack{}, Log: log})
	h.directory.SetHome("T0ACME", "")
	var err error
	h.launch, err = launch.New(t.Context(), launch.Options{
		Store: strictStore{mem}, Audit: audit.New(log), Log: log, PublicURL: &url.URL{Scheme: "https", Host: "studio.example.com"},
		LinkTTL: 2 * time.Minute, Proof: launch.ProofClick,
	})
	if err != nil {
		t.Fatal(err)
	}
	h.mapping = mapping.New(mapping.Options{Domains: []studio.Domain{{Name: "research"}}, Sources: []mapping.Source{source}, Directory: h.directory})
	return h
}

// denied says whether a person is denied links that were issued at that time.
func (h *halves) denied(t *testing.T, p studio.Person, issued time.Time) bool {
	t.Helper()
	denials, err := h.store.Denied(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range denials {
		if d.Before.IsZero() || issued.Before(d.Before) {
			return true
		}
	}
	return false
}

// While Slack hangs it can't be said whether those who lost something have it by
// another source, and every one of them is denied, soon.
func TestLostWhileSlackHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := losing(t, sourceFunc(func() mapping.Answer { return mapping.Answer{Known: true, Profile: "p"} }))
		issued := time.Now()
		var lost []studio.Person
		for i := range 500 {
			p := studio.Person{Team: "T0ACME", User: fmt.Sprintf("U%04d", i)}
			h.holders.note(p, []studio.Option{{Domain: "research", Profile: "p"}}, issued)
			lost = append(lost, p)
		}
		time.Sleep(time.Second) // of the bubble: the loss comes later
		h.changedInMapping(lost)
		if took := time.Since(issued) - time.Second; took > 2*time.Second {
			t.Errorf("the denials took %v", took)
		}
		for _, p := range lost {
			if !h.denied(t, p, issued) {
				t.Fatalf("%s isn't denied", p)
			}
		}
		time.Sleep(time.Minute) // the questions end
	})
}

// A list loses thousands between what a person is told and their link. The
// denial covers it.
func TestMassLossWhileOptionsAreRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		jane := studio.Person{Team: "T0ACME", User: "U0JANE"}
		lost := []studio.Person{{User: "U0JANE"}}
		for i := range manyLost {
			lost = append(lost, studio.Person{User: fmt.Sprintf("U%04d", i)})
		}
		var h *halves
		h = losing(t, sourceFunc(func() mapping.Answer {
			time.Sleep(time.Millisecond) // of the bubble
			h.changedInMapping(lost)     // the answer is an old one by now
			return mapping.Answer{Known: true, Profile: "jane-doe"}
		}))
		h.directory.Put(studio.Member{Person: jane})
		issued := time.Now()
		options, _, err := asked{guarded{h.mapping, h.store}, h, h.holders}.Options(t.Context(), jane)
		if err != nil || len(options) != 1 {
			t.Fatalf("%v, %v", options, err)
		}
		if !h.denied(t, jane, issued) {
			t.Error("Jane isn't denied")
		}
		if h.denied(t, studio.Person{Team: "T0ACME", User: "U0001"}, issued) {
			t.Error("somebody who holds no link is denied")
		}
	})
}

// Whoever was told that there is nothing holds nothing: they aren't vouched for.
func TestHolders(t *testing.T) {
	t.Parallel()
	h, now := newHolders(), time.Now()
	p := studio.Person{Team: "T0ACME", User: "U0JANE"}
	o := studio.Option{Domain: "research", Profile: "jane-doe"}
	h.ask(p, now)
	h.ask(p, now)
	h.told(p, nil, now)
	if x, holds := h.of(p, now); !holds || x.asking != 1 {
		t.Errorf("while a command is under way: %+v, %v", x, holds)
	}
	h.told(p, nil, now)
	if x, holds := h.of(p, now); holds || len(h.held) != 0 {
		t.Errorf("with nothing: %+v, %v", x, holds)
	}
	h.ask(p, now)
	h.told(p, []studio.Option{o}, now)
	h.note(p, []studio.Option{o}, now)
	if x, holds := h.of(p, now); !holds || x.asking != 0 || len(x.options) != 1 {
		t.Errorf("with a link: %+v, %v", x, holds)
	}
	if _, holds := h.of(p, now.Add(maxLink)); holds {
		t.Error("a link lives for ever")
	}
}
