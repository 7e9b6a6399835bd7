package mapping_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/studio"
)

// tabled is a table, its log, and whom it told of.
type tabled struct {
	*mapping.Table
	t    *testing.T
	log  *logbook
	lost []studio.Person
}

func newTable(t *testing.T, links mapping.Links, shadows bool) *tabled {
	log, book := newLog(t)
	x := &tabled{t: t, log: book}
	x.Table = mapping.NewTable(mapping.TableOptions{
		Links: links, Domains: configured(), Log: log, Shadows: shadows,
		Changed: func(p []studio.Person) { x.lost = append(x.lost, p...) },
	})
	return x
}

func (x *tabled) says(p studio.Person, domain string) string {
	x.t.Helper()
	a, err := x.Lookup(x.t.Context(), p, domain)
	if err != nil {
		return "unsure"
	}
	return strings.TrimSpace(say(a) + " " + a.Origin)
}

func (x *tabled) put(links ...mapping.Link) {
	x.t.Helper()
	if err := x.Put(x.t.Context(), links...); err != nil {
		x.t.Error(err)
	}
}

func (x *tabled) drop(p studio.Person, domain string) bool {
	x.t.Helper()
	_, found, err := x.Drop(x.t.Context(), p, domain, "T0HOME/U0BOSS", time.Time{})
	if err != nil {
		x.t.Error(err)
	}
	return found
}

// told checks whom it has told of since it was asked last: [T1/U1 /U2].
func (x *tabled) told(want string) {
	x.t.Helper()
	if got := fmt.Sprint(x.lost); got != want {
		x.t.Errorf("told of %s, want %s", got, want)
	}
	x.lost = nil
}

func (x *tabled) want(p studio.Person, domain, want string) {
	x.t.Helper()
	if got := x.says(p, domain); got != want {
		x.t.Errorf("%v in %s: %q, want %q", p, domain, got, want)
	}
}

var day = time.Date(2026, 11, 24, 23, 59, 0, 0, time.UTC)

func link(p studio.Person, domain, profile string) mapping.Link {
	return mapping.Link{Person: p, Domain: domain, Profile: profile, Denied: profile == "", By: "T0HOME/U0BOSS", At: day}
}

func TestTableWrites(t *testing.T) {
	t.Parallel()
	x := newTable(t, &memLinks{}, false)
	bare := studio.Person{User: "U0JANE"}
	x.want(jane(), "prod", "unsure") // not read yet
	if _, read := x.Age(); read {
		t.Error("an age before it was read")
	}
	if err := x.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	x.want(jane(), "prod", "")
	const by = " table, linked by T0HOME/U0BOSS on 2026-11-24"
	x.put(link(bare, "", "jane"))
	x.want(jane(), "prod", "jane"+by)
	x.put(link(jane(), "prod", "joe"))
	x.told("[T0HOME/U0JANE]")
	x.want(jane(), "prod", "joe"+by)
	x.want(jane(), "research", "jane"+by)
	x.put(link(bare, "", "ann")) // what T0HOME/U0JANE has in research too
	x.told("[/U0JANE T0HOME/U0JANE]")
	x.put(link(jane(), "research", ""))
	x.told("[T0HOME/U0JANE]")
	x.want(jane(), "research", "deny table, denied by T0HOME/U0BOSS on 2026-11-24")
	x.put(mapping.Link{Person: jane(), Domain: "prod", Profile: "Joe", By: "import", At: day}) // but for case
	x.told("[]")
	x.want(jane(), "prod", "Joe table, linked by import on 2026-11-24")
	if !x.drop(jane(), "prod") || x.drop(jane(), "prod") || x.drop(bare, "research") {
		t.Error("dropped what isn't there, or not what is")
	}
	x.told("[T0HOME/U0JANE]")
	x.want(jane(), "prod", "ann"+by)
	if !x.drop(bare, "") || !x.drop(jane(), "research") {
		t.Error("not dropped")
	}
	x.told("[/U0JANE T0HOME/U0JANE]") // a denial that is gone is no loss
	x.want(jane(), "research", "")
	if got := listed(x); got != "" {
		t.Errorf("lists %s", got)
	}
	x.put(link(bare, "", "new"))
	x.told("[]") // nobody has lost
}

func TestTableShadows(t *testing.T) {
	t.Parallel()
	x := newTable(t, &memLinks{}, true)
	if err := x.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	x.put(link(jane(), "prod", "jane"))
	x.told("[T0HOME/U0JANE]") // a later source may have had something else
}

// Two processes with one store.
func TestTablesShareLinks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		links := &memLinks{}
		a, b := newTable(t, links, false), newTable(t, links, false)
		for _, x := range []*tabled{a, b} {
			if err := x.Load(t.Context()); err != nil {
				t.Fatal(err)
			}
			go func() {
				if err := x.Watch(t.Context()); err != nil {
					t.Error(err)
				}
			}()
		}
		synctest.Wait()
		if err := a.Watch(t.Context()); err == nil {
			t.Error("watched twice")
		}
		for i, profile := range []string{"one", "two"} {
			a.put(link(jane(), "prod", profile))
			a.want(jane(), "prod", profile+" table, linked by T0HOME/U0BOSS on 2026-11-24")
			time.Sleep(5*time.Second + time.Millisecond)
			synctest.Wait()
			b.want(jane(), "prod", profile+" table, linked by T0HOME/U0BOSS on 2026-11-24")
			if len(b.lost) != i {
				t.Errorf("told of %v", b.lost)
			}
		}
		b.drop(jane(), "prod")
		time.Sleep(5 * time.Second)
		synctest.Wait()
		a.want(jane(), "prod", "")
		if links.calls > 20 {
			t.Errorf("%d calls", links.calls)
		}
	})
}

// stammering says everything twice, wrong at first.
type stammering struct{ memLinks }

func (s *stammering) LinkChanges(ctx context.Context, after int64, each func(mapping.Change) error) (int64, error) {
	return s.memLinks.LinkChanges(ctx, after, func(c mapping.Change) error {
		wrong := c
		wrong.Profile, wrong.Denied, wrong.Gone = "wrong", false, !c.Gone
		return errors.Join(each(wrong), each(c))
	})
}

// A store that tells of one link more often than it should: the last word counts.
func TestTableLastWordCounts(t *testing.T) {
	t.Parallel()
	x := newTable(t, &stammering{}, false)
	x.put(link(jane(), "", "jane"), link(jane(), "prod", ""))
	if got := listed(x); got != "T0HOME/U0JANE  jane\nT0HOME/U0JANE prod deny" {
		t.Errorf("lists %s", got)
	}
	x.drop(jane(), "prod")
	if got := listed(x); got != "T0HOME/U0JANE  jane" {
		t.Errorf("lists %s", got)
	}
}

func TestCheckLink(t *testing.T) {
	t.Parallel()
	good := link(jane(), "prod", "jane")
	for field, change := range map[string]func(*mapping.Link){
		"":                 func(*mapping.Link) {},
		"Person jane":      func(l *mapping.Link) { l.Person = studio.Person{User: "jane"} },
		"Person nobody":    func(l *mapping.Link) { l.Person = studio.Person{} },
		"Person a key":     func(l *mapping.Link) { l.Person = studio.Person{User: "T1/U1"} },
		"Person a team":    func(l *mapping.Link) { l.Person.Team = "U1" },
		"Domain":           func(l *mapping.Link) { l.Domain = "reserch" },
		"Profile":          func(l *mapping.Link) { l.Profile = "jane.doe" },
		"Profile none":     func(l *mapping.Link) { l.Profile = "" },
		"Profile deny":     func(l *mapping.Link) { l.Profile = "Deny" },
		"Profile and deny": func(l *mapping.Link) { l.Denied = true },
		"By":               func(l *mapping.Link) { l.By = "a\x1b[0m" },
		"At":               func(l *mapping.Link) { l.At = time.Unix(1, 0) },
	} {
		l := good
		change(&l)
		x := newTable(t, &memLinks{}, false)
		err := x.Put(t.Context(), good, l)
		var wrong *mapping.LinkError
		if field == "" && err != nil || field != "" && (!errors.As(err, &wrong) || wrong.Field != strings.Fields(field)[0] || wrong.Problem == "" || !strings.Contains(err.Error(), wrong.Problem)) {
			t.Errorf("%s: %v", field, err)
		}
		if err := x.Load(t.Context()); err != nil || (listed(x) != "") != (field == "") {
			t.Errorf("%s: %v, in the table: %s", field, err, listed(x))
		}
	}
}

// Everything at once, for the race detector; who was linked last stays so.
func TestTableConcurrently(t *testing.T) {
	t.Parallel()
	links := &memLinks{}
	a, b := newTable(t, links, false), newTable(t, links, false)
	if err := errors.Join(a.Load(t.Context()), b.Load(t.Context())); err != nil {
		t.Fatal(err)
	}
	const people = 300
	who := func(i int) studio.Person { return studio.Person{Team: ourTeam, User: fmt.Sprintf("U%d", i)} }
	var all sync.WaitGroup
	for w, x := range []*tabled{a, b, a, b} {
		all.Go(func() {
			for i := range people {
				switch w {
				case 0, 1:
					x.put(link(who(2*i+w), "prod", fmt.Sprintf("p%d", i)))
					if got := say2(x, who(2*i+w)); got != fmt.Sprintf("p%d", i) {
						t.Errorf("own write: %q", got)
					}
				case 2:
					x.drop(who(people+i), "")
				case 3:
					say2(x, who(i))
					x.Entries(func(studio.Person, string, mapping.Answer) bool { return i%3 > 0 })
				}
			}
		})
	}
	all.Wait()
	if err := errors.Join(a.Load(t.Context()), b.Load(t.Context())); err != nil {
		t.Fatal(err)
	}
	if listed(a) != listed(b) || strings.Count(listed(a), "\n") != 2*people-1 {
		t.Errorf("%d and %d lines", strings.Count(listed(a), "\n"), strings.Count(listed(b), "\n"))
	}
}

func say2(x *tabled, p studio.Person) string {
	a, err := x.Lookup(x.t.Context(), p, "prod")
	if err != nil {
		return err.Error()
	}
	return say(a)
}
