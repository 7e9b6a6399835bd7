package studiobot

import (
	"io"
	"log/slog"
)

// NewLogger returns the logger that the config asks for. terminal says whether
// w is one: format auto is text there and JSON elsewhere.
func NewLogger(w io.Writer, l Log, terminal bool) *slog.Logger {
	return NewLoggerAt(w, l, terminal, l.Level)
}

// NewLoggerAt is NewLogger at a level that may change while it is used.
func NewLoggerAt(w io.Writer, l Log, terminal bool, level slog.Leveler) *slog.Logger {
	o := &slog.HandlerOptions{Level: level}
	if l.Format == "text" || l.Format != "json" && terminal {
		return slog.New(slog.NewTextHandler(w, o))
	}
	return slog.New(slog.NewJSONHandler(w, o))
}
