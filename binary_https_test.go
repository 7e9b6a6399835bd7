package studiobot_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// With a certificate of its own the bot needs nothing in front of it. The link
// opens by HTTP/1.1 and by HTTP/2, for a client that believes the authority.
func testHTTPS(t *testing.T, binary string) {
	r := surroundings(t)
	p := newFolder(t, binary, binaryConfig("https://studio.test", "127.0.0.1:0", "tls: {cert: cert.pem, key: key.pem}"))
	a := newAuthority(t)
	cert, key := a.issue(t, "studio.test")
	put(t, filepath.Join(p.dir, "cert.pem"), cert)
	put(t, filepath.Join(p.dir, "key.pem"), key)
	address := p.serve(t, r, r.environment()).address()
	visit := func(config *tls.Config, http2 bool) *http.Client {
		transport := &http.Transport{
			TLSClientConfig: config, ForceAttemptHTTP2: http2, TLSHandshakeTimeout: patience,
			// The name leads here; Studio is where its address says.
			DialContext: func(ctx context.Context, network, to string) (net.Conn, error) {
				if to == "studio.test:443" {
					to = address
				}
				return new(net.Dialer).DialContext(ctx, network, to)
			},
		}
		t.Cleanup(transport.CloseIdleConnections)
		client := browser()
		client.Transport = transport
		return client
	}
	for _, http2 := range []bool{false, true} {
		client := visit(&tls.Config{RootCAs: a.believers(t)}, http2)
		link := r.press("U0JANE", r.command("U0JANE", ""), 0)
		if !strings.HasPrefix(link, "https://studio.test/launch/") {
			t.Fatal("the link doesn't lead to public_url")
		}
		got, err := fetch(r.within(), client, link)
		if err != nil || got.status != http.StatusFound {
			t.Fatalf("HTTP/2 %v: the link gave %d %q, %v", http2, got.status, got.title, withoutURL(err))
		}
		before := len(r.sagemaker.Openings())
		if _, err := fetch(r.within(), client, got.location); err != nil {
			t.Fatal(withoutURL(err))
		}
		o := r.sagemaker.Openings()
		if len(o) != before+1 || !o[before].OK || o[before].Profile != "jane-doe" {
			t.Errorf("HTTP/2 %v: Studio opened %+v", http2, o)
		}
		if major := protocol(t, client, "https://studio.test/healthz"); (major == 2) != http2 {
			t.Errorf("HTTP/%d is spoken, HTTP/2 asked for: %v", major, http2)
		}
	}
	for name, config := range map[string]*tls.Config{
		"a client that doesn't know the authority": {RootCAs: newAuthority(t).believers(t)},
		"TLS 1.1": {RootCAs: a.believers(t), MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11},
	} {
		if got, err := fetch(r.within(), visit(config, false), "https://studio.test/healthz"); err == nil {
			t.Errorf("%s was served: %d", name, got.status)
		}
	}
	if got := r.get("http://" + address + "/healthz"); got.status != http.StatusBadRequest {
		t.Errorf("http in the clear got %d", got.status)
	}
}

// protocol is the major version of HTTP that an address is served by.
func protocol(t *testing.T, client *http.Client, address string) int {
	t.Helper()
	resp, err := client.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("%s gave %d", address, resp.StatusCode)
	}
	return resp.ProtoMajor
}

// A header of 32 KB is read, for the cookies of a shared parent domain. More is
// refused, and the connection ends.
func testLongHeader(t *testing.T, binary string) {
	r := surroundings(t)
	p := newFolder(t, binary, binaryConfig("https://studio.test", "127.0.0.1:0", ""))
	address := p.serve(t, r, r.environment()).address()
	for size, want := range map[int]int{31 << 10: http.StatusOK, 40 << 10: http.StatusRequestHeaderFieldsTooLarge} {
		c, err := net.DialTimeout("tcp", address, patience)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
			t.Fatal(err)
		}
		// What is refused may be answered, and the connection closed, before it
		// was sent whole: the answer counts.
		go func() {
			_, _ = fmt.Fprintf(c, "GET /healthz HTTP/1.1\r\nHost: studio.test\r\nConnection: close\r\nCookie: a=%s\r\n\r\n", strings.Repeat("x", size))
		}()
		resp, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			t.Fatalf("a header of %d bytes: %v", size, err)
		}
		if resp.StatusCode != want {
			t.Errorf("a header of %d bytes: %d, want %d", size, resp.StatusCode, want)
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			t.Errorf("a header of %d bytes: the connection doesn't end: %v", size, err)
		}
	}
}
