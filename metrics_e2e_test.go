package studiobot_test

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/studiobot/studiobot/internal/sagemakersim"
	"github.com/studiobot/studiobot/internal/slacksim"
	"github.com/studiobot/studiobot/metrics"
)

// watched starts a bot whose private listener is asked by scrape.
func watched(t testing.TB, s setup) (r *rig, scrape func() string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.metrics = l
	s.config += "metrics: 127.0.0.1:0\n"
	r = start(t, s)
	return r, func() string {
		resp, err := http.Get("http://" + l.Addr().String() + "/metrics")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("scrape: %d, %v", resp.StatusCode, err)
		}
		return string(text)
	}
}

// has says whether a scrape has that line, up to its value where that is "".
func has(text, series, value string) bool {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, series+" ") && (value == "" || strings.TrimSpace(line) == series+" "+value) {
			return true
		}
	}
	return false
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	r, scrape := watched(t, setup{limits: "person: 6/10m, refused: 3/10m, alarm: 1/10m", sources: ", {tag: slack-user-id}", config: "store: sqlite:metrics.db\n"})
	r.launches(r.press("U0JANE", r.command("U0JANE", ""), 0), researchID, "jane-doe")
	// The browser comes first, and waits for the click.
	r.get(r.pressed(r.command("U0JANE", ""), slacksim.PressOptions{Delay: 300 * time.Millisecond}))
	// It waits in vain, and reloads.
	lost := r.pressed(r.command("U0JANE", ""), slacksim.PressOptions{NoEvent: true})
	r.get(lost)
	r.get(lost + "?again")
	r.sagemaker.Fail(sagemakersim.Fault{Operation: "CreatePresignedDomainUrl", Code: "AccessDeniedException"})
	r.get(r.press("U0JANE", r.command("U0JANE", ""), 0))
	for range 5 {
		r.command("U0JANE", "")
		r.get(r.url + "/launch/" + strings.Repeat("A", 43) + ".0")
	}
	r.command("U0BAN", "")
	text := scrape()
	for _, row := range []struct{ series, value string }{
		{`studiobot_slack_sockets`, "2"},
		{`studiobot_slack_app_connections`, "2"},
		{`studiobot_slack_envelopes_total{kind="command",result="acknowledged"}`, "10"},
		{`studiobot_slack_ack_seconds_count`, ""},
		{`studiobot_launch_steps_total{domain="research",step="opened"}`, "2"},
		{`studiobot_launch_steps_total{domain="research",step="handed_back"}`, "1"},
		{`studiobot_refusals_total{reason="denied by the mapping"}`, "1"},
		{`studiobot_refusals_total{reason="not permitted by AWS"}`, ""},
		{`studiobot_redirect_seconds_count{result="redirected"}`, "2"},
		{`studiobot_redirect_seconds_count{result="page"}`, "2"},
		{`studiobot_redirect_seconds_count{result="limited"}`, "2"},
		{`studiobot_click_wait_seconds_count`, "2"},
		{`studiobot_click_wait_seconds_bucket{le="0.1"}`, "1"},
		{`studiobot_click_wait_seconds_bucket{le="2"}`, "2"},
		{`studiobot_click_missing_total`, "1"},
		{`studiobot_aws_call_seconds_count{operation="CreatePresignedDomainUrl",result="ok"}`, "2"},
		{`studiobot_aws_call_seconds_count{operation="CreatePresignedDomainUrl",result="forbidden"}`, "1"},
		{`studiobot_store_seconds_count{operation="update ticket",result="ok"}`, ""},
		{`studiobot_limited_total{limit="person"}`, "3"},
		{`studiobot_limited_total{limit="refused"}`, "2"},
		{`studiobot_limited_total{limit="alarm"}`, "1"},
		{`studiobot_mapping_age_seconds{domain="prod",source="tag"}`, ""},
		{`studiobot_directory_people`, "10"},
		{`studiobot_directory_age_seconds`, ""},
		{`studiobot_build_info{version="test"}`, "1"},
		{`go_goroutines`, ""},
	} {
		if !has(text, row.series, row.value) {
			t.Errorf("no %s %s", row.series, row.value)
		}
	}
	if t.Failed() {
		t.Log(regexp.MustCompile(`(?m)^(#|go_|process_|.*_bucket).*\n`).ReplaceAllString(text, ""))
	}
}

// Whatever is sent makes no more series than there are words of ours, and none
// that tells of a person, an address or a link.
func TestMetricsAreBounded(t *testing.T) {
	t.Parallel()
	r, scrape := watched(t, setup{level: slog.LevelDebug, limits: "person: off, refused: 5/1m"})
	link := r.press("U0JANE", r.command("U0JANE", ""), 0)
	r.launches(link, researchID, "jane-doe")
	r.command("U0JANE", "")
	before := series(scrape())
	abuse(r)
	text := scrape()
	after := series(text)
	// Each kind of refusal, of request and of call that wasn't there before is a
	// series or, with buckets, some fifteen.
	if len(after) > len(before)+150 || len(after) > 700 {
		t.Errorf("%d series before, %d after", len(before), len(after))
	}
	known := map[string]bool{}
	for _, d := range metrics.Definitions() {
		known[d.Name] = true
	}
	suffix := regexp.MustCompile(`_(bucket|sum|count)$`)
	for name := range after {
		name, _, _ = strings.Cut(name, "{")
		if !known[name] && !known[suffix.ReplaceAllString(name, "")] && !strings.HasPrefix(name, "go_") && !strings.HasPrefix(name, "process_") && !strings.HasPrefix(name, "promhttp_") {
			t.Errorf("%s isn't in the table", name)
		}
	}
	token := strings.TrimSuffix(link[strings.LastIndex(link, "/")+1:], ".0")
	for what, secret := range map[string]string{"link": token, "person": "U0JANE", "profile": "jane-doe", "abuse": "zebra", "token": r.slack.BotToken(), "app token": r.slack.AppToken(), "address": "127.0.0.1"} {
		if strings.Contains(text, secret) {
			t.Errorf("a scrape holds the %s", what)
		}
	}
	// Nor does the log at its most talkative hold what opens something.
	presigned := r.get(r.press("U0JANE", r.command("U0JANE", ""), 0)).location
	_, auth, _ := strings.Cut(presigned, "token=")
	secrets := map[string]string{"link": token, "presigned URL": auth[:40], "bot token": r.slack.BotToken(), "app token": r.slack.AppToken(), "response URL": "/actions/", "trigger ID": "trigger"}
	for what, secret := range secrets {
		if secret == "" || strings.Contains(r.log.String(), secret) {
			t.Errorf("the log at debug holds the %s", what)
		}
	}
}

// abuse sends what nobody ordinary sends.
func abuse(r *rig) {
	for i := range 60 {
		id := fmt.Sprintf("zebra%dzebra", i)
		r.get(r.url + "/" + id)
		r.get(r.url + "/launch/" + id)
		r.command("U0SAM", id)
		r.slack.Command(r.within(), "U0"+strings.ToUpper(id), "/studio", id)
		req, _ := http.NewRequest(strings.ToUpper("zeb"+string(rune('a'+i%26))), r.url+"/launch/x", strings.NewReader(id))
		if resp, err := http.DefaultClient.Do(req); err == nil {
			resp.Body.Close()
		}
		r.get(r.url + "/metrics?" + id)
	}
}

// series are the names and labels of a scrape.
func series(text string) map[string]bool {
	out := map[string]bool{}
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "#") {
			name, _, _ := strings.Cut(line, " ")
			if i := strings.LastIndex(line, "} "); i > 0 {
				name = line[:i+1]
			}
			out[name] = true
		}
	}
	return out
}

// Browsers don't reach the metrics, and the private listener answers its own
// machine only, and that path only.
func TestMetricsArePrivate(t *testing.T) {
	t.Parallel()
	r, scrape := watched(t, setup{})
	if a := r.get(r.url + "/metrics"); a.status != http.StatusNotFound || strings.Contains(a.body, "studiobot_") {
		t.Errorf("the public listener answers /metrics with %d", a.status)
	}
	private := regexp.MustCompile(`"msg":"metrics","address":"([^"]+)"`).FindStringSubmatch(r.log.String())[1]
	for _, row := range []struct {
		method, host, path string
		want               int
	}{
		{"GET", "studio.example.com", "/metrics", http.StatusForbidden},
		{"GET", "127.0.0.1.evil.example", "/metrics", http.StatusForbidden},
		{"GET", "10.0.0.1:9464", "/metrics", http.StatusForbidden},
		{"GET", "LOCALHOST", "/metrics", http.StatusOK},
		{"GET", "[::1]:9464", "/metrics", http.StatusOK},
		{"GET", "", "/", http.StatusNotFound},
		{"POST", "", "/metrics", http.StatusMethodNotAllowed},
		{"HEAD", "", "/metrics", http.StatusOK},
	} {
		req, _ := http.NewRequest(row.method, "http://"+private+row.path, nil)
		if row.host != "" {
			req.Host = row.host
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != row.want {
			t.Errorf("%s %s of %q: %d, want %d", row.method, row.path, row.host, resp.StatusCode, row.want)
		}
	}
	if n := strings.Count(r.log.String(), "a scrape from outside was refused"); n != 1 {
		t.Errorf("%d lines about scrapes from outside, want one", n)
	}
	if !has(scrape(), "studiobot_scrapes_refused_total", "5") {
		t.Error("the refused scrapes aren't counted")
	}
}
