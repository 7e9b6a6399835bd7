package bot

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/studiobot/studiobot/studio"
)

// adminHelp lists the admin commands. unclear: the words made none of them.
func adminHelp(o Options, unclear bool) message {
	c := "`" + o.Command + " admin "
	text := "*Admin commands*\n" + strings.Join([]string{
		c + "who @person` – what they get, from where, and why not",
		c + "link @person profile [domain]` – give them a Studio profile; without a domain in " + o.Domains[0].Name,
		c + "unlink @person [domain]` – take that back, in one domain or in all of them; their live links stop working",
		c + "block @person` – at once and in every domain: their live links die and they get no new ones, whatever the mapping says",
		c + "unblock @person` – end that",
		c + "list [page]` – what each source says",
		c + "requests` – what waits for a decision",
	}, "\n")
	if unclear {
		text = "That is no admin command.\n" + text
	}
	return newMessage("Admin commands of "+o.Command, section(text))
}

// linkedMessage says what an admin's link changed, and what to look at.
func linkedMessage(o Options, p studio.Person, c adminCommand, done studio.Linked) message {
	what := fmt.Sprintf("%s has the Studio profile *%s* in *%s* now.", person(p), escape(c.profile), escape(label(o, c.domain)))
	switch {
	case strings.EqualFold(done.Before, c.profile):
		what = fmt.Sprintf("%s had the Studio profile *%s* in *%s* already.", person(p), escape(c.profile), escape(label(o, c.domain)))
	case done.Before != "":
		what += " Before, the table said " + escape(done.Before) + "."
	}
	blocks := []slack.Block{section(what)}
	if done.Behind != "" {
		blocks = append(blocks, section("*It doesn't count:* an earlier source comes first, "+escape(done.Behind)+"."))
	}
	if done.Refused != nil {
		blocks = append(blocks, section("*They get nothing yet:* "+notLetIn(done.Refused)))
	} else if done.Barred != nil {
		blocks = append(blocks, section("*They don't get it yet.* "+why(done.Barred)))
	}
	if done.Missing {
		blocks = append(blocks, section("SageMaker lists no user profile of that name in that domain. Make it before they press the button."))
	}
	if len(done.Others) > 0 {
		blocks = append(blocks, section("The same profile belongs to "+persons(done.Others)+", too: they share its files and apps."))
	}
	return newMessage("The link was made.", blocks...)
}

// unlinkedMessage says what an admin took back, and what the person has still.
func unlinkedMessage(o Options, p studio.Person, gone []studio.Granted, now studio.Explanation) message {
	text := "The link was taken back."
	blocks := []slack.Block{}
	if len(gone) == 0 {
		text = "The table says nothing about them."
		blocks = append(blocks, section("The table says nothing about "+person(p)+" there; nothing was changed."))
	} else {
		var lines []string
		for _, g := range gone {
			what := escape(g.Profile)
			if g.Denied {
				what = "deny"
			}
			lines = append(lines, fmt.Sprintf("• %s in %s", what, escape(label(o, g.Domain))))
		}
		blocks = append(blocks, section("Taken back from "+person(p)+":\n"+strings.Join(lines, "\n")+"\nTheir live links don't work any more."))
	}
	var left []string
	for _, d := range now.Domains {
		if w, ok := d.Decides(); ok && d.Profile != "" {
			left = append(left, fmt.Sprintf("• %s in %s, by %s", escape(d.Profile), escape(label(o, d.Domain)), escape(w.Origin)))
		}
	}
	if now.Refused == nil && len(left) > 0 {
		blocks = append(blocks, section("They still have:\n"+strings.Join(left[:min(len(left), maxShown)], "\n")))
	}
	return newMessage(text, blocks...)
}

// whoMessage explains what a person gets.
func whoMessage(o Options, x studio.Explanation) message {
	head := "*" + person(x.Person) + "*"
	switch {
	case x.Refused != nil:
		head += " isn't let in: " + notLetIn(x.Refused)
	case !x.Known:
		head += " – Slack hasn't told yet who that is"
	default:
		head += " may ask"
	}
	blocks := []slack.Block{section(head)}
	for i, d := range x.Domains {
		if i == maxShown {
			blocks = append(blocks, footer(fmt.Sprintf("And %d more domains.", len(x.Domains)-maxShown)))
			break
		}
		blocks = append(blocks, section(cutLines(explained(o, d), maxExplained)))
	}
	return newMessage("What they would get, and why.", blocks...)
}

// explained says what a person gets in one domain, and what each source says.
func explained(o Options, d studio.DomainExplanation) string {
	var b strings.Builder
	fmt.Fprintf(&b, "*%s*: ", escape(label(o, d.Domain)))
	if d.Err == nil {
		fmt.Fprintf(&b, "*%s*", escape(d.Profile))
	} else {
		b.WriteString("nothing. " + why(d.Err))
	}
	for _, w := range d.Words {
		fmt.Fprintf(&b, "\n%d. %s%s: ", w.Source, escape(w.Name), age(w))
		switch {
		case errors.Is(w.Err, studio.ErrDenied):
			b.WriteString("deny")
		case errors.Is(w.Err, studio.ErrConflict):
			b.WriteString("several profiles claim them")
		case w.Err != nil:
			b.WriteString("can't answer now")
		case w.Profile != "":
			b.WriteString(escape(w.Profile))
		case w.Why != "":
			b.WriteString(escape(w.Why))
		default:
			b.WriteString("doesn't know them")
		}
		if w.Origin != "" {
			b.WriteString(" (" + escape(w.Origin) + ")")
		}
		switch {
		case w.Source == d.Source:
			b.WriteString(" ← counts")
		case d.Source > 0 && w.Source > d.Source && !w.Silent():
			b.WriteString(" – shadowed")
		}
	}
	return b.String()
}

// notLetIn says to an admin why somebody gets nothing at all.
func notLetIn(err error) string {
	for _, known := range []struct {
		err   error
		words string
	}{
		{studio.ErrBlocked, "an admin has blocked them; the admin command `unblock` ends that."},
		{studio.ErrDeactivated, "the Slack account is deactivated."},
		{studio.ErrGuest, "a guest, and `access.guests` is deny."},
		{studio.ErrNotPerson, "a bot, a workflow, or an invitation that wasn't accepted yet."},
		{studio.ErrStranger, "of another workspace or organisation."},
		{studio.ErrUnknownPerson, "Slack knows no such person."},
		{studio.ErrNotInGroup, "in none of `access.user_groups`."},
	} {
		if errors.Is(err, known.err) {
			return known.words
		}
	}
	return "it can't be decided now; they are told to try again."
}

// oldFrom is from when on the age of what a source answers from is worth saying.
const oldFrom = time.Minute

// age says how old what a source answers from is.
func age(w studio.SourceWord) string {
	if !w.Aged || w.Age < oldFrom {
		return ""
	}
	return fmt.Sprintf(" (read %s ago)", spell(w.Age.Truncate(time.Minute)))
}

// why says to an admin why somebody gets nothing in a domain.
func why(err error) string {
	switch {
	case errors.Is(err, studio.ErrNotMapped):
		return "No source knows them."
	case errors.Is(err, studio.ErrDenied):
		return "Denied by the mapping."
	case errors.Is(err, studio.ErrConflict):
		return "Several profiles claim them; neither is used."
	case errors.Is(err, studio.ErrNotInGroup):
		return "They aren't in the domain's user groups."
	}
	return "It can't be decided now; they are told to try again."
}

// pageSize is how many rows a page of a list has. Package studiobot keeps to it.
const pageSize = 20

// maxList is how many bytes a page takes at most, below the 3,000 characters
// of a section.
const maxList = 2900

// listMessage is one page of who has what.
func listMessage(o Options, rows []studio.Granted, page int, more bool) message {
	if len(rows) == 0 {
		return newMessage("Nothing there.", section("There is nothing on that page."))
	}
	var lines []string
	for _, g := range rows[:min(len(rows), pageSize)] {
		what := "*" + escape(g.Profile) + "*"
		switch {
		case g.Denied:
			what = "deny"
		case g.Profile == "": // nobody decides between those that claim them
			what = "nothing (several profiles claim them)"
		}
		where := "every domain"
		if g.Domain != "" {
			where = escape(label(o, g.Domain))
		}
		line := fmt.Sprintf("• %s: %s in %s, by %s", person(g.Person), what, where, escape(cut(g.Origin, 80)))
		if g.Behind != "" {
			line += " – shadowed by " + escape(cut(g.Behind, 80))
		}
		lines = append(lines, line)
	}
	blocks := []slack.Block{section("*What each source says*\n" + cutLines(strings.Join(lines, "\n"), maxList))}
	foot := fmt.Sprintf("Page %d.", page+1)
	if more {
		foot += fmt.Sprintf(" More: `%s admin list %d`", o.Command, page+2)
	}
	return newMessage("What each source says, page "+fmt.Sprint(page+1)+".", append(blocks, footer(foot))...)
}

// label is what a domain is called.
func label(o Options, domain string) string {
	for _, d := range o.Domains {
		if d.Name == domain {
			return d.Label
		}
	}
	if domain == "" {
		return "every domain"
	}
	return domain
}

// maxExplained is how many bytes the explanation of one domain takes at most: an
// acknowledgement has to stay below 20 KB.
const maxExplained = 900

// cutLines shortens a text to so many bytes, at the end of a line where it has
// several.
func cutLines(s string, most int) string {
	if len(s) <= most {
		return s
	}
	s = strings.ToValidUTF8(s[:most-len("\n…")], "")
	if at := strings.LastIndexByte(s, '\n'); at >= 0 {
		s = s[:at]
	}
	return s + "\n…"
}
