package studiobot

import (
	"context"

	"github.com/studiobot/studiobot/studio/sagemaker"
)

// openStudio makes the AWS side.
func (h *halves) openStudio(ctx context.Context, cfg Config, o Options) (err error) {
	h.listEvery = o.ListEvery
	h.studio, err = sagemaker.New(ctx, sagemaker.Config{
		Domains: cfg.studioDomains(), URLTTL: cfg.Launch.URLTTL, Log: o.Log, AppID: "studiobot/" + o.Version, Load: o.AWS,
		CallsPerSecond: o.ListCalls, Observe: h.watching.calls(),
	})
	return err
}
