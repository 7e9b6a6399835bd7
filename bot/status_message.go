package bot

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/studiobot/studiobot/studio"
)

const (
	// maxRows is how many running things a message shows, fewer where their names
	// are so long that it didn't fit into an acknowledgement, maxMessage in bytes.
	maxRows, maxMessage = 10, 18_000
	// maxStartable is how many stopped notebook instances are shown.
	maxStartable = 5
	// maxName is how much of a space's name is shown, maxDialogName in a dialog.
	maxName, maxDialogName = 60, 40
)

// statusMessage says what somebody has running. news comes above it: what has just
// become of something; it may be empty.
func statusMessage(o Options, r studio.Running, news refusalWords, now time.Time) message {
	for most := maxRows; ; most-- {
		text, blocks := runningBlocks(o, r, most, now)
		if news.title != "" {
			text = news.title + " " + text
			blocks = append(notice(news).Blocks, blocks...)
		}
		m := newMessage(text, blocks...)
		if raw, err := json.Marshal(m); most == 0 || err == nil && len(raw) <= maxMessage {
			return m
		}
	}
}

// runningBlocks are what somebody has running, up to most of it, and what they
// could start: for a message or a Home. The text says it in one sentence.
func runningBlocks(o Options, r studio.Running, most int, now time.Time) (text string, blocks []slack.Block) {
	rows := runningRows(r)
	text = runningTitle(o, rows, r.Unsure)
	blocks = []slack.Block{section("*" + escape(text) + "*")}
	if len(rows) == 0 && len(r.Unsure) > 0 {
		blocks = nil // what can't be seen comes below
		text = unseen(o, r.Unsure)
	}
	for i, row := range rows[:min(len(rows), most)] {
		blocks = append(blocks, runningBlock(o, i, row, now))
	}
	if more := len(rows) - most; more > 0 {
		blocks = append(blocks, section(fmt.Sprintf("And %d more, which you find in Studio under *Running instances*.", more)))
	}
	blocks = append(blocks, startableBlocks(o, stoppedNotebooks(r))...)
	if len(r.Unsure) > 0 {
		blocks = append(blocks, section("*"+escape(unseen(o, r.Unsure))+"* Try again in a minute."))
	}
	return text, append(blocks, runningFooter(o, rows)...)
}

// runningTitle counts what is theirs and runs, and says what it costs.
func runningTitle(o Options, rows []running, unsure []string) string {
	own := 0
	for _, r := range rows {
		if !r.shared && !r.ends() {
			own++
		}
	}
	switch {
	case own == 0 && len(unsure) > 0:
		return "Nothing of yours is running, as far as we can see."
	case own == 0:
		return "Nothing of yours is running."
	case own == 1:
		return "One thing of yours is running" + together(o, rows) + "."
	}
	return fmt.Sprintf("%d things of yours are running%s.", own, together(o, rows))
}

// unseen names the domains of which nobody can say what runs there.
func unseen(o Options, domains []string) string {
	names := make([]string, min(len(domains), maxSignIns))
	for i := range names {
		names[i] = label(o, domains[i])
	}
	if len(domains) > maxSignIns {
		names = append(names, "…")
	}
	return "We can't see right now what runs in " + strings.Join(names, ", ") + "."
}

// runningBlock is one row, with a Stop button where it may be stopped.
func runningBlock(o Options, i int, r running, now time.Time) slack.Block {
	first := "*" + escape(r.what) + "*"
	if r.name != "" {
		first += " · " + escape(cut(r.name, maxName))
	}
	if len(o.Domains) > 1 {
		first += " · " + escape(r.label)
	}
	block := section(first + "\n" + r.said(o, now))
	if o.AllowStop && !r.shared && !r.ends() {
		block.Accessory = slack.NewAccessory(stopButton(fmt.Sprintf("%s:%d", actionStop, i), r))
	}
	return block
}

// stopButton asks first. It names what it stops, and nothing about whose that is.
func stopButton(action string, r running) *slack.ButtonBlockElement {
	b := button(action, "Stop", machineKey(r.machine))
	what := r.what
	if r.name != "" {
		what += " " + cut(r.name, maxDialogName)
	}
	b.AccessibilityLabel = cut("Stop "+what+" in "+r.label, maxLabel)
	kept := lossOf(r.machine)
	b.Confirm = slack.NewConfirmationBlockObject(plainText("Stop it?"), plainText(what+"\n\nKept: "+kept.kept+"\nLost: "+kept.lost), plainText("Stop"), plainText("Leave it running"))
	b.Confirm.Style = slack.StyleDanger
	return b
}

// startableBlocks are notebook instances that could be started.
func startableBlocks(o Options, stopped []studio.HeldNotebook) []slack.Block {
	if !o.AllowStart || len(stopped) == 0 {
		return nil
	}
	var out []slack.Block
	for i, n := range stopped[:min(len(stopped), maxStartable)] {
		parts := []string{"stopped"}
		if n.Instance != "" {
			parts = append([]string{escape(n.Instance)}, parts...)
		}
		if price, ok := o.Prices.PerHour[n.Instance]; ok {
			parts = append(parts, money(o, price)+" an hour once it runs")
		}
		first := "*Notebook instance* · " + escape(n.Name)
		if len(o.Domains) > 1 {
			first += " · " + escape(n.Label)
		}
		block := section(first + "\n" + strings.Join(parts, " · "))
		block.Accessory = slack.NewAccessory(startButton(fmt.Sprintf("%s:%d", actionStart, i), n))
		out = append(out, block)
	}
	if more := len(stopped) - maxStartable; more > 0 {
		out = append(out, section(fmt.Sprintf("And %d more notebook instances that are stopped.", more)))
	}
	return out
}

// startButton starts a notebook instance. The action is actionStart, with an index
// in a list.
func startButton(action string, n studio.HeldNotebook) *slack.ButtonBlockElement {
	b := button(action, "Start", machineKey(n.Machine()))
	b.AccessibilityLabel = cut("Start the notebook instance "+n.Name, maxLabel)
	return b
}

// runningFooter says what people get wrong.
func runningFooter(o Options, rows []running) []slack.Block {
	if len(rows) == 0 {
		return nil
	}
	said := "Closing a tab stops nothing: what runs costs money until it is stopped."
	if !o.AllowStop {
		said += " Stop it in Studio, under *Running instances*."
	}
	for _, r := range rows {
		if r.machine.Notebook == "" && r.status == studio.InService {
			said += " “Since” is the first start: an app that was started again within a day keeps it."
			break
		}
	}
	return []slack.Block{footer(said)}
}
