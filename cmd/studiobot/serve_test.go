package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/studiobot/studiobot/internal/sagemakersim"
	"github.com/studiobot/studiobot/internal/slacksim"
)

// freeAddress is a loopback address that nobody listens on just now.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// between starts both simulators and returns the environment that leads the
// program to them.
func between(t *testing.T) (*slacksim.Server, []string) {
	t.Helper()
	slack, err := slacksim.Start(slacksim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(slack.Close)
	aws, err := sagemakersim.Start(sagemakersim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(aws.Close)
	return slack, []string{
		"SLACK_APP_TOKEN=" + slack.AppToken(), "SLACK_BOT_TOKEN=" + slack.BotToken(), "SLACK_API_URL=" + slack.APIURL(),
		"AWS_ENDPOINT_URL=" + aws.URL(), "AWS_ACCESS_KEY_ID=AKIATEST", "AWS_SECRET_ACCESS_KEY=secret", "AWS_EC2_METADATA_DISABLED=true",
	}
}

// TestServe runs the bot as production does, asks for its health as a container
// does, and stops it as a supervisor does.
func TestServe(t *testing.T) {
	t.Parallel()
	for _, sig := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			_, env := between(t)
			write(t, folder, "users.yaml", "U012AB3CD: jane-doe\n")
			write(t, folder, "studiobot.yaml", least+"listen: "+freeAddress(t)+"\n")
			if code, _, stderr := run(t, folder, nil, "health"); code != exitFailure || !strings.HasPrefix(stderr, "studiobot: health: ") {
				t.Errorf("health before the start: exit code %d, %q", code, stderr)
			}
			p := launch(t, folder, env, "serve")
			awaitHealth(t, folder, p)
			// A users file that breaks doesn't make the running bot sick.
			write(t, folder, "users.yaml", "no users file")
			if code, _, stderr := run(t, folder, nil, "health"); code != exitOK {
				t.Errorf("health with a broken users file: exit code %d, %q", code, stderr)
			}
			if err := p.cmd.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
			if code := p.wait(t); code != exitOK {
				t.Errorf("exit code %d\n%s", code, &p.err)
			}
			checkLog(t, p, env)
		})
	}
}

// awaitHealth asks until the bot lives.
func awaitHealth(t *testing.T, folder string, p *started) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); <-tick.C {
		if code, out, _ := run(t, folder, nil, "health"); code == exitOK && out == "ok\n" {
			return
		}
	}
	_ = p.cmd.Process.Kill()
	p.wait(t)
	t.Fatalf("it never lived\n%s", &p.err)
}

// checkLog expects JSON lines only, and no secret in them.
func checkLog(t *testing.T, p *started, env []string) {
	t.Helper()
	if p.out.Len() > 0 {
		t.Errorf("standard output: %q", &p.out)
	}
	for _, secret := range env[:2] {
		_, value, _ := strings.Cut(secret, "=")
		if strings.Contains(p.err.String(), value) {
			t.Error("the log holds a token")
		}
	}
	lines := bufio.NewScanner(strings.NewReader(p.err.String()))
	n := 0
	for ; lines.Scan(); n++ {
		var line struct{ Time, Level, Msg string }
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil || line.Msg == "" {
			t.Errorf("no line of JSON: %s", lines.Text())
		}
	}
	if n == 0 {
		t.Error("nothing was logged")
	}
}

// A token that Slack refuses for good ends the program, with what to mend.
func TestServeWithRefusedToken(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	_, env := between(t)
	env[1] = "SLACK_BOT_TOKEN=xoxb-hunter2"
	write(t, folder, "users.yaml", "U012AB3CD: jane-doe\n")
	write(t, folder, "studiobot.yaml", least+"listen: 127.0.0.1:0\n")
	code, _, stderr := run(t, folder, env, "serve")
	lines := strings.Split(strings.TrimSpace(stderr), "\n")
	last := lines[len(lines)-1]
	if code != exitFailure || !strings.HasPrefix(last, "studiobot: ") || !strings.Contains(last, "SLACK_BOT_TOKEN") || strings.Contains(stderr, "hunter2") {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
}

func TestServeRefusesABadConfig(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write(t, folder, "studiobot.yaml", "a: 1\n")
	code, out, stderr := run(t, folder, nil, "serve")
	if want := "studiobot.yaml:1: public_url: is missing; "; code != exitUsage || out != "" || !strings.Contains(stderr, want) || strings.Count(stderr, "\n") != 6 {
		t.Errorf("exit code %d, %q\n%s", code, out, stderr)
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	status := func(code int) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/healthz" || r.Method != http.MethodGet {
				code = http.StatusNotFound
			}
			w.WriteHeader(code)
		})
	}
	well, sick, secure := httptest.NewServer(status(200)), httptest.NewServer(status(503)), httptest.NewTLSServer(status(200))
	t.Cleanup(func() { well.Close(); sick.Close(); secure.Close() })
	address := func(s *httptest.Server) string { return s.Listener.Addr().String() }
	_, port, err := net.SplitHostPort(address(well))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		config string
		code   int
	}{
		"well":             {"listen: " + address(well), exitOK},
		"every address":    {fmt.Sprintf("listen: %q", ":"+port), exitOK},
		"0.0.0.0":          {"listen: 0.0.0.0:" + port, exitOK},
		"sick":             {"listen: " + address(sick), exitFailure},
		"TLS":              {"listen: " + address(secure) + "\ntls: {cert: a, key: b}", exitOK},
		"TLS, not served":  {"listen: " + address(well) + "\ntls: {cert: a, key: b}", exitFailure},
		"a moving port":    {"listen: 127.0.0.1:0", exitFailure},
		"another mistake":  {"listen: " + address(well) + "\nlaunch: {proof: maybe}", exitOK},
		"a listen mistake": {"listen: nowhere", exitFailure},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			write(t, folder, "studiobot.yaml", least+c.config+"\n")
			// A proxy in the environment isn't asked.
			env := []string{"HTTP_PROXY=http://127.0.0.1:1", "HTTPS_PROXY=http://127.0.0.1:1"}
			if code, _, stderr := run(t, folder, env, "health"); code != c.code {
				t.Errorf("exit code %d, %q", code, stderr)
			}
		})
	}
	if code, _, _ := run(t, t.TempDir(), nil, "health"); code != exitFailure {
		t.Errorf("exit code %d without a config", code)
	}
}
