package sagemakersim

import "fmt"

type describeInput struct {
	DomainID *string `json:"DomainId"`
}

// describedDomain has the members that a caller of ours could look at.
type describedDomain struct {
	DomainArn            string
	DomainID             string `json:"DomainId"`
	DomainName           string
	Status               string
	AuthMode             string
	AppNetworkAccessType string
	URL                  string  `json:"Url"`
	CreationTime         float64 // seconds since 1970, as the protocol has it
	LastModifiedTime     float64
}

// created is when every simulated domain was made: 2024-01-01.
const created = 1704067200

func (s *Server) describeDomain(r *request) (any, *failure) {
	in, failed := decode[describeInput](r.body)
	if failed != nil {
		return nil, failed
	}
	var c constraints
	c.text("domainId", in.DomainID, true, 63, domainIDPattern, domainIDRegexp)
	if failed := c.failure(); failed != nil {
		return nil, failed
	}
	d, ok := s.estate.domain(*in.DomainID)
	if !ok {
		return nil, noDomain(r.region, *in.DomainID)
	}
	if d.URL == "" {
		d.URL = fmt.Sprintf("https://%s.studio.%s.sagemaker.aws", d.ID, r.region)
	}
	return &describedDomain{
		DomainArn: domainARN(r.region, d.ID), DomainID: d.ID, DomainName: d.Name, Status: d.Status, AuthMode: d.AuthMode,
		AppNetworkAccessType: "PublicInternetOnly", URL: d.URL, CreationTime: created, LastModifiedTime: created,
	}, nil
}
