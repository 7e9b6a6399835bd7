package mapping_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/studio"
)

var errSageMaker = errors.New("sagemaker is away")

// lister answers for SageMaker: the other side of mapping.Profiles, by its
// contract. Lists and tag readings are counted from 1.
type lister struct {
	mu       sync.Mutex
	profiles map[string]studio.Profile // by domain/name
	tags     map[string]string         // by domain/name: the one tag of these tests
	lists    int
	reads    int
	order    []string // whose tags were read

	failList func(n int) error
	cut      func(n int) bool // the n-th list ends early, without an error
	failTag  func(n int, name string) error
	before   func(n int, name string) // called before the n-th tags are read
	each     time.Duration            // what reading one profile's tags takes
}

func newLister(entries ...string) *lister {
	l := &lister{profiles: map[string]studio.Profile{}, tags: map[string]string{}}
	for _, e := range entries {
		l.set(e)
	}
	return l
}

// set makes a profile as it is written here: name, name=tag or name=tag!Status,
// in research; prod/name in prod.
func (l *lister) set(entry string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	entry, status, _ := strings.Cut(entry, "!")
	name, tag, _ := strings.Cut(entry, "=")
	if !strings.HasPrefix(name, "prod/") {
		name = "research/" + name
	}
	if status == "" {
		status = studio.InService
	}
	_, bare, _ := strings.Cut(name, "/")
	before := l.profiles[name]
	l.profiles[name] = studio.Profile{Name: bare, Status: status, Modified: before.Modified.Add(time.Second)}
	l.tags[name] = tag
}

// retag changes a tag in a way that SageMaker doesn't count as a change.
func (l *lister) retag(name, tag string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tags["research/"+name] = tag
}

func (l *lister) remove(names ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, n := range names {
		delete(l.profiles, "research/"+n)
	}
}

func (l *lister) Profiles(_ context.Context, domain string, each func(studio.Profile) error) error {
	l.mu.Lock()
	l.lists++
	n := l.lists
	var all []studio.Profile
	for key, p := range l.profiles {
		if strings.HasPrefix(key, domain+"/") {
			all = append(all, p)
		}
	}
	l.mu.Unlock()
	slices.SortFunc(all, func(a, b studio.Profile) int { return strings.Compare(a.Name, b.Name) })
	if l.cut != nil && l.cut(n) {
		return nil
	}
	for i, p := range all {
		if l.failList != nil && i >= len(all)/2 {
			if err := l.failList(n); err != nil {
				return err
			}
		}
		if err := each(p); err != nil {
			return err
		}
	}
	if l.failList != nil {
		return l.failList(n)
	}
	return nil
}

func (l *lister) ProfileTags(ctx context.Context, domain, name string) (map[string]string, error) {
	if l.each > 0 {
		select {
		case <-time.After(l.each):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	l.mu.Lock()
	l.reads++
	n := l.reads
	l.order = append(l.order, name)
	l.mu.Unlock()
	if l.before != nil {
		l.before(n, name)
	}
	if l.failTag != nil {
		if err := l.failTag(n, name); err != nil {
			return nil, err
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.profiles[domain+"/"+name]; !ok {
		return nil, fmt.Errorf("list tags: %w", studio.ErrNoProfile)
	}
	return map[string]string{"slack-user-id": l.tags[domain+"/"+name], "owner": "U0OWNER"}, nil
}

// readOrder is whose tags were read since it was asked last.
func (l *lister) readOrder() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := strings.Join(l.order, " ")
	l.order = nil
	return out
}

// copies keeps copies in memory, by contract.
type copies struct {
	mu    sync.Mutex
	data  map[string][]byte
	taken map[string]time.Time
	fails error
}

func (c *copies) KeepCopy(_ context.Context, name string, taken time.Time, data []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fails != nil {
		return c.fails
	}
	if c.data == nil {
		c.data, c.taken = map[string][]byte{}, map[string]time.Time{}
	}
	if taken.After(c.taken[name]) {
		c.data[name], c.taken[name] = slices.Clone(data), taken
	}
	return nil
}

// CopySince is as a store's.
func (c *copies) CopySince(ctx context.Context, name string, since time.Time) ([]byte, time.Time, error) {
	data, taken, err := c.Copy(ctx, name)
	if err != nil || !since.IsZero() && !taken.After(since) {
		return nil, time.Time{}, err
	}
	return data, taken, nil
}

func (c *copies) Copy(_ context.Context, name string) ([]byte, time.Time, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.data[name]), c.taken[name], c.fails
}

// tags are Profiles with their tag source, and what they told.
type tags struct {
	*mapping.Profiles
	source *mapping.Tag
	log    *logbook

	mu   sync.Mutex
	lost []string
}

func newTags(t testing.TB, l mapping.Lister, change ...func(*mapping.ProfilesOptions)) *tags {
	log, book := newLog(t)
	out := &tags{log: book}
	o := mapping.ProfilesOptions{
		Lister: l, Domains: []studio.Domain{{Name: "research", ID: "d-research", Region: "us-west-2"}}, Tag: "slack-user-id", Log: log,
		Changed: func(lost []studio.Person) {
			out.mu.Lock()
			defer out.mu.Unlock()
			for _, p := range lost {
				a, _ := out.source.Lookup(context.Background(), p, "research") // in force already, no lock held
				out.lost = append(out.lost, strings.TrimSuffix(p.String()+">"+a.Profile, ">"))
			}
		},
	}
	for _, c := range change {
		c(&o)
	}
	if _, quiet := t.(*testing.B); quiet {
		o.Log = slog.New(slog.DiscardHandler)
	}
	out.Profiles = mapping.NewProfiles(o)
	out.source = mapping.NewTag(out.Profiles)
	return out
}

// told returns who was told to have lost something since it was asked last.
func (g *tags) told() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	out := strings.Join(g.lost, " ")
	g.lost = nil
	return out
}

// says is what the source says of a person in research.
func says(t *testing.T, s mapping.Source, person string) string {
	t.Helper()
	team, user, _ := strings.Cut(person, "/")
	a, err := s.Lookup(t.Context(), studio.Person{Team: team, User: user}, "research")
	switch {
	case err != nil:
		return "error"
	case a.Conflict != "":
		return "conflict"
	case a.Denied:
		return "deny"
	case a.Known:
		return a.Profile
	}
	return ""
}

func mustPass(t testing.TB, p *tags) {
	t.Helper()
	if err := p.Pass(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// manyDomains lists one profile in each domain, when it is let go.
type manyDomains struct {
	hold chan struct{}
	mu   sync.Mutex
	of   []string
}

func (l *manyDomains) Profiles(ctx context.Context, domain string, each func(studio.Profile) error) error {
	l.mu.Lock()
	l.of = append(l.of, domain)
	l.mu.Unlock()
	select {
	case <-l.hold:
	case <-ctx.Done():
		return ctx.Err()
	}
	return each(studio.Profile{Name: "jane", Status: studio.InService})
}

func (l *manyDomains) ProfileTags(context.Context, string, string) (map[string]string, error) {
	return nil, errors.New("nobody asked for tags")
}

func (l *manyDomains) begun() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.of)
}
