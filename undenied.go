package studiobot

import (
	"context"
	"sync"
	"time"

	"github.com/studiobot/studiobot/studio"
)

// maxUndenied bounds whose denials are remembered that couldn't be written.
const maxUndenied = 10_000

// undenied are the people whose links should be dead, and whose denial couldn't
// be written: an admin who asks for that must hear so.
type undenied struct {
	mu sync.Mutex
	at map[studio.Person]time.Time
}

func (u *undenied) note(p studio.Person, now time.Time, failed bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if !failed {
		delete(u.at, p)
		return
	}
	if u.at == nil || len(u.at) >= maxUndenied {
		u.at = map[studio.Person]time.Time{}
	}
	u.at[p] = now
}

// of says whether a denial is missing that would still matter.
func (u *undenied) of(p studio.Person, now time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	at, there := u.at[p]
	return there && now.Sub(at) < denyMapping
}

// denyAgain writes the denial that is missing, and returns studio.ErrLinksLive
// where that fails again.
func (h *halves) denyAgain(ctx context.Context, p studio.Person) error {
	now := time.Now()
	if !h.undenied.of(p, now) {
		return nil
	}
	h.denyBefore(ctx, p, now)
	if h.undenied.of(p, now) {
		return studio.ErrLinksLive
	}
	return nil
}
