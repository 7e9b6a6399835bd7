package studiobot

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/studio"
)

// Export writes the access review as CSV: for each person and domain the word
// that counts, by which source and where it stands there, whether they are let in
// (the states stand in review_rows.go), and when they opened that profile last
// (RFC 3339, or empty). Whom several profiles claim is written as denied, with the
// state conflict. It can be read as a users file, and taken into the table, which
// leaves the columns behind the first three alone.
//
// The error may come after a part was written, which is no review then.
func (r *Review) Export(ctx context.Context, w io.Writer) error {
	if err := r.readAll(ctx); err != nil {
		return err
	}
	opened, err := r.lastOpened(ctx)
	if err != nil {
		return err
	}
	sheet := mapping.NewSheet(w, "source", "origin", "state", "last_opened")
	err = r.each(ctx, func(e *entry) bool {
		a := e.answer
		a.Denied = a.Denied || a.Conflict != ""
		for _, word := range e.words {
			if word.counts() {
				last := opened.of(e.person, word.domain, a.Profile)
				sheet.Row(e.key, word.domain, a, r.sources[e.source].kind, a.Origin, r.state(ctx, e, word), last)
			}
		}
		return true
	})
	if err != nil {
		return err
	}
	if err := sheet.End(); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return nil
}

// readAll reads everything that says who can open what.
func (r *Review) readAll(ctx context.Context) error {
	if r.o.Offline {
		return r.readSources(ctx)
	}
	if err := r.readGroups(ctx); err != nil {
		return err
	}
	if err := r.readPeople(ctx, false); err != nil {
		return err
	}
	return r.readSources(ctx)
}

// lastOpenings are when something was opened last, in Unix milliseconds.
type lastOpenings map[openedOption]int64

// openedOption leaves out the workspace, which a source needn't name: in one
// store there is one workspace, or one organisation.
type openedOption struct{ user, domain, profile string }

func (r *Review) lastOpened(ctx context.Context) (lastOpenings, error) {
	out := lastOpenings{}
	err := r.h.store.LastOpened(ctx, func(o studio.Opened) error {
		key := openedOption{o.Person.User, o.Option.Domain, strings.ToLower(o.Option.Profile)}
		out[key] = max(out[key], o.At.UnixMilli())
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("when Studio was opened last can't be read: %w", err)
	}
	return out, nil
}

func (l lastOpenings) of(p studio.Person, domain, profile string) string {
	at, known := l[openedOption{p.User, domain, strings.ToLower(profile)}]
	if !known {
		return ""
	}
	return time.UnixMilli(at).UTC().Format(time.RFC3339)
}
