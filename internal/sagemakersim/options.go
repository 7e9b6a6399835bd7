package sagemakersim

import (
	"log/slog"
	"net"
)

// The values of Domain.AuthMode.
const (
	AuthModeIAM = "IAM"
	AuthModeSSO = "SSO" // Identity Center: no presigned URLs
)

// InService is the status of a domain or profile that works.
const InService = "InService"

// realLength is how long a real presigned URL was.
const realLength = 4429

// Options of a Server. The zero value works and has no domains.
type Options struct {
	// Listener to serve on; the Server closes it. Nil: 127.0.0.1, any port.
	Listener net.Listener
	// Domains that exist from the start.
	Domains []Domain
	// URLLength is the length of a presigned URL in characters; 4,429. Where
	// the token alone needs more than that, the URL is as long as it has to be.
	URLLength int
	// Log gets a line per call at debug level. Nil: nothing.
	Log *slog.Logger
	// Region is the only one that requests may be signed for. Empty: any, so
	// that one Server stands for every Region.
	Region string
}

// Domain is a SageMaker domain.
type Domain struct {
	ID, Name string
	// AuthMode is AuthModeIAM or AuthModeSSO; empty means IAM.
	AuthMode string
	// Status is empty for InService, or one of SageMaker's: Pending, Updating,
	// Failed, Deleting, Update_Failed, Delete_Failed.
	Status string
	// URL is the domain's own address; empty: an address like a real one's.
	URL      string
	Profiles []Profile
}

// Profile is a user profile of a domain.
type Profile struct {
	Name string
	// Status is empty for InService.
	Status string
}

func (o Options) withDefaults() Options {
	if o.URLLength <= 0 {
		o.URLLength = realLength
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}
