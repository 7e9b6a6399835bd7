package studiobot

import (
	"context"
	"log/slog"
	"time"
)

// secretsEvery is how often the files of secrets are looked at again. They are
// read, not watched: what mounts them swaps folders, or copies.
const secretsEvery = 10 * time.Second

// rotation takes tokens into use that changed in their files.
type rotation struct {
	log       *slog.Logger
	now       Secrets // those in use
	use       func(ctx context.Context, appToken, botToken string) error
	every     time.Duration
	complaint string // said last
}

// run looks until ctx ends.
func (r *rotation) run(ctx context.Context) {
	if r.now.AppFile == "" && r.now.BotFile == "" {
		return
	}
	tick := time.NewTicker(r.every)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			r.look(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// look reads the files. What can't be used leaves the tokens in use as they are,
// and is said once.
func (r *rotation) look(ctx context.Context) {
	fresh := r.now
	complaint := reread(&fresh.AppToken, r.now.AppFile, appTokenName, appTokenPrefix) + reread(&fresh.BotToken, r.now.BotFile, botTokenName, botTokenPrefix)
	if complaint == "" && fresh.AppToken.Reveal() == r.now.AppToken.Reveal() && fresh.BotToken.Reveal() == r.now.BotToken.Reveal() {
		r.complaint = ""
		return
	}
	if complaint == "" {
		if err := r.use(ctx, fresh.AppToken.Reveal(), fresh.BotToken.Reveal()); err != nil {
			complaint = err.Error()
		}
	}
	switch {
	case complaint == "":
		r.now, r.complaint = fresh, ""
		r.log.InfoContext(ctx, "the tokens in the files have changed, and are in use; the old ones can be revoked")
	case complaint != r.complaint:
		r.complaint = complaint
		r.log.ErrorContext(ctx, "the tokens in the files have changed and can't be used; those from before stay", "err", complaint)
	}
}

// reread reads a token's file, if it has one, and says what is wrong with it.
func reread(s *Secret, path, name, prefix string) (complaint string) {
	if path == "" {
		return ""
	}
	value, problem := readSecret(path)
	if problem != "" {
		return name + "_FILE: " + problem + ". "
	}
	check := reader{}
	if check.token(name+"_FILE", value, prefix); len(check.mistakes) > 0 {
		return check.mistakes[0].String() + ". "
	}
	*s = NewSecret(value)
	return ""
}
