package doctor

import (
	"context"
	"errors"

	"github.com/studiobot/studiobot/studio"
)

// domains looks at each domain, and has a URL made for somebody who is mapped.
func (e *examination) domains(ctx context.Context) {
	for _, d := range e.o.Domains {
		if e.domain(ctx, d) {
			e.policy(ctx, d)
		}
	}
}

// domain says whether it is worth going on.
func (e *examination) domain(ctx context.Context, d studio.Domain) bool {
	check := "domain " + d.Name
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	is, err := e.o.Describe(ctx, d.Name)
	switch {
	case errors.Is(err, studio.ErrNoProfile):
		e.wrong(check, "there is no domain "+d.ID+" in "+d.Region+", in the account of these credentials", "Compare domains[].id and region with the SageMaker console; a wrong Region looks like this, too")
		return false
	case errors.Is(err, studio.ErrForbidden):
		e.warn(check, "AWS doesn't permit looking at it, or there are no valid credentials", "Allow sagemaker:DescribeDomain; `aws sts get-caller-identity` says who this is")
		return true
	case err != nil:
		e.wrong(check, "SageMaker can't be asked in "+d.Region, "Look at the way out of the network, and at domains[].region")
		return false
	case is.IdentityCenter:
		e.wrong(check, "it is in Identity Center mode and has no presigned URLs", "People sign in at the domain's own address, which the bot tells them; for one click it takes a domain in IAM mode")
		return false
	case is.Status != "InService":
		e.wrong(check, "its status is "+is.Status, "Wait until it is in service, or mend it in the SageMaker console")
		return false
	}
	e.good(check, "in service, IAM mode, "+d.Region)
	return true
}

// policy has a URL made and drops it.
func (e *examination) policy(ctx context.Context, d studio.Domain) {
	check := "policy " + d.Name
	profile := e.o.Tried[d.Name]
	if profile == "" {
		e.warn(check, "nobody is mapped there by a file or the table, so that no profile could be tried", "Run it again when somebody is, or give --profile NAME")
		return
	}
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	switch err := e.o.Profile(ctx, d.Name, profile); {
	case errors.Is(err, studio.ErrNoProfile):
		e.wrong("profile "+d.Name, "there is no user profile "+profile, "Make it in SageMaker, or mend the mapping: `studiobot mapping lint` finds the others")
		return
	case errors.Is(err, studio.ErrForbidden):
		e.warn("profile "+d.Name, "AWS doesn't permit looking at "+profile, "Allow sagemaker:DescribeUserProfile")
	case err != nil:
		e.wrong("profile "+d.Name, profile+" isn't ready, or can't be looked at", "Look at its status in SageMaker")
	default:
		e.good("profile "+d.Name, profile+" is there")
	}
	switch err := e.o.Presign(ctx, d.Name, profile); {
	case errors.Is(err, studio.ErrForbidden):
		e.wrong(check, "AWS doesn't permit opening "+profile, "Allow sagemaker:CreatePresignedDomainUrl on it, as deploy/iam does; a condition on tags has to fit the profile")
	case err != nil:
		e.wrong(check, "SageMaker gives no URL for "+profile, "The log of `studiobot doctor` has the cause")
	default:
		e.good(check, "a URL for "+profile+" was made, and dropped")
	}
}
