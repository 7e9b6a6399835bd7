package studiobot_test

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/studiobot/studiobot/internal/sagemakersim"
	"github.com/studiobot/studiobot/internal/slacksim"
)

const approvals = "C0APPROVE"

// asking is a setup in which people can ask for access: Ann and Abe decide, and
// profiles are made in research.
func asking(t *testing.T) setup {
	return setup{
		people: []slacksim.Person{
			{ID: "U0ANN", Name: "ann", Admin: true}, {ID: "U0ABE", Name: "abe"},
			{ID: "U0UMA", Name: "uma", Email: "Uma.Lind@example.com", EmailConfirmed: true},
		},
		sources: ", {table: true}",
		access:  ", admins: [U0ANN, S0ADMINS], approvals_channel: " + approvals,
		domain:  ", create_profiles: true, profile_tags: {studiobot: enabled}",
		config:  fmt.Sprintf("store: %q", "sqlite:"+filepath.Join(t.TempDir(), "bot.db")),
		before: func(r *rig) {
			r.slack.AddChannel(slacksim.Channel{ID: approvals, Name: "studio-approvals", Private: true, BotMember: true, Members: []string{"U0ANN", "U0ABE", "U0EVE"}})
			r.slack.AddUserGroup("S0ADMINS", "U0ABE")
		},
	}
}

// last is the youngest message that a person sees and that the text is in.
func (r *rig) last(user, text string) *slacksim.Message {
	r.t.Helper()
	var found *slacksim.Message
	r.await(user+" to see "+text, func() bool {
		for _, m := range slices.Backward(r.slack.Messages(user)) {
			if strings.Contains(m.Text+unescaped(m.Blocks), text) {
				found = &m
				return true
			}
		}
		return false
	})
	return found
}

// unescaped is JSON with its angle brackets and ampersands as they are.
func unescaped(raw []byte) string {
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(raw))
}

// button presses the button with that label.
func (r *rig) button(user string, m *slacksim.Message, label string) {
	r.t.Helper()
	at := slices.IndexFunc(m.Buttons(), func(b slacksim.Button) bool { return b.Text == label })
	if at < 0 {
		r.t.Fatalf("no button %q in %s", label, m.Blocks)
	}
	if _, err := r.slack.PressWith(r.within(), slacksim.PressOptions{UserID: user, MessageID: m.ID, Button: at}); err != nil {
		r.t.Fatal(err)
	}
}

// ask has somebody fill in the form, and returns what the approvers see.
func (r *rig) ask(user string, fields map[string]string) *slacksim.Message {
	r.t.Helper()
	r.button(user, r.command(user, ""), "Request access")
	if _, err := r.slack.WaitModal(r.within(), user); err != nil {
		r.t.Fatal(err)
	}
	sent, err := r.slack.SubmitModal(r.within(), user, fields)
	if err != nil || sent.Action != "update" || !strings.Contains(string(sent.Modal.Blocks), "Your request was sent.") {
		r.t.Fatalf("%+v, %v", sent, err)
	}
	return r.last("U0ANN", "<@"+user+"> asks")
}

// The whole way: asked, approved, made, linked, told, opened.
func TestRequestApproved(t *testing.T) {
	t.Parallel()
	r := start(t, asking(t))
	r.button("U0UMA", r.command("U0UMA", ""), "Request access")
	form, err := r.slack.WaitModal(r.within(), "U0UMA")
	if err != nil || form.Title != "Request access" || len(form.Fields) != 3 || form.Fields[1].Value != "uma-lind" {
		t.Fatalf("%+v, %v", form, err)
	}
	wrong, err := r.slack.SubmitModal(r.within(), "U0UMA", map[string]string{"profile": "uma.lind"})
	if err != nil || wrong.Action != "errors" || !strings.Contains(wrong.Errors["profile"], "letters, digits") {
		t.Fatalf("%+v, %v", wrong, err)
	}
	sent, err := r.slack.SubmitModal(r.within(), "U0UMA", map[string]string{"profile": "uma-lind", "reason": "GPUs <!channel> & more"})
	if err != nil || sent.Action != "update" || sent.Modal == nil {
		t.Fatalf("%+v, %v", sent, err)
	}
	m := r.last("U0ANN", "<@U0UMA> asks")
	if strings.Contains(unescaped(m.Blocks), "<!channel>") {
		t.Errorf("a mention came through: %s", m.Blocks)
	}
	// Once more is the same request, which is said.
	if _, err := r.slack.CloseModal(r.within(), "U0UMA"); err != nil {
		t.Fatal(err)
	}
	r.button("U0UMA", r.command("U0UMA", ""), "Request access")
	if _, err := r.slack.WaitModal(r.within(), "U0UMA"); err != nil {
		t.Fatal(err)
	}
	again, err := r.slack.SubmitModal(r.within(), "U0UMA", map[string]string{"profile": "another"})
	if err != nil || !strings.Contains(string(again.Modal.Blocks), "You asked already.") {
		t.Errorf("%+v, %v", again, err)
	}
	r.button("U0ANN", m, "Approve")
	r.last("U0ANN", "*Approved* by <@U0ANN>")
	told := r.last("U0UMA", "You have access to Studio now")
	if !strings.Contains(string(told.Blocks), "/studio research") {
		t.Errorf("%s", told.Blocks)
	}
	made, there := r.sagemaker.Profile(researchID, "uma-lind")
	if !there || made.Tags["slack-user-id"] != "U0UMA" || made.Tags["studiobot"] != "enabled" {
		t.Errorf("%+v, %v", made, there)
	}
	r.launches(r.press("U0UMA", r.command("U0UMA", "research"), 0), researchID, "uma-lind")
	for _, line := range []string{`"step":"asked"`, `"step":"approved"`, `"step":"created"`, `"step":"linked"`, `"actor":"T0ACME/U0ANN"`} {
		if !strings.Contains(r.log.String(), line) {
			t.Errorf("no %s in the trail", line)
		}
	}
	if refs := regexp.MustCompile(`"step":"(?:asked|approved|created|linked)","ref":"([0-9a-zA-Z_-]{8})"`).FindAllStringSubmatch(r.log.String(), -1); len(refs) != 4 ||
		refs[0][1] != refs[1][1] || refs[1][1] != refs[2][1] || refs[2][1] != refs[3][1] {
		t.Errorf("the request's lines don't share one reference: %q", refs)
	}
	for _, secret := range []string{"/actions/T0ACME", "trigger"} {
		if strings.Contains(r.log.String(), secret) {
			t.Errorf("the log holds %s", secret)
		}
	}
}

func TestRequestDenied(t *testing.T) {
	t.Parallel()
	r := start(t, asking(t))
	m := r.ask("U0UMA", map[string]string{"domain": "prod", "profile": "uma-lind"})
	r.button("U0ABE", m, "Deny…")
	if _, err := r.slack.WaitModal(r.within(), "U0ABE"); err != nil {
		t.Fatal(err)
	}
	sent, err := r.slack.SubmitModal(r.within(), "U0ABE", map[string]string{"reason": "Ask your lead first."})
	if err != nil || sent.Modal != nil || sent.Error != "" {
		t.Fatalf("%+v, %v", sent, err)
	}
	r.last("U0UMA", "Your request for Studio was denied")
	r.last("U0UMA", "Ask your lead first.")
	r.last("U0ANN", "*Denied* by <@U0ABE>")
	if m := r.command("U0UMA", ""); !strings.Contains(m.Text, "You aren't linked") {
		t.Errorf("%s", m.Text)
	}
}

// Of two approvers at once one decides; nobody who isn't an admin does, and an
// admin not for themselves.
func TestRequestWhoDecides(t *testing.T) {
	t.Parallel()
	r := start(t, asking(t))
	m := r.ask("U0UMA", map[string]string{"profile": "uma-lind"})
	r.slack.AddPeople(slacksim.Person{ID: "U0EVE", Name: "eve"})
	r.button("U0EVE", m, "Approve")
	r.last("U0EVE", "Only admins decide requests.")
	r.button("U0EVE", m, "Deny…")
	own := r.ask("U0ANN", map[string]string{"profile": "ann"})
	r.button("U0ANN", own, "Approve")
	r.last("U0ANN", "That is your own request.")
	var both sync.WaitGroup
	for _, user := range []string{"U0ANN", "U0ABE"} {
		both.Go(func() { r.button(user, m, "Approve") })
	}
	both.Wait()
	r.last("U0UMA", "You have access to Studio now")
	late := ""
	r.await("the late one to hear of it", func() bool {
		for _, user := range []string{"U0ANN", "U0ABE"} {
			for _, x := range r.slack.Messages(user) {
				if strings.Contains(x.Text, "That was decided already.") {
					late = user
				}
			}
		}
		return late != ""
	})
	if n := strings.Count(r.log.String(), `"step":"approved"`); n != 1 {
		t.Errorf("approved %d times", n)
	}
}

// What SageMaker knows better stops an approval, and the request stays open.
func TestRequestForAProfileThatCannotBe(t *testing.T) {
	t.Parallel()
	r := start(t, asking(t))
	m := r.ask("U0UMA", map[string]string{"domain": "prod", "profile": "nobody"})
	r.button("U0ANN", m, "Approve")
	r.last("U0ANN", "There is no such Studio profile.")
	if !strings.Contains(unescaped(m.Blocks), "There is no profile of that name yet.") {
		t.Errorf("%s", m.Blocks)
	}
	r.sagemaker.AddProfile(prodID, "nobody")
	r.sagemaker.SetTags(prodID, "nobody", map[string]string{"slack-user-id": "U0SAM"})
	r.button("U0ANN", m, "Approve")
	r.last("U0ANN", "That Studio profile belongs to somebody else.")
	r.sagemaker.SetTags(prodID, "nobody", nil)
	r.button("U0ANN", m, "Approve")
	r.last("U0UMA", "You have access to Studio now")
	r.launches(r.press("U0UMA", r.command("U0UMA", "prod"), 0), prodID, "nobody")
}

// The bot is killed right after the decision; the next process does the rest.
func TestRequestSurvivesARestart(t *testing.T) {
	t.Parallel()
	s := asking(t)
	r := start(t, s)
	m := r.ask("U0UMA", map[string]string{"profile": "uma-lind"})
	r.slack.Fail(slacksim.Fault{Method: "chat.update", N: 1000, Status: 503})
	r.button("U0ANN", m, "Approve")
	r.await("the link", func() bool { return strings.Contains(r.log.String(), `"step":"linked"`) })
	if err := r.shut(); err != nil {
		t.Fatal(err)
	}
	r.slack.ClearFaults()
	r.run(s)
	r.ready(2)
	r.last("U0UMA", "You have access to Studio now")
	r.launches(r.press("U0UMA", r.command("U0UMA", ""), 0), researchID, "uma-lind")
}

// A profile that somebody has by any source can't be approved away, whatever the
// case of its letters, and the approvers see whose it is.
func TestRequestForSomebodyElsesProfile(t *testing.T) {
	t.Parallel()
	r := start(t, asking(t))
	m := r.ask("U0UMA", map[string]string{"profile": "Jane-Doe"})
	if !strings.Contains(unescaped(m.Blocks), "that profile is <@U0JANE>'s already") {
		t.Errorf("%s", m.Blocks)
	}
	r.button("U0ANN", m, "Approve")
	r.last("U0ANN", "It is <@U0JANE>'s.")
	if got := says(r.command("U0UMA", "")); !strings.Contains(got, "You aren't linked") {
		t.Errorf("%s", got)
	}
}

// From an admin's own list: the answer stays theirs.
func TestRequestDecidedFromTheList(t *testing.T) {
	t.Parallel()
	r := start(t, asking(t))
	r.ask("U0UMA", map[string]string{"profile": "uma-lind"})
	list := r.command("U0ABE", "admin requests")
	r.button("U0ABE", list, "Approve")
	r.last("U0UMA", "You have access to Studio now")
	r.last("U0ANN", "*Approved* by <@U0ABE>")
	r.await("the list to be replaced", func() bool {
		now, _ := r.slack.Message(list.ID)
		return strings.Contains(now.Text, "No request waits")
	})
	for _, x := range r.slack.Messages("U0JANE") { // of #general
		if strings.Contains(says(&x), "U0UMA") {
			t.Errorf("everybody sees %s", says(&x))
		}
	}
}

// What an admin takes back while it is being carried out stays taken back.
func TestRequestUnlinkedWhileItIsCarriedOut(t *testing.T) {
	t.Parallel()
	s := asking(t)
	r := start(t, s)
	m := r.ask("U0UMA", map[string]string{"profile": "uma-lind"})
	r.sagemaker.Fail(sagemakersim.Fault{Operation: "CreateUserProfile", N: -1, Code: "ThrottlingException"})
	r.button("U0ANN", m, "Approve")
	r.await("it to be in work", func() bool { return strings.Contains(says(r.command("U0ANN", "admin requests")), "being carried out") })
	r.command("U0ANN", "admin unlink <@U0UMA|uma>")
	r.sagemaker.ClearFaults()
	r.last("U0UMA", "Your access to Studio was taken back.")
	r.last("U0ANN", "an admin has taken it back since")
	if got := says(r.command("U0UMA", "")); !strings.Contains(got, "You aren't linked") {
		t.Errorf("%s", got)
	}
}
