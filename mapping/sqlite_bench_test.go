package mapping_test

import (
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/store/sqlite"
	"github.com/studiobot/studiobot/studio"
)

// BenchmarkLoadFromSQLite is what a start costs with a million links in the
// store that lasts.
func BenchmarkLoadFromSQLite(b *testing.B) {
	s, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "bot.db"), sqlite.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	links := make([]mapping.Link, 1_000_000)
	for i := range links {
		links[i] = mapping.Link{Person: studio.Person{Team: ourTeam, User: crowdUser(i)}, Domain: "research", Profile: crowdProfile(i), By: "import", At: day}
	}
	if err := s.PutLinks(b.Context(), links...); err != nil {
		b.Fatal(err)
	}
	links = nil
	before := heapAlive()
	var t *mapping.Table
	for b.Loop() {
		t = mapping.NewTable(mapping.TableOptions{Links: s, Domains: configured(), Log: slog.New(slog.DiscardHandler)})
		if err := t.Load(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric((heapAlive()-before)/1_000_000, "B/person")
	if a, err := t.Lookup(b.Context(), studio.Person{Team: ourTeam, User: crowdUser(999_999)}, "research"); err != nil || !a.Known {
		b.Fatal(a, err)
	}
}
