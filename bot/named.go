package bot

import (
	"context"
	"time"

	"github.com/studiobot/studiobot/audit"
	"github.com/studiobot/studiobot/studio"
)

// refreshTime bounds the wait for a listing that isn't there.
const refreshTime = 8 * time.Second

// seen makes a message of what is theirs. Where a listing that it needs isn't
// there, it is waited for, and the message follows if that takes longer.
func (b *Bot) seen(ctx context.Context, r request, make func(context.Context, theirs) message) message {
	t, err := b.theirs(ctx, r.person, r.domain)
	switch {
	case err != nil:
		return b.refuse(ctx, r, err)
	case len(t.looked) == 0 || r.address == "":
		return make(ctx, t)
	}
	return b.eventually(r.address, notice(wordsLooking), func(ctx context.Context) message {
		look, cancel := context.WithTimeout(ctx, refreshTime)
		defer cancel()
		for _, domain := range t.looked {
			_ = b.o.Places.Refresh(look, domain) // what isn't known then is said
		}
		t, err := b.theirs(ctx, r.person, r.domain)
		if err != nil {
			return b.refuse(ctx, r, err)
		}
		return make(ctx, t)
	})
}

// openNamed offers a link to the one thing of theirs that is named.
func (b *Bot) openNamed(ctx context.Context, r request) message {
	find := func(t theirs) (place, bool) { return find(t.of(r.target), r.name) }
	t, err := b.theirs(ctx, r.person, r.domain)
	if err != nil {
		return b.refuse(ctx, r, err)
	}
	if n, ok := find(t); ok {
		return b.offerNamed(ctx, r, n)
	}
	return b.seen(ctx, r, func(ctx context.Context, t theirs) message {
		if n, ok := find(t); ok {
			return b.offerNamed(ctx, r, n)
		}
		return b.dontKnow(b.unknownWord(r.name, t), t)
	})
}

// offerNamed issues one link, or says why there is none.
func (b *Bot) offerNamed(ctx context.Context, r request, n place) message {
	if r.target == studio.NotebookLab && n.book != nil {
		n.option.Target = r.target
	}
	if n.stopped() && !n.stale {
		b.audit(ctx, audit.Entry{Step: audit.Refused, Team: r.person.Team, User: r.person.User, Domain: n.option.Domain, Reason: "not running"})
		return stoppedMessage(b.o, n)
	}
	issued, err := b.o.Launcher.Issue(ctx, r.person, []studio.Option{n.option}, r.cause, time.Now())
	if err != nil {
		return b.refuse(ctx, r, err)
	}
	b.warm([]studio.Option{n.option})
	return namedMessage(b.o, issued, n)
}

// dontKnow is the one answer to a name that isn't there, isn't theirs, or could be
// several: with what is theirs.
func (b *Bot) dontKnow(w word, t theirs) message {
	m := unknownWordMessage(b.o, w.unknown, w.nearest)
	blocks := append(choiceBlocks(b.o, t.of("")), unseenBlocks(b.o, t.unseen)...)
	m.Blocks = append(append(m.Blocks[:1:1], blocks...), m.Blocks[1:]...)
	return m
}

// chosen works on a choice from a menu: it brings a message of its own, whose
// button is pressed.
func (b *Bot) chosen(ctx context.Context, i interaction, p studio.Person, value string) {
	domain, target, name, ok := parseChoice(value)
	if !ok || b.o.Places == nil {
		return // no choice of ours
	}
	if m, over := b.limited(ctx, p); over {
		b.reply(ctx, i, m)
		return
	}
	m := b.offerExactly(ctx, request{person: p, domain: domain, target: target, name: name, cause: i.TriggerID})
	m.ReplaceOriginal = i.modal() != "" // a message's menu stays, and this comes below it
	b.reply(ctx, i, m)
}

// offerExactly is openNamed for a name that comes from a message of ours.
func (b *Bot) offerExactly(ctx context.Context, r request) message {
	t, err := b.theirs(ctx, r.person, b.knownDomain(r.domain))
	if err != nil {
		return b.refuse(ctx, r, err)
	}
	for _, n := range t.of(r.target) {
		if n.option.Name == r.name && n.option.Domain == r.domain {
			return b.offerNamed(ctx, r, n)
		}
	}
	return b.dontKnow(b.unknownWord(r.name, t), t)
}

// servers offers the tracking servers of the person's domains.
func (b *Bot) servers(ctx context.Context, r request) message {
	asked := time.Now()
	t, err := b.theirs(ctx, r.person, r.domain)
	if err != nil {
		return b.refuse(ctx, r, err)
	}
	all := t.of(studio.MLflow)
	if len(all) == 0 {
		return notice(wordsNoServer)
	}
	var options []studio.Option
	for _, n := range all[:min(len(all), maxShown)] {
		options = append(options, n.option)
	}
	issued, err := b.o.Launcher.Issue(ctx, r.person, options, r.cause, asked)
	if err != nil {
		return b.refuse(ctx, r, err)
	}
	b.warm(options)
	m := offersMessage(b.o, t.call(issued), nil, t.unsure)
	if left := len(all) - len(options); left > 0 {
		m.Blocks = append(m.Blocks, section(andMore(b.o, left)))
	}
	return m
}
