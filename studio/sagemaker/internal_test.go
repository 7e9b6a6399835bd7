package sagemaker

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/aws/smithy-go/logging"
)

func west(loopback bool) *region {
	return &region{name: "us-west-2", sites: sitesOf("us-west-2"), loopback: loopback}
}

func TestAuthorized(t *testing.T) {
	t.Parallel()
	const host = "d-abc.studio.us-west-2.sagemaker.aws"
	for _, tt := range []struct {
		url      string
		aws      bool // accepted in production
		loopback bool // accepted where the endpoint is on loopback
	}{
		{"https://" + host + "/auth?token=x", true, true},
		{"https://" + host + ":443/auth?token=x", true, true},
		{"https://a.b." + host + "/auth?token=x", true, true},
		{"http://127.0.0.1:8099/auth?token=x", false, true},
		{"http://localhost:8099/auth?token=x", false, true},
		{"http://[::1]:8099/auth?token=x", false, true},
		{"https://127.0.0.1/auth?token=x", false, true},
		{"", false, false},
		{"http://127.0.0.1:8099/other", false, false},
		{"http://10.0.0.1/auth", false, false},
		{"ftp://127.0.0.1/auth", false, false},
		{"http://" + host + "/auth", false, false},
		{"https://" + host + ":8443/auth", false, false},
		{"https://" + host + "/auth/more", false, false},
		{"https://" + host + "/%61uth", false, false},
		{"https://" + host + "//auth", false, false},
		{"https://" + host + "./auth", false, false},
		{"https://" + strings.ToUpper(host) + "/auth", false, false},
		{"https://studio.us-west-2.sagemaker.aws/auth", false, false},
		{"https://.studio.us-west-2.sagemaker.aws/auth", false, false},
		{"https://xstudio.us-west-2.sagemaker.aws/auth", false, false},
		{"https://" + host + ".evil.example/auth", false, false},
		{"https://evil.example/auth?" + host, false, false},
		{"https://evil.example#." + host + "/auth", false, false},
		{"https://evil.example\\." + host + "/auth", false, false},
		{"https://evil.example%2f." + host + "/auth", false, false},
		{"https://x@" + host + "/auth", false, false},
		{"https:" + host + "/auth", false, false},
		{"https:///auth", false, false},
		{" https://" + host + "/auth", false, false},
		{"https://" + host + "/auth?token=\x00", false, false},
		{"https://" + host + "/auth?token=\n", false, false},
		{"https://" + host + "/auth?token=ü", false, false},
		{"https://" + host + "/auth?token=" + strings.Repeat("x", maxAuthorized), false, false},
		{"https://" + strings.Repeat("x.", 150) + host + "/auth", false, false},
	} {
		if err := west(false).checkAuthorized(tt.url, sitesOf("us-west-2").studio); (err == nil) != tt.aws {
			t.Errorf("%.80q: %v", tt.url, err)
		}
		if err := west(true).checkAuthorized(tt.url, sitesOf("us-west-2").studio); (err == nil) != tt.loopback {
			t.Errorf("with a loopback endpoint, %.80q: %v", tt.url, err)
		}
	}
}

// What is about one kind of URL is refused for another.
func TestAuthorizedSites(t *testing.T) {
	t.Parallel()
	at := sitesOf("us-west-2")
	for _, tt := range []struct {
		url           string
		site          site
		aws, loopback bool
	}{
		{"https://my-lab.notebook.us-west-2.sagemaker.aws?authToken=x", at.notebook, true, true},
		{"https://my-lab-ybuz.notebook.us-west-2.sagemaker.aws/?authToken=x", at.notebook, true, true},
		{"https://my-lab.notebook.us-west-2.sagemaker.aws/lab?authToken=x", at.notebook, false, false},
		{"https://my-lab.notebook.us-west-2.sagemaker.aws/notebook/my-lab?authToken=x", at.notebook, false, true},
		{"https://notebook.us-west-2.sagemaker.aws?authToken=x", at.notebook, false, false},
		{"https://my-lab.notebook.eu-west-1.sagemaker.aws?authToken=x", at.notebook, false, false},
		{"https://my-lab.notebook.us-west-2.sagemaker.aws.evil.example?authToken=x", at.notebook, false, false},
		{"https://my-lab.studio.us-west-2.sagemaker.aws?authToken=x", at.notebook, false, false},
		{"http://127.0.0.1:8099/notebook/my-lab?authToken=x", at.notebook, false, true},
		{"http://127.0.0.1:8099/other?authToken=x", at.notebook, false, false},
		{"https://my-lab.notebook.us-west-2.sagemaker.aws/auth?token=x", at.studio, false, false},
		{"https://t-0a1b2c3d4e5f.us-west-2.experiments.sagemaker.aws/auth?authToken=x", at.mlflow, true, true},
		{"https://t-0a1b2c3d4e5f.us-west-2.experiments.sagemaker.aws?authToken=x", at.mlflow, false, false},
		{"https://t-0a1b2c3d4e5f.us-west-2.experiments.sagemaker.aws.a2z.com/auth?authToken=x", at.mlflow, false, false},
		{"https://t-0a1b2c3d4e5f.eu-west-1.experiments.sagemaker.aws/auth?authToken=x", at.mlflow, false, false},
		{"https://us-west-2.experiments.sagemaker.aws/auth?authToken=x", at.mlflow, false, false},
		{"http://127.0.0.1:8099/auth?authToken=x", at.mlflow, false, true},
	} {
		if err := west(false).checkAuthorized(tt.url, tt.site); (err == nil) != tt.aws {
			t.Errorf("%q: %v", tt.url, err)
		}
		if err := west(true).checkAuthorized(tt.url, tt.site); (err == nil) != tt.loopback {
			t.Errorf("with a loopback endpoint, %q: %v", tt.url, err)
		}
	}
}

func FuzzAuthorized(f *testing.F) {
	f.Add("https://d-abc.studio.us-west-2.sagemaker.aws/auth?token=x", 0)
	f.Add("https://evil.example\\@d-abc.studio.us-west-2.sagemaker.aws/auth", 0)
	f.Add("https://my-lab.notebook.us-west-2.sagemaker.aws?authToken=x", 1)
	f.Add("https://t-0a1b.us-west-2.experiments.sagemaker.aws/auth?authToken=x", 2)
	f.Fuzz(func(t *testing.T, text string, n int) {
		all := []site{sitesOf("us-west-2").studio, sitesOf("us-west-2").notebook, sitesOf("us-west-2").mlflow}
		at := all[uint(n)%uint(len(all))]
		if west(false).checkAuthorized(text, at) != nil {
			return
		}
		// Read it like somebody who knows no more of URLs than a header does.
		rest, ok := strings.CutPrefix(strings.ToLower(text), "https://")
		end := strings.IndexAny(rest+"/", "/?#")
		host, path := rest[:end], rest[end:]
		if !ok || !strings.HasSuffix(strings.TrimSuffix(host, ":443"), at.suffix) || strings.ContainsAny(host, "\\@% \t\r\n") ||
			strings.ContainsAny(text, "\r\n\x00") || path != "" && !strings.HasPrefix(path, at.path) && !strings.HasPrefix(path, "?") && !strings.HasPrefix(path, "#") {
			t.Errorf("accepted: %q", text)
		}
	})
}

func TestClaim(t *testing.T) {
	t.Parallel()
	r := west(false)
	r.used.Store(int64(-warmEvery))
	for _, tt := range []struct {
		at   time.Duration
		want bool
	}{
		{0, true}, {time.Second, false}, {warmEvery - 1, false}, {warmEvery, true}, {warmEvery, false}, {5 * warmEvery, true},
	} {
		if got := r.claim(tt.at); got != tt.want {
			t.Errorf("at %v: %v", tt.at, got)
		}
	}
	r.spoke(7 * warmEvery)
	if r.claim(8*warmEvery - 1) {
		t.Error("claimed although it was used")
	}
}

func TestBackoff(t *testing.T) {
	t.Parallel()
	for attempt, longest := range map[int]time.Duration{1: 150 * time.Millisecond, 2: 300 * time.Millisecond} {
		distinct := make(map[time.Duration]bool)
		for range 1000 {
			d, err := backoff(attempt, nil)
			if err != nil || d < longest/3 || d > longest {
				t.Fatalf("attempt %d: %v, %v", attempt, d, err)
			}
			distinct[d] = true
		}
		if len(distinct) < 100 {
			t.Errorf("attempt %d: only %d different waits", attempt, len(distinct))
		}
	}
}

func TestSDKLog(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	l := sdkLog{slog.New(slog.NewJSONHandler(&out, nil))}
	l.Logf(logging.Debug, "not wanted")
	if out.Len() != 0 {
		t.Errorf("debug at info level: %s", out.String())
	}
	l.Logf(logging.Warn, "odd %s\nline %s", "one", strings.Repeat("x", 5000))
	var line struct{ Level, Msg, Says string }
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	if line.Level != "WARN" || !strings.HasPrefix(line.Says, "odd one\nline xx") || len(line.Says) != 1000 {
		t.Errorf("got %+v", line)
	}
}
