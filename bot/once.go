package bot

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/time/rate"
)

const (
	// introduceTime bounds how long a review waits for Slack to answer at all.
	introduceTime = time.Minute
	// onceAttempts is how often a reading is begun.
	onceAttempts = 3
)

// Introduce asks Slack who we are. It and the two readings below are what Run
// does again and again, once each: for a program that looks at the mapping and
// serves nobody. They aren't for a Bot that runs, and need Introduce first. The
// errors are a *FinalError, which names the setting to mend, or that Slack can't
// be asked; they hold no secret.
func (b *Bot) Introduce(ctx context.Context) error {
	within, cancel := context.WithTimeout(ctx, introduceTime)
	defer cancel()
	err := b.introduce(within)
	if err != nil && within.Err() != nil && ctx.Err() == nil {
		return fmt.Errorf("auth.test: no answer of Slack within %v", introduceTime)
	}
	return err
}

// ReadGroups reads who is in the user groups that count.
func (b *Bot) ReadGroups(ctx context.Context) error {
	if b.o.Groups == nil || len(b.o.Groups.IDs()) == 0 {
		return nil
	}
	pace := rate.NewLimiter(groupsRate, groupsBurst)
	return patiently(ctx, "usergroups.users.list", func() error { return b.readEveryGroup(ctx, pace) })
}

// ReadPeople reads everybody of the workspace.
func (b *Bot) ReadPeople(ctx context.Context) error {
	pace := rate.NewLimiter(peopleRate, peopleBurst)
	return patiently(ctx, "users.list", func() error {
		began := time.Now()
		n, err := b.readOnce(ctx, pace)
		if err == nil {
			b.o.Log.InfoContext(ctx, "workspace read", "people", n, "took", time.Since(began).Round(time.Millisecond).String())
		}
		return err
	})
}

// patiently does it, and again if it fails.
func patiently(ctx context.Context, method string, do func() error) error {
	for attempt := 1; ; attempt++ {
		err := do()
		if err == nil {
			return nil
		}
		if final := finalRefusal(err, method); final != nil {
			return final
		}
		if attempt == onceAttempts || ctx.Err() != nil {
			return errors.Join(ctx.Err(), fmt.Errorf("%s: no answer of Slack that counts: %w", method, redact(err)))
		}
		if !pause(ctx, backoff(attempt, err)) {
			return ctx.Err()
		}
	}
}
