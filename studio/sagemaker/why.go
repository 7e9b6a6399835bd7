package sagemaker

import (
	"context"
	"errors"
	"log/slog"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/aws/smithy-go"

	"github.com/studiobot/studiobot/studio"
)

// why says what kind of error it is that o wasn't opened. SageMaker refuses with
// one and the same error whatever is the matter (ValidationException), so what
// was to be opened is looked at, once. Where that tells nothing either, the
// refusal stays what it was.
func (c *Client) why(ctx context.Context, d *domain, o studio.Option, err error) error {
	kind := sentinel(err)
	var failed smithy.APIError
	if kind != studio.ErrRefused && kind != studio.ErrNoProfile || !errors.As(err, &failed) {
		return kind
	}
	switch o.Target {
	case studio.Notebook, studio.NotebookLab:
		return c.whyNotebook(ctx, d, o.Name, kind)
	case studio.MLflow:
		return c.whyServer(ctx, d, o.Name, kind)
	}
	if kind == studio.ErrNoProfile && o.Name == "" {
		return kind
	}
	if d.identityCenter() { // found out meanwhile
		return studio.ErrIdentityCenter
	}
	out, lookErr := d.api.DescribeUserProfile(ctx, &api.DescribeUserProfileInput{
		DomainId: aws.String(d.ID), UserProfileName: aws.String(o.Profile),
	})
	switch {
	case lookErr != nil && sentinel(lookErr) == studio.ErrNoProfile:
		return studio.ErrNoProfile
	case lookErr != nil:
		c.log.DebugContext(ctx, "couldn't look why a profile wasn't opened", "domain", d.Name, "profile", o.Profile, "err", lookErr)
		return kind
	}
	c.sayStatus(ctx, d, "user profile", o.Profile, string(out.Status), aws.ToString(out.FailureReason))
	if state := ofStatus(string(out.Status)); state != nil {
		return state
	}
	if kind == studio.ErrNoProfile { // the profile is there, so it was the space
		return studio.ErrNoTarget
	}
	return kind
}

// whyNotebook takes a refused description for one of something that isn't there:
// a valid name is all that it is asked for, and nothing documents how SageMaker
// says that.
func (c *Client) whyNotebook(ctx context.Context, d *domain, name string, kind error) error {
	out, err := d.api.DescribeNotebookInstance(ctx, &api.DescribeNotebookInstanceInput{NotebookInstanceName: aws.String(name)})
	switch {
	case err != nil && missing(err):
		return studio.ErrNoTarget
	case err != nil:
		return kind
	}
	c.sayStatus(ctx, d, "notebook instance", name, string(out.NotebookInstanceStatus), aws.ToString(out.FailureReason))
	if state := ofStatus(string(out.NotebookInstanceStatus)); state != nil {
		return state
	}
	return studio.ErrRefused
}

func (c *Client) whyServer(ctx context.Context, d *domain, name string, kind error) error {
	if kind == studio.ErrNoProfile {
		return studio.ErrNoTarget
	}
	out, err := d.api.DescribeMlflowTrackingServer(ctx, &api.DescribeMlflowTrackingServerInput{TrackingServerName: aws.String(name)})
	switch {
	case err != nil && sentinel(err) == studio.ErrNoProfile:
		return studio.ErrNoTarget
	case err != nil:
		return kind
	}
	c.sayStatus(ctx, d, "tracking server", name, string(out.TrackingServerStatus), "")
	if state := ofStatus(string(out.TrackingServerStatus)); state != nil && out.IsActive != types.IsTrackingServerActiveActive {
		return state
	}
	return kind
}

// ofStatus is what a status of a user profile, a notebook instance or a tracking
// server means for who wants to open it; nil: nothing is in the way.
func ofStatus(status string) error {
	switch status {
	case "Pending", "Updating", "PendingMaintenance", "InMaintenance", "Creating", "Starting", "MaintenanceInProgress":
		return studio.ErrPending
	case "Stopping", "Stopped":
		return studio.ErrStopped
	case "Failed", "Deleting", "CreateFailed", "StartFailed", "UpdateFailed", "DeleteFailed", "StopFailed", "MaintenanceFailed",
		"Update_Failed", "Delete_Failed":
		return studio.ErrBroken
	}
	return nil
}

// sayStatus tells the operator of what has failed or is being deleted.
func (c *Client) sayStatus(ctx context.Context, d *domain, kind, name, status, reason string) {
	level := slog.LevelDebug
	if ofStatus(status) == studio.ErrBroken {
		level = slog.LevelWarn
	}
	c.log.Log(ctx, level, "SageMaker refused to open a "+kind, "domain", d.Name, "name", name, "status", clip(status), "reason", reason[:min(len(reason), 500)])
}

// nameIs compares names as SageMaker does.
func nameIs(got *string, name string) bool { return strings.EqualFold(aws.ToString(got), name) }
