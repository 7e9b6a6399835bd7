package running_test

import (
	"errors"
	"testing"
	"testing/synctest"

	"github.com/studiobot/studiobot/running"
	"github.com/studiobot/studiobot/studio"
)

// The authorisation matrix: whose a thing is, and what they may do with it. What
// isn't theirs gets one and the same answer, whether it is there or not.
func TestAllowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newKeeper(t, world())
		watch(t, k)
		synctest.Wait()
		theirs := studio.Option{Domain: "research", Profile: "jane-doe"}
		of := func(domain, profile string, target studio.Target, name string) studio.Option {
			return studio.Option{Domain: domain, Profile: profile, Target: target, Name: name}
		}
		const yes, no = true, false
		for _, c := range []struct {
			what            string
			o               studio.Option
			see, open, stop bool
		}{
			{"their own space", of("research", "jane-doe", studio.Lab, "Janes-Lab"), yes, yes, yes},
			{"their own space, other case", of("research", "JANE-DOE", studio.Lab, "janes-LAB"), yes, yes, yes},
			{"their own space, as another app", of("research", "jane-doe", studio.Code, "Janes-Lab"), no, no, no},
			{"their own space, under another domain", of("prod", "jane-doe", studio.Lab, "Janes-Lab"), no, no, no},
			{"their own space of another domain", of("prod", "jane-doe", studio.Lab, "prods-lab"), yes, yes, yes},
			{"their own space, in an unknown domain", of("none", "jane-doe", studio.Lab, "Janes-Lab"), no, no, no},
			{"their own space, without a profile", of("research", "", studio.Lab, "Janes-Lab"), no, no, no},
			{"a shared space", of("research", "jane-doe", studio.Lab, "team"), yes, yes, no},
			{"a shared space of a colleague", of("research", "jane-doe", studio.Lab, "TEAM-of-joe"), yes, yes, no},
			{"a shared space that they made", of("research", "jane-doe", studio.Lab, "team-of-jane"), yes, yes, no},
			{"a shared space, under another domain", of("prod", "jane-doe", studio.Lab, "team"), no, no, no},
			{"somebody else's space", of("research", "jane-doe", studio.Lab, "joes-lab"), no, no, no},
			{"somebody else's space, other case", of("research", "jane-doe", studio.Lab, "JOES-lab"), no, no, no},
			{"nobody's space", of("research", "jane-doe", studio.Lab, "nobodys"), no, no, no},
			{"a space that isn't there", of("research", "jane-doe", studio.Lab, "nothing"), no, no, no},
			{"the beginning of their space", of("research", "jane-doe", studio.Lab, "Janes"), no, no, no},
			{"a notebook that the mapping grants", of("research", "", studio.Notebook, "GPU-box"), yes, yes, yes},
			{"a notebook with their tag", of("research", "", studio.NotebookLab, "tagged"), yes, yes, yes},
			{"a notebook with their tag, from a domain of the same account", of("prod", "", studio.Notebook, "tagged"), yes, yes, yes},
			{"a notebook with their tag and workspace", of("research", "", studio.Notebook, "of-workspace"), yes, yes, yes},
			{"a notebook with another workspace", of("research", "", studio.Notebook, "of-another-workspace"), no, no, no},
			{"somebody else's notebook", of("research", "", studio.Notebook, "joes-box"), no, no, no},
			{"nobody's notebook", of("research", "", studio.Notebook, "untagged"), no, no, no},
			{"a notebook that isn't there", of("research", "", studio.Notebook, "nothing"), no, no, no},
			{"a notebook without a name", of("research", "", studio.Notebook, ""), no, no, no},
			{"a server of the domain", of("research", "jane-doe", studio.MLflow, "tracking"), yes, yes, no},
			{"a server of another domain", of("prod", "jane-doe", studio.MLflow, "tracking"), no, no, no},
			{"a server that isn't listed", of("research", "jane-doe", studio.MLflow, "other"), no, no, no},
		} {
			for act, want := range map[running.Act]bool{running.See: c.see, running.Open: c.open, running.Stop: c.stop} {
				for how, err := range map[string]error{
					"allowed": k.Allowed(jane(), c.o, act), "check": k.Check(t.Context(), jane(), c.o, act),
				} {
					switch {
					case want && err != nil, !want && !errors.Is(err, studio.ErrNoTarget):
						t.Errorf("%s, act %d, %s: %v", c.what, act, how, err)
					case !want && err.Error() != k.Allowed(jane(), of("research", "jane-doe", studio.Lab, "nothing"), act).Error():
						t.Errorf("%s, act %d, %s: the answer tells it from one that isn't there: %v", c.what, act, how, err)
					}
				}
			}
		}
		for _, a := range []struct {
			app       studio.App
			see, stop bool
		}{
			{studio.App{Space: "janes-lab", Type: "JupyterLab", Name: "default"}, yes, yes},
			{studio.App{Space: "team", Type: "KernelGateway", Name: "kernel"}, yes, no},
			{studio.App{Space: "joes-lab", Type: "JupyterLab", Name: "default"}, no, no},
			{studio.App{Profile: "Jane-DOE", Type: "Canvas", Name: "default"}, yes, yes},
			{studio.App{Profile: "joe", Type: "Canvas", Name: "default"}, no, no},
			{studio.App{Type: "Canvas", Name: "default"}, no, no},
		} {
			for act, want := range map[running.Act]bool{running.See: a.see, running.Stop: a.stop} {
				for _, err := range []error{k.AllowedApp(theirs, a.app, act), k.CheckApp(t.Context(), theirs, a.app, act)} {
					if want != (err == nil) || !want && !errors.Is(err, studio.ErrNoTarget) {
						t.Errorf("%+v, act %d: %v", a.app, act, err)
					}
				}
			}
		}
		joe := studio.Person{Team: "T1", User: "U0JOE"}
		if err := k.Allowed(joe, of("research", "", studio.Notebook, "gpu-box"), running.Open); !errors.Is(err, studio.ErrNoTarget) {
			t.Errorf("a notebook that is granted to somebody else: %v", err)
		}
	})
}

// What isn't known is never a yes, and no "no" either.
func TestAllowedUnsure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := world()
		l.err = errAway
		k := newKeeper(t, l)
		watch(t, k)
		synctest.Wait()
		for _, o := range []studio.Option{
			{Domain: "research", Profile: "jane-doe", Target: studio.Lab, Name: "janes-lab"},
			{Domain: "research", Profile: "jane-doe", Target: studio.Lab, Name: "joes-lab"},
			{Domain: "research", Profile: "jane-doe", Target: studio.Lab, Name: "nothing"},
			{Domain: "research", Target: studio.Notebook, Name: "tagged"},
			{Domain: "research", Target: studio.Notebook, Name: "joes-box"},
		} {
			if err := k.Allowed(jane(), o, running.Open); !errors.Is(err, studio.ErrUnsure) {
				t.Errorf("%+v: %v", o, err)
			}
			if err := k.Check(t.Context(), jane(), o, running.Open); !errors.Is(err, studio.ErrUnsure) {
				t.Errorf("check %+v: %v", o, err)
			}
		}
	})
}
