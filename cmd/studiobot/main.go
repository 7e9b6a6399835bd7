// Command studiobot opens SageMaker Studio from Slack: it serves the slash
// command and the one-time links behind it.
//
//	studiobot serve --config studiobot.yaml
//
// This package has the command line only: commands.go is the table of commands,
// and what they do is package studiobot's.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// version is set when a release is built: -ldflags "-X main.version=v1.2.3".
var version string

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second signal ends the process at once.
	context.AfterFunc(ctx, stop)
	p := &program{out: os.Stdout, err: os.Stderr, getenv: os.Getenv, terminal: isTerminal(os.Stderr)}
	os.Exit(p.run(ctx, os.Args[1:]))
}

// isTerminal says whether people read f as it is written.
func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// program is what a command needs of the process.
type program struct {
	out, err io.Writer
	getenv   func(string) string
	terminal bool // err is one
}
