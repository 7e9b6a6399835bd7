package studiobot_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	api "github.com/aws/aws-sdk-go-v2/service/sagemaker"

	"github.com/studiobot/studiobot"
	"github.com/studiobot/studiobot/audit"
	"github.com/studiobot/studiobot/launch"
	"github.com/studiobot/studiobot/store/memory"
	"github.com/studiobot/studiobot/studio"
	"github.com/studiobot/studiobot/studio/sagemaker"
)

// asServer makes this test binary one of the two servers that BenchmarkRedirect
// compares, in a process of its own; logFile is where it logs to.
const (
	asServer = "STUDIOBOT_BENCH_SERVER"
	logFile  = "STUDIOBOT_BENCH_LOG"
	ours     = "studiobot"
	bare     = "bare"
)

func TestMain(m *testing.M) {
	if name := os.Getenv(asServer); name != "" {
		if err := serveAs(name); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if path := os.Getenv(asCopy); path != "" {
		if err := runCopy(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	code := m.Run()
	stopDynalite()
	os.Exit(code)
}

const (
	benchProfile = "person-000001"
	benchSession = 8 * time.Hour
)

// contender is a server that is compared. prepare gets n launches ready and
// returns their paths.
type contender struct {
	server  *http.Server
	prepare func(n int) ([]string, error)
}

// serveAs serves until standard input ends. It says on standard output where:
// the launches, and the control side that isn't measured.
func serveAs(name string) error {
	contenders := map[string]func() (contender, error){ours: newOurs, bare: newBare}
	build, ok := contenders[name]
	if !ok {
		return fmt.Errorf("no server %q", name)
	}
	c, err := build()
	if err != nil {
		return err
	}
	for _, s := range []*http.Server{c.server, {Handler: control(c), ReadHeaderTimeout: time.Second}} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		fmt.Println(l.Addr())
		go func() { _ = s.Serve(l) }() // ends with the process
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// control is how the benchmark prepares a round and reads this process's CPU.
func control(c contender) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /prepare", func(w http.ResponseWriter, r *http.Request) {
		n, err := strconv.Atoi(r.URL.Query().Get("n"))
		var paths []string
		if err == nil {
			paths, err = c.prepare(n)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		runtime.GC() // what preparing left behind is on nobody's account
		_ = json.NewEncoder(w).Encode(paths)
	})
	mux.HandleFunc("GET /cpu", func(w http.ResponseWriter, _ *http.Request) {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		_ = json.NewEncoder(w).Encode(u.Utime.Nano() + u.Stime.Nano())
	})
	return mux
}

// newBare does nothing but the call, with the SDK's defaults, and the redirect.
func newBare() (contender, error) {
	cfg, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		return contender{}, err
	}
	client := api.NewFromConfig(cfg)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /launch/{token}", func(w http.ResponseWriter, r *http.Request) {
		out, err := client.CreatePresignedDomainUrl(r.Context(), &api.CreatePresignedDomainUrlInput{
			DomainId: aws.String(researchID), UserProfileName: aws.String(benchProfile), ExpiresInSeconds: aws.Int32(5),
			SessionExpirationDurationInSeconds: aws.Int32(int32(benchSession / time.Second)),
		})
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		http.Redirect(w, r, *out.AuthorizedUrl, http.StatusFound)
	})
	return contender{
		server: &http.Server{Handler: mux, ReadHeaderTimeout: time.Second},
		prepare: func(n int) ([]string, error) {
			paths := make([]string, n)
			for i := range paths {
				paths[i] = fmt.Sprintf("/launch/%043d.0", i)
			}
			return paths, nil
		},
	}, nil
}

// newOurs is the redirect of studiobot: launch, its memory store, the audit
// trail in a file, and SageMaker, behind the server that Run uses. Each round
// has a store of its own, so that the tickets of earlier ones aren't around.
func newOurs() (contender, error) {
	file, err := os.Create(os.Getenv(logFile))
	if err != nil {
		return contender{}, err
	}
	log := slog.New(slog.NewJSONHandler(file, nil))
	ctx := context.Background()
	client, err := sagemaker.New(ctx, sagemaker.Config{
		Domains: []studio.Domain{{Name: "research", ID: researchID, Region: "us-west-2", Label: "Research", Session: benchSession}},
		URLTTL:  5 * time.Second, Log: log, AppID: "studiobot/bench",
	})
	if err != nil {
		return contender{}, err
	}
	var handler atomic.Pointer[http.Handler]
	return contender{
		server: studiobot.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { (*handler.Load()).ServeHTTP(w, r) }), log),
		prepare: func(n int) ([]string, error) {
			service, err := launch.New(ctx, launch.Options{
				Store: memory.New(memory.Options{Limit: n}), Opener: client, Audit: audit.New(log), Log: log,
				PublicURL: &url.URL{Scheme: "http", Host: "127.0.0.1"}, LinkTTL: 2 * time.Minute, Proof: launch.ProofClick,
				Command: "/studio", Destinations: client.Destinations(),
			})
			if err != nil {
				return nil, err
			}
			h := service.Handler()
			handler.Store(&h)
			return armed(ctx, service, n)
		},
	}, nil
}

// armed issues and arms n links.
func armed(ctx context.Context, s *launch.Service, n int) ([]string, error) {
	paths := make([]string, n)
	for i := range paths {
		p := studio.Person{Team: "T0ACME", User: fmt.Sprintf("U%06d", i)}
		is, err := s.Issue(ctx, p, []studio.Option{{Domain: "research", Label: "Research", Profile: benchProfile}}, fmt.Sprintf("trigger-%d", i), time.Now())
		if err != nil {
			return nil, err
		}
		click := studio.Click{ID: "1763980327.000001", Person: p, Handle: is.Links[0].Handle}
		_, armErr := s.Arm(ctx, click, func(studio.Option) error { return nil })
		u, err := url.Parse(is.Links[0].URL)
		if err := errors.Join(armErr, err); err != nil {
			return nil, err
		}
		paths[i] = u.Path
	}
	return paths, nil
}
