package studiobot

import (
	"context"

	"github.com/studiobot/studiobot/studio"
	"github.com/studiobot/studiobot/studio/sagemaker"
)

// openStudio makes the AWS side.
func (h *halves) openStudio(ctx context.Context, cfg Config, o Options) (err error) {
	h.studio, err = sagemaker.New(ctx, sagemaker.Config{
		Domains: cfg.studioDomains(), URLTTL: cfg.Launch.URLTTL, Log: o.Log, AppID: "studiobot/" + o.Version, Load: o.AWS,
		CallsPerSecond: o.ListCalls, Roles: cfg.roles(), ProfilePolicy: cfg.Launch.SessionPolicy == SessionPolicyProfile,
		Observe: h.watching.calls(),
	})
	return err
}

// warm is for when somebody got links: what the click will need is made ready,
// where it is this process that will need it.
func (h *halves) warm(ctx context.Context, p studio.Person, options []studio.Option) {
	if !h.role.opens() {
		return
	}
	domains := make([]string, len(options))
	for i, o := range options {
		domains[i] = o.Domain
	}
	h.studio.Warm(ctx, domains...)
	h.studio.Prepare(ctx, p, options)
}

// roles are those that the domains' calls are made in.
func (c *Config) roles() map[string]sagemaker.Role {
	out := map[string]sagemaker.Role{}
	for _, d := range c.Domains {
		if d.RoleARN != "" {
			out[d.Name] = sagemaker.Role{ARN: d.RoleARN, Session: d.RoleSession}
		}
	}
	return out
}
