package mapping_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/studio"
)

// One process reads the workspace, another takes its copy in: it hears of changes,
// lets go of who isn't there any more, and keeps what it heard itself since.
func TestDirectoryFollows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		leader := newDirectory(t, &asker{}, nil)
		changed := map[string]bool{} // whether they are deactivated now
		d := newDirectory(t, &asker{}, func(_, after studio.Member) { changed[after.User] = after.Deleted })
		follow := func(want error) {
			t.Helper()
			data, taken, ok := leader.Copy()
			if !ok {
				t.Fatal("no copy")
			}
			if err := d.Follow(data, taken); err != want { //nolint:errorlint // nil
				t.Errorf("Follow = %v", err)
			}
		}
		read(leader, member("U1"), member("U2"), member("U3"), deleted("U4"))
		follow(nil)
		if len(changed) != 0 || d.Len() != 4 {
			t.Errorf("at first: %v, %d people", changed, d.Len())
		}
		time.Sleep(5 * time.Minute)
		d.Put(deleted("U1"))                                    // an event, here
		read(leader, member("U1"), deleted("U2"), member("U4")) // read at that moment, before Slack listed it
		delete(changed, "U1")
		follow(nil)
		if m, err := d.Member(t.Context(), "U1"); err != nil || !m.Deleted || len(changed) != 2 || !changed["U2"] || changed["U4"] {
			t.Errorf("U1 is %+v, %v; told of %v", m, err, changed)
		}
		if d.Len() != 3 {
			t.Errorf("%d people: who isn't listed any more stays", d.Len())
		}
		if whole, ok := d.Whole(); !ok || time.Since(whole) < time.Minute || time.Since(whole) > 2*time.Minute {
			t.Errorf("as of %v", whole)
		}
		time.Sleep(10 * time.Minute)
		read(leader, member("U1"), deleted("U2"), member("U4"))
		follow(nil)
		if m, err := d.Member(t.Context(), "U1"); err != nil || m.Deleted {
			t.Errorf("long after: U1 is %+v, %v", m, err)
		}
	})
}

// turns is whose turn it is, as a test says.
type turns struct{ mine chan struct{} }

func (x turns) wait(ctx context.Context) error {
	select {
	case <-x.mine:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// One process reads the user profiles, the other takes in what it read, and tells
// who lost something. When it is its turn it reads itself.
func TestProfilesFollow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		c, l := &copies{}, newLister("jane=U0JANE", "joe=U0JOE", "gone=U0GONE")
		leader := newTags(t, l, func(o *mapping.ProfilesOptions) { o.Copies = c })
		mine := turns{make(chan struct{})}
		own := newLister("jane=U0OTHER")
		follower := newTags(t, own, func(o *mapping.ProfilesOptions) { o.Copies, o.Turn = c, mine.wait })
		mustPass(t, leader)
		done := make(chan struct{})
		go func() { follower.Watch(ctx); close(done) }()
		time.Sleep(time.Second)
		if got := says(t, follower.source, "T1/U0JANE"); got != "jane" {
			t.Errorf("at first: %q", got)
		}
		time.Sleep(time.Minute)
		l.set("joe=U0NEW")
		l.remove("gone")
		mustPass(t, leader)
		time.Sleep(30 * time.Second)
		for person, want := range map[string]string{"T1/U0JANE": "jane", "T1/U0NEW": "joe", "T1/U0JOE": "", "T1/U0GONE": ""} {
			if got := says(t, follower.source, person); got != want {
				t.Errorf("%s: %q, want %q", person, got, want)
			}
		}
		if got := follower.told(); got != "/U0GONE /U0JOE" {
			t.Errorf("told of %q", got)
		}
		if n := own.readOrder(); n != "" {
			t.Errorf("it read itself: %s", n)
		}
		close(mine.mine)
		time.Sleep(time.Second)
		if got := says(t, follower.source, "T1/U0OTHER"); got != "jane" {
			t.Errorf("in its own turn: %q", got)
		}
		stop()
		<-done
	})
}
