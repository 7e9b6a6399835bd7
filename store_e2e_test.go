package studiobot_test

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

// With a store that lasts a link survives a restart, and stays used after one.
func TestLinkSurvivesARestart(t *testing.T) {
	t.Parallel()
	s := setup{config: "store: sqlite:" + filepath.Join(t.TempDir(), "studio bot.db")}
	r := start(t, s)
	used := r.press("U0JANE", r.command("U0JANE", ""), 0)
	r.launches(used, researchID, "jane-doe")
	kept := r.press("U0JANE", r.command("U0JANE", ""), 0)
	before := r.url
	if err := r.shut(); err != nil {
		t.Fatal(err)
	}
	r.run(s)
	r.ready(2)
	now := func(link string) string { return strings.Replace(link, before, r.url, 1) } // another port
	if a := r.get(now(used)); a.status != http.StatusGone {
		t.Errorf("the used link gives %d %q", a.status, a.title)
	}
	r.launches(now(kept), researchID, "jane-doe")
}

// A file that can't be opened ends the start, and says what to do.
func TestStoreThatCannotBeOpened(t *testing.T) {
	t.Parallel()
	r := start(t, setup{away: true, config: "store: sqlite:" + filepath.Join(t.TempDir(), "nowhere", "studiobot.db")})
	err := <-r.done
	r.done <- nil
	if err == nil || !strings.Contains(err.Error(), "SQLite") {
		t.Errorf("Run = %v", err)
	}
}
