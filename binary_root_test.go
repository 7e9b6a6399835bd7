package studiobot_test

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// nonroot is the user of the Dockerfile's base image.
const nonroot = 65532

// emptyRoot is a place like the image: the binary, CA certificates, the config,
// and nothing else, run by a user who can't write there.
func emptyRoot(t *testing.T, binary, config, authorities string) (p place, root string) {
	t.Helper()
	if runtime.GOOS != "linux" || os.Geteuid() != 0 {
		skip(t, "needs root for an empty root")
	}
	if !strings.HasSuffix(instruction(t, "FROM gcr.io/distroless/"), ":nonroot") {
		t.Fatalf("the image isn't run by user %d any more", nonroot)
	}
	root = filepath.Join(t.TempDir(), "root")
	dir := instruction(t, "WORKDIR /etc/")
	for _, folder := range []string{"", "etc", "etc/ssl", "etc/ssl/certs", "etc/" + dir} {
		path := filepath.Join(root, folder)
		if err := errors.Join(os.Mkdir(path, 0o755), os.Chmod(path, 0o755)); err != nil {
			t.Fatal(err)
		}
	}
	entry := commandLine(t, "ENTRYPOINT ")
	// A link, because a file that was just written can't always be run: another
	// test may be starting a process that still has it open.
	if err := errors.Join(os.Link(binary, filepath.Join(root, entry[0])), os.Chmod(binary, 0o755)); err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(root, "etc/ssl/certs/ca-certificates.crt"), authorities)
	put(t, filepath.Join(root, "etc", dir, "studiobot.yaml"), config)
	put(t, filepath.Join(root, "etc", dir, "users.yaml"), binaryUsers)
	return place{
		path: entry[0], dir: "/etc/" + dir, args: append(entry[1:], commandLine(t, "CMD ")...),
		attr: &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: nonroot, Gid: nonroot}},
	}, root
}

// listing is everything below root, with what would change if it were written.
func listing(t *testing.T, root string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil {
			out = append(out, fmt.Sprint(strings.TrimPrefix(path, root), info.Mode(), info.Size(), info.ModTime()))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func testEmptyRoot(t *testing.T, binary string) {
	r := surroundings(t)
	held := newGate(t, r.sagemaker.URL())
	env := r.environment()
	env["AWS_ENDPOINT_URL_SAGEMAKER"] = held.url
	address := freeAddress(t)
	r.url = "http://" + address
	p, root := emptyRoot(t, binary, binaryConfig(r.url, address, ""), newAuthority(t).pem)
	before := listing(t, root)

	want := fmt.Sprintf("studiobot %s (%s, %s/%s)\n", builtVersion, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	if code, out, log := p.run(t, nil, "version"); code != 0 || out != want || log != "" {
		t.Errorf("version: exit code %d, %q %q", code, out, log)
	}
	if code, out, log := p.run(t, env, "check"); code != 0 || !strings.Contains(out, " is fine: 2 domains") || log != "" {
		t.Errorf("check: exit code %d, %q %q", code, out, log)
	}
	health := commandLine(t, "HEALTHCHECK ")[1:]
	if code, _, _ := p.run(t, nil, health...); code != 1 {
		t.Errorf("health before the start: exit code %d", code)
	}
	x := p.serve(t, r, env)
	if code, out, log := p.run(t, nil, health...); code != 0 {
		t.Errorf("health: exit code %d, %q %q", code, out, log)
	}
	r.launches(r.press("U0JANE", r.command("U0JANE", ""), 0), researchID, "jane-doe")
	stopDuringLaunch(t, r, x, address, held)
	if code, _, _ := p.run(t, nil, health...); code != 1 {
		t.Errorf("health after the stop: exit code %d", code)
	}
	if out := x.out.String(); out != "" {
		t.Errorf("standard output: %q", out)
	}
	if after := listing(t, root); !slices.Equal(before, after) {
		t.Errorf("the root was\n%s\nand is\n%s", strings.Join(before, "\n"), strings.Join(after, "\n"))
	}
}

// stopDuringLaunch sends SIGTERM while SageMaker is thinking: the browser gets
// its redirect, Slack the message after it, and the supervisor exit code 0.
func stopDuringLaunch(t *testing.T, r *rig, x *program, address string, held *gate) {
	t.Helper()
	m := r.command("U0JANE", "")
	link := r.press("U0JANE", m, 0)
	held.shut()
	defer held.open()
	type result struct {
		answer
		err error
	}
	answered := make(chan result, 1)
	ctx := r.within()
	go func() {
		a, err := fetch(ctx, browser(), link)
		answered <- result{a, withoutURL(err)}
	}()
	select {
	case <-held.reached:
	case <-ctx.Done():
		t.Fatal("SageMaker wasn't asked")
	}
	began := time.Now()
	if err := x.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	r.await("the listener to close", func() bool {
		c, err := net.DialTimeout("tcp", address, time.Second)
		if err != nil {
			return errors.Is(err, syscall.ECONNREFUSED)
		}
		_ = c.Close()
		return false
	})
	held.open()
	a := <-answered // bounded by ctx
	if a.err != nil || a.status != http.StatusFound || !strings.HasPrefix(a.location, r.sagemaker.URL()+"/auth?") {
		t.Errorf("the launch in flight got %d %q, %v", a.status, a.title, a.err)
	}
	if code := x.wait(); code != 0 {
		t.Errorf("exit code %d after SIGTERM", code)
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("stopping took %s", took)
	}
	if after, _ := r.slack.Message(m.ID); after.Replaced != 1 {
		t.Errorf("the message was replaced %d times", after.Replaced)
	}
}

// gate stands before SageMaker, and holds requests for presigned URLs while it
// is shut.
type gate struct {
	url     string
	reached chan struct{} // has something when a request is held

	mu   sync.Mutex
	hold chan struct{} // nil: open
}

func newGate(t *testing.T, target string) *gate {
	t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{reached: make(chan struct{}, 1)}
	onward := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(u) }, ErrorLog: quiet()}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.pass(r)
		onward.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	g.url = server.URL
	return g
}

func (g *gate) pass(r *http.Request) {
	g.mu.Lock()
	hold := g.hold
	g.mu.Unlock()
	if hold == nil || !strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".CreatePresignedDomainUrl") {
		return
	}
	select {
	case g.reached <- struct{}{}:
	default:
	}
	select {
	case <-hold:
	case <-r.Context().Done():
	}
}

func (g *gate) shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.hold = make(chan struct{})
}

// open may be called again.
func (g *gate) open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.hold != nil {
		close(g.hold)
	}
	g.hold = nil
}
