package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/studiobot/studiobot"
	"github.com/studiobot/studiobot/internal/dynalite"
	"github.com/studiobot/studiobot/store/dynamodb"
	"github.com/studiobot/studiobot/studio/sagemaker"
)

const (
	// maxCopies is how many copies share Slack's ten sockets.
	maxCopies = 5
	// table is the store of several copies, and fileStore that of one, or of
	// several where there is no dynalite.
	table     = "studiobot-demo"
	fileStore = "sqlite:studiobot.db"
	// followEvery is how soon a copy hears of what another one read.
	followEvery = 300 * time.Millisecond
)

// startCopies starts studiobot.Run as often as asked for, each on an address of
// its own, and a balancer in front where there are several.
func (d *Demo) startCopies(ctx context.Context, o Options) error {
	users := filepath.Join(d.folder, "users.yaml")
	if err := os.WriteFile(users, []byte(usersFile), 0o600); err != nil {
		return fmt.Errorf("users.yaml: %w", err)
	}
	var listeners []net.Listener
	for range o.Copies {
		l, err := listenLoopback(ctx, "")
		if err != nil {
			return err
		}
		listeners = append(listeners, l)
	}
	public := "http://" + listeners[0].Addr().String()
	store, load := fileStore, []dynamodb.LoadOption(nil)
	if o.Copies > 1 {
		var err error
		if public, err = d.balance(ctx, listeners); err != nil {
			return err
		}
		if store, load, err = d.shareStore(ctx); err != nil {
			return err
		}
	}
	cfg, err := d.config(public, users, store, o)
	if err != nil {
		return err
	}
	for i, l := range listeners {
		d.startCopy(ctx, cfg, o, i+1, l, load)
	}
	return nil
}

// config reads the config as studiobot does.
func (d *Demo) config(address, users, store string, o Options) (studiobot.Config, error) {
	public, err := url.Parse(address)
	if err != nil {
		return studiobot.Config{}, err
	}
	cfg, err := studiobot.Parse(filepath.Join(d.folder, "studiobot.yaml"), configFile(public, users, store, o), d.environment)
	if err != nil {
		return cfg, err
	}
	if o.LinkTTL > 0 {
		cfg.Launch.LinkTTL = o.LinkTTL
	}
	if o.ProfilesAge <= 0 {
		o.ProfilesAge = profilesAge
	}
	for i := range cfg.Mapping { // shorter than an operator may write it
		if kind := cfg.Mapping[i].Kind; kind == studiobot.SourceTag || kind == studiobot.SourceEmail {
			cfg.Mapping[i].MaxAge = o.ProfilesAge
		}
	}
	return cfg, nil
}

// startCopy starts one copy.
func (d *Demo) startCopy(ctx context.Context, cfg studiobot.Config, o Options, number int, listener net.Listener, load []dynamodb.LoadOption) {
	handler := o.Log
	if handler == nil {
		handler = slog.DiscardHandler
	}
	if o.Copies == 1 {
		number = 0
	} else {
		handler = handler.WithAttrs([]slog.Attr{slog.Int("copy", number)})
	}
	d.group.Go(func() error {
		return studiobot.Run(ctx, cfg, studiobot.Options{
			Log: slog.New(logHandler{feed: d.feed, started: d.started, next: handler, copy: number}), Version: "demo", Listener: listener,
			SlackURL: d.URL + "#", SecondSocket: 300 * time.Millisecond, ListCalls: listCalls, ListEvery: listEvery, FollowEvery: followEvery, NotifyEvery: listEvery, Session: d.switches.session,
			Store: load,
			AWS: []sagemaker.LoadOption{
				config.WithBaseEndpoint(d.SageMaker.URL()),
				config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider("AKIADEMO", "demo", "")),
			},
		})
	})
}

// shareStore is a table in dynalite, or a file where dynalite isn't installed.
func (d *Demo) shareStore(ctx context.Context) (store string, load []dynamodb.LoadOption, err error) {
	d.dynalite, err = dynalite.Start(ctx)
	if errors.Is(err, dynalite.ErrMissing) {
		return fileStore, nil, nil
	}
	if err != nil {
		return "", nil, err
	}
	load = []dynamodb.LoadOption{
		config.WithRegion("us-west-2"), config.WithBaseEndpoint(d.dynalite.URL),
		config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider("AKIADEMO", "demo", "")),
	}
	_, err = dynamodb.Init(ctx, dynamodb.Options{Table: table, Load: load})
	return "dynamodb:" + table, load, err
}

// about says how many copies there are, and what they share; empty where there is
// one.
func (d *Demo) about() string {
	switch {
	case d.copies < 2:
		return ""
	case d.dynalite == nil:
		return fmt.Sprintf("%d copies run over one SQLite file.", d.copies)
	}
	return fmt.Sprintf("%d copies run over one table of a simulated DynamoDB (dynalite).", d.copies)
}

// balance puts a balancer in front of the copies, and returns its address. Each
// request goes to the next one.
func (d *Demo) balance(ctx context.Context, copies []net.Listener) (string, error) {
	var targets []*url.URL
	for _, l := range copies {
		targets = append(targets, &url.URL{Scheme: "http", Host: l.Addr().String()})
	}
	listener, err := listenLoopback(ctx, "")
	if err != nil {
		return "", err
	}
	var turn atomic.Uint64
	quiet := slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
	server := &http.Server{ReadHeaderTimeout: 5 * time.Second, ErrorLog: quiet, Handler: &httputil.ReverseProxy{
		ErrorLog: quiet,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(targets[turn.Add(1)%uint64(len(targets))])
			r.Out.Host = r.In.Host
			r.SetXForwarded()
		},
	}}
	d.group.Go(func() error {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	d.group.Go(func() error { <-ctx.Done(); return server.Close() })
	return "http://" + listener.Addr().String(), nil
}
