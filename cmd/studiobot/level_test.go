//go:build unix

package main

import (
	"bufio"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/studiobot/studiobot"
)

// SIGUSR1 switches debug logging on, the next one off, and each says so, also
// where the config's level is error.
func TestLevelBySignal(t *testing.T) {
	t.Parallel()
	// Until toggleDebug listens, the signal must not end the test.
	mine := make(chan os.Signal, 1)
	signal.Notify(mine, syscall.SIGUSR1)
	defer signal.Stop(mine)
	level := new(slog.LevelVar)
	level.Set(slog.LevelError)
	out, in := io.Pipe()
	log := studiobot.NewLoggerAt(in, studiobot.Log{Format: "json"}, false, level)
	go toggleDebug(t.Context(), log, level, slog.LevelError)
	lines := make(chan string)
	go func() {
		for s := bufio.NewScanner(out); s.Scan(); {
			lines <- s.Text()
		}
	}()
	next := func() string {
		for deadline := time.After(patience); ; {
			if err := syscall.Kill(os.Getpid(), syscall.SIGUSR1); err != nil {
				t.Fatal(err)
			}
			select {
			case line := <-lines:
				return line
			case <-time.After(200 * time.Millisecond): // it doesn't listen yet
			case <-deadline:
				t.Fatal("nothing was logged")
			}
		}
	}
	if line := next(); !strings.Contains(line, "the log's level is debug now") || level.Level() != slog.LevelDebug {
		t.Errorf("the first signal: %s, %s", line, level.Level())
	}
	if line := next(); !strings.Contains(line, "the log's level is the config's again") {
		t.Errorf("the second: %s", line)
	}
}
