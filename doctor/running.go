package doctor

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// maxScrape bounds what is read of an answer.
const maxScrape = 4 << 20

// bot is what a running bot says of itself.
type bot struct {
	metrics              bool // it was asked for them
	sockets, connections int
	armed, missing       int
}

// usual is how many connections one bot has.
func (b bot) usual() int {
	if b.metrics {
		return 2
	}
	return 1
}

// running asks the bot that may run: by its private listener, or whether it is
// ready by the address that browsers reach.
func (e *examination) running(ctx context.Context) (bot, bool) {
	if e.o.MetricsURL != "" {
		if text, status, err := e.get(ctx, e.o.MetricsURL); err == nil && status == http.StatusOK {
			return readBot(text), true
		}
	}
	ready := *e.o.PublicURL
	ready.Path = "/readyz"
	text, status, err := e.get(ctx, ready.String())
	return bot{}, err == nil && status == http.StatusOK && strings.TrimSpace(text) == "ready"
}

// readBot reads what it needs of a scrape.
func readBot(text string) bot {
	b := bot{metrics: true}
	lines := bufio.NewScanner(strings.NewReader(text))
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), " ")
		n, err := strconv.ParseFloat(value, 64)
		if err != nil {
			continue
		}
		switch {
		case name == "studiobot_slack_sockets":
			b.sockets = int(n)
		case name == "studiobot_slack_app_connections":
			b.connections = int(n)
		case name == "studiobot_click_missing_total":
			b.missing = int(n)
		case strings.HasPrefix(name, "studiobot_launch_steps_total{") && strings.Contains(name, `step="armed"`):
			b.armed += int(n)
		}
	}
	return b
}

// get asks for a page.
func (e *examination) get(ctx context.Context, address string) (text string, status int, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", 0, err
	}
	resp, err := e.http.Do(req)
	if err != nil {
		return "", 0, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxScrape))
	return string(data), resp.StatusCode, err
}
