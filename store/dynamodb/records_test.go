package dynamodb_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	api "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/studiobot/studiobot/launch"
	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/studio"
)

// TTL deletes days late: what is over is over all the same.
func TestExpiredIsOverBeforeItIsDeleted(t *testing.T) {
	t.Parallel()
	o := table(t)
	now := time.Now()
	o.Now = func() time.Time { return now }
	s, ctx := open(t, o), t.Context()
	if _, _, err := s.Create(ctx, ticket("a")); err != nil {
		t.Fatal(err)
	}
	now = now.Add(2*time.Minute + 30*time.Second)
	if _, err := s.Load(ctx, "a"); err != nil {
		t.Errorf("its page couldn't say that it expired: %v", err)
	}
	now = now.Add(time.Minute)
	if _, err := s.Load(ctx, "a"); !errors.Is(err, launch.ErrNotFound) {
		t.Errorf("Load = %v", err)
	}
	if _, err := s.Update(ctx, "a", func(*launch.Ticket) error { return nil }); !errors.Is(err, launch.ErrNotFound) {
		t.Errorf("Update = %v", err)
	}
	fresh := ticket("a")
	fresh.Ref = "REF0-0002"
	if kept, created, err := s.Create(ctx, fresh); err != nil || !created || kept.Ref != "REF0-0002" {
		t.Errorf("Create in its place = %+v, %v, %v", kept, created, err)
	}
}

// A copy of a later version put more into an item than this one knows: in an
// attribute of its own it stays, and in the record it is passed over.
func TestRecordOfANewerVersion(t *testing.T) {
	t.Parallel()
	o := table(t)
	s, ctx := open(t, o), t.Context()
	if _, _, err := s.Create(ctx, ticket("a")); err != nil {
		t.Fatal(err)
	}
	c := client(t, o)
	key := map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "ticket/a"}, "sk": &types.AttributeValueMemberS{Value: "ticket"}}
	out, err := c.GetItem(ctx, &api.GetItemInput{TableName: &o.Table, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	record := string(out.Item["r"].(*types.AttributeValueMemberB).Value)
	out.Item["r"] = &types.AttributeValueMemberB{Value: []byte(strings.Replace(record, `{"id"`, `{"colour":{"of":["the","future"]},"id"`, 1))}
	out.Item["later"] = &types.AttributeValueMemberS{Value: "kept"}
	if _, err := c.PutItem(ctx, &api.PutItemInput{TableName: &o.Table, Item: out.Item}); err != nil {
		t.Fatal(err)
	}
	got, err := s.Update(ctx, "a", func(x *launch.Ticket) error { x.Buttons[0].Attempt = "mine"; return nil })
	if err != nil || got.Ref != "REF0-0001" {
		t.Fatalf("%+v, %v", got, err)
	}
	out, err = c.GetItem(ctx, &api.GetItemInput{TableName: &o.Table, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	if v, ok := out.Item["later"].(*types.AttributeValueMemberS); !ok || v.Value != "kept" {
		t.Errorf("the attribute is gone: %v", out.Item)
	}
}

// The log of links is cut short now and then. Whoever reads, from whatever
// revision, misses nothing.
func TestLinksAreCutShort(t *testing.T) {
	t.Parallel()
	o := table(t)
	s, other, ctx := open(t, o), open(t, o), t.Context()
	at := map[int]int64{}
	for n := range 600 {
		l := link(fmt.Sprint("U", n%50), fmt.Sprint("profile-", n))
		writer := s
		if n%7 == 0 {
			writer = other
		}
		if err := writer.PutLinks(ctx, l); err != nil {
			t.Fatal(n, err)
		}
		if n%100 == 42 {
			if _, _, err := writer.DropLink(ctx, l.Person, "", "x", time.Now()); err != nil {
				t.Fatal(err)
			}
		}
		if n%100 == 50 {
			rev, err := s.LinkChanges(ctx, 0, func(mapping.Change) error { return nil })
			if err != nil {
				t.Fatal(err)
			}
			at[n] = rev
		}
	}
	all := map[string]string{}
	read := func(after int64) (users []string) {
		_, err := open(t, o).LinkChanges(ctx, after, func(c mapping.Change) error {
			users = append(users, c.Person.User)
			if after == 0 {
				all[c.Person.User] = c.Profile
			}
			return nil
		})
		if err != nil {
			t.Errorf("after %d: %v", after, err)
		}
		return users
	}
	if n := len(read(0)); n != 50 || all["U0"] != "profile-550" || all["U49"] != "profile-599" {
		t.Errorf("%d links: %v", n, all)
	}
	for n, rev := range at {
		got := read(rev)
		if want := min(50, 599-n); len(got) != want || !slices.Contains(got, "U49") {
			t.Errorf("%d changes after revision %d, not %d", len(got), rev, want)
		}
	}
	if n := len(sortKeys(t, o, "links", "log/")); n > 300 {
		t.Errorf("%d entries are left of the log", n)
	}
	if n := len(sortKeys(t, o, "links/snapshot", "piece/")); n != 1 {
		t.Errorf("%d pieces of snapshots", n)
	}
	if rev, err := s.LinkChanges(ctx, 10_000, func(mapping.Change) error { return nil }); err != nil || rev >= 10_000 || rev < 600 {
		t.Errorf("a revision that the table hasn't got to: %d, %v", rev, err)
	}
}

// A copy that breaks off in the middle leaves the one before, whole.
func TestCopyThatBreaksOff(t *testing.T) {
	t.Parallel()
	s, l := openOver(t, table(t))
	ctx := t.Context()
	noise := make([]byte, 3<<20)
	for i, x := range noise {
		noise[i] = x ^ byte(i*i>>7) ^ byte(i>>3*31)
	}
	before := append([]byte("before"), noise...)
	if err := s.KeepCopy(ctx, "people", time.Unix(1, 0), before); err != nil {
		t.Fatal(err)
	}
	pieces := 0
	for _, operation := range []string{"PutItem", "UpdateItem"} {
		l.set(func(o string, n int) fault {
			if o == operation && (operation == "UpdateItem" || n > 1) {
				return forbidden
			}
			return fine
		})
		if err := s.KeepCopy(ctx, "people", time.Unix(2, 0), append([]byte("after"), noise...)); err == nil {
			t.Fatalf("%s failed, and it says nothing", operation)
		}
		pieces += l.count()["PutItem"]
		l.set(nil)
		if got, at, err := s.Copy(ctx, "people"); err != nil || !bytes.Equal(got, before) || !at.Equal(time.Unix(1, 0)) {
			t.Errorf("after %s failed: %d bytes as of %v, %v", operation, len(got), at, err)
		}
	}
	if pieces < 2 {
		t.Errorf("%d pieces were written: the copy is too small to break off", pieces)
	}
}

func TestCopySinceReadsLittle(t *testing.T) {
	t.Parallel()
	s, l := openOver(t, table(t))
	ctx, at := t.Context(), time.Unix(100, 7)
	if err := s.KeepCopy(ctx, "people", at, []byte("them")); err != nil {
		t.Fatal(err)
	}
	l.set(nil)
	if data, _, err := s.CopySince(ctx, "people", at); err != nil || data != nil {
		t.Errorf("%q, %v", data, err)
	}
	if n := l.count()["GetItem"]; n != 1 {
		t.Errorf("%d reads", n)
	}
	if data, taken, err := s.CopySince(ctx, "people", at.Add(-1)); err != nil || string(data) != "them" || !taken.Equal(at) {
		t.Errorf("%q as of %v, %v", data, taken, err)
	}
}

// A request is never without its hint, whatever call was the last one.
func TestRequestThatBreaksOff(t *testing.T) {
	t.Parallel()
	for nth := 1; nth <= 6; nth++ {
		s, l := openOver(t, table(t))
		ctx, total := t.Context(), 0
		l.set(func(string, int) fault {
			l.mu.Lock()
			defer l.mu.Unlock()
			if total++; total >= nth {
				return forbidden
			}
			return fine
		})
		_, _, err := s.CreateRequest(ctx, studio.Request{ID: "a"})
		if err == nil {
			_, err = s.UpdateRequest(ctx, "a", func(r *studio.Request) error { r.Finished = true; return nil })
		}
		l.set(nil)
		r, loading := s.LoadRequest(ctx, "a")
		all, listing := s.UnfinishedRequests(ctx)
		if there := loading == nil && !r.Finished; listing != nil || len(all) == 1 != there {
			t.Errorf("broken off at call %d (%v): the request is there %v, and %d are listed (%v)", nth, err, there, len(all), listing)
		}
	}
}
