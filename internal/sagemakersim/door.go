package sagemakersim

import (
	"bytes"
)

// door is where ARNs are written anew for the account of who asks: inside they
// are all of one.
type door struct{ theirs string }

func (d door) in(body []byte) []byte  { return d.swap(body, d.theirs, account) }
func (d door) out(body []byte) []byte { return d.swap(body, account, d.theirs) }

func (d door) swap(body []byte, from, to string) []byte {
	if from == to || !bytes.Contains(body, []byte("arn:aws")) {
		return body
	}
	return bytes.ReplaceAll(body, []byte(":"+from+":"), []byte(":"+to+":"))
}

// permitted says why a call isn't carried out for who makes it: the session may
// not do it, or the domain is in another account and so isn't there. (SageMaker
// would list nothing for one that isn't there; that it says so is stricter.)
func (s *Server) permitted(who *issued, theirs, region string, call *Call) *failure {
	if who != nil {
		resource := string(door{theirs}.out([]byte(s.resourceOf(region, call))))
		if failed := who.may("sagemaker:"+call.Operation, resource); failed != nil {
			return failed
		}
	}
	d, ok := s.estate.domain(call.Domain)
	if !ok {
		return nil
	}
	if d.Account == "" {
		d.Account = accountOf(s.o.Caller)
	}
	if d.Account != theirs {
		return noDomain(region, call.Domain)
	}
	return nil
}

// resourceOf is the ARN that IAM compares a policy's Resource with, by the
// Service Authorization Reference. That names are lower case in it is what was
// seen of profiles.
func (s *Server) resourceOf(region string, c *Call) string {
	switch c.Operation {
	case "CreatePresignedDomainUrl", "DescribeUserProfile", "CreateUserProfile":
		return profileARN(region, c.Domain, s.spelled(c.Profile))
	case "DescribeDomain":
		return domainARN(region, c.Domain)
	case "DescribeSpace":
		return spaceARN(region, c.Domain, c.Space)
	case "DescribeApp", "CreateApp", "DeleteApp":
		return appARN(region, c.Domain, App{Profile: c.Profile, Space: c.Space, Type: c.App, Name: c.Name})
	case "ListTags", "AddTags", "DeleteTags":
		return c.Resource
	case "DescribeNotebookInstance", "StartNotebookInstance", "StopNotebookInstance", "CreatePresignedNotebookInstanceUrl":
		return notebookARN(region, c.Name)
	case "DescribeMlflowTrackingServer", "CreatePresignedMlflowTrackingServerUrl":
		return serverARN(region, c.Name)
	}
	return "*" // listings
}
