package mapping_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/studio"
)

// logbook keeps the log's lines, and lets a test wait for one.
type logbook struct {
	t    testing.TB
	mu   sync.Mutex
	line []string
	more chan struct{} // closed at the next line
}

// newLog returns a logger and the book it writes to.
func newLog(t testing.TB) (*slog.Logger, *logbook) {
	b := &logbook{t: t, more: make(chan struct{})}
	return slog.New(b), b
}

func (b *logbook) Enabled(context.Context, slog.Level) bool { return true }
func (b *logbook) WithAttrs([]slog.Attr) slog.Handler       { return b }
func (b *logbook) WithGroup(string) slog.Handler            { return b }

// Handle writes one line: level, message, key=value.
func (b *logbook) Handle(_ context.Context, r slog.Record) error {
	var s strings.Builder
	s.WriteString(r.Level.String() + " " + r.Message)
	r.Attrs(func(a slog.Attr) bool {
		fmt.Fprintf(&s, " %s=%v", a.Key, a.Value)
		return true
	})
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, slow := b.t.(*testing.B); !slow {
		_, _ = fmt.Fprintln(b.t.Output(), s.String())
	}
	b.line = append(b.line, s.String())
	close(b.more)
	b.more = make(chan struct{})
	return nil
}

// lines are those that contain the text.
func (b *logbook) lines(text string) (found []string, more <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, l := range b.line {
		if strings.Contains(l, text) {
			found = append(found, l)
		}
	}
	return found, b.more
}

// wait returns the first n lines that contain the text, as soon as they are
// there.
func (b *logbook) wait(n int, text string) []string {
	b.t.Helper()
	late := time.After(20 * time.Second)
	for {
		found, more := b.lines(text)
		if len(found) >= n {
			return found
		}
		select {
		case <-more:
		case <-late:
			b.t.Fatalf("%d lines with %q in 20 s, want %d", len(found), text, n)
		}
	}
}

// count is how many lines contain the text by now.
func (b *logbook) count(text string) int {
	found, _ := b.lines(text)
	return len(found)
}

// The workspace of these tests.
const (
	ourTeam       = "T0HOME"
	ourEnterprise = "E0ORG"
)

// jane is one of its members.
func jane() studio.Person { return studio.Person{Team: ourTeam, User: "U0JANE"} }

// member is an ordinary member of the workspace.
func member(user string) studio.Member {
	return studio.Member{Person: studio.Person{Team: ourTeam, User: user}}
}

// asker answers for Slack: the directory's other side, by its contract.
type asker struct {
	answer func(ctx context.Context, user string) (studio.Member, error)

	mu    sync.Mutex
	asked map[string]int
}

func (a *asker) Ask(ctx context.Context, user string) (studio.Member, error) {
	a.mu.Lock()
	if a.asked == nil {
		a.asked = map[string]int{}
	}
	a.asked[user]++
	a.mu.Unlock()
	if a.answer == nil {
		return studio.Member{}, studio.ErrUnknownPerson
	}
	return a.answer(ctx, user)
}

// total is how many questions were asked.
func (a *asker) total() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := 0
	for _, c := range a.asked {
		n += c
	}
	return n
}

// newDirectory returns one that knows its home and asks a.
func newDirectory(t testing.TB, a *asker, changed func(before, after studio.Member)) *mapping.Directory {
	log, _ := newLog(t)
	d := mapping.NewDirectory(mapping.DirectoryOptions{Asker: a, Log: log, Changed: changed})
	d.SetHome(ourTeam, "")
	return d
}
