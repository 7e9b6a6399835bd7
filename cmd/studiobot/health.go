package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// healthTime bounds the question; a container's health check waits 3 s.
const healthTime = 2 * time.Second

// health asks the bot that runs on this machine whether it lives. Only the
// config file itself is read, and only its listener counts: what was broken in
// there since the start doesn't make a running bot sick.
func (p *program) health(ctx context.Context, in input) error {
	cfg, err := p.load(in, nil)
	if err != nil && cfg.Listen == "" {
		// As any failure, not as mistakes: 1 is the exit code for "unhealthy".
		return fmt.Errorf("health: can't know where to ask: %v", err)
	}
	if _, port, err := net.SplitHostPort(cfg.Listen); err != nil || port == "0" {
		return errors.New("health: listen has port 0, so that nobody knows where to ask; give it a port")
	}
	url := "http://localhost/healthz"
	if cfg.TLS.Cert != "" {
		url = "https://localhost/healthz"
	}
	ctx, cancel := context.WithTimeout(ctx, healthTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return fmt.Errorf("health: %w", err)
	}
	resp, err := healthClient(cfg.Listen).Do(req)
	if err != nil {
		return fmt.Errorf("health: %w", err)
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<10))
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("health: %s answers %s", cfg.Listen, resp.Status)
	}
	_, err = fmt.Fprintln(p.out, "ok")
	return err
}

// healthClient connects to listen, whatever the URL says. Without a host that
// is this machine, as it is for net.Dial.
func healthClient(listen string) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, network, listen)
			},
			// The certificate is for public_url's host, not for this address.
			// Nothing is sent, and nothing is believed but "ok".
			TLSClientConfig:   &tls.Config{InsecureSkipVerify: true},
			DisableKeepAlives: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
