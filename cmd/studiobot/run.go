package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/studiobot/studiobot"
)

// serve runs the bot until ctx ends.
func (p *program) serve(ctx context.Context, in input) error {
	cfg, err := p.load(in, p.getenv)
	if err != nil {
		return err
	}
	level := new(slog.LevelVar)
	level.Set(cfg.Log.Level)
	log := studiobot.NewLoggerAt(p.err, cfg.Log, p.terminal, level)
	go toggleDebug(ctx, log, level, cfg.Log.Level)
	// Nothing of ours uses the default logger. Lines of libraries that do would
	// break the JSON.
	slog.SetDefault(log)
	go p.holdMemory(ctx)
	for _, w := range cfg.Warnings {
		log.Warn(w)
	}
	return studiobot.Run(ctx, cfg, studiobot.Options{Log: log, Version: buildVersion(), Lambda: studiobot.InLambda(p.getenv)})
}

// storeInit makes a table. It asks for no tokens.
func (p *program) storeInit(ctx context.Context, in input) error {
	cfg, err := p.load(in, nil)
	if err != nil {
		return err
	}
	log := studiobot.NewLogger(p.err, cfg.Log, p.terminal)
	slog.SetDefault(log)
	done, err := studiobot.InitStore(ctx, cfg, studiobot.Options{Log: log, Version: buildVersion()})
	if err != nil {
		return err
	}
	fmt.Fprintln(p.out, done)
	return nil
}

// check says whether the config is fine.
func (p *program) check(_ context.Context, in input) error {
	cfg, err := p.load(in, p.getenv)
	if err != nil {
		return err
	}
	for _, w := range cfg.Warnings {
		fmt.Fprintln(p.err, "warning: "+w)
	}
	fmt.Fprintf(p.out, "%s is fine: %s, %s, %s store, %s\n", in.config,
		count(len(cfg.Domains), "domain"), count(len(cfg.Mapping), "source")+" of the mapping", cfg.Store.Kind, "proof "+cfg.Launch.Proof)
	return nil
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// manifest prints the Slack app. It is what the tokens come from, so it asks
// for none.
func (p *program) manifest(_ context.Context, in input) error {
	if in.config == "" {
		_, err := p.out.Write(studiobot.Manifest(nil))
		return err
	}
	cfg, err := p.load(in, nil)
	if err != nil {
		return err
	}
	_, err = p.out.Write(studiobot.Manifest(&cfg))
	return err
}

// configInit writes the example.
func (p *program) configInit(_ context.Context, in input) error {
	path := defaultConfig
	switch len(in.args) {
	case 0:
	case 1:
		path = in.args[0]
	default:
		return &usageError{fmt.Sprintf("config init: %q is too much", in.args[1]), "name one file"}
	}
	if path == "-" {
		_, err := p.out.Write(studiobot.Example())
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return &usageError{path + " exists and stays as it is", "name another file, or - to print"}
	}
	if err != nil {
		return fmt.Errorf("config init: %w", err)
	}
	_, err = f.Write(studiobot.Example())
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("config init: %w", err)
	}
	fmt.Fprintf(p.out, `%s is written. Next:
  edit it; public_url and domains are yours to fill in
  write %s, with a line for each person: U012AB3CD: jane-doe
  studiobot check --config %s
`, path, filepath.Join(filepath.Dir(path), "users.yaml"), path)
	return nil
}

func (p *program) configReference(context.Context, input) error {
	_, err := p.out.Write(studiobot.Reference())
	return err
}

func (p *program) version(context.Context, input) error {
	_, err := fmt.Fprintf(p.out, "studiobot %s (%s, %s/%s)\n", buildVersion(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

// buildVersion is the release, or what the toolchain knows of the source.
func buildVersion() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	revision := "devel"
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			revision += "-" + s.Value[:min(12, len(s.Value))]
		case s.Key == "vcs.modified" && s.Value == "true":
			revision += "-dirty"
		}
	}
	return strings.TrimSpace(revision)
}
