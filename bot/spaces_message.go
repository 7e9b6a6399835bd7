package bot

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/studiobot/studiobot/studio"
)

// spacesShown is how many spaces, or notebook instances, a list shows at a time:
// each with a button, whose link takes room in the acknowledgement.
const spacesShown = 10

// spaces lists what spaces are theirs, with a button for each, from the skip'th on.
func (b *Bot) spaces(ctx context.Context, r request, t theirs, skip int) message {
	var all []place
	for _, n := range t.named {
		if n.space != nil {
			all = append(all, n)
		}
	}
	return b.list(ctx, r, t, all, skip, "spaces")
}

// notebooks lists what notebook instances are theirs.
func (b *Bot) notebooks(ctx context.Context, r request, t theirs) message {
	all := t.of(studio.Notebook)
	if r.target == studio.NotebookLab {
		for i := range all {
			all[i].option.Target = r.target
		}
	}
	return b.list(ctx, r, t, all, 0, "notebook instances")
}

// list shows named things with what is known of them, and issues a link for each
// that opens.
func (b *Bot) list(ctx context.Context, r request, t theirs, all []place, skip int, kind string) message {
	asked := time.Now()
	page := all[min(skip, len(all)):min(skip+spacesShown, len(all))]
	var options []studio.Option
	for _, n := range page {
		if n.opens() && (!n.stopped() || n.stale) {
			options = append(options, n.option)
		}
	}
	links := map[studio.Option]studio.Link{}
	if len(options) > 0 {
		issued, err := b.o.Launcher.Issue(ctx, r.person, options, r.cause, asked)
		if err != nil {
			return b.refuse(ctx, r, err)
		}
		for _, l := range issued.Links {
			links[l.Option] = l
		}
		b.warm(options)
	}
	return placesMessage(b.o, listed{all: all, page: page, skip: skip, links: links, kind: kind, domain: r.domain, unseen: slices.Concat(t.unseen, t.barred)}, time.Now())
}

// turned shows the next page of the spaces, in place of the one before.
func (b *Bot) turned(ctx context.Context, i interaction, p studio.Person, value string) {
	domain, from, ok := strings.Cut(value, "/")
	skip, err := strconv.Atoi(from)
	if !ok || err != nil || skip < 0 || b.o.Places == nil {
		return // no button of ours
	}
	m, over := b.limited(ctx, p)
	if over {
		b.reply(ctx, i, m)
		return
	}
	r := request{person: p, domain: b.knownDomain(domain), cause: i.TriggerID}
	t, err := b.theirs(ctx, p, r.domain)
	if err != nil {
		m = b.refuse(ctx, r, err)
	} else {
		m = b.spaces(ctx, r, t, skip)
	}
	m.ReplaceOriginal = true
	b.reply(ctx, i, m)
}

// listed is one page of a list.
type listed struct {
	all, page []place
	skip      int
	links     map[studio.Option]studio.Link
	kind      string // in words
	domain    string // that it is limited to; may be empty
	unseen    []string
}

// placesMessage is a list, as much of it as fits.
func placesMessage(o Options, l listed, now time.Time) message {
	for {
		m := placesPage(o, l, now)
		if raw, err := json.Marshal(m); len(l.page) == 0 || err == nil && len(raw) <= maxMessage {
			return m
		}
		l.page = l.page[:len(l.page)-1]
	}
}

func placesPage(o Options, l listed, now time.Time) message {
	title := fmt.Sprintf("Your %s: %d.", l.kind, len(l.all))
	switch {
	case len(l.all) == 0 && len(l.unseen) > 0:
		return newMessage("We can't see your "+l.kind+" right now. Try again in a minute.", unseenBlocks(o, l.unseen)...)
	case len(l.all) == 0:
		return notice(nothingOf(o, l.kind))
	}
	blocks := []slack.Block{section("*" + escape(title) + "*")}
	primary := true
	for i, n := range l.page {
		block := section(rowText(o, n, now))
		link, ok := l.links[n.option]
		switch {
		case ok:
			open := openButton(i, link, "Open")
			open.Style = ""
			if primary {
				open.Style, primary = slack.StylePrimary, false
			}
			block.Accessory = slack.NewAccessory(open)
		case n.book != nil && n.book.Status == studio.Stopped && o.AllowStart:
			block.Accessory = slack.NewAccessory(startButton(fmt.Sprintf("%s:%d", actionStart, i), *n.book))
		}
		blocks = append(blocks, block)
	}
	blocks = append(blocks, unseenBlocks(o, l.unseen)...)
	if left := len(l.all) - l.skip - len(l.page); left > 0 {
		rest := section(andMore(o, left))
		if l.kind == "spaces" {
			more := button(actionSpaces, "Show more", l.domain+"/"+strconv.Itoa(l.skip+len(l.page)))
			more.AccessibilityLabel = "Show more of your spaces"
			rest.Accessory = slack.NewAccessory(more)
		}
		blocks = append(blocks, rest)
	}
	note := readyNote(o.LinkTTL)
	if len(l.links) > 0 {
		blocks = append(blocks, footer("Each "+strings.ToLower(note[:1])+note[1:]))
	}
	return newMessage(title+" Press Open beside the one to open.", blocks...)
}

// rowText is what a list says of one thing.
func rowText(o Options, n place, now time.Time) string {
	first := "*" + escape(cut(n.called, maxName)) + "*"
	if n.space != nil && n.option.Target != "" {
		first += " · " + thing(n.option.Target)
	}
	if n.space != nil && !n.own {
		first += " · shared"
	}
	if len(o.Domains) > 1 {
		first += " · " + escape(n.option.Label)
	}
	facts := []string{state(n)}
	add := func(text string, is bool) {
		if is {
			facts = append(facts, text)
		}
	}
	if n.space != nil {
		a, _ := n.app()
		add(escape(a.Instance), a.Instance != "" && a.Instance != noInstance)
		add(fmt.Sprintf("%d GB", n.space.VolumeGB), n.space.VolumeGB > 0)
		switch {
		case !a.Active.IsZero():
			add("last worked in "+when(a.Active), a.Active.Before(now))
		case !n.space.Modified.IsZero():
			add("changed "+when(n.space.Modified), true)
		}
	} else if n.book != nil {
		add(escape(n.book.Instance), n.book.Instance != "")
		add(fmt.Sprintf("%d GB", n.book.VolumeGB), n.book.VolumeGB > 0)
		add("changed "+when(n.book.Modified), !n.book.Modified.IsZero())
	}
	return first + "\n" + strings.Join(facts, " · ")
}

// state is what something is doing, in a few words.
func state(n place) string {
	if n.book != nil {
		return notebookState(*n.book)
	}
	a, there := n.app()
	switch {
	case n.stale:
		return "whether it runs isn't known right now"
	case there && a.Status == studio.InService:
		return "running"
	case there && a.Status == studio.Pending:
		return "starting"
	case there:
		return "stopping"
	case n.space.Status != studio.InService:
		return "being worked on"
	}
	if !n.opens() {
		return "not running"
	}
	return "not running: press Run on its page"
}

func notebookState(h studio.HeldNotebook) string {
	switch h.Status {
	case "":
		return "whether it runs isn't known right now"
	case studio.InService:
		return "running"
	case studio.Pending:
		return "starting"
	case studio.Stopping:
		return "stopping"
	case studio.Stopped:
		return "stopped"
	case studio.Failed:
		return "failed"
	}
	return "being worked on"
}
