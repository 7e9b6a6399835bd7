package sqlite_test

import (
	"fmt"
	"maps"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/store/sqlite"
	"github.com/studiobot/studiobot/studio"
)

func link(user, profile string) mapping.Link {
	return mapping.Link{Person: studio.Person{Team: "T1", User: user}, Domain: "research", Profile: profile, By: "import", At: time.Now().UTC().Truncate(time.Millisecond)}
}

func request(id string) studio.Request {
	return studio.Request{ID: id, Serial: id, Person: studio.Person{Team: "T1", User: "U1"}, Asked: time.Now().UTC(), State: studio.RequestOpen}
}

func decide(r *studio.Request) error {
	r.State, r.Decided, r.Finished = studio.RequestDenied, r.Asked.Add(time.Second), true
	return nil
}

func put(t testing.TB, s *sqlite.Store, ls ...mapping.Link) {
	t.Helper()
	if err := s.PutLinks(ctx, ls...); err != nil {
		t.Fatal(err)
	}
}

// manageForever links people and unlinks them, and lets them ask, and says so
// only once it is done. Of each two links that come together the one goes.
func manageForever(path string) error {
	s, err := sqlite.Open(ctx, path, sqlite.Options{})
	if err != nil {
		return err
	}
	for n := 0; ; n++ {
		id := strconv.Itoa(n)
		stays, goes := link("stays-"+id, id), link("goes-"+id, id)
		for _, step := range []struct {
			what string
			do   func() error
		}{
			{"put", func() error { return s.PutLinks(ctx, stays, goes, link("everybody's", id)) }},
			{"dropped", func() error {
				_, ok, err := s.DropLink(ctx, goes.Person, goes.Domain, "x", goes.At)
				if err == nil && !ok {
					return fmt.Errorf("there is no link of %s", goes.Person)
				}
				return err
			}},
			{"asked", func() error { _, _, err := s.CreateRequest(ctx, request(id)); return err }},
			{"decided", func() error { _, err := s.UpdateRequest(ctx, id, decide); return err }},
			{"opened", func() error { return s.KeepOpened(ctx, []studio.Opened{{Person: stays.Person, At: stays.At}}) }},
			{"copied", func() error { return s.KeepCopy(ctx, "copy", stays.At, []byte(id)) }},
		} {
			if err := step.do(); err != nil {
				return err
			}
			fmt.Println(step.what, id)
		}
	}
}

// table is what LinkChanges gave, as whoever follows it has it.
type table struct {
	profiles map[string]string
	revision int64
}

func (x *table) follow(t *testing.T, s *sqlite.Store) {
	t.Helper()
	if x.profiles == nil {
		x.profiles = map[string]string{}
	}
	rev, err := s.LinkChanges(ctx, x.revision, func(c mapping.Change) error {
		if x.profiles[c.Person.User] = c.Profile; c.Gone {
			delete(x.profiles, c.Person.User)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	x.revision = rev
}

// checkManaged says whether what manageForever acknowledged is there.
func checkManaged(t *testing.T, s *sqlite.Store, links map[string]string, what, id string) {
	t.Helper()
	if links["stays-"+id] != id {
		t.Errorf("after %s %s: the link isn't there", what, id)
	}
	if _, there := links["goes-"+id]; there && what != "put" {
		t.Errorf("after %s %s: the dropped link is there", what, id)
	}
	if what == "put" || what == "dropped" {
		return
	}
	if r, err := s.LoadRequest(ctx, id); err != nil || (r.State == studio.RequestOpen && what != "asked") {
		t.Errorf("after %s %s: the request is %q, %v", what, id, r.State, err)
	}
}

// checkRevision: the next change gets a revision that no row has, and readers
// that know the last one hear of it.
func checkRevision(t *testing.T, s *sqlite.Store) {
	t.Helper()
	last := one[int64](t, s.Writer(), `SELECT coalesce(max(revision), 0) FROM links`)
	if counted := one[int64](t, s.Writer(), `SELECT value FROM meta WHERE name = 'revision'`); last != counted {
		t.Errorf("the last change is %d, counted %d", last, counted)
	}
}

// The process is killed after its n-th acknowledgement, so at any point of the
// write that follows.
func TestKilledProcessLosesNoLinkOrRequest(t *testing.T) {
	t.Parallel()
	for _, after := range []int{1, 2, 3, 4, 5, 6, 7, 20, 100, 301} {
		t.Run(fmt.Sprint(after), func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "bot.db")
			acknowledged := map[string]string{}
			killAfter(t, "manage", path, after, func(what, id string) { acknowledged[id] = what })
			s := open(t, path, sqlite.Options{})
			checkWhole(t, s)
			var links table
			links.follow(t, s)
			for id, what := range acknowledged {
				checkManaged(t, s, links.profiles, what, id)
			}
			// The batch that was broken off is there or not, but never half.
			broken := fmt.Sprint(len(acknowledged))
			if whole := links.profiles["stays-"+broken] == broken; whole != (links.profiles["everybody's"] == broken) {
				t.Errorf("half a batch is there: %v", whole)
			}
			put(t, s, link("after", "it"))
			before := maps.Clone(links.profiles)
			before["after"] = "it"
			if links.follow(t, s); !maps.Equal(links.profiles, before) {
				t.Errorf("the next change isn't seen")
			}
		})
	}
}

// A process follows the table while another one writes to it: what was
// acknowledged there is in the next read here.
func TestFollowingAnotherProcess(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "bot.db")
	s := open(t, path, sqlite.Options{})
	var links table
	killAfter(t, "manage", path, 120, func(what, id string) {
		links.follow(t, s)
		checkManaged(t, s, links.profiles, what, id)
	})
	var all table
	links.follow(t, s)
	if all.follow(t, s); !maps.Equal(all.profiles, links.profiles) {
		t.Errorf("whoever followed has\n%v\nand there is\n%v", links.profiles, all.profiles)
	}
	put(t, s, link("after", "it"))
	if links.follow(t, s); links.profiles["after"] != "it" {
		t.Error("the process that died holds up others")
	}
	checkWhole(t, s)
}
