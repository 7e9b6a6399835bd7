package studiobot_test

import (
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/studiobot/studiobot/internal/slacksim"
)

// A command lands on one copy, the click on another, the browser on a third:
// Studio opens, once.
func TestThreeCopiesOpenOnce(t *testing.T) {
	t.Parallel()
	eachShared(t, func(t *testing.T, s sharing) {
		copies := fleet(t, 3, s.on(setup{}))
		r := copies[0]
		apart := 0
		for n := range 12 {
			m := r.command("U0JANE", "")
			link := r.press("U0JANE", m, 0)
			issued, armed := whoDid(copies, "issued", n), whoDid(copies, "armed", n)
			last := copies[n%3]
			for _, c := range copies {
				if c != issued && c != armed {
					last = c
				}
			}
			if issued != armed && issued != nil && armed != nil {
				apart++
			}
			last.launches(last.at(link), researchID, "jane-doe")
			for _, c := range copies {
				if a := c.get(c.at(link)); a.status != http.StatusGone {
					t.Fatalf("a second time it gives %d %q", a.status, a.title)
				}
			}
			for range n%3 + 1 { // gets none; the next command goes to another socket
				r.command("U0BAN", "")
			}
		}
		if apart == 0 {
			t.Error("no launch was on three copies")
		}
	})
}

// whoDid is the copy that wrote the n-th audit line of that step that belongs to
// the launch: launches come one after the other, so it is the one whose count
// changed.
func whoDid(copies []*rig, step string, n int) *rig {
	var found *rig
	total := 0
	for _, c := range copies {
		total += strings.Count(c.log.String(), `"step":"`+step+`"`)
	}
	if total != n+1 {
		return nil
	}
	latest := ""
	for _, c := range copies {
		log := c.log.String()
		i := strings.LastIndex(log, `"step":"`+step+`"`)
		if i < 0 {
			continue
		}
		line := log[strings.LastIndex(log[:i], "\n")+1:]
		if line > latest { // a line begins with its time
			latest, found = line, c
		}
	}
	return found
}

// Browsers that come to all copies at the same moment: one gets in.
func TestOneBrowserOfManyOnAllCopies(t *testing.T) {
	t.Parallel()
	eachShared(t, func(t *testing.T, s sharing) {
		copies := fleet(t, 3, s.on(setup{}))
		for range 5 {
			link := copies[0].press("U0JANE", copies[0].command("U0JANE", ""), 0)
			var in atomic.Int64
			var all sync.WaitGroup
			for n := range 9 {
				c := copies[n%3]
				all.Go(func() {
					a, err := fetch(c.within(), browser(), c.at(link))
					if err != nil {
						t.Error(withoutURL(err))
					}
					if a.location != "" {
						in.Add(1)
					}
				})
			}
			all.Wait()
			if in.Load() != 1 {
				t.Fatalf("%d browsers got in", in.Load())
			}
		}
	})
}

// A command that Slack delivers again, to whichever copy, shows the same link, and
// there is one ticket.
func TestRedeliveredCommandOnAnotherCopy(t *testing.T) {
	t.Parallel()
	eachShared(t, func(t *testing.T, s sharing) {
		copies := fleet(t, 3, s.on(setup{}))
		r := copies[0]
		a, err := r.slack.Command(r.within(), "U0JANE", "/studio", "")
		if err != nil || a.Message == nil {
			t.Fatalf("%+v, %v", a, err)
		}
		token := func(m *slacksim.Message) string {
			_, token, _ := strings.Cut(m.Buttons()[0].URL, "/launch/")
			return token
		}
		for range 8 {
			again, err := r.slack.Redeliver(a.EnvelopeID)
			if err != nil || again.Message == nil {
				t.Fatalf("%+v, %v", again, err)
			}
			if token(again.Message) != token(a.Message) {
				t.Fatal("another link")
			}
		}
		issued, answered := 0, 0
		for _, c := range copies {
			n := strings.Count(c.log.String(), `"step":"issued"`)
			issued += n
			if n > 0 {
				answered++
			}
		}
		if issued != 1 {
			t.Errorf("%d tickets by %d copies", issued, answered)
		}
		r.launches(r.at(r.press("U0JANE", a.Message, 0)), researchID, "jane-doe")
	})
}

// An event goes to one copy. Whoever it takes access from gets in on none.
func TestLossOnOneCopyHoldsOnAll(t *testing.T) {
	t.Parallel()
	for what, change := range map[string]func(r *rig){
		"deactivated": func(r *rig) { r.slack.ChangePerson(slacksim.Person{ID: "U0JANE", Name: "jane", Deleted: true}) },
		"a guest":     func(r *rig) { r.slack.ChangePerson(slacksim.Person{ID: "U0JANE", Name: "jane", Guest: true}) },
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			eachShared(t, func(t *testing.T, s sharing) {
				copies := fleet(t, 3, s.on(setup{}))
				r := copies[0]
				links := make([]string, 3)
				for i := range links { // armed, all of them
					links[i] = r.press("U0JANE", r.command("U0JANE", ""), 0)
				}
				change(r)
				saw := 0
				r.await("the denial", func() bool {
					saw = 0
					for _, c := range copies {
						if strings.Contains(c.log.String(), `"step":"denied"`) {
							saw++
						}
					}
					return saw > 0
				})
				for i, c := range copies {
					if a := c.get(c.at(links[i])); a.status != http.StatusForbidden {
						t.Errorf("copy %d gives %d %q", i, a.status, a.title)
					}
				}
				if n := len(r.sagemaker.Openings()); n != 0 {
					t.Errorf("Studio was opened %d times", n)
				}
			})
		})
	}
}
