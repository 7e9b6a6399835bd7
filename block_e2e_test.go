package studiobot_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/studiobot/studiobot"
	"github.com/studiobot/studiobot/internal/slacksim"
)

// blocking is a workspace with two admins and a store that lasts.
func blocking() setup {
	return setup{
		people: []slacksim.Person{{ID: "U0ANN", Name: "ann"}, {ID: "U0BOB", Name: "bob"}},
		access: ", admins: [U0ANN, U0BOB]", config: "store: sqlite:block.db\n", users: usersYAML + "U0BOB: sam-research\n",
	}
}

// told says what the app said to somebody in direct messages.
func (r *rig) told(user string) string {
	var all strings.Builder
	for _, m := range r.slack.Messages(user) {
		if !m.Ephemeral {
			all.WriteString(says(&m) + "\n")
		}
	}
	return all.String()
}

// A block kills what is alive and lets nothing new begin, whatever the mapping
// says; its end brings back what the mapping says.
func TestBlock(t *testing.T) {
	t.Parallel()
	r := start(t, blocking())
	r.launches(r.press("U0JANE", r.command("U0JANE", ""), 0), researchID, "jane-doe")
	shown := r.command("U0JANE", "")
	armed := r.press("U0JANE", r.command("U0JANE", ""), 0)
	for _, want := range []string{"is blocked: their live links open nothing", "was blocked already"} {
		if got := says(r.command("U0ANN", "admin block <@U0JANE|jane>")); !strings.Contains(got, want) || strings.Contains(got, "ends when this bot restarts") {
			t.Errorf("block: %s", got)
		}
	}
	before := r.sagemaker.CallCount("CreatePresignedDomainUrl")
	if a := r.get(armed); a.status != http.StatusForbidden && a.status != http.StatusGone {
		t.Errorf("the armed link answers %d", a.status)
	}
	if a := r.get(r.pressed(shown, slacksim.PressOptions{})); a.location != "" {
		t.Error("a link from before opens after a press")
	}
	for _, text := range []string{"", "research", "lab"} {
		if m := r.command("U0JANE", text); len(m.Buttons()) != 0 || !strings.Contains(says(m), "An admin has blocked your access.") {
			t.Errorf("/studio %s: %s", text, says(m))
		}
	}
	if n := r.sagemaker.CallCount("CreatePresignedDomainUrl"); n != before {
		t.Errorf("SageMaker was asked %d times for somebody who is blocked", n-before)
	}
	r.writeUsers("U0JANE: {research: jane-doe, prod: sam-prod}\nU0SAM: {research: sam-research}\n")
	r.await("the new users file", func() bool { return strings.Contains(says(r.command("U0ANN", "admin who U0JANE")), "sam-prod") })
	if got := says(r.command("U0ANN", "admin who U0JANE")); !strings.Contains(got, "an admin has blocked them") {
		t.Errorf("who: %s", got)
	}
	if m := r.command("U0JANE", "prod"); len(m.Buttons()) != 0 {
		t.Error("an edit of the mapping lifts a block")
	}
	r.launches(r.press("U0SAM", r.command("U0SAM", "research"), 0), researchID, "sam-research")
	r.await("a message to both admins", func() bool {
		return strings.Contains(r.told("U0ANN"), "A Studio session may still run") && strings.Contains(r.told("U0BOB"), "jane-doe")
	})
	if got := r.told("U0ANN"); strings.Contains(got, "sam-research") || !strings.Contains(got, "Research · dev account") || !strings.Contains(got, "until <!date^") {
		t.Errorf("the admins are told: %s", got)
	}
	for want, n := range map[string]int{
		`"step":"denied","team":"T0ACME","user":"U0JANE","actor":"T0ACME/U0ANN","reason":"blocked"`:                   1,
		`"msg":"a Studio session may still run of somebody without access","user":"U0JANE","domain":"research","prof`: 1,
	} {
		if got := strings.Count(r.log.String(), want); got < n || strings.Contains(want, "step") && got != n {
			t.Errorf("%d lines with %s", got, want)
		}
	}
	for _, want := range []string{"isn't blocked any more", "wasn't blocked"} {
		if got := says(r.command("U0BOB", "admin unblock U0JANE")); !strings.Contains(got, want) {
			t.Errorf("unblock: %s", got)
		}
	}
	r.launches(r.press("U0JANE", r.command("U0JANE", "research"), 0), researchID, "jane-doe")
	if !strings.Contains(r.log.String(), `"step":"lifted","team":"T0ACME","user":"U0JANE","actor":"T0ACME/U0BOB","reason":"blocked"`) {
		t.Error("no audit line of the unblock with its actor")
	}
}

// Nobody blocks themselves by a slip, or ends their own block; for whoever isn't
// an admin the words mean nothing.
func TestBlockIsForOthers(t *testing.T) {
	t.Parallel()
	r := start(t, blocking())
	for _, text := range []string{"admin block U0ANN", "admin unblock <@U0ANN>"} {
		if got := says(r.command("U0ANN", text)); !strings.Contains(got, "You can't block or unblock yourself.") {
			t.Errorf("%s: %s", text, got)
		}
	}
	if got := says(r.command("U0JANE", "admin block U0SAM")); strings.Contains(got, "blocked") {
		t.Errorf("Jane is no admin: %s", got)
	}
	r.command("U0ANN", "admin block U0BOB")
	for _, text := range []string{"admin unblock U0BOB", "admin block U0ANN", "admin list"} {
		if got := says(r.command("U0BOB", text)); !strings.Contains(got, "I don't know “admin”") {
			t.Errorf("a blocked admin may still %s: %s", text, got)
		}
	}
	if m := r.command("U0SAM", "research"); len(m.Buttons()) != 1 {
		t.Error("Sam isn't blocked")
	}
	if m := r.command("U0BOB", ""); len(m.Buttons()) != 0 {
		t.Error("Bob is still served")
	}
}

// The command line blocks in the store of a bot that runs; a restart forgets
// nothing.
func TestBlockByTheCommandLine(t *testing.T) {
	t.Parallel()
	s := blocking()
	r := start(t, s)
	armed := r.press("U0JANE", r.command("U0JANE", ""), 0)
	cfg := studiobot.Config{Store: studiobot.Store{Kind: studiobot.StoreSQLite, Path: filepath.Join(filepath.Dir(r.users), "block.db")}}
	set := func(id string, on bool) error {
		_, _, err := studiobot.SetBlocked(context.Background(), cfg, studiobot.Options{Log: slog.New(slog.NewJSONHandler(r.log, nil))}, id, on)
		return err
	}
	if err := set("U0JANE", true); err != nil {
		t.Fatal(err)
	}
	if a := r.get(armed); a.location != "" {
		t.Error("the armed link opens")
	}
	if !strings.Contains(r.log.String(), `"actor":"command line","reason":"blocked"`) {
		t.Error("no audit line")
	}
	if err := r.shut(); err != nil {
		t.Fatal(err)
	}
	r.run(s)
	r.ready(2)
	if m := r.command("U0JANE", ""); len(m.Buttons()) != 0 {
		t.Error("a restart forgets the block")
	}
	if err := set("T0OTHER/U0JANE", true); !errors.Is(err, studiobot.ErrOtherHome) || !strings.Contains(err.Error(), "T0ACME/U0JANE") {
		t.Errorf("under a name that the bot doesn't ask by: %v", err)
	}
	if err := set("T0ACME/U0JANE", false); err != nil {
		t.Fatal(err)
	}
	if m := r.command("U0JANE", ""); len(m.Buttons()) != 1 {
		t.Error("Jane stays blocked")
	}
	cfg.Store = studiobot.Store{Kind: studiobot.StoreMemory}
	if err := set("U0JANE", true); err == nil || !strings.Contains(err.Error(), "the store is memory") {
		t.Errorf("memory: %v", err)
	}
	cfg.Store = studiobot.Store{Kind: studiobot.StoreSQLite, Path: filepath.Join(t.TempDir(), "new.db")}
	if err := set("U0JANE", true); err == nil || !strings.Contains(err.Error(), "name it, as in") {
		t.Errorf("a new store: %v", err)
	}
}

// Somebody is deactivated in Slack whose Studio may be open: the admins hear of
// it. Of the alarm they hear once.
func TestOperatorsAreTold(t *testing.T) {
	t.Parallel()
	s := blocking()
	s.limits, s.config = "person: off, alarm: 2/1m", ""
	r := start(t, s)
	for range 5 {
		r.launches(r.press("U0JANE", r.command("U0JANE", ""), 0), researchID, "jane-doe")
	}
	r.await("the alarm", func() bool { return strings.Contains(r.told("U0BOB"), "more than 2 in 1m0s") })
	r.slack.ChangePerson(slacksim.Person{ID: "U0JANE", Name: "jane", Deleted: true})
	r.await("the message about the session", func() bool { return strings.Contains(r.told("U0ANN"), "somebody who is deactivated in Slack") })
	if n := strings.Count(r.told("U0ANN"), "More Studio launches than usual"); n == 0 || strings.Count(r.told("U0ANN"), "more than 2 in") != 1 {
		t.Errorf("told of the alarm: %s", r.told("U0ANN"))
	}
	if got := says(r.command("U0ANN", "admin block U0SAM")); !strings.Contains(got, "ends when this bot restarts") {
		t.Errorf("with a store in memory: %s", got)
	}
}
