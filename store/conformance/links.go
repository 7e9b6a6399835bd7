package conformance

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/studio"
)

func links() suite {
	return suite{
		"LinksRoundTrip":               linksRoundTrip,
		"LinkIsReplaced":               linkIsReplaced,
		"SameLinkIsNoChange":           sameLinkIsNoChange,
		"LaterLinkOfOneCallStays":      laterLinkStays,
		"LinkDroppedAndPutAgain":       droppedAndPutAgain,
		"DropOfNoLink":                 dropOfNoLink,
		"RevisionZeroIsAllThatIsThere": revisionZero,
		"ChangesInTheirOrder":          changesInOrder,
		"ErrorOfEachEndsLinkChanges":   errorEndsLinkChanges,
		"ManyLinksInOneCall":           manyLinks,
		"NoChangeIsMissed":             noChangeIsMissed,
		"ConcurrentDropsHaveOneWinner": oneDrops,
	}
}

// now is in whole milliseconds, as a store keeps it.
func now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }

func link(user, domain, profile string) mapping.Link {
	return mapping.Link{Person: studio.Person{Team: "T1", User: user}, Domain: domain, Profile: profile, By: "T1/U0ADMIN", At: now()}
}

func put(t *testing.T, s Store, ls ...mapping.Link) {
	t.Helper()
	if err := s.PutLinks(ctx, ls...); err != nil {
		t.Fatal(err)
	}
}

// changes returns what changed after a revision. The times are in UTC.
func changes(t *testing.T, s Store, after int64) (got []mapping.Change, revision int64) {
	t.Helper()
	revision, err := s.LinkChanges(ctx, after, func(c mapping.Change) error {
		c.At = c.At.UTC()
		got = append(got, c)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got, revision
}

// changed fails the test unless exactly these changes came after the revision,
// and none after the revision that it returns.
func changed(t *testing.T, s Store, after int64, want ...mapping.Change) (revision int64) {
	t.Helper()
	got, revision := changes(t, s, after)
	if !slices.Equal(got, want) {
		t.Errorf("after revision %d:\ngot  %+v\nwant %+v", after, got, want)
	}
	if more, _ := changes(t, s, revision); len(more) != 0 {
		t.Errorf("then %+v after revision %d", more, revision)
	}
	return revision
}

func linksRoundTrip(t *testing.T, open func() Store) {
	at := time.Date(2026, 11, 24, 9, 30, 0, 987e6, time.UTC)
	want := []mapping.Change{
		{Link: mapping.Link{Person: studio.Person{Team: "T1", User: "U1"}, Domain: "research", Profile: "jane-doe", By: "T1/U0ADMIN", At: at}},
		{Link: mapping.Link{Person: studio.Person{Team: "T1", User: "U1"}, Profile: "everywhere-else", By: "T1/U0ADMIN", At: at}},
		{Link: mapping.Link{Person: studio.Person{User: "U1"}, Domain: "research", Profile: "of-no-team", By: "import", At: at.Add(-time.Hour)}},
		{Link: mapping.Link{Person: studio.Person{User: "U1"}, Denied: true, By: "import", At: at}},
		{Link: mapping.Link{Person: studio.Person{Team: "T1", User: "U2"}, Domain: "research", Denied: true, By: "Zoë", At: at}},
		{Link: mapping.Link{Person: studio.Person{Team: "T", User: "1U1"}, Domain: "research", Profile: "Jane-Doe", By: "", At: at}},
		{Link: mapping.Link{Person: studio.Person{Team: "E1", User: "W1"}, Domain: "Research", Profile: "jane-doe", By: "import", At: at}},
	}
	changed(t, open(), 0)
	for _, c := range want {
		put(t, open(), c.Link)
	}
	changed(t, open(), 0, want...)
	put(t, open()) // nothing
	changed(t, open(), 0, want...)
}

func linkIsReplaced(t *testing.T, open func() Store) {
	put(t, open(), link("U1", "research", "jane-doe"), link("U2", "research", "john"))
	_, rev := changes(t, open(), 0)
	other := link("U1", "research", "jd")
	put(t, open(), other)
	rev = changed(t, open(), rev, mapping.Change{Link: other})
	deny := other
	deny.Profile, deny.Denied, deny.By = "", true, "import"
	put(t, open(), deny)
	changed(t, open(), rev, mapping.Change{Link: deny})
	if got, _ := changes(t, open(), 0); len(got) != 2 {
		t.Errorf("%+v", got)
	}
}

func sameLinkIsNoChange(t *testing.T, open func() Store) {
	first := link("U1", "research", "jane-doe")
	put(t, open(), first)
	rev := changed(t, open(), 0, mapping.Change{Link: first})
	again, fresh := first, link("U2", "research", "john")
	again.By, again.At = "import", first.At.Add(time.Hour)
	put(t, open(), again)
	changed(t, open(), rev)
	put(t, open(), again, fresh)
	changed(t, open(), rev, mapping.Change{Link: fresh})
	changed(t, open(), 0, mapping.Change{Link: first}, mapping.Change{Link: fresh})
}

func laterLinkStays(t *testing.T, open func() Store) {
	later := link("U1", "research", "second")
	put(t, open(), link("U1", "research", "first"), later)
	changed(t, open(), 0, mapping.Change{Link: later})
	put(t, open(), link("U1", "research", "third"), later)
	got, _ := changes(t, open(), 0)
	if len(got) != 1 || got[0].Profile != "second" {
		t.Errorf("%+v", got)
	}
}

func droppedAndPutAgain(t *testing.T, open func() Store) {
	l := link("U1", "research", "jane-doe")
	put(t, open(), l, link("U1", "", "other"))
	_, rev := changes(t, open(), 0)
	at := l.At.Add(time.Minute)
	was, ok, err := open().DropLink(ctx, l.Person, "research", "T1/U0OTHER", at)
	was.At = was.At.UTC()
	if err != nil || !ok || was != l {
		t.Fatalf("DropLink = %+v, %v, %v", was, ok, err)
	}
	gone := mapping.Change{Link: l, Gone: true}
	gone.By, gone.At = "T1/U0OTHER", at
	dropped := changed(t, open(), rev, gone)
	if _, ok, err := open().DropLink(ctx, l.Person, "research", "T1/U0OTHER", at); err != nil || ok {
		t.Errorf("a second DropLink = %v, %v", ok, err)
	}
	changed(t, open(), dropped)
	l.At = at.Add(time.Minute)
	put(t, open(), l)
	back := mapping.Change{Link: l}
	changed(t, open(), dropped, back)
	changed(t, open(), rev, back) // the latest change of it, and no other
}

func dropOfNoLink(t *testing.T, open func() Store) {
	l := link("U1", "research", "jane-doe")
	put(t, open(), l)
	rev := changed(t, open(), 0, mapping.Change{Link: l})
	for _, k := range []struct {
		p      studio.Person
		domain string
	}{
		{studio.Person{Team: "T1", User: "U1"}, ""}, {studio.Person{User: "U1"}, "research"},
		{studio.Person{Team: "T1", User: "U2"}, "research"}, {studio.Person{Team: "T1", User: "U1"}, "prod"},
	} {
		if was, ok, err := open().DropLink(ctx, k.p, k.domain, "x", now()); err != nil || ok {
			t.Errorf("DropLink of %s in %q = %+v, %v, %v", k.p, k.domain, was, ok, err)
		}
	}
	changed(t, open(), rev)
}

func revisionZero(t *testing.T, open func() Store) {
	stays, goes := link("U1", "research", "jane-doe"), link("U2", "research", "john")
	put(t, open(), goes)
	_, rev := changes(t, open(), 0)
	put(t, open(), stays)
	if _, ok, err := open().DropLink(ctx, goes.Person, "research", "x", now()); err != nil || !ok {
		t.Fatal(ok, err)
	}
	changed(t, open(), 0, mapping.Change{Link: stays})
	if got, _ := changes(t, open(), rev); len(got) != 2 || !got[1].Gone {
		t.Errorf("%+v", got)
	}
}

func changesInOrder(t *testing.T, open func() Store) {
	for _, user := range []string{"U3", "U1", "U2", "U5", "U4"} {
		put(t, open(), link(user, "research", "first"))
	}
	for _, user := range []string{"U5", "U3"} {
		put(t, open(), link(user, "research", "second"))
	}
	if _, ok, err := open().DropLink(ctx, studio.Person{Team: "T1", User: "U1"}, "research", "x", now()); err != nil || !ok {
		t.Fatal(ok, err)
	}
	put(t, open(), link("U1", "research", "first"))
	var order []string
	all, _ := changes(t, open(), 0)
	for _, c := range all {
		order = append(order, c.Person.User)
	}
	if !slices.Equal(order, []string{"U2", "U4", "U5", "U3", "U1"}) {
		t.Errorf("the order is %v", order)
	}
}

func errorEndsLinkChanges(t *testing.T, open func() Store) {
	for n := range 3 {
		put(t, open(), link(fmt.Sprint("U", n), "", "x"))
	}
	enough, calls := errors.New("enough"), 0
	_, err := open().LinkChanges(ctx, 0, func(mapping.Change) error {
		if calls++; calls == 2 {
			return enough
		}
		return nil
	})
	if err != enough || calls != 2 { //nolint:errorlint // as it is
		t.Errorf("LinkChanges = %v after %d calls", err, calls)
	}
	if got, _ := changes(t, open(), 0); len(got) != 3 {
		t.Errorf("then there are %d", len(got))
	}
}
