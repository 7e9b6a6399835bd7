package studiobot_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/studiobot/studiobot"
	"github.com/studiobot/studiobot/internal/sagemakersim"
	"github.com/studiobot/studiobot/internal/slacksim"
	"github.com/studiobot/studiobot/studio/sagemaker"
)

// patience bounds everything that a test waits for.
const patience = 20 * time.Second

// logBuffer is a log that a test reads while it is written.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// rig is studiobot.Run between the two simulators.
type rig struct {
	t         testing.TB
	ctx       context.Context
	slack     *slacksim.Server
	sagemaker *sagemakersim.Server
	url       string
	users     string // path of the users file
	log       *logBuffer
	stop      context.CancelFunc
	done      chan error
}

// setup is what a test changes before the start.
type setup struct {
	slack  slacksim.Options
	people []slacksim.Person
	config string // more lines of studiobot.yaml
	// signIn is the key sign_in, once the simulators are up; nil: none.
	signIn func(*rig) string
	// host is what browsers call this machine; empty: 127.0.0.1, which is the
	// simulators' name, too.
	host   string
	launch string // more keys below launch: and access:
	access string
	limits string // empty: off
	// sources are more of the mapping, behind the users file; domain more keys of
	// the domain research.
	sources, domain string
	users           string
	second          time.Duration // of the second socket
	// linkTTL may be shorter than what the config allows.
	linkTTL time.Duration
	// session changes how long a session is taken to last.
	session func(time.Duration) time.Duration
	// env overrides the environment.
	env map[string]string
	// before runs when the simulators are up and studiobot isn't.
	before func(*rig)
	// away: don't wait for the sockets.
	away bool
	role studiobot.Role
	// options changes what Run gets.
	options func(*studiobot.Options)
	// metrics is the private listener; config then has a metrics: line.
	metrics net.Listener
	// domains are more of SageMaker's; stopped: studiobot isn't started.
	domains []sagemakersim.Domain
	stopped bool
	// level is that of the log; nil: info.
	level slog.Leveler
}

// cookieKey is 32 bytes in base64.
const cookieKey = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="

const (
	researchID = "d-research00001"
	prodID     = "d-production001"
)

const usersYAML = `U0JANE: {research: jane-doe}
U0SAM: {research: sam-research, prod: sam-prod}
U0GUS: sam-research
U0DEE: sam-research
U0BAN: deny
`

func cast() []slacksim.Person {
	return []slacksim.Person{
		{ID: "U0JANE", Name: "jane"}, {ID: "U0SAM", Name: "sam"}, {ID: "U0UMA", Name: "uma"}, {ID: "U0BAN", Name: "ban"},
		{ID: "U0GUS", Name: "gus", Guest: true}, {ID: "U0DEE", Name: "dee", Deleted: true},
		{ID: "U0BOT", Name: "robot", Bot: true}, {ID: "U0STR", Name: "stranger", Stranger: true},
	}
}

func start(t testing.TB, s setup) *rig {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	r := &rig{t: t, ctx: ctx, log: &logBuffer{}, done: make(chan error, 1)}
	var err error
	if s.slack.PingEvery == 0 {
		s.slack.PingEvery = time.Second
	}
	if r.slack, err = slacksim.Start(s.slack); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.slack.Close)
	r.slack.AddPeople(cast()...)
	r.slack.AddPeople(s.people...)
	r.sagemaker, err = sagemakersim.Start(sagemakersim.Options{Domains: append([]sagemakersim.Domain{
		{ID: researchID, Name: "research", Profiles: []sagemakersim.Profile{{Name: "jane-doe"}, {Name: "sam-research"}}},
		{ID: prodID, Name: "prod", Profiles: []sagemakersim.Profile{{Name: "sam-prod"}}},
	}, s.domains...)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.sagemaker.Close)
	r.users = filepath.Join(t.TempDir(), "users.yaml")
	if s.users == "" {
		s.users = usersYAML
	}
	if err := os.WriteFile(r.users, []byte(s.users), 0o600); err != nil {
		t.Fatal(err)
	}
	if s.before != nil {
		s.before(r)
	}
	if s.stopped {
		r.url = "http://127.0.0.1:1" // nobody
		return r
	}
	r.run(s)
	if !s.away {
		r.ready(2)
	}
	return r
}

// run starts studiobot. The listener is open before, so that nothing races for
// a port.
func (r *rig) run(s setup) {
	r.t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		r.t.Fatal(err)
	}
	r.url = "http://" + listener.Addr().String()
	if s.host != "" {
		r.url = fmt.Sprintf("http://%s:%d", s.host, listener.Addr().(*net.TCPAddr).Port)
	}
	r.slack.SetRedirectURLs(r.url + "/auth/callback")
	if s.signIn != nil {
		s.config += "\nsign_in: " + s.signIn(r)
	}
	if s.limits == "" {
		s.limits = "person: off, refused: off"
	}
	yaml := fmt.Sprintf(`public_url: %s
domains:
  - {name: research, id: %s, region: us-west-2, label: "Research · dev account", session: 8h%s}
  - {name: prod, id: %s, region: us-west-2, label: Production}
mapping: [{file: %q}%s]
access: {help: "Ask in #ml-platform."%s}
%s
launch: {link_ttl: 2m%s}
limits: {%s}
`, r.url, researchID, s.domain, prodID, r.users, s.sources, s.access, s.config, s.launch, s.limits)
	env := map[string]string{"SLACK_APP_TOKEN": r.slack.AppToken(), "SLACK_BOT_TOKEN": r.slack.BotToken(), "SLACK_API_URL": r.slack.APIURL(),
		"STUDIOBOT_CLIENT_SECRET": r.slack.ClientSecret(), "STUDIOBOT_COOKIE_KEYS": cookieKey}
	for k, v := range s.env {
		env[k] = v
	}
	if s.role == "" {
		s.role = studiobot.RoleAll
	}
	cfg, err := studiobot.ParseAs(s.role, filepath.Join(filepath.Dir(r.users), "studiobot.yaml"), []byte(yaml), func(k string) string { return env[k] })
	if err != nil {
		r.t.Fatal(err)
	}
	if s.linkTTL > 0 {
		cfg.Launch.LinkTTL = s.linkTTL
	}
	if s.second == 0 {
		s.second = 20 * time.Millisecond
	}
	ctx, stop := context.WithCancel(r.ctx)
	r.stop = stop
	out := io.MultiWriter(r.log, r.t.Output())
	o := studiobot.Options{
		Log: slog.New(slog.NewJSONHandler(out, &slog.HandlerOptions{Level: s.level})), Metrics: s.metrics, Version: "test", Listener: listener, SecondSocket: s.second, SecretsEvery: 30 * time.Millisecond,
		ListCalls: 10_000, ListEvery: 50 * time.Millisecond, NotifyEvery: 50 * time.Millisecond, Session: s.session,
		AWS: []sagemaker.LoadOption{
			config.WithBaseEndpoint(r.sagemaker.URL()),
			config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider("AKIATEST", "secret", "")),
		},
	}
	if s.options != nil {
		s.options(&o)
	}
	go func() { r.done <- studiobot.Run(ctx, cfg, o) }()
	r.t.Cleanup(func() {
		stop()
		select {
		case <-r.done:
		case <-time.After(patience):
			r.t.Error("studiobot didn't stop")
		}
	})
}

// within bounds one wait.
func (r *rig) within() context.Context {
	ctx, cancel := context.WithTimeout(r.ctx, patience)
	r.t.Cleanup(cancel)
	return ctx
}

// ready waits for that many sockets, and for the directory.
func (r *rig) ready(sockets int) {
	r.t.Helper()
	if err := r.slack.WaitConnections(r.within(), sockets); err != nil {
		r.t.Fatalf("%d sockets: %v\n%s", sockets, err, r.log)
	}
	r.await("the workspace to be read", func() bool { return strings.Contains(r.log.String(), `"workspace read"`) })
}

// await waits for a condition that nothing signals.
func (r *rig) await(what string, ok func() bool) {
	r.t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	ctx := r.within()
	for !ok() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			r.t.Fatalf("waited for %s in vain\n%s", what, r.log)
		}
	}
}

// command types /studio, and fails the test if Slack would show an error.
func (r *rig) command(user, text string) *slacksim.Message {
	r.t.Helper()
	a, err := r.slack.Command(r.within(), user, "/studio", text)
	if err != nil || a.Error != "" || a.Message == nil {
		r.t.Fatalf("/studio %s of %s: %+v, %v", text, user, a, err)
	}
	return a.Message
}

// press presses a button, and returns the address that the browser opens.
func (r *rig) press(user string, m *slacksim.Message, button int) string {
	r.t.Helper()
	p, err := r.slack.Press(r.within(), user, m.ID, button)
	if err != nil || !p.Acked || p.Error != "" {
		r.t.Fatalf("press: %+v, %v", p, err)
	}
	return p.URL
}

// answer is what a browser got.
// browser has a cookie jar and follows no redirect by itself.
// get opens an address in a browser of its own.
// launches opens the link and then Studio, and says who Studio thinks it is.
// shut stops studiobot and returns what Run returned.
func (r *rig) shut() error {
	r.t.Helper()
	r.stop()
	select {
	case err := <-r.done:
		r.done <- nil // for the clean-up
		return err
	case <-time.After(patience):
		r.t.Fatal("studiobot didn't stop")
		return nil
	}
}

// writeUsers puts a new users file in place, as an editor does.
func (r *rig) writeUsers(text string) {
	r.t.Helper()
	if err := os.WriteFile(r.users+".new", []byte(text), 0o600); err != nil {
		r.t.Fatal(err)
	}
	if err := os.Rename(r.users+".new", r.users); err != nil {
		r.t.Fatal(err)
	}
}
