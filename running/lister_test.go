package running_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/studiobot/studiobot/running"
	"github.com/studiobot/studiobot/studio"
)

var errAway = errors.Join(studio.ErrUnavailable, errors.New("sagemaker is away"))

// lister answers for SageMaker, by the contract of running.Lister: the sides that
// speak to it for real are tested with the simulator in the root package.
type lister struct {
	mu        sync.Mutex
	spaces    map[string][]studio.Space // by domain
	apps      map[string][]studio.App
	notebooks map[string][]studio.NotebookInstance
	active    map[string]time.Time // by space or profile
	err       error                // of everything, while it is set
	takes     time.Duration        // one listing
	lists     map[string]int       // of spaces, by domain
	looks     int                  // at single things
	actives   int
}

func (l *lister) do(edit func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	edit()
}

// count reads one of the counters.
func (l *lister) count(of *int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return *of
}

func (l *lister) listed(domain string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lists[domain]
}

func (l *lister) wait(ctx context.Context) error {
	l.mu.Lock()
	takes, err := l.takes, l.err
	l.mu.Unlock()
	if takes > 0 {
		select {
		case <-time.After(takes):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return err
}

func (l *lister) Spaces(ctx context.Context, domain string, each func(studio.Space) error) error {
	l.do(func() {
		if l.lists == nil {
			l.lists = map[string]int{}
		}
		l.lists[domain]++
	})
	if err := l.wait(ctx); err != nil {
		return err
	}
	return all(l, func() []studio.Space { return l.spaces[domain] }, each)
}

func (l *lister) Apps(ctx context.Context, domain string, each func(studio.App) error) error {
	return all(l, func() []studio.App { return l.apps[domain] }, each)
}

func (l *lister) Notebooks(ctx context.Context, domain string, each func(studio.NotebookInstance) error) error {
	if err := l.wait(ctx); err != nil {
		return err
	}
	return all(l, func() []studio.NotebookInstance { return l.notebooks[domain] }, each)
}

func all[T any](l *lister, of func() []T, each func(T) error) error {
	l.mu.Lock()
	things, err := append([]T(nil), of()...), l.err
	l.mu.Unlock()
	for _, t := range things {
		if err := each(t); err != nil {
			return err
		}
	}
	return err
}

func (l *lister) Space(_ context.Context, domain, name string) (studio.Space, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.looks++
	for _, s := range l.spaces[domain] {
		if strings.EqualFold(s.Name, name) && l.err == nil {
			return s, nil
		}
	}
	if l.err != nil {
		return studio.Space{}, l.err
	}
	return studio.Space{}, studio.ErrNoTarget
}

func (l *lister) Notebook(_ context.Context, domain, name string) (studio.NotebookInstance, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.looks++
	for _, n := range l.notebooks[domain] {
		if strings.EqualFold(n.Name, name) && l.err == nil {
			return n, nil
		}
	}
	if l.err != nil {
		return studio.NotebookInstance{}, l.err
	}
	return studio.NotebookInstance{}, studio.ErrNoTarget
}

func (l *lister) Activity(_ context.Context, _ string, a studio.App) (time.Time, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.actives++
	return l.active[a.Space+a.Profile], l.err
}

// world is what the tests find: research with jane's, joe's, shared and nobody's
// spaces, and prod.
func world() *lister {
	lab := func(name, owner string, shared bool) studio.Space {
		return studio.Space{Name: name, Owner: owner, Shared: shared, App: studio.Lab, Status: studio.InService}
	}
	return &lister{
		spaces: map[string][]studio.Space{
			"research": {lab("Janes-Lab", "Jane-Doe", false), lab("joes-lab", "joe", false), lab("team", "", true), lab("team-of-joe", "joe", true), lab("team-of-jane", "jane-doe", true), lab("nobodys", "", false)},
			"prod":     {lab("prods-lab", "jane-doe", false)},
		},
		apps: map[string][]studio.App{"research": {
			{Space: "janes-lab", Kind: studio.Lab, Type: "JupyterLab", Name: "default", Status: studio.InService, Instance: "ml.t3.medium"},
			{Space: "joes-lab", Kind: studio.Lab, Type: "JupyterLab", Name: "default", Status: studio.InService},
			{Profile: "JANE-doe", Kind: studio.Canvas, Type: "Canvas", Name: "default", Status: studio.InService},
			{Profile: "joe", Kind: studio.Canvas, Type: "Canvas", Name: "default", Status: studio.InService},
		}},
		notebooks: map[string][]studio.NotebookInstance{"research": {
			{Name: "Tagged", Status: studio.InService, Tags: map[string]string{"slack": "U0JANE"}},
			{Name: "of-workspace", Status: studio.InService, Tags: map[string]string{"slack": "T1/U0JANE"}},
			{Name: "of-another-workspace", Status: studio.InService, Tags: map[string]string{"slack": "T2/U0JANE"}},
			{Name: "joes-box", Status: studio.InService, Tags: map[string]string{"slack": "U0JOE"}},
			{Name: "untagged", Status: studio.InService},
			{Name: "gpu-box", Status: studio.Stopped},
		}},
		active: map[string]time.Time{},
	}
}

func jane() studio.Person { return studio.Person{Team: "T1", User: "U0JANE"} }

// newKeeper isn't watching yet.
func newKeeper(t *testing.T, l *lister, with ...func(*running.Options)) *running.Keeper {
	t.Helper()
	o := running.Options{
		Lister:  l,
		Domains: []studio.Domain{{Name: "research", Label: "Research"}, {Name: "prod", Label: "Production"}},
		Places:  []string{"research"}, Place: func(string) string { return "research" },
		Tag: "slack", Servers: map[string][]string{"research": {"tracking"}},
		Granted: func(p studio.Person) ([]studio.NotebookGrant, error) {
			if p == jane() {
				return []studio.NotebookGrant{{Name: "gpu-box"}}, nil
			}
			return nil, nil
		},
		Log: slog.New(slog.DiscardHandler),
	}
	for _, w := range with {
		w(&o)
	}
	return running.New(o)
}

// watch lets it read until the test ends.
func watch(t *testing.T, k *running.Keeper) {
	t.Helper()
	go k.Watch(t.Context())
}
