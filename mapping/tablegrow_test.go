package mapping_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/studio"
)

// model is the table kept the plain way.
type model map[pair]mapping.Link

func (m model) links() []mapping.Link { return slices.Collect(maps.Values(m)) }

// says is what the model has on a person in a domain, by the rules as they are
// written.
func (m model) says(p studio.Person, domain string) string {
	for _, who := range []pair{{p, domain}, {p, ""}, {studio.Person{User: p.User}, domain}, {studio.Person{User: p.User}, ""}} {
		if l, there := m[who]; there {
			return profileOf(l)
		}
	}
	return ""
}

// lost says whether somebody lost something on the way from one model to another.
func lost(old, fresh model, p studio.Person, shadows bool) bool {
	return slices.ContainsFunc(configured(), func(d string) bool {
		before, after := old.says(p, d), fresh.says(p, d)
		had := before != "" && before != "deny"
		return had && !strings.EqualFold(before, after) || before == "" && (after == "deny" || shadows && after != "")
	})
}

// checkTold holds whom a table told of against two models: everybody who is named
// in one of them and lost something, and nobody who didn't, and none twice.
func checkTold(t *testing.T, told []studio.Person, old, fresh model, shadows bool) {
	t.Helper()
	heard := map[studio.Person]bool{}
	for _, p := range told {
		if heard[p] || !lost(old, fresh, p, shadows) {
			t.Errorf("told of %v twice, or for nothing", p)
		}
		heard[p] = true
	}
	for _, m := range []model{old, fresh} {
		for who := range m {
			if !heard[who.person] && lost(old, fresh, who.person, shadows) {
				t.Errorf("not told of %v", who.person)
			}
		}
	}
}

// A table that follows change by change says the same as one that reads all, and
// tells of the same losers as a comparison of everything, while what is laid over
// its base grows and is put together with it, again and again.
func TestTableFollows(t *testing.T) {
	t.Parallel()
	for seed, shadows := range []bool{false, true} {
		r := rand.New(rand.NewPCG(uint64(seed), 7))
		links, m := &memLinks{}, model{}
		writer, follower := newTable(t, links, shadows), newTable(t, links, shadows)
		if err := follower.Load(t.Context()); err != nil {
			t.Fatal(err)
		}
		for round := range 10 {
			before := maps.Clone(m)
			var batch []mapping.Link
			for range 20 + r.IntN(800) {
				l := anyLink(r)
				if r.IntN(3) > 0 {
					batch = append(batch, l)
					m[pair{l.Person, l.Domain}] = l
				}
			}
			writer.put(batch...)
			for range r.IntN(25) {
				l := anyLink(r)
				_, there := m[pair{l.Person, l.Domain}]
				if found := writer.drop(l.Person, l.Domain); found != there {
					t.Errorf("%v in %q: dropped %v", l.Person, l.Domain, found)
				}
				delete(m, pair{l.Person, l.Domain})
			}
			if err := follower.Load(t.Context()); err != nil {
				t.Fatal(err)
			}
			checkTold(t, follower.lost, before, m, shadows)
			follower.lost = nil
			for who, x := range map[string]*tabled{"writer": writer, "follower": follower} {
				if listed(x) != sorted(m.links()) {
					t.Errorf("round %d: the %s lists something else", round, who)
				}
			}
		}
	}
}

func anyLink(r *rand.Rand) mapping.Link {
	p := studio.Person{Team: []string{"", "", ourTeam, ourEnterprise}[r.IntN(4)], User: fmt.Sprintf("U%d", r.IntN(500))}
	domain := append(configured(), "")[r.IntN(3)]
	if r.IntN(5) == 0 {
		return link(p, domain, "")
	}
	return link(p, domain, fmt.Sprintf("p%d", r.IntN(3)))
}

// An import is written in steps, and read back once.
func TestTableImports(t *testing.T) {
	t.Parallel()
	store := &memLinks{}
	x := newTable(t, store, false)
	var links []mapping.Link
	for i := range 3500 {
		links = append(links, mapping.Link{Person: studio.Person{User: fmt.Sprintf("U%d", i)}, Profile: "p", By: "import"})
	}
	before := time.Now().Add(-time.Millisecond)
	x.put(links...)
	if store.calls != 5 {
		t.Errorf("%d calls", store.calls)
	}
	for _, c := range store.changes {
		if c.At.Before(before) || c.At.Nanosecond()%int(time.Millisecond) != 0 {
			t.Fatalf("made at %v", c.At)
		}
	}
	x.put(links...) // again: nothing changes
	if len(store.changes) != 3500 || store.revision != 3500 {
		t.Errorf("%d changes, revision %d", len(store.changes), store.revision)
	}
}
