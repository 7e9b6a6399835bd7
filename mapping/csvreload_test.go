package mapping_test

import (
	"bytes"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/studio"
)

func csvFile(t *testing.T, text string) string {
	path := filepath.Join(t.TempDir(), "users.csv")
	write(t, path, text)
	return path
}

func TestReloadCSV(t *testing.T) {
	t.Parallel()
	w := watch(t, csvFile(t, "slack_id,profile,domain\nU0JANE,jane,\nU0JANE,jane-r,research\nU0JOE,joe,\n"), time.Hour)
	at := func(domain, want string) {
		t.Helper()
		a, err := w.file.Lookup(t.Context(), jane(), domain)
		if got := strings.TrimSpace(say(a) + " " + a.Origin); err != nil || got != want {
			t.Errorf("%q, %v; want %q", got, err, want)
		}
	}
	at("research", "jane-r users.csv:3")
	at("prod", "jane users.csv:2")
	for i, bad := range []string{"", "slack_id,profile\nU0JANE\n", "U0JANE,a,reserch\n", "U0JANE,\"a"} {
		write(t, w.path, bad)
		w.log.wait(i+1, refused)
		at("research", "jane-r users.csv:3")
	}
	write(t, w.path, "domain;slack_id;name;profile\n;U0JANE;=1;jane\n;U0JOE;x;Joe\n")
	if got := w.waitLost(); got != "[/U0JANE]" {
		t.Errorf("lost %s", got)
	}
	at("research", "jane users.csv:2")
	write(t, w.path, "slack_id,profile\n") // nobody, on purpose
	if got := w.waitLost(); got != "[/U0JANE /U0JOE]" {
		t.Errorf("lost %s", got)
	}
	at("prod", "")
	write(t, w.path, "U0JANE,team\nU0JOE,Team\n")
	w.log.wait(1, "a second look at=users.csv:1: the user profile team belongs to U0JANE (line 1), U0JOE (line 2)")
}

func TestOpenCSVRefuses(t *testing.T) {
	t.Parallel()
	log, _ := newLog(t)
	for text, want := range map[string]int{"": 1, "U1\nU2,a.b,c\n": 3} {
		_, err := mapping.OpenFile(mapping.FileOptions{Path: csvFile(t, text), Domains: configured(), Log: log})
		var mistakes mapping.Mistakes
		if !errors.As(err, &mistakes) || len(mistakes) != want {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// What a file lists is in its order, and ends when nobody wants more.
func TestFileEntries(t *testing.T) {
	t.Parallel()
	log, _ := newLog(t)
	f, err := mapping.OpenFile(mapping.FileOptions{Path: csvFile(t, "U2,b\nT1/U1,deny,prod\nU1,a\nU3,c\n"), Domains: configured(), Log: log})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	s := mapping.NewSheet(&b, "source", "name")
	f.Entries(func(p studio.Person, domain string, a mapping.Answer) bool {
		s.Row(p, domain, a, a.Origin, "=HYPERLINK(\"http://example.com\")")
		return p.User != "U1" || p.Team != ""
	})
	s.Row(studio.Person{User: "U9"}, "", mapping.Answer{Profile: "z"}, "-1", "Doe, \"J\"")
	if err := s.End(); err != nil {
		t.Fatal(err)
	}
	const link = `"'=HYPERLINK(""http://example.com"")"` + "\n"
	want := "slack_id,profile,domain,source,name\nU2,b,,users.csv:1," + link + "T1/U1,deny,prod,users.csv:2," + link +
		"U1,a,,users.csv:3," + link + `U9,z,,'-1,"Doe, ""J"""` + "\n"
	if b.String() != want {
		t.Errorf("%s\nwant\n%s", b.String(), want)
	}
	if mistakes, _ := checkCSV(b.String()); mistakes != "" {
		t.Errorf("doesn't read what it wrote: %s", mistakes)
	}
	failing := mapping.NewSheet(fullDisk{})
	if err := failing.End(); !errors.Is(err, errAway) {
		t.Errorf("a full disk: %v", err)
	}
}

// fullDisk takes nothing.
type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errAway }
