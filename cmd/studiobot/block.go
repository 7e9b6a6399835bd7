package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/studiobot/studiobot"
)

// blockCommands are the kill switch.
func blockCommands() []command {
	long := "PERSON is a Slack user ID (U012AB3CD), or T0123ABCD/U012AB3CD. Needs a store that lasts;\nbots that run on it obey at once. Asks neither Slack nor SageMaker. Doing it again is harmless."
	return []command{
		{name: "block", args: "PERSON", config: true, run: (*program).block,
			short: "lock somebody out at once, whatever the mapping says",
			long:  long + "\nTheir live links die and they get no new ones, until `studiobot unblock`. It names the\nStudio sessions of theirs that may still run: docs/operations.md says how to end those."},
		{name: "unblock", args: "PERSON", config: true, run: (*program).unblock,
			short: "end a block", long: long},
	}
}

func (p *program) block(ctx context.Context, in input) error { return p.setBlocked(ctx, in, true) }

func (p *program) unblock(ctx context.Context, in input) error { return p.setBlocked(ctx, in, false) }

func (p *program) setBlocked(ctx context.Context, in input, on bool) error {
	name := "unblock"
	if on {
		name = "block"
	}
	id, err := one(name, "a Slack user ID", in)
	if err != nil {
		return err
	}
	// The tokens aren't needed, and may be what is broken.
	cfg, err := studiobot.Load(in.config, nil)
	if err != nil {
		return err
	}
	done, running, err := studiobot.SetBlocked(ctx, cfg, studiobot.Options{Log: studiobot.NewLogger(p.err, cfg.Log, p.terminal), Version: buildVersion()}, id, on)
	var wrong *studiobot.IDError
	switch {
	case errors.As(err, &wrong):
		return &usageError{name + ": " + wrong.Error(), ""}
	case err != nil:
		return fmt.Errorf("%s: %w", name, err)
	case on && done.Before:
		fmt.Fprintln(p.out, id+" was blocked already, and is.")
	case on:
		fmt.Fprintln(p.out, id+" is blocked: their live links are dead and they get no new ones.")
	case done.Before:
		fmt.Fprintln(p.out, id+" isn't blocked any more.")
	default:
		fmt.Fprintln(p.out, id+" wasn't blocked; nothing was changed.")
	}
	for _, s := range running {
		fmt.Fprintf(p.out, "A Studio session may still run: %s in %s, until %s at the longest.\n", s.Profile, s.Domain, s.Until.UTC().Format(time.RFC3339))
	}
	return nil
}
