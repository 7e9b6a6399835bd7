// Package lambdasim is what an AWS Lambda function sees of Lambda and of an HTTP
// API in front of it: the runtime API, over HTTP, and events in the payload
// format 2.0. Start a Server, start the function with AWS_LAMBDA_RUNTIME_API set
// to its Address, and ask by Do what a browser would.
//
// # What it imitates
//
//   - One invocation at a time, with an ID, a deadline and the function's ARN in
//     headers; an answer or an error for the one that runs, and for no other.
//   - Header names in lower case, cookies apart, forms in base64, the stage in front
//     of the path (unless it is $default), the browser's address in the context and
//     at the end of X-Forwarded-For.
//   - The documented bounds: 10,240 bytes of answer headers (those of a request,
//     taken for an answer's too), 6 MB of body, 30 s.
//   - The freezer: Options.Frozen is told when an answer is there, and when the next
//     invocation begins. A test stops the process in between.
//
// # What it does not do
//
// Starting, ending and multiplying functions, extensions, streams, other events
// than these two. That rawPath is percent-decoded isn't documented, and isn't done.
package lambdasim

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The documented bounds.
const (
	maxHeader = 10_240
	maxBody   = 6 << 20
	longest   = 30 * time.Second
)

// Options of a Server.
type Options struct {
	// Stage is $default where it is empty.
	Stage string
	// SourceIP is the browser's address; 192.0.2.1 where it is empty.
	SourceIP string
	// Timeout is the function's; 20 s where it is zero.
	Timeout time.Duration
	// Frozen is told that the function is frozen, or thawed. It may be nil.
	Frozen func(bool)
}

// Server is a running simulator.
type Server struct {
	o     Options
	http  *http.Server
	addr  string
	next  chan *invocation
	turn  sync.Mutex // one invocation at a time
	asked chan struct{}

	mu      sync.Mutex // guards the rest
	running *invocation
	serial  int
}

type invocation struct {
	id       string
	payload  []byte
	deadline time.Time
	done     chan result
}

type result struct {
	body   []byte
	failed bool
}

// FunctionError is what the function said in place of an answer.
type FunctionError struct{ Type, Message string }

func (e *FunctionError) Error() string { return "function error " + e.Type + ": " + e.Message }

// Start serves the runtime API until Close.
func Start(o Options) (*Server, error) {
	if o.Stage == "" {
		o.Stage = "$default"
	}
	if o.SourceIP == "" {
		o.SourceIP = "192.0.2.1"
	}
	if o.Timeout == 0 {
		o.Timeout = 20 * time.Second
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Server{o: o, addr: l.Addr().String(), next: make(chan *invocation), asked: make(chan struct{}, 1)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", s.serveNext)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", func(w http.ResponseWriter, r *http.Request) { s.serveResult(w, r, false) })
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", func(w http.ResponseWriter, r *http.Request) { s.serveResult(w, r, true) })
	s.http = &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = s.http.Serve(l) }() // ends with Close
	return s, nil
}

// Address is what AWS_LAMBDA_RUNTIME_API has to be.
func (s *Server) Address() string { return s.addr }

// Close ends the runtime API: a function that asks finds nobody.
func (s *Server) Close() { _ = s.http.Close() }

// Ready waits until the function has asked for its first invocation.
func (s *Server) Ready(ctx context.Context) error {
	select {
	case <-s.asked:
		s.asked <- struct{}{}
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// serveNext hands out the next invocation. The function is frozen until there is one.
func (s *Server) serveNext(w http.ResponseWriter, r *http.Request) {
	select {
	case s.asked <- struct{}{}:
	default:
	}
	var in *invocation
	select {
	case in = <-s.next:
	case <-r.Context().Done():
		return
	}
	h := w.Header()
	h.Set("Lambda-Runtime-Aws-Request-Id", in.id)
	h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(in.deadline.UnixMilli(), 10))
	h.Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-west-2:111122223333:function:studiobot-redirect")
	h.Set("Content-Type", "application/json")
	_, _ = w.Write(in.payload) // a function that is gone answers nothing
}

func (s *Server) serveResult(w http.ResponseWriter, r *http.Request, failed bool) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody+1<<10))
	s.mu.Lock()
	defer s.mu.Unlock()
	if in := s.running; err != nil || in == nil || in.id != r.PathValue("id") {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	s.running.done <- result{body, failed}
	s.running = nil
	w.WriteHeader(http.StatusAccepted)
}

// Invoke has the function answer an event, whatever it is.
func (s *Server) Invoke(ctx context.Context, event any) ([]byte, error) {
	payload, err := json.Marshal(event)
	if err != nil {
		return nil, err
	}
	s.turn.Lock()
	defer s.turn.Unlock()
	timeout := min(s.o.Timeout, longest)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	s.mu.Lock()
	s.serial++
	in := &invocation{id: fmt.Sprintf("00000000-0000-4000-8000-%012d", s.serial), payload: payload, deadline: time.Now().Add(timeout), done: make(chan result, 1)}
	s.running = in
	s.mu.Unlock()
	if s.o.Frozen != nil {
		s.o.Frozen(false)
		defer s.o.Frozen(true)
	}
	select {
	case s.next <- in:
	case <-ctx.Done():
		return nil, fmt.Errorf("the function doesn't ask for an invocation: %w", ctx.Err())
	}
	select {
	case got := <-in.done:
		if !got.failed {
			return got.body, nil
		}
		var said struct{ ErrorType, ErrorMessage string }
		_ = json.Unmarshal(got.body, &said) // what can't be read is said empty
		return nil, &FunctionError{said.ErrorType, said.ErrorMessage}
	case <-ctx.Done():
		return nil, fmt.Errorf("the function doesn't answer in time: %w", ctx.Err())
	}
}

// Event is the request as an HTTP API hands it on.
func (s *Server) Event(r *http.Request) (map[string]any, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	headers, cookies := map[string]string{"host": r.URL.Host, "x-forwarded-proto": "https"}, []string{}
	for name, values := range r.Header {
		if name == "Cookie" {
			cookies = strings.Split(strings.Join(values, "; "), "; ")
			continue
		}
		headers[strings.ToLower(name)] = strings.Join(values, ",")
	}
	hops := append(strings.FieldsFunc(headers["x-forwarded-for"], func(c rune) bool { return c == ',' }), s.o.SourceIP)
	headers["x-forwarded-for"] = strings.Join(hops, ",")
	path := r.URL.EscapedPath()
	if s.o.Stage != "$default" {
		path = "/" + s.o.Stage + path
	}
	text, encoded := string(body), false
	if kind := r.Header.Get("Content-Type"); len(body) > 0 && !strings.HasPrefix(kind, "text/") && !strings.HasPrefix(kind, "application/json") {
		text, encoded = base64.StdEncoding.EncodeToString(body), true
	}
	event := map[string]any{
		"version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": r.URL.RawQuery, "headers": headers, "isBase64Encoded": encoded,
		"requestContext": map[string]any{
			"accountId": "111122223333", "apiId": "a1b2c3", "stage": s.o.Stage, "routeKey": "$default", "requestId": "JKJaXmPLvHcESHA=",
			"http": map[string]any{"method": r.Method, "path": path, "protocol": "HTTP/1.1", "sourceIp": s.o.SourceIP, "userAgent": r.UserAgent()},
		},
	}
	if len(cookies) > 0 {
		event["cookies"] = cookies
	}
	if len(body) > 0 {
		event["body"] = text
	}
	return event, nil
}

// Do is a browser's request through the HTTP API. A function that fails or gives
// an answer that API Gateway wouldn't pass on is an error.
func (s *Server) Do(r *http.Request) (*http.Response, error) {
	event, err := s.Event(r)
	if err != nil {
		return nil, err
	}
	raw, err := s.Invoke(r.Context(), event)
	if err != nil {
		return nil, err
	}
	var out struct {
		StatusCode      int
		Headers         map[string]string
		Cookies         []string
		Body            string
		IsBase64Encoded bool
	}
	if err := json.Unmarshal(raw, &out); err != nil {
		return nil, fmt.Errorf("the answer isn't one: %w", err)
	}
	if out.StatusCode < 200 || out.StatusCode > 599 {
		return nil, fmt.Errorf("status %d", out.StatusCode)
	}
	resp := &http.Response{StatusCode: out.StatusCode, Header: http.Header{}, Request: r, ProtoMajor: 1, ProtoMinor: 1}
	size := 0
	for name, value := range out.Headers {
		size += len(name) + len(value) + 4
		resp.Header.Set(name, value)
	}
	for _, c := range out.Cookies {
		resp.Header.Add("Set-Cookie", c)
	}
	if size > maxHeader {
		return nil, errors.New("the answer's headers are too long for API Gateway")
	}
	body := []byte(out.Body)
	if out.IsBase64Encoded {
		if body, err = base64.StdEncoding.DecodeString(out.Body); err != nil {
			return nil, err
		}
	}
	resp.Body = io.NopCloser(strings.NewReader(string(body)))
	return resp, nil
}
