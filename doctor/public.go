package doctor

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

const (
	// HeaderLength is how long the Location of a launch is: a presigned URL of a
	// real domain has 4,429 characters.
	HeaderLength = 4500
	// ProbePath is what the bot answers below the public URL's own path, followed by
	// a nonce: a Location of that length, and with /short behind it one without.
	ProbePath = "/probe/"
	// ProbeHeader repeats the nonce.
	ProbeHeader = "X-Studiobot-Probe"
	// certSoon is from when on a certificate's end is worth a word.
	certSoon = 14 * 24 * time.Hour
)

// public looks at the address that browsers reach, as far as it is reached from
// here.
func (e *examination) public(ctx context.Context) {
	const check = "public URL"
	nonce := strings.ToLower(rand.Text())
	short, err := e.probe(ctx, nonce+"/short")
	if err != nil {
		says, next := unreachable(err)
		e.wrong(check, says, next)
		return
	}
	if short.Header.Get(ProbeHeader) != nonce {
		e.wrong(check, fmt.Sprintf("something else than the bot answers there (HTTP %d)", short.StatusCode),
			"Start the bot; then the load balancer or proxy has to lead "+e.o.PublicURL.String()+" to its listener, the whole path")
		return
	}
	e.certificate(check, short.TLS)
	long, err := e.probe(ctx, nonce)
	if err != nil || long.Header.Get(ProbeHeader) != nonce || len(long.Header.Get("Location")) < HeaderLength {
		got := "cut it off"
		if err == nil && long.StatusCode >= http.StatusInternalServerError {
			got = fmt.Sprintf("answered HTTP %d in its place", long.StatusCode)
		}
		e.wrong("long header", fmt.Sprintf("the proxy in front %s: a launch's Location of %d characters doesn't get through", got, HeaderLength),
			"nginx: `proxy_buffer_size 16k; proxy_buffers 8 16k;`, ingress-nginx: the annotation proxy-buffer-size: 16k; elsewhere allow response headers of 16 KB")
		return
	}
	e.good("long header", fmt.Sprintf("a Location of %d characters gets through", HeaderLength))
}

// probe asks the bot for a header.
func (e *examination) probe(ctx context.Context, path string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(e.o.PublicURL.String(), "/")+ProbePath+path, nil)
	if err != nil {
		return nil, err
	}
	resp, err := e.http.Do(req)
	if err != nil {
		return nil, err
	}
	return resp, resp.Body.Close()
}

// unreachable says why there is no answer at all.
func unreachable(err error) (says, next string) {
	var host x509.HostnameError
	var unknown x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &host):
		return "wrong certificate: it is for another name", "Get a certificate for the host of public_url"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "wrong certificate: it has expired, or isn't valid yet", "Renew it; compare the clock, too"
	case errors.As(err, &unknown), errors.As(err, &invalid), errors.As(err, new(*tls.CertificateVerificationError)):
		return "wrong certificate: no authority that is known here has signed it", "Serve the whole chain, of an authority that people's browsers know"
	}
	return "it can't be reached from here: " + cause(err), "Start the bot; look at DNS, firewall and load balancer for public_url. From another network it may differ"
}

// certificate says how long it is good for.
func (e *examination) certificate(check string, state *tls.ConnectionState) {
	if state == nil || len(state.PeerCertificates) == 0 {
		e.good(check, "the bot answers there")
		return
	}
	left := time.Until(state.PeerCertificates[0].NotAfter)
	if left < certSoon {
		e.warn(check, fmt.Sprintf("the bot answers there; its certificate ends in %d days", int(left/(24*time.Hour))), "Renew it")
		return
	}
	e.good(check, "the bot answers there, with a good certificate")
}
