package sagemaker

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/sagemaker"

	"github.com/studiobot/studiobot/studio"
)

// maxARN is the API model's bound.
const maxARN = 256

// domainARN has the partition, the Region, the account and the domain's ID.
var domainARN = regexp.MustCompile(`^arn:(aws[a-z-]*):sagemaker:([a-z0-9-]*):([0-9]{12}):domain/(.*)$`)

// owner is whose a domain is, as ARNs need it.
type owner struct{ partition, account string }

// describeDomain asks whose the domain is, and remembers it.
func (c *Client) describeDomain(ctx context.Context, d *domain) (*owner, error) {
	if err := c.ready(ctx, d); err != nil {
		return nil, err
	}
	out, err := d.background.DescribeDomain(ctx, &api.DescribeDomainInput{DomainId: aws.String(d.ID)})
	if err != nil {
		return nil, err
	}
	o, err := d.readARN(aws.ToString(out.DomainArn))
	if err != nil {
		return nil, fmt.Errorf("%w: the domain's ARN %w", studio.ErrRefused, err)
	}
	d.owner.Store(o)
	return o, nil
}

// whose is describeDomain, once for each domain.
func (c *Client) whose(ctx context.Context, d *domain) (*owner, error) {
	if o := d.owner.Load(); o != nil {
		return o, nil
	}
	select {
	case d.asking <- struct{}{}:
		defer func() { <-d.asking }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if o := d.owner.Load(); o != nil { // whoever was before us asked
		return o, nil
	}
	return c.describeDomain(ctx, d)
}

func (d *domain) readARN(arn string) (*owner, error) {
	parts := domainARN.FindStringSubmatch(arn)
	switch {
	case len(arn) > maxARN || parts == nil:
		return nil, errors.New("isn't that of a domain")
	case parts[2] != d.Region:
		return nil, errors.New("is of another Region")
	case parts[4] != d.ID:
		return nil, errors.New("is of another domain")
	}
	return &owner{partition: parts[1], account: parts[3]}, nil
}

// profileARN is the ARN of a user profile, without its name.
func (o *owner) profileARN(d *domain) string {
	return strings.Join([]string{"arn", o.partition, "sagemaker", d.Region, o.account, "user-profile/" + d.ID + "/"}, ":")
}
