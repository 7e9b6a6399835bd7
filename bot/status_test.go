package bot

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/studiobot/studiobot/studio"
)

// at is when the golden messages about what runs are made.
var at = time.Unix(1763980000, 0)

func withPrices(o Options) Options {
	o.AllowStop, o.AllowStart = true, true
	o.Prices = studio.Prices{Currency: "USD", PerHour: map[string]studio.Price{"ml.t3.medium": 50_000, "ml.g5.xlarge": 1_408_000}}
	return o
}

func lab(status string, since, active time.Duration) studio.App {
	a := studio.App{Space: "forecast", Kind: studio.Lab, Type: "JupyterLab", Name: "default", Status: status, Instance: "ml.t3.medium", Since: at.Add(-since)}
	if active >= 0 {
		a.Active = at.Add(-active)
	}
	return a
}

func space(name string, own bool, apps ...studio.App) studio.HeldSpace {
	return studio.HeldSpace{Space: studio.Space{Name: name, Shared: !own, App: studio.Lab, Status: studio.InService}, Own: own, Apps: apps}
}

func holding(spaces []studio.HeldSpace, apps ...studio.App) studio.Holding {
	return studio.Holding{Domain: "research", Label: "Research · dev account", Profile: "jane-doe", Spaces: spaces, Apps: apps, Read: at.Add(-time.Second)}
}

func notebook(name, status string) studio.HeldNotebook {
	return studio.HeldNotebook{
		NotebookInstance: studio.NotebookInstance{Name: name, Status: status, Instance: "ml.t3.medium", Modified: at.Add(-5 * time.Hour)},
		Domain:           "research", Label: "Research · dev account", Read: at.Add(-time.Second),
	}
}

// everything has one of each kind and status.
func everything() studio.Running {
	gpu := lab(studio.InService, 30*time.Hour, 5*time.Minute)
	gpu.Space, gpu.Instance = "gpu", "ml.g5.xlarge"
	others := lab(studio.InService, 3*time.Hour, -1)
	others.Space, others.Instance = "team", "ml.m5.large"
	editor := studio.App{Space: "editor", Kind: studio.Code, Type: "CodeEditor", Name: "default", Status: studio.Pending, Instance: "ml.m5.large", Since: at.Add(-time.Minute)}
	return studio.Running{
		Holdings: []studio.Holding{holding(
			[]studio.HeldSpace{
				space("forecast", true, lab(studio.InService, 4*time.Hour, 3*time.Hour)), space("gpu", true, gpu), space("editor", true, editor), space("quiet", true),
				space("team", false, others),
			},
			studio.App{Profile: "jane-doe", Kind: studio.Classic, Type: "JupyterServer", Name: "default", Status: studio.InService, Instance: "system", Since: at.Add(-time.Hour)},
			studio.App{Profile: "jane-doe", Type: "KernelGateway", Name: "datascience-ml-t3-medium", Status: studio.Deleting, Instance: "ml.t3.medium", Since: at.Add(-time.Hour)},
		)},
		Notebooks: []studio.HeldNotebook{notebook("churn", studio.InService), notebook("old", studio.Stopped), notebook("late", studio.Stopping), notebook("broken", studio.Failed)},
	}
}

func statusMessages(o Options) map[string]message {
	full := withPrices(o)
	only := func(apps ...studio.App) studio.Running {
		return studio.Running{Holdings: []studio.Holding{holding([]studio.HeldSpace{space("forecast", true, apps...)})}}
	}
	m := studio.Machine{Domain: "research", Space: "forecast", Type: "JupyterLab", App: "default"}
	nb := studio.Machine{Domain: "research", Notebook: "churn"}
	long := studio.Running{Holdings: []studio.Holding{holding(nil)}}
	for i := range 14 {
		a := lab(studio.InService, time.Hour, time.Hour)
		a.Space = fmt.Sprintf("space-%d", i)
		long.Holdings[0].Spaces = append(long.Holdings[0].Spaces, space(a.Space, true, a))
	}
	for i := range 7 {
		long.Notebooks = append(long.Notebooks, notebook(fmt.Sprintf("nb-%d", i), studio.Stopped))
	}
	team := everything()
	team.Holdings[0].Spaces, team.Holdings[0].Apps, team.Notebooks = team.Holdings[0].Spaces[4:], nil, nil
	replaced := func(m message) message { m.ReplaceOriginal = true; return m }
	out := map[string]message{
		"status":                  statusMessage(full, everything(), refusalWords{}, at),
		"status_without_stop":     statusMessage(o, everything(), refusalWords{}, at),
		"status_one":              statusMessage(full, only(lab(studio.InService, 20*time.Minute, -1)), refusalWords{}, at),
		"status_starting":         statusMessage(full, only(lab(studio.Pending, time.Minute, -1)), refusalWords{}, at),
		"status_stopping":         replaced(statusMessage(full, only(lab(studio.Deleting, time.Hour, time.Hour)), stoppingWords(m), at)),
		"status_stopped":          replaced(statusMessage(full, only(), stoppedWords(m), at)),
		"status_nothing":          statusMessage(full, only(), refusalWords{}, at),
		"status_shared_only":      statusMessage(full, team, refusalWords{}, at),
		"status_long":             statusMessage(full, long, refusalWords{}, at),
		"status_unseen":           statusMessage(full, studio.Running{Unsure: []string{"research", "prod"}}, refusalWords{}, at),
		"status_partly_unseen":    statusMessage(full, studio.Running{Holdings: only(lab(studio.InService, time.Hour, time.Hour)).Holdings, Unsure: []string{"prod"}}, refusalWords{}, at),
		"status_looking":          notice(wordsLooking),
		"status_starts":           replaced(notice(startingWords(full, nb, true))),
		"status_starts_unwatched": replaced(notice(startingWords(full, nb, false))),
		"status_started":          notice(startedWords(full, nb)),
		"status_unwatched":        notice(unwatchedWords(full, nb, "It takes longer than usual, and isn't watched any more.")),
	}
	for name, err := range map[string]error{
		"not_theirs": studio.ErrNoTarget, "off": studio.ErrSwitchedOff, "pending": studio.ErrPending, "broken": studio.ErrBroken, "forbidden": studio.ErrForbidden,
		"throttled": studio.ErrThrottled, "unavailable": studio.ErrUnavailable, "refused": studio.ErrRefused, "unsure": studio.ErrUnsure, "denied": studio.ErrDenied,
	} {
		out["stop_refused_"+name] = notice(machineRefusal(full, err, false))
		out["start_refused_"+name] = notice(machineRefusal(full, err, true))
	}
	return out
}

// However people name things, a full list fits into an acknowledgement, and
// nothing in a name becomes markup.
func TestStatusOfOddNames(t *testing.T) {
	t.Parallel()
	o := withPrices(golden())
	o.Domains[0].Label = strings.Repeat("<", 60)
	r := studio.Running{Holdings: []studio.Holding{holding(nil)}}
	r.Holdings[0].Label = o.Domains[0].Label
	for i := range 30 {
		a := lab(studio.InService, time.Hour, time.Hour)
		a.Space = fmt.Sprintf("%s%d", strings.Repeat("s", 61), i)
		s := space(a.Space, true, a)
		s.Display = strings.Repeat("<!>", 20) + "&&&&"
		r.Holdings[0].Spaces = append(r.Holdings[0].Spaces, s)
	}
	for i := range 20 {
		r.Notebooks = append(r.Notebooks, notebook(strings.Repeat("n", 60)+fmt.Sprint(i), studio.Stopped))
	}
	r.Unsure = []string{"research", "prod", "a", "b", "c", "d", "e"}
	m := statusMessage(o, r, stoppingWords(r.Holdings[0].Spaces[0].Apps[0].Machine("research")), at)
	raw, err := json.Marshal(m)
	if err != nil || len(raw) > 18_000 {
		t.Errorf("%d bytes, %v", len(raw), err)
	}
	if len(m.Blocks) > 50 {
		t.Errorf("%d blocks", len(m.Blocks))
	}
	for _, b := range m.Blocks {
		raw, err := json.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		var block struct {
			Text *struct{ Text string }
		}
		if err := json.Unmarshal(raw, &block); err != nil || block.Text != nil && strings.Contains(strings.ReplaceAll(block.Text.Text, "<!date^", ""), "<") {
			t.Errorf("markup: %s", raw)
		}
	}
}

// What a button carries comes back as it was, and anything else is nothing.
func TestMachineKeys(t *testing.T) {
	t.Parallel()
	for _, m := range []studio.Machine{
		{Domain: "research", Notebook: "churn"}, {Domain: "research", Space: "forecast", Type: "JupyterLab", App: "default"}, {Domain: "prod", Type: "Canvas", App: "default"},
	} {
		if got, ok := parseMachine(machineKey(m)); !ok || got != m {
			t.Errorf("%+v came back as %+v, %v", m, got, ok)
		}
	}
	for _, value := range []string{
		"", "app", "app/research", "notebook/research", "notebook/research/", "notebook//churn", "notebook/research/a/b", "notebook/research/a b", "app//s/JupyterLab/default",
		"app/research/s/JupyterLab", "app/research/s/Jupyter Lab/default", "app/research/../JupyterLab/default", "app/research/s/JupyterLab/default/x", "app/research/s//default",
		"app/research/s/JupyterLab/", "disk/research/x", strings.Repeat("a", 2000), "notebook/research/" + strings.Repeat("a", 64), "\xff/\xff/\xff",
	} {
		if m, ok := parseMachine(value); ok {
			t.Errorf("%q is %+v", value, m)
		}
	}
}

func FuzzMachineKey(f *testing.F) {
	f.Add("app/research/forecast/JupyterLab/default")
	f.Add("notebook/research/churn")
	f.Add("app/research//Canvas/default")
	f.Fuzz(func(t *testing.T, value string) {
		m, ok := parseMachine(value)
		if ok && machineKey(m) != value {
			t.Errorf("%q is %+v", value, m)
		}
	})
}

func TestIdleWords(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0: "used a moment ago", -time.Minute: "used a moment ago", 14 * time.Minute: "used a moment ago", 15 * time.Minute: "idle for 15 minutes", 59*time.Minute + 59*time.Second: "idle for 59 minutes",
		time.Hour: "idle for 1 hour", 47*time.Hour + 59*time.Minute: "idle for 47 hours", 48 * time.Hour: "idle for 2 days", 400 * 24 * time.Hour: "idle for 400 days",
	} {
		if got := idle(d); got != want {
			t.Errorf("%s: %q, want %q", d, got, want)
		}
	}
}
