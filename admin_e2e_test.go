package studiobot_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/studiobot/studiobot/internal/slacksim"
)

// says is the whole of what somebody is told.
func says(m *slacksim.Message) string { return m.Text + unescaped(m.Blocks) }

func TestAdminCommands(t *testing.T) {
	t.Parallel()
	r := start(t, allSources(t))
	r.mapped("U0TAG", "as tagged")
	for _, c := range []struct {
		text string
		want []string
	}{
		{"admin", []string{"Admin commands", "admin who @person"}},
		{"Admin help", []string{"Admin commands"}},
		{"admin frobnicate", []string{"That is no admin command."}},
		{"admin link jane jane-doe", []string{"That is no admin command."}},
		{"admin link U0MAY may.x", []string{"That is no Studio profile's name."}},
		{"admin link U0MAY may elsewhere", []string{"That is no admin command."}},
		{"admin who <@U0TAG|tag>", []string{"*<@U0TAG>* may ask", "*tagged*", "tag slack-user-id on tagged", "← counts", "users.yaml"}},
		{"admin who U0TWO", []string{"Several profiles claim them; neither is used."}},
		{"admin who U0DEE", []string{"isn't let in: the Slack account is deactivated."}},
		{"admin who U0NOBODY", []string{"Slack knows no such person."}},
		{"admin who U0MAY", []string{"No source knows them."}},
		{"admin link <@U0TAG|tag> tagged prod", []string{"*tagged* in *Production* now", "SageMaker lists no user profile of that name"}},
		{"admin link <@U0TAG|tag> tagged", []string{"It doesn't count:", "tag slack-user-id on tagged"}},
		{"admin link U0TAG other", []string{"Before, the table said tagged."}},
		{"admin link U0MAY deny", []string{"That is no Studio profile's name."}},
		{"admin link <@U0ANN|ann> may", []string{"You can't link or unlink yourself."}},
		{"admin link U0MAY jane-doe", []string{"The same profile belongs to <@U0JANE>"}},
		{"admin list", []string{"<@U0JANE>: *jane-doe* in Research", "users.yaml:1", "linked by T0ACME/U0ANN", "Page 1."}},
		{"admin list 9", []string{"There is nothing on that page."}},
		{"admin unlink U0TAG", []string{"• tagged in Production", "• other in Research", "They still have:", "tagged in Research"}},
		{"admin unlink U0TAG", []string{"The table says nothing about <@U0TAG> there", "They still have:"}},
		{"admin requests", []string{"No request waits for a decision."}},
		{"help", []string{"`/studio admin`"}},
	} {
		got := says(r.command("U0ANN", c.text))
		for _, want := range c.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: no %q in\n%s", c.text, want, got)
			}
		}
	}
	for _, line := range []string{`"step":"linked"`, `"step":"unlinked"`, `"before":"tagged","after":"other"`} {
		if !strings.Contains(r.log.String(), line) {
			t.Errorf("no %s in the trail", line)
		}
	}
	// For everybody else the word means nothing, whatever follows it.
	for _, text := range []string{"admin", "admin link U0JANE other", "ADMIN who <@U0ANN|ann>"} {
		nonsense := "zzzzz" + text[len("admin"):]
		want := strings.ReplaceAll(says(r.command("U0JANE", nonsense)), "zzzzz", text[:len("admin")])
		if got := says(r.command("U0JANE", text)); got != want {
			t.Errorf("%s says\n%s\nwant\n%s", text, got, want)
		}
	}
	if got := says(r.command("U0JANE", "help")); strings.Contains(got, "admin") {
		t.Error("the help tells of admin commands")
	}
	// Being an admin ends with the group.
	r.await("the group to be read", func() bool { return strings.Contains(says(r.command("U0ABE", "admin")), "Admin commands") })
	if err := r.slack.ChangeUserGroup("S0ADMINS"); err != nil {
		t.Fatal(err)
	}
	r.await("the event to count", func() bool { return strings.Contains(says(r.command("U0ABE", "admin")), "I don't know") })
}

// A thousand links are paged through, and many requests are listed.
func TestAdminListsPage(t *testing.T) {
	t.Parallel()
	s := asking(t)
	var users strings.Builder
	for i := range 105 {
		fmt.Fprintf(&users, "U0P%05d: profile-%d\n", i, i)
	}
	s.users = users.String()
	s.people = append(s.people, slacksim.Crowd(12, "")...)
	r := start(t, s)
	seen := 0
	for page := 1; ; page++ {
		got := says(r.command("U0ANN", fmt.Sprintf("admin list %d", page)))
		seen += strings.Count(got, "• <@U0P")
		if !strings.Contains(got, "More: `/studio admin list") {
			break
		}
	}
	if seen != 105 {
		t.Errorf("%d of 105 rows were listed", seen)
	}
	for i := range 12 {
		r.ask(fmt.Sprintf("U0%06d", i+1), map[string]string{"profile": fmt.Sprintf("p-%d", i), "reason": strings.Repeat("why ", 100)})
	}
	if got := says(r.command("U0ANN", "admin requests")); !strings.Contains(got, "12 requests wait") || strings.Count(got, `"Approve"`) != 10 || !strings.Contains(got, "And 2 more") {
		t.Errorf("%s", got)
	}
	m := r.command("U0ANN", "admin requests")
	r.button("U0ANN", m, "Approve")
	r.last("U0000001", "You have access to Studio now")
}

// Without a table nothing can be linked, and without admins nobody is one.
func TestAdminWithoutATable(t *testing.T) {
	t.Parallel()
	r := start(t, setup{access: ", admins: [U0JANE]"})
	if got := says(r.command("U0JANE", "admin link U0UMA uma")); !strings.Contains(got, "There is no table to keep links in.") {
		t.Error(got)
	}
	if got := says(r.command("U0JANE", "admin unlink U0UMA")); !strings.Contains(got, "There is no table to keep links in.") {
		t.Error(got)
	}
	if got := says(r.command("U0JANE", "admin requests")); !strings.Contains(got, "Nobody can ask for access here.") {
		t.Error(got)
	}
	none := start(t, setup{})
	if got := says(none.command("U0JANE", "admin")); !strings.Contains(got, "I don't know") {
		t.Error(got)
	}
	if m := none.command("U0UMA", ""); len(m.Buttons()) != 0 {
		t.Errorf("somebody can ask where nobody decides: %s", m.Blocks)
	}
}
