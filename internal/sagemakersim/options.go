package sagemakersim

import (
	"log/slog"
	"net"
	"time"
)

// The values of Domain.AuthMode.
const (
	AuthModeIAM = "IAM"
	AuthModeSSO = "SSO" // Identity Center: no presigned URLs
)

// Statuses of what there is; SageMaker has more.
const (
	InService = "InService" // it works
	Pending   = "Pending"   // it is being made, or starts
	Failed    = "Failed"
)

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
	// ProfileDelay is how long a profile that a request created stays Pending
	// before it is InService; 5 ms where it is zero. Negative: until
	// SetProfileStatus.
	ProfileDelay time.Duration
	// Notebooks and TrackingServers exist from the start, in every Region.
	Notebooks       []Notebook
	TrackingServers []TrackingServer
	// StateDelay is how long an app or a notebook instance that a request started
	// or stopped takes for that; 5 ms where it is zero. Negative: until SetApp or
	// SetNotebook.
	StateDelay time.Duration
	// CallsPerSecond is how many calls of one operation are carried out per
	// second, after a burst of as many; beyond that they get
	// ThrottlingException. 0: any number. AWS publishes no figure.
	CallsPerSecond float64
	// PageLimit is how many items a listing has in one answer at most, also
	// where MaxResults asks for more; 0: as many as it asks for.
	PageLimit int
	// Caller is who the program is by its own credentials, as an ARN; a session of
	// the role studiobot where it is empty. Its account is where domains are that
	// name no other.
	Caller string
	// Roles exist from the start.
	Roles []Role
	// KeepCase makes the ARN of a profile spell its name as it was created, and
	// refuses tags for any other spelling. Otherwise it is lower case.
	KeepCase bool
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
	URL string
	// Account is the account that it is in; empty: the program's own. Who isn't of
	// that account can't see it.
	Account  string
	Profiles []Profile
	Spaces   []Space
	Apps     []App
	Tags     map[string]string
}

// Profile is a user profile of a domain.
type Profile struct {
	Name string
	// Status is empty for InService.
	Status string
	// FailureReason says why it is Failed.
	FailureReason string
	Tags          map[string]string
	// Created is zero for 2024-01-01, Modified for the same as Created.
	Created, Modified time.Time
}

func (o Options) withDefaults() Options {
	if o.URLLength <= 0 {
		o.URLLength = realLength
	}
	if o.Caller == "" {
		o.Caller = "arn:aws:sts::" + account + ":assumed-role/studiobot/task"
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.ProfileDelay == 0 {
		o.ProfileDelay = 5 * time.Millisecond
	}
	if o.StateDelay == 0 {
		o.StateDelay = 5 * time.Millisecond
	}
	return o
}
