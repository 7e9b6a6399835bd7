package conformance

import (
	"fmt"
	"maps"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/studio"
)

// manyLinks is more than what is atomic, and has one pair often.
func manyLinks(t *testing.T, open func() Store) {
	var ls []mapping.Link
	for n := range 2500 {
		ls = append(ls, link(fmt.Sprint("U", n), "research", fmt.Sprint("profile-", n)))
	}
	var earlier []mapping.Link
	for n := range 40 {
		earlier = append(earlier, link("U2400", "research", fmt.Sprint("replaced-", n)))
	}
	put(t, open(), append(earlier, ls...)...)
	there := map[string]string{}
	got, rev := changes(t, open(), 0)
	for _, c := range got {
		there[c.Person.User] = c.Profile
	}
	for _, l := range ls {
		if there[l.Person.User] != l.Profile {
			t.Fatalf("%s has %q", l.Person.User, there[l.Person.User])
		}
	}
	if len(got) != len(ls) {
		t.Errorf("%d links of %d", len(got), len(ls))
	}
	put(t, open(), ls...)
	changed(t, open(), rev)
}

// view is what a process has in memory: what it read first, and every change
// since.
type view struct {
	links    map[string]string
	revision int64
}

func (v *view) follow(s Store) error {
	rev, err := s.LinkChanges(ctx, v.revision, func(c mapping.Change) error {
		key := c.Person.User + " in " + c.Domain
		if c.Gone {
			delete(v.links, key)
		} else {
			v.links[key] = c.Profile
		}
		return nil
	})
	v.revision = rev
	return err
}

// noChangeIsMissed has writers and followers at the same time, on all handles.
// Whatever they saw on the way, in the end each follower has what there is.
func noChangeIsMissed(t *testing.T, open func() Store) {
	const writers, followers, writes = 4, 3, 25
	var writing, following sync.WaitGroup
	var done atomic.Bool
	views := make([]view, followers)
	for i := range views {
		v, s := &views[i], open()
		v.links = map[string]string{}
		following.Go(func() {
			for last := false; ; {
				if err := v.follow(s); err != nil {
					t.Error(err)
					return
				}
				if last {
					return
				}
				last = done.Load() // and once more after the last write
			}
		})
	}
	for w := range writers {
		s := open()
		writing.Go(func() {
			for n := range writes { // of few people, so that all meet
				user := fmt.Sprint("U", (n*7+w)%5)
				if err := s.PutLinks(ctx, link(user, "", fmt.Sprint(w, n)), link(fmt.Sprint("U", w, "-", n), "", "own")); err != nil {
					t.Error(err)
				}
				if n%3 != 0 {
					continue
				}
				if _, _, err := s.DropLink(ctx, studio.Person{Team: "T1", User: user}, "", "x", now()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writing.Wait()
	done.Store(true)
	following.Wait()
	want := view{links: map[string]string{}}
	if err := want.follow(open()); err != nil {
		t.Fatal(err)
	}
	if len(want.links) < writers*writes {
		t.Errorf("%d links; each writer made %d of its own", len(want.links), writes)
	}
	for _, v := range views {
		if !maps.Equal(v.links, want.links) {
			t.Errorf("a follower has\n%v\nand there is\n%v", v.links, want.links)
		}
	}
}

func oneDrops(t *testing.T, open func() Store) {
	l := link("U1", "research", "jane-doe")
	put(t, open(), l)
	var dropped atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		s := open()
		wg.Go(func() {
			_, ok, err := s.DropLink(ctx, l.Person, "research", "x", now())
			if err != nil {
				t.Error(err)
			}
			if ok {
				dropped.Add(1)
			}
		})
	}
	wg.Wait()
	if dropped.Load() != 1 {
		t.Errorf("%d of 8 calls dropped the link", dropped.Load())
	}
}
