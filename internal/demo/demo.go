// Package demo runs studiobot between two simulators, with one page in front
// that looks like a chat: nothing but Go is needed to see a launch.
//
// What runs is studiobot.Run, the same as in production. Slack and SageMaker are
// internal/slacksim and internal/sagemakersim, spoken to over real HTTP and
// WebSocket on loopback. The page is a stand-in for the Slack client: what it
// shows is what the Slack simulator says that a person sees.
//
// demo.go starts everything, and ready.go waits for it; cast.go says who is in the
// workspace, and how studiobot is configured; copies.go runs one copy of it or
// several; api.go and screen.go are what the
// page asks, feed.go what it is told, switches.go what can go wrong.
package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/studiobot/studiobot/internal/dynalite"
	"github.com/studiobot/studiobot/internal/sagemakersim"
	"github.com/studiobot/studiobot/internal/slacksim"
)

// Options of a demo. The zero value is what `go run ./cmd/demo` has.
type Options struct {
	// Address of the page; empty: 127.0.0.1 and any port. Loopback only.
	Address string
	// LinkTTL is how long a link can be used; zero: 2 minutes.
	LinkTTL time.Duration
	// Proof is launch.proof; empty: click.
	Proof string
	// ProfilesAge is how long what is known of the user profiles counts while they
	// can't be listed; zero: 20 seconds.
	ProfilesAge time.Duration
	// Copies is how many copies of studiobot run, over one store; zero: one. Up to
	// five: Slack allows an app ten sockets, and each copy has two.
	Copies int
	// Log gets studiobot's own log. Nil: nothing.
	Log slog.Handler
}

const (
	// listEvery is the time between two listings of the user profiles, and
	// listCalls how many calls a second they may take: a simulator bears more than
	// AWS, and nobody wants to wait for a tag in a demo.
	listEvery = time.Second
	listCalls = 500
	// profilesAge is Options.ProfilesAge where it is zero.
	profilesAge = 20 * time.Second
	// changeTime is how long an app takes to stop, and a notebook instance to start:
	// less than in AWS, and long enough to be seen.
	changeTime = 4 * time.Second
	// startTime bounds the start.
	startTime = 10 * time.Second
)

// Demo is a running demo.
type Demo struct {
	// URL of the page.
	URL string
	// Slack and SageMaker are the simulators, for tests that want to see or
	// break what the page doesn't show.
	Slack     *slacksim.Server
	SageMaker *sagemakersim.Server

	feed     *feed
	started  *started
	switches *switches
	stop     context.CancelFunc
	group    *errgroup.Group
	folder   string
	dynalite *dynalite.Server // nil: the store is a file
	copies   int
}

// Start starts everything and returns when studiobot is connected and has read
// who is who. Close stops it.
func Start(ctx context.Context, o Options) (_ *Demo, err error) {
	ctx, cancel := context.WithCancel(ctx)
	if o.Copies == 0 {
		o.Copies = 1
	}
	if o.Copies < 0 || o.Copies > maxCopies {
		cancel()
		return nil, fmt.Errorf("%d copies: Slack allows an app ten sockets, which is %d copies", o.Copies, maxCopies)
	}
	d := &Demo{stop: cancel, feed: newFeed(), started: newStarted(o.Copies), copies: o.Copies}
	d.group, ctx = errgroup.WithContext(ctx)
	defer func() {
		if err != nil {
			err = errors.Join(err, d.Close())
		}
	}()
	if d.Slack, err = slacksim.Start(slacksim.Options{}); err != nil {
		return nil, err
	}
	furnish(d.Slack)
	if d.SageMaker, err = sagemakersim.Start(sagemakersim.Options{Domains: domains(time.Now()), Notebooks: notebooks(), TrackingServers: []sagemakersim.TrackingServer{server()}, StateDelay: changeTime}); err != nil {
		return nil, err
	}
	d.switches = newSwitches(d.Slack, d.SageMaker)
	if d.folder, err = os.MkdirTemp("", "studiobot-demo-"); err != nil {
		return nil, fmt.Errorf("a folder for the files: %w", err)
	}
	page, err := listenLoopback(ctx, o.Address)
	if err != nil {
		return nil, err
	}
	d.URL = "http://" + page.Addr().String() + "/"
	if err := d.startCopies(ctx, o); err != nil {
		return nil, errors.Join(err, page.Close())
	}
	d.feed.follow(ctx, d.group, d.Slack, d.SageMaker)
	d.serve(ctx, page)
	ready, give := context.WithTimeout(ctx, startTime)
	defer give()
	if err := d.Slack.WaitConnections(ready, o.Copies); err != nil {
		return nil, fmt.Errorf("studiobot didn't connect: %w", err)
	}
	if err := d.started.wait(ready); err != nil {
		return nil, err
	}
	return d, nil
}

// environment stands in for the process's own: the demo needs none of it.
func (d *Demo) environment(name string) string {
	return map[string]string{
		"SLACK_APP_TOKEN": d.Slack.AppToken(), "SLACK_BOT_TOKEN": d.Slack.BotToken(), "SLACK_API_URL": d.Slack.APIURL(),
	}[name]
}

// Wait waits until the demo ends, and says why if that wasn't asked for.
func (d *Demo) Wait() error { return d.group.Wait() }

// Close stops everything.
func (d *Demo) Close() error {
	d.stop()
	err := d.group.Wait()
	if d.Slack != nil {
		d.Slack.Close()
	}
	if d.SageMaker != nil {
		d.SageMaker.Close()
	}
	if d.dynalite != nil {
		d.dynalite.Close()
	}
	if d.folder != "" {
		err = errors.Join(err, os.RemoveAll(d.folder))
	}
	return err
}

// serve serves the page until ctx ends.
func (d *Demo) serve(ctx context.Context, l net.Listener) {
	server := &http.Server{
		Handler: d.handler(l.Addr().String()), ReadHeaderTimeout: 5 * time.Second, MaxHeaderBytes: 16 << 10,
		BaseContext: func(net.Listener) context.Context { return ctx },
		ErrorLog:    slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug),
	}
	d.group.Go(func() error {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	d.group.Go(func() error { <-ctx.Done(); return server.Close() })
}

// listenLoopback refuses every address that others could reach: whoever opens
// the page can be anybody in that workspace.
func listenLoopback(ctx context.Context, address string) (net.Listener, error) {
	if address == "" {
		address = "127.0.0.1:0"
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("address: %w", err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("address %s: the demo is for this computer only, use 127.0.0.1", address)
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("address %s: %w", address, err)
	}
	return l, nil
}
