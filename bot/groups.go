package bot

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/slack-go/slack"
	"golang.org/x/time/rate"
)

// Groups keeps who is in the Slack user groups that the config names.
// mapping.Groups is the one that production has.
type Groups interface {
	// IDs are the groups that count.
	IDs() []string
	// Moment is now, later than every moment before it: that of a reading is
	// when it began.
	Moment() time.Time
	// Set takes in a reading of one group.
	Set(group string, users []string, asOf time.Time)
	// Apply takes in what an event says of one group.
	Apply(group string, added, removed []string)
}

const (
	// groupsEvery is how often all groups are read again. Events keep them fresh
	// in between; this finds what they missed.
	groupsEvery = 10 * time.Minute
	// groupsRate is usergroups.users.list's limit (tier 2) with a margin, and
	// groupsBurst what it lets pass at once.
	groupsRate  = rate.Limit(15.0 / 60)
	groupsBurst = 10
)

// readGroups keeps the user groups read until ctx ends. A group that can't be
// read keeps what is known of it until that is too old to count.
func (b *Bot) readGroups(ctx context.Context) {
	if b.o.Groups == nil || len(b.o.Groups.IDs()) == 0 {
		return
	}
	pace := rate.NewLimiter(groupsRate, groupsBurst)
	told := false
	for attempt := 0; ; attempt++ {
		wait, until := jitter(groupsEvery), b.pauseUntilEvent
		if err := b.readEveryGroup(ctx, pace); err != nil {
			if ctx.Err() != nil {
				return
			}
			if final := finalRefusal(err, "usergroups.users.list"); final != nil {
				b.fail(final)
				return
			}
			// Slack is in trouble or has said how long to wait: an event has to wait too.
			wait, until = backoff(attempt, err), pause
			b.o.Log.WarnContext(ctx, "user groups couldn't be read; what is known of them counts for a while", "err", redact(err), "again_in", wait.String())
		} else {
			attempt = 0
			if !told {
				b.o.Log.InfoContext(ctx, "user groups read", "groups", len(b.o.Groups.IDs()))
				told = true
			}
		}
		if !until(ctx, wait) {
			return
		}
	}
}

// afterEvent is how long after an event its group is read again: several come
// together.
const afterEvent = 10 * time.Second

// pauseUntilEvent waits until it is time to read the groups again, or an event
// came a while ago. It says whether ctx goes on.
func (b *Bot) pauseUntilEvent(ctx context.Context, wait time.Duration) bool {
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-b.regroup:
		return pause(ctx, jitter(afterEvent))
	case <-ctx.Done():
		return false
	}
}

// readEveryGroup reads each group once. A group that isn't there stops no other.
func (b *Bot) readEveryGroup(ctx context.Context, pace *rate.Limiter) error {
	teams, err := b.workspaces(ctx)
	if err != nil {
		return err
	}
	var failed error
	for _, group := range b.o.Groups.IDs() {
		if err := b.readGroup(ctx, pace, group, teams); err != nil {
			if ctx.Err() != nil || finalRefusal(err, "usergroups.users.list") != nil {
				return err
			}
			failed = err
			b.o.Log.WarnContext(ctx, "a user group can't be read", "group", group, "err", redact(err))
		}
	}
	return failed
}

// readGroup reads one group, in whichever workspace of the organisation it is.
func (b *Bot) readGroup(ctx context.Context, pace *rate.Limiter, group string, teams []string) error {
	asOf := b.o.Groups.Moment()
	for _, team := range teams {
		users, err := b.groupMembers(ctx, pace, group, team)
		if slackCode(err) == "no_such_subteam" {
			continue // of another workspace, perhaps
		}
		if err == nil {
			b.o.Groups.Set(group, users, asOf)
		}
		return err
	}
	b.o.Log.WarnContext(ctx, "Slack has no such user group; nobody is in it", "group", group)
	b.o.Groups.Set(group, nil, asOf)
	return nil
}

// groupEvent takes in what an event says of a user group that counts; a
// workspace can have many others. Events can come in any order, and two of one
// second can't be put in theirs, so the groups are read again behind each.
func (b *Bot) groupEvent(e groupChange, at int64) {
	if b.o.Groups == nil {
		return
	}
	group, disabled := e.Group, false
	if e.Type == "subteam_updated" {
		group, disabled = e.Subteam.ID, e.Subteam.DateDelete > 0
	}
	if !slices.Contains(b.o.Groups.IDs(), group) {
		return
	}
	switch {
	case e.Type == "subteam_members_changed":
		b.left.change(group, at, e.Added, e.Removed, func(added, removed []string) { b.o.Groups.Apply(group, added, removed) })
	case disabled:
		b.left.disable(group, at, func() { b.o.Groups.Set(group, nil, b.o.Groups.Moment()) })
	default:
		return
	}
	select {
	case b.regroup <- struct{}{}:
	default: // it will be read anyhow
	}
}

// groupChange is what is used of an event about a user group.
type groupChange struct {
	Type    string   `json:"type"`
	Group   string   `json:"subteam_id"`
	Added   []string `json:"added_users"`
	Removed []string `json:"removed_users"`
	Subteam struct {
		ID         string `json:"id"`
		DateDelete int64  `json:"date_delete"`
	} `json:"subteam"`
}

// groupMembers asks for one group, as often as Slack says later.
func (b *Bot) groupMembers(ctx context.Context, pace *rate.Limiter, group, team string) ([]string, error) {
	for {
		if err := pace.Wait(ctx); err != nil {
			return nil, err
		}
		var options []slack.GetUserGroupMembersOption
		if team != "" {
			options = append(options, slack.GetUserGroupMembersOptionTeamID(team))
		}
		users, err := b.api().GetUserGroupMembersContext(ctx, group, options...)
		var limited *slack.RateLimitedError
		if !errors.As(err, &limited) {
			return users, err
		}
		if !pause(ctx, jitter(limited.RetryAfter)) {
			return nil, ctx.Err()
		}
	}
}

// maxWorkspaces bounds how many workspaces of an organisation are read.
const maxWorkspaces = 1000

// workspaces are those that an organisation-wide install has to name in its
// calls; elsewhere it is one without a name.
func (b *Bot) workspaces(ctx context.Context) ([]string, error) {
	h := b.home.Load()
	if h == nil || !h.org {
		return []string{""}, nil
	}
	var out []string
	for cursor := ""; len(out) < maxWorkspaces; {
		teams, next, err := b.api().ListTeamsContext(ctx, slack.ListTeamsParameters{Limit: 100, Cursor: cursor})
		if err != nil {
			return nil, err
		}
		for _, t := range teams {
			out = append(out, t.ID)
		}
		if next == "" || next == cursor {
			break
		}
		cursor = next
	}
	if len(out) == 0 {
		return nil, errors.New("the organisation has approved the app for no workspace")
	}
	return out, nil
}
