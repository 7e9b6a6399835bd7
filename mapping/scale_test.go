package mapping_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
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
	var b bytes.Buffer
	b.WriteString("slack_id,profile\n")
	for i := range n {
		fmt.Fprintf(&b, "%s,%s\n", crowdUser(i), crowdProfile(i))
	}
	return b.Bytes()
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
// somebody got an answer at most who came meanwhile, a thousand a second.
func BenchmarkLookupWhileReloading(b *testing.B) {
	path := filepath.Join(b.TempDir(), "users.csv")
	data := crowdCSV(million)
	write(b, path, string(data))
	lost := make(chan []studio.Person)
	f, err := mapping.OpenFile(mapping.FileOptions{
		Path: path, Domains: configured(), Log: slog.New(slog.DiscardHandler), Poll: time.Hour, Settle: time.Millisecond,
		Changed: func(p []studio.Person) { lost <- p },
	})
	if err != nil {
		b.Fatal(err)
	}
	go func() { _ = f.Watch(b.Context()) }()
	time.Sleep(100 * time.Millisecond) // its first look
	var latest, longest time.Duration
	for i := 0; b.Loop(); i++ {
		next := append(bytes.Clone(data[:len(data)-1]), byte('a'+i%26), '\n')
		if err := os.WriteFile(path+".new", next, 0o600); err != nil {
			b.Fatal(err)
		}
		if err := os.Rename(path+".new", path); err != nil {
			b.Fatal(err)
		}
		late, long := knock(b, f, lost)
		latest, longest = max(latest, late), max(longest, long)
	}
	b.ReportMetric(float64(latest.Microseconds())/1000, "ms-latest")
	b.ReportMetric(float64(longest.Microseconds())/1000, "ms-longest")
}

// knock looks somebody up every millisecond until the new version is in force:
// how late an answer was after its time, and how long a lookup took, at most.
func knock(b *testing.B, f *mapping.File, lost <-chan []studio.Person) (latest, longest time.Duration) {
	tick := time.Now()
	for i := 0; ; i++ {
		tick = tick.Add(time.Millisecond)
		if wait := time.Until(tick); wait > 0 {
			time.Sleep(wait)
		} else {
			tick = time.Now()
		}
		start := time.Now()
		if a, err := f.Lookup(b.Context(), studio.Person{Team: ourTeam, User: crowdUser(i * 7919 % million)}, "prod"); err != nil || !a.Known {
			b.Fatal(a, err)
		}
		latest, longest = max(latest, time.Since(tick)), max(longest, time.Since(start))
		select {
		case <-lost:
			return latest, longest
		default:
		}
	}
}
