package bot

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/studiobot/studiobot/studio"
)

// placesOf is somebody with something of every kind.
func placesOf() theirs {
	at := time.Unix(1763970000, 0)
	option := studio.Option{Domain: "research", Label: "Research · dev account", Profile: "jane-doe"}
	space := func(name, display string, app studio.Target, own bool, apps ...studio.App) place {
		o := option
		o.Target, o.Name = app, name
		s := &studio.HeldSpace{Space: studio.Space{Name: name, Display: display, App: app, Status: studio.InService, VolumeGB: 50, Modified: at, Shared: !own}, Own: own, Apps: apps}
		return place{space: s, called: s.Called(), own: own, option: o}
	}
	app := func(kind studio.Target, status string) studio.App {
		return studio.App{Kind: kind, Name: "default", Status: status, Instance: "ml.g5.xlarge", Since: at, Active: at.Add(time.Hour)}
	}
	book := func(name, status string) place {
		n := &studio.HeldNotebook{NotebookInstance: studio.NotebookInstance{Name: name, Status: status, Instance: "ml.t3.medium", Modified: at}, Domain: "research", Label: option.Label}
		if status == "" {
			n.Instance, n.Modified = "", time.Time{}
		}
		return place{book: n, called: name, own: true, stale: status == "", option: studio.Option{Domain: "research", Label: option.Label, Target: studio.Notebook, Name: name}}
	}
	server := option
	server.Target, server.Name = studio.MLflow, "team-tracking"
	return theirs{options: []studio.Option{option}, named: []place{
		space("janes-lab", "Jane's <lab> & more", studio.Lab, true, app(studio.Lab, studio.InService)),
		space("janes-code", "", studio.Code, true), space("starts", "", studio.Lab, true, app(studio.Lab, studio.Pending)),
		space("team", "", studio.Lab, false, app(studio.Lab, studio.InService)), space("old-team", "", studio.Classic, false),
		book("gpu-box", studio.InService), book("stopped-box", studio.Stopped), book("starting-box", studio.Pending), book("stopping-box", studio.Stopping), book("failed-box", studio.Failed), book("unseen-box", ""),
		{called: server.Name, option: server},
	}}
}

func linksOf(options ...studio.Option) studio.Issued {
	is := issuedLinks(len(options))
	for i, o := range options {
		is.Links[i].Option = o
	}
	return is
}

func pageOf(t theirs, kind string, keep func(place) bool) listed {
	l := listed{kind: kind, links: map[studio.Option]studio.Link{}}
	for _, n := range t.named {
		if keep(n) {
			l.all = append(l.all, n)
		}
	}
	l.page = l.all[:min(len(l.all), spacesShown)]
	for _, n := range l.page {
		if n.opens() && (!n.stopped() || n.stale) {
			l.links[n.option] = linksOf(n.option).Links[0]
		}
	}
	return l
}

func isSpace(n place) bool { return n.space != nil }
func isBook(n place) bool  { return n.book != nil }

// placesMessages are all about what has a name.
func placesMessages(o Options) map[string]message {
	t, now := placesOf(), time.Unix(1763980000, 0)
	starts := o
	starts.AllowStart = true
	long := theirs{}
	for i := range 253 {
		n := t.named[0]
		s := *n.space
		s.Name, s.Display = fmt.Sprintf("space-%03d", i), strings.Repeat("&", 64)
		n.space, n.called, n.option.Name = &s, s.Display, s.Name
		long.named = append(long.named, n)
	}
	unseen := t
	unseen.unseen = []string{"Prod & <live>"}
	b := &Bot{o: o}
	out := map[string]message{
		"spaces":               placesMessage(o, pageOf(t, "spaces", isSpace), now),
		"spaces_long":          placesMessage(o, pageOf(long, "spaces", isSpace), now),
		"spaces_none":          placesMessage(o, listed{kind: "spaces"}, now),
		"spaces_unseen":        placesMessage(o, listed{kind: "spaces", unseen: unseen.unseen}, now),
		"notebooks":            placesMessage(starts, pageOf(t, "notebook instances", isBook), now),
		"notebooks_none":       placesMessage(o, listed{kind: "notebook instances"}, now),
		"no_server":            notice(wordsNoServer),
		"unknown_name":         b.dontKnow(word{unknown: "<!here>janes"}, t),
		"unknown_name_unseen":  b.dontKnow(word{unknown: "janes-lba", nearest: "janes-lab"}, unseen),
		"ready_and_more":       firstMessage(b, t),
		"ready_unseen":         firstMessage(b, theirs{options: t.options, unseen: unseen.unseen}),
		"stopped_start":        stoppedMessage(starts, t.named[6]),
		"opened_in_a_notebook": openedMessage(studio.Opened{Ref: "7K3F-9QXD", At: now, Option: t.named[5].option}),
		"opened_in_a_space":    openedMessage(studio.Opened{Ref: "7K3F-9QXD", At: now, Option: t.named[0].option}),
	}
	stale := t.named[0]
	stale.stale = true
	stale.space = &studio.HeldSpace{Space: stale.space.Space, Own: true}
	out["named_stale"] = namedMessage(o, linksOf(stale.option), stale)
	for _, i := range []int{0, 1, 2, 3, 5, 10, 11} {
		n := t.named[i]
		out["named_"+n.option.Name] = namedMessage(o, linksOf(n.option), n)
	}
	for i := 6; i < 10; i++ {
		out["stopped_"+t.named[i].option.Name] = stoppedMessage(o, t.named[i])
	}
	return out
}

// firstMessage is what /studio alone says.
func firstMessage(b *Bot, t theirs) message {
	options, more := t.offered(request{}, nil)
	return b.withMore(offersMessage(b.o, t.call(linksOf(options...)), nil, nil), request{}, t, more)
}

// What gets a button, and in which order.
func TestOffered(t *testing.T) {
	t.Parallel()
	have := placesOf()
	recent := []studio.Option{
		{Domain: "research", Profile: "sam", Target: studio.Lab, Name: "sams"},                               // not theirs
		{Domain: "research", Profile: "JANE-doe", Target: studio.Lab, Name: "janes-lab", Label: "Old label"}, // first already
		{Domain: "research", Target: studio.Notebook, Name: "stopped-box"},
		{Domain: "research", Target: studio.NotebookLab, Name: "gpu-box"},
	}
	for _, c := range []struct {
		name   string
		r      request
		t      theirs
		recent []studio.Option
		want   string
	}{
		{"what runs, own before shared", request{}, have, nil, "lab janes-lab, lab team,  "},
		{"what was opened last, where less runs", request{}, theirs{options: have.options, named: have.named[4:]}, recent, "notebook-lab gpu-box,  "},
		{"nothing beside the domain", request{}, theirs{options: have.options}, recent, " "},
		{"a target", request{target: studio.Canvas}, have, recent, "canvas "},
		{"the list of spaces", request{target: studio.Lab}, have, recent, "lab "},
		{"tracking servers", request{target: studio.MLflow}, have, nil, "mlflow team-tracking"},
	} {
		options, more := c.t.offered(c.r, c.recent)
		var got []string
		for _, o := range options {
			got = append(got, string(o.Target)+" "+o.Name)
			for _, n := range more {
				if n.option == o {
					t.Errorf("%s: %+v is a button and in the menu", c.name, o)
				}
			}
		}
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("%s: %q, want %q", c.name, s, c.want)
		}
	}
}

// What a menu's choice carries fits, and nothing else counts as one.
func TestChoices(t *testing.T) {
	t.Parallel()
	for _, n := range placesOf().of("") {
		domain, target, name, ok := parseChoice(choiceKey(n.option))
		if !ok || domain != n.option.Domain || target != n.option.Target || name != n.option.Name {
			t.Errorf("%+v: %s %s %s %v", n.option, domain, target, name, ok)
		}
	}
	for _, odd := range []string{"", "/", "//", "research/lab/", "research/lab/../x", "research/emacs/x", "a/b/c/d", "research/studio/x", strings.Repeat("a", 151) + "/lab/x"} {
		if _, _, _, ok := parseChoice(odd); ok {
			t.Errorf("%q is a choice", odd)
		}
	}
}
