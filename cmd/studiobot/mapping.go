package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"unicode/utf8"

	"github.com/studiobot/studiobot"
	"github.com/studiobot/studiobot/studio"
)

// errFound ends a command whose output is its answer with exit code 1.
var errFound = errors.New("the answer is no")

// mappingCommands are those about who may open what.
func mappingCommands() []command {
	offline := func(f *flag.FlagSet, in *input) {
		f.BoolVar(&in.offline, "offline", false, "ask neither Slack nor AWS: only files and the table answer")
	}
	asking := func(f *flag.FlagSet, in *input) {
		offline(f, in)
		f.BoolVar(&in.fresh, "fresh", false, "read Slack and SageMaker anew, whatever the store has of them")
	}
	return []command{
		{name: "mapping explain", args: "PERSON", config: true, flags: asking, run: (*program).explain,
			short: "say what somebody gets, by which source, and why",
			long: "PERSON is a Slack user ID (U012AB3CD), or T0123ABCD/U012AB3CD for one workspace.\n" +
				"Exits 0 if they can open something, 1 if they can't."},
		{name: "mapping list", config: true, run: (*program).list,
			flags: func(f *flag.FlagSet, in *input) {
				asking(f, in)
				f.StringVar(&in.domain, "domain", "", "only what is said of the domain `NAME`")
			},
			short: "list what every source says, in their order",
			long:  "Where several sources speak of one person and domain, the first of them counts."},
		{name: "mapping lint", config: true, run: (*program).lint,
			flags: func(f *flag.FlagSet, in *input) {
				asking(f, in)
				f.BoolVar(&in.json, "json", false, "print one JSON object a line")
			},
			short: "find what is wrong with the mapping; exits 0, or 1 if there is something",
			long: "Looks for user profiles and domains that don't exist, people who have one profile\n" +
				"together, people who aren't let in, tags that name nobody, and entries that never\n" +
				"count. It asks Slack for everybody and SageMaker for every user profile."},
		{name: "mapping import", args: "FILE", config: true, run: (*program).importUsers,
			flags: func(f *flag.FlagSet, in *input) {
				f.BoolVar(&in.dryRun, "dry-run", false, "say what would change, and write nothing")
			},
			short: "take a users file (CSV, YAML) into the table of the store",
			long: "A row of FILE replaces that of the same person and domain; rows that FILE doesn't\n" +
				"have stay. Calls nobody. Each change has an audit line in the log. With a mistake in\n" +
				"FILE nothing is written, and it exits 2. Bots that run follow within seconds."},
		{name: "mapping export", config: true, flags: asking, run: (*program).export,
			short: "print who can open what as CSV, and when they did last",
			long:  "The access review. `mapping import` takes it back, and it can be a users file."},
	}
}

// review opens the config's mapping. Who asks nobody needs no tokens.
func (p *program) review(ctx context.Context, in input) (*studiobot.Review, error) {
	getenv := p.getenv
	if in.offline {
		getenv = nil
	}
	cfg, err := p.load(in, getenv)
	if err != nil {
		return nil, err
	}
	log := studiobot.NewLogger(p.err, cfg.Log, p.terminal)
	slog.SetDefault(log)
	return studiobot.OpenReview(ctx, cfg, studiobot.ReviewOptions{
		Options: studiobot.Options{Log: log, Version: buildVersion()}, Offline: in.offline, Fresh: in.fresh,
	})
}

// one is the argument of a command that takes exactly one.
func one(command, what string, in input) (string, error) {
	hint := "see `studiobot help " + command + "`"
	switch len(in.args) {
	case 0:
		return "", &usageError{command + ": " + what + " is missing", hint}
	case 1:
		return in.args[0], nil
	}
	return "", &usageError{fmt.Sprintf("%s: %q is too much", command, in.args[1]), hint}
}

func (p *program) explain(ctx context.Context, in input) error {
	id, err := one("mapping explain", "a Slack user ID", in)
	if err != nil {
		return err
	}
	r, err := p.review(ctx, in)
	if err != nil {
		return err
	}
	defer r.Close()
	e, err := r.Explain(ctx, id)
	var wrong *studiobot.IDError
	if errors.As(err, &wrong) {
		return &usageError{"mapping explain: " + wrong.Error(), ""}
	}
	if err != nil {
		return err
	}
	if err := writeExplained(p.out, e); err != nil {
		return err
	}
	if !e.Gets() {
		return errFound
	}
	return nil
}

// list prints two passes over the same: the first one finds how wide the columns
// are, so that nothing is held.
func (p *program) list(ctx context.Context, in input) error {
	r, err := p.review(ctx, in)
	if err != nil {
		return err
	}
	defer r.Close()
	var widths [columns - 1]int
	err = r.List(ctx, in.domain, func(l studiobot.Listed) bool {
		row := rowOf(l)
		for i, field := range row[:columns-1] {
			widths[i] = max(widths[i], utf8.RuneCountInString(field))
		}
		return true
	})
	var wrong *studiobot.DomainError
	if errors.As(err, &wrong) {
		return &usageError{"mapping list: " + wrong.Error(), ""}
	}
	if err != nil {
		return err
	}
	return p.stream(func(out *bufio.Writer) error {
		return r.List(ctx, in.domain, func(l studiobot.Listed) bool {
			for i, field := range rowOf(l) {
				_, _ = out.WriteString(field)
				if i < columns-1 {
					pad(out, widths[i]-utf8.RuneCountInString(field)+3)
				}
			}
			return out.WriteByte('\n') == nil
		})
	})
}

// stream writes much. The writer keeps the first error to its end.
func (p *program) stream(write func(out *bufio.Writer) error) error {
	out := bufio.NewWriterSize(p.out, 64<<10)
	return errors.Join(write(out), out.Flush())
}

func pad(out io.ByteWriter, n int) {
	for range n {
		_ = out.WriteByte(' ')
	}
}

// columns is how many a list has.
const columns = 5

func rowOf(l studiobot.Listed) [columns]string {
	who, domain, profile := l.Person.User, l.Domain, l.Profile
	if l.Person.Team != "" {
		who = l.Person.String()
	}
	if domain == "" {
		domain = "every domain"
	}
	switch {
	case l.Denied:
		profile = "deny"
	case l.Conflict != "":
		profile = "conflict"
	}
	return [columns]string{who, domain, profile, l.Source, l.Origin}
}

func (p *program) lint(ctx context.Context, in input) error {
	r, err := p.review(ctx, in)
	if err != nil {
		return err
	}
	defer r.Close()
	found := 0
	err = p.stream(func(out *bufio.Writer) error {
		lines := json.NewEncoder(out)
		lines.SetEscapeHTML(false)
		return r.Lint(ctx, func(f studiobot.Finding) bool {
			found++
			if in.json {
				return lines.Encode(f) == nil
			}
			_, err := fmt.Fprintln(out, f)
			return err == nil
		})
	})
	switch {
	case err != nil:
		return err
	case found > 0:
		fmt.Fprintln(p.err, count(found, "finding"))
		return errFound
	}
	fmt.Fprintln(p.err, "nothing to mend")
	return nil
}

func (p *program) importUsers(ctx context.Context, in input) error {
	path, err := one("mapping import", "a users file", in)
	if err != nil {
		return err
	}
	in.offline = true
	r, err := p.review(ctx, in)
	if err != nil {
		return err
	}
	defer r.Close()
	done, err := r.Import(ctx, path, in.dryRun)
	if errors.Is(err, studio.ErrNoTable) {
		return &usageError{"mapping import: there is no table in the mapping of " + in.config, "add the source - table: true, and a store that lasts"}
	}
	if err != nil {
		return err
	}
	would := ""
	if in.dryRun {
		would = "nothing was written; it would be "
	}
	_, err = fmt.Fprintf(p.out, "%s%d new, %d changed, %d the same\n", would, done.New, done.Changed, done.Same)
	return err
}

func (p *program) export(ctx context.Context, in input) error {
	r, err := p.review(ctx, in)
	if err != nil {
		return err
	}
	defer r.Close()
	return p.stream(func(out *bufio.Writer) error { return r.Export(ctx, out) })
}
