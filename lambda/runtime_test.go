package lambda_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/studiobot/studiobot/internal/lambdasim"
	"github.com/studiobot/studiobot/lambda"
)

// TestMain is the function where Lambda starts it: in a process of its own.
func TestMain(m *testing.M) {
	if os.Getenv(lambda.RuntimeAPI) == "" {
		os.Exit(m.Run())
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	slog.SetDefault(log)
	lambda.New(lambda.Options{Log: log, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/panic":
			panic("no")
		case "/slow":
			log.Info("slow")
			time.Sleep(300 * time.Millisecond)
		case "/forever":
			<-r.Context().Done()
			w.WriteHeader(http.StatusGatewayTimeout)
		}
		_, _ = io.WriteString(w, r.Method+" "+r.URL.Path)
	})}).Serve(ctx)
}

// function is the process.
type function struct {
	sim   *lambdasim.Server
	cmd   *exec.Cmd
	log   bytes.Buffer
	mu    sync.Mutex
	ended chan struct{}
}

func (f *function) Write(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.log.Write(p)
}

// says waits for a line of the function's log.
func (f *function) says(t *testing.T, what string) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); <-tick.C {
		f.mu.Lock()
		there := strings.Contains(f.log.String(), what)
		f.mu.Unlock()
		if there {
			return
		}
	}
	t.Fatalf("the function doesn't say %s", what)
}

func startFunction(t *testing.T, o lambdasim.Options) *function {
	t.Helper()
	s, err := lambdasim.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	f := &function{sim: s, ended: make(chan struct{})}
	f.cmd = exec.CommandContext(t.Context(), os.Args[0])
	f.cmd.Env, f.cmd.Stderr, f.cmd.WaitDelay = []string{lambda.RuntimeAPI + "=" + s.Address()}, f, time.Second
	if err := f.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { _ = f.cmd.Wait(); close(f.ended) }()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := s.Ready(ctx); err != nil {
		t.Fatalf("the function doesn't start: %v\n%s", err, &f.log)
	}
	return f
}

func (f *function) get(t *testing.T, path string) (int, string, error) {
	t.Helper()
	resp, err := f.sim.Do(request(t, "GET", "https://studio.example.com"+path, ""))
	if err != nil {
		return 0, "", err
	}
	body, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(body), err
}

func (f *function) wait(t *testing.T) int {
	t.Helper()
	select {
	case <-f.ended:
		return f.cmd.ProcessState.ExitCode()
	case <-time.After(20 * time.Second):
		t.Fatal("the function doesn't end")
		return 0
	}
}

// The loop goes on whatever one invocation was like.
func TestRuntime(t *testing.T) {
	t.Parallel()
	f := startFunction(t, lambdasim.Options{Timeout: 2500 * time.Millisecond})
	if status, body, err := f.get(t, "/a"); status != 200 || body != "GET /a" || err != nil {
		t.Errorf("got %d %q, %v", status, body, err)
	}
	if status, _, err := f.get(t, "/panic"); status != 500 || err != nil {
		t.Errorf("a panic: %d, %v", status, err)
	}
	var failed *lambdasim.FunctionError
	if _, err := f.sim.Invoke(t.Context(), map[string]string{"source": "aws.events"}); !errors.As(err, &failed) || !strings.Contains(failed.Message, "HTTP API") {
		t.Errorf("another event: %v", err)
	}
	if status, _, err := f.get(t, "/forever"); status != http.StatusGatewayTimeout || err != nil {
		t.Errorf("a request that takes too long: %d, %v", status, err)
	}
	if status, body, err := f.get(t, "/b"); status != 200 || body != "GET /b" || err != nil {
		t.Errorf("after all that: %d %q, %v", status, body, err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for line := range strings.Lines(f.log.String()) {
		if !strings.HasPrefix(line, "{") {
			t.Errorf("a line that isn't JSON: %q", line)
		}
	}
}

// SIGTERM lets the invocation that runs have its answer.
func TestStop(t *testing.T) {
	t.Parallel()
	f := startFunction(t, lambdasim.Options{})
	answered := make(chan error, 1)
	go func() {
		_, body, err := f.get(t, "/slow")
		if err == nil && body != "GET /slow" {
			err = errors.New(body)
		}
		answered <- err
	}()
	f.says(t, `"slow"`)
	if err := f.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code := f.wait(t); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if err := <-answered; err != nil {
		t.Errorf("the invocation that ran: %v", err)
	}
}

// A function that loses its runtime ends, and doesn't spin.
func TestRuntimeGone(t *testing.T) {
	t.Parallel()
	f := startFunction(t, lambdasim.Options{})
	f.sim.Close()
	if code := f.wait(t); code == 0 {
		t.Error("exit code 0")
	}
}
