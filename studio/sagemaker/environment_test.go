package sagemaker_test

import (
	"bytes"
	"context"
	"encoding/pem"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/studiobot/studiobot/internal/sagemakersim"
	"github.com/studiobot/studiobot/studio"
	"github.com/studiobot/studiobot/studio/sagemaker"
)

// asProcess makes this test binary a process that opens Studio with nothing but
// its environment, as production does.
const asProcess = "STUDIOBOT_TEST_OPEN"

func TestMain(m *testing.M) {
	if os.Getenv(asProcess) == "" {
		os.Exit(m.Run())
	}
	os.Exit(openFromEnvironment())
}

func openFromEnvironment() int {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c, err := sagemaker.New(ctx, sagemaker.Config{
		Domains: []studio.Domain{research}, URLTTL: 5 * time.Second, Log: slog.New(slog.DiscardHandler), AppID: "studiobot/test",
	})
	if err != nil {
		fmt.Println("new:", err)
		return 1
	}
	presigned, err := c.Open(ctx, me, jane)
	if err != nil {
		fmt.Println("open:", err)
		return 1
	}
	fmt.Println("opened", len(presigned), c.Destinations())
	return 0
}

// run starts the process with these variables and no others of AWS's.
func run(t *testing.T, env ...string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append([]string{
		asProcess + "=1", "AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=secret", "HOME=" + t.TempDir(),
	}, env...)
	out, _ := cmd.CombinedOutput() // its exit code is in the words too
	return strings.TrimSpace(string(out))
}

func TestEnvironment(t *testing.T) {
	t.Parallel()
	sim := startSim(t, sagemakersim.Options{})
	want := fmt.Sprintf("opened 4429 [https://*.studio.us-west-2.sagemaker.aws https://*.notebook.us-west-2.sagemaker.aws https://*.us-west-2.experiments.sagemaker.aws %s]", sim.URL())
	shaky := startSim(t, sagemakersim.Options{}) // opens at the third attempt
	shaky.Fail(sagemakersim.Fault{N: 2, Status: 500})
	for _, tt := range []struct {
		name string
		env  []string
		want string
	}{
		{"the service's endpoint", []string{"AWS_ENDPOINT_URL_SAGEMAKER=" + sim.URL()}, want},
		{"any endpoint", []string{"AWS_ENDPOINT_URL=" + sim.URL()}, want},
		{"retries of its own", []string{"AWS_ENDPOINT_URL=" + shaky.URL(), "AWS_RETRY_MODE=adaptive", "AWS_MAX_ATTEMPTS=1", "AWS_DEFAULTS_MODE=standard"}, "opened 4429 "},
		{"an endpoint in the clear", []string{"AWS_ENDPOINT_URL=http://10.0.0.1"}, "new: SageMaker endpoint of us-west-2: must be https (http only on a loopback address)"},
		{"FIPS with an endpoint", []string{"AWS_ENDPOINT_URL=" + sim.URL(), "AWS_USE_FIPS_ENDPOINT=true"}, "new: SageMaker endpoint of us-west-2: endpoint rule error"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := run(t, tt.env...); !strings.HasPrefix(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// Without an override the SDK goes to AWS, through HTTPS_PROXY where it is set.
func TestProxy(t *testing.T) {
	t.Parallel()
	asked := make(chan string, 10)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.Method + " " + r.Host
		http.Error(w, "not today", http.StatusServiceUnavailable)
	}))
	t.Cleanup(proxy.Close)
	got := run(t, "HTTPS_PROXY="+proxy.URL)
	if !strings.HasPrefix(got, "open: "+studio.ErrUnavailable.Error()) {
		t.Errorf("got %q", got)
	}
	select {
	case host := <-asked:
		if host != "CONNECT api.sagemaker.us-west-2.amazonaws.com:443" {
			t.Errorf("the proxy was asked to %s", host)
		}
	default:
		t.Error("the proxy wasn't asked")
	}
}

// TLS, with a certificate authority of one's own (AWS_CA_BUNDLE).
func TestCABundle(t *testing.T) {
	t.Parallel()
	sim := startSim(t, sagemakersim.Options{})
	target, err := url.Parse(sim.URL())
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewTLSServer(httputil.NewSingleHostReverseProxy(target))
	t.Cleanup(server.Close)
	bundle := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})

	open := func(load ...func(*config.LoadOptions) error) error {
		c, err := sagemaker.New(t.Context(), sagemaker.Config{
			Domains: []studio.Domain{research}, URLTTL: 5 * time.Second, Log: quietLog(t), AppID: "studiobot/test", Load: load,
		})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Open(t.Context(), me, jane)
		return err
	}
	if err := open(append(load(server.URL, nil), config.WithCustomCABundle(bytes.NewReader(bundle)))...); err != nil {
		t.Errorf("with the bundle: %v", err)
	}
	wantKind(t, open(load(server.URL, nil)...), studio.ErrUnavailable)
}
