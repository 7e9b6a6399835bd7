package sagemaker

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/studiobot/studiobot/studio"
)

// Ready says whether an option can be opened now: nil, or an error that wraps
// ErrPending, ErrBroken, ErrStopped, or ErrNoProfile or ErrNoTarget where it
// isn't there; otherwise errors are as Open's. It looks at the background's
// pace and opens nothing. Of a space only its user profile is looked at.
func (c *Client) Ready(ctx context.Context, o studio.Option) error {
	switch o.Target.Takes() {
	case studio.NotebookName, studio.ServerName:
		return c.readyThing(ctx, o)
	}
	p, err := c.Profile(ctx, o.Domain, o.Profile)
	if err != nil {
		return err
	}
	return c.readyStatus(ctx, o, "user profile", p.Name, p.Status)
}

// readyThing is Ready for a notebook instance or a tracking server.
func (c *Client) readyThing(ctx context.Context, o studio.Option) error {
	d, err := c.known(o.Domain)
	if err != nil {
		return err
	}
	if !o.Target.Takes().Valid(o.Name) {
		return fmt.Errorf("%w: that is no name", studio.ErrNoTarget)
	}
	if err := c.ready(ctx); err != nil {
		return err
	}
	what := fmt.Sprintf("look at %s in %s", o.Name, d.Name)
	if o.Target.Takes() == studio.ServerName {
		out, err := d.region.background.DescribeMlflowTrackingServer(ctx, &api.DescribeMlflowTrackingServerInput{TrackingServerName: aws.String(o.Name)})
		switch {
		case err != nil && sentinel(err) == studio.ErrNoProfile:
			return wrap(studio.ErrNoTarget, what, err)
		case err != nil:
			return wrap(sentinel(err), what, err)
		case out.IsActive == types.IsTrackingServerActiveActive:
			return nil
		}
		return c.readyStatus(ctx, o, "tracking server", o.Name, string(out.TrackingServerStatus))
	}
	out, err := d.region.background.DescribeNotebookInstance(ctx, &api.DescribeNotebookInstanceInput{NotebookInstanceName: aws.String(o.Name)})
	switch {
	case err != nil && missing(err):
		return wrap(studio.ErrNoTarget, what, err)
	case err != nil:
		return wrap(sentinel(err), what, err)
	}
	return c.readyStatus(ctx, o, "notebook instance", o.Name, string(out.NotebookInstanceStatus))
}

// readyStatus is what a status says, with the status for the log.
func (c *Client) readyStatus(ctx context.Context, o studio.Option, kind, name, status string) error {
	state := ofStatus(status)
	if state == nil {
		return nil
	}
	c.log.Log(ctx, slog.LevelDebug, "looked whether it is ready", "kind", kind, "domain", o.Domain, "name", name, "status", clip(status))
	return fmt.Errorf("%w: the %s %s is %s", state, kind, name, clip(status))
}
