package studiobot_test

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/studiobot/studiobot"
	"github.com/studiobot/studiobot/internal/dynalite"
	"github.com/studiobot/studiobot/store/dynamodb"
)

// oneDynalite is one for all tests of this package, started by the first.
type oneDynalite struct {
	once   sync.Once
	server *dynalite.Server
	err    error
}

var theDynalite oneDynalite

func (x *oneDynalite) get() (*dynalite.Server, error) {
	x.once.Do(func() { x.server, x.err = dynalite.Start(context.Background()) })
	return x.server, x.err
}

func stopDynalite() {
	theDynalite.once.Do(func() {}) // none was started: none is from now on
	if theDynalite.server != nil {
		theDynalite.server.Close()
	}
}

// sharing is a store that several copies use.
type sharing struct {
	line string // of studiobot.yaml
	load []dynamodb.LoadOption
	env  map[string]string
}

// inDynamo makes a table, or skips the test where there is no dynalite. through
// is an address in front of it; empty: none.
func inDynamo(t testing.TB, through string) sharing {
	t.Helper()
	d, err := theDynalite.get()
	switch {
	case errors.Is(err, dynalite.ErrMissing) && os.Getenv("STUDIOBOT_NO_SKIP") != "1":
		t.Skip(err)
	case err != nil:
		t.Fatal(err)
	}
	if through == "" {
		through = d.URL
	}
	at := func(url string) []dynamodb.LoadOption {
		return []dynamodb.LoadOption{
			config.WithRegion("us-west-2"), config.WithBaseEndpoint(url),
			config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider("AKIATEST", "secret", "")),
		}
	}
	table := "studiobot-" + strings.ToLower(rand.Text()[:16])
	if _, err := dynamodb.Init(context.Background(), dynamodb.Options{Table: table, Load: at(d.URL)}); err != nil {
		t.Fatal(err)
	}
	return sharing{"store: dynamodb:" + table, at(through), map[string]string{"AWS_ENDPOINT_URL_DYNAMODB": through}}
}

// inFile is a store that copies of one machine share.
func inFile(t testing.TB) sharing {
	return sharing{line: "store: sqlite:" + filepath.Join(t.TempDir(), "studiobot.db")}
}

// eachShared runs a test on every kind of store that copies can share.
func eachShared(t *testing.T, test func(t *testing.T, s sharing)) {
	t.Run("dynamodb", func(t *testing.T) { t.Parallel(); test(t, inDynamo(t, "")) })
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); test(t, inFile(t)) })
}

// on is a setup whose store is shared.
func (x sharing) on(s setup) setup {
	more, options := s.config, s.options
	s.config = x.line + "\n" + more
	s.options = func(o *studiobot.Options) {
		o.Store, o.Lease, o.FollowEvery = x.load, 600*time.Millisecond, 50*time.Millisecond
		if options != nil {
			options(o)
		}
	}
	return s
}

// fleet is several copies of studiobot between the same two simulators.
func fleet(t *testing.T, n int, s setup) []*rig {
	t.Helper()
	copies := []*rig{start(t, s)}
	for len(copies) < n {
		copies = append(copies, copies[0].another(s))
	}
	copies[0].sockets(2 * n)
	return copies
}

// another is one more copy.
func (r *rig) another(s setup) *rig {
	r.t.Helper()
	x := &rig{t: r.t, ctx: r.ctx, slack: r.slack, sagemaker: r.sagemaker, users: r.users, log: &logBuffer{}, done: make(chan error, 1)}
	x.run(s)
	return x
}

// sockets waits for that many connections.
func (r *rig) sockets(n int) {
	r.t.Helper()
	if err := r.slack.WaitConnections(r.within(), n); err != nil {
		r.t.Fatalf("%d sockets: %v", n, err)
	}
}

// at is a link as another copy has it.
func (r *rig) at(link string) string {
	_, path, _ := strings.Cut(link, "/launch/")
	return r.url + "/launch/" + path
}
