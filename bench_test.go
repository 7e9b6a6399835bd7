package studiobot_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
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

// The benchmarks of whole processes are experiments: one iteration is one of
// them, with a fixed amount of work, and what it found is in its own metrics.
// docs/benchmarks.md says what each is for and what it should find.

// crowd is n people and a users file in which the first mapped of them have a
// profile of their own in research, as the simulated SageMaker knows it.
func crowd(n, mapped int) (people []slacksim.Person, users string, profiles []sagemakersim.Profile) {
	people = slacksim.Crowd(n, "")
	var b strings.Builder
	for i := range mapped {
		profile := fmt.Sprintf("person-%06d", i+1)
		fmt.Fprintf(&b, "%s: {research: %s}\n", people[i].ID, profile)
		profiles = append(profiles, sagemakersim.Profile{Name: profile})
	}
	return people, b.String(), profiles
}

// watchedFile is a log on disk that tells when a text was first written.
type watchedFile struct {
	*os.File
	text  []byte
	once  sync.Once
	found chan struct{}
}

func (w *watchedFile) Write(p []byte) (int, error) {
	if bytes.Contains(p, w.text) {
		w.once.Do(func() { close(w.found) })
	}
	return w.File.Write(p)
}

func newLogFile(b *testing.B, text string) *watchedFile {
	b.Helper()
	f, err := os.Create(filepath.Join(b.TempDir(), "log"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = f.Close() })
	return &watchedFile{File: f, text: []byte(text), found: make(chan struct{})}
}

func simulators(b *testing.B, o slacksim.Options, people []slacksim.Person, profiles []sagemakersim.Profile) (*slacksim.Server, *sagemakersim.Server) {
	b.Helper()
	slack, err := slacksim.Start(o)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(slack.Close)
	slack.AddPeople(people...)
	aws, err := sagemakersim.Start(sagemakersim.Options{Domains: []sagemakersim.Domain{{ID: researchID, Name: "research", Profiles: profiles}}})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(aws.Close)
	return slack, aws
}

// folder writes a config and a users file, and returns where.
func folder(b *testing.B, users, public, listen, launch string) string {
	b.Helper()
	dir := b.TempDir()
	for name, text := range map[string]string{
		"users.yaml": users,
		"studiobot.yaml": fmt.Sprintf(`public_url: %s
listen: %s
domains: [{name: research, id: %s, region: us-west-2, label: Research, session: 8h}]
mapping: [{file: users.yaml}]
launch: {%s}
`, public, listen, researchID, launch),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	return dir
}

// running starts studiobot in this process and waits until it has both sockets
// and has read the workspace.
func running(b *testing.B, slack *slacksim.Server, aws *sagemakersim.Server, users string) {
	b.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	dir := folder(b, users, "http://"+listener.Addr().String(), "127.0.0.1:0", "link_ttl: 2m")
	env := map[string]string{"SLACK_APP_TOKEN": slack.AppToken(), "SLACK_BOT_TOKEN": slack.BotToken(), "SLACK_API_URL": slack.APIURL()}
	cfg, err := studiobot.Load(filepath.Join(dir, "studiobot.yaml"), func(k string) string { return env[k] })
	if err != nil {
		b.Fatal(err)
	}
	log := newLogFile(b, `"workspace read"`)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- studiobot.Run(ctx, cfg, studiobot.Options{
			Log: studiobot.NewLogger(log, cfg.Log, false), Version: "bench", Listener: listener, SecondSocket: 20 * time.Millisecond,
			AWS: []sagemaker.LoadOption{
				config.WithBaseEndpoint(aws.URL()),
				config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider("AKIATEST", "secret", "")),
			},
		})
	}()
	b.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			b.Error(err)
		}
	})
	wait, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := slack.WaitConnections(wait, 2); err != nil {
		b.Fatal(err)
	}
	select {
	case <-log.found:
	case <-wait.Done():
		b.Fatal("the workspace wasn't read")
	}
}

// offered is a command of the open loop.
type offered struct {
	late    time.Duration // started that long after it was due
	pending *slacksim.Pending
}

// offer starts commands at a steady rate, however long the answers take: what a
// slow answer holds up is on its own account. Each is of the next person.
func offer(slack *slacksim.Server, people []slacksim.Person, perSecond, n int) []offered {
	out := make([]offered, 0, n)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for began := time.Now(); len(out) < n; <-tick.C {
		for len(out) < n {
			due := began.Add(time.Duration(len(out)) * time.Second / time.Duration(perSecond))
			late := time.Since(due)
			if late < 0 {
				break
			}
			out = append(out, offered{late, slack.StartCommand(people[len(out)%len(people)].ID, "/studio", "")})
		}
	}
	return out
}

// BenchmarkAcknowledgement offers 1,000 commands a second for ten seconds, by
// 10,000 people who are all mapped. The time runs from the moment when a command
// was due until Slack has its acknowledgement with the message, over a real
// WebSocket; the simulator and the generator run in the same process.
func BenchmarkAcknowledgement(b *testing.B) {
	const perSecond, n = 1000, 10_000
	people, users, profiles := crowd(n, n)
	slack, aws := simulators(b, slacksim.Options{}, people, profiles)
	running(b, slack, aws, users)
	await(b, offer(slack, people, perSecond, perSecond)) // warm
	for b.Loop() {
		began := time.Now()
		all := offer(slack, people, perSecond, n)
		took := time.Since(began)
		times := await(b, all)
		b.ReportMetric(ms(percentile(times, 50)), "p50-ms")
		b.ReportMetric(ms(percentile(times, 99)), "p99-ms")
		b.ReportMetric(ms(times[len(times)-1]), "max-ms")
		b.ReportMetric(float64(n)/took.Seconds(), "offered/s")
	}
}

// await returns the sorted times of commands, all of which must have got their
// message.
func await(b *testing.B, all []offered) []time.Duration {
	b.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	times := make([]time.Duration, 0, len(all))
	for _, o := range all {
		a, err := o.pending.Wait(ctx)
		if err != nil || !a.Acked || a.Error != "" || a.Message == nil || len(a.Message.Buttons()) != 1 {
			b.Fatalf("a command got no button: %+v, %v", a, err)
		}
		times = append(times, o.late+a.AckAfter)
	}
	slices.Sort(times)
	return times
}

// percentile is of sorted values.
func percentile[T any](sorted []T, p int) T { return sorted[(len(sorted)-1)*p/100] }

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
