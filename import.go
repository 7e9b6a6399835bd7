package studiobot

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/studiobot/studiobot/audit"
	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/studio"
)

const (
	// importActor made the links of an import.
	importActor = "import"
	// importBatch is how many links are written in one step: what mapping.Links
	// makes atomic.
	importBatch = 1000
)

// Imported is what an import did, or would do: how many links are new, are
// changed, and stood there already.
type Imported struct{ New, Changed, Same int }

// Import takes a users file (CSV or YAML by the ending of its name) into the
// table. Each of its rows replaces the one of that person and domain; rows that
// the file doesn't have stay. Each change has its audit line, written before the
// change itself. With dryRun nothing is written. It asks neither Slack nor AWS;
// bots that run on the same store follow within seconds.
//
// The error is mapping.Mistakes, all of them, or studio.ErrNoTable, and nothing
// was written then; or that the file can't be read or the store not be asked, and
// then a part may be written. Doing it again is harmless.
func (r *Review) Import(ctx context.Context, path string, dryRun bool) (Imported, error) {
	table := r.h.sources.table
	if table == nil {
		return Imported{}, studio.ErrNoTable
	}
	if err := r.readTable(ctx); err != nil {
		return Imported{}, err
	}
	data, err := readUsers(path)
	if err != nil {
		return Imported{}, err
	}
	links, mistakes := mapping.ParseLinks(path, data, r.cfg.domainNames())
	if len(mistakes) > 0 {
		return Imported{}, mapping.Mistakes(mistakes)
	}
	var done Imported
	at := time.Now()
	changed := links[:0]
	for _, l := range links {
		switch was, there := table.Row(l.Person, l.Domain); {
		case there && was.Denied == l.Denied && was.Profile == l.Profile:
			done.Same++
			continue
		case there:
			done.Changed++
		default:
			done.New++
		}
		l.By, l.At = importActor, at
		changed = append(changed, l)
	}
	if dryRun || len(changed) == 0 {
		return done, nil
	}
	r.imported = true
	var written atomic.Int64
	count := func() []any { return []any{"written", written.Load(), "of", len(changed)} }
	err = r.tell(ctx, "importing", count, func() error {
		for batch := range slices.Chunk(changed, importBatch) {
			if err := r.write(ctx, batch); err != nil {
				return err
			}
			written.Add(int64(len(batch)))
		}
		return nil
	})
	return done, err
}

// readUsers reads a users file, or so much of it that it is seen to be too large.
func readUsers(path string) ([]byte, error) {
	f, problem := openRegular(path)
	if problem != "" {
		return nil, mapping.Mistakes{{File: path, Problem: strings.TrimPrefix(problem, showPath(path)+" ")}}
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, mapping.MaxUsersFile(path)+1))
	if err != nil {
		return nil, fmt.Errorf("import: %w", err)
	}
	return data, nil
}

// write writes some links, after their audit lines.
func (r *Review) write(ctx context.Context, links []mapping.Link) error {
	for i := range links {
		l := &links[i]
		was, _ := r.h.sources.table.Row(l.Person, l.Domain)
		e := audit.Entry{
			Step: audit.Linked, Team: l.Person.Team, User: l.Person.User, Domain: l.Domain, Profile: l.Profile,
			Actor: importActor, Before: said(was), After: said(*l),
		}
		if err := r.audit.Write(ctx, e); err != nil {
			return fmt.Errorf("import: %w", err)
		}
	}
	if err := r.h.store.PutLinks(ctx, links...); err != nil {
		return fmt.Errorf("import: a part may be written, importing it again is harmless: %w", err)
	}
	return nil
}
