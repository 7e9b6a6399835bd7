package sagemaker_test

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/studiobot/studiobot/internal/sagemakersim"
)

// The connection that Warm opened is the one that the click uses.
func TestWarmConnection(t *testing.T) {
	t.Parallel()
	sim := startSim(t, sagemakersim.Options{})
	var asked atomic.Int32
	c := newClient(t, sim.URL(), aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		asked.Add(1)
		return aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "secret"}, nil
	}))
	c.Warm(t.Context(), "research")
	if sim.Connections() != 1 || asked.Load() != 1 {
		t.Fatalf("warmed: %d connections, credentials asked for %d times", sim.Connections(), asked.Load())
	}
	if call := sim.Calls()[0]; call.Operation != sagemakersim.OperationPing || call.Signed {
		t.Errorf("warmed by %+v", call)
	}
	for range 3 {
		if _, err := c.Open(t.Context(), me, jane); err != nil {
			t.Fatal(err)
		}
	}
	if sim.Connections() != 1 || asked.Load() != 1 {
		t.Errorf("after the clicks: %d connections, credentials asked for %d times", sim.Connections(), asked.Load())
	}
}

func TestWarmOnce(t *testing.T) {
	t.Parallel()
	sim := startSim(t, sagemakersim.Options{})
	c := newClient(t, sim.URL(), nil)
	var wait sync.WaitGroup
	for range 50 {
		wait.Go(func() { c.Warm(t.Context(), "research", "center", "nobody") })
	}
	wait.Wait()
	if n := sim.CallCount(sagemakersim.OperationPing); n != 1 {
		t.Errorf("%d pings for one Region", n)
	}
	c.Warm(t.Context()) // the other Region
	if n := sim.CallCount(sagemakersim.OperationPing); n != 2 {
		t.Errorf("%d pings for two Regions", n)
	}
	c.Warm(t.Context(), "nobody")
	if n := sim.CallCount(sagemakersim.OperationPing); n != 2 {
		t.Errorf("%d pings", n)
	}
}

func TestWarmAfterUse(t *testing.T) {
	t.Parallel()
	sim := startSim(t, sagemakersim.Options{})
	c := newClient(t, sim.URL(), nil)
	if _, err := c.Open(t.Context(), me, jane); err != nil {
		t.Fatal(err)
	}
	c.Warm(t.Context(), "research")
	if n := sim.CallCount(sagemakersim.OperationPing); n != 0 {
		t.Errorf("%d pings right after a click", n)
	}
}

// A failed Warm costs nobody anything.
func TestWarmFails(t *testing.T) {
	t.Parallel()
	sim := startSim(t, sagemakersim.Options{})
	c := newClient(t, sim.URL(), nil)
	sim.Fail(sagemakersim.Fault{Operation: sagemakersim.OperationPing, Drop: true})
	c.Warm(t.Context(), "research")
	if _, err := c.Open(t.Context(), me, jane); err != nil {
		t.Error(err)
	}
}

// A second burst of 64 clicks finds the connections of the first.
func TestBurstsShareConnections(t *testing.T) {
	t.Parallel()
	const burst = 64
	answer, err := json.Marshal(map[string]string{"AuthorizedUrl": "https://d-x.studio.us-west-2.sagemaker.aws/auth?token=x"})
	if err != nil {
		t.Fatal(err)
	}
	var waiting sync.WaitGroup // until all of a burst are there at once
	var connections atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		waiting.Done()
		waiting.Wait()
		_, _ = w.Write(answer)
	}))
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	c := newClient(t, server.URL, nil)
	for n := range 3 {
		waiting.Add(burst)
		var clicks sync.WaitGroup
		for range burst {
			clicks.Go(func() {
				if _, err := c.Open(t.Context(), me, jane); err != nil {
					t.Error(err)
				}
			})
		}
		clicks.Wait()
		if got := connections.Load(); got != burst {
			t.Fatalf("burst %d: %d connections, want %d", n+1, got, burst)
		}
	}
}
