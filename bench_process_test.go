package studiobot_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/studiobot/studiobot/internal/sagemakersim"
	"github.com/studiobot/studiobot/internal/slacksim"
)

// buildBinary makes the program as `make build` does.
func buildBinary(b testing.TB) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "studiobot")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", path, "./cmd/studiobot")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	return path
}

// process is the real program between the simulators.
type process struct {
	b       *testing.B
	cmd     *exec.Cmd
	address string
	read    chan struct{} // closed when the workspace was read
}

// startProcess starts the program and returns when it listens.
func startProcess(b *testing.B, binary, dir string, slack *slacksim.Server, aws *sagemakersim.Server) *process {
	b.Helper()
	p := &process{b: b, cmd: exec.Command(binary, "serve", "--config", filepath.Join(dir, "studiobot.yaml")), read: make(chan struct{})}
	p.cmd.Env = append(awsEnv(aws), "HOME="+dir, "SLACK_APP_TOKEN="+slack.AppToken(), "SLACK_BOT_TOKEN="+slack.BotToken(), "SLACK_API_URL="+slack.APIURL())
	log, err := p.cmd.StderrPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(p.stop)
	listening := make(chan string, 1)
	go p.follow(log, listening)
	if p.address = <-listening; p.address == "" {
		b.Fatal("the program ended before it listened")
	}
	return p
}

// follow reads the program's log to its end.
func (p *process) follow(log io.Reader, listening chan<- string) {
	defer close(listening)
	lines := bufio.NewScanner(log)
	for read := false; lines.Scan(); {
		var line struct{ Msg, Address string }
		switch {
		case read || json.Unmarshal(lines.Bytes(), &line) != nil:
		case line.Msg == "listening":
			listening <- line.Address
		case line.Msg == "workspace read":
			read = true
			close(p.read)
		}
	}
}

// stop ends the process at once: nothing of it is looked at any more.
func (p *process) stop() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// ready asks until the program says that it is.
func (p *process) ready() {
	p.b.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); <-tick.C {
		resp, err := http.Get("http://" + p.address + "/readyz")
		if err != nil {
			continue
		}
		_ = resp.Body.Close()
		if resp.StatusCode == http.StatusOK {
			return
		}
	}
	p.b.Fatal("the program never got ready")
}

// status is a line of /proc/PID/status in MB.
func (p *process) status(key string) float64 {
	p.b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		p.b.Skipf("needs /proc: %v", err)
	}
	_, rest, _ := strings.Cut(string(text), key+":")
	kb, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		p.b.Fatal(err)
	}
	return float64(kb) / 1024
}

// BenchmarkStart starts the real program and asks it whether it is ready, 20
// times: from the fork to the first 200 of /readyz. 10,000 people are mapped.
func BenchmarkStart(b *testing.B) {
	const starts = 20
	binary := buildBinary(b)
	people, users, profiles := crowd(10_000, 10_000)
	for b.Loop() {
		var times []time.Duration
		for range starts {
			slack, aws := simulators(b, slacksim.Options{}, people, profiles)
			dir := folder(b, users, "http://127.0.0.1:1", "127.0.0.1:0", "link_ttl: 2m")
			began := time.Now()
			p := startProcess(b, binary, dir, slack, aws)
			p.ready()
			times = append(times, time.Since(began))
			p.stop()
		}
		slices.Sort(times)
		b.ReportMetric(ms(percentile(times, 50)), "p50-ms")
		b.ReportMetric(ms(times[len(times)-1]), "max-ms")
	}
}

// BenchmarkMemory makes 10,000 launches (command, click, browser, message
// replaced) with the real program in a workspace of 1,000 people and in one of
// 50,000, and looks at the memory that it then has. Reading 50,000 people takes
// two minutes at the pace that Slack allows, so both programs run at a time.
func BenchmarkMemory(b *testing.B) {
	const launches = 10_000
	binary := buildBinary(b)
	for b.Loop() {
		large, small := newTown(b, binary, 50_000), newTown(b, binary, 1_000)
		for _, t := range []*town{small, large} {
			<-t.process.read
			idle := t.process.status("VmRSS")
			began := time.Now()
			t.launch(launches)
			name := fmt.Sprintf("%d-people-", t.size)
			b.ReportMetric(idle, name+"idle-MB")
			b.ReportMetric(t.process.status("VmRSS"), name+"MB")
			b.ReportMetric(t.process.status("VmHWM"), name+"peak-MB")
			b.ReportMetric(launches/time.Since(began).Seconds(), name+"launches/s")
		}
	}
}

// town is a workspace and a program of its own.
type town struct {
	b       *testing.B
	size    int
	people  []slacksim.Person
	slack   *slacksim.Server
	process *process
}

// newTown maps everybody, up to 10,000.
func newTown(b *testing.B, binary string, size int) *town {
	b.Helper()
	mapped := min(size, 10_000)
	people, users, profiles := crowd(size, mapped)
	slack, aws := simulators(b, slacksim.Options{HistoryLimit: 1000}, people, profiles)
	dir := folder(b, users, "http://127.0.0.1:1", "127.0.0.1:0", "link_ttl: 10s")
	return &town{b, size, people[:mapped], slack, startProcess(b, binary, dir, slack, aws)}
}

// launch makes n launches, 16 people at a time, the next person each time.
func (t *town) launch(n int) {
	t.b.Helper()
	const together = 16
	errs := make([]error, together)
	var group sync.WaitGroup
	for i := range together {
		group.Go(func() {
			for j := i; j < n && errs[i] == nil; j += together {
				errs[i] = t.launchOne(t.people[j%len(t.people)].ID)
			}
		})
	}
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		t.b.Fatal(err)
	}
}

func (t *town) launchOne(user string) error {
	ctx, cancel := context.WithTimeout(t.b.Context(), patience)
	defer cancel()
	a, err := t.slack.Command(ctx, user, "/studio", "")
	if err != nil || a.Message == nil {
		return fmt.Errorf("no message for %s: %+v, %w", user, a, err)
	}
	press, err := t.slack.Press(ctx, user, a.Message.ID, 0)
	if err != nil {
		return err
	}
	u, err := url.Parse(press.URL)
	if err != nil {
		return err
	}
	return openAll(t.process.address, []string{u.Path})
}
