package running_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/studiobot/studiobot/running"
	"github.com/studiobot/studiobot/studio"
)

func research() []studio.Option {
	return []studio.Option{{Domain: "research", Label: "Research", Profile: "jane-doe"}}
}

// names are the spaces of a holding, with a * on own ones and a + on those whose
// app is known.
func names(h studio.Holding) string {
	var out []string
	for _, s := range h.Spaces {
		name := s.Name
		if s.Own {
			name += "*"
		}
		if _, runs := s.Main(); runs {
			name += "+"
		}
		out = append(out, name)
	}
	return strings.Join(out, " ")
}

// What one person has: own spaces first, then shared ones, with what runs.
func TestOf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := world()
		l.active["janes-lab"] = time.Now().Add(-time.Hour)
		k := newKeeper(t, l)
		if h := k.Of(research()); h[0].Known() || len(h[0].Spaces) > 0 || h[0].Label != "Research" {
			t.Errorf("before the first reading: %+v", h)
		}
		watch(t, k)
		synctest.Wait()
		h := k.Of(append(research(), studio.Option{Domain: "prod", Profile: "JANE-doe"}, studio.Option{Domain: "none", Profile: "jane-doe"}))
		if got := names(h[0]); got != "Janes-Lab*+ team team-of-jane team-of-joe" {
			t.Errorf("research: %s", got)
		}
		if len(h[0].Apps) != 1 || h[0].Apps[0].Type != "Canvas" || !h[0].Apps[0].Active.IsZero() || h[0].Stale {
			t.Errorf("apps %+v", h[0].Apps)
		}
		if names(h[1]) != "prods-lab*" || h[2].Known() {
			t.Errorf("prod %s, none %+v", names(h[1]), h[2])
		}
		time.Sleep(5 * time.Second) // they are shown, so they are asked about
		app, _ := k.Of(research())[0].Spaces[0].Main()
		if !app.Active.Equal(l.active["janes-lab"]) || l.count(&l.actives) != 2 {
			t.Errorf("active %v after %d questions", app.Active, l.count(&l.actives))
		}
	})
}

// What nobody asks about for an hour isn't read; asking begins it again.
func TestReadsWhileUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := world()
		k := newKeeper(t, l)
		watch(t, k)
		time.Sleep(12 * time.Hour)
		idle, prod := l.listed("research"), l.listed("prod")
		if idle < 20 || idle > 40 {
			t.Errorf("%d readings for one hour of two minutes", idle)
		}
		if h := k.Of(research()); h[0].Known() {
			t.Error("a reading of eleven hours ago still counts")
		}
		synctest.Wait()
		if h := k.Of(research()); l.listed("research") != idle+1 || !h[0].Known() || h[0].Stale {
			t.Errorf("asked again: %d readings, %+v", l.listed("research"), h)
		}
		if l.listed("prod") > prod {
			t.Error("the other domain is read too")
		}
	})
}

// SageMaker away: what exists stays known for hours, what runs for minutes.
func TestAges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := world()
		k := newKeeper(t, l)
		watch(t, k)
		synctest.Wait()
		l.do(func() { l.err = errAway })
		for _, step := range []struct {
			after        time.Duration
			known, stale bool
			names        string
		}{
			{9 * time.Minute, true, false, "Janes-Lab*+ team team-of-jane team-of-joe"},
			{2 * time.Minute, true, true, "Janes-Lab* team team-of-jane team-of-joe"},
			{5 * time.Hour, true, true, "Janes-Lab* team team-of-jane team-of-joe"},
			{time.Hour, false, false, ""},
		} {
			time.Sleep(step.after)
			h := k.Of(research())[0]
			if h.Known() != step.known || h.Stale != step.stale || names(h) != step.names || step.stale && h.Apps != nil {
				t.Errorf("%v later: %+v", step.after, h)
			}
			if n, _ := k.Notebooks(jane()); step.stale && (n[0].Status != "" || !n[0].Stale) {
				t.Errorf("%v later: notebook %+v", step.after, n[0])
			}
		}
		if _, unsure := k.Notebooks(jane()); len(unsure) != 1 {
			t.Errorf("unsure %q", unsure)
		}
		l.do(func() { l.err = nil })
		time.Sleep(6 * time.Minute)
		if h := k.Of(research())[0]; !h.Known() || h.Stale {
			t.Errorf("back: %+v", h)
		}
	})
}

// All who ask for a new reading share one that begins after they asked.
func TestRefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := world()
		k := newKeeper(t, l, func(o *running.Options) { o.Tag, o.Granted = "", nil })
		watch(t, k)
		synctest.Wait()
		l.do(func() { l.takes = 10 * time.Second })
		go func() { _ = k.Refresh(t.Context(), "research") }()
		time.Sleep(time.Second)
		before := l.listed("research")
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				if err := k.Refresh(t.Context(), "research"); err != nil {
					t.Error(err)
				}
				if names(k.Of(research())[0]) != "new*" {
					t.Error("read before it was asked for")
				}
			})
		}
		time.Sleep(time.Second)
		l.do(func() {
			l.spaces["research"] = []studio.Space{{Name: "new", Owner: "jane-doe", App: studio.Lab}}
		})
		all.Wait()
		if got := l.listed("research"); got != before+1 {
			t.Errorf("%d readings for twenty", got-before)
		}
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := k.Refresh(short, "research"); !errors.Is(err, studio.ErrUnavailable) {
			t.Errorf("too slow: %v", err)
		}
		l.do(func() { l.takes, l.err = 0, errAway })
		time.Sleep(time.Minute)
		if err := k.Refresh(t.Context(), "research"); !errors.Is(err, errAway) {
			t.Errorf("away: %v", err)
		}
		if err := k.Refresh(t.Context(), "none"); err != nil {
			t.Errorf("a domain that isn't: %v", err)
		}
	})
}

// What was changed is read in a moment, once.
func TestChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := world()
		k := newKeeper(t, l)
		watch(t, k)
		time.Sleep(10 * time.Second)
		before := l.listed("research")
		for range 5 {
			k.Changed("research")
		}
		time.Sleep(5 * time.Second)
		if got := l.listed("research"); got != before+1 {
			t.Errorf("%d readings", got-before)
		}
	})
}

// A reading that takes long is repeated more rarely.
func TestPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := world()
		l.takes = time.Minute
		k := newKeeper(t, l, func(o *running.Options) { o.Tag, o.Granted = "", nil })
		watch(t, k)
		for range 30 {
			time.Sleep(2 * time.Minute)
			k.Of(research())
		}
		if got := l.listed("research"); got > 13 {
			t.Errorf("%d readings of a minute in an hour", got)
		}
	})
}

// A button that is pressed looks at the thing itself where the reading is older
// than a minute: what changed hands since opens nothing, what is new opens.
func TestCheck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := world()
		k := newKeeper(t, l, func(o *running.Options) { o.Every = time.Hour })
		watch(t, k)
		synctest.Wait()
		of := func(name string) studio.Option {
			return studio.Option{Domain: "research", Profile: "jane-doe", Target: studio.Lab, Name: name}
		}
		if err := k.Check(t.Context(), jane(), of("janes-lab"), running.Open); err != nil || l.count(&l.looks) != 0 {
			t.Errorf("just read: %v, %d looks", err, l.count(&l.looks))
		}
		l.do(func() {
			l.spaces["research"][0].Owner = "joe"
			l.spaces["research"] = append(l.spaces["research"], studio.Space{Name: "new", Owner: "jane-doe", App: studio.Lab})
			l.notebooks["research"][0].Tags = map[string]string{"slack": "U0JOE"}
		})
		if err := k.Check(t.Context(), jane(), of("janes-lab"), running.Open); err != nil {
			t.Errorf("a reading of this minute: %v", err)
		}
		tagged := studio.Option{Domain: "research", Target: studio.Notebook, Name: "tagged"}
		for _, act := range []running.Act{running.Start, running.Stop} { // always a look at the thing itself
			for _, o := range []studio.Option{of("janes-lab"), tagged} {
				if err := k.Check(t.Context(), jane(), o, act); !errors.Is(err, studio.ErrNoTarget) {
					t.Errorf("%s, %d, just handed to somebody else: %v", o.Name, act, err)
				}
			}
			if err := k.CheckApp(t.Context(), of(""), studio.App{Space: "janes-lab", Type: "JupyterLab", Name: "default"}, act); !errors.Is(err, studio.ErrNoTarget) {
				t.Errorf("its app, %d: %v", act, err)
			}
		}
		time.Sleep(2 * time.Minute)
		if k.Allowed(jane(), of("janes-lab"), running.Open) != nil {
			t.Error("the reading is the same as before")
		}
		if err := k.Check(t.Context(), jane(), of("janes-lab"), running.Open); !errors.Is(err, studio.ErrNoTarget) {
			t.Errorf("handed to somebody else: %v", err)
		}
		if err := k.Check(t.Context(), jane(), of("new"), running.Open); err != nil {
			t.Errorf("new: %v", err)
		}
		if err := k.Check(t.Context(), jane(), tagged, running.Open); !errors.Is(err, studio.ErrNoTarget) {
			t.Errorf("a notebook that was tagged for somebody else: %v", err)
		}
		l.do(func() { l.err = errAway })
		for _, o := range []studio.Option{of("new"), tagged} {
			if err := k.Check(t.Context(), jane(), o, running.Open); !errors.Is(err, studio.ErrUnsure) {
				t.Errorf("away: %v", err)
			}
		}
	})
}

// Without a tag only what the mapping grants, and somebody asked for, is looked at.
func TestNotebooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newKeeper(t, world())
		watch(t, k)
		synctest.Wait()
		held, unsure := k.Notebooks(jane())
		var got []string
		for _, h := range held {
			got = append(got, h.Name+" "+h.Status)
		}
		if s := strings.Join(got, ", "); s != "gpu-box Stopped, of-workspace InService, Tagged InService" || len(unsure) > 0 || !held[0].Granted || held[1].Granted {
			t.Errorf("%s, unsure %q", s, unsure)
		}
		l := world()
		k = newKeeper(t, l, func(o *running.Options) { o.Tag = "" })
		watch(t, k)
		synctest.Wait()
		if held, unsure = k.Notebooks(jane()); len(held) != 1 || held[0].Status != "" || len(unsure) > 0 || l.count(&l.looks) > 0 {
			t.Errorf("%+v, unsure %q, %d looks", held, unsure, l.count(&l.looks))
		}
		time.Sleep(5 * time.Second)
		if held, _ = k.Notebooks(jane()); held[0].Status != studio.Stopped || l.count(&l.looks) != 1 {
			t.Errorf("%+v after %d looks", held, l.count(&l.looks))
		}
		if servers := k.Servers(research()); len(servers) != 1 || servers[0].Name != "tracking" || servers[0].Profile != "jane-doe" {
			t.Errorf("servers %+v", servers)
		}
	})
}
