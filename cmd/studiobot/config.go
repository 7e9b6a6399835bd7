package main

import (
	"strings"

	"github.com/studiobot/studiobot"
)

// fromEnvironment begins a --config that names a variable with the config in
// it. A container service that mounts no files can hand the config over so.
const fromEnvironment = "env:"

// load reads the config that --config names, for the role of --role: a file, or with env:NAME what
// stands in the variable NAME. getenv is that of studiobot.Load: nil where
// nothing but the config itself is to be looked at. Relative paths in a config
// of the environment are relative to the working directory.
func (p *program) load(in input, getenv func(string) string) (studiobot.Config, error) {
	role, err := studiobot.ParseRole(in.role) // a command without --role is for all
	if err != nil {
		return studiobot.Config{}, &usageError{err.Error(), ""}
	}
	if studiobot.InLambda(p.getenv) {
		if role == studiobot.RoleBot {
			return studiobot.Config{}, &usageError{"the bot keeps a connection to Slack, which a Lambda function can't", "run it as a container, and here --role=redirect"}
		}
		role = studiobot.RoleRedirect
	}
	name, ok := strings.CutPrefix(in.config, fromEnvironment)
	if !ok {
		return studiobot.LoadAs(role, in.config, getenv)
	}
	text := p.getenv(name)
	if strings.TrimSpace(text) == "" {
		return studiobot.Config{}, studiobot.Mistakes{{
			File: in.config, Problem: "the variable is missing or empty", Want: "put the lines of a studiobot.yaml into it",
		}}
	}
	return studiobot.ParseAs(role, in.config, []byte(text), getenv)
}
