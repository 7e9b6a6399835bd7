package studiobot

import (
	"context"
	"runtime/debug"
	"time"

	"github.com/studiobot/studiobot/bot"
	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/studio"
)

// directory is mapping.Directory as the bot wants it, with a copy of the last
// complete reading where the store lasts: a restart on a Monday at nine must not
// ask Slack for everybody by name, and of several copies of studiobot one reads
// for all.
type directory struct{ h *halves }

const (
	// copyTime bounds reading or writing the copy.
	copyTime = 20 * time.Second
	// followEvery is how often is looked for what another copy read.
	followEvery = 20 * time.Second
)

func (d directory) SetHome(team, enterprise string) {
	d.h.directory.SetHome(team, enterprise)
	if d.h.copied != nil && d.h.launch != nil {
		d.h.keepHome(team)
	}
	if d.h.copied == nil || d.h.directory.Len() > 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), copyTime)
	defer cancel()
	data, taken, err := d.h.copied.Copy(ctx, mapping.DirectoryCopy)
	if err == nil && !taken.IsZero() {
		err = d.h.directory.Restore(data, taken)
	}
	if err != nil {
		d.h.log.Warn("the copy of the workspace's people can't be used; they are read anew", "err", err)
	}
}

func (d directory) Put(m studio.Member) { d.h.directory.Put(m) }

func (d directory) Begin() bot.Reading { return reading{d.h, d.h.directory.Begin()} }

// follow takes in what another copy of studiobot read of the workspace, until ctx
// ends.
func (d directory) follow(ctx context.Context) {
	every := d.h.followEvery
	if every <= 0 {
		every = followEvery
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	var last time.Time // the latest that was taken in
	told := false
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		var err error
		last, err = d.takeIn(ctx, last)
		if err != nil && ctx.Err() == nil && !told {
			d.h.log.WarnContext(ctx, "what another copy of studiobot read of the workspace can't be taken in; who isn't known is asked for one by one", "err", err)
		}
		told = err != nil
	}
}

// takeIn takes in a copy that is younger than the last one, and than what was read
// here.
func (d directory) takeIn(ctx context.Context, last time.Time) (time.Time, error) {
	if _, known := d.h.directory.Home(); !known {
		return last, nil
	}
	if whole, ok := d.h.directory.Whole(); ok && whole.After(last) {
		last = whole
	}
	ctx, cancel := context.WithTimeout(ctx, copyTime)
	defer cancel()
	data, taken, err := d.h.copied.CopySince(ctx, mapping.DirectoryCopy, last)
	if err != nil || taken.IsZero() {
		return last, err
	}
	if err := d.h.directory.Follow(data, taken); err != nil {
		return last, err
	}
	d.h.log.DebugContext(ctx, "another copy's reading of the workspace was taken in", "people", d.h.directory.Len())
	return taken, nil
}

type reading struct {
	h *halves
	*mapping.Reading
}

// Done keeps a copy, and gives the memory back that a pass over a large
// workspace took: its pages are megabytes, what is kept of them is not.
func (r reading) Done() {
	r.Reading.Done()
	defer debug.FreeOSMemory()
	if r.h.copied == nil {
		return
	}
	data, taken, ok := r.h.directory.Copy()
	if !ok {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), copyTime)
	defer cancel()
	if err := r.h.copied.KeepCopy(ctx, mapping.DirectoryCopy, taken, data); err != nil {
		r.h.log.Warn("a copy of the workspace's people can't be kept; a restart reads them anew", "err", err)
	}
}
