package studiobot

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// hidden is what is printed in the place of a secret.
const hidden = "[secret]"

// Secret is a text that never gets into a log, an error or a dump by accident:
// it prints as "[secret]" under every fmt verb, in slog and in JSON. The zero
// value is the empty secret.
type Secret struct {
	// A pointer, because fmt doesn't ask for a Formatter below an unexported
	// field: there it prints an address, not the text.
	value *string
}

// NewSecret returns a Secret that holds value.
func NewSecret(value string) Secret { return Secret{&value} }

// Reveal returns the text itself, for the one place that needs it.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// Format implements fmt.Formatter for all verbs.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// String implements fmt.Stringer.
func (Secret) String() string { return hidden }

// MarshalText covers encoding/json, YAML and slog's text.
func (Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// Secrets come from the environment only.
type Secrets struct {
	// AppToken (xapp-…) opens the sockets, BotToken (xoxb-…) calls the Web API.
	AppToken, BotToken Secret
	// AppFile and BotFile are where they were read, where that is a file: it is
	// looked at again, for tokens change.
	AppFile, BotFile string
	// ClientSecret is the OpenID client's, CookieKeys seal what browsers keep, in
	// base64 with spaces between them. Both are empty where nobody signs in.
	ClientSecret, CookieKeys Secret
}

const (
	appTokenName, appTokenPrefix = "SLACK_APP_TOKEN", "xapp-"
	botTokenName, botTokenPrefix = "SLACK_BOT_TOKEN", "xoxb-"

	// maxToken bounds a token; Slack's have around 100 characters.
	maxToken = 1 << 10
)

// secrets reads the tokens. Each can stand in the variable itself or in the
// file that the variable's _FILE twin names.
func (r *reader) secrets(getenv func(string) string) {
	app, appFrom := r.secret(getenv, appTokenName, appTokenPrefix)
	bot, botFrom := r.secret(getenv, botTokenName, botTokenPrefix)
	if strings.HasPrefix(app, botTokenPrefix) && strings.HasPrefix(bot, appTokenPrefix) {
		r.env(appTokenName, fmt.Sprintf("holds the bot token, and %s the app-level token", botFrom), "swap the two")
		return
	}
	r.token(appFrom, app, appTokenPrefix)
	r.token(botFrom, bot, botTokenPrefix)
	r.cfg.Secrets.AppToken, r.cfg.Secrets.BotToken = NewSecret(app), NewSecret(bot)
	r.cfg.Secrets.AppFile, r.cfg.Secrets.BotFile = getenv(appTokenName+"_FILE"), getenv(botTokenName+"_FILE")
}

// secret returns a secret and the variable that it came from. It is empty if
// that is a mistake already.
func (r *reader) secret(getenv func(string) string, name, prefix string) (value, from string) {
	return r.secretOf(getenv, name, "set it to a token beginning with "+prefix, "a file that holds a token beginning with "+prefix)
}

// secretOf is secret for what isn't a token: want says what to set it to, holds
// what its file is.
func (r *reader) secretOf(getenv func(string) string, name, want, holds string) (value, from string) {
	twin := name + "_FILE"
	value, path := getenv(name), getenv(twin)
	switch {
	case value != "" && path != "":
		r.env(name, "is set, and so is "+twin, "keep one of them")
		return "", name
	case path != "":
		value, problem := readSecret(path)
		if problem != "" {
			r.env(twin, problem, "name "+holds)
		}
		return value, twin
	case value == "":
		r.env(name, "is missing", fmt.Sprintf("%s, or %s to a file that holds it", want, twin))
	}
	return strings.TrimRight(value, "\r\n"), name
}

// readSecret reads a secret from a file, without the line break at its end.
func readSecret(path string) (value, problem string) {
	f, problem := openRegular(path)
	if problem != "" {
		return "", problem
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxToken+3))
	if err != nil {
		return "", showPath(path) + " can't be read (" + reason(err) + ")"
	}
	value = strings.TrimRight(string(data), "\r\n")
	if value == "" {
		return "", showPath(path) + " is empty"
	}
	return value, ""
}

// openRegular opens a regular file: anything else could block for ever.
func openRegular(path string) (f *os.File, problem string) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, showPath(path) + " can't be read (" + reason(err) + ")"
	case !info.Mode().IsRegular():
		return nil, showPath(path) + " is no regular file"
	}
	if f, err = os.Open(path); err != nil {
		return nil, showPath(path) + " can't be read (" + reason(err) + ")"
	}
	return f, ""
}

// token checks the form of a token. What it says never repeats the token.
func (r *reader) token(name, value, prefix string) {
	kinds := map[string]string{appTokenPrefix: "an app-level token", botTokenPrefix: "a bot token", "xoxp-": "a user token", "xoxe": "a configuration or rotated token"}
	want := "put " + kinds[prefix] + " there, which begins with " + prefix
	switch {
	case value == "":
		return // said already
	case len(value) > maxToken:
		r.env(name, fmt.Sprintf("is longer than %d characters", maxToken), want)
	case strings.IndexFunc(value, func(c rune) bool { return c <= ' ' || c > '~' }) >= 0:
		r.env(name, "has a space, a line break or another character that no token has", want)
	case strings.HasPrefix(value, prefix):
		if value == prefix {
			r.env(name, "is only the beginning of a token", want)
		}
	default:
		for p, kind := range kinds {
			if strings.HasPrefix(value, p) {
				r.env(name, "holds "+kind, want)
				return
			}
		}
		r.env(name, "doesn't begin with "+prefix, want)
	}
}

// env adds a mistake in the environment.
func (r *reader) env(name, problem, want string) {
	r.add(Mistake{File: environmentFile, Key: name, Problem: problem, Want: want})
}
