// Package lambda serves an http.Handler as an AWS Lambda function behind an HTTP
// API: it speaks the payload format 2.0, and nothing else.
//
// Start with Serve in this file; request.go and answer.go turn the one into the
// other. A Lambda function is frozen as soon as its answer is out, so a handler
// that runs here must have done everything by the time it returns.
package lambda

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/events"
	runtime "github.com/aws/aws-lambda-go/lambda"
)

// RuntimeAPI is the variable that Lambda sets for its functions, and nobody else.
const RuntimeAPI = "AWS_LAMBDA_RUNTIME_API"

const (
	// answerTime is what an invocation keeps of its time for the answer.
	answerTime = 2 * time.Second
	// stopTime is how long an invocation may still take when the process is asked
	// to stop. Lambda gives 2 s, where it asks at all.
	stopTime = 1500 * time.Millisecond
)

// errPayload is for whatever isn't a request of an HTTP API.
var errPayload = errors.New("the event isn't a request of an HTTP API in the payload format 2.0: set the integration's PayloadFormatVersion to 2.0, and trigger the function by nothing else")

// Options of a Function. All but Base are required.
type Options struct {
	Handler http.Handler
	Log     *slog.Logger
	// Base is the path of the address that browsers use, without a trailing slash:
	// the handler's own paths are below it. A stage that isn't part of it is taken
	// off the front of a request's path.
	Base string
}

// Function answers invocations.
type Function struct {
	o    Options
	busy sync.WaitGroup
}

// New returns a Function.
func New(o Options) *Function { return &Function{o: o} }

// Serve answers invocations until ctx ends, and returns when the one that runs
// has ended, or after 1.5 s. It needs the Lambda runtime (RuntimeAPI), and ends
// the process where that can't be asked any more: Lambda starts another.
func (f *Function) Serve(ctx context.Context) {
	go runtime.StartWithOptions(f.run, runtime.WithContext(context.WithoutCancel(ctx)))
	<-ctx.Done()
	done := make(chan struct{})
	go func() { f.busy.Wait(); close(done) }()
	timer := time.NewTimer(stopTime)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
		f.o.Log.Warn("stopping with an invocation in flight")
	}
}

// run is Invoke for the runtime. It is over when the answer was sent.
func (f *Function) run(ctx context.Context, raw json.RawMessage) (*sending, error) {
	f.busy.Add(1)
	out, err := f.Invoke(ctx, raw)
	var text []byte
	if err == nil {
		text, err = json.Marshal(out)
	}
	if err != nil {
		f.busy.Done()
		return nil, err
	}
	return &sending{text: bytes.NewReader(text), sent: sync.OnceFunc(f.busy.Done)}, nil
}

// Invoke answers one invocation. An error is for an event that is no request;
// whatever goes wrong with a request is an answer.
func (f *Function) Invoke(ctx context.Context, raw json.RawMessage) (events.APIGatewayV2HTTPResponse, error) {
	var in events.APIGatewayV2HTTPRequest
	if err := json.Unmarshal(raw, &in); err != nil || !strings.HasPrefix(in.Version, "2.") || in.RequestContext.HTTP.Method == "" {
		f.o.Log.ErrorContext(ctx, errPayload.Error())
		return events.APIGatewayV2HTTPResponse{}, errPayload
	}
	if end, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, end.Add(-answerTime))
		defer cancel()
	}
	r, err := f.request(ctx, in)
	if err != nil {
		f.o.Log.WarnContext(ctx, "a request can't be read", "err", err)
		return plain(http.StatusBadRequest), nil
	}
	return f.serve(r), nil
}

// serve lets the handler answer. A panic is an answer, too: Lambda would start
// the process anew for it.
func (f *Function) serve(r *http.Request) (out events.APIGatewayV2HTTPResponse) {
	defer func() {
		if p := recover(); p != nil {
			f.o.Log.ErrorContext(r.Context(), "panic in a request", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			out = plain(http.StatusInternalServerError)
		}
	}()
	w := &answer{header: http.Header{}}
	f.o.Handler.ServeHTTP(w, r)
	return w.response(r.Method == http.MethodHead)
}
