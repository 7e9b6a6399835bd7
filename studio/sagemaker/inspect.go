package sagemaker

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
)

// Describe says what a domain is: whether it is in Identity Center mode, and its
// status in SageMaker's word (InService). An error wraps a sentinel as Open's do.
func (c *Client) Describe(ctx context.Context, domain string) (identityCenter bool, status string, err error) {
	d, err := c.known(domain)
	if err != nil {
		return false, "", err
	}
	err = c.ready(ctx, d)
	var out *api.DescribeDomainOutput
	if err == nil {
		out, err = d.background.DescribeDomain(ctx, &api.DescribeDomainInput{DomainId: aws.String(d.ID)})
	}
	if err != nil {
		return false, "", wrap(sentinel(err), "look at "+domain, err)
	}
	return out.AuthMode == types.AuthModeSso, clip(string(out.Status)), nil
}
