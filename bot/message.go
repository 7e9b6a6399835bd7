package bot

import (
	"fmt"
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"github.com/studiobot/studiobot/studio"
)

// message is what goes into an acknowledgement or to a response URL. Slack-go's
// own message type writes fields that mean something to Slack when they are
// there, even empty.
type message struct {
	// ResponseType is always said: ephemeral, for the person's eyes only.
	ResponseType    string `json:"response_type"`
	ReplaceOriginal bool   `json:"replace_original,omitempty"`
	// Text is what notifications and screen readers say. It never holds a link.
	Text   string        `json:"text"`
	Blocks []slack.Block `json:"blocks"`
	// Slack must not fetch the link to preview it.
	UnfurlLinks bool `json:"unfurl_links"`
	UnfurlMedia bool `json:"unfurl_media"`

	// acked is called once it is on its way; may be nil. See eventually.
	acked func()
}

// newMessage makes a private message. text is plain; Slack would read markup in
// it, too.
func newMessage(text string, blocks ...slack.Block) message {
	return message{ResponseType: slack.ResponseTypeEphemeral, Text: escape(text), Blocks: blocks}
}

const (
	// maxShown is how many buttons one message has at most: its acknowledgement
	// has to stay below 20 KB, and nobody looks through more.
	maxShown = 20
	// maxSignIns is how many domains with their own sign-in are shown.
	maxSignIns = 5
	// maxLabel is Slack's limit for a button's text, and for its label.
	maxLabel = 75
)

// readyMessage is the private message with the buttons.
func readyMessage(o Options, is studio.Issued, signIns []signIn, unsure []string) message {
	return offersMessage(o, theirs{}.call(is), signIns, unsure)
}

// offersMessage is readyMessage where it is known what things are called.
func offersMessage(o Options, is offers, signIns []signIn, unsure []string) message {
	note := readyNote(o.LinkTTL)
	title := "Your Studio is ready."
	if len(is.shown) == 1 && len(signIns) == 0 {
		l := is.shown[0]
		as := ""
		if l.Option.Profile != "" {
			as = " · as " + escape(l.Option.Profile)
		}
		what := ""
		if l.called != "" {
			what = thing(l.Option.Target) + " · " + escape(l.called) + "\n"
		}
		blocks := []slack.Block{
			section("*" + title + "*\n" + what + escape(l.Option.Label) + as + landing(l.Option)),
			slack.NewActionBlock("studio", openButton(0, l.Link, "Open "+thing(l.Option.Target))),
		}
		return newMessage(title+" Press the button to open "+l.Option.Label+". "+note, append(append(blocks, unsureBlocks(unsure)...), footer(note))...)
	}
	var buttons []slack.BlockElement
	links := is.shown[:min(len(is.shown), maxShown)]
	for i, l := range links {
		buttons = append(buttons, openButton(i, l.Link, l.text(is)))
	}
	blocks := []slack.Block{section("*" + title + "*\nWhich one do you want to open?"), slack.NewActionBlock("studio", buttons...)}
	if len(signIns) > 0 {
		blocks = append(blocks, signInBlocks(signIns)...)
	}
	if left := len(is.Links) - len(links); left > 0 {
		blocks = append(blocks, section(fmt.Sprintf("And %d more: type `%s` and the domain's name.", left, o.Command)))
	}
	blocks = append(blocks, unsureBlocks(unsure)...)
	return newMessage(title+" Press the button of the one to open. "+note, append(blocks, footer("Each "+strings.ToLower(note[:1])+note[1:]))...)
}

// text is what the button of a link says, among others.
func (l shown) text(among offers) string {
	what, label := thing(l.Option.Target), l.Option.Label
	another := slices.ContainsFunc(among.shown, func(x shown) bool { return x.Option.Domain != l.Option.Domain })
	named := slices.ContainsFunc(among.shown, func(x shown) bool { return x.called != "" })
	switch {
	case l.called != "" && another:
		return what + " · " + l.called + " · " + label
	case l.called != "":
		return what + " · " + l.called
	case what != thing(studio.Home), named:
		return what + " · " + label
	}
	return label
}

// landing says where somebody lands who doesn't land in what they asked for.
func landing(o studio.Option) string {
	if o.Target.Takes() == studio.SpaceName && o.Name == "" {
		return "\nOpens the list of your " + thing(o.Target) + " spaces. Press Run where yours isn't running."
	}
	return ""
}

// unsureBlocks name what can't be checked now, and so isn't offered.
func unsureBlocks(unsure []string) []slack.Block {
	if len(unsure) == 0 {
		return nil
	}
	names := make([]string, min(len(unsure), maxSignIns))
	for i := range names {
		names[i] = escape(unsure[i])
	}
	if len(unsure) > maxSignIns {
		names = append(names, "…")
	}
	return []slack.Block{section("We can't check right now whether you may open " + strings.Join(names, ", ") + ". Try again in a minute.")}
}

// openButton carries the one-time link, in its url and nowhere else.
func openButton(i int, l studio.Link, text string) *slack.ButtonBlockElement {
	b := button(fmt.Sprintf("%s:%d", actionOpen, i), text, l.Handle)
	b.URL = l.URL
	b.AccessibilityLabel = cut("Open "+strings.TrimSuffix(thing(l.Option.Target)+", "+l.Option.Name, ", ")+", "+l.Option.Label+", in the browser", maxLabel)
	if i == 0 {
		b.Style = slack.StylePrimary
	}
	return b
}

// openedMessage replaces the message whose link was opened.
func openedMessage(o studio.Opened) message {
	at := o.At.UTC()
	clock := fmt.Sprintf("<!date^%d^{time}|%s UTC>", at.Unix(), at.Format("15:04"))
	as, shown, what := "", "", thing(o.Option.Target)
	if p := o.Option.Profile; p != "" {
		as, shown = " as "+p, " as *"+escape(p)+"*"
	}
	if o.Option.Name != "" {
		what += " · " + escape(o.Option.Name)
	}
	text, shown := "Opened at "+at.Format("15:04")+" UTC"+as+".", fmt.Sprintf("Opened at %s%s.", clock, shown)
	if !o.Ends.IsZero() {
		text += " Your session ends " + o.Ends.UTC().Format("2006-01-02 15:04") + " UTC."
		shown += "\nYour session ends " + when(o.Ends) + "."
	}
	return newMessage(text, section(shown),
		slack.NewActionBlock("studio", freshButton("")),
		footer(escape(o.Option.Label)+" · "+what+" · reference "+o.Ref))
}

// freshButton makes another link in place of the message it stands in.
func freshButton(domain string) *slack.ButtonBlockElement {
	b := button(actionFresh, "Get a fresh link", domain)
	b.AccessibilityLabel = "Get a fresh link to Studio"
	return b
}

// deadLinkMessage replaces a message whose link doesn't open any more.
func deadLinkMessage(w refusalWords) message {
	m := notice(w)
	if w.fresh {
		m.Blocks = append(m.Blocks, slack.NewActionBlock("studio", freshButton("")))
	}
	return m
}

// refusalMessage says why there is no link, and whom to ask.
func refusalMessage(o Options, w refusalWords, r request) message {
	next := w.next
	switch {
	case w.ask && o.Help != "" && w.helpInstead:
		next = o.Help
	case w.ask && o.Help != "":
		next += " " + o.Help
	}
	text, shown := w.title+" "+next, "*"+w.title+"*\n"+escape(next)
	if w.showID {
		text += " Your Slack ID is " + r.person.User + "."
		shown += "\nYour Slack ID is `" + r.person.User + "`; whoever adds you needs it."
	}
	blocks := []slack.Block{section(shown)}
	if w.mayAsk && o.Requests != nil {
		ask := button(actionAsk, "Request access", r.domain)
		ask.Style = slack.StylePrimary
		blocks = append(blocks, slack.NewActionBlock("ask", ask))
	}
	return newMessage(text, blocks...)
}

// notice says a sentence and the next step.
func notice(w refusalWords) message {
	return newMessage(w.title+" "+w.next, section("*"+w.title+"*\n"+w.next))
}

// signInMessage is for people all of whose domains have their own sign-in.
func signInMessage(own []signIn) message {
	return newMessage(own[0].domain.Label+" has its own sign-in. Sign in with your organisation's account.", signInBlocks(own)...)
}

// signInBlocks lead to the sign-in addresses of domains in Identity Center mode.
func signInBlocks(own []signIn) []slack.Block {
	var out []slack.Block
	for i, s := range own {
		if i == maxSignIns {
			break
		}
		block := section("*" + escape(s.domain.Label) + "* has its own sign-in: use your organisation's account.")
		if s.address != "" {
			b := button(fmt.Sprintf("%s:%d", actionSignIn, i), "Sign in to Studio", s.domain.Name)
			b.URL = s.address
			b.AccessibilityLabel = cut("Sign in to "+s.domain.Label, maxLabel)
			block.Accessory = slack.NewAccessory(b)
		}
		out = append(out, block)
	}
	return out
}

// helpMessage explains the command.
func helpMessage(o Options, admin bool) message {
	lines := []string{fmt.Sprintf("`%s` – a private button that opens your Studio", o.Command)}
	for i, d := range o.Domains {
		if i == maxShown {
			lines = append(lines, "…")
			break
		}
		if len(o.Domains) > 1 {
			lines = append(lines, fmt.Sprintf("`%s %s` – only %s", o.Command, d.Name, escape(d.Label)))
		}
	}
	lines = append(lines, fmt.Sprintf("`%s lab` – JupyterLab; also `code`, `canvas`, `rstudio`, `classic` and `studio`, with a domain's name before or behind it", o.Command),
		fmt.Sprintf("`%s help` – this text", o.Command))
	if o.Places != nil {
		lines = slices.Insert(lines, len(lines)-1, fmt.Sprintf("`%s spaces` – your spaces and the shared ones, each with a button; `notebook` and `mlflow` list those", o.Command),
			fmt.Sprintf("`%s` and a name, or its beginning – that space, notebook instance or tracking server", o.Command))
	}
	if o.Machines != nil {
		lines = slices.Insert(lines, len(lines)-1, fmt.Sprintf("`%s status` – what you have running, and what it costs", o.Command))
	}
	if o.Reminders != nil {
		lines = append(lines, fmt.Sprintf("`%s remind on` – a direct message 10 minutes before your session ends; `remind off` ends that", o.Command))
	}
	lines = append(lines, "In a thread, where commands don't work: the shortcut *Open Studio*")
	if admin {
		lines = append(lines, fmt.Sprintf("`%s admin` – what admins can do", o.Command))
	}
	footerText := "The button works once, for " + spell(o.LinkTTL) + ", and only for you."
	if o.Help != "" {
		footerText += " " + escape(o.Help)
	}
	return newMessage("Type "+o.Command+" to get a private button that opens your Studio.",
		section("*Open SageMaker Studio from Slack*\n"+strings.Join(lines, "\n")), footer(footerText))
}

// unknownWordMessage is help for a word that means nothing here.
func unknownWordMessage(o Options, unknown, nearest string) message {
	said := "I don't know “" + unknown + "”."
	if nearest != "" {
		said += " Did you mean “" + nearest + "”?"
	}
	m := helpMessage(o, false)
	m.Text = escape(said) + " " + m.Text
	m.Blocks = append([]slack.Block{section(escape(said))}, m.Blocks...)
	return m
}

func button(action, text, value string) *slack.ButtonBlockElement {
	return slack.NewButtonBlockElement(action, value, slack.NewTextBlockObject(slack.PlainTextType, cut(text, maxLabel), false, false))
}

func section(markdown string) *slack.SectionBlock {
	return slack.NewSectionBlock(slack.NewTextBlockObject(slack.MarkdownType, markdown, false, false), nil, nil)
}

func footer(markdown string) *slack.ContextBlock {
	return slack.NewContextBlock("", slack.NewTextBlockObject(slack.MarkdownType, markdown, false, false))
}

// escape keeps Slack from reading a text as markup: mentions, links, dates.
// A strings.Replacer would take 6 KB to make, for texts that hardly ever need it.
func escape(s string) string {
	s = strings.ReplaceAll(s, "&", "&amp;")
	s = strings.ReplaceAll(s, "<", "&lt;")
	return strings.ReplaceAll(s, ">", "&gt;")
}
