package studiobot_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/studiobot/studiobot/internal/slacksim"
	"github.com/studiobot/studiobot/notify"
)

// soon is a session whose reminder comes that long after the opening.
func soon(after time.Duration) func(time.Duration) time.Duration {
	return func(time.Duration) time.Duration { return notify.Before + after }
}

func lasting(t *testing.T, s setup) setup {
	s.config += "\nstore: " + `"sqlite:` + filepath.Join(t.TempDir(), "bot.db") + `"`
	return s
}

// reminders are the reminders that somebody got.
func (r *rig) reminders(user string) []slacksim.Message {
	var out []slacksim.Message
	for _, m := range r.slack.Messages(user) {
		if strings.HasPrefix(m.Text, "Your Studio session ends") {
			out = append(out, m)
		}
	}
	return out
}

// opens launches what /studio with that text offers first.
func (r *rig) opens(user, text, domain, profile string) {
	r.t.Helper()
	r.launches(r.press(user, r.command(user, text), 0), domain, profile)
}

// Opt in, open, be reminded once, and be back with the reminder's button.
func TestReminder(t *testing.T) {
	t.Parallel()
	r := start(t, lasting(t, setup{session: soon(700 * time.Millisecond)}))
	if m := r.command("U0JANE", "remind"); !strings.HasPrefix(m.Text, "Reminders are off.") {
		t.Errorf("remind says %q", m.Text)
	}
	if m := r.command("U0JANE", "Remind on"); !strings.HasPrefix(m.Text, "Reminders are on.") || strings.Contains(m.Text, "restart") {
		t.Errorf("remind on says %q", m.Text)
	}
	r.opens("U0SAM", "research", researchID, "sam-research") // never asked to be reminded
	r.opens("U0JANE", "", researchID, "jane-doe")
	r.last("U0JANE", "Your session ends")
	m := r.last("U0JANE", "Your Studio session ends")
	if n := len(r.reminders("U0SAM")); n != 0 { // whose was due before
		t.Errorf("%d reminders for somebody who asked for none", n)
	}
	if m.Ephemeral || strings.Contains(string(m.Blocks), "/launch/") || len(m.Buttons()) != 1 {
		t.Fatalf("the reminder is %+v", m)
	}
	r.press("U0JANE", m, 0)
	fresh := r.last("U0JANE", "Your Studio is ready.")
	if !fresh.Ephemeral || fresh.ID == m.ID {
		t.Fatalf("the fresh link stands in %+v", fresh)
	}
	r.command("U0JANE", "remind off")
	r.launches(r.press("U0JANE", fresh, 0), researchID, "jane-doe")
	r.command("U0JANE", "remind on") // not for an opening before
	r.settle()
	if n := len(r.reminders("U0JANE")); n != 1 {
		t.Errorf("%d reminders for one session", n)
	}
}

// settle waits until a reminder of another person's came that was noted later:
// whatever was due before has been worked on.
func (r *rig) settle() {
	r.t.Helper()
	r.command("U0SAM", "remind on")
	r.opens("U0SAM", "prod", prodID, "sam-prod")
	r.await("the reminder behind", func() bool { return len(r.reminders("U0SAM")) > 0 })
	r.command("U0SAM", "remind off")
}

// No reminder for whoever opened again since, turned it off, lost access, or was
// deactivated.
func TestReminderThatIsNotDueAnyMore(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(r *rig){
		"turned off":  func(r *rig) { r.command("U0JANE", "remind off") },
		"deactivated": func(r *rig) { r.slack.ChangePerson(slacksim.Person{ID: "U0JANE", Name: "jane", Deleted: true}) },
		"lost access": func(r *rig) {
			r.writeUsers("U0SAM: {research: sam-research, prod: sam-prod}\n")
			r.await("the new list", func() bool { return strings.Contains(r.command("U0JANE", "").Text, "aren't linked") })
		},
		"another profile": func(r *rig) {
			r.writeUsers("U0JANE: {research: sam-research}\nU0SAM: {research: sam-research, prod: sam-prod}\n")
			r.await("the new list", func() bool { return strings.Contains(string(r.command("U0JANE", "").Blocks), "sam-research") })
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t, lasting(t, setup{session: soon(1200 * time.Millisecond)}))
			r.command("U0JANE", "remind on")
			r.opens("U0JANE", "", researchID, "jane-doe")
			change(r)
			r.settle()
			if n := len(r.reminders("U0JANE")); n != 0 {
				t.Errorf("%d reminders", n)
			}
		})
	}
}

// Two openings of one domain are one session, that of the later one; another
// domain's has its own.
func TestReminderOfTheLatestOpening(t *testing.T) {
	t.Parallel()
	r := start(t, lasting(t, setup{session: soon(1200 * time.Millisecond)}))
	r.command("U0SAM", "remind on")
	r.opens("U0SAM", "research", researchID, "sam-research")
	r.opens("U0SAM", "research lab", researchID, "sam-research")
	r.opens("U0SAM", "prod", prodID, "sam-prod")
	r.await("both reminders", func() bool { return len(r.reminders("U0SAM")) == 2 })
	r.command("U0JANE", "remind on")
	r.opens("U0JANE", "", researchID, "jane-doe")
	r.await("one behind", func() bool { return len(r.reminders("U0JANE")) == 1 })
	if n := len(r.reminders("U0SAM")); n != 2 {
		t.Errorf("%d reminders for two domains", n)
	}
}

// What is noted in a store that lasts is told after a restart. The other one says
// that it won't be.
func TestReminderAndRestart(t *testing.T) {
	t.Parallel()
	s := lasting(t, setup{session: soon(1500 * time.Millisecond)})
	r := start(t, s)
	r.command("U0JANE", "remind on")
	r.opens("U0JANE", "", researchID, "jane-doe")
	r.restart(s, func() {
		if n := len(r.reminders("U0JANE")); n != 0 {
			t.Fatalf("%d reminders before the restart", n)
		}
	})
	r.last("U0JANE", "Your Studio session ends")
	forgetful := start(t, setup{})
	if m := forgetful.command("U0JANE", "remind on"); !strings.Contains(m.Text, "That lasts until the bot is restarted.") {
		t.Errorf("with a store that forgets remind on says %q", m.Text)
	}
}

// The Home's button does the same, and the Home then shows it.
func TestRemindersFromTheHome(t *testing.T) {
	t.Parallel()
	r := start(t, setup{})
	r.home("U0JANE", "Reminders are off.")
	r.pressHome("U0JANE", "Turn on")
	r.modal("U0JANE", "Reminders are on.")
	r.await("the Home to show it", func() bool {
		h, _ := r.slack.HomeTab("U0JANE")
		return strings.Contains(string(h.View), "Reminders are on.")
	})
	if m := r.command("U0JANE", "remind"); !strings.HasPrefix(m.Text, "Reminders are on.") {
		t.Errorf("remind says %q", m.Text)
	}
	for text, want := range map[string]string{"remind maybe": "remind on", "remind off off": "remind on"} {
		if m := r.command("U0JANE", text); !strings.Contains(m.Text, want) {
			t.Errorf("%s says %q", text, m.Text)
		}
	}
	if m := r.command("U0UMA", "remind on"); !strings.Contains(m.Text, "aren't linked") {
		t.Errorf("who has nothing to open is told %q", m.Text)
	}
	if m := r.command("U0UMA", "remind off"); !strings.HasPrefix(m.Text, "Reminders are off.") {
		t.Errorf("and off: %q", m.Text)
	}
}

// pending has Jane's profile be prepared, and her browser find that.
func (r *rig) pending(page string) {
	r.t.Helper()
	r.sagemaker.SetProfileStatus(researchID, "jane-doe", "Pending", "")
	a := r.get(r.press("U0JANE", r.command("U0JANE", ""), 0))
	if a.status != 409 || !strings.Contains(a.body, page) {
		r.t.Fatalf("the page is %d %q\n%s", a.status, a.title, a.body)
	}
}

// What is being prepared is told of when it is ready, by a message whose button
// gets the link.
func TestPendingIsTold(t *testing.T) {
	t.Parallel()
	s := lasting(t, setup{})
	r := start(t, s)
	r.pending("You get a message in Slack when it’s ready")
	r.restart(s, func() {}) // between promise and telling
	looks := r.sagemaker.CallCount("DescribeUserProfile")
	r.await("another look", func() bool { return r.sagemaker.CallCount("DescribeUserProfile") > looks })
	if n := r.slack.Calls("chat.postMessage"); n != 0 {
		t.Fatalf("%d messages before it was ready", n)
	}
	r.slack.Fail(slacksim.Fault{Method: "chat.postMessage", N: 1, SlackError: "messages_tab_disabled"})
	r.sagemaker.SetProfileStatus(researchID, "jane-doe", "InService", "")
	r.await("a word for the operator", func() bool { return strings.Contains(r.log.String(), "studiobot manifest") })

	r.pending("You get a message in Slack when it’s ready") // and once more, with a Slack that takes it
	r.sagemaker.SetProfileStatus(researchID, "jane-doe", "InService", "")
	m := r.last("U0JANE", "Press the button for a link that opens it.")
	r.press("U0JANE", m, 0)
	r.launches(r.press("U0JANE", r.last("U0JANE", "Press the button to open Research"), 0), researchID, "jane-doe")
}

// What becomes of it otherwise, and who isn't told.
func TestPendingThatEndsOtherwise(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name   string
		change func(r *rig)
		told   string // empty: nothing
		log    string
	}{
		{"failed", func(r *rig) { r.sagemaker.SetProfileStatus(researchID, "jane-doe", "Failed", "because") }, "Your Studio couldn't be prepared.", "won't be ready"},
		{"deleted", func(r *rig) { r.sagemaker.RemoveProfile(researchID, "jane-doe") }, "isn't there any more", "won't be ready"},
		{"lost access", func(r *rig) {
			r.writeUsers("U0SAM: {research: sam-research}\n")
			r.await("the new list", func() bool { return strings.Contains(r.command("U0JANE", "").Text, "aren't linked") })
			r.sagemaker.SetProfileStatus(researchID, "jane-doe", "InService", "")
		}, "", "somebody isn't told any more"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			r := start(t, setup{})
			r.pending("You should get a message in Slack when it’s ready") // this store forgets
			row.change(r)
			if row.told != "" {
				r.last("U0JANE", row.told)
			}
			r.await("the log to say "+row.log, func() bool { return strings.Contains(r.log.String(), row.log) })
			if n := r.slack.Calls("chat.postMessage"); row.told == "" && n != 0 {
				t.Errorf("%d messages", n)
			}
		})
	}
}
