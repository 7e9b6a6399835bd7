// Package dynalite runs dynalite, a DynamoDB written in JavaScript
// (https://github.com/architect/dynalite), for tests and the demo. It keeps
// everything in memory, and checks neither signatures nor permissions; it knows no
// UpdateTimeToLive, no point-in-time recovery and no transactions, sends no item
// with a refused condition, and throttles nobody. `npm ci` in this folder installs
// it; nothing of it is in the program.
package dynalite

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// ErrMissing: there is no Node, or no dynalite.
var ErrMissing = errors.New("dynalite needs Node: run npm ci in internal/dynalite")

// startTime bounds the start; Node starts slowly on a busy machine.
const startTime = 30 * time.Second

// Server is a running dynalite.
type Server struct {
	// URL is where it listens, on loopback.
	URL  string
	cmd  *exec.Cmd
	done chan struct{}
}

// Start starts it on a port of its own. ErrMissing where it isn't installed.
func Start(ctx context.Context) (*Server, error) {
	cli, err := find()
	if err != nil {
		return nil, err
	}
	node, err := exec.LookPath("node")
	if err != nil {
		return nil, ErrMissing
	}
	for range 3 { // somebody else may take the port between the two
		port, err := freePort(ctx)
		if err != nil {
			return nil, err
		}
		s := &Server{URL: "http://127.0.0.1:" + strconv.Itoa(port), done: make(chan struct{})}
		// It must outlive ctx: whoever uses it stops first.
		s.cmd = exec.Command(node, append(before(cli), cli, "--host", "127.0.0.1", "--port", strconv.Itoa(port), "--createTableMs", "0", "--deleteTableMs", "0", "--updateTableMs", "0")...)
		if err := s.cmd.Start(); err != nil {
			return nil, fmt.Errorf("start dynalite: %w", err)
		}
		go func() {
			defer close(s.done)
			_ = s.cmd.Wait() // it is ended by Close
		}()
		if err := s.ready(ctx); err == nil {
			return s, nil
		}
		s.Close()
	}
	return nil, errors.New("dynalite doesn't start")
}

// Close ends it.
func (s *Server) Close() {
	_ = s.cmd.Process.Kill() // it may have ended
	<-s.done
}

// find looks for the script from the working folder upwards.
func find() (string, error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		cli := filepath.Join(folder, "internal", "dynalite", "node_modules", "dynalite", "cli.js")
		if _, err := os.Stat(cli); err == nil {
			return cli, nil
		}
		up := filepath.Dir(folder)
		if up == folder {
			return "", ErrMissing
		}
		folder = up
	}
}

// before is what Node runs before dynalite: steady.cjs keeps it alive when a client
// goes away, and operations.cjs notes which operations were called, where a folder
// for that is named.
func before(cli string) []string {
	// cli is dynalite/node_modules/dynalite/cli.js of our own folder.
	ours := filepath.Join(filepath.Dir(cli), "..", "..")
	out := []string{"--require", filepath.Join(ours, "steady.cjs")}
	if os.Getenv("STUDIOBOT_OPERATIONS") != "" {
		out = append(out, "--require", filepath.Join(ours, "operations.cjs"))
	}
	return out
}

func freePort(ctx context.Context) (int, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err := errors.Join(err, l.Close()); err != nil {
		return 0, err
	}
	return strconv.Atoi(port)
}

// ready waits until it answers.
func (s *Server) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL, strings.NewReader("{}"))
		if err != nil {
			return err
		}
		if resp, err := http.DefaultClient.Do(req); err == nil {
			return resp.Body.Close()
		}
		select {
		case <-tick.C:
		case <-s.done:
			return errors.New("dynalite ended")
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
