package bot

import (
	"fmt"
	"strings"

	"github.com/slack-go/slack"

	"github.com/studiobot/studiobot/studio"
)

// namedMessage has the button for one named thing.
func namedMessage(o Options, is studio.Issued, n place) message {
	l := is.Links[0]
	what, note := thing(n.option.Target), readyNote(o.LinkTTL)
	title := what + " is ready."
	if n.space != nil && !n.running() {
		title = "Your space is ready."
		if !n.own {
			title = "The shared space is ready."
		}
	} else if n.book != nil {
		title = "Your notebook instance is ready."
	}
	where := escape(n.option.Label)
	if n.option.Profile != "" {
		where += " · as " + escape(n.option.Profile)
	}
	said := "*" + title + "*\n" + escape(n.called) + " · " + where + "\n" + landsIn(n)
	return newMessage(title+" Press the button to open "+n.called+". "+note,
		section(strings.TrimSuffix(said, "\n")),
		slack.NewActionBlock("studio", openButton(0, l, "Open "+openWord(n.option.Target))),
		footer(note))
}

// openWord is what a button opens.
func openWord(t studio.Target) string {
	switch t {
	case studio.Notebook:
		return "the notebook"
	case studio.NotebookLab:
		return "JupyterLab"
	}
	return thing(t)
}

// landsIn says where somebody lands, where it isn't in the thing itself.
func landsIn(n place) string {
	a, there := n.app()
	switch {
	case n.stale && n.space != nil:
		return "Where it isn't running, its page in Studio opens: press Run there."
	case n.stale:
		return "We can't see right now whether it runs."
	case n.space == nil || there && a.Status == studio.InService:
		return ""
	case there && a.Status == studio.Pending:
		return "It is starting. Its page in Studio opens, where you see when it is there."
	}
	return "It isn't running. Its page in Studio opens: press Run there."
}

// stoppedMessage is about a notebook instance that has to be started first, or
// can't be opened.
func stoppedMessage(o Options, n place) message {
	w := refusalWords{title: "The notebook instance " + cut(n.called, maxWord) + " isn't running.", next: "Ask your admin to start it, or start it in the console."}
	switch {
	case n.book.Status == studio.Pending:
		w = refusalWords{title: "The notebook instance " + cut(n.called, maxWord) + " is starting.", next: "Try again in a few minutes."}
	case n.book.Status == studio.Stopped && o.AllowStart:
		w.next = "Start it, and open it when it is there: that takes a few minutes."
	case n.book.Status == studio.Stopping:
		w = refusalWords{title: "The notebook instance " + cut(n.called, maxWord) + " is stopping.", next: "Once it has stopped it can be started again."}
	case n.book.Status != studio.Stopped:
		w = refusalWords{title: "The notebook instance " + cut(n.called, maxWord) + " can't be opened as it is.", next: "Your admin can see why in the console."}
	}
	m := newMessage(w.title+" "+w.next, section("*"+escape(w.title)+"*\n"+w.next))
	if n.book.Status == studio.Stopped && o.AllowStart {
		m.Blocks = append(m.Blocks, slack.NewActionBlock("start", startButton(actionStart, *n.book)))
	}
	return m
}

// choiceBlocks name what is theirs, for somebody who named something else.
func choiceBlocks(o Options, all []place) []slack.Block {
	if len(all) == 0 {
		return nil
	}
	const shown, maxShownName = 10, 100
	lines := []string{"*What is yours:*"}
	for _, n := range all[:min(len(all), shown)] {
		line := fmt.Sprintf("• `%s`", cut(n.option.Name, maxShownName))
		if n.called != n.option.Name {
			line += " · " + escape(cut(n.called, maxName))
		}
		line += " · " + thing(n.option.Target)
		if n.space != nil && !n.own {
			line += ", shared"
		}
		if len(o.Domains) > 1 {
			line += " · " + escape(n.option.Label)
		}
		lines = append(lines, line)
	}
	if left := len(all) - shown; left > 0 {
		lines = append(lines, andMore(o, left))
	}
	return []slack.Block{section(strings.Join(lines, "\n"))}
}

// andMore says how to get to what isn't shown.
func andMore(o Options, left int) string {
	return fmt.Sprintf("And %d more: type `%s` and the name.", left, o.Command)
}

// unseenBlocks name the domains whose listing isn't there.
func unseenBlocks(o Options, labels []string) []slack.Block {
	if len(labels) == 0 {
		return nil
	}
	names := make([]string, min(len(labels), maxSignIns))
	for i := range names {
		names[i] = escape(labels[i])
	}
	if len(labels) > maxSignIns {
		names = append(names, "…")
	}
	return []slack.Block{section("We can't see right now what you have in " + strings.Join(names, ", ") + ". Type `" + o.Command + " spaces` in a minute.")}
}

// nothingOf is said to somebody who has none.
func nothingOf(o Options, kind string) refusalWords {
	if kind == "spaces" {
		return refusalWords{title: "You have no spaces yet.", next: "Make one in Studio: type `" + o.Command + "`, open it, and choose JupyterLab or Code Editor."}
	}
	return refusalWords{title: "You have no " + kind + ".", next: "Your admin can give you one."}
}
