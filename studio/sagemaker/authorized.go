package sagemaker

import (
	"errors"
	"net/url"
	"regexp"
	"strings"
)

// Bounds of the addresses that we hand on. A real presigned URL has some 4,400
// characters; Url of DescribeDomain is at most 1,024 by the API model.
const (
	maxAuthorized = 16 << 10
	maxSignIn     = 1024
)

// hostName is lower-case labels with dots between them, no port.
var hostName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$`)

// checkAuthorized says why no browser is sent to this URL. The error never
// holds any part of it. The host of a real URL need not begin with the domain's
// ID: a space has one of its own.
func (r *region) checkAuthorized(text string) error {
	u, err := r.checkAddress(text, maxAuthorized)
	if err != nil {
		return err
	}
	if u.EscapedPath() != "/auth" {
		return errors.New("has another path than /auth")
	}
	return nil
}

// checkAddress accepts https in this Region's Studio, and anything on loopback
// where the endpoint itself is there. What it returns ends before the query.
func (r *region) checkAddress(text string, limit int) (*url.URL, error) {
	if text == "" {
		return nil, errors.New("is empty")
	}
	if len(text) > limit {
		return nil, errors.New("is too long")
	}
	// A browser drops tabs and line ends and takes a backslash for a slash, so
	// it could read another host than the parser below.
	if strings.IndexByte(text, '\\') >= 0 {
		return nil, errors.New("has characters that no URL has")
	}
	for i := range len(text) {
		if text[i]-'!' > '~'-'!' { // wraps around below '!'
			return nil, errors.New("has characters that no URL has")
		}
	}
	// The token is thousands of characters in which there is nothing to find.
	if end := strings.IndexAny(text, "?#"); end >= 0 {
		text = text[:end]
	}
	u, err := url.Parse(text)
	if err != nil {
		return nil, errors.New("can't be parsed") // the parser's error repeats it
	}
	switch {
	case u.Opaque != "" || u.Host == "":
		return nil, errors.New("has no host")
	case u.User != nil:
		return nil, errors.New("has a user or a password")
	case r.loopback && (u.Scheme == "http" || u.Scheme == "https") && loopbackHost(u.Hostname()):
		return u, nil
	case u.Scheme != "https":
		return nil, errors.New("isn't https")
	case u.Port() != "" && u.Port() != "443":
		return nil, errors.New("has another port than 443")
	}
	host := u.Hostname()
	if !hostName.MatchString(host) || !strings.HasSuffix(host, r.suffix) || len(host) > 253 {
		return nil, errors.New("is outside of " + strings.TrimPrefix(r.suffix, "."))
	}
	return u, nil
}

// Destinations returns where a browser may be sent, as CSP source expressions:
// https://*.studio.us-west-2.sagemaker.aws for each Region, and the endpoint's
// own origin where it is on loopback. (CSP knows no IPv6 literals: a simulator
// on [::1] can't be the target of a form.)
func (c *Client) Destinations() []string {
	var out []string
	origins := make(map[string]bool)
	for _, r := range c.regions {
		out = append(out, "https://*"+r.suffix)
		if origin := r.endpoint.Scheme + "://" + r.endpoint.Host; r.loopback && !origins[origin] {
			origins[origin] = true
			out = append(out, origin)
		}
	}
	return out
}
