package studiobot

import (
	"context"

	"github.com/studiobot/studiobot/launch"
	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/studio"
)

// decider is whom is asked what somebody may open.
type decider interface {
	Options(ctx context.Context, p studio.Person) (options []studio.Option, unsure []string, err error)
	Has(ctx context.Context, p studio.Person, domain string) error
	Allowed(ctx context.Context, p studio.Person, o studio.Option) error
}

// guarded is the mapping behind the kill switch: who is blocked gets nothing,
// whatever it says, and where that can't be asked nobody does. Whatever shows, opens,
// stops or starts something for a person asks this one.
type guarded struct {
	*mapping.Mapping
	denials launch.Denials
}

// Has implements decider.
func (g guarded) Has(ctx context.Context, p studio.Person, domain string) error {
	if err := blocked(ctx, g.denials, p); err != nil {
		return err
	}
	return g.Mapping.Has(ctx, p, domain)
}

// Allowed implements decider.
func (g guarded) Allowed(ctx context.Context, p studio.Person, o studio.Option) error {
	if err := blocked(ctx, g.denials, p); err != nil {
		return err
	}
	return g.Mapping.Allowed(ctx, p, o)
}

// Options implements decider.
func (g guarded) Options(ctx context.Context, p studio.Person) (options []studio.Option, unsure []string, err error) {
	if err := blocked(ctx, g.denials, p); err != nil {
		return nil, nil, err
	}
	return g.Mapping.Options(ctx, p)
}
