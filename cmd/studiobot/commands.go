package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/studiobot/studiobot"
	"github.com/studiobot/studiobot/mapping"
)

// The exit codes.
const (
	exitOK      = 0
	exitFailure = 1
	exitUsage   = 2 // the command line or the config is wrong
)

// command is one thing that studiobot does. The help is made from the table.
type command struct {
	name  string // one word or two
	args  string // what may follow the flags
	short string // one line
	long  string // more of it, for the command's own help
	// config: it takes --config.
	config bool
	// flags adds those that it has besides; nil: none.
	flags func(f *flag.FlagSet, in *input)
	run   func(p *program, ctx context.Context, in input) error
}

// input is a command line that was read.
type input struct {
	config string
	args   []string

	offline, fresh, dryRun, json bool
	domain, role, profile        string
}

func roleFlag(f *flag.FlagSet, in *input) {
	f.StringVar(&in.role, "role", string(studiobot.RoleAll), "what this process does: `ROLE` is all, bot or redirect")
}

// commands is the table.
func commands() []command {
	return slices.Concat([]command{
		{name: "serve", config: true, flags: roleFlag, run: (*program).serve,
			short: "run the bot until SIGTERM or Ctrl-C",
			long: "Needs SLACK_APP_TOKEN and SLACK_BOT_TOKEN, or their _FILE twins, and AWS credentials\n" +
				"as the AWS SDK finds them. With --role=bot it opens no links, and with --role=redirect\n" +
				"it does nothing else and needs no tokens: both need a store that they share. In AWS Lambda it is the redirect.\n" +
				"SIGUSR1 switches debug logging on, and off again."},
		{name: "check", config: true, flags: roleFlag, run: (*program).check,
			short: "print every mistake in config and environment; calls nobody",
			long:  "Exits 2 if there is a mistake."},
		doctorCommand(),
		{name: "manifest", config: true, run: (*program).manifest,
			short: "print the Slack app manifest that fits the config",
			long:  "Without --config it is that of the default config. The tokens needn't be there yet."},
		{name: "config init", args: "[FILE]", run: (*program).configInit,
			short: "write a commented config to start from; - prints it",
			long:  "FILE is studiobot.yaml unless given. A file that exists isn't touched."},
		{name: "config reference", run: (*program).configReference,
			short: "print what every key of the config means"},
	}, mappingCommands(), blockCommands(), []command{
		{name: "store init", config: true, run: (*program).storeInit,
			short: "make what the store needs: a table in DynamoDB; may be run again",
			long: "Billed by the request, with TTL, point-in-time recovery and deletion protection on. What\n" +
				"is there already stays. Needs AWS credentials that may do that, and AWS_REGION; no tokens."},
		{name: "health", config: true, run: (*program).health,
			short: "ask the bot running here whether it lives; exits 0 or 1",
			long:  "For a container's health check: asks /healthz on the listener that the config names."},
		{name: "version", run: (*program).version,
			short: "print the version"},
		{name: "help", args: "[COMMAND]", run: (*program).help,
			short: "print this, or the help of a command"},
	})
}

// usageError says what is wrong with the command line, and what would be right.
type usageError struct{ problem, hint string }

func (e *usageError) Error() string {
	if e.hint == "" {
		return e.problem
	}
	return e.problem + "; " + e.hint
}

// run does what the command line says and returns the exit code.
func (p *program) run(ctx context.Context, args []string) int {
	var usage *usageError
	var mistakes studiobot.Mistakes
	var inUsers mapping.Mistakes
	switch err := p.dispatch(ctx, args); {
	case err == nil:
		return exitOK
	case errors.As(err, &mistakes):
		fmt.Fprintln(p.err, mistakes)
		return exitUsage
	case errors.As(err, &inUsers):
		fmt.Fprintln(p.err, inUsers)
		return exitUsage
	case errors.Is(err, errFound):
		return exitFailure // what was printed says it
	case errors.As(err, &usage):
		fmt.Fprintf(p.err, "studiobot: %v\n", usage)
		return exitUsage
	default:
		fmt.Fprintf(p.err, "studiobot: %v\n", err)
		return exitFailure
	}
}

// dispatch finds the command, reads its flags and runs it.
func (p *program) dispatch(ctx context.Context, args []string) error {
	if len(args) == 0 && studiobot.InLambda(p.getenv) {
		args = []string{"serve"} // Lambda starts a program named bootstrap, without any
	}
	if len(args) == 0 {
		p.overview(p.err)
		return &usageError{"no command", "`studiobot serve` runs the bot"}
	}
	switch args[0] {
	case "-h", "-help", "--help":
		p.overview(p.out)
		return nil
	case "-v", "-version", "--version":
		args = []string{"version"}
	}
	c, rest, err := find(args)
	if err != nil {
		return err
	}
	in := input{}
	switch err := in.read(c.flagSet(&in), rest); {
	case errors.Is(err, flag.ErrHelp):
		p.describe(p.out, c)
		return nil
	case err != nil:
		return &usageError{c.name + ": " + err.Error(), "see `studiobot help " + c.name + "`"}
	}
	if len(in.args) > 0 && c.args == "" {
		return &usageError{fmt.Sprintf("%s: %q is too much", c.name, in.args[0]), "see `studiobot help " + c.name + "`"}
	}
	return c.run(p, ctx, in)
}

// read reads flags, which may stand before and behind what they are about.
func (in *input) read(flags *flag.FlagSet, args []string) error {
	for {
		if err := flags.Parse(args); err != nil {
			return err
		}
		rest := flags.Args()
		if n := len(args) - len(rest); len(rest) == 0 || n > 0 && args[n-1] == "--" {
			in.args = append(in.args, rest...)
			return nil
		}
		in.args, args = append(in.args, rest[0]), rest[1:]
	}
}

// find returns the command that args begin with, and what follows it.
func find(args []string) (command, []string, error) {
	var names []string
	for _, c := range commands() {
		words := strings.Fields(c.name)
		if len(args) >= len(words) && strings.Join(args[:len(words)], " ") == c.name {
			return c, args[len(words):], nil
		}
		names = append(names, c.name)
	}
	for _, n := range []int{2, 1} {
		word := strings.Join(args[:min(n, len(args))], " ")
		if near := studiobot.Nearest(word, names); near != "" {
			return command{}, nil, &usageError{fmt.Sprintf("there is no command %q", word), "did you mean `studiobot " + near + "`?"}
		}
	}
	for _, name := range names {
		if strings.HasPrefix(name, args[0]+" ") {
			return command{}, nil, &usageError{args[0] + " alone is no command", "did you mean `studiobot " + name + "`?"}
		}
	}
	return command{}, nil, &usageError{fmt.Sprintf("there is no command %q", args[0]), "`studiobot --help` lists them"}
}

// flagSet is the flags of a command, which go into in.
func (c command) flagSet(in *input) *flag.FlagSet {
	f := flag.NewFlagSet(c.name, flag.ContinueOnError)
	f.SetOutput(io.Discard) // what it would print, we say in our own way
	if c.config {
		def := defaultConfig
		if c.name == "manifest" {
			def = "" // none
		}
		f.StringVar(&in.config, "config", def, "the config `FILE`, or env:NAME for a variable that holds it")
	}
	if c.flags != nil {
		c.flags(f, in)
	}
	return f
}

const defaultConfig = "studiobot.yaml"

// overview prints all commands.
func (p *program) overview(w io.Writer) {
	fmt.Fprint(w, "studiobot opens SageMaker Studio from Slack, with one click.\n\nusage: studiobot COMMAND [flags]\n\n")
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	for _, c := range commands() {
		fmt.Fprintf(t, "  %s\t%s\n", strings.TrimSpace(c.name+" "+c.args), c.short)
	}
	_ = t.Flush()
	fmt.Fprint(w, `
To begin: studiobot config init     writes studiobot.yaml; edit it, and write users.yaml
          studiobot manifest        prints the Slack app to create; it gives you the tokens
          studiobot check           says what is still missing
          studiobot serve           runs the bot
          studiobot doctor          beside it, finds what is wrong

`+"`studiobot help COMMAND`"+` says more about one of them.
`)
}

// describe prints the help of one command.
func (p *program) describe(w io.Writer, c command) {
	line, flags := "usage: studiobot "+c.name, strings.Builder{}
	table := tabwriter.NewWriter(&flags, 0, 0, 3, ' ', 0)
	in := input{}
	c.flagSet(&in).VisitAll(func(f *flag.Flag) {
		name, doc := flag.UnquoteUsage(f)
		name = strings.TrimSpace("--" + f.Name + " " + name)
		if f.DefValue != "" && f.DefValue != "false" {
			doc += "; " + f.DefValue + " unless given"
		}
		line += " [" + name + "]"
		fmt.Fprintf(table, "  %s\t%s\n", name, doc)
	})
	fmt.Fprintf(w, "%s\n\n%s\n", strings.TrimSpace(line+" "+c.args), c.short)
	if c.long != "" {
		fmt.Fprintf(w, "%s\n", c.long)
	}
	if _ = table.Flush(); flags.Len() > 0 {
		fmt.Fprintf(w, "\n%s", flags.String())
	}
}

func (p *program) help(_ context.Context, in input) error {
	if len(in.args) == 0 {
		p.overview(p.out)
		return nil
	}
	c, _, err := find(in.args)
	if err != nil {
		return err
	}
	p.describe(p.out, c)
	return nil
}
