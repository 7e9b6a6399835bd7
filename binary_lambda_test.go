package studiobot_test

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/studiobot/studiobot/internal/dynalite"
	"github.com/studiobot/studiobot/internal/lambdasim"
	"github.com/studiobot/studiobot/store/dynamodb"
	"github.com/studiobot/studiobot/studio"
)

// lambdaRig is the bot as a program of its own, and the redirect as a Lambda
// function that is stopped whenever it has answered, as Lambda does it.
type lambdaRig struct {
	*rig
	env      map[string]string
	function *program
	http     *lambdasim.Server
	frozen   bool
}

// startTable runs a DynamoDB.
func startTable(t *testing.T) string {
	t.Helper()
	db, err := dynalite.Start(t.Context())
	if errors.Is(err, dynalite.ErrMissing) && os.Getenv("STUDIOBOT_NO_SKIP") == "" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	return db.URL
}

// testLambda: a launch goes from the bot's message through the function to Studio,
// and when the function is frozen nothing is left to do.
func testLambda(t *testing.T, binary string) {
	l := startLambda(t, binary)
	l.function = l.starts(t, binary)
	if err := l.http.Ready(l.within()); err != nil {
		t.Fatalf("the function doesn't start: %v\n%s", err, l.function.log)
	}
	m := l.command("U0JANE", "")
	link := m.Buttons()[0].URL
	page := l.get(link) // before the press
	if page.StatusCode != http.StatusOK || len(page.Header.Values("Set-Cookie")) != 1 || !strings.Contains(body(t, page), "Waiting for Slack") {
		t.Errorf("unarmed: %d, %q", page.StatusCode, page.Header)
	}
	m = l.command("U0JANE", "")
	link = l.press("U0JANE", m, 0)
	before := time.Now()
	a := l.get(link)
	location := a.Header.Get("Location")
	if a.StatusCode != http.StatusFound || len(location) < 4_000 || body(t, a) != "" || a.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("the link gave %d\n%s", a.StatusCode, l.function.log)
	}
	if !l.frozen {
		t.Fatal("the function runs on, so that this shows nothing")
	}
	if x, _ := l.slack.Message(m.ID); x.Replaced != 1 {
		t.Errorf("the message was replaced %d times when the function was frozen", x.Replaced)
	}
	if opened := l.opened(t); len(opened) != 1 || opened[0].Option.Profile != "jane-doe" || opened[0].At.Before(before.Add(-time.Second)) {
		t.Errorf("kept as opened: %+v", opened)
	}
	l.rig.get(location)
	if o := l.sagemaker.Openings(); len(o) != 1 || !o[0].OK || o[0].Profile != "jane-doe" {
		t.Errorf("Studio opened %+v", o)
	}
	if again := l.get(link); again.StatusCode != http.StatusGone {
		t.Errorf("the link again: %d", again.StatusCode)
	}
	for line := range strings.Lines(l.function.log.String()) {
		if !strings.HasPrefix(line, "{") || strings.Contains(line, "token=") || strings.Contains(line, strings.TrimPrefix(link, l.url)) {
			t.Errorf("a line that isn't JSON, or holds a secret: %q", line)
		}
	}
	l.stops(t)
	l.refused(t, binary)
}

// startLambda starts everything but the function.
func startLambda(t *testing.T, binary string) *lambdaRig {
	t.Helper()
	l := &lambdaRig{rig: surroundings(t), frozen: true}
	l.env = l.environment()
	l.env["AWS_ENDPOINT_URL_DYNAMODB"] = startTable(t)
	l.url = "https://studio.example.com"
	var err error
	if l.http, err = lambdasim.Start(lambdasim.Options{Stage: "prod", Frozen: func(frozen bool) {
		sig := syscall.SIGCONT
		if frozen {
			sig = syscall.SIGSTOP
		}
		l.frozen = frozen
		if err := l.function.cmd.Process.Signal(sig); err != nil {
			t.Error(err)
		}
	}}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.http.Close)
	bot := newFolder(t, binary, binaryConfig(l.url, "127.0.0.1:0", "store: dynamodb:studiobot"))
	if code, _, text := bot.run(t, l.env, "store", "init"); code != 0 {
		t.Fatalf("store init: %d\n%s", code, text)
	}
	bot.args = []string{"serve", "--role=bot"}
	bot.serve(t, l.rig, l.env)
	return l
}

// starts starts the program as Lambda does: without arguments, and it has no tokens.
func (l *lambdaRig) starts(t *testing.T, binary string) *program {
	env := maps.Clone(l.env)
	delete(env, "SLACK_APP_TOKEN")
	delete(env, "SLACK_BOT_TOKEN")
	env["AWS_LAMBDA_RUNTIME_API"] = l.http.Address()
	return newFolder(t, binary, binaryConfig(l.url, "127.0.0.1:0", "store: dynamodb:studiobot\nlog: {format: json}")).start(t, env)
}

func (l *lambdaRig) get(link string) *http.Response {
	l.t.Helper()
	r, err := http.NewRequestWithContext(l.within(), http.MethodGet, link, nil)
	if err != nil {
		l.t.Fatal(withoutURL(err))
	}
	r.Header.Set("User-Agent", "Mozilla/5.0 Firefox/140")
	resp, err := l.http.Do(r)
	if err != nil {
		l.t.Fatalf("%v\n%s", err, l.function.log)
	}
	return resp
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// opened is what the table says of when what was opened last.
func (l *lambdaRig) opened(t *testing.T) (out []studio.Opened) {
	t.Helper()
	s, err := dynamodb.Open(t.Context(), dynamodb.Options{Table: "studiobot", Load: []dynamodb.LoadOption{
		config.WithBaseEndpoint(l.env["AWS_ENDPOINT_URL_DYNAMODB"]), config.WithRegion("us-west-2"),
		config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider("AKIATEST", "secret", "")),
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := s.LastOpened(ctx, func(o studio.Opened) error { out = append(out, o); return nil }); err != nil {
		t.Fatal(err)
	}
	return out
}

// stops ends the function as Lambda's shutdown does.
func (l *lambdaRig) stops(t *testing.T) {
	t.Helper()
	for _, sig := range []os.Signal{syscall.SIGTERM, syscall.SIGCONT} {
		if err := l.function.cmd.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
	}
	if code := l.function.wait(); code != 0 {
		t.Errorf("the function ends with %d\n%s", code, l.function.log)
	}
}

// refused: what a Lambda function can't be is said.
func (l *lambdaRig) refused(t *testing.T, binary string) {
	t.Helper()
	env := maps.Clone(l.env)
	env["AWS_LAMBDA_RUNTIME_API"] = l.http.Address()
	p := newFolder(t, binary, binaryConfig(l.url, "127.0.0.1:0", "store: sqlite:x.db"))
	if code, _, text := p.run(t, env); code != 2 || !strings.Contains(text, "sqlite doesn't last in a Lambda function") {
		t.Errorf("sqlite: %d %s", code, text)
	}
	if code, _, text := p.run(t, env, "serve", "--role=bot"); code != 2 || !strings.Contains(text, "which a Lambda function can't") {
		t.Errorf("the bot: %d %s", code, text)
	}
}
