package sagemaker_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/studiobot/studiobot/internal/sagemakersim"
	"github.com/studiobot/studiobot/studio"
	"github.com/studiobot/studiobot/studio/sagemaker"
)

// What comes back from the endpoint is checked before a browser sees it, and
// the error doesn't repeat it.
func TestOpenHostileURL(t *testing.T) {
	t.Parallel()
	sim := startSim(t, sagemakersim.Options{})
	c := newClient(t, sim.URL(), nil)
	const mark = "SECRETMARK"
	for _, url := range []string{
		"https://evil.example/auth?token=" + mark,
		"https://us-west-2.sagemaker.aws.evil.example/auth?token=" + mark,
		"https://x.studio.eu-west-1.sagemaker.aws/auth?token=" + mark, // of another Region
		"http://x.studio.us-west-2.sagemaker.aws/auth?token=" + mark,
		"https://jane:doe@x.studio.us-west-2.sagemaker.aws/auth?token=" + mark,
		"https://x.studio.us-west-2.sagemaker.aws/other?token=" + mark,
		"https://x.studio.us-west-2.sagemaker.aws/auth?token=" + mark + "\r\nSet-Cookie: a=b",
		"https://x.studio.us-west-2.sagemaker.aws/auth?token=" + mark + strings.Repeat("x", 16<<10),
		"javascript:alert('" + mark + "')",
		"//x.studio.us-west-2.sagemaker.aws/auth?token=" + mark,
		"http://127.0.0.1.evil.example/auth?token=" + mark,
		"http://[" + mark,
		"%zz" + mark,
	} {
		sim.Fail(sagemakersim.Fault{URL: url})
		got, err := c.Open(t.Context(), me, jane)
		if got != "" {
			t.Errorf("handed out: %q", url)
		}
		wantKind(t, err, studio.ErrRefused)
		if strings.Contains(err.Error(), mark) {
			t.Errorf("the error repeats the URL: %v", err)
		}
	}
	good := "https://0a1b2c3d4e5f6g7.studio.us-west-2.sagemaker.aws/auth?token=" + strings.Repeat("x", 4400)
	sim.Fail(sagemakersim.Fault{URL: good})
	if got, err := c.Open(t.Context(), me, jane); err != nil || got != good {
		t.Errorf("a real one: %v", err)
	}
}

func TestDestinations(t *testing.T) {
	t.Parallel()
	china := studio.Domain{Name: "china", ID: "d-cn", Region: "cn-north-1", Label: "China", Session: time.Hour}
	aws := []string{
		"https://*.studio.us-west-2.sagemaker.aws", "https://*.notebook.us-west-2.sagemaker.aws", "https://*.us-west-2.experiments.sagemaker.aws",
		"https://*.studio.eu-west-1.sagemaker.aws", "https://*.notebook.eu-west-1.sagemaker.aws", "https://*.eu-west-1.experiments.sagemaker.aws",
		"https://*.studio.cn-north-1.sagemaker.com.cn", "https://*.notebook.cn-north-1.sagemaker.com.cn", "https://*.cn-north-1.experiments.sagemaker.com.cn",
	}
	got := newClient(t, "https://vpce-1.api.sagemaker.us-west-2.vpce.amazonaws.com", nil, research, prod, china, center).Destinations()
	if !slices.Equal(got, aws) {
		t.Errorf("got %v", got)
	}
	got = newClient(t, "http://127.0.0.1:8099", nil, research, prod, china).Destinations()
	if want := slices.Insert(slices.Clone(aws), 3, "http://127.0.0.1:8099"); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	good := sagemaker.Config{Domains: []studio.Domain{research}, URLTTL: 5 * time.Second, Log: quietLog(t), Load: load("https://localhost", nil)}
	for _, tt := range []struct {
		name   string
		change func(*sagemaker.Config)
		says   []string
	}{
		{"no log", func(c *sagemaker.Config) { c.Log = nil }, []string{"a log"}},
		{"no domain", func(c *sagemaker.Config) { c.Domains = nil }, []string{"no domain"}},
		{"a URL that lives too short", func(c *sagemaker.Config) { c.URLTTL = 4 * time.Second }, []string{"4s"}},
		{"too long", func(c *sagemaker.Config) { c.URLTTL = 301 * time.Second }, []string{"5m1s"}},
		{"half a second", func(c *sagemaker.Config) { c.URLTTL = 5500 * time.Millisecond }, []string{"whole seconds"}},
		{"twice", func(c *sagemaker.Config) { c.Domains = []studio.Domain{research, research} }, []string{"twice"}},
		{"everything at once", func(c *sagemaker.Config) {
			c.Domains = []studio.Domain{{Name: "x", ID: "NOT VALID", Region: "moon", Session: time.Minute}}
		}, []string{`domain "x"`, "the ID", "the Region", "the session is 1m0s"}},
		{"a Region with a host in it", func(c *sagemaker.Config) {
			d := research
			d.Region = "us-west-2.evil.example"
			c.Domains = []studio.Domain{d}
		}, []string{"the Region"}},
		{"an endpoint in the clear", func(c *sagemaker.Config) { c.Load = load("http://sagemaker.example", nil) }, []string{"must be https"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := good
			tt.change(&c)
			_, err := sagemaker.New(t.Context(), c)
			if err == nil {
				t.Fatal("accepted")
			}
			for _, want := range tt.says {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q isn't in: %v", want, err)
				}
			}
		})
	}
}

func TestCheckEndpoints(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		env  map[string]string
		want []string // variables that are named
	}{
		{"none", nil, nil},
		{"https", map[string]string{"AWS_ENDPOINT_URL_SAGEMAKER": "https://vpce-1.example"}, nil},
		{"loopback", map[string]string{"AWS_ENDPOINT_URL": "http://127.0.0.1:8099", "AWS_ENDPOINT_URL_SAGEMAKER": "http://localhost:1", "AWS_ENDPOINT_URL_STS": "http://[::1]:1"}, nil},
		{"http", map[string]string{"AWS_ENDPOINT_URL_SAGEMAKER": "http://10.0.0.1:8099"}, []string{"AWS_ENDPOINT_URL_SAGEMAKER"}},
		{"looks like loopback", map[string]string{"AWS_ENDPOINT_URL_SAGEMAKER": "http://127.0.0.1.example"}, []string{"AWS_ENDPOINT_URL_SAGEMAKER"}},
		{"no scheme", map[string]string{"AWS_ENDPOINT_URL": "localhost:8099"}, []string{"AWS_ENDPOINT_URL"}},
		{"another scheme", map[string]string{"AWS_ENDPOINT_URL": "ftp://localhost"}, []string{"AWS_ENDPOINT_URL"}},
		{"a query", map[string]string{"AWS_ENDPOINT_URL": "https://a.example?x=hunter2"}, []string{"AWS_ENDPOINT_URL"}},
		{"a password", map[string]string{"AWS_ENDPOINT_URL_STS": "https://user:hunter2@a.example"}, []string{"AWS_ENDPOINT_URL_STS"}},
		{"not a URL", map[string]string{"AWS_ENDPOINT_URL": "https://[hunter2"}, []string{"AWS_ENDPOINT_URL"}},
		{"all of them", map[string]string{"AWS_ENDPOINT_URL": "http://a.example", "AWS_ENDPOINT_URL_SAGEMAKER": "http://b.example", "AWS_ENDPOINT_URL_STS": "http://c.example"},
			[]string{"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_SAGEMAKER", "AWS_ENDPOINT_URL_STS"}},
		{"ignored", map[string]string{"AWS_ENDPOINT_URL": "http://a.example", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "TRUE"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := sagemaker.CheckEndpoints(func(name string) string { return tt.env[name] })
			if len(got) != len(tt.want) {
				t.Fatalf("got %v", got)
			}
			for i, err := range got {
				if !strings.HasPrefix(err.Error(), tt.want[i]+": ") || strings.Contains(err.Error(), "hunter2") {
					t.Errorf("got %v", err)
				}
			}
		})
	}
}
