package mapping_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/studio"
)

// withEmails is a directory that keeps addresses, at home.
func withEmails(t testing.TB, a *asker) *mapping.Directory {
	log, _ := newLog(t)
	d := mapping.NewDirectory(mapping.DirectoryOptions{Asker: a, Log: log, Emails: true})
	d.SetHome(ourTeam, ourEnterprise)
	return d
}

// everyKind has a member of every kind.
func everyKind() []studio.Member {
	return []studio.Member{
		member("U1"), deleted("U2"), addressed("U3", "jane@example.com"),
		{Person: studio.Person{Team: "T2", User: "W4"}, Enterprise: "E1", Bot: true, Guest: true},
		{Person: studio.Person{User: "U5"}, Stranger: true, Invited: true},
	}
}

// After a restart people are known as of when they were read, and no younger.
func TestDirectoryCopy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		old := withEmails(t, &asker{})
		if _, _, ok := old.Copy(); ok {
			t.Error("a copy of nothing")
		}
		read(old, member("U1"))
		time.Sleep(time.Minute)
		read(old, everyKind()...)
		time.Sleep(10 * time.Minute)
		old.Put(deleted("U6")) // an event since
		data, taken, ok := old.Copy()
		if !ok || time.Since(taken).Round(time.Second) != 10*time.Minute {
			t.Fatal(ok, taken)
		}
		time.Sleep(10 * time.Minute)

		a := &asker{}
		d := withEmails(t, a)
		d.Put(deleted("U1")) // younger
		if err := d.Restore(data, taken); err != nil {
			t.Fatal(err)
		}
		for _, m := range append(everyKind()[1:], deleted("U1"), deleted("U6")) {
			know(t, d, m)
		}
		if age, complete := d.Age(); !complete || age.Round(time.Second) != 20*time.Minute || a.total() != 0 || d.Len() != 6 {
			t.Errorf("age %v, %d people, %d questions", age, d.Len(), a.total())
		}
		time.Sleep(11 * time.Minute)
		know(t, d, deleted("U6")) // 21 minutes old
		if _, err := d.Member(t.Context(), "U3"); !errors.Is(err, studio.ErrUnknownPerson) || a.total() != 1 {
			t.Errorf("31 minutes old: %v, %d questions", err, a.total())
		}
		read(d, member("U1"))
		if age, _ := d.Age(); age > time.Second || d.Len() != 1 {
			t.Errorf("read again: age %v, %d people", age, d.Len())
		}
		if err := d.Restore(data, taken); err != nil {
			t.Fatal(err)
		}
		if age, _ := d.Age(); age > time.Second {
			t.Errorf("a copy made the reading older: %v", age)
		}
	})
}

// What happened while the process was away is told when it is read.
func TestDirectoryCopyTellsChanges(t *testing.T) {
	t.Parallel()
	old := newDirectory(t, &asker{}, nil)
	read(old, member("U1"), member("U2"))
	data, taken, _ := old.Copy()
	var changed []string
	d := newDirectory(t, &asker{}, func(_, after studio.Member) { changed = append(changed, after.User) })
	if err := d.Restore(data, taken); err != nil || len(changed) != 0 {
		t.Fatal(err, changed)
	}
	read(d, member("U1"), deleted("U2"))
	if fmt.Sprint(changed) != "[U2]" {
		t.Errorf("told %v", changed)
	}
}

// A copy is the whole workspace for the names of addresses as long as a reading
// would be, and only if it has the addresses.
func TestDirectoryCopyForEmails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		old, bare := withEmails(t, &asker{}), newDirectory(t, &asker{}, nil)
		old.SetHome(ourTeam, "")
		for _, d := range []*mapping.Directory{old, bare} {
			read(d, addressed("U1", "jane@example.com"), addressed("U2", "two@example.com"), addressed("U3", "two@example.org"))
		}
		data, taken, _ := old.Copy()
		without, takenToo, _ := bare.Copy()
		time.Sleep(20 * time.Minute)
		m := newMail(t, newLister("jane", "two"), &asker{}, "{{ .Local }}")
		mustPass(t, m.p)
		if err := m.d.Restore(without, takenToo); err == nil || says(t, m, "T0HOME/U1") != "error" {
			t.Errorf("without addresses: %v", err)
		}
		if err := m.d.Restore(data, taken); err != nil {
			t.Fatal(err)
		}
		if one, two := says(t, m, "T0HOME/U1"), says(t, m, "T0HOME/U2"); one != "jane" || two != "" {
			t.Errorf("%q %q", one, two)
		}
		plain := newDirectory(t, &asker{}, nil)
		if err := plain.Restore(data, taken); err != nil {
			t.Errorf("addresses that nobody wants: %v", err)
		}
		know(t, plain, member("U1"))
		time.Sleep(41 * time.Minute)
		m.d.Put(addressed("U1", "jane@example.com"))
		if got := says(t, m, "T0HOME/U1"); got != "error" {
			t.Errorf("an hour later: %q", got)
		}
	})
}

func TestDirectoryRestoreRefuses(t *testing.T) {
	t.Parallel()
	old := withEmails(t, &asker{})
	read(old, addressed("U0JANE", "jane@example.com"))
	data, taken, _ := old.Copy()
	replace := func(from, to string) []byte { return bytes.Replace(data, []byte(from), []byte(to), 1) }
	last := func(b byte) []byte { // the flags stand before the moment
		cut := bytes.LastIndex(data, []byte("example.com")) + len("example.com")
		return append(append(bytes.Clone(data[:cut]), b), data[cut+1:]...)
	}
	for _, c := range []struct {
		name  string
		data  []byte
		taken time.Time
		fine  bool
	}{
		{"as it was", data, taken, true},
		{"a guest now", last(4), taken, true},
		{"of the future", data, time.Now().Add(time.Hour), false},
		{"of no time", data, time.Time{}, false},
		{"another version", replace("\x01", "\x02"), taken, false},
		{"another workspace", replace(ourTeam, "T0HOMF"), taken, false},
		{"another organisation", replace(ourEnterprise, "E0ORH"), taken, false},
		{"no user's ID", replace("U0JANE", "U0 JAN"), taken, false},
		{"flags that nobody knows", last(32), taken, false},
		{"cut", data[:len(data)-8], taken, false},
		{"something more", append(bytes.Clone(data), 3), taken, false},
		{"nobody", data[:bytes.Index(data, []byte("U0JANE"))-1], taken, false},
		{"nothing", nil, taken, false},
		{"a text without end", append(bytes.Clone(data), binary.AppendUvarint(nil, 1<<63)...), taken, false},
		{"an address without end", append(bytes.Clone(data), "\x02U1\x00\x00\xff\x7f"+strings.Repeat("x", 20_000)...), taken, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := withEmails(t, &asker{})
			err := d.Restore(c.data, c.taken)
			_, complete := d.Age()
			if (err == nil) != c.fine || complete != c.fine || (d.Len() == 1) != c.fine {
				t.Errorf("%v, complete %t, %d people", err, complete, d.Len())
			}
		})
	}
	d := withEmails(t, &asker{})
	d.SetHome("", "")
	if err := d.Restore(data, taken); !errors.Is(err, studio.ErrUnsure) || d.Len() != 0 {
		t.Errorf("before Slack said who we are: %v", err)
	}
}

// Whatever stands in the store: no panic, nothing by halves, and what is taken
// in can be kept again.
func FuzzDirectoryCopy(f *testing.F) {
	old := withEmails(f, &asker{})
	read(old, everyKind()...)
	data, _, _ := old.Copy()
	f.Add(data)
	f.Add(data[:len(data)/2])
	f.Fuzz(func(t *testing.T, data []byte) {
		d := withEmails(t, &asker{})
		err := d.Restore(data, time.Now().Add(-time.Minute))
		_, complete := d.Age()
		if complete != (err == nil) || (d.Len() > 0) != complete {
			t.Errorf("%v, complete %t, %d people", err, complete, d.Len())
		}
		if err != nil {
			return
		}
		again, taken, ok := d.Copy()
		other := withEmails(t, &asker{})
		if err := other.Restore(again, taken); !ok || err != nil || other.Len() != d.Len() {
			t.Errorf("not a second time: %v, %d and %d people", err, d.Len(), other.Len())
		}
	})
}
