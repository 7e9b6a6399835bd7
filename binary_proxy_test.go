package studiobot_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/studiobot/studiobot/internal/sagemakersim"
)

// Everything that leaves the machine goes through HTTPS_PROXY: the Web API, the
// socket and SageMaker. The names exist nowhere but in the proxy, and the
// authority that vouches for them is the machine's own.
func testProxy(t *testing.T, binary string) {
	config := binaryConfig("https://studio.test", "127.0.0.1:0", "")
	t.Run("SSL_CERT_FILE", func(t *testing.T) {
		t.Parallel()
		a := newAuthority(t)
		file := filepath.Join(t.TempDir(), "authorities.pem")
		put(t, file, a.pem)
		throughProxy(t, a, newFolder(t, binary, config), map[string]string{"SSL_CERT_FILE": file})
	})
	t.Run("the image's authorities", func(t *testing.T) {
		t.Parallel()
		a := newAuthority(t)
		p, _ := emptyRoot(t, binary, config, a.pem)
		throughProxy(t, a, p, nil)
	})
	t.Run("an authority that isn't known", func(t *testing.T) {
		t.Parallel()
		file := filepath.Join(t.TempDir(), "authorities.pem")
		put(t, file, newAuthority(t).pem)
		r := surroundings(t)
		proxy, outside := newProxy(t, r, newAuthority(t))
		maps.Copy(outside, map[string]string{"SSL_CERT_FILE": file})
		x := newFolder(t, binary, config).start(t, outside, "serve")
		r.log = x.log
		r.await("a refused certificate", func() bool {
			return proxy.saw("slack.test:443") > 0 && proxy.saw("sagemaker.test:443") > 0 &&
				strings.Contains(x.log.String(), "x509: certificate signed by unknown authority")
		})
		if len(proxy.paths()) != 0 {
			t.Errorf("it asked for %v all the same", proxy.paths())
		}
	})
}

func throughProxy(t *testing.T, a *authority, p place, more map[string]string) {
	t.Helper()
	r := surroundings(t)
	proxy, env := newProxy(t, r, a)
	maps.Copy(env, more)
	x := p.serve(t, r, env)

	// The endpoint isn't on loopback, so the presigned URL has to be one of AWS's.
	const presigned = "https://0a1b2c.studio.us-west-2.sagemaker.aws/auth?token=x"
	r.sagemaker.Fail(sagemakersim.Fault{Operation: "CreatePresignedDomainUrl", URL: presigned})
	link, ok := strings.CutPrefix(r.press("U0JANE", r.command("U0JANE", ""), 0), "https://studio.test/")
	if !ok {
		t.Fatal("the link doesn't lead to public_url")
	}
	if got := r.get("http://" + x.address() + "/" + link); got.status != http.StatusFound || got.location != presigned {
		t.Errorf("the link gave %d %q", got.status, got.title)
	}
	if got, want := proxy.targets(), []string{"sagemaker.test:443", "slack.test:443"}; !slices.Equal(got, want) {
		t.Errorf("the proxy was asked to %v, want %v", got, want)
	}
	// The Web API and the socket have a connection each.
	if n := proxy.saw("slack.test:443"); n < 2 {
		t.Errorf("%d connections to Slack", n)
	}
	for _, path := range []string{"slack.test/api/auth.test", "slack.test/api/apps.connections.open", "slack.test/link/", "sagemaker.test/"} {
		if !slices.Contains(proxy.paths(), path) {
			t.Errorf("%s isn't among %v", path, proxy.paths())
		}
	}
}

// proxy is a proxy for CONNECT that knows where a few names are.
type proxy struct {
	known map[string]string

	mu       sync.Mutex
	asked    map[string]int
	requests map[string]bool // what came out at the other end
}

// newProxy returns a proxy with the simulators behind it, and the environment
// that leads there.
func newProxy(t *testing.T, r *rig, a *authority) (*proxy, map[string]string) {
	t.Helper()
	p := &proxy{asked: map[string]int{}, requests: map[string]bool{}}
	p.known = map[string]string{
		"slack.test:443":     a.terminate(t, "slack.test", p.behind(t, strings.TrimSuffix(r.slack.APIURL(), "/api/"))),
		"sagemaker.test:443": a.terminate(t, "sagemaker.test", p.behind(t, r.sagemaker.URL())),
	}
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	env := r.environment()
	env["HTTPS_PROXY"] = server.URL
	env["SLACK_API_URL"] = "https://slack.test/api/"
	env["AWS_ENDPOINT_URL_SAGEMAKER"] = "https://sagemaker.test"
	return p, env
}

// behind passes requests on to a simulator. The socket's address, which the
// simulator gives as its own, becomes that of the host that was asked.
func (p *proxy) behind(t *testing.T, target string) http.Handler {
	t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	onward := &httputil.ReverseProxy{
		Rewrite:  func(r *httputil.ProxyRequest) { r.SetURL(u) },
		ErrorLog: quiet(),
		ModifyResponse: func(resp *http.Response) error {
			if !strings.HasSuffix(resp.Request.URL.Path, "/apps.connections.open") {
				return nil
			}
			return moveSocket(resp, "wss://slack.test")
		},
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.requests[r.Host+r.URL.Path] = true
		p.mu.Unlock()
		onward.ServeHTTP(w, r)
	})
}

func moveSocket(resp *http.Response, origin string) error {
	var opened struct {
		OK  bool   `json:"ok"`
		URL string `json:"url"`
	}
	err := json.NewDecoder(resp.Body).Decode(&opened)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		return err
	}
	u, err := url.Parse(opened.URL)
	if err != nil {
		return err
	}
	opened.URL = origin + u.RequestURI()
	text, err := json.Marshal(opened)
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
	resp.Header.Set("Content-Length", fmt.Sprint(len(text)))
	return err
}

// ServeHTTP opens a tunnel to a known name, and nothing else.
func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.asked[r.Host]++
	p.mu.Unlock()
	address, ok := p.known[r.Host]
	if r.Method != http.MethodConnect || !ok {
		http.Error(w, "no such way", http.StatusForbidden)
		return
	}
	far, err := net.DialTimeout("tcp", address, 5*time.Second)
	if err != nil {
		http.Error(w, "nobody there", http.StatusBadGateway)
		return
	}
	defer func() { _ = far.Close() }()
	near, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer func() { _ = near.Close() }()
	if _, err := io.WriteString(near, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		return
	}
	go func() { _, _ = io.Copy(far, near); _ = far.Close() }() // ends with either side
	_, _ = io.Copy(near, far)
}

// targets are the names that the proxy was asked for, in order.
func (p *proxy) targets() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Sorted(maps.Keys(p.asked))
}

func (p *proxy) saw(target string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked[target]
}

func (p *proxy) paths() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Sorted(maps.Keys(p.requests))
}
