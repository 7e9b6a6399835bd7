package requests_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/studiobot/studiobot/audit"
	"github.com/studiobot/studiobot/requests"
	"github.com/studiobot/studiobot/store/memory"
	"github.com/studiobot/studiobot/studio"
)

var (
	uma = studio.Person{Team: "T0ACME", User: "U0UMA"}
	ann = studio.Person{Team: "T0ACME", User: "U0ANN"}
	abe = studio.Person{Team: "T0ACME", User: "U0ABE"}
)

var errAway = errors.New("away")

// world is everything around a Service, by its contracts: what is told, linked
// and made, and what fails so many times.
type world struct {
	t     *testing.T
	store *memory.Store
	*requests.Service
	log *strings.Builder

	mu       sync.Mutex
	shown    []studio.Request
	told     []studio.Request
	links    []string
	profiles map[string]studio.Profile
	tags     map[string]map[string]string
	created  []studio.NewProfile
	fails    map[string]int // by what is called; what fails has had its effect where happened says so
	others   []studio.Person
	denied   error
	rows     map[string]string // the table: profiles by user and domain
	onLink   func()
	happened bool
	onFail   func()
	onShow   func()
	notAdmin error
}

// fail says whether a call fails this time.
func (w *world) fail(what string) bool {
	if w.fails[what] > 0 {
		w.fails[what]--
		if w.onFail != nil {
			w.onFail()
		}
		return true
	}
	return false
}

func (w *world) Show(_ context.Context, r studio.Request) (string, string, error) {
	if w.onShow != nil {
		w.onShow()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	failed := w.fail("show")
	if !failed || w.happened {
		w.shown = append(w.shown, r)
	}
	if failed {
		return "", "", errAway
	}
	return "C0APPROVE", "1.1", nil
}

func (w *world) Tell(_ context.Context, r studio.Request) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	failed := w.fail("tell")
	if !failed || w.happened {
		w.told = append(w.told, r)
	}
	if failed {
		return errAway
	}
	if w.fail("nobody") {
		return studio.ErrUnknownPerson
	}
	return nil
}

func (w *world) Unlink(_ context.Context, r studio.Request) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.fail("unlink") {
		return errAway
	}
	delete(w.rows, r.Person.User+"/"+r.Domain)
	return nil
}

func (w *world) Link(_ context.Context, r studio.Request) error {
	if w.onLink != nil {
		w.onLink()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	failed := w.fail("link")
	if !failed || w.happened {
		w.links = append(w.links, fmt.Sprintf("%s %s %s %s", r.Person, r.Domain, r.Profile, r.Decider))
		w.rows[r.Person.User+"/"+r.Domain] = r.Profile
	}
	if failed {
		return errAway
	}
	return nil
}

func (w *world) Profile(_ context.Context, domain, name string) (studio.Profile, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.fail("look") {
		return studio.Profile{}, studio.ErrUnavailable
	}
	if w.fail("forbidden") {
		return studio.Profile{}, studio.ErrForbidden
	}
	p, ok := w.profiles[domain+"/"+name]
	if !ok {
		return p, studio.ErrNoProfile
	}
	return p, nil
}

func (w *world) ProfileTags(_ context.Context, domain, name string) (map[string]string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.tags[domain+"/"+name], nil
}

func (w *world) CreateProfile(_ context.Context, p studio.NewProfile) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	failed := w.fail("create")
	if !failed || w.happened {
		if _, twice := w.profiles[p.Domain+"/"+p.Name]; !twice {
			w.created = append(w.created, p)
			w.profiles[p.Domain+"/"+p.Name] = studio.Profile{Name: p.Name, Status: "Pending"}
			w.tags[p.Domain+"/"+p.Name] = p.Tags
		}
	}
	if failed {
		return studio.ErrUnavailable
	}
	return nil
}

// becomes changes the status of a profile.
func (w *world) becomes(name, status string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.profiles[name] = studio.Profile{Name: name, Status: status}
}

func newWorld(t *testing.T, change func(*requests.Options)) *world {
	w := &world{t: t, store: memory.New(memory.Options{}), log: &strings.Builder{}, fails: map[string]int{},
		rows: map[string]string{}, profiles: map[string]studio.Profile{"prod/jane-doe": {Name: "jane-doe", Status: studio.InService}}, tags: map[string]map[string]string{}}
	t.Cleanup(func() { _ = w.store.Close() })
	log := slog.New(slog.NewTextHandler(w.log, nil))
	o := requests.Options{
		Store: w.store, Desk: w, Table: w, Maker: w, Tags: []string{"slack-user-id", "owner"}, Audit: audit.New(log), Log: log,
		Domains: []requests.Domain{{Name: "prod", Label: "Production"}, {Name: "research", Label: "Research", Create: true, Tags: map[string]string{"studiobot": "enabled"}}},
		Denied: func(context.Context, studio.Person, string) error {
			w.mu.Lock()
			defer w.mu.Unlock()
			return w.denied
		},
		Others: func(context.Context, studio.Person, string, string) ([]studio.Person, error) { return w.others, nil },
		Admin: func(_ context.Context, p studio.Person) (bool, error) {
			w.mu.Lock()
			defer w.mu.Unlock()
			return p == ann || p == abe, w.notAdmin
		},
	}
	if change != nil {
		change(&o)
	}
	w.Service = requests.New(o)
	return w
}

// refuse has Denied answer with that error from now on.
func (w *world) refuse(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.denied = err
}

// runs starts Run, in a bubble of synctest.
func (w *world) runs() {
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); w.Run(ctx) }()
	w.t.Cleanup(func() { stop(); <-done })
}

func (w *world) ask(p studio.Person, domain, profile string) studio.Request {
	w.t.Helper()
	r, made, err := w.Ask(w.t.Context(), studio.Asking{Person: p, Domain: domain, Profile: profile, Reason: " because "})
	if err != nil || !made {
		w.t.Fatalf("%+v, %v, %v", r, made, err)
	}
	return r
}

// later lets time pass, and everything that is due be done.
func later(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func by(r studio.Request, p studio.Person) studio.Decision {
	return studio.Decision{ID: r.ID, Serial: r.Serial, By: p}
}

// load is the request as the store has it.
func (w *world) load(r studio.Request) studio.Request {
	w.t.Helper()
	now, err := w.store.LoadRequest(w.t.Context(), r.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	return now
}
