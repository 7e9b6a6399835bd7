package slacksim

import (
	"encoding/json"
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// The values of Fault.Method that are no Web API method.
const (
	// FaultResponseURL: the next uses of response URLs.
	FaultResponseURL = "response_url"
	// FaultSocket: the next WebSocket handshakes. Status refuses the upgrade;
	// SlackError is the reason of a disconnect that comes instead of hello.
	FaultSocket = "ws"
	// FaultAck: the next acknowledgements are dropped, whatever else is set.
	FaultAck = "ack"
)

// Fault breaks the next N calls of Method.
type Fault struct {
	Method string
	// N is how many calls it breaks; 0 clears the faults of Method.
	N int
	// Status is the HTTP status of the answer; 200 where SlackError is set,
	// 429 where RetryAfter is, otherwise 500.
	Status int
	// SlackError is the code in {"ok":false,"error":…}. Needed and Provided go
	// with missing_scope.
	SlackError       string
	Needed, Provided string
	// RetryAfter is sent in whole seconds, rounded up.
	RetryAfter time.Duration
	// Body replaces the whole body of the answer.
	Body string
	// Hang never answers; the connection ends when the client gives up.
	Hang bool
	// HangFor answers that much later. Where nothing else is set the late
	// answer is a good one.
	HangFor time.Duration
	// DropAck is another way to write Method: FaultAck.
	DropAck bool
	// HappenedButFailed lets the call have its effect first. Where nothing
	// else is set the connection is cut instead of an answer.
	HappenedButFailed bool
}

type faultTable struct {
	mu      sync.Mutex
	next    map[string][]*Fault
	latency map[string]time.Duration
}

func newFaultTable() *faultTable {
	return &faultTable{next: make(map[string][]*Fault), latency: make(map[string]time.Duration)}
}

// Fail breaks the next f.N calls of f.Method, after those that earlier faults
// of that method still have to break.
func (s *Server) Fail(f Fault) {
	if f.DropAck {
		f.Method = FaultAck
	}
	t := s.faults
	t.mu.Lock()
	defer t.mu.Unlock()
	if f.N <= 0 {
		delete(t.next, f.Method)
		return
	}
	t.next[f.Method] = append(t.next[f.Method], &f)
}

// ClearFaults ends every fault and every latency.
func (s *Server) ClearFaults() {
	t := s.faults
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.next)
	clear(t.latency)
}

// SetLatency delays every call of a method ("response_url" and "ws" too).
func (s *Server) SetLatency(method string, d time.Duration) {
	t := s.faults
	t.mu.Lock()
	defer t.mu.Unlock()
	t.latency[method] = d
}

// take counts one call of method against its faults.
func (t *faultTable) take(method string) (Fault, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	queue := t.next[method]
	if len(queue) == 0 {
		return Fault{}, false
	}
	f := queue[0]
	if f.N--; f.N == 0 {
		t.next[method] = queue[1:]
	}
	return *f, true
}

func (t *faultTable) delay(method string) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.latency[method]
}

// speaks reports whether the fault has an answer of its own.
func (f Fault) speaks() bool {
	return f.Status != 0 || f.SlackError != "" || f.RetryAfter > 0 || f.Body != ""
}

func (f Fault) status() int {
	switch {
	case f.Status != 0:
		return f.Status
	case f.RetryAfter > 0:
		return http.StatusTooManyRequests
	case f.SlackError != "" || f.Body != "":
		return http.StatusOK
	}
	return http.StatusInternalServerError
}

func (f Fault) answer() reply {
	r := reply{status: f.status(), body: []byte(f.Body)}
	if f.RetryAfter > 0 {
		r.retryAfter = f.RetryAfter
	}
	if f.Body == "" {
		code := f.SlackError
		if code == "" {
			code = "internal_error"
			if r.status == http.StatusTooManyRequests {
				code = "ratelimited"
			}
		}
		r.body, _ = json.Marshal(struct {
			OK       bool   `json:"ok"`
			Error    string `json:"error"`
			Needed   string `json:"needed,omitempty"`
			Provided string `json:"provided,omitempty"`
		}{false, code, f.Needed, f.Provided})
	}
	return r
}

// reply is what a Web API call is answered with.
type reply struct {
	status     int // 0: 200
	retryAfter time.Duration
	body       []byte
	plain      bool // text instead of JSON
}

func (r reply) write(w http.ResponseWriter) {
	kind := "application/json; charset=utf-8"
	if r.plain {
		kind = "text/html"
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(r.body)))
	if r.retryAfter > 0 {
		seconds := max(1, int(math.Ceil(r.retryAfter.Seconds())))
		w.Header().Set("Retry-After", strconv.Itoa(seconds))
	}
	if r.status != 0 {
		w.WriteHeader(r.status)
	}
	_, _ = w.Write(r.body) // the client may be gone: its business
}
