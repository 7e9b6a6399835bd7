package bot

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"time"

	"github.com/slack-go/slack"
)

// FinalError is a refusal by Slack that no waiting mends. A bot that is up and
// deaf is the worst outcome, so the process ends with it.
type FinalError struct {
	// Method is what was refused.
	Method string
	// Code is Slack's word for it.
	Code string
	// Mend is what to change.
	Mend string
}

// Error names the setting to mend.
func (e *FinalError) Error() string {
	return fmt.Sprintf("Slack refuses %s for good (%s): %s", e.Method, e.Code, e.Mend)
}

// finalMend is what to change for an error of Slack's that stays until somebody
// does, or "" for one that passes. The method tells which token it is about.
func finalMend(method, code string) string {
	app := method == "apps.connections.open"
	switch code {
	case "invalid_auth", "not_authed", "token_revoked", "not_allowed_token_type", "bad_token":
		if app {
			return "check SLACK_APP_TOKEN: it is wrong, revoked, of another app, or no app-level token (xapp-…)"
		}
		return "check SLACK_BOT_TOKEN: it is wrong, revoked, of another app, or no bot token (xoxb-…)"
	case "missing_scope", "no_permission", "no_scopes":
		if app {
			return "SLACK_APP_TOKEN lacks the scope connections:write: generate a new one (Basic Information, App-Level Tokens)"
		}
		return "a scope is missing: paste the output of `studiobot manifest --config studiobot.yaml` into the Slack app, reinstall it and set SLACK_BOT_TOKEN"
	case "token_expired":
		return "the token has expired: turn token rotation off in the Slack app (token_rotation_enabled: false), reinstall it and set SLACK_BOT_TOKEN"
	case "account_inactive", "app_uninstalled", "user_removed_from_team", "team_added_to_org", "invalid_app_id":
		return "the app was uninstalled or its account deactivated: install it to the workspace again and set SLACK_BOT_TOKEN"
	case "forbidden_team", "team_access_not_granted", "access_denied", "ekm_access_denied", "org_login_required", "restricted_action", "app_not_allowed":
		return "the workspace doesn't let this app in: ask a workspace admin to approve it"
	case "link_disabled", "socket_mode_disabled", "socket_mode_not_enabled", "app_socket_mode_disabled":
		return "Socket Mode is off: turn it on in the Slack app (settings, Socket Mode)"
	}
	return ""
}

// finalRefusal returns the final refusal that err is, or nil.
func finalRefusal(err error, method string) *FinalError {
	var answer slack.SlackErrorResponse
	if errors.As(err, &answer) {
		if mend := finalMend(method, answer.Err); mend != "" {
			return &FinalError{Method: method, Code: answer.Err, Mend: mend}
		}
	}
	var status slack.StatusCodeError
	if errors.As(err, &status) && status.Code == http.StatusNotFound {
		return &FinalError{Method: method, Code: "HTTP 404", Mend: "check SLACK_API_URL: there is no Slack Web API at that address"}
	}
	return nil
}

// redact keeps addresses out of the log: those of Slack hold secrets.
func redact(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

const (
	firstBackoff = 250 * time.Millisecond
	maxBackoff   = 30 * time.Second
)

// backoff is how long to wait before the next attempt: doubling, with jitter,
// or as long as Slack asks for.
func backoff(attempt int, err error) time.Duration {
	var limited *slack.RateLimitedError
	if errors.As(err, &limited) {
		return jitter(limited.RetryAfter)
	}
	return jitter(min(firstBackoff<<min(attempt, 10), maxBackoff))
}

// jitter spreads d by up to a quarter, so that many don't do it at once.
func jitter(d time.Duration) time.Duration {
	if d <= 0 {
		return 0
	}
	return d + rand.N(d/4+1)
}

// pause waits, and says whether it wasn't interrupted.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
