package mapping_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/studio"
)

// source has one answer, or failure, per domain; nothing for the others.
type source map[string]any

func (s source) Lookup(_ context.Context, _ studio.Person, domain string) (mapping.Answer, error) {
	switch v := s[domain].(type) {
	case string:
		return mapping.Answer{Known: true, Profile: v}, nil
	case mapping.Answer:
		return v, nil
	case error:
		return mapping.Answer{}, v
	}
	return mapping.Answer{}, nil
}

var errOutage = errors.New("the source is out")

// mapped returns a mapping for a workspace that has jane.
func mapped(t testing.TB, sources ...mapping.Source) *mapping.Mapping {
	d := newDirectory(t, &asker{}, nil)
	d.Put(member("U0JANE"))
	return mapping.New(mapping.Options{
		Domains: []studio.Domain{
			{Name: "research", Label: "Research", Open: studio.Home},
			{Name: "prod", Label: "Production", Open: "app:JupyterLab:"},
		},
		Sources: sources, Directory: d,
	})
}

func TestOptions(t *testing.T) {
	t.Parallel()
	deny := mapping.Answer{Known: true, Denied: true}
	for _, c := range []struct {
		name    string
		sources []mapping.Source
		want    []string // research, prod; domain/profile
		err     error
	}{
		{"no source", nil, nil, studio.ErrNotMapped},
		{"nobody knows", []mapping.Source{source{}, source{}}, nil, studio.ErrNotMapped},
		{"in the order of the config", []mapping.Source{source{"prod": "p", "research": "r"}}, []string{"research/r", "prod/p"}, nil},
		{"the first that knows counts", []mapping.Source{source{"prod": "first"}, source{"prod": "second", "research": "r"}}, []string{"research/r", "prod/first"}, nil},
		{"deny stops", []mapping.Source{source{"prod": deny}, source{"prod": "p", "research": "r"}}, []string{"research/r"}, nil},
		{"denied without Known too", []mapping.Source{source{"prod": mapping.Answer{Denied: true}}, source{"prod": "p"}}, nil, studio.ErrDenied},
		{"denied everywhere", []mapping.Source{source{"prod": deny, "research": deny}, source{"prod": "p", "research": "r"}}, nil, studio.ErrDenied},
		{"deny after a grant is too late", []mapping.Source{source{"prod": "p"}, source{"prod": deny}}, []string{"prod/p"}, nil},
		{"an outage doesn't fall through", []mapping.Source{source{"prod": errOutage}, source{"prod": "weaker"}}, nil, studio.ErrUnsure},
		{"an outage of one domain", []mapping.Source{source{"prod": errOutage}, source{"prod": "weaker", "research": "r"}}, []string{"research/r"}, nil},
		{"an outage after a grant", []mapping.Source{source{"prod": "p"}, source{"prod": errOutage}}, []string{"prod/p"}, nil},
		{"an outage outweighs a denial", []mapping.Source{source{"prod": errOutage, "research": deny}}, nil, studio.ErrUnsure},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			options, err := mapped(t, c.sources...).Options(t.Context(), jane())
			var got []string
			for _, o := range options {
				got = append(got, o.Domain+"/"+o.Profile)
			}
			if !errors.Is(err, c.err) || !slices.Equal(got, c.want) {
				t.Errorf("%v %v, want %v %v", got, err, c.want, c.err)
			}
			if errors.Is(err, studio.ErrUnsure) && (errors.Is(err, studio.ErrNotMapped) || errors.Is(err, studio.ErrDenied)) {
				t.Errorf("%v is unsure and an answer", err)
			}
		})
	}
}

func TestOptionsSayWhatIsOpened(t *testing.T) {
	t.Parallel()
	got, err := mapped(t, source{"prod": "Jane"}).Options(t.Context(), jane())
	want := []studio.Option{{Domain: "prod", Label: "Production", Profile: "Jane", Target: "app:JupyterLab:"}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%+v %v", got, err)
	}
}

func TestAllowed(t *testing.T) {
	t.Parallel()
	option := func(domain, profile string) studio.Option { return studio.Option{Domain: domain, Profile: profile} }
	deny := mapping.Answer{Known: true, Denied: true}
	for _, c := range []struct {
		name    string
		sources []mapping.Source
		o       studio.Option
		want    error
	}{
		{"still theirs", []mapping.Source{source{"prod": "jane"}}, option("prod", "jane"), nil},
		{"in other letters", []mapping.Source{source{"prod": "Jane"}}, option("prod", "jANE"), nil},
		{"remapped", []mapping.Source{source{"prod": "joe"}}, option("prod", "jane"), studio.ErrNotMapped},
		{"no longer mapped", []mapping.Source{source{"research": "jane"}}, option("prod", "jane"), studio.ErrNotMapped},
		{"denied by now", []mapping.Source{source{"prod": deny}, source{"prod": "jane"}}, option("prod", "jane"), studio.ErrDenied},
		{"domain gone", []mapping.Source{source{"lab": "jane"}}, option("lab", "jane"), studio.ErrNotMapped},
		{"outage", []mapping.Source{source{"prod": errOutage}, source{"prod": "jane"}}, option("prod", "jane"), studio.ErrUnsure},
		{"outage of another domain", []mapping.Source{source{"research": errOutage, "prod": "jane"}}, option("prod", "jane"), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if err := mapped(t, c.sources...).Allowed(t.Context(), jane(), c.o); !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
}

// TestWhoMayAsk sees both questions refuse whoever isn't let in, though they are
// mapped, and allow them again.
func TestWhoMayAsk(t *testing.T) {
	t.Parallel()
	a := &asker{}
	log, _ := newLog(t)
	d := mapping.NewDirectory(mapping.DirectoryOptions{Asker: a, Log: log})
	m := mapping.New(mapping.Options{Domains: []studio.Domain{{Name: "prod"}}, Sources: []mapping.Source{source{"prod": "jane"}}, Directory: d})
	both := func(p studio.Person, want error) {
		t.Helper()
		options, err := m.Options(t.Context(), p)
		if !errors.Is(err, want) || want != nil && len(options) > 0 {
			t.Errorf("Options: %v %v, want %v", options, err, want)
		}
		if err := m.Allowed(t.Context(), p, studio.Option{Domain: "prod", Profile: "jane"}); !errors.Is(err, want) {
			t.Errorf("Allowed: %v, want %v", err, want)
		}
	}
	d.Put(member("U0JANE"))
	both(jane(), studio.ErrUnsure) // our home isn't known
	d.SetHome(ourTeam, "")
	both(jane(), nil)
	both(studio.Person{Team: "T0OTHER", User: "U0JANE"}, studio.ErrStranger)
	both(studio.Person{User: "U0JANE"}, studio.ErrStranger)
	if n := a.total(); n != 0 {
		t.Errorf("%d questions to Slack", n)
	}
	gone := member("U0JANE")
	gone.Deleted = true
	d.Put(gone)
	both(jane(), studio.ErrDeactivated)
	guest := member("U0JANE")
	guest.Guest = true
	d.Put(guest)
	both(jane(), studio.ErrGuest)
	d.Put(member("U0JANE"))
	both(jane(), nil)
	both(studio.Person{Team: ourTeam, User: "U0NOBODY"}, studio.ErrUnknownPerson)
}
