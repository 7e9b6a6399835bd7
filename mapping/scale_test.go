package mapping_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/studio"
)

// crowdUser and crowdProfile are 24 bytes of text a person together.
func crowdUser(i int) string    { return fmt.Sprintf("U%010d", i) }
func crowdProfile(i int) string { return fmt.Sprintf("person-%06d", i) }

// crowdText is how much text that is.
const crowdText = 11 + 13

func crowdCSV(n int) []byte {
	b := []byte("slack_id,profile\n")
	for i := range n {
		b = append(append(append(append(b, crowdUser(i)...), ','), crowdProfile(i)...), '\n')
	}
	return b
}

// crowdLinks is a store of many links that hands them out as fast as it can.
type crowdLinks struct {
	memLinks
	n int
}

func (c *crowdLinks) LinkChanges(ctx context.Context, after int64, each func(mapping.Change) error) (int64, error) {
	for i := range c.n {
		if after > 0 {
			break
		}
		l := mapping.Link{Person: studio.Person{User: crowdUser(i)}, Profile: crowdProfile(i), By: fmt.Sprintf("%s/U%d", ourTeam, i%1000), At: day}
		if err := each(mapping.Change{Link: l}); err != nil {
			return 0, err
		}
	}
	revision, err := c.memLinks.LinkChanges(ctx, max(0, after-1), each)
	return revision + 1, err
}

func openCrowd(t testing.TB, n int) *mapping.File {
	t.Helper()
	path := filepath.Join(t.TempDir(), "users.csv")
	write(t, path, string(crowdCSV(n)))
	f, err := mapping.OpenFile(mapping.FileOptions{Path: path, Domains: configured(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func loadCrowd(t testing.TB, n int) *mapping.Table {
	t.Helper()
	x := mapping.NewTable(mapping.TableOptions{Links: &crowdLinks{n: n}, Domains: configured(), Log: slog.New(slog.DiscardHandler)})
	if err := x.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	return x
}

// heapAlive is what is alive.
func heapAlive() float64 {
	runtime.GC()
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return float64(s.HeapAlloc)
}

const million = 1_000_000

// BenchmarkLoad is how long a million people take, and what each takes of memory
// beside the text.
func BenchmarkLoad(b *testing.B) {
	path := filepath.Join(b.TempDir(), "users.csv")
	write(b, path, string(crowdCSV(million)))
	for name, load := range map[string]func() any{
		"csv": func() any {
			f, err := mapping.OpenFile(mapping.FileOptions{Path: path, Domains: configured(), Log: slog.New(slog.DiscardHandler)})
			if err != nil {
				b.Fatal(err)
			}
			return f
		},
		"table": func() any { return loadCrowd(b, million) },
	} {
		b.Run(name, func(b *testing.B) {
			before := heapAlive()
			var kept any
			for b.Loop() {
				kept = load()
			}
			b.ReportMetric((heapAlive()-before)/million-crowdText, "B/person")
			runtime.KeepAlive(kept)
		})
	}
}

// BenchmarkLookupOf doesn't grow with the number of people.
func BenchmarkLookupOf(b *testing.B) {
	for _, n := range []int{10, 10_000, million} {
		persons := make([]studio.Person, min(n, 100_003))
		for i := range persons {
			persons[i] = studio.Person{Team: ourTeam, User: crowdUser(i * 7 % n)}
		}
		for name, s := range map[string]mapping.Source{"csv": openCrowd(b, n), "table": loadCrowd(b, n)} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					if a, err := s.Lookup(b.Context(), persons[i%len(persons)], "prod"); err != nil || !a.Known {
						b.Fatal(a, err)
					}
				}
			})
		}
	}
}

// BenchmarkLookupWhileReloading is a reload of a million people, and how late
// somebody got an answer who came meanwhile, a thousand a second: what one in a
// thousand waited at least, and the longest lookup by itself. "before" is the same
// in the second before the reload: what the machine does to everybody.
func BenchmarkLookupWhileReloading(b *testing.B) {
	path := filepath.Join(b.TempDir(), "users.csv")
	data := crowdCSV(million)
	write(b, path, string(data))
	lost := make(chan struct{})
	f, err := mapping.OpenFile(mapping.FileOptions{
		Path: path, Domains: configured(), Log: slog.New(slog.DiscardHandler), Poll: time.Hour, Settle: time.Millisecond,
		Changed: func([]studio.Person) { lost <- struct{}{} },
	})
	if err != nil {
		b.Fatal(err)
	}
	go func() { _ = f.Watch(b.Context()) }()
	var before, during knocks
	for i := 0; b.Loop(); i++ {
		b.StopTimer()
		quiet := make(chan struct{})
		time.AfterFunc(time.Second, func() { close(quiet) })
		before.knock(b, f, quiet)
		next := append(bytes.Clone(data[:len(data)-1]), byte('a'+i%26), '\n')
		if err := os.WriteFile(path+".new", next, 0o600); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		if err := os.Rename(path+".new", path); err != nil {
			b.Fatal(err)
		}
		during.knock(b, f, lost)
	}
	before.report(b, "before")
	during.report(b, "during")
}

// knocks are lookups, one every millisecond.
type knocks struct {
	late    []time.Duration // the answer after its time
	longest time.Duration   // of the lookups by themselves
}

func (k *knocks) knock(b *testing.B, f *mapping.File, until <-chan struct{}) {
	due := time.Now()
	for i := 0; ; i++ {
		due = due.Add(time.Millisecond)
		if wait := time.Until(due); wait > 0 {
			time.Sleep(wait)
		} else {
			due = time.Now()
		}
		start := time.Now()
		if a, err := f.Lookup(b.Context(), studio.Person{Team: ourTeam, User: crowdUser(i * 7919 % million)}, "prod"); err != nil || !a.Known {
			b.Fatal(a, err)
		}
		k.longest = max(k.longest, time.Since(start))
		k.late = append(k.late, time.Since(due))
		select {
		case <-until:
			return
		default:
		}
	}
}

func (k *knocks) report(b *testing.B, when string) {
	slices.Sort(k.late)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	b.ReportMetric(ms(k.late[len(k.late)*999/1000]), "ms-p99.9-"+when)
	b.ReportMetric(ms(k.late[len(k.late)-1]), "ms-latest-"+when)
	b.ReportMetric(ms(k.longest), "ms-longest-lookup-"+when)
}
