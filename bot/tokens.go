package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/slack-go/slack"
)

// Tokens that stand in files are replaced while the bot runs: a client is made for
// each pair, calls take the current one, and the sockets are opened anew, one after
// the other, so that one is always there.

// newClient makes a client of Slack's Web API.
func (b *Bot) newClient(appToken, botToken string) *slack.Client {
	options := []slack.Option{
		slack.OptionAppLevelToken(appToken),
		slack.OptionHTTPClient(b.http),
		slack.OptionLog(slog.NewLogLogger(b.o.Log.Handler(), slog.LevelDebug)),
	}
	if b.o.APIURL != "" {
		options = append(options, slack.OptionAPIURL(b.o.APIURL))
	}
	return slack.New(botToken, options...)
}

// api is the client to call Slack with now.
func (b *Bot) api() *slack.Client { return b.client.Load() }

// renewTime bounds how long one socket may take to be there again.
const renewTime = 30 * time.Second

// SetTokens takes other tokens into use, after Slack has accepted both for our
// workspace. An error leaves everything as it was, and holds no secret. It is for
// one caller at a time, while Run works.
func (b *Bot) SetTokens(ctx context.Context, appToken, botToken string) error {
	fresh := b.newClient(appToken, botToken)
	who, err := fresh.AuthTestContext(ctx)
	if err != nil {
		return fmt.Errorf("the new bot token isn't used: auth.test: %w", redact(err))
	}
	home := b.home.Load()
	if home == nil {
		return errors.New("the new tokens wait until Slack has told who we are")
	}
	if who.TeamID != home.team {
		return fmt.Errorf("the new bot token isn't used: it is of another workspace, %s", who.TeamID)
	}
	// The address isn't used; Slack gives one for a good token only.
	if _, _, err := fresh.StartSocketModeContext(ctx); err != nil {
		return fmt.Errorf("the new app token isn't used: apps.connections.open: %w", redact(err))
	}
	b.client.Store(fresh)
	for _, s := range b.sockets {
		s.renew()
		for deadline := time.Now().Add(renewTime); !s.live() && time.Now().Before(deadline); {
			if !pause(ctx, 50*time.Millisecond) {
				return nil // it stops
			}
		}
	}
	return nil
}

// renew ends the socket's connection; keep opens another at once.
func (s *socket) renew() {
	s.mu.Lock()
	end := s.end
	s.up = false
	s.mu.Unlock()
	if end != nil {
		s.bot.acks.lost(s)
		end()
	}
}
