package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"strings"

	"github.com/studiobot/studiobot"
	"github.com/studiobot/studiobot/doctor"
)

// doctorCommand is the look at an installation.
func doctorCommand() command {
	return command{name: "doctor", config: true, run: (*program).doctor,
		flags: func(f *flag.FlagSet, in *input) {
			f.BoolVar(&in.json, "json", false, "print one JSON object a line")
			f.StringVar(&in.profile, "profile", "", "try this user `PROFILE` in the first domain")
		},
		short: "find what is wrong, with the real config and credentials",
		long: "One line per check: good, warning or wrong, and the next step. Exits 0, or 1 if\nsomething is wrong. Run it beside the bot: what only a running bot knows it asks that.\n" +
			"It changes nothing. It has one presigned URL made for each domain, and drops it; and it\nconnects to Slack for a moment only where no bot is seen to run."}
}

func (p *program) doctor(ctx context.Context, in input) error {
	wrong := false
	each := func(f doctor.Finding) {
		wrong = wrong || f.Result == doctor.Wrong
		p.printFinding(f, in.json)
	}
	cfg, err := studiobot.Load(in.config, p.getenv)
	var mistakes studiobot.Mistakes
	if errors.As(err, &mistakes) {
		for _, m := range mistakes {
			each(doctor.Finding{Check: "config", Result: doctor.Wrong, Says: m.String(), Next: "Mend it; `studiobot check` prints all of them"})
		}
		return errFound
	}
	if err != nil {
		return err
	}
	for _, w := range cfg.Warnings {
		each(doctor.Finding{Check: "config", Result: doctor.Warning, Says: w, Next: "`studiobot config reference` tells about every key"})
	}
	each(doctor.Finding{Check: "config", Result: doctor.Good, Says: in.config + " has no mistake"})
	log := studiobot.NewLogger(p.err, studiobot.Log{Level: slog.LevelWarn, Format: cfg.Log.Format}, p.terminal)
	slog.SetDefault(log)
	err = studiobot.Doctor(ctx, cfg, studiobot.DoctorOptions{Log: log, Version: buildVersion(), Profile: in.profile}, each)
	if err == nil && wrong {
		return errFound
	}
	return err
}

// printFinding prints one line, for people or for a program.
func (p *program) printFinding(f doctor.Finding, asJSON bool) {
	if asJSON {
		_ = json.NewEncoder(p.out).Encode(f) // nobody to tell
		return
	}
	next := ""
	if f.Next != "" {
		next = ". " + f.Next
	}
	fmt.Fprintf(p.out, "%-8s %s: %s%s\n", f.Result, f.Check, strings.ReplaceAll(strings.TrimSuffix(f.Says, "."), "\n", " "), next)
}
