package studiobot_test

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"testing"

	"github.com/studiobot/studiobot"
	"github.com/studiobot/studiobot/internal/slacksim"
)

// A table of a million: what the commands take that go through all of it, from
// opening the store on. `go test -bench Million -benchtime 1x`.
func BenchmarkMillion(b *testing.B) {
	d := sit(b, slacksim.Options{})
	cfg := d.config("mapping: [{table: true}]\nstore: \"sqlite:bot.db\"\n")
	file, err := os.Create(d.path("million.csv"))
	if err != nil {
		b.Fatal(err)
	}
	for i := range 1_000_000 {
		_, _ = fmt.Fprintf(file, "U%08X,person-%07d,research\n", i+1<<28, i)
	}
	if err := file.Close(); err != nil {
		b.Fatal(err)
	}
	open := func(b *testing.B) *studiobot.Review {
		o := d.options(true)
		o.Log = slog.New(slog.NewJSONHandler(io.Discard, nil))
		r, err := studiobot.OpenReview(b.Context(), cfg, o)
		if err != nil {
			b.Fatal(err)
		}
		return r
	}
	for _, c := range []struct {
		name string
		do   func(b *testing.B, r *studiobot.Review) (rows int, err error)
	}{
		{"import", func(b *testing.B, r *studiobot.Review) (int, error) {
			done, err := r.Import(b.Context(), d.path("million.csv"), false)
			return done.New + done.Same, err
		}},
		{"import again", func(b *testing.B, r *studiobot.Review) (int, error) {
			done, err := r.Import(b.Context(), d.path("million.csv"), false)
			return done.Same, err
		}},
		{"list", func(b *testing.B, r *studiobot.Review) (n int, err error) {
			err = r.List(b.Context(), "", func(studiobot.Listed) bool { n++; return true })
			return n, err
		}},
		{"export", func(b *testing.B, r *studiobot.Review) (int, error) {
			return 1_000_000, r.Export(b.Context(), io.Discard)
		}},
		{"lint", func(b *testing.B, r *studiobot.Review) (int, error) {
			return 1_000_000, r.Lint(b.Context(), func(f studiobot.Finding) bool { b.Errorf("%s", f); return false })
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				r := open(b)
				if rows, err := c.do(b, r); err != nil || rows != 1_000_000 {
					b.Errorf("%d rows, %v", rows, err)
				}
				r.Close()
			}
		})
	}
}
