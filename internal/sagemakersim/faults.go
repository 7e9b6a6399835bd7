package sagemakersim

import (
	"slices"
	"sync"
	"time"
)

// Fault breaks the next N calls of Operation. One that sets nothing but
// Operation and N answers 500 with an empty JSON object.
type Fault struct {
	// Operation like CreatePresignedDomainUrl, or OperationPing; empty: any.
	Operation string
	// N is how many calls it breaks: 0 means 1, -1 until ClearFaults.
	N int
	// Status is the HTTP status of the answer: 400 where Code is set,
	// otherwise 500.
	Status int
	// Code and Message are the error as AWS names it: ThrottlingException.
	Code, Message string
	// Header puts Code into x-amzn-ErrorType instead of the body.
	Header bool
	// Body is sent as it is, as HTML, in place of an error or a result. With
	// it Status is 200 where it isn't set.
	Body string
	// Delay comes before whatever else happens. A Fault with nothing but a
	// Delay answers well, late.
	Delay time.Duration
	// Hang never answers; the connection ends when the client gives up.
	Hang bool
	// Drop cuts the TCP connection instead of an answer.
	Drop bool
	// HappenedButFailed lets the call have its effect first. Where nothing
	// else is set the connection is cut instead of an answer.
	HappenedButFailed bool
	// URL stands in a good answer in place of the presigned URL. To answer
	// with an empty one, use Body.
	URL string
}

type faultList struct {
	mu    sync.Mutex
	next  []*Fault
	delay time.Duration
}

// Fail breaks the next f.N calls of f.Operation, after those that earlier
// faults still have to break.
func (s *Server) Fail(f Fault) {
	if f.N == 0 {
		f.N = 1
	}
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.next = append(s.faults.next, &f)
}

// ClearFaults ends every fault and the delay of SetDelay.
func (s *Server) ClearFaults() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.next, s.faults.delay = nil, 0
}

// SetDelay makes every call take that much longer; 0 ends it.
func (s *Server) SetDelay(d time.Duration) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.delay = d
}

// take counts one call against the faults, and says how long it has to wait.
func (l *faultList) take(operation string) (Fault, time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, f := range l.next {
		if f.Operation != "" && f.Operation != operation {
			continue
		}
		taken := *f
		if f.N > 0 {
			f.N--
		}
		if f.N == 0 {
			l.next = slices.Delete(l.next, i, i+1)
		}
		return taken, l.delay + f.Delay
	}
	return Fault{}, l.delay
}

// zero reports whether there is no fault.
func (f Fault) zero() bool { return f.N == 0 }

// speaks reports whether the fault has an answer of its own.
func (f Fault) speaks() bool {
	if f.Status != 0 || f.Code != "" || f.Body != "" {
		return true
	}
	return !f.zero() && f.Delay == 0 && !f.Hang && !f.Drop && !f.HappenedButFailed && f.URL == ""
}

// cuts reports whether the connection ends without an answer.
func (f Fault) cuts() bool { return f.Drop || f.HappenedButFailed && !f.speaks() }
