package sagemaker

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
)

// The pool. The SDK keeps 10 idle connections per host and closes what is
// beyond that, so that a burst of clicks pays for a handshake each time.
const (
	idlePerHost = 256
	idleTotal   = 1024
	dialTimeout = 2 * time.Second
	tlsTimeout  = 3 * time.Second
)

// maxAnswer is the most that is read of an answer: a domain's description with
// all of its settings is some 100 KB at worst.
const maxAnswer = 1 << 20

// maxRequest is the most that is held in memory of a request; ours have some
// 150 bytes, and 80 KB with the longest tags that there can be.
const maxRequest = 128 << 10

var errAnswerTooLong = errors.New("the answer is longer than 1 MB")

// httpClient is what the SDK builds on. It stays a BuildableClient so that the
// SDK can add AWS_CA_BUNDLE; the proxy comes from HTTPS_PROXY.
func httpClient() *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().
		WithDialerOptions(func(d *net.Dialer) { d.Timeout = dialTimeout }).
		WithTransportOptions(func(t *http.Transport) {
			t.MaxIdleConns = idleTotal
			t.MaxIdleConnsPerHost = idlePerHost
			t.TLSHandshakeTimeout = tlsTimeout
			// sender bounds SageMaker's attempts; this one is for the calls
			// that the SDK makes for credentials.
			t.ResponseHeaderTimeout = attemptTimeout
			t.MaxResponseHeaderBytes = 64 << 10
		})
}

// sender makes one attempt. It gives it a time of its own, which the SDK
// doesn't do and which it takes for a reason to try again; it bounds the answer;
// and it follows no redirect, because SageMaker never sends one.
type sender struct {
	transport http.RoundTripper
	timeout   time.Duration
}

func newSender(client aws.HTTPClient) (*sender, error) {
	built, ok := client.(*awshttp.BuildableClient)
	if !ok {
		return nil, fmt.Errorf("HTTP client of type %T: a BuildableClient of the SDK is needed", client)
	}
	return &sender{transport: built.GetTransport(), timeout: attemptTimeout}, nil
}

// Do is what the SDK calls.
func (s *sender) Do(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(r.Context(), s.timeout)
	r = r.WithContext(ctx) // a copy: it may be changed
	err := holdBody(r)
	if err != nil {
		cancel()
		return nil, err
	}
	resp, err := s.transport.RoundTrip(r)
	if err != nil {
		cancel()
		return nil, err
	}
	resp.Body = &answer{body: resp.Body, left: maxAnswer, cancel: cancel}
	return resp, nil
}

// holdBody puts the request's body into memory, where net/http sees it: then it
// sends header and body in one packet, and sends them again by itself where a
// pooled connection turns out to be closed. The SDK's own reader gets neither,
// and when the answer is there before net/http has looked for its end, the SDK
// has closed it and the connection is lost in the middle of that answer.
func holdBody(r *http.Request) error {
	if r.Body == nil || r.ContentLength <= 0 || r.ContentLength > maxRequest {
		return nil
	}
	text := make([]byte, r.ContentLength)
	if _, err := io.ReadFull(r.Body, text); err != nil {
		return fmt.Errorf("read the request's body: %w", err)
	}
	r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil }
	r.Body, _ = r.GetBody() // as above, no error
	return nil
}

// answer is a body of at most left bytes; its end is the attempt's end.
type answer struct {
	body   io.ReadCloser
	left   int64
	cancel context.CancelFunc
}

func (a *answer) Read(p []byte) (int, error) {
	if a.left <= 0 {
		return 0, errAnswerTooLong
	}
	n, err := a.body.Read(p[:min(int64(len(p)), a.left)])
	a.left -= int64(n)
	return n, err
}

func (a *answer) Close() error {
	defer a.cancel()
	return a.body.Close()
}
