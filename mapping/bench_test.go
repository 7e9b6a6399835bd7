package mapping_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/studio"
)

// tenThousand is a users file of so many lines.
func tenThousand(profile string) string {
	var b strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&b, "U%010d: %s-%d\n", i, profile, i)
	}
	return b.String()
}

func BenchmarkLookup(b *testing.B) {
	f := open(b, tenThousand("p"))
	p := studio.Person{Team: ourTeam, User: "U0000005000"}
	b.ReportAllocs()
	for b.Loop() {
		if a, err := f.Lookup(b.Context(), p, "prod"); err != nil || a.Profile != "p-5000" {
			b.Fatal(a, err)
		}
	}
}

func BenchmarkOptions(b *testing.B) {
	d := newDirectory(b, &asker{}, nil)
	p := studio.Person{Team: ourTeam, User: "U0000005000"}
	d.Put(member(p.User))
	m := mapping.New(mapping.Options{Domains: []studio.Domain{{Name: "research"}, {Name: "prod"}},
		Sources: []mapping.Source{open(b, tenThousand("p"))}, Directory: d})
	b.ReportAllocs()
	for b.Loop() {
		if o, err := m.Options(b.Context(), p); err != nil || len(o) != 2 {
			b.Fatal(o, err)
		}
	}
}

func BenchmarkMember(b *testing.B) {
	d := newDirectory(b, &asker{}, nil)
	r := d.Begin()
	for i := range 50_000 {
		r.Add(member(fmt.Sprintf("U%010d", i)))
	}
	r.Done()
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := d.Member(b.Context(), "U0000025000"); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

// BenchmarkRead opens a users file of 10,000 lines: what a reload takes once the
// file has come to rest.
func BenchmarkRead(b *testing.B) {
	path := filepath.Join(b.TempDir(), "users.yaml")
	write(b, path, tenThousand("p"))
	log, _ := newLog(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := mapping.OpenFile(mapping.FileOptions{Path: path, Domains: domains(), Log: log}); err != nil {
			b.Fatal(err)
		}
	}
}
