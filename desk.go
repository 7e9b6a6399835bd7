package studiobot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/studiobot/studiobot/audit"
	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/studio"
)

// desk is what admins can see and change: bot.Admin, and where an approved
// request becomes a link: requests.Table.
type desk struct {
	h       *halves
	mapping *mapping.Mapping
	sources *sources
	domains []string
	self    bool // admins may link themselves
	lasts   bool // the store does
	audit   *audit.Log
}

const (
	// lookTime bounds the question whether a profile exists, within the time
	// that a command has.
	lookTime = 1200 * time.Millisecond
	// listPage is how many rows of a list are shown at a time.
	listPage = 20
	// maxOthers is how many people with the same profile are named.
	maxOthers = 3
)

// Is implements bot.Admin.
func (d *desk) Is(ctx context.Context, p studio.Person) (bool, error) {
	if ok, err := d.mapping.Admin(ctx, p); !ok || err != nil {
		return false, err
	}
	err := blocked(ctx, d.h.store, p)
	if errors.Is(err, studio.ErrBlocked) {
		return false, nil
	}
	return err == nil, err
}

// Who implements bot.Admin.
func (d *desk) Who(ctx context.Context, p studio.Person) studio.Explanation {
	return d.h.explain(ctx, d.mapping, p)
}

// Link implements bot.Admin.
func (d *desk) Link(ctx context.Context, by, p studio.Person, domain, profile string) (studio.Linked, error) {
	if by.User == p.User && !d.self {
		return studio.Linked{}, studio.ErrOwnRequest
	}
	before, err := d.link(ctx, audit.Entry{Team: p.Team, User: p.User, Domain: domain, Profile: profile, Actor: by.String()})
	if err != nil {
		return studio.Linked{}, err
	}
	out := studio.Linked{Before: before}
	out.Others, _ = d.others(ctx, p, domain, profile) // it is linked; who shares it is a courtesy
	look, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	_, err = d.h.studio.Profile(look, domain, profile)
	out.Missing = errors.Is(err, studio.ErrNoProfile)
	now := d.h.explain(ctx, d.mapping, p)
	out.Refused = now.Refused
	for _, x := range now.Domains {
		if x.Domain != domain {
			continue
		}
		if w, ok := x.Decides(); ok && d.sources.kinds[w.Source-1] != SourceTable {
			out.Behind = w.Origin
		}
		if errors.Is(x.Err, studio.ErrNotInGroup) {
			out.Barred = x.Err
		}
	}
	return out, d.h.denyAgain(ctx, p)
}

// Unlink implements bot.Admin.
func (d *desk) Unlink(ctx context.Context, by, p studio.Person, domain string) ([]studio.Granted, error) {
	if d.sources.table == nil {
		return nil, studio.ErrNoTable
	}
	if by.User == p.User && !d.self { // what is taken away may be a denial
		return nil, studio.ErrOwnRequest
	}
	if d.h.requests != nil { // or an approval that is under way brings it again
		if err := d.h.requests.Withdraw(ctx, by, p, domain); err != nil {
			return nil, err
		}
	}
	if err := d.fresh(ctx); err != nil {
		return nil, err
	}
	domains := []string{domain}
	if domain == "" {
		domains = append(domains, d.domains...)
	}
	var gone []studio.Granted
	for _, name := range domains {
		for _, key := range []studio.Person{p, {User: p.User}} {
			was, there := d.sources.table.Row(key, name)
			if !there {
				continue
			}
			e := audit.Entry{Step: audit.Unlinked, Team: p.Team, User: p.User, Domain: name, Actor: by.String(), Before: said(was)}
			if err := d.audit.Write(ctx, e); err != nil {
				return gone, err
			}
			if was, there, err := d.sources.table.Drop(ctx, key, name, by.String(), time.Now()); err != nil {
				return gone, fmt.Errorf("%w: %w", studio.ErrUnsure, err)
			} else if there {
				gone = append(gone, studio.Granted{Person: p, Domain: name, Profile: was.Profile, Denied: was.Denied, Source: SourceTable})
			}
		}
	}
	return gone, d.h.denyAgain(ctx, p)
}

// said is what a row says, for the audit trail.
func said(l mapping.Link) string {
	if l.Denied {
		return "deny"
	}
	return l.Profile
}

// link writes the row of the table that e is about, with e as its audit line
// first, and returns what the table said before.
func (d *desk) link(ctx context.Context, e audit.Entry) (before string, err error) {
	if d.sources.table == nil {
		return "", studio.ErrNoTable
	}
	p := studio.Person{Team: e.Team, User: e.User}
	row := mapping.Link{Person: p, Domain: e.Domain, Profile: e.Profile, By: e.Actor, At: time.Now()}
	if err := mapping.CheckLink(row, d.domains); err != nil {
		return "", fmt.Errorf("%w: %w", studio.ErrInvalid, err)
	}
	if err := d.fresh(ctx); err != nil {
		return "", err
	}
	was, _ := d.sources.table.Row(p, e.Domain)
	before = said(was)
	if before == e.Profile {
		return before, nil
	}
	e.Step, e.Before, e.After = audit.Linked, before, e.Profile
	if err := d.audit.Write(ctx, e); err != nil {
		return before, err
	}
	if err := d.sources.table.Put(ctx, row); err != nil {
		return before, fmt.Errorf("%w: %w", studio.ErrUnsure, err)
	}
	return before, nil
}

// fresh brings the table's copy up to what the store has: another process may
// have written since.
func (d *desk) fresh(ctx context.Context) error {
	if err := d.sources.table.Load(ctx); err != nil {
		return fmt.Errorf("%w: %w", studio.ErrUnsure, err)
	}
	return nil
}

// denied implements requests.Options.Denied. Every source is asked, also those
// behind one that knows: what isn't known by now might be somebody's.
func (d *desk) denied(ctx context.Context, p studio.Person, domain string) error {
	if err := blocked(ctx, d.h.store, p); err != nil {
		return denial(err)
	}
	if err := d.fresh(ctx); err != nil {
		return err
	}
	var denied error
	for i, src := range d.sources.list {
		a, err := src.Lookup(ctx, p, domain)
		switch {
		case err != nil:
			return fmt.Errorf("%w: who is denied: %s: %w", studio.ErrUnsure, d.sources.kinds[i], err)
		case a.Known && a.Denied:
			denied = fmt.Errorf("%w: %s", studio.ErrDenied, a.Origin)
		}
	}
	return denied
}

// others are people besides p who have the profile in that domain, by any
// source, or whose address will give it to them once it is there.
// It implements requests.Options.Others.
func (d *desk) others(ctx context.Context, p studio.Person, domain, profile string) ([]studio.Person, error) {
	var out []studio.Person
	add := func(o studio.Person) { // once, however many sources say so
		if o.User != p.User && len(out) < maxOthers && !slices.ContainsFunc(out, func(x studio.Person) bool { return x.User == o.User }) {
			out = append(out, o)
		}
	}
	d.sources.each(ctx, func(g studio.Granted) bool {
		if !g.Denied && (g.Domain == "" || g.Domain == domain) && strings.EqualFold(g.Profile, profile) {
			add(g.Person)
		}
		return len(out) < maxOthers
	})
	for _, src := range d.sources.list {
		if email, ok := src.(*mapping.Email); ok {
			for _, o := range email.Namesakes(profile) {
				add(o)
			}
		}
	}
	if err := ctx.Err(); err != nil { // what was gone through may be half of it
		return nil, fmt.Errorf("%w: whose is the profile: %w", studio.ErrUnsure, err)
	}
	return out, nil
}

// List implements bot.Admin.
func (d *desk) List(ctx context.Context, page int) (rows []studio.Granted, more bool, err error) {
	skip := page * listPage
	d.sources.each(ctx, func(g studio.Granted) bool {
		if skip > 0 {
			skip--
			return true
		}
		if len(rows) == listPage {
			more = true
			return false
		}
		rows = append(rows, g)
		return true
	})
	for i := range rows {
		rows[i].Behind = d.sources.behind(ctx, rows[i])
	}
	if ctx.Err() != nil {
		return nil, false, fmt.Errorf("%w: list: %w", studio.ErrUnsure, ctx.Err())
	}
	return rows, more, nil
}

// linker is desk as package requests wants it.
type linker struct{ *desk }

// Link implements requests.Table.
func (l linker) Link(ctx context.Context, r studio.Request) error {
	e := entryOf(r)
	e.Profile = r.Profile
	_, err := l.link(ctx, e)
	return err
}

// entryOf begins an audit line about what an approved request brings about.
func entryOf(r studio.Request) audit.Entry {
	return audit.Entry{Ref: r.Ref(), Team: r.Person.Team, User: r.Person.User, Domain: r.Domain, Actor: r.Decider.String()}
}

// Unlink implements requests.Table.
func (l linker) Unlink(ctx context.Context, r studio.Request) error {
	if err := l.fresh(ctx); err != nil {
		return err
	}
	if was, there := l.sources.table.Row(r.Person, r.Domain); !there || was.Profile != r.Profile || was.By != r.Decider.String() {
		return nil // not there, or somebody else's word
	}
	e := entryOf(r)
	e.Actor = r.Withdrawer.String()
	e.Step, e.Before = audit.Unlinked, r.Profile
	if err := l.audit.Write(ctx, e); err != nil {
		return err
	}
	_, _, err := l.sources.table.Drop(ctx, r.Person, r.Domain, e.Actor, time.Now())
	return err
}
