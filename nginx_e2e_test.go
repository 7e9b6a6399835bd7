package studiobot_test

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// nginx starts a real nginx with deploy/nginx/studiobot.conf in front of
// studiobot, and returns the address of its listener. change may alter the
// config.
func nginx(t *testing.T, r *rig, a *authority, change func(string) string) string {
	t.Helper()
	path, err := exec.LookPath("nginx")
	if err != nil {
		skip(t, "needs nginx")
	}
	conf, err := os.ReadFile("deploy/nginx/studiobot.conf")
	if err != nil {
		t.Fatal(err)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	_ = free.Close()
	folder := t.TempDir()
	cert, key := filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	certPEM, keyPEM := a.issue(t, "studio.example.com")
	put(t, cert, certPEM)
	put(t, key, keyPEM)
	text := strings.NewReplacer(
		"listen 443 ssl", "listen "+address+" ssl", "server 127.0.0.1:8080", "server "+strings.TrimPrefix(r.url, "http://"),
		"/etc/nginx/studio.example.com.crt", cert, "/etc/nginx/studio.example.com.key", key,
	).Replace(change(string(conf)))
	put(t, filepath.Join(folder, "studiobot.conf"), text)
	temp := ""
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		temp += fmt.Sprintf("%s_temp_path %s;\n", kind, filepath.Join(folder, kind))
	}
	put(t, filepath.Join(folder, "nginx.conf"), fmt.Sprintf(`daemon off; master_process off; pid %s/pid; error_log stderr error;
events {}
http {
access_log off;
%s
include %s/studiobot.conf;
}
`, folder, temp, folder))
	cmd := exec.CommandContext(r.ctx, path, "-p", folder, "-c", filepath.Join(folder, "nginx.conf"), "-e", "stderr")
	cmd.Stderr = t.Output()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	r.await("nginx to listen", func() bool {
		c, err := net.Dial("tcp", address)
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	})
	return address
}

// behind opens a link through the proxy at address, from 127.0.0.2.
func behind(t *testing.T, a *authority, address, link string) (status int, location string) {
	t.Helper()
	u, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}
	transport := &http.Transport{
		DialContext:     dialer.DialContext,
		TLSClientConfig: &tls.Config{RootCAs: a.believers(t), ServerName: "studio.example.com"},
	}
	defer transport.CloseIdleConnections()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+address+u.RequestURI(), nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = "studio.example.com"
	resp, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode, resp.Header.Get("Location")
}

// The nginx config that people are given passes a presigned URL as long as real
// ones, and the browser's address. With nginx' own buffer it is a 502.
func TestNginx(t *testing.T) {
	t.Parallel()
	r := start(t, setup{config: "trusted_proxies: [127.0.0.1]"})
	a := newAuthority(t)
	address := nginx(t, r, a, func(conf string) string { return conf })
	status, location := behind(t, a, address, r.press("U0JANE", r.command("U0JANE", ""), 0))
	if status != http.StatusFound || len(location) < 4400 {
		t.Errorf("through nginx: %d, a Location of %d characters", status, len(location))
	}
	r.await("the browser's address in the trail", func() bool { return strings.Contains(r.log.String(), `"127.0.0.2"`) })

	small := nginx(t, r, a, func(conf string) string {
		for _, line := range []string{"proxy_buffer_size 16k;", "proxy_buffers     8 16k;"} {
			if strings.Count(conf, line) != 1 {
				t.Fatalf("deploy/nginx/studiobot.conf has no line %q", line)
			}
			conf = strings.Replace(conf, line, "", 1)
		}
		return conf
	})
	if status, location := behind(t, a, small, r.press("U0JANE", r.command("U0JANE", ""), 0)); status != http.StatusBadGateway {
		t.Errorf("with the default buffer: %d, a Location of %d characters; the setting isn't needed any more", status, len(location))
	}
}
