package dynamodb_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/studiobot/studiobot/store/dynamodb"
)

// fault is what happens to one call.
type fault int

const (
	fine      fault = iota
	lost            // it is done, and the answer doesn't arrive
	unsent          // the connection breaks before it is done
	throttled       // DynamoDB is asked for too much
	forbidden       // our role may not
)

// line is the way to DynamoDB, which does to each call what the test asks for. It
// counts the calls by their names.
type line struct {
	to    string
	mu    sync.Mutex
	calls map[string]int
	// plan says what happens to the n-th call of that name, from 1 on.
	plan func(operation string, n int) fault
	// between is called before a fault is told, once it was done.
	between func(operation string, n int)
	date    func(time.Time) time.Time
}

// ServeHTTP stands between a store and the engine.
func (l *line) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	operation := strings.TrimPrefix(r.Header.Get("X-Amz-Target"), "DynamoDB_20120810.")
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	l.mu.Lock()
	if l.calls == nil {
		l.calls = map[string]int{}
	}
	l.calls[operation]++
	n, plan, between := l.calls[operation], l.plan, l.between
	l.mu.Unlock()
	f := fine
	if plan != nil {
		f = plan(operation, n)
	}
	switch f {
	case unsent:
		panic(http.ErrAbortHandler) // the connection breaks
	case throttled:
		refuse(w, "ProvisionedThroughputExceededException")
		return
	case forbidden:
		refuse(w, "AccessDeniedException")
		return
	}
	req, err := http.NewRequestWithContext(context.WithoutCancel(r.Context()), http.MethodPost, l.to, bytes.NewReader(body))
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	req.Header = r.Header
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, _ := io.ReadAll(resp.Body)
	if f == lost {
		if between != nil {
			between(operation, n)
		}
		panic(http.ErrAbortHandler)
	}
	maps.Copy(w.Header(), resp.Header)
	if l.date != nil {
		w.Header().Set("Date", l.date(time.Now()).UTC().Format(http.TimeFormat))
	}
	w.WriteHeader(resp.StatusCode)
	_, _ = w.Write(answer)
}

func (l *line) set(plan func(operation string, n int) fault) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls, l.plan = nil, plan
}

func (l *line) count() map[string]int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.calls)
}

func refuse(w http.ResponseWriter, code string) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.WriteHeader(http.StatusBadRequest)
	_, _ = fmt.Fprintf(w, `{"__type":"com.amazonaws.dynamodb.v20120810#%s","message":"arn:aws:iam::111122223333:role/x may not"}`, code)
}

// over are the options with a line in between.
func over(t testing.TB, o dynamodb.Options, l *line) dynamodb.Options {
	l.to = using(t).url
	server := httptest.NewUnstartedServer(l)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Start()
	t.Cleanup(server.Close)
	o.Load = append(o.Load[:len(o.Load):len(o.Load)], config.WithBaseEndpoint(server.URL))
	return o
}

// openOver opens a store over a line that is fine until the test says otherwise.
func openOver(t *testing.T, o dynamodb.Options) (*dynamodb.Store, *line) {
	t.Helper()
	l := &line{}
	s := open(t, over(t, o, l))
	l.set(nil)
	return s, l
}
