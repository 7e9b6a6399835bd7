package studiobot_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/studiobot/studiobot/internal/sagemakersim"
	"github.com/studiobot/studiobot/internal/slacksim"
)

// placesSetup has something of everybody's in research.
func placesSetup(more ...func(*rig)) setup {
	return setup{
		domain: ", mlflow: [team-tracking, old-tracking]",
		config: "notebooks: {tag: slack-user-id, allow_start: true}",
		users: `U0JANE: {research: jane-doe, notebooks: [gpu-box, stopped-box]}
U0SAM: {research: sam-research, prod: sam-prod}
U0UMA: {notebooks: [gpu-box]}
U0BAN: deny
`,
		before: func(r *rig) {
			s := r.sagemaker
			for _, space := range []sagemakersim.Space{
				{Name: "janes-lab", Display: "My own lab", Owner: "jane-doe", VolumeGB: 50},
				{Name: "janes-code", Owner: "jane-doe", App: sagemakersim.CodeEditor},
				{Name: "team", Owner: "sam-research", Shared: true},
				{Name: "sams-secret", Display: "Sam's plans", Owner: "sam-research"},
			} {
				s.SetSpace(researchID, space)
			}
			s.SetApp(researchID, sagemakersim.App{Type: sagemakersim.JupyterLab, Space: "janes-lab"})
			s.SetNotebook(sagemakersim.Notebook{Name: "gpu-box", Instance: "ml.g5.xlarge"})
			s.SetNotebook(sagemakersim.Notebook{Name: "stopped-box", Status: sagemakersim.Stopped})
			s.SetNotebook(sagemakersim.Notebook{Name: "tagged-box", Tags: map[string]string{"slack-user-id": "U0JANE"}})
			s.SetNotebook(sagemakersim.Notebook{Name: "sams-box", Tags: map[string]string{"slack-user-id": "U0SAM"}})
			s.SetTrackingServer(sagemakersim.TrackingServer{Name: "team-tracking"})
			s.SetTrackingServer(sagemakersim.TrackingServer{Name: "old-tracking", Status: "Stopped"})
			for _, m := range more {
				m(r)
			}
		},
	}
}

// listed waits until what exists is known: a list shows it.
func (r *rig) listed(user, text, want string) *slacksim.Message {
	r.t.Helper()
	var m *slacksim.Message
	r.await("a list with "+want, func() bool {
		m = r.command(user, text)
		return strings.Contains(says(m), want)
	})
	return m
}

// lands presses a button and says where the browser ended.
func (r *rig) lands(user string, m *slacksim.Message, button int) sagemakersim.Opening {
	r.t.Helper()
	a := r.get(r.press(user, m, button))
	if a.location == "" {
		r.t.Fatalf("the link gave %d %q\n%s", a.status, a.title, r.log)
	}
	before := len(r.sagemaker.Openings())
	r.get(a.location)
	all := r.sagemaker.Openings()
	if len(all) <= before {
		r.t.Fatalf("no browser in Studio")
	}
	return all[len(all)-1]
}

func TestPlacesByName(t *testing.T) {
	t.Parallel()
	r := start(t, placesSetup())
	r.listed("U0JANE", "spaces", "running")
	r.listed("U0JANE", "notebook", "tagged-box")
	for _, c := range []struct{ text, says, app, name, path string }{
		{"janes-lab", "JupyterLab is ready.", "JupyterLab", "janes-lab", ""},
		{"JANES-LAB", "JupyterLab is ready.", "JupyterLab", "janes-lab", ""},
		{"My own lab", "My own lab", "JupyterLab", "janes-lab", ""},
		{"lab janes", "My own lab", "JupyterLab", "janes-lab", ""},
		{"my research", "My own lab", "JupyterLab", "janes-lab", ""},
		{"code jan", "press Run there", sagemakersim.Portal, "janes-code", "code-editor/janes-code"},
		{"janes-code res", "It isn't running.", sagemakersim.Portal, "janes-code", "code-editor/janes-code"},
		{"team", "The shared space is ready.", "", "", ""}, // a prefix of team-tracking, and a name in full
		{"notebook gpu-box", "Your notebook instance is ready.", sagemakersim.NotebookPage, "gpu-box", ""},
		{"gpu-box lab notebook", "Your notebook instance is ready.", sagemakersim.NotebookPage, "gpu-box", "lab"},
		{"lab notebook tag", "tagged-box", sagemakersim.NotebookPage, "tagged-box", "lab"},
		{"mlflow team", "MLflow is ready.", sagemakersim.MLflow, "team-tracking", ""},
		{"research team-t", "MLflow is ready.", sagemakersim.MLflow, "team-tracking", ""},
	} {
		m := r.command("U0JANE", c.text)
		if !strings.Contains(says(m), c.says) {
			t.Errorf("%q: no %q in %s", c.text, c.says, says(m))
			continue
		}
		if o := r.lands("U0JANE", m, 0); c.app != "" && (o.App != c.app || o.Name != c.name || o.Path != c.path || !o.OK) {
			t.Errorf("%q landed in %+v", c.text, o)
		}
	}
	for text, want := range map[string]string{
		"stopped-box":          "The notebook instance stopped-box isn't running.",
		"notebook":             "gpu-box",
		"mlflow":               "MLflow · old-tracking",
		"notebook team":        "I don't know “team”.",
		"janes":                "I don't know “janes”.", // two of hers begin so
		"canvas janes-lab":     "I don't know “janes-lab”.",
		"prod":                 "You don't have a Studio profile there.",
		"spaces prod":          "You don't have a Studio profile there.",
		"spaces lab":           "I don't know “lab”.",
		"prod janes-lab":       "You don't have a Studio profile there.",
		"janes-lba":            "Did you mean “janes-lab”?",
		"notebook gpu-box lab": "Your notebook instance is ready.",
	} {
		if m := r.command("U0JANE", text); !strings.Contains(says(m), want) {
			t.Errorf("%q: no %q in %s", text, want, says(m))
		}
	}
	// Somebody without any profile has what the mapping gives them.
	m := r.listed("U0UMA", "", "gpu-box")
	if o := r.lands("U0UMA", m, 0); o.Name != "gpu-box" {
		t.Errorf("%+v", o)
	}
	if m := r.command("U0BAN", "notebook gpu-box"); !strings.Contains(says(m), "Studio is turned off for you.") {
		t.Errorf("%s", says(m))
	}
}

// What is somebody else's gets the answer of what isn't there, however it is
// named, word for word.
func TestNothingOfOthers(t *testing.T) {
	t.Parallel()
	r := start(t, placesSetup())
	r.listed("U0JANE", "spaces", "running")
	r.listed("U0JANE", "notebook", "tagged-box")
	for _, form := range []string{"%s", "lab %s", "code %s", "research %s", "notebook %s", "mlflow %s", "%s lab notebook"} {
		answer := func(name string) string {
			m := r.command("U0JANE", fmt.Sprintf(form, name))
			for _, b := range m.Buttons() {
				if b.URL != "" {
					t.Errorf(form+": a button: %s", name, says(m))
				}
			}
			return strings.ReplaceAll(says(m), name, "NAME")
		}
		for theirs, nobodys := range map[string]string{
			"sams-secret": "zzzz-secret", "SAMS-SECRET": "ZZZZ-SECRET", "sams-s": "zzzz-s", "Sam's plans": "Zzz's plans", "Sam's": "Zzz's",
			"sams-box": "zzzz-box", "sams-b": "zzzz-b", "sam": "zzz",
		} {
			if got, want := answer(theirs), answer(nobodys); got != want {
				t.Errorf(form+" is told from one that isn't there:\n%s\n%s", theirs, got, want)
			}
		}
	}
	if got := says(r.command("U0JANE", "spaces")) + says(r.command("U0JANE", "notebook")) + says(r.command("U0JANE", "nothing")); strings.Contains(strings.ToLower(got), "sam") {
		t.Errorf("something of Sam's is shown: %s", got)
	}
}

// A button that was shown opens nothing once the thing is gone or somebody else's.
func TestPlacesThatChangeHands(t *testing.T) {
	t.Parallel()
	r := start(t, placesSetup())
	r.listed("U0JANE", "spaces", "running")
	r.listed("U0JANE", "notebook", "tagged-box")
	for name, change := range map[string]func(){
		"janes-code": func() {
			r.sagemaker.RemoveSpace(researchID, "janes-code")
			r.sagemaker.SetSpace(researchID, sagemakersim.Space{Name: "janes-code", Owner: "sam-research", App: sagemakersim.CodeEditor})
		},
		"janes-lab":  func() { r.sagemaker.RemoveSpace(researchID, "janes-lab") },
		"tagged-box": func() { r.sagemaker.SetNotebook(sagemakersim.Notebook{Name: "tagged-box"}) },
		"gpu-box":    func() { r.writeUsers("U0JANE: {research: jane-doe}\n") },
	} {
		m := r.command("U0JANE", name)
		change()
		r.await(name+" to be gone from the list", func() bool {
			return strings.Contains(says(r.command("U0JANE", name)), "I don't know")
		})
		before := len(r.sagemaker.Openings())
		link := r.press("U0JANE", m, 0)
		r.await("the message to say so", func() bool {
			now, _ := r.slack.Message(m.ID)
			return strings.Contains(says(&now), "That isn't there any more, or isn't yours.")
		})
		r.get(link)
		if n := len(r.sagemaker.Openings()); n != before {
			t.Errorf("%s was opened", name)
		}
	}
}

// Lists are read past the first page of a hundred, and shown in pages.
func TestPlacesInPages(t *testing.T) {
	t.Parallel()
	r := start(t, placesSetup(func(r *rig) {
		for i := range 250 {
			r.sagemaker.SetSpace(researchID, sagemakersim.Space{Name: fmt.Sprintf("others-%03d", i), Owner: "sam-research"})
			r.sagemaker.SetSpace(researchID, sagemakersim.Space{Name: fmt.Sprintf("mine-%03d", i), Owner: "jane-doe"})
			r.sagemaker.SetApp(researchID, sagemakersim.App{Type: sagemakersim.JupyterLab, Space: fmt.Sprintf("mine-%03d", i)})
			r.sagemaker.SetNotebook(sagemakersim.Notebook{Name: fmt.Sprintf("box-%03d", i), Tags: map[string]string{"slack-user-id": "U0JANE"}})
		}
	}))
	m := r.listed("U0JANE", "spaces", "Your spaces: 253.")
	if raw, _ := json.Marshal(m); len(raw) > 20_000 || !strings.Contains(says(m), "And 243 more") {
		t.Errorf("%d bytes: %s", len(raw), says(m))
	}
	buttons := m.Buttons()
	r.press("U0JANE", m, len(buttons)-1) // Show more
	r.await("the next page", func() bool {
		now, _ := r.slack.Message(m.ID)
		return strings.Contains(says(&now), "And 233 more")
	})
	r.listed("U0JANE", "notebook", "Your notebook instances: 253.")
	if o := r.lands("U0JANE", r.command("U0JANE", "mine-249"), 0); o.App != sagemakersim.JupyterLab || o.Name != "mine-249" {
		t.Errorf("%+v", o)
	}
	m = r.command("U0JANE", "")
	if raw, _ := json.Marshal(m); len(raw) > 20_000 {
		t.Errorf("%d bytes", len(raw))
	}
}

// Without a listing the launch works with what is known, and the message says what
// is missing.
func TestPlacesUnseen(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]sagemakersim.Fault{
		"away": {Operation: "ListSpaces", N: -1, Status: 500},
		"slow": {Operation: "ListSpaces", N: -1, Hang: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t, placesSetup(func(r *rig) { r.sagemaker.Fail(fault) }))
			m := r.command("U0JANE", "")
			if !strings.Contains(says(m), "We can't see right now what you have in Research · dev account.") {
				t.Errorf("%s", says(m))
			}
			r.launches(r.press("U0JANE", m, 0), researchID, "jane-doe")
		})
	}
	r := start(t, placesSetup(func(r *rig) {
		r.sagemaker.Fail(sagemakersim.Fault{Operation: "ListSpaces", N: -1, Code: "AccessDeniedException", Status: 400})
	}))
	r.await("AWS to refuse", func() bool { return strings.Contains(r.log.String(), "couldn't be read") })
	if m := r.command("U0JANE", ""); strings.Contains(says(m), "can't see") {
		t.Errorf("people are told each time of what only an admin can mend: %s", says(m))
	}
	if m := r.command("U0JANE", "spaces"); !strings.Contains(says(m), "We can't see") {
		t.Errorf("%s", says(m))
	}
}

// What probably is wanted comes first; the rest is in a menu, whose choice brings a
// message with a button.
func TestPlacesFirst(t *testing.T) {
	t.Parallel()
	r := start(t, placesSetup())
	m := r.listed("U0JANE", "", "JupyterLab · My own lab")
	if b := m.Buttons(); len(b) != 2 || !strings.HasPrefix(b[0].Text, "JupyterLab · My own lab") {
		t.Errorf("buttons %+v", b)
	}
	r.listed("U0JANE", "", "team-tracking")
	m = r.listed("U0JANE", "", "gpu-box")
	menu := m.Menus()[0]
	value := ""
	for _, o := range menu.Options {
		if strings.Contains(o.Text, "janes-code") {
			value = o.Value
		}
	}
	sent := len(r.slack.Messages("U0JANE"))
	if _, err := r.slack.Choose(r.ctx, "U0JANE", m.ID, 0, value); err != nil {
		t.Fatal(err)
	}
	var follows slacksim.Message
	r.await("a message with a button", func() bool {
		all := r.slack.Messages("U0JANE")
		if len(all) > sent {
			follows = all[len(all)-1]
		}
		return len(all) > sent
	})
	if o := r.lands("U0JANE", &follows, 0); o.Path != "code-editor/janes-code" {
		t.Errorf("%+v", o)
	}
}

// What somebody opened last comes first where it doesn't run, also after a restart.
func TestPlacesOpenedLast(t *testing.T) {
	t.Parallel()
	s := placesSetup()
	s.config += "\nstore: sqlite:" + filepath.Join(t.TempDir(), "bot.db")
	r := start(t, s)
	r.lands("U0JANE", r.listed("U0JANE", "janes-code", "Your space is ready."), 0)
	second := func() string {
		if b := r.listed("U0JANE", "", "JupyterLab · My own lab").Buttons(); len(b) == 3 {
			return b[1].Text
		}
		return ""
	}
	r.await("what was opened last", func() bool { return second() == "Code Editor · janes-code" })
	if err := r.shut(); err != nil {
		t.Fatal(err)
	}
	s.before = nil
	r.run(s)
	r.ready(2)
	r.await("what was opened before", func() bool { return second() == "Code Editor · janes-code" })
}
