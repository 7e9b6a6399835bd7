package sagemakersim

import (
	"sync/atomic"
	"time"
)

// OperationPing is the Operation of a GET /ping.
const OperationPing = "Ping"

// Call is one request to the service. It never holds a presigned URL.
type Call struct {
	Seq       int // from 1, without gaps
	At        time.Time
	Operation string
	// Domain and Profile are what was asked for, whether or not it exists.
	Domain, Profile string
	// Status is the HTTP status of the answer; 0 where there was none.
	Status    int
	ErrorCode string
	// ExpiresIn and Session are what was asked for in seconds; 0: not given.
	ExpiresIn, Session int
	// LandingURI, Space, and App (the type) are what was asked for; empty: not
	// given. Name is that of an app, a notebook instance or a tracking server.
	LandingURI, Space string
	App, Name         string
	// Resource is the ARN whose tags were asked for; Domain and Profile are
	// taken from it.
	Resource string
	// MaxResults is what a listing was asked for; 0: not given. Continued says
	// that a NextToken came with it, Items how many the answer has, and More
	// that a NextToken left with it.
	MaxResults, Items int
	Continued, More   bool
	Signed            bool
	// By is who made the call, as far as the simulator issued the credentials.
	By Identity
	// Assumed is what AssumeRole was asked for.
	Assumed   Assumed
	AccessKey string
	UserAgent string
	RequestID string
}

// Opening is one browser that came with a presigned URL.
type Opening struct {
	Seq int // from 1, without gaps
	At  time.Time
	// Domain and Profile are empty where the URL isn't one of ours, or that of a
	// notebook instance or a tracking server.
	Domain, Profile string
	// App is what the URL led to: Portal, the type of an app, NotebookPage or
	// MLflow; empty where it led nowhere.
	App string
	// Name is the space, the notebook instance or the tracking server; empty where
	// there is none. Path is the place within: jupyterlab/my-space in the portal,
	// lab on a notebook instance.
	Name, Path string
	// OK: the browser ended on a page to work with.
	OK bool
	// Reason why it isn't OK: ReasonExpired, ReasonUsed, ReasonUnknown,
	// ReasonNoApp or ReasonBroken.
	Reason string
}

// operation is how an operation is carried out, and how often it was asked for.
type operation struct {
	run   func(*Server, *request) (any, *failure)
	count *atomic.Int64
}

func (s *Server) record(c Call) {
	c.note()
	if op, ok := s.operations[c.Operation]; ok {
		op.count.Add(1)
	}
	s.o.Log.Debug("sagemakersim", "operation", c.Operation, "domain", c.Domain, "profile", c.Profile,
		"status", c.Status, "error", c.ErrorCode, "request", c.RequestID)
	s.calls.add(func(seq int) Call {
		c.Seq = seq
		return c
	})
}

// Calls returns the latest 2,000 calls, oldest first. A call is there once it
// was answered; one that hangs or is cut is there from that moment.
func (s *Server) Calls() []Call { return s.calls.all() }

// CallCount counts the calls of one operation since the start, failed ones
// and throttled ones too. It knows the operations of the package's doc,
// OperationPing, and those of STS.
func (s *Server) CallCount(name string) int {
	op, ok := s.operations[name]
	if !ok {
		return 0
	}
	return int(op.count.Load())
}

// Subscribe returns a channel of the calls to come, and a function that ends
// the subscription and closes the channel. The channel holds 1,024; who reads
// too slowly loses the oldest.
func (s *Server) Subscribe() (<-chan Call, func()) { return s.calls.subscribe() }

// Openings returns the latest 2,000 browsers, oldest first.
func (s *Server) Openings() []Opening { return s.openings.all() }

// SubscribeOpenings is Subscribe for browsers.
func (s *Server) SubscribeOpenings() (<-chan Opening, func()) { return s.openings.subscribe() }

// Minted counts the presigned URLs that were made since the start, also those
// whose answer was lost.
func (s *Server) Minted() int { return s.urls.count() }
