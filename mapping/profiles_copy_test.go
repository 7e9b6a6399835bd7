package mapping_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/studio"
)

const copyName = "profiles/research/slack-user-id"

// After a restart the copy answers at once, as old as it is.
func TestProfilesCopy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &copies{}
		with := func(o *mapping.ProfilesOptions) { o.Copies = c }
		l := newLister("Jane=U0JANE", "joe=nonsense", "two=U0TWO", "second=T1/U0TWO", "gone=U0GONE!Failed")
		mustPass(t, newTags(t, l, with))
		if len(c.data) != 1 || c.data[copyName] == nil {
			t.Fatalf("%d copies", len(c.data))
		}
		time.Sleep(5 * time.Hour)
		p := newTags(t, l, with)
		p.Load(t.Context())
		for person, want := range map[string]string{"T1/U0JANE": "Jane", "T1/U0TWO": "conflict", "T2/U0TWO": "two", "T1/U0GONE": "gone", "T1/U0NOBODY": ""} {
			if got := says(t, p.source, person); got != want {
				t.Errorf("%s: %q, want %q", person, got, want)
			}
		}
		if age, _ := p.Age("research"); age != 5*time.Hour || p.told() != "" {
			t.Errorf("age %v", age)
		}
		if p.log.count("several user profiles claim") != 1 || p.log.count("value=nonsense") != 1 {
			t.Error("what deserves a look isn't told again after a restart")
		}
		time.Sleep(time.Hour)
		if got := says(t, p.source, "T1/U0JANE"); got != "error" {
			t.Errorf("too old: %q", got)
		}
		p = newTags(t, l, with)
		p.Load(t.Context())
		if _, complete := p.Age("research"); complete {
			t.Error("a copy that is too old was loaded")
		}
		l.set("Jane=U0NEW")
		mustPass(t, p)
		p.Load(t.Context()) // what was read stays
		if says(t, p.source, "T1/U0NEW") != "Jane" {
			t.Error("a copy took the place of a reading")
		}
	})
}

// A copy that lets know what changed while the process was away tells it.
func TestProfilesCopyTellsWhatChanged(t *testing.T) {
	t.Parallel()
	c := &copies{}
	with := func(o *mapping.ProfilesOptions) { o.Copies = c }
	l := newLister("jane=U0JANE", "joe=U0JOE")
	mustPass(t, newTags(t, l, with))
	l.set("joe=U0NEW")
	p := newTags(t, l, with)
	p.Load(t.Context())
	mustPass(t, p)
	if got := p.told(); got != "/U0JOE" {
		t.Errorf("told %q", got)
	}
	if order := l.readOrder(); !strings.HasSuffix(order, "joe jane") {
		t.Errorf("read %s", order)
	}
}

func TestProfilesCopyOfSomethingElse(t *testing.T) {
	t.Parallel()
	research := studio.Domain{Name: "research", ID: "d-research", Region: "us-west-2"}
	c := &copies{}
	mustPass(t, newTags(t, newLister("jane=U0JANE"), func(o *mapping.ProfilesOptions) { o.Copies = c }))
	good := string(c.data[copyName])
	for _, k := range []struct {
		name, data string
		domain     studio.Domain
		taken      time.Duration
		loads      bool
	}{
		{"as it was", good, research, time.Minute, true},
		{"another domain by that name", good, studio.Domain{Name: "research", ID: "d-other", Region: "us-west-2"}, time.Minute, false},
		{"another region", good, studio.Domain{Name: "research", ID: "d-research", Region: "eu-west-1"}, time.Minute, false},
		{"of the future", good, research, -time.Minute, false},
		{"another version", strings.Replace(good, `"version":1`, `"version":2`, 1), research, time.Minute, false},
		{"another tag", strings.Replace(good, "slack-user-id", "owner", 1), research, time.Minute, false},
		{"no profile's name", strings.Replace(good, `"jane"`, `"../jane"`, 1), research, time.Minute, false},
		{"no status", strings.Replace(good, "InService", "", 1), research, time.Minute, false},
		{"a tag without end", strings.Replace(good, "U0JANE", strings.Repeat("x", 200), 1), research, time.Minute, false},
		{"twice", strings.Replace(good, `"profiles":[`, `"profiles":[{"n":"JANE","s":"Failed","m":1},`, 1), research, time.Minute, false},
		{"something more", good + "{}", research, time.Minute, false},
		{"a key more", strings.Replace(good, `{"version"`, `{"more":1,"version"`, 1), research, time.Minute, false},
		{"cut", good[:len(good)-3], research, time.Minute, false},
		{"empty", "", research, time.Minute, false},
	} {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			c := &copies{}
			if err := c.KeepCopy(t.Context(), copyName, time.Now().Add(-k.taken), []byte(k.data)); err != nil {
				t.Fatal(err)
			}
			p := newTags(t, newLister(), func(o *mapping.ProfilesOptions) { o.Copies, o.Domains = c, []studio.Domain{k.domain} })
			p.Load(t.Context())
			if got := says(t, p.source, "T1/U0JANE"); (got == "jane") != k.loads || !k.loads && got != "error" {
				t.Errorf("%q", got)
			}
			if n := p.log.count("of no use"); (n == 0) != k.loads {
				t.Errorf("told %d times", n)
			}
		})
	}
}

// A store that is away costs a warning, and nothing else.
func TestProfilesCopiesAway(t *testing.T) {
	t.Parallel()
	p := newTags(t, newLister("jane=U0JANE"), func(o *mapping.ProfilesOptions) { o.Copies = &copies{fails: errSageMaker} })
	p.Load(t.Context())
	mustPass(t, p)
	if says(t, p.source, "T1/U0JANE") != "jane" || p.log.count("can't be read") != 1 || p.log.count("weren't kept") != 1 {
		t.Error("a store that is away")
	}
}

// Whatever stands in the store: nothing panics, and nobody gets what is no
// profile's name.
func FuzzProfilesCopy(f *testing.F) {
	c := &copies{}
	p := newTags(f, newLister("jane=U0JANE", "joe=T1/U0JOE", "x=bad", "y!Deleting"), func(o *mapping.ProfilesOptions) { o.Copies = c })
	mustPass(f, p)
	f.Add(c.data[copyName])
	f.Add([]byte(`{"version":1,"id":"d-research","region":"us-west-2","tag":"slack-user-id","profiles":[{"n":"-","s":"","m":0}]}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, data []byte) {
		c := &copies{}
		if err := c.KeepCopy(t.Context(), copyName, time.Now().Add(-time.Second), data); err != nil {
			t.Fatal(err)
		}
		p := newTags(t, newLister(), func(o *mapping.ProfilesOptions) { o.Copies = c })
		p.Load(t.Context())
		m := newMapping(t, p.source)
		_, complete := p.Age("research")
		p.source.Entries(func(who studio.Person, _ string, a mapping.Answer) bool {
			if !complete {
				t.Errorf("%s from a copy that doesn't count", who)
			}
			if a.Conflict == "" && m.Allowed(t.Context(), jane(), studio.Option{Domain: "research", Profile: a.Profile}) == nil && who.User != jane().User {
				t.Errorf("%s of %s for another", a.Profile, who)
			}
			return true
		})
	})
}
