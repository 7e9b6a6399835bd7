package bot

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/slack-go/slack"

	"github.com/studiobot/studiobot/studio"
)

// homeState is what somebody's Home is made of.
type homeState struct {
	person  studio.Person
	options []studio.Option
	signIns []signIn
	unsure  []string // labels
	now     time.Time
	// refused is why they get nothing; nil: they may.
	refused *refusalWords
	// named says that there is something to open by its name besides: notebook
	// instances, which need no user profile.
	named bool
	// running is what runs; nil: nobody looks. looked: it is known well enough to
	// be shown.
	running *studio.Running
	looked  bool
	// reminding says whether they are reminded; nil: nobody is, or it isn't known.
	reminding *bool
}

// homeView is the Home of one person. Slack keeps it, and shows it on all their
// devices, so it holds no link of ours: its buttons make one when they are
// pressed. Its private_metadata is a digest of what it shows, so that the next
// opening tells whether it is still right.
func homeView(o Options, h homeState) slack.HomeTabViewRequest {
	var blocks []slack.Block
	if h.refused != nil {
		blocks = refusalMessage(o, *h.refused, request{person: h.person}).Blocks
	} else {
		blocks = append(launchBlocks(o, h), signInBlocks(h.signIns)...)
		blocks = append(blocks, unsureBlocks(h.unsure)...)
		blocks = append(blocks, homeRunning(o, h)...)
	}
	if h.reminding != nil {
		blocks = append(blocks, slack.NewDividerBlock(), remindBlock(*h.reminding, o.Forgets))
	}
	blocks = append(append(blocks, slack.NewDividerBlock()), helpMessage(o, false).Blocks...)
	v := slack.HomeTabViewRequest{Type: slack.VTHomeTab, CallbackID: viewHome, Blocks: slack.Blocks{BlockSet: blocks}}
	v.PrivateMetadata = digest(blocks)
	return v
}

// homeRunning is what somebody has running, with the buttons of /studio status.
func homeRunning(o Options, h homeState) []slack.Block {
	switch {
	case h.running == nil:
		return nil
	case !h.looked:
		return []slack.Block{slack.NewDividerBlock(), section("*What is running isn't known yet.*\nOpen this page again in a moment, or type `" + o.Command + " status`.")}
	}
	_, blocks := runningBlocks(o, *h.running, maxRows, h.now)
	return append([]slack.Block{slack.NewDividerBlock()}, blocks...)
}

// launchBlocks are the buttons that make a link.
func launchBlocks(o Options, h homeState) []slack.Block {
	options := h.options
	if len(options) == 0 && h.named {
		all := button(actionLaunch, "Show what I can open", "")
		all.Style = slack.StylePrimary
		return []slack.Block{section("*Your notebook instances*"), slack.NewActionBlock("launch", all)}
	}
	if len(options) == 0 {
		return nil
	}
	note := "The link is made when you press. " + readyNote(o.LinkTTL)
	if len(options) == 1 {
		only := options[0]
		return []slack.Block{
			section("*Your Studio*\n" + escape(only.Label) + " · as " + escape(only.Profile)),
			slack.NewActionBlock("launch", launchButton(0, only, "Open "+thing(only.Target))), footer(note),
		}
	}
	var buttons []slack.BlockElement
	for i, one := range options[:min(len(options), maxShown)] {
		buttons = append(buttons, launchButton(i, one, one.Label))
	}
	blocks := []slack.Block{section("*Your Studio*\nWhich one do you want to open?"), slack.NewActionBlock("launch", buttons...)}
	if left := len(options) - len(buttons); left > 0 {
		blocks = append(blocks, section(fmt.Sprintf("And %d more: type `%s` and the domain's name.", left, o.Command)))
	}
	return append(blocks, footer(note))
}

// launchButton names what it opens and carries no link.
func launchButton(i int, o studio.Option, text string) *slack.ButtonBlockElement {
	b := button(fmt.Sprintf("%s:%d", actionLaunch, i), text, o.Domain)
	b.AccessibilityLabel = cut("Get a link to "+thing(o.Target)+", "+o.Label, maxLabel)
	if i == 0 {
		b.Style = slack.StylePrimary
	}
	return b
}

// remindBlock says whether somebody is reminded, and changes it.
func remindBlock(on, forgets bool) slack.Block {
	words := remindWords(on, forgets)
	block := section("*" + words.title + "*\n" + words.next)
	b := button(actionRemind, "Turn on", "on")
	b.AccessibilityLabel = "Turn reminders on"
	if on {
		b = button(actionRemind, "Turn off", "off")
		b.AccessibilityLabel = "Turn reminders off"
	}
	block.Accessory = slack.NewAccessory(b)
	return block
}

func digest(blocks []slack.Block) string {
	raw, err := json.Marshal(blocks)
	if err != nil {
		return "" // as if nothing were known of it
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:12])
}
