package studiobot_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/studiobot/studiobot/internal/sagemakersim"
	"github.com/studiobot/studiobot/internal/slacksim"
)

// surroundings are the two simulators alone: a rig whose studiobot is a binary.
func surroundings(t *testing.T) *rig {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	r := &rig{t: t, ctx: ctx}
	var err error
	if r.slack, err = slacksim.Start(slacksim.Options{PingEvery: time.Second}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.slack.Close)
	r.slack.AddPeople(cast()...)
	r.sagemaker, err = sagemakersim.Start(sagemakersim.Options{Domains: []sagemakersim.Domain{
		{ID: researchID, Name: "research", Profiles: []sagemakersim.Profile{{Name: "jane-doe"}, {Name: "sam-research"}}},
		{ID: prodID, Name: "prod", Profiles: []sagemakersim.Profile{{Name: "sam-prod"}}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.sagemaker.Close)
	return r
}

// environment is what leads the program to the simulators.
func (r *rig) environment() map[string]string {
	return map[string]string{
		"SLACK_APP_TOKEN": r.slack.AppToken(), "SLACK_BOT_TOKEN": r.slack.BotToken(), "SLACK_API_URL": r.slack.APIURL(),
		"AWS_ENDPOINT_URL_SAGEMAKER": r.sagemaker.URL(), "AWS_REGION": "us-west-2",
		"AWS_ACCESS_KEY_ID": "AKIATEST", "AWS_SECRET_ACCESS_KEY": "secret",
	}
}

// binaryConfig is a studiobot.yaml that names users.yaml beside it.
func binaryConfig(publicURL, listen, more string) string {
	return fmt.Sprintf(`public_url: %s
listen: %s
domains:
  - {name: research, id: %s, region: us-west-2, label: Research}
  - {name: prod, id: %s, region: us-west-2, label: Production}
mapping: [{file: users.yaml}]
%s
`, publicURL, listen, researchID, prodID, more)
}

// binaryUsers gives the operator nothing to look at twice.
const binaryUsers = "U0JANE: {research: jane-doe}\nU0SAM: {research: sam-research, prod: sam-prod}\n"

// place is where a program runs.
type place struct {
	path string // of the program, as it is seen in there
	dir  string // the working directory, as it is seen in there
	attr *syscall.SysProcAttr
	args []string // of serve
}

// newFolder is a place like anybody's: a folder with the config in it.
func newFolder(t *testing.T, binary, config string) place {
	t.Helper()
	dir := t.TempDir()
	put(t, filepath.Join(dir, "studiobot.yaml"), config)
	put(t, filepath.Join(dir, "users.yaml"), binaryUsers)
	return place{path: binary, dir: dir, args: []string{"serve"}}
}

// put writes a file that everybody may read, whatever the umask.
func put(t *testing.T, path, text string) {
	t.Helper()
	err := os.WriteFile(path, []byte(text), 0o644)
	if err == nil {
		err = os.Chmod(path, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// program is the binary in a process of its own.
type program struct {
	t        *testing.T
	cmd      *exec.Cmd
	out, log *logBuffer
	ended    chan struct{}
}

// start starts the program with this environment and no more. It is killed when
// the test ends, or when it lives far too long.
func (p place) start(t *testing.T, env map[string]string, args ...string) *program {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	x := &program{t: t, cmd: exec.CommandContext(ctx, p.path, args...), out: &logBuffer{}, log: &logBuffer{}, ended: make(chan struct{})}
	x.cmd.Dir, x.cmd.SysProcAttr, x.cmd.WaitDelay = p.dir, p.attr, time.Second
	x.cmd.Stdout, x.cmd.Stderr = io.MultiWriter(x.out, t.Output()), io.MultiWriter(x.log, t.Output())
	x.cmd.Env = []string{} // nil would be the test's own
	for k, v := range env {
		x.cmd.Env = append(x.cmd.Env, k+"="+v)
	}
	if err := x.cmd.Start(); err != nil {
		cancel()
		t.Fatal(err)
	}
	go func() { _ = x.cmd.Wait(); close(x.ended) }()
	t.Cleanup(func() { cancel(); <-x.ended })
	return x
}

// run runs the program to its end.
func (p place) run(t *testing.T, env map[string]string, args ...string) (code int, out, log string) {
	t.Helper()
	x := p.start(t, env, args...)
	code = x.wait()
	return code, x.out.String(), x.log.String()
}

// serve starts the bot and waits until Slack has a connection of it.
func (p place) serve(t *testing.T, r *rig, env map[string]string) *program {
	t.Helper()
	x := p.start(t, env, p.args...)
	r.log = x.log
	r.await("Slack to be connected", func() bool {
		select {
		case <-x.ended:
			t.Fatalf("it ended with %d", x.cmd.ProcessState.ExitCode())
		default:
		}
		return r.slack.Connections() > 0
	})
	return x
}

// wait returns the exit code.
func (x *program) wait() int {
	x.t.Helper()
	select {
	case <-x.ended:
		return x.cmd.ProcessState.ExitCode()
	case <-time.After(patience):
		x.t.Fatalf("%v didn't end within %s", x.cmd.Args, patience)
		return 0
	}
}

// address is where the bot says that it listens.
func (x *program) address() string {
	x.t.Helper()
	lines := bufio.NewScanner(strings.NewReader(x.log.String()))
	for lines.Scan() {
		var line struct{ Msg, Address string }
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "listening" {
			return line.Address
		}
	}
	x.t.Fatal("it doesn't say where it listens")
	return ""
}

// withoutURL is the error of a request without its address: that of a launch
// is a secret.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// freeAddress has a port that nobody uses now. On Linux it is on a loopback
// address that nothing else here uses, so that the port stays free.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.2:0")
	if err != nil {
		l, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}
