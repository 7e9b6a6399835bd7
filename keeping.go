package studiobot

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/studiobot/studiobot/running"
	"github.com/studiobot/studiobot/studio"
)

// newKeeper makes what knows what exists and runs.
func (h *halves) newKeeper(cfg Config, o Options) *running.Keeper {
	h.place = cfg.place
	options := running.Options{
		Lister: h.studio, Domains: cfg.studioDomains(), Place: cfg.place, Places: cfg.places(), Tag: cfg.Notebooks.Tag,
		Servers: map[string][]string{}, Log: o.Log, Every: o.ListEvery,
	}
	for _, d := range cfg.Domains {
		options.Servers[d.Name] = d.MLflow
	}
	if len(h.sources.files) > 0 {
		options.Granted = h.sources.notebooks
	}
	return running.New(options)
}

// place is the domain that stands for the account and Region of another: the
// first one there. Domains whose roles are in one account share it, and those
// without a role share the account of the program's own credentials.
func (c *Config) place(domain string) string {
	where := func(d Domain) string { return d.Region + " " + accountOf(d.RoleARN) }
	for _, d := range c.Domains {
		if d.Name != domain {
			continue
		}
		for _, first := range c.Domains {
			if where(first) == where(d) {
				return first.Name
			}
		}
	}
	return domain
}

// accountOf is the account in a role's ARN; empty: in none.
func accountOf(arn string) string {
	if parts := strings.Split(arn, ":"); len(parts) > 4 {
		return parts[4]
	}
	return ""
}

// places are the domains that stand for their account and Region.
func (c *Config) places() []string {
	var out []string
	for _, d := range c.Domains {
		if c.place(d.Name) == d.Name {
			out = append(out, d.Name)
		}
	}
	return out
}

// notebooks are the instances that the users files give a person: what stands in
// any of them.
func (s *sources) notebooks(p studio.Person) ([]studio.NotebookGrant, error) {
	var out []studio.NotebookGrant
	for _, f := range s.files {
		out = append(out, f.Notebooks(p)...)
	}
	return out, nil
}

// errNoMapping: a redirect that runs apart knows nobody.
var errNoMapping = fmt.Errorf("%w: this process has no mapping", studio.ErrUnsure)

// allowed says whether the person may open the option now: by the mapping, and
// where it names something, whether that is theirs. A look at the thing itself may
// take two seconds.
func (h *halves) allowed(ctx context.Context, p studio.Person, o studio.Option) error {
	if err := blocked(ctx, h.store, p); err != nil {
		return err
	}
	if err := h.mapped(ctx, p, o); err != nil || h.running == nil {
		return err
	}
	return h.running.Check(ctx, p, o, running.Open)
}

// allowedAsKnown is allowed as far as it is known: nothing is looked at.
func (h *halves) allowedAsKnown(ctx context.Context, p studio.Person, o studio.Option) error {
	if err := blocked(ctx, h.store, p); err != nil {
		return err
	}
	return h.known(ctx, p, o)
}

// known is allowedAsKnown without the kill switch: it lets nobody in, and makes no
// call.
func (h *halves) known(ctx context.Context, p studio.Person, o studio.Option) error {
	if err := h.mapped(ctx, p, o); err != nil || h.running == nil {
		return err
	}
	return h.running.Allowed(p, o, running.Open)
}

// mapped is the function mapped, of the domain and of the one that stands for its
// account: whoever is denied there opens nothing through another one. Blocks are
// its callers' business.
func (h *halves) mapped(ctx context.Context, p studio.Person, o studio.Option) error {
	if h.mapping == nil {
		return errNoMapping
	}
	err := mapped(ctx, h.mapping, p, o)
	if err == nil && o.Target.Takes() == studio.NotebookName && h.place != nil {
		o.Domain = h.place(o.Domain)
		err = mapped(ctx, h.mapping, p, o)
	}
	return err
}

// mapped is a mapping's word on an option. A notebook instance needs no user
// profile, so it is enough that the person is let in, and not denied in the domain
// that stands for its account.
func mapped(ctx context.Context, m decider, p studio.Person, o studio.Option) error {
	if o.Target.Takes() != studio.NotebookName {
		return m.Allowed(ctx, p, o)
	}
	if err := m.Has(ctx, p, o.Domain); err != nil && !errors.Is(err, studio.ErrNotMapped) {
		return err
	}
	return nil
}
