package studiobot

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/studiobot/studiobot/audit"
	"github.com/studiobot/studiobot/studio"
)

// commandLine is the actor of what is done there: it doesn't know who that is.
const commandLine = "command line"

// ErrBlockNeedsStore: a block by the command line has to reach the bot that runs.
var ErrBlockNeedsStore = errors.New("the store is memory, which no other process reaches: block in Slack with the admin command, or set a store that lasts; until then `deny` in the users file keeps somebody out")

// ErrNoHome: the store doesn't say which workspace is ours.
var ErrNoHome = errors.New("the store doesn't know the workspace yet: name it, as in T0123ABCD/U012AB3CD, or start the bot once")

// ErrOtherHome: a block under that workspace or organisation would keep nobody out.
var ErrOtherHome = errors.New("the bot knows people by another workspace or organisation")

// SetBlocked blocks a person (U…, or T…/U…) in the store of the config, or ends
// that. Bots that run with it obey at once. It asks neither Slack nor SageMaker, and the
// audit line goes to the log. running are the sessions of Studio that may not be over;
// nothing ends those. Doing it again is harmless. The error is an *IDError,
// ErrBlockNeedsStore, ErrNoHome, ErrOtherHome, or that the store can't be asked, and then it may
// have happened or not.
func SetBlocked(ctx context.Context, cfg Config, o Options, id string, on bool) (done studio.Blocked, running []studio.Session, err error) {
	p, err := readPerson(id)
	if err != nil {
		return done, nil, err
	}
	if cfg.Store.Kind == StoreMemory {
		return done, nil, ErrBlockNeedsStore
	}
	h, log := &halves{log: o.Log}, o.Log
	if h.store, err = openStore(ctx, cfg, o); err != nil {
		return done, nil, err
	}
	defer h.close()
	if p, err = atHome(ctx, h.store, p); err != nil {
		return done, nil, err
	}
	done.Lasts = true
	if !on {
		done.Before, err = unblock(ctx, h.store, audit.New(log), commandLine, p)
		return done, nil, err
	}
	if done.Before, err = block(ctx, h.store, audit.New(log), commandLine, p); err != nil {
		return done, nil, err
	}
	h.opened = newLastOpened(h.store, log)
	scan, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	running, err = newOperators(cfg, h).running(scan, map[studio.Person]string{p: "blocked"})
	if err != nil {
		log.WarnContext(ctx, "they are blocked; what they may still have open can't be looked up", "err", err)
	}
	return done, running, nil
}

// atHome is the person as the bot knows them: by our workspace, or by the
// organisation where the app is installed for one. A block under any other name
// would be read by nobody. What the operator names counts only where the store
// doesn't know yet.
func atHome(ctx context.Context, s store, p studio.Person) (studio.Person, error) {
	home, taken, err := s.Copy(ctx, homeCopy)
	switch {
	case err != nil:
		return p, fmt.Errorf("which workspace is ours: %w", err)
	case taken.IsZero() && p.Team == "":
		return p, ErrNoHome
	case taken.IsZero():
		return p, nil
	case p.Team != "" && p.Team != string(home):
		return p, fmt.Errorf("%w: write %s, or %s/%s", ErrOtherHome, p.User, home, p.User)
	}
	p.Team = string(home)
	return p, nil
}
