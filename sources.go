package studiobot

import (
	"context"
	"time"

	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/studio"
)

// sources are the sources of the config, and what keeps them fresh.
type sources struct {
	list []mapping.Source
	// kinds are what the config calls them, in the same order.
	kinds []string
	// watch keeps one fresh until ctx ends; an error ends the program.
	watch []func(ctx context.Context) error
	// load reads one for the first time: what must be there before anybody is
	// answered.
	load []func(ctx context.Context) error
	// observe is told of everybody in the directory.
	observe []func(before, after studio.Member)
	// files are the users files among them.
	files []*mapping.File
	// table is nil where the config has none.
	table *mapping.Table
	// profiles are those that are read, by the tag that is read with them.
	profiles map[string]*mapping.Profiles
}

func (s *sources) add(kind string, src mapping.Source) {
	s.list, s.kinds = append(s.list, src), append(s.kinds, kind)
}

// openSources makes the sources of the config. It reads the users files and
// makes no network call.
func (h *halves) openSources(cfg Config) (*sources, error) {
	s := &sources{profiles: map[string]*mapping.Profiles{}}
	for i, c := range cfg.Mapping {
		shadows := i < len(cfg.Mapping)-1
		switch c.Kind {
		case SourceFile:
			file, err := mapping.OpenFile(mapping.FileOptions{
				Path: c.File, Domains: cfg.domainNames(), Log: h.log, Changed: h.changedInMapping, Shadows: shadows,
			})
			if err != nil {
				return nil, err
			}
			s.add(c.Kind, file)
			s.files = append(s.files, file)
			s.watch = append(s.watch, file.Watch)
		case SourceTag:
			s.add(c.Kind, mapping.NewTag(h.profiles(s, cfg, c, shadows)))
		case SourceEmail:
			email, err := mapping.NewEmail(mapping.EmailOptions{
				Template: c.Email, MailDomains: c.Domains, Directory: h.directory, Changed: h.changedInMapping,
				Profiles: h.profiles(s, cfg, c, shadows),
			})
			if err != nil {
				return nil, err
			}
			s.add(c.Kind, email)
			s.observe = append(s.observe, email.Observe)
			s.watch = append(s.watch, func(ctx context.Context) error { email.Watch(ctx); return nil })
		case SourceTable:
			s.table = mapping.NewTable(mapping.TableOptions{
				Links: h.store, Domains: cfg.domainNames(), Log: h.log, Changed: h.changedInMapping, Shadows: shadows, MaxAge: c.MaxAge,
			})
			s.add(c.Kind, s.table)
			s.load = append(s.load, s.table.Load)
			s.watch = append(s.watch, s.table.Watch)
		}
	}
	return s, nil
}

// profiles are the listed user profiles, with the tag that a source reads. An
// e-mail source shares them with whichever source there is.
func (h *halves) profiles(s *sources, cfg Config, c Source, shadows bool) *mapping.Profiles {
	tag := c.Tag
	if c.Kind == SourceEmail && cfg.has(SourceTag) {
		tag = cfg.slackTags()[0]
	}
	if p := s.profiles[tag]; p != nil {
		return p
	}
	maxAge := time.Duration(0)
	for _, other := range cfg.Mapping { // the strictest of those who share them
		if (other.Kind == SourceTag && other.Tag == tag || other.Kind == SourceEmail) && other.MaxAge > 0 && (maxAge == 0 || other.MaxAge < maxAge) {
			maxAge = other.MaxAge
		}
	}
	p := mapping.NewProfiles(mapping.ProfilesOptions{
		Lister: h.studio, Domains: cfg.studioDomains(), Tag: tag, Copies: h.copies(cfg), Log: h.log,
		MaxAge: maxAge, Changed: h.changedInMapping, Shadows: shadows, Every: h.listEvery, Turn: h.waitTurn(), FollowEvery: h.followEvery,
	})
	s.profiles[tag] = p
	s.watch = append(s.watch, func(ctx context.Context) error { p.Watch(ctx); return nil })
	return p
}

// listed is a source that can be gone through.
type listed interface {
	Entries(yield func(p studio.Person, domain string, a mapping.Answer) bool)
}

// each calls yield with everything that every source says, in the order of the
// config, until yield returns false or ctx ends.
func (s *sources) each(ctx context.Context, yield func(studio.Granted) bool) {
	going, n := true, 0
	for i, src := range s.list {
		all, ok := src.(listed)
		if !ok || !going {
			continue
		}
		all.Entries(func(p studio.Person, domain string, a mapping.Answer) bool {
			if n++; n%1024 == 0 && ctx.Err() != nil {
				going = false
				return false
			}
			going = yield(studio.Granted{Person: p, Domain: domain, Profile: a.Profile, Denied: a.Denied, Source: s.kinds[i], Origin: a.Origin})
			return going
		})
	}
}

// behind is the origin of an earlier source's word on a person and domain, or "".
func (s *sources) behind(ctx context.Context, g studio.Granted) string {
	for _, src := range s.list {
		a, err := src.Lookup(ctx, g.Person, g.Domain)
		switch {
		case err != nil || a.Origin == g.Origin && a.Conflict == "":
			return "" // its own word, or nobody knows
		case a.Known || a.Conflict != "":
			return a.Origin
		}
	}
	return ""
}

// copies are kept where the store lasts; elsewhere they would only take memory.
func (h *halves) copies(cfg Config) mapping.Copies {
	if cfg.Store.Kind == StoreMemory {
		return nil
	}
	return h.store
}

// userGroups are the Slack user groups that the config names.
func (c *Config) userGroups() []string {
	var out []string
	seen := map[string]bool{}
	add := func(ids []string) {
		for _, id := range ids {
			if id[0] == 'S' && !seen[id] {
				seen[id] = true
				out = append(out, id)
			}
		}
	}
	add(c.Access.UserGroups)
	add(c.Access.Admins)
	for _, d := range c.Domains {
		add(d.UserGroups)
	}
	return out
}

// access is who may ask, in the words of package mapping.
func (h *halves) access(cfg Config) mapping.Access {
	a := mapping.Access{
		Guests: cfg.Access.Guests, Teams: cfg.Access.Teams, UserGroups: cfg.Access.UserGroups,
		DomainGroups: map[string][]string{}, Admins: cfg.Access.Admins, Groups: h.groups,
	}
	for _, d := range cfg.Domains {
		if len(d.UserGroups) > 0 {
			a.DomainGroups[d.Name] = d.UserGroups
		}
	}
	return a
}
