//go:build unix

package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
)

// toggleDebug switches debug logging on at SIGUSR1, and back at the next one.
// It says so in the log, also where the config's level is error.
func toggleDebug(ctx context.Context, log *slog.Logger, level *slog.LevelVar, usual slog.Level) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGUSR1)
	defer signal.Stop(signals)
	for {
		select {
		case <-signals:
			if level.Level() == slog.LevelDebug && usual != slog.LevelDebug {
				log.Info("the log's level is the config's again, by SIGUSR1", "level", usual.String())
				level.Set(usual)
				continue
			}
			level.Set(slog.LevelDebug)
			log.Info("the log's level is debug now, by SIGUSR1; another one takes it back", "config", usual.String())
		case <-ctx.Done():
			return
		}
	}
}
