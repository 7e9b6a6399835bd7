package running

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/studiobot/studiobot/studio"
)

const (
	// readEvery is the pause between two readings while somebody uses them, and
	// usedFor how long they do: what nobody asked about for an hour isn't read.
	readEvery = 2 * time.Minute
	usedFor   = time.Hour
	// patience: a reading takes at most a fifth of the time, however many there
	// are to list.
	patience = 4
	// runsFor is how long a reading says what runs. maxAge is how long it says what
	// exists.
	runsFor = 10 * time.Minute
	maxAge  = 6 * time.Hour
	// retryAfter is the pause after a reading that failed, doubled at each next one
	// up to retryMost.
	retryAfter = 15 * time.Second
	retryMost  = 5 * time.Minute
	// soonAfter is how long after a change it is read: SageMaker needs a moment.
	soonAfter = 2 * time.Second
	// atOnce is how many readings go on at the same time.
	atOnce = 4
)

// Lister lists what exists and runs. studio/sagemaker is the one that production
// has. It paces itself, and what it is asked ends with ctx. Errors wrap the
// sentinels of package studio; their texts go to the log.
type Lister interface {
	// Spaces, Apps and Notebooks call each with everything that there is, in the
	// domain of that name, or in its account and Region. Without an error all were
	// seen.
	Spaces(ctx context.Context, domain string, each func(studio.Space) error) error
	Apps(ctx context.Context, domain string, each func(studio.App) error) error
	Notebooks(ctx context.Context, domain string, each func(studio.NotebookInstance) error) error
	// Space and Notebook return one of them as it is now; studio.ErrNoTarget where
	// there is none.
	Space(ctx context.Context, domain, name string) (studio.Space, error)
	Notebook(ctx context.Context, domain, name string) (studio.NotebookInstance, error)
	// Activity returns when somebody last worked in an app; zero: not known.
	Activity(ctx context.Context, domain string, a studio.App) (time.Time, error)
}

// Options are what a Keeper is made of. Lister, Domains and Log are required.
type Options struct {
	Lister  Lister
	Domains []studio.Domain
	// Places are the Names of the domains whose account and Region notebook
	// instances are in: one for each such pair. A domain that isn't among them
	// shares that of the one that Place returns for it.
	Places []string
	// Place returns the place of a domain, by its Name; nil: the domain is its own.
	Place func(domain string) string
	// Tag is the key of the tag on a notebook instance that holds a Slack user ID;
	// empty: no tag grants any.
	Tag string
	// Granted returns the notebook instances that the mapping gives to a person;
	// nil: none. It answers from memory; an error means that nobody can say now.
	Granted func(p studio.Person) ([]studio.NotebookGrant, error)
	// Servers are the tracking servers of each domain, by its Name.
	Servers map[string][]string
	Log     *slog.Logger
	// Every is the pause between two readings, give or take a tenth; zero: 2
	// minutes.
	Every time.Duration
	// Now is the clock; nil: time.Now.
	Now func() time.Time
}

// Keeper keeps the last good listing of each domain, and of the notebook
// instances of each account and Region. Looking something up asks nobody. Safe
// for concurrent use.
type Keeper struct {
	o         Options
	domains   map[string]*domain
	notebooks map[string]*notebooks // by place
	readings  []*reading
}

// New returns a Keeper that knows nothing yet: see Watch.
func New(o Options) *Keeper {
	if o.Every <= 0 {
		o.Every = readEvery
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Place == nil {
		o.Place = func(domain string) string { return domain }
	}
	k := &Keeper{o: o, domains: map[string]*domain{}, notebooks: map[string]*notebooks{}}
	for _, d := range o.Domains {
		kept := &domain{Domain: d, k: k}
		kept.reading = k.newReading("the spaces and apps of a domain", d.Name, kept.read)
		kept.active = k.newActivity(kept)
		k.domains[d.Name] = kept
	}
	if o.Tag == "" && o.Granted == nil {
		return k
	}
	for _, place := range o.Places {
		kept := &notebooks{place: place, k: k}
		kept.reading = k.newReading("the notebook instances of an account", place, kept.read)
		k.notebooks[place] = kept
	}
	return k
}

// Watch reads everything again and again until ctx ends, each only while somebody
// uses it; once at the start, for the first who does. Nothing is read without it.
func (k *Keeper) Watch(ctx context.Context) {
	turns := make(chan struct{}, atOnce)
	var all sync.WaitGroup
	for _, r := range k.readings {
		all.Go(func() { r.watch(ctx, turns) })
	}
	all.Wait()
}

// Changed says that something in the domain was started, stopped or made: it is
// read again in a moment. It doesn't block.
func (k *Keeper) Changed(domain string) {
	for _, r := range k.of(domain) {
		r.soon()
	}
}

// Refresh reads the domain and its account's notebook instances anew, and returns
// when that is done: with what begins after the call, which all who call meanwhile
// share. An error says that what was known stays; it wraps a sentinel of package
// studio, ErrUnavailable where ctx was over first.
func (k *Keeper) Refresh(ctx context.Context, domain string) error {
	var flights []*flight
	for _, r := range k.of(domain) {
		flights = append(flights, r.again())
	}
	var failed error
	for _, f := range flights {
		if err := f.wait(ctx); err != nil && failed == nil {
			failed = err
		}
	}
	return failed
}

// of are the readings that something in a domain is known by.
func (k *Keeper) of(domain string) []*reading {
	var out []*reading
	if d, ok := k.domains[domain]; ok {
		out = append(out, d.reading)
	}
	if n, ok := k.notebooks[k.o.Place(domain)]; ok {
		out = append(out, n.reading)
	}
	return out
}

// age is what a reading that began then still says.
type age struct{ exists, runs bool }

func (k *Keeper) age(began time.Time) age {
	if began.IsZero() {
		return age{}
	}
	old := k.o.Now().Sub(began)
	return age{exists: old < maxAge, runs: old < runsFor}
}
