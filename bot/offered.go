package bot

import (
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"github.com/studiobot/studiobot/studio"
)

const (
	// maxLikely is how many buttons a message has for what people probably want,
	// beside one for each domain; maxMore how many choices its menu has.
	maxLikely = 2
	maxMore   = 25
	// maxChoice is Slack's limit for the value of a choice.
	maxChoice = 150
)

// offered are the options that get a button, and what goes into the menu. Without
// any words that is what the person probably wants: what runs, what they opened
// last, and each domain's own target.
func (t theirs) offered(r request, recent []studio.Option) (options []studio.Option, more []place) {
	for _, o := range aimed(t.options, r.target) {
		if o.Target != studio.MLflow {
			options = append(options, o)
			continue
		}
		for _, n := range t.of(studio.MLflow) {
			if n.option.Domain == o.Domain {
				options = append(options, n.option)
			}
		}
	}
	if r.target.Takes() == studio.SpaceName {
		return options, t.of(r.target)
	}
	if r.target != "" {
		return options, nil
	}
	first := t.likely(maxLikely)
	for _, last := range recent {
		n, ok := t.same(last)
		if ok && len(first) < maxLikely && !n.stopped() && !slices.ContainsFunc(first, n.is) {
			first = append(first, n)
		}
	}
	var front []studio.Option
	for _, n := range first {
		if !slices.Contains(options, n.option) {
			front = append(front, n.option)
		}
	}
	for _, n := range t.of("") {
		if !slices.ContainsFunc(first, n.is) && !slices.Contains(options, n.option) {
			more = append(more, n)
		}
	}
	return append(front, options...), more
}

func (n place) is(other place) bool { return n.option == other.option }

// stopped says that it can't be opened before it is started.
func (n place) stopped() bool { return n.book != nil && n.book.Status != studio.InService }

// same is the thing of theirs that an option is about, if it still is.
func (t theirs) same(o studio.Option) (place, bool) {
	for _, n := range t.of("") {
		same := n.option
		if o.Target == studio.NotebookLab && same.Target == studio.Notebook {
			same.Target = o.Target
		}
		same.Label = o.Label
		if strings.EqualFold(same.Profile, o.Profile) && strings.EqualFold(same.Name, o.Name) && same.Domain == o.Domain && same.Target == o.Target {
			n.option.Target = o.Target
			return n, true
		}
	}
	return place{}, false
}

// shown is an issued link, and what its button says beside what it opens.
type shown struct {
	studio.Link
	called string
}

// call says what the things are called that links open.
func (t theirs) call(is studio.Issued) offers {
	out := offers{Issued: is, shown: make([]shown, len(is.Links))}
	for i, l := range is.Links {
		out.shown[i] = shown{Link: l, called: l.Option.Name}
		if n, ok := t.same(l.Option); ok {
			out.shown[i].called = n.called
		}
	}
	return out
}

// offers are the issued links as a message shows them.
type offers struct {
	studio.Issued
	shown []shown
}

// withMore adds what isn't shown as a button, and what can't be seen, above the
// last block.
func (b *Bot) withMore(m message, r request, t theirs, more []place) message {
	blocks := moreBlocks(b.o, more)
	if r.target == "" || r.target.Takes() == studio.SpaceName {
		blocks = append(blocks, unseenBlocks(b.o, t.unseen)...)
	}
	last := len(m.Blocks) - 1
	m.Blocks = append(append(slices.Clone(m.Blocks[:last]), blocks...), m.Blocks[last])
	return m
}

// moreBlocks are a menu of what else there is. Choosing from it brings a message
// with a button: that one is pressed before anything opens.
func moreBlocks(o Options, more []place) []slack.Block {
	if len(more) == 0 {
		return nil
	}
	var choices []*slack.OptionBlockObject
	for _, n := range more {
		value := choiceKey(n.option)
		if len(value) > maxChoice || len(choices) == maxMore {
			continue
		}
		text := thing(n.option.Target) + " · " + n.called
		if n.book != nil {
			text = "Notebook instance · " + n.called
		}
		if len(o.Domains) > 1 {
			text += " · " + n.option.Label
		}
		choices = append(choices, slack.NewOptionBlockObject(value, plainText(cut(text, maxLabel)), nil))
	}
	if len(choices) == 0 {
		return nil
	}
	menu := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plainText("More to open"), actionChoose, choices...)
	blocks := []slack.Block{slack.NewActionBlock("more", menu)}
	if left := len(more) - len(choices); left > 0 {
		blocks = append(blocks, section(andMore(o, left)))
	}
	return blocks
}

// choiceKey is what a choice carries: what it is about, and nothing about whose
// it is.
func choiceKey(o studio.Option) string {
	return strings.Join([]string{o.Domain, string(o.Target), o.Name}, "/")
}

// parseChoice reads it, and anything else.
func parseChoice(value string) (domain string, target studio.Target, name string, ok bool) {
	parts := strings.Split(value, "/")
	if len(value) > maxChoice || len(parts) != 3 {
		return "", "", "", false
	}
	domain, target, name = parts[0], studio.Target(parts[1]), parts[2]
	return domain, target, name, target.Valid() && target.Takes().Valid(name)
}
