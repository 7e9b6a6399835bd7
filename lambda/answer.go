package lambda

import (
	"bytes"
	"encoding/base64"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
)

// answer keeps what a handler writes.
type answer struct {
	header http.Header
	sent   http.Header // as it was when the status was written
	status int
	body   strings.Builder
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) {
	if a.status == 0 && status >= http.StatusOK { // 1xx can't be sent
		a.status, a.sent = status, a.header.Clone()
	}
}

func (a *answer) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(p)
}

// response is the answer in the payload format 2.0: cookies stand by themselves,
// and other headers that were set twice have commas between.
func (a *answer) response(head bool) events.APIGatewayV2HTTPResponse {
	a.WriteHeader(http.StatusOK)
	out := events.APIGatewayV2HTTPResponse{StatusCode: a.status, Headers: map[string]string{}, Cookies: a.sent.Values("Set-Cookie")}
	for name, values := range a.sent {
		switch name {
		case "Set-Cookie", "Content-Length": // API Gateway counts for itself
		default:
			out.Headers[name] = strings.Join(values, ", ")
		}
	}
	body := a.body.String()
	switch {
	case head:
	case utf8.ValidString(body):
		out.Body = body
	default:
		out.Body, out.IsBase64Encoded = base64.StdEncoding.EncodeToString([]byte(body)), true
	}
	return out
}

// plain is an answer that needs no handler.
func plain(status int) events.APIGatewayV2HTTPResponse {
	return events.APIGatewayV2HTTPResponse{StatusCode: status, Body: http.StatusText(status) + "\n", Headers: map[string]string{
		"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
	}}
}

// sending is an answer on its way: the runtime reads it, and closes it when it
// was sent. It has no exported field, or the runtime would take that for the answer.
type sending struct {
	text *bytes.Reader
	sent func()
}

func (s *sending) Read(p []byte) (int, error) { return s.text.Read(p) }
func (s *sending) ContentType() string        { return "application/json" }
func (s *sending) Close() error               { s.sent(); return nil }
