package lambda

import (
	"context"
	"encoding/base64"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/aws/aws-lambda-go/events"
)

// defaultStage is the stage that isn't in the path.
const defaultStage = "$default"

// forwarded is where API Gateway puts the browser's address, behind what the
// browser wrote there itself.
const forwarded = "X-Forwarded-For"

// request is the event as the handler expects it. The errors hold nothing of it.
func (f *Function) request(ctx context.Context, in events.APIGatewayV2HTTPRequest) (*http.Request, error) {
	body := in.Body
	if in.IsBase64Encoded {
		decoded, err := base64.StdEncoding.DecodeString(in.Body)
		if err != nil {
			return nil, errors.New("its body isn't base64")
		}
		body = string(decoded)
	}
	r, err := http.NewRequestWithContext(ctx, in.RequestContext.HTTP.Method, "/", strings.NewReader(body))
	if err != nil {
		return nil, errors.New("its method isn't one")
	}
	r.URL = &url.URL{Path: f.path(in), RawQuery: in.RawQueryString}
	r.RequestURI = r.URL.RequestURI()
	for name, value := range in.Headers { // lower case; those that came twice have commas between
		r.Header.Set(name, value)
	}
	r.Host = r.Header.Get("Host")
	r.Header.Del("Host")
	if len(in.Cookies) > 0 {
		r.Header.Set("Cookie", strings.Join(in.Cookies, "; "))
	}
	// The address is what API Gateway saw, not what a header says. A handler that
	// trusts that address (CloudFront's) reads the header itself.
	from, err := netip.ParseAddr(in.RequestContext.HTTP.SourceIP)
	if err != nil {
		return nil, errors.New("its source isn't an address")
	}
	r.RemoteAddr = net.JoinHostPort(from.String(), "0")
	hops, last := cutLast(r.Header.Get(forwarded))
	if hop, err := netip.ParseAddr(last); err == nil && hop.Unmap() == from.Unmap() {
		r.Header.Set(forwarded, hops) // that one was API Gateway's own
	}
	if r.Header.Get(forwarded) == "" {
		r.Header.Del(forwarded)
	}
	return r, nil
}

// cutLast cuts off the last element of a list with commas.
func cutLast(list string) (before, last string) {
	if i := strings.LastIndexByte(list, ','); i >= 0 {
		return strings.TrimSpace(list[:i]), strings.TrimSpace(list[i+1:])
	}
	return "", strings.TrimSpace(list)
}

// path is the request's path without the stage: API Gateway leaves that in front,
// also where browsers use a name of their own that doesn't show it.
func (f *Function) path(in events.APIGatewayV2HTTPRequest) string {
	path := in.RawPath
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	stage := in.RequestContext.Stage
	if stage == "" || stage == defaultStage || below(f.o.Base, "/"+stage) || !below(path, "/"+stage) {
		return path
	}
	path = strings.TrimPrefix(path, "/"+stage)
	if path == "" {
		return "/"
	}
	return path
}

// below says whether a path is another one, or below it.
func below(path, other string) bool {
	return path == other || strings.HasPrefix(path, other+"/")
}
