package mapping_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/studio"
)

// addressed is a member with a confirmed address.
func addressed(user, email string) studio.Member {
	m := member(user)
	m.Email = email
	return m
}

// mail is an email source over a directory and profiles of its own.
type mail struct {
	*mapping.Email
	d    *mapping.Directory
	p    *tags
	mu   sync.Mutex
	lost []string
}

func newMail(t testing.TB, l mapping.Lister, a *asker, template string) *mail {
	log, _ := newLog(t)
	out := &mail{p: newTags(t, l, func(o *mapping.ProfilesOptions) { o.Tag = "" })}
	out.d = mapping.NewDirectory(mapping.DirectoryOptions{
		Asker: a, Log: log, Emails: true, Observe: func(before, after studio.Member) { out.Observe(before, after) },
	})
	var err error
	out.Email, err = mapping.NewEmail(mapping.EmailOptions{
		Template: template, MailDomains: []string{"Example.com", "example.org"}, Profiles: out.p.Profiles, Directory: out.d,
		Changed: func(lost []studio.Person) {
			out.mu.Lock()
			defer out.mu.Unlock()
			for _, p := range lost {
				out.lost = append(out.lost, p.String())
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	out.d.SetHome(ourTeam, "")
	return out
}

func (m *mail) told() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := strings.Join(m.lost, " ")
	m.lost = nil
	return out
}

func TestEmailLookup(t *testing.T) {
	t.Parallel()
	m := newMail(t, newLister("jane-doe", "Joe", "leaving!Deleting", "both", "left", "botty", "far", "guest", "dot"), &asker{}, "{{ .Local }}")
	mustPass(t, m.p)
	bot, far, connected, guest, left := addressed("U0BOT", "botty@example.com"), addressed("U0FAR", "far@example.com"), addressed("U0CONN", "joe@example.org"), addressed("U0GUEST", "guest@example.com"), addressed("U0LEFT2", "left@example.org")
	bot.Bot, far.Stranger, connected.Team, guest.Guest, left.Deleted = true, true, "T9", true, true
	read(m.d,
		addressed("U0JANE", "jane.doe@example.com"), addressed("U0JOE", "joe@example.com"), addressed("U0LEAVING", "leaving@example.com"),
		addressed("U0BOTH1", "both@example.com"), addressed("U0BOTH2", "both@example.org"),
		addressed("U0LEFT1", "left@example.com"), left, bot, addressed("U0BOTTY", "botty@example.org"), far, connected, guest,
		addressed("U0SUB", "dot@eu.example.com"), addressed("U0OTHER", "dot@example.net"), addressed("U0NONE", "nobody@example.com"),
		addressed("U0ODD", "o'odd@example.com"), member("U0BARE"),
		addressed("U0PLUS1", "any+guest@example.com"), addressed("U0PLUS2", "jane+doe@example.com")) // they'd choose somebody's name, or take it from them
	for user, want := range map[string]string{
		"U0JANE": "jane-doe", "U0JOE": "Joe", "U0GUEST": "guest", "U0BOTTY": "botty",
		"U0LEAVING": "leaving@example.com makes leaving, which doesn't exist in research",
		"U0BOTH1":   "both@example.com makes both, as those of others do, 2 people in all; none of them gets it",
		"U0BOTH2":   "both@example.org makes both, as those of others do, 2 people",
		"U0LEFT1":   "as those of others do, 2 people",
		"U0BOT":     "bots and people of other workspaces don't count",
		"U0FAR":     "bots and people of other workspaces don't count",
		"U0CONN":    "bots and people of other workspaces don't count",
		"U0SUB":     "dot@eu.example.com isn't of a mail domain that counts",
		"U0OTHER":   "dot@example.net isn't of a mail domain that counts",
		"U0NONE":    "nobody@example.com makes nobody, which doesn't exist in research",
		"U0ODD":     "o'odd@example.com makes no name",
		"U0BARE":    "Slack has no confirmed e-mail address",
		"U0PLUS1":   "any+guest@example.com has a plus sign",
		"U0PLUS2":   "jane+doe@example.com has a plus sign",
		"U0UNKNOWN": "Slack knows no such person",
	} {
		p := studio.Person{Team: ourTeam, User: user}
		a, err := m.Lookup(t.Context(), p, "research")
		why := m.Why(t.Context(), p, "research")
		switch {
		case err != nil || a.Denied || a.Conflict != "":
			t.Errorf("%s: %+v, %v", user, a, err)
		case a.Known && (a.Profile != want || why != "" || !strings.HasPrefix(a.Origin, "email ") || !strings.Contains(a.Origin, "@example.")):
			t.Errorf("%s: %+v, %q", user, a, why)
		case !a.Known && !strings.Contains(why, want):
			t.Errorf("%s: %q, want %q", user, why, want)
		}
	}
	var all []string
	m.Entries(func(p studio.Person, domain string, a mapping.Answer) bool {
		all = append(all, p.User+" "+domain+" "+a.Profile+" "+a.Origin)
		return true
	})
	if got := strings.Join(all, ", "); got != "U0BOTTY research botty email botty@example.org, U0GUEST research guest email guest@example.com, "+
		"U0JANE research jane-doe email jane.doe@example.com, U0JOE research Joe email joe@example.com" {
		t.Error(got)
	}
}

// Without everything that it takes to say yes it says that it can't say.
func TestEmailCantAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		away := &asker{answer: func(context.Context, string) (studio.Member, error) { return studio.Member{}, errAway }}
		l := newLister("jane")
		m := newMail(t, l, away, "{{ .Local }}")
		check := func(when, want string) {
			t.Helper()
			if got := says(t, m, "T0HOME/U0JANE"); got != want {
				t.Errorf("%s: %q, want %q", when, got, want)
			}
		}
		everybody := []studio.Member{addressed("U0JANE", "jane@example.com"), addressed("U0JOE", "joe@example.com")}
		check("nothing is known", "error")
		mustPass(t, m.p)
		m.d.Put(everybody[0])
		check("the workspace wasn't read", "error")
		r := m.d.Begin()
		r.Add(everybody...)
		check("the reading isn't complete", "error")
		r.Done()
		check("all is known", "jane")
		if got := says(t, m, "T0HOME/U0NEW"); got != "error" {
			t.Errorf("Slack can't say: %q", got)
		}
		time.Sleep(time.Hour - time.Second)
		m.d.Put(everybody[0]) // fresh, but who else has the name isn't
		check("just before the reading is too old", "jane")
		time.Sleep(2 * time.Second)
		check("the reading is too old", "error")
		read(m.d, everybody...)
		check("read again", "jane")
		time.Sleep(31 * time.Minute)
		check("the person is stale, and Slack away", "error")
		time.Sleep(6 * time.Hour)
		read(m.d, everybody...)
		check("the profiles are too old", "error")
		l.failList = func(int) error { return errSageMaker }
		_ = m.p.Pass(t.Context())
		check("and can't be read", "error")
		l.failList = nil
		mustPass(t, m.p)
		check("all again", "jane")
	})
}

// Who has a name changes by events; those who had it alone are told of.
func TestEmailNamesFollowEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMail(t, newLister("jane", "doe"), &asker{}, "{{ .Local }}")
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); m.Watch(ctx) }()
		mustPass(t, m.p)
		one, two, three := addressed("U1", "jane@example.com"), addressed("U2", "jane@example.org"), addressed("U3", "doe@example.com")
		gone, asBot, asStranger := two, two, two
		gone.Deleted, asBot.Bot, asStranger.Stranger = true, true, true
		read(m.d, one, two, three)
		read(m.d, one, three)
		for _, step := range []struct {
			name           string
			put            studio.Member
			u1, u2, u3, to string
		}{
			{"nothing new", one, "jane", "", "doe", ""},
			{"another comes", two, "", "", "doe", "/U1"},
			{"is deactivated", gone, "", "", "doe", ""},
			{"turns out to be a bot", asBot, "jane", "", "doe", ""},
			{"to be a person", two, "", "", "doe", "/U1"},
			{"to be a stranger", asStranger, "jane", "", "doe", ""},
			{"is back", two, "", "", "doe", "/U1"},
			{"the first moves on", addressed("U1", "doe@example.org"), "", "jane", "", "/U3"},
			{"the third has none", member("U3"), "doe", "jane", "", ""},
			{"they swap", addressed("U2", "x@example.org"), "doe", "", "", "/U2"},
			{"really", addressed("U1", "jane@example.org"), "jane", "", "", "/U1"},
		} {
			m.d.Put(step.put)
			synctest.Wait()
			if u1, u2, u3 := says(t, m, "T0HOME/U1"), says(t, m, "T0HOME/U2"), says(t, m, "T0HOME/U3"); u1 != step.u1 || u2 != step.u2 || u3 != step.u3 {
				t.Errorf("%s: %q %q %q", step.name, u1, u2, u3)
			}
			if got := m.told(); got != step.to {
				t.Errorf("%s: told %q, want %q", step.name, got, step.to)
			}
		}
		cancel()
		<-done
	})
}

// An older word on somebody doesn't give a name back.
func TestEmailYoungestWord(t *testing.T) {
	t.Parallel()
	m := newMail(t, newLister("jane"), &asker{}, "{{ .Local }}")
	mustPass(t, m.p)
	read(m.d, addressed("U1", "jane@example.com"), addressed("U2", "x@example.com"))
	r := m.d.Begin()
	m.d.Put(addressed("U1", "y@example.com"))
	m.d.Put(addressed("U2", "jane@example.com"))
	r.Add(addressed("U1", "jane@example.com"), addressed("U2", "x@example.com"))
	r.Done()
	if says(t, m, "T0HOME/U1") != "" || says(t, m, "T0HOME/U2") != "jane" {
		t.Error("an older word counts")
	}
}

func TestNewEmailRefuses(t *testing.T) {
	t.Parallel()
	with := mapping.NewDirectory(mapping.DirectoryOptions{Emails: true})
	if _, err := mapping.NewEmail(mapping.EmailOptions{Template: "{{ .Name }}", Directory: with}); err == nil {
		t.Error("an unknown field")
	}
	if _, err := mapping.NewEmail(mapping.EmailOptions{Template: "{{ .Local }}", Directory: newDirectory(t, &asker{}, nil)}); err == nil {
		t.Error("a directory without addresses")
	}
}

// For the race detector; and in the end the names are those of the directory.
func TestEmailConcurrently(t *testing.T) {
	t.Parallel()
	m := newMail(t, newLister("jane"), &asker{}, "{{ .Local }}")
	mustPass(t, m.p)
	read(m.d, addressed("U1", "jane@example.com"))
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			for n := range 300 {
				switch i {
				case 0:
					m.d.Put(addressed("U1", []string{"jane@example.com", "x@example.com"}[n%2]))
				case 1:
					m.d.Put(addressed("U2", []string{"x@example.com", "jane@example.com"}[n%2]))
				case 2:
					a, err := m.Lookup(t.Context(), studio.Person{Team: ourTeam, User: "U1"}, "research")
					if err == nil && a.Known && a.Profile != "jane" || errors.Is(err, studio.ErrDenied) {
						t.Errorf("%+v, %v", a, err)
					}
				case 3:
					if n%50 == 0 {
						read(m.d, addressed("U1", "jane@example.com"), addressed("U2", "x@example.com"))
					}
				}
			}
		})
	}
	all.Wait()
	m.d.Put(addressed("U2", "x@example.com"))
	m.d.Put(addressed("U1", "jane@example.com"))
	if got := says(t, m, "T0HOME/U1"); got != "jane" {
		t.Errorf("%q", got)
	}
}
