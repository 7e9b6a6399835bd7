package studiobot_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/studiobot/studiobot"
)

// asCopy makes this test binary a copy of studiobot in a process of its own, which
// can be killed; it is the path of its config.
const asCopy = "STUDIOBOT_TEST_COPY"

func runCopy(path string) error {
	cfg, err := studiobot.Load(path, os.Getenv)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	return studiobot.Run(ctx, cfg, studiobot.Options{
		Log: slog.New(slog.NewJSONHandler(os.Stderr, nil)), Version: "test", SecondSocket: 20 * time.Millisecond,
		Lease: 2 * time.Second, FollowEvery: 200 * time.Millisecond,
	})
}
