package monitoring

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/promql/promqltest"
)

// cases are, for each alert, series in which it is true and series in which it
// isn't, a value a minute for an hour.
var cases = map[string]struct{ fires, quiet string }{
	"StudiobotDown":           {`up{job="studiobot"} 0x60`, `up{job="studiobot"} 1x60`},
	"StudiobotDeaf":           {`studiobot_slack_sockets 0x60`, `studiobot_slack_sockets 1x60`},
	"StudiobotUnanswered":     {`studiobot_slack_envelopes_total{kind="command",result="late"} 0+3x60`, `studiobot_slack_envelopes_total{kind="command",result="acknowledged"} 0+3x60`},
	"StudiobotAnotherProcess": {`studiobot_slack_app_connections 4x60`, `studiobot_slack_app_connections 2x60`},
	"StudiobotClicksMissing":  {"studiobot_click_missing_total 0+2x60\nstudiobot_launch_steps_total{step=\"issued\",domain=\"r\"} 0+4x60", "studiobot_click_missing_total 0+1x60\nstudiobot_launch_steps_total{step=\"issued\",domain=\"r\"} 0+40x60"},
	"StudiobotLaunchesFail":   {"studiobot_launch_steps_total{step=\"handed_back\",domain=\"r\"} 0+1x60\nstudiobot_launch_steps_total{step=\"opening\",domain=\"r\"} 0+2x60", "studiobot_launch_steps_total{step=\"handed_back\",domain=\"r\"} 0+1x60\nstudiobot_launch_steps_total{step=\"opening\",domain=\"r\"} 0+20x60"},
	"StudiobotForbidden":      {`studiobot_aws_call_seconds_count{operation="CreatePresignedDomainUrl",result="forbidden"} 0+1x60`, `studiobot_aws_call_seconds_count{operation="ListTags",result="forbidden"} 0+1x60`},
	"StudiobotStoreErrors":    {`studiobot_store_seconds_count{operation="load ticket",result="error"} 0+2x60`, `studiobot_store_seconds_count{operation="load ticket",result="ok"} 0+2x60`},
	"StudiobotMappingOld":     {`studiobot_mapping_age_seconds{source="tag",domain="r"} 3000x60`, `studiobot_mapping_age_seconds{source="tag",domain="r"} 300x60`},
	"StudiobotDirectoryOld":   {`studiobot_directory_age_seconds 3000x60`, `studiobot_directory_age_seconds 900x60`},
	"StudiobotSlowRedirect":   {"studiobot_redirect_seconds_bucket{result=\"redirected\",le=\"3\"} 0x60\nstudiobot_redirect_seconds_bucket{result=\"redirected\",le=\"10\"} 0+9x60\nstudiobot_redirect_seconds_bucket{result=\"redirected\",le=\"+Inf\"} 0+9x60", "studiobot_redirect_seconds_bucket{result=\"redirected\",le=\"3\"} 0+9x60\nstudiobot_redirect_seconds_bucket{result=\"redirected\",le=\"10\"} 0+9x60\nstudiobot_redirect_seconds_bucket{result=\"redirected\",le=\"+Inf\"} 0+9x60"},
	"StudiobotManyLaunches":   {`studiobot_limited_total{limit="alarm"} 0+1x60`, "studiobot_limited_total{limit=\"alarm\"} 7x60\nstudiobot_limited_total{limit=\"person\"} 0+1x60"},
	"StudiobotLinksBurned":    {`studiobot_refusals_total{reason="two early visitors"} 0+1x60`, `studiobot_refusals_total{reason="guest"} 0+1x60`},
}

// engine evaluates expressions as Prometheus does.
func engine(t *testing.T) *promql.Engine {
	e := promql.NewEngine(promql.EngineOpts{MaxSamples: 100_000, Timeout: 10 * time.Second})
	t.Cleanup(func() { e.Close() })
	return e
}

// result is what an expression gives at the end of the hour.
func result(t *testing.T, e *promql.Engine, series, expr string) promql.Vector {
	t.Helper()
	var load strings.Builder
	load.WriteString("load 1m\n")
	for line := range strings.Lines(series) {
		load.WriteString("  " + strings.TrimSpace(line) + "\n")
	}
	storage := promqltest.LoadedStorage(t, load.String())
	defer storage.Close()
	q, err := e.NewInstantQuery(context.Background(), storage, nil, expr, time.Unix(0, 0).Add(time.Hour))
	if err != nil {
		t.Fatalf("%s: %v", expr, err)
	}
	defer q.Close()
	v, err := q.Exec(context.Background()).Vector()
	if err != nil {
		t.Fatalf("%s: %v", expr, err)
	}
	return slices.Clone(v)
}

func rules(t *testing.T) []rulefmt.Rule {
	t.Helper()
	groups, errs := rulefmt.ParseFile("alerts.yaml", false, model.UTF8Validation, parser.NewParser(parser.Options{}), slog.New(slog.DiscardHandler))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	return groups.Groups[0].Rules
}

// Each alert fires where it should, and only there.
func TestAlerts(t *testing.T) {
	e := engine(t)
	seen := map[string]bool{}
	for _, r := range rules(t) {
		seen[r.Alert] = true
		c, ok := cases[r.Alert]
		if !ok {
			t.Errorf("%s has no case", r.Alert)
			continue
		}
		if got := result(t, e, c.fires, r.Expr); len(got) == 0 {
			t.Errorf("%s doesn't fire on\n%s", r.Alert, c.fires)
		}
		if got := result(t, e, c.quiet, r.Expr); len(got) != 0 {
			t.Errorf("%s fires on\n%s", r.Alert, c.quiet)
		}
		if r.Annotations["summary"] == "" || r.Annotations["next"] == "" || r.Labels["severity"] == "" {
			t.Errorf("%s lacks its summary, its next step or its severity", r.Alert)
		}
	}
	for name := range cases {
		if !seen[name] {
			t.Errorf("there is no alert %s", name)
		}
	}
}

// Each panel asks for something that can be parsed, and each metric that alerts
// and panels name is in docs/operations.md, which is made from the code.
func TestEveryMetricExists(t *testing.T) {
	var board struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	data, err := os.ReadFile("dashboard.json")
	if err == nil {
		err = json.Unmarshal(data, &board)
	}
	if err != nil {
		t.Fatal(err)
	}
	doc, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	exprs := map[string]string{}
	for _, p := range board.Panels {
		for i, target := range p.Targets {
			exprs[fmt.Sprintf("%s, %d", p.Title, i)] = target.Expr
		}
	}
	for _, r := range rules(t) {
		exprs[r.Alert] = r.Expr
	}
	parse := parser.NewParser(parser.Options{})
	shown := map[string]bool{}
	for _, where := range slices.Sorted(maps.Keys(exprs)) {
		expr, err := parse.ParseExpr(exprs[where])
		if err != nil {
			t.Errorf("%s: %v", where, err)
			continue
		}
		parser.Inspect(expr, func(n parser.Node, _ []parser.Node) error {
			if v, ok := n.(*parser.VectorSelector); ok && strings.HasPrefix(v.Name, "studiobot_") {
				name := regexp.MustCompile(`_(bucket|sum|count)$`).ReplaceAllString(v.Name, "")
				shown[name] = true
				if !strings.Contains(string(doc), "| `"+name+"` |") {
					t.Errorf("%s: there is no %s", where, v.Name)
				}
			}
			return nil
		})
	}
	for _, name := range regexp.MustCompile("(?m)^\\| `(studiobot_[a-z_]+)`").FindAllStringSubmatch(string(doc), -1) {
		if !shown[name[1]] {
			t.Errorf("no panel and no alert shows %s", name[1])
		}
	}
}
