package studiobot_test

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/studiobot/studiobot/internal/sagemakersim"
)

// child is one of the two servers.
type child struct {
	b        *testing.B
	launches string // host:port
	control  string
}

// startChild runs this test binary as a server, between it and the simulator.
func startChild(b *testing.B, name string, env []string) *child {
	b.Helper()
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(slices.Clone(env), asServer+"="+name, logFile+"="+filepath.Join(b.TempDir(), "log"), "HOME="+b.TempDir())
	var complaints bytes.Buffer // the SDK's, of connections that it lost; or why it didn't start
	cmd.Stderr = &complaints
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = in.Close(); _ = cmd.Wait() })
	c := &child{b: b}
	if _, err := fmt.Fscan(out, &c.launches, &c.control); err != nil {
		_ = in.Close()
		b.Fatalf("%s didn't start: %v, %v\n%s", name, err, cmd.Wait(), &complaints)
	}
	return c
}

// awsEnv leads the SDK of a child to the simulator.
func awsEnv(aws *sagemakersim.Server) []string {
	return []string{
		"AWS_ENDPOINT_URL=" + aws.URL(), "AWS_REGION=us-west-2", "AWS_ACCESS_KEY_ID=AKIATEST", "AWS_SECRET_ACCESS_KEY=secret",
		"AWS_EC2_METADATA_DISABLED=true",
	}
}

// ask asks the control side.
func (c *child) ask(method, path string, out any) {
	c.b.Helper()
	req, err := http.NewRequestWithContext(c.b.Context(), method, "http://"+c.control+path, nil)
	if err != nil {
		c.b.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		c.b.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if err := json.NewDecoder(resp.Body).Decode(out); err != nil || resp.StatusCode != http.StatusOK {
		c.b.Fatalf("%s: status %d, %v", path, resp.StatusCode, err)
	}
}

// result is what a round of one server came to.
type result struct {
	perSecond float64
	cpu       time.Duration // of a launch
}

// browsersAtOnce is how many open links at the same time.
const browsersAtOnce = 64

// round opens n links with browsersAtOnce browsers, each of which opens the next
// one as soon as it was sent off.
func (c *child) round(n int) result {
	c.b.Helper()
	var paths []string
	c.ask(http.MethodPost, fmt.Sprintf("/prepare?n=%d", n), &paths)
	var before, after int64
	c.ask(http.MethodGet, "/cpu", &before)
	var browsers sync.WaitGroup
	errs := make([]error, browsersAtOnce)
	began := time.Now()
	for i := range browsersAtOnce {
		browsers.Go(func() {
			var mine []string
			for j := i; j < len(paths); j += browsersAtOnce {
				mine = append(mine, paths[j])
			}
			errs[i] = openAll(c.launches, mine)
		})
	}
	browsers.Wait()
	took := time.Since(began)
	c.ask(http.MethodGet, "/cpu", &after)
	if err := errors.Join(errs...); err != nil {
		c.b.Fatal(err)
	}
	return result{float64(n) / took.Seconds(), time.Duration(after-before) / time.Duration(n)}
}

// openAll opens links one after the other on one kept-alive connection, as a
// browser does. It writes and reads for itself, because net/http's client would
// take more of the machine than the servers that are compared.
func openAll(host string, paths []string) error {
	conn, err := net.Dial("tcp", host)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	r := bufio.NewReaderSize(conn, 16<<10)
	head := strings.Join([]string{
		" HTTP/1.1", "Host: " + host,
		"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
		"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "Accept-Language: en-US,en;q=0.5",
		"Accept-Encoding: gzip, deflate, br, zstd", "Upgrade-Insecure-Requests: 1",
		"Sec-Fetch-Dest: document", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Site: none", "Sec-Fetch-User: ?1", "", "",
	}, "\r\n")
	for _, path := range paths {
		if _, err := io.WriteString(conn, "GET "+path+head); err != nil {
			return err
		}
		resp, err := http.ReadResponse(r, nil)
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, resp.Body)
		if err := errors.Join(err, resp.Body.Close()); err != nil {
			return err
		}
		if to := resp.Header.Get("Location"); resp.StatusCode != http.StatusFound || len(to) < 4000 {
			return fmt.Errorf("status %d, a Location of %d characters", resp.StatusCode, len(to))
		}
	}
	return nil
}

// BenchmarkRedirect compares a launch, from a browser's GET of an armed link to
// its redirect with SageMaker's call in between, with a net/http handler that
// does nothing but that call. Both run in processes of their own, in turns, and
// their CPU is that of their process alone. Ratios are the median of the rounds.
// A SageMaker that takes 20 ms, still less than the real one, keeps as many
// calls in flight as there are browsers. Over TLS, as the real one speaks, a
// connection that isn't kept costs a handshake.
func BenchmarkRedirect(b *testing.B) {
	for name, over := range map[string]bool{"plain": false, "TLS": true} {
		b.Run(name, func(b *testing.B) {
			aws, env := benchAWS(b, over)
			us, them := startChild(b, ours, env), startChild(b, bare, env)
			for _, delay := range []time.Duration{0, 20 * time.Millisecond} {
				b.Run("SageMaker takes "+delay.String(), func(b *testing.B) {
					aws.SetDelay(delay)
					us.b, them.b = b, b
					compare(b, us, them)
				})
			}
		})
	}
}

// benchAWS starts the simulator, over TLS if asked for, and returns what leads a
// child's SDK to it.
func benchAWS(b *testing.B, over bool) (*sagemakersim.Server, []string) {
	b.Helper()
	_, _, profiles := crowd(1, 1)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	var env []string
	if over {
		ca := newAuthority(b)
		cert, key := ca.issue(b, "localhost")
		pair, err := tls.X509KeyPair([]byte(cert), []byte(key))
		if err != nil {
			b.Fatal(err)
		}
		file := filepath.Join(b.TempDir(), "ca.pem")
		if err := os.WriteFile(file, []byte(ca.pem), 0o600); err != nil {
			b.Fatal(err)
		}
		listener = tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12})
		env = append(env, "SSL_CERT_FILE="+file)
	}
	aws, err := sagemakersim.Start(sagemakersim.Options{Listener: listener, Domains: []sagemakersim.Domain{{ID: researchID, Profiles: profiles}}})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(aws.Close)
	env = append(env, awsEnv(aws)...)
	if over {
		_, port, err := net.SplitHostPort(listener.Addr().String())
		if err != nil {
			b.Fatal(err)
		}
		env = append(env, "AWS_ENDPOINT_URL=https://localhost:"+port)
	}
	return aws, env
}

// compare lets the two take turns, each round with the other one first.
func compare(b *testing.B, us, them *child) {
	const rounds, launches = 8, 4096
	us.round(launches) // warm
	them.round(launches)
	for b.Loop() {
		var cpu, speed []float64
		var our, their []result
		for i := range rounds {
			var x, y result
			if i%2 == 0 {
				x, y = us.round(launches), them.round(launches)
			} else {
				y, x = them.round(launches), us.round(launches)
			}
			our, their = append(our, x), append(their, y)
			cpu, speed = append(cpu, float64(x.cpu)/float64(y.cpu)), append(speed, x.perSecond/y.perSecond)
		}
		report(b, "cpu-ratio", cpu)
		report(b, "speed-ratio", speed)
		for name, results := range map[string][]result{ours: our, bare: their} {
			slices.SortFunc(results, func(a, b result) int { return cmp.Compare(a.cpu, b.cpu) })
			b.ReportMetric(float64(percentile(results, 50).cpu.Microseconds()), name+"-cpu-µs/launch")
			slices.SortFunc(results, func(a, b result) int { return cmp.Compare(a.perSecond, b.perSecond) })
			b.ReportMetric(percentile(results, 50).perSecond, name+"-launches/s")
		}
	}
}

// report gives the median, the least and the most.
func report(b *testing.B, name string, values []float64) {
	b.Helper()
	slices.Sort(values)
	b.ReportMetric(percentile(values, 50), name)
	b.ReportMetric(values[0], name+"-min")
	b.ReportMetric(values[len(values)-1], name+"-max")
}
