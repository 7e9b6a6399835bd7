package studiobot_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/studiobot/studiobot"
)

func TestNewLogger(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		format   string
		terminal bool
		json     bool
	}{
		{"auto", true, false}, {"auto", false, true}, {"text", true, false}, {"text", false, false}, {"json", true, true}, {"json", false, true},
	} {
		var out bytes.Buffer
		log := studiobot.NewLogger(&out, studiobot.Log{Level: slog.LevelWarn, Format: c.format}, c.terminal)
		log.Info("quiet")
		log.Warn("loud")
		if got := out.String(); strings.Contains(got, "quiet") || !strings.Contains(got, "loud") || strings.HasPrefix(got, "{") != c.json {
			t.Errorf("%+v: got %q", c, got)
		}
	}
}
