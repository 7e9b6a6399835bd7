package sagemaker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/studiobot/studiobot/studio"
)

// notebookARN has the Region and the instance's name.
var notebookARN = regexp.MustCompile(`^arn:aws[a-z-]*:sagemaker:([a-z0-9-]*):[0-9]{12}:notebook-instance/(.*)$`)

// Notebooks calls each with every notebook instance of the Region of the domain
// with that Name, and of its account, by name; with all of their tags, which
// costs one more call each: 1,000 take two minutes. Pace, bounds and errors are
// those of Profiles. Where AWS doesn't permit to read tags, they are nil, and the
// log says so once.
func (c *Client) Notebooks(ctx context.Context, domain string, each func(studio.NotebookInstance) error) error {
	d, err := c.known(domain)
	if err != nil {
		return err
	}
	tagless := false
	_, err = listing[api.ListNotebookInstancesOutput, types.NotebookInstanceSummary, tagged]{
		kind: "notebook instances", odd: &d.odd.notebooks,
		pages: api.NewListNotebookInstancesPaginator(d.background, &api.ListNotebookInstancesInput{
			MaxResults: aws.Int32(largestPage), SortBy: types.NotebookInstanceSortKeyName, SortOrder: types.NotebookInstanceSortOrderAscending,
		}),
		rows: func(p *api.ListNotebookInstancesOutput) ([]types.NotebookInstanceSummary, *string) {
			return p.NotebookInstances, p.NextToken
		},
		read: d.readNotebook,
	}.walk(ctx, c, d, func(n tagged) error {
		if !tagless {
			there, err := c.tagNotebook(ctx, d, &n)
			if err != nil || !there {
				return err
			}
			tagless = n.Tags == nil
		}
		return each(n.NotebookInstance)
	})
	return err
}

// tagged is an instance whose tags can be asked for.
type tagged struct {
	studio.NotebookInstance
	arn string
}

func (d *domain) readNotebook(row *types.NotebookInstanceSummary) (tagged, string, verdict) {
	n, ok := d.notebook(row.NotebookInstanceName, row.NotebookInstanceArn, row.NotebookInstanceStatus)
	if !ok {
		return n, n.Name, unusable
	}
	n.Instance, n.Modified = instance(string(row.InstanceType)), aws.ToTime(row.LastModifiedTime)
	return n, n.Name, listed
}

func (d *domain) notebook(name, arn *string, status types.NotebookInstanceStatus) (tagged, bool) {
	n := tagged{studio.NotebookInstance{Name: aws.ToString(name), Status: string(status)}, aws.ToString(arn)}
	parts := notebookARN.FindStringSubmatch(n.arn)
	return n, nameOK(n.Name) && statusWord.MatchString(n.Status) && len(n.arn) <= maxARN &&
		parts != nil && parts[1] == d.Region && strings.EqualFold(parts[2], n.Name)
}

// tagNotebook reads the tags of an instance, and reports whether it is still
// there.
func (c *Client) tagNotebook(ctx context.Context, d *domain, n *tagged) (there bool, err error) {
	tags, err := c.listTags(ctx, d, n.arn)
	switch {
	case err == nil:
		n.Tags = tags
		return true, nil
	case missing(err):
		return false, nil
	case sentinel(err) != studio.ErrForbidden:
		return true, wrap(sentinel(err), fmt.Sprintf("tags of the notebook instance %s in %s", n.Name, d.Name), err)
	}
	level := slog.LevelDebug
	if d.said.tags.CompareAndSwap(false, true) {
		level = slog.LevelWarn
	}
	c.log.Log(ctx, level, "AWS doesn't permit reading the tags of notebook instances (sagemaker:ListTags): no tag grants any", "domain", d.Name, "err", err)
	return true, nil
}

// Notebook returns one notebook instance as it is now, with its tags: two calls,
// at the background's pace. ErrNoTarget where there is none; otherwise errors are
// as Open's.
func (c *Client) Notebook(ctx context.Context, domain, name string) (studio.NotebookInstance, error) {
	d, what, err := c.knownNotebook("look at", domain, name)
	if err != nil {
		return studio.NotebookInstance{}, err
	}
	if err := c.ready(ctx, d); err != nil {
		return studio.NotebookInstance{}, wrap(sentinel(err), what, err)
	}
	out, err := d.background.DescribeNotebookInstance(ctx, &api.DescribeNotebookInstanceInput{NotebookInstanceName: aws.String(name)})
	if err != nil {
		kind := sentinel(err)
		if missing(err) {
			kind = studio.ErrNoTarget
		}
		return studio.NotebookInstance{}, wrap(kind, what, err)
	}
	n, ok := d.notebook(out.NotebookInstanceName, out.NotebookInstanceArn, out.NotebookInstanceStatus)
	if !ok || !strings.EqualFold(n.Name, name) {
		return studio.NotebookInstance{}, wrap(studio.ErrRefused, what, errors.New("the answer is about something else"))
	}
	n.Instance, n.Modified = instance(string(out.InstanceType)), aws.ToTime(out.LastModifiedTime)
	n.VolumeGB = int(max(0, aws.ToInt32(out.VolumeSizeInGB)))
	there, err := c.tagNotebook(ctx, d, &n)
	switch {
	case err != nil:
		return studio.NotebookInstance{}, err
	case !there:
		return studio.NotebookInstance{}, fmt.Errorf("%w: %s: it has just gone", studio.ErrNoTarget, what)
	}
	return n.NotebookInstance, nil
}

// StartNotebook starts a notebook instance, and doesn't wait for it: it is
// Pending until Notebook says otherwise. One that starts or runs already is
// success, so it may be repeated. ErrPending where it is still stopping, or is
// being maintained: trying again later helps. ErrNoTarget where there is none,
// ErrBroken where it is being deleted; otherwise errors are as Open's. ErrRefused
// also where the account can run no more of its kind. It takes at most 10 s and
// three attempts of each call.
func (c *Client) StartNotebook(ctx context.Context, domain, name string) error {
	return c.change(ctx, "start", domain, name, func(ctx context.Context, by *api.Client) error {
		_, err := by.StartNotebookInstance(ctx, &api.StartNotebookInstanceInput{NotebookInstanceName: aws.String(name)})
		return err
	}, func(status types.NotebookInstanceStatus) (done bool, kind error) {
		switch status {
		case types.NotebookInstanceStatusPending, types.NotebookInstanceStatusInService:
			return true, nil
		case types.NotebookInstanceStatusStopping:
			return false, studio.ErrPending
		case types.NotebookInstanceStatusStopped, types.NotebookInstanceStatusFailed:
			return false, nil // both can be started: it is something else
		}
		return false, ofStatus(string(status))
	})
}

// StopNotebook stops a notebook instance: its volume stays, what is in memory is
// lost. One that doesn't run, or stops already, is success. Otherwise it is like
// StartNotebook; ErrPending where it is still starting.
func (c *Client) StopNotebook(ctx context.Context, domain, name string) error {
	return c.change(ctx, "stop", domain, name, func(ctx context.Context, by *api.Client) error {
		_, err := by.StopNotebookInstance(ctx, &api.StopNotebookInstanceInput{NotebookInstanceName: aws.String(name)})
		return err
	}, func(status types.NotebookInstanceStatus) (done bool, kind error) {
		switch status {
		case types.NotebookInstanceStatusStopping, types.NotebookInstanceStatusStopped, types.NotebookInstanceStatusFailed:
			return true, nil
		}
		return false, ofStatus(string(status))
	})
}

// change makes a call, and where SageMaker refuses it looks what the instance is
// about: settled says whether that is what was wanted, and if not, what kind of
// error it is (nil: no other than the refusal).
func (c *Client) change(ctx context.Context, verb, domain, name string, call func(context.Context, *api.Client) error, settled func(types.NotebookInstanceStatus) (bool, error)) error {
	d, what, err := c.knownNotebook(verb, domain, name)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, c.overall)
	defer cancel()
	if err := c.credentials(ctx, d); err != nil {
		return wrap(sentinel(err), what, err)
	}
	err = call(ctx, d.api)
	if err == nil {
		return nil
	}
	if !missing(err) {
		return wrap(sentinel(err), what, err)
	}
	out, lookErr := d.api.DescribeNotebookInstance(ctx, &api.DescribeNotebookInstanceInput{NotebookInstanceName: aws.String(name)})
	switch {
	case lookErr != nil && missing(lookErr):
		return wrap(studio.ErrNoTarget, what, lookErr)
	case lookErr != nil:
		return wrap(studio.ErrRefused, what, err)
	}
	done, kind := settled(out.NotebookInstanceStatus)
	switch {
	case done:
		return nil
	case kind == nil:
		kind = studio.ErrRefused
	}
	return wrap(kind, what, err)
}

// knownNotebook returns a configured domain, and in words what is done with an
// instance that can be there.
func (c *Client) knownNotebook(verb, of, name string) (*domain, string, error) {
	d, err := c.known(of)
	if err != nil {
		return nil, "", err
	}
	if !studio.NotebookName.Valid(name) {
		return nil, "", fmt.Errorf("%w: %q can't be the name of a notebook instance", studio.ErrRefused, clip(name))
	}
	return d, fmt.Sprintf("%s the notebook instance %s in %s", verb, name, d.Name), nil
}
