package doctor

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"
)

// slack asks Slack about the tokens, and goes on where they are good.
func (e *examination) slack(ctx context.Context) {
	var scopes string
	var date time.Time
	options := []slack.Option{
		slack.OptionAppLevelToken(e.o.AppToken), slack.OptionHTTPClient(e.http),
		slack.OptionOnResponseHeaders(func(_ string, h http.Header) {
			if t, err := http.ParseTime(h.Get("Date")); err == nil {
				date = t
			}
			if s := h.Get("X-OAuth-Scopes"); s != "" {
				scopes = s
			}
		}),
	}
	if e.o.SlackURL != "" {
		options = append(options, slack.OptionAPIURL(e.o.SlackURL))
	}
	api := slack.New(e.o.BotToken, options...)
	ask, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	who, err := api.AuthTestContext(ask)
	e.clock(date)
	if err != nil {
		e.refused("bot token", "SLACK_BOT_TOKEN", err)
	} else {
		e.good("bot token", "Slack knows it: workspace "+who.Team+" ("+who.TeamID+")")
		e.scopes(scopes)
	}
	e.sockets(ctx, api)
}

// scopes compares what the token may do with what the manifest asks for.
func (e *examination) scopes(granted string) {
	if granted == "" {
		e.warn("scopes", "Slack didn't say which scopes the bot token has", "Look under OAuth & Permissions of the Slack app")
		return
	}
	have := strings.Split(strings.ReplaceAll(granted, " ", ""), ",")
	var missing []string
	for _, s := range e.o.Scopes {
		if !slices.Contains(have, s) {
			missing = append(missing, s)
		}
	}
	if len(missing) > 0 {
		e.wrong("scopes", "the bot token lacks "+strings.Join(missing, ", "), "Paste the output of `studiobot manifest --config studiobot.yaml` into the Slack app, reinstall it and set SLACK_BOT_TOKEN")
		return
	}
	e.good("scopes", "the bot token has all that this config needs")
}

// refused says what is the matter with a token that Slack refuses.
func (e *examination) refused(check, setting string, err error) {
	code := ""
	var answer slack.SlackErrorResponse
	if errors.As(err, &answer) {
		code = answer.Err
	}
	switch code {
	case "token_revoked", "account_inactive":
		e.wrong(check, "it was revoked, or the app was uninstalled ("+code+")", "Install the app again, or make a new token, and set "+setting)
	case "invalid_auth", "not_authed":
		e.wrong(check, "Slack doesn't know it ("+code+")", "Copy the token anew from the Slack app, and set "+setting)
	case "not_allowed_token_type":
		e.wrong(check, "it is another kind of token", "SLACK_APP_TOKEN begins with xapp-, SLACK_BOT_TOKEN with xoxb-: set "+setting)
	case "missing_scope", "no_permission":
		e.wrong(check, "it lacks a scope ("+code+")", "Make a new app-level token with connections:write (Basic Information, App-Level Tokens), and set "+setting)
	case "link_disabled", "socket_mode_disabled", "socket_mode_not_enabled", "app_socket_mode_disabled":
		e.wrong(check, "Socket Mode is off ("+code+")", "Turn it on in the Slack app: Settings, Socket Mode")
	case "":
		e.wrong(check, "Slack can't be asked: "+cause(err), "Look at the way out of your network (HTTPS_PROXY), at SLACK_API_URL, and at Slack's status page")
	default:
		e.wrong(check, "Slack refuses it: "+code, "Look that word up in Slack's documentation, and at "+setting)
	}
}

// clock compares our time with Slack's.
func (e *examination) clock(theirs time.Time) {
	if theirs.IsZero() {
		e.warn("clock", "Slack's time isn't known", "Compare this machine's clock with another one's")
		return
	}
	off := time.Since(theirs).Round(time.Second)
	way := "ahead of"
	if off < 0 {
		off, way = -off, "behind"
	}
	says := fmt.Sprintf("this machine is %v %s Slack", off, way)
	switch {
	case off >= clockOff:
		e.wrong("clock", says+": AWS refuses signatures, and links expire too early or too late", "Turn on NTP (chrony, systemd-timesyncd), then restart the bot")
	case off >= clockDrifts:
		e.warn("clock", says, "Turn on NTP (chrony, systemd-timesyncd)")
	default:
		e.good("clock", "it goes with Slack's")
	}
}
