package bot

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"
	"golang.org/x/time/rate"

	"github.com/studiobot/studiobot/studio"
)

const (
	// peopleEvery is how often the whole workspace is read again. Events keep
	// it fresh in between; this finds what they missed.
	peopleEvery = 10 * time.Minute
	// peoplePage is the most that users.list gives at a time. Smaller pages of
	// a large workspace would take longer than peopleEvery at its rate limit.
	peoplePage = 1000
	// peopleRate is users.list's limit (tier 2), peopleBurst what it lets pass
	// at once.
	peopleRate  = rate.Limit(20.0 / 60)
	peopleBurst = 10
)

// readPeople keeps the directory read until ctx ends.
func (b *Bot) readPeople(ctx context.Context) {
	pace := rate.NewLimiter(peopleRate, peopleBurst)
	for attempt := 0; ; attempt++ {
		if b.o.Turn != nil && b.o.Turn(ctx) != nil {
			return
		}
		began := time.Now()
		n, err := b.readOnce(ctx, pace)
		wait := jitter(peopleEvery)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			if final := finalRefusal(err, "users.list"); final != nil {
				b.fail(final)
				return
			}
			wait = backoff(attempt, err)
			b.o.Log.WarnContext(ctx, "the workspace couldn't be read; people who aren't known are asked for one by one",
				"people", n, "err", redact(err), "again_in", wait.String())
		default:
			attempt = 0
			b.o.Log.InfoContext(ctx, "workspace read", "people", n, "took", time.Since(began).Round(time.Millisecond).String())
		}
		if !pause(ctx, wait) {
			return
		}
	}
}

// readOnce makes one pass over the workspace.
func (b *Bot) readOnce(ctx context.Context, pace *rate.Limiter) (n int, err error) {
	teams, err := b.workspaces(ctx)
	if err != nil {
		return 0, err
	}
	reading := b.o.Directory.Begin()
	for _, team := range teams {
		m, err := b.readTeam(ctx, pace, reading, team)
		if n += m; err != nil {
			return n, err
		}
	}
	reading.Done()
	return n, nil
}

// readTeam reads everybody of one workspace.
func (b *Bot) readTeam(ctx context.Context, pace *rate.Limiter, reading Reading, team string) (n int, err error) {
	options := []slack.GetUsersOption{slack.GetUsersOptionLimit(peoplePage), slack.GetUsersOptionIncludeLocale(false)}
	if team != "" {
		options = append(options, slack.GetUsersOptionTeamID(team))
	}
	page := b.api().GetUsersPaginated(options...)
	for {
		if err := pace.Wait(ctx); err != nil {
			return n, err
		}
		next, err := page.Next(ctx)
		var limited *slack.RateLimitedError
		if errors.As(err, &limited) {
			if !pause(ctx, jitter(limited.RetryAfter)) {
				return n, ctx.Err()
			}
			continue
		}
		if err != nil {
			return n, err
		}
		page = next
		members := make([]studio.Member, 0, len(page.Users))
		for i := range page.Users {
			members = append(members, b.member(&page.Users[i]))
		}
		reading.Add(members...)
		n += len(members)
		if page.Cursor == "" {
			return n, nil
		}
	}
}

// Ask asks Slack for one person, as the directory does for somebody whom it
// doesn't know. studio.ErrUnknownPerson where Slack knows of no such person.
func (b *Bot) Ask(ctx context.Context, user string) (studio.Member, error) {
	u, err := b.api().GetUserInfoContext(ctx, user)
	var answer slack.SlackErrorResponse
	if errors.As(err, &answer) && (answer.Err == "user_not_found" || answer.Err == "user_not_visible") {
		return studio.Member{}, studio.ErrUnknownPerson
	}
	if err != nil {
		return studio.Member{}, redact(err)
	}
	return b.member(u), nil
}

// member reduces what Slack says of a person to what a decision needs.
func (b *Bot) member(u *slack.User) studio.Member {
	m := studio.Member{
		Person:     studio.Person{Team: u.TeamID, User: u.ID},
		Enterprise: u.Enterprise.EnterpriseID,
		Deleted:    u.Deleted,
		// Slackbot says that it is no bot.
		Bot:      u.IsBot || u.IsWorkflowBot || u.IsConnectorBot || u.ID == "USLACKBOT",
		Guest:    u.IsRestricted || u.IsUltraRestricted,
		Stranger: u.IsStranger,
		Invited:  u.IsInvitedUser,
	}
	if u.IsEmailConfirmed && len(u.Profile.Email) <= maxEmail {
		m.Email = lowerASCII(u.Profile.Email)
	}
	return m
}

// lowerASCII makes capital letters small and leaves everything else alone: some
// letters of other scripts become Latin ones in small, and with that somebody
// else's address.
func lowerASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// maxEmail is the longest address there is, RFC 5321.
const maxEmail = 254

// eventPayload is what is used of an Events API payload.
type eventPayload struct {
	TeamID       string `json:"team_id"`
	EnterpriseID string `json:"enterprise_id"`
	// EventTime is when it happened, in Unix seconds.
	EventTime int64 `json:"event_time"`
	Event     struct {
		groupChange
		User json.RawMessage `json:"user"`
		// app_home_opened
		Tab  string `json:"tab"`
		View struct {
			Metadata string `json:"private_metadata"`
		} `json:"view"`
		// tokens_revoked
		Tokens struct {
			Bot []string `json:"bot"`
		} `json:"tokens"`
	} `json:"event"`
}

// event takes in an event that was acknowledged. What happened in another
// workspace is none of our business.
func (b *Bot) event(p eventPayload) {
	if h := b.home.Load(); h == nil || !h.includes(p.TeamID, p.EnterpriseID) {
		return
	}
	switch p.Event.Type {
	case "user_change", "team_join":
		var u slack.User
		if err := json.Unmarshal(p.Event.User, &u); err != nil || !slackID.MatchString(u.ID) {
			b.o.Log.Warn("what Slack says of a person can't be read; the next reading of the workspace will tell", "event", p.Event.Type)
			return
		}
		b.told.inOrder(u.ID, p.EventTime, func() { b.o.Directory.Put(b.member(&u)) })
	case "subteam_members_changed", "subteam_updated":
		b.groupEvent(p.Event.groupChange, p.EventTime)
	case "app_home_opened":
		var user string
		if json.Unmarshal(p.Event.User, &user) == nil && slackID.MatchString(user) && p.Event.Tab == "home" {
			b.homes.add(homeOpening{team: p.TeamID, enterprise: p.EnterpriseID, user: user, shown: p.Event.View.Metadata})
		}
	case "app_uninstalled":
		b.fail(&FinalError{Method: "the app", Code: "app_uninstalled", Mend: finalMend("", "app_uninstalled")})
	case "tokens_revoked":
		for _, user := range p.Event.Tokens.Bot {
			if h := b.home.Load(); h != nil && user == h.botUser {
				b.fail(&FinalError{Method: "SLACK_BOT_TOKEN", Code: "tokens_revoked", Mend: finalMend("", "account_inactive")})
			}
		}
	}
}

// maxTold bounds how many people's last event is remembered.
const maxTold = 10_000

// lastTold keeps an event that is delivered late, or again, from undoing a
// younger one of the same person.
type lastTold struct {
	mu sync.Mutex
	at map[string]int64 // by person, in Unix seconds
}

// inOrder does it unless something younger was told of that person. Slack's times
// are whole seconds: of two in one, the one that comes last counts.
func (l *lastTold) inOrder(id string, at int64, do func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if at > 0 && at < l.at[id] {
		return
	}
	if l.at == nil || len(l.at) >= maxTold {
		l.at = map[string]int64{} // the next reading of the workspace mends what that lets through
	}
	l.at[id] = at
	do()
}
