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

// site is where the presigned URLs of one kind lead.
type site struct {
	suffix string // of the host, with a dot before it
	path   string
}

// sites are those of one Region: Studio, notebook instances, and MLflow.
type sites struct{ studio, notebook, mlflow site }

// sitesOf returns where presigned URLs lead. Studio and notebook instances are
// as AWS documents them. MLflow's documentation shows one of Amazon's own test
// hosts; in use are t-….us-east-1.experiments.sagemaker.aws/auth?authToken=…, in
// the same domain name as the tracking server's own address. In China the public
// suffix list has notebook instances; the other two are by analogy.
func sitesOf(region string) sites {
	top := ".sagemaker.aws"
	if strings.HasPrefix(region, "cn-") {
		top = ".sagemaker.com.cn"
	}
	return sites{
		studio:   site{".studio." + region + top, "/auth"},
		notebook: site{".notebook." + region + top, "/"},
		mlflow:   site{"." + region + ".experiments" + top, "/auth"},
	}
}

// checkAuthorized says why no browser is sent to this URL. The error never
// holds any part of it. The host of a real URL need not begin with the domain's
// ID, nor with the notebook instance's name: a space has one of its own, and a
// name that was used before gets something behind it.
func (r *region) checkAuthorized(text string, at site) error {
	u, err := r.checkAddress(text, at, maxAuthorized)
	if err != nil {
		return err
	}
	path := u.EscapedPath()
	switch {
	case path == at.path, path == "" && at.path == "/":
		return nil
	case at == r.sites.notebook && r.loopback && strings.HasPrefix(path, loopbackNotebooks):
		return nil // a simulator has no host for each of them
	}
	return errors.New("has another path than " + at.path)
}

// loopbackNotebooks is where a notebook instance may be on loopback.
const loopbackNotebooks = "/notebook/"

// checkAddress accepts https at one of this Region's sites, and anything on
// loopback where the endpoint itself is there. What it returns ends before the query.
func (r *region) checkAddress(text string, at site, limit int) (*url.URL, error) {
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
	if !hostName.MatchString(host) || !strings.HasSuffix(host, at.suffix) || len(host) > 253 {
		return nil, errors.New("is outside of " + strings.TrimPrefix(at.suffix, "."))
	}
	return u, nil
}

// Destinations returns where a browser may be sent, as CSP source expressions:
// https://*.studio.us-west-2.sagemaker.aws, the same for notebook instances and
// MLflow, for each Region, and the endpoint's own origin where it is on loopback. (CSP knows no IPv6 literals: a simulator
// on [::1] can't be the target of a form.)
func (c *Client) Destinations() []string {
	var out []string
	origins := make(map[string]bool)
	for _, r := range c.regions {
		for _, at := range []site{r.sites.studio, r.sites.notebook, r.sites.mlflow} {
			out = append(out, "https://*"+at.suffix)
		}
		if origin := r.endpoint.Scheme + "://" + r.endpoint.Host; r.loopback && !origins[origin] {
			origins[origin] = true
			out = append(out, origin)
		}
	}
	return out
}
