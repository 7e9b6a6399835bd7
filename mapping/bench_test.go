package mapping_test

import (
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/studio"
)

const manyPeople = 10_000

func manyUsers() string {
	var b strings.Builder
	for i := range manyPeople {
		if i%2 == 0 {
			fmt.Fprintf(&b, "U0%09d: person-%d\n", i, i)
		} else {
			fmt.Fprintf(&b, "U0%09d: {research: person-%d, prod: p%d}\n", i, i, i)
		}
	}
	return b.String()
}

func manyPersons() []studio.Person {
	out := make([]studio.Person, manyPeople)
	for i := range out {
		out[i] = studio.Person{Team: ourTeam, User: fmt.Sprintf("U0%09d", i)}
	}
	return out
}

// crowd is a mapping of 10,000 people and the directory that knows them.
func crowd(b *testing.B) (*mapping.Mapping, *mapping.File, *mapping.Directory, *asker) {
	b.Helper()
	path := b.TempDir() + "/users.yaml"
	write(b, path, manyUsers())
	f, err := mapping.OpenFile(mapping.FileOptions{Path: path, Domains: configured(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	a := &asker{}
	d := newDirectory(b, a, nil)
	r := d.Begin()
	for _, p := range manyPersons() {
		r.Add(member(p.User))
	}
	r.Done()
	return mapping.New(mapping.Options{Domains: studioDomains(), Sources: []mapping.Source{f}, Directory: d}), f, d, a
}

// BenchmarkLookup is what the users file costs for one domain.
func BenchmarkLookup(b *testing.B) {
	_, f, _, _ := crowd(b)
	persons := manyPersons()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if a, err := f.Lookup(b.Context(), persons[i%manyPeople], "prod"); err != nil || !a.Known {
			b.Fatal(a, err)
		}
	}
}

// BenchmarkGrants is what the mapping costs a command, two domains configured.
func BenchmarkGrants(b *testing.B) {
	m, _, _, a := crowd(b)
	persons := manyPersons()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if g, err := m.Grants(b.Context(), persons[i%manyPeople]); err != nil || len(g.Options) != 2 {
			b.Fatal(g, err)
		}
	}
	if a.total() != 0 {
		b.Errorf("%d questions", a.total())
	}
}

// BenchmarkGrants5000 is the Monday at nine: many different people at once.
func BenchmarkGrants5000(b *testing.B) {
	m, _, _, a := crowd(b)
	persons := manyPersons()
	var next atomic.Int64
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := m.Grants(b.Context(), persons[next.Add(1)%5000]); err != nil {
				b.Error(err)
			}
		}
	})
	if a.total() != 0 {
		b.Errorf("%d questions", a.total())
	}
}

func BenchmarkAllowed(b *testing.B) {
	m, _, _, _ := crowd(b)
	p := manyPersons()[1]
	b.ReportAllocs()
	for b.Loop() {
		if err := m.Allowed(b.Context(), p, studio.Option{Domain: "prod", Profile: "P1"}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCheck is what a reload of 10,000 people costs, beside reading the file.
func BenchmarkCheck(b *testing.B) {
	data := []byte(manyUsers())
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if mistakes, _ := mapping.Check("users.yaml", data, configured()); mistakes != nil {
			b.Fatal(mistakes)
		}
	}
}

func BenchmarkDirectoryPut(b *testing.B) {
	_, _, d, _ := crowd(b)
	persons := manyPersons()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		d.Put(studio.Member{Person: persons[i%manyPeople]})
	}
}

func BenchmarkDirectoryMember(b *testing.B) {
	_, _, d, _ := crowd(b)
	persons := manyPersons()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := d.Member(b.Context(), persons[i%manyPeople].User); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkReading is one pass over a workspace of 50,000.
func BenchmarkReading(b *testing.B) {
	d := newDirectory(b, &asker{}, nil)
	page := make([]studio.Member, 50_000)
	for i := range page {
		page[i] = member(fmt.Sprintf("U0%09d", i))
	}
	b.ReportAllocs()
	for b.Loop() {
		read(d, page...)
	}
}
