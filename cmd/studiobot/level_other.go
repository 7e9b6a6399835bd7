//go:build !unix

package main

import (
	"context"
	"log/slog"
)

// toggleDebug does nothing where there is no SIGUSR1.
func toggleDebug(context.Context, *slog.Logger, *slog.LevelVar, slog.Level) {}
