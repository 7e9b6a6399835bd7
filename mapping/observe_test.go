package mapping_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/studio"
)

// Every word that is kept is observed, in order, and so is everybody who goes.
func TestDirectoryObserve(t *testing.T) {
	t.Parallel()
	log, _ := newLog(t)
	var seen []string
	d := mapping.NewDirectory(mapping.DirectoryOptions{
		Asker: &asker{}, Log: log, Emails: true,
		Observe: func(before, after studio.Member) {
			seen = append(seen, fmt.Sprintf("%s%s>%s%s", before.User, before.Email, after.User, after.Email))
		},
	})
	d.SetHome(ourTeam, "")
	expect := func(when, want string) {
		t.Helper()
		if got := strings.Join(seen, " "); got != want {
			t.Errorf("%s: %q, want %q", when, got, want)
		}
		seen = nil
	}
	r := d.Begin()
	d.Put(addressed("U1", "@a"))
	expect("joined", ">U1@a")
	r.Add(addressed("U1", "@old"), addressed("U2", "@b"))
	expect("the older word on U1 isn't kept", ">U2@b")
	d.Put(addressed("U2", "@b"))
	expect("the same again", "U2@b>U2@b")
	d.Put(member("U2"))
	expect("no address any more", "U2@b>U2")
	r.Done()
	d.Put(addressed("U2", "@"+strings.Repeat("x", 254)))
	expect("an address without end", "U2>U2")
	read(d, addressed("U2", "@c"))
	expect("U1 goes", "U2>U2@c U1@a>")
	know(t, d, addressed("U2", "@c"))
}

// A changed address is a change, where addresses are kept.
func TestDirectoryTellsChangedAddresses(t *testing.T) {
	t.Parallel()
	for _, keep := range []bool{true, false} {
		log, _ := newLog(t)
		var told []string
		d := mapping.NewDirectory(mapping.DirectoryOptions{
			Asker: &asker{}, Log: log, Emails: keep,
			Changed: func(before, after studio.Member) { told = append(told, before.Email+">"+after.Email) },
		})
		d.Put(addressed("U1", "a@x"))
		d.Put(addressed("U1", "b@x"))
		d.Put(addressed("U1", "b@x"))
		d.Put(member("U1"))
		if got := strings.Join(told, " "); (got != "a@x>b@x b@x>") == keep || !keep && got != "" {
			t.Errorf("keep %t: told %q", keep, got)
		}
	}
}

func heapInUse() uint64 {
	runtime.GC()
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return s.HeapAlloc
}

// With addresses and the names that they make a person must fit in 500 bytes.
func TestEmailMemory(t *testing.T) { // not parallel: it measures the heap
	const n = 50_000
	m := newMail(t, newLister(), &asker{}, "{{ .Local }}")
	before := heapInUse()
	for range 3 { // read again, it takes no more
		r := m.d.Begin()
		for i := range n {
			r.Add(addressed(fmt.Sprintf("U0%09d", i), fmt.Sprintf("firstname.lastname-%d@example.com", i)))
		}
		r.Done()
	}
	each := (int64(heapInUse()) - int64(before)) / n
	t.Logf("%d bytes a person", each)
	if each > 500 || m.d.Len() != n {
		t.Errorf("%d bytes for each of %d people", each, m.d.Len())
	}
	read(m.d, addressed("U1", "jane@example.com"))
	if left := int64(heapInUse()) - int64(before); left > n*150 {
		t.Errorf("%d bytes for one person", left)
	}
	runtime.KeepAlive(m)
}

func manyTagged(n int) *lister {
	l := newLister()
	for i := range n {
		l.set(fmt.Sprintf("person-%05d=U0%09d", i, i))
	}
	return l
}

func TestProfilesMemory(t *testing.T) { // not parallel: it measures the heap
	const n = 20_000
	l := manyTagged(n)
	p := newTags(t, l)
	before := heapInUse()
	mustPass(t, p)
	mustPass(t, p)
	l.readOrder()
	each := (int64(heapInUse()) - int64(before)) / n
	t.Logf("%d bytes a profile", each)
	if _, tagged := p.Count("research"); each > 700 || tagged != n {
		t.Errorf("%d bytes for each of %d profiles", each, tagged)
	}
	runtime.KeepAlive(l)
}

// BenchmarkTagLookup is a lookup among 20,000 tagged profiles.
func BenchmarkTagLookup(b *testing.B) {
	p := newTags(b, manyTagged(20_000))
	mustPass(b, p)
	persons := manyPersons()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if a, err := p.source.Lookup(b.Context(), persons[i%manyPeople], "research"); err != nil || !a.Known {
			b.Fatal(a, err)
		}
	}
}

// BenchmarkEmailLookup is a lookup among 50,000 people and 20,000 profiles.
func BenchmarkEmailLookup(b *testing.B) {
	m := newMail(b, manyTagged(20_000), &asker{}, "{{ .Local }}")
	mustPass(b, m.p)
	r := m.d.Begin()
	for i := range 50_000 {
		r.Add(addressed(fmt.Sprintf("U0%09d", i), fmt.Sprintf("person.%05d@example.com", i)))
	}
	r.Done()
	persons := manyPersons()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if a, err := m.Lookup(b.Context(), persons[i%manyPeople], "research"); err != nil || !a.Known {
			b.Fatal(a, err)
		}
	}
}

// BenchmarkEmailReading is one pass over a workspace of 50,000 with addresses.
func BenchmarkEmailReading(b *testing.B) {
	m := newMail(b, newLister(), &asker{}, "{{ .Local }}")
	page := make([]studio.Member, 50_000)
	for i := range page {
		page[i] = addressed(fmt.Sprintf("U0%09d", i), fmt.Sprintf("person.%05d@example.com", i))
	}
	b.ReportAllocs()
	for b.Loop() {
		read(m.d, page...)
	}
}

// BenchmarkDirectoryRestore is what a restart costs with 50,000 people.
func BenchmarkDirectoryRestore(b *testing.B) {
	old := withEmails(b, &asker{})
	r := old.Begin()
	for i := range 50_000 {
		r.Add(addressed(fmt.Sprintf("U0%09d", i), fmt.Sprintf("person.%05d@example.com", i)))
	}
	r.Done()
	data, taken, _ := old.Copy()
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if err := withEmails(b, &asker{}).Restore(data, taken); err != nil {
			b.Fatal(err)
		}
	}
}
