package studiobot_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/studiobot/studiobot/internal/slacksim"
	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/store/sqlite"
	"github.com/studiobot/studiobot/studio"
)

// shared is a setup whose table is in a database that another process, like
// import, writes to with put.
func shared(t *testing.T, s setup) (setup, func(links ...mapping.Link)) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bot.db")
	s.config = "store: \"sqlite:" + path + "\""
	return s, func(links ...mapping.Link) {
		t.Helper()
		store, err := sqlite.Open(context.Background(), path, sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		if err := store.PutLinks(context.Background(), links...); err != nil {
			t.Fatal(err)
		}
	}
}

// A denial in the table stands against a request whose button is older.
func TestDenialIsNotAskedAway(t *testing.T) {
	t.Parallel()
	s, put := shared(t, asking(t))
	r := start(t, s)
	old := r.command("U0UMA", "")
	early := r.ask("U0UMA", map[string]string{"domain": "research", "profile": "uma-lind", "reason": "x"})
	put(mapping.Link{Person: studio.Person{User: "U0UMA"}, Denied: true, By: "import", At: time.Now()})
	r.mapped("U0UMA", "turned off")
	r.button("U0ANN", early, "Approve")
	r.last("U0ANN", "An entry denies that person.")
	r.button("U0UMA", old, "Request access")
	r.last("U0UMA", "There is nothing to ask for.")
	if m := says(r.command("U0UMA", "")); !strings.Contains(m, "turned off") {
		t.Errorf("the denial is gone: %s", m)
	}
}

// No admin lifts what denies them.
func TestOwnDenialStays(t *testing.T) {
	t.Parallel()
	s, put := shared(t, asking(t))
	before, ann := s.before, studio.Person{User: "U0ANN"}
	s.before = func(r *rig) {
		before(r)
		put(mapping.Link{Person: ann, Profile: "sam-research", By: "import", At: time.Now()},
			mapping.Link{Person: ann, Domain: "research", Denied: true, By: "import", At: time.Now()})
	}
	r := start(t, s)
	if m := says(r.command("U0ANN", "admin unlink U0ANN research")); !strings.Contains(m, "You can't link or unlink yourself.") {
		t.Error(m)
	}
	if m := says(r.command("U0ANN", "research")); !strings.Contains(m, "turned off") {
		t.Errorf("the denial is gone: %s", m)
	}
}

// Whose a profile is, is said once, however many sources say so.
func TestWhoHasItIsNamedOnce(t *testing.T) {
	t.Parallel()
	r := start(t, allSources(t))
	r.mapped("U0UMA", "as uma-lind")
	r.mapped("U0MAY", "aren't linked")
	r.command("U0ANN", "admin link U0UMA uma-lind research") // beside her address
	m := r.ask("U0MAY", map[string]string{"domain": "research", "profile": "uma-lind", "reason": "x"})
	if text := unescaped(m.Blocks); !strings.Contains(text, "that profile is <@U0UMA>'s already") {
		t.Error(text)
	}
}

// Nobody is given the profile that somebody else's address makes, there or not.
func TestNamesakesProfileIsTaken(t *testing.T) {
	t.Parallel()
	s := allSources(t)
	s.people = append(s.people, slacksim.Person{ID: "U0ROE", Name: "roe", Email: "jane.roe@example.com", EmailConfirmed: true})
	r := start(t, s)
	r.mapped("U0TAG", "as tagged")
	r.mapped("U0MAY", "aren't linked")
	m := r.ask("U0MAY", map[string]string{"domain": "research", "profile": "Jane-Roe", "reason": "x"})
	if text := unescaped(m.Blocks); !strings.Contains(text, "<@U0ROE>") || !strings.Contains(text, "can't be approved") {
		t.Errorf("the approvers aren't told whose it will be: %s", text)
	}
	r.button("U0ANN", m, "Approve")
	r.last("U0ANN", "belongs to somebody else")
	if p, made := r.sagemaker.Profile(researchID, "Jane-Roe"); made {
		t.Errorf("%+v", p)
	}
	// One whose tag names May isn't jane.roe's, whatever it is called.
	r.sagemaker.AddProfile(researchID, "jane-roe")
	r.sagemaker.SetTags(researchID, "jane-roe", map[string]string{"slack-user-id": "U0MAY"})
	r.mapped("U0MAY", "as jane-roe")
	r.mapped("U0ROE", "aren't linked")
}
