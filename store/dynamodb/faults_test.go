package dynamodb_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/studiobot/studiobot/launch"
	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/store/dynamodb"
	"github.com/studiobot/studiobot/studio"
)

var jane = studio.Person{Team: "T1", User: "U0JANE"}

func ticket(id string) launch.Ticket {
	at := time.Now().UTC().Truncate(time.Millisecond)
	return launch.Ticket{ID: id, Ref: "REF0-0001", Person: jane, Issued: at, Expires: at.Add(2 * time.Minute), Buttons: []launch.Button{{Option: studio.Option{Domain: "research", Profile: "jane-doe"}}}}
}

func link(user, profile string) mapping.Link {
	return mapping.Link{Person: studio.Person{Team: "T1", User: user}, Profile: profile, By: "import", At: time.Now().UTC().Truncate(time.Millisecond)}
}

// step is something that a store does, and a look whether it was done exactly
// once. prepare comes before, without faults.
type step struct {
	name    string
	prepare func(s *dynamodb.Store) error
	do      func(s *dynamodb.Store) error
	check   func(s *dynamodb.Store) error
}

func is(what string, ok bool) error {
	if !ok {
		return errors.New("not " + what)
	}
	return nil
}

func steps(ctx context.Context) []step {
	create := func(s *dynamodb.Store) error { _, _, err := s.Create(ctx, ticket("a")); return err }
	ask := func(s *dynamodb.Store) error {
		_, _, err := s.CreateRequest(ctx, studio.Request{ID: "a"})
		return err
	}
	big := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
	return []step{
		{"Create", nil, func(s *dynamodb.Store) error {
			_, created, err := s.Create(ctx, ticket("a"))
			return errors.Join(err, is("created by this call", created))
		}, func(s *dynamodb.Store) error { _, err := s.Load(ctx, "a"); return err }},
		{"Update", create, func(s *dynamodb.Store) error {
			_, err := s.Update(ctx, "a", func(t *launch.Ticket) error { t.Ref += "+"; return nil })
			return err
		}, func(s *dynamodb.Store) error {
			t, err := s.Load(ctx, "a")
			return errors.Join(err, is("changed once: "+t.Ref, t.Ref == "REF0-0001+"))
		}},
		{"Deny", nil, func(s *dynamodb.Store) error { return s.Deny(ctx, jane, launch.Denial{Reason: "blocked"}) },
			func(s *dynamodb.Store) error {
				d, err := s.Denied(ctx, jane)
				return errors.Join(err, is("denied", len(d) == 1))
			}},
		{"Lift", func(s *dynamodb.Store) error { return s.Deny(ctx, jane, launch.Denial{Reason: "blocked"}) },
			func(s *dynamodb.Store) error { return s.Lift(ctx, jane, "blocked") },
			func(s *dynamodb.Store) error {
				d, err := s.Denied(ctx, jane)
				return errors.Join(err, is("lifted", len(d) == 0))
			}},
		{"PutLinks", nil, func(s *dynamodb.Store) error { return s.PutLinks(ctx, link("U1", "a"), link("U2", "b")) },
			func(s *dynamodb.Store) error {
				n := 0
				rev, err := s.LinkChanges(ctx, 0, func(mapping.Change) error { n++; return nil })
				return errors.Join(err, is(fmt.Sprintf("one entry: %d of %d", n, rev), n == 2 && rev == 1))
			}},
		{"DropLink", func(s *dynamodb.Store) error { return s.PutLinks(ctx, link("U1", "a")) },
			func(s *dynamodb.Store) error {
				_, found, err := s.DropLink(ctx, studio.Person{Team: "T1", User: "U1"}, "", "x", time.Now())
				return errors.Join(err, is("found", found))
			}, func(s *dynamodb.Store) error {
				rev, err := s.LinkChanges(ctx, 0, func(mapping.Change) error { return errors.New("still there") })
				return errors.Join(err, is("one entry", rev == 2))
			}},
		{"CreateRequest", nil, func(s *dynamodb.Store) error {
			_, created, err := s.CreateRequest(ctx, studio.Request{ID: "a"})
			return errors.Join(err, is("created by this call", created))
		}, func(s *dynamodb.Store) error { return unfinished(ctx, s, 1) }},
		{"UpdateRequest", ask, func(s *dynamodb.Store) error {
			_, err := s.UpdateRequest(ctx, "a", func(r *studio.Request) error { r.Tries++; return nil })
			return err
		}, func(s *dynamodb.Store) error {
			r, err := s.LoadRequest(ctx, "a")
			return errors.Join(err, is("changed once", r.Tries == 1), unfinished(ctx, s, 1))
		}},
		{"finish", ask, func(s *dynamodb.Store) error {
			_, err := s.UpdateRequest(ctx, "a", func(r *studio.Request) error { r.Finished = true; return nil })
			return err
		}, func(s *dynamodb.Store) error { return unfinished(ctx, s, 0) }},
		{"KeepCopy", func(s *dynamodb.Store) error { return s.KeepCopy(ctx, "a", time.Unix(1, 0), []byte("old")) },
			func(s *dynamodb.Store) error { return s.KeepCopy(ctx, "a", time.Unix(2, 0), big) },
			func(s *dynamodb.Store) error {
				data, at, err := s.Copy(ctx, "a")
				return errors.Join(err, is("the copy", bytes.Equal(data, big) && at.Equal(time.Unix(2, 0))))
			}},
		{"KeepOpened", nil, func(s *dynamodb.Store) error {
			return s.KeepOpened(ctx, []studio.Opened{{Person: jane, At: time.Now()}})
		}, func(s *dynamodb.Store) error {
			n := 0
			err := s.LastOpened(ctx, func(studio.Opened) error { n++; return nil })
			return errors.Join(err, is("there once", n == 1))
		}},
		{"Lease", nil, func(s *dynamodb.Store) error {
			held, err := s.Lease(ctx, "readers", "me", time.Minute)
			return errors.Join(err, is("held", held))
		}, func(s *dynamodb.Store) error {
			held, err := s.Lease(ctx, "readers", "another", time.Minute)
			return errors.Join(err, is("mine alone", !held))
		}},
	}
}

func unfinished(ctx context.Context, s *dynamodb.Store, want int) error {
	all, err := s.UnfinishedRequests(ctx)
	return errors.Join(err, is(fmt.Sprintf("%d unfinished but %d", want, len(all)), len(all) == want))
}

// Whatever call's answer is lost, or whichever doesn't get through: the SDK sends
// it again, and it comes out as if nothing had been.
func TestLostCallsAreMadeOnce(t *testing.T) {
	t.Parallel()
	for _, x := range steps(t.Context()) {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			for _, f := range []fault{lost, unsent, throttled} {
				for nth := 1; ; nth++ {
					if n := once(t, x, f, nth); n < nth {
						break // it makes no more calls
					}
					if nth > 40 {
						t.Fatal("that many calls")
					}
				}
			}
		})
	}
}

// once does it with a fault at the n-th call of all, in a table of its own, and
// returns how many calls there were.
func once(t *testing.T, x step, f fault, nth int) (calls int) {
	t.Helper()
	s, l := openOver(t, table(t))
	if x.prepare != nil {
		if err := x.prepare(s); err != nil {
			t.Fatal(err)
		}
	}
	total := 0
	l.set(func(string, int) fault { // calls of one step may overlap
		l.mu.Lock()
		defer l.mu.Unlock()
		if total++; total == nth {
			return f
		}
		return fine
	})
	if err := x.do(s); err != nil {
		t.Errorf("fault %d at call %d: %v", f, nth, err)
	}
	l.set(nil)
	if err := x.check(s); err != nil {
		t.Errorf("after fault %d at call %d: %v", f, nth, err)
	}
	return total
}

// Between a write whose answer was lost and its repetition others write: it
// counts once all the same.
func TestLostWriteIsKnownBehindOthers(t *testing.T) {
	t.Parallel()
	o := table(t)
	s, l := openOver(t, o)
	other := open(t, o)
	create, ctx := ticket("a"), t.Context()
	if _, _, err := s.Create(ctx, create); err != nil {
		t.Fatal(err)
	}
	add := func(s *dynamodb.Store, what string) {
		if _, err := s.Update(ctx, "a", func(t *launch.Ticket) error { t.Ref += what; return nil }); err != nil {
			t.Error(err)
		}
	}
	l.between = func(string, int) { add(other, "b"); add(other, "c"); add(other, "d") }
	l.set(func(operation string, n int) fault {
		if operation == "UpdateItem" && n == 1 {
			return lost
		}
		return fine
	})
	add(s, "a")
	if got, err := s.Load(ctx, "a"); err != nil || got.Ref != "REF0-0001abcd" {
		t.Errorf("%s, %v", got.Ref, err)
	}
}

// A lift that is sent again takes no denial that came since.
func TestRepeatedLiftTakesNoLaterDenial(t *testing.T) {
	t.Parallel()
	o := table(t)
	s, l := openOver(t, o)
	other, ctx := open(t, o), t.Context()
	d := launch.Denial{Reason: "blocked"}
	if err := s.Deny(ctx, jane, d); err != nil {
		t.Fatal(err)
	}
	l.between = func(string, int) {
		if err := other.Deny(ctx, jane, d); err != nil {
			t.Error(err)
		}
	}
	l.set(func(operation string, n int) fault {
		if operation == "DeleteItem" && n == 1 {
			return lost
		}
		return fine
	})
	if err := s.Lift(ctx, jane, "blocked"); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Denied(ctx, jane); err != nil || len(got) != 1 {
		t.Errorf("the denial of another copy is gone: %v, %v", got, err)
	}
}

func TestThrottledForLongIsBusy(t *testing.T) {
	t.Parallel()
	s, l := openOver(t, table(t))
	l.set(func(operation string, _ int) fault {
		if operation == "UpdateItem" {
			return throttled
		}
		return fine
	})
	_, _, err := s.Create(t.Context(), ticket("a"))
	if !errors.Is(err, studio.ErrBusy) || !errors.Is(err, dynamodb.ErrThrottled) {
		t.Errorf("%v", err)
	}
	if n := l.count()["UpdateItem"]; n < 5 {
		t.Errorf("tried %d times", n)
	}
	l.set(nil)
	if _, created, err := s.Create(t.Context(), ticket("a")); err != nil || !created {
		t.Errorf("then %v, %v", created, err)
	}
}
