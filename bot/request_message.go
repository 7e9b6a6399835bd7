package bot

import (
	"fmt"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/studiobot/studiobot/studio"
)

// requestMessage is a request as the approvers see it: with the buttons while it
// is open, with who decided afterwards.
func requestMessage(r studio.Request) message {
	text := "Somebody asks for access to Studio."
	blocks := requestBlocks(r)
	switch r.State {
	case studio.RequestOpen:
		blocks = append(append(blocks, whoseBlocks(r)...), decisionButtons("", r), footer("Asked "+when(r.Asked)+" · closes "+day(r.Closes)))
	case studio.RequestApproved:
		text = "A request for access to Studio was approved."
		blocks = append(blocks, section("*Approved* by "+person(r.Decider)+", "+when(r.Decided)+"."))
		if !r.Linked {
			blocks = append(blocks, footer("Being carried out. This message tells if it fails."))
		}
	case studio.RequestDenied:
		text = "A request for access to Studio was denied."
		blocks = append(blocks, section("*Denied* by "+person(r.Decider)+", "+when(r.Decided)+"."))
		if r.Answer != "" {
			blocks = append(blocks, quote(r.Answer))
		}
	case studio.RequestClosed:
		text = "A request for access to Studio was closed."
		blocks = append(blocks, section("*Closed.* "+closedWords(r.Answer).approvers))
	}
	return newMessage(text, blocks...)
}

// requestBlocks say who asks for what, and why.
func requestBlocks(r studio.Request) []slack.Block {
	blocks := []slack.Block{section(fmt.Sprintf("%s asks for the Studio profile *%s* in *%s*.", person(r.Person), escape(r.Profile), escape(r.Label)))}
	if r.Reason != "" {
		blocks = append(blocks, quote(r.Reason))
	}
	return blocks
}

// whoseBlocks tell an approver what is known of the profile.
func whoseBlocks(r studio.Request) []slack.Block {
	switch {
	case len(r.Others) > 0:
		return []slack.Block{section("*Careful:* that profile is " + persons(r.Others) + "'s already. It can't be approved.")}
	case r.Exists == "yes":
		return []slack.Block{footer("The profile exists already, and no source gives it to anybody.")}
	case r.Exists == "no":
		return []slack.Block{footer("There is no profile of that name yet.")}
	}
	return nil
}

// persons mentions several people.
func persons(all []studio.Person) string {
	names := make([]string, len(all))
	for i, p := range all {
		names[i] = person(p)
	}
	return strings.Join(names, ", ")
}

// decisionButtons carry which request they decide. suffix tells those of one
// message apart.
func decisionButtons(suffix string, r studio.Request) *slack.ActionBlock {
	approve := button(actionApprove+suffix, "Approve", requestKey(r))
	if suffix == "" {
		approve.Style = slack.StylePrimary
	}
	approve.AccessibilityLabel = cut("Approve "+r.Profile+" in "+r.Label, maxLabel)
	deny := button(actionDeny+suffix, "Deny…", requestKey(r))
	deny.AccessibilityLabel = cut("Deny "+r.Profile+" in "+r.Label, maxLabel)
	return slack.NewActionBlock("decide"+suffix, approve, deny)
}

// maxListed is how many requests one message lists.
const maxListed = 10

// requestsMessage lists what waits for a decision, and behind that what is being
// carried out.
func requestsMessage(all []studio.Request) message {
	waiting := 0
	for _, r := range all {
		if r.State == studio.RequestOpen {
			waiting++
		}
	}
	text := fmt.Sprintf("%d requests wait for a decision.", waiting)
	switch waiting {
	case 0:
		text = "No request waits for a decision."
	case 1:
		text = "One request waits for a decision."
	}
	blocks := []slack.Block{section("*" + text + "*")}
	for i, r := range all[:min(len(all), maxListed)] {
		blocks = append(blocks, requestBlocks(r)...)
		if r.State == studio.RequestOpen {
			blocks = append(append(blocks, whoseBlocks(r)...), decisionButtons(fmt.Sprintf(":%d", i), r))
		} else {
			blocks = append(blocks, footer("Approved by "+person(r.Decider)+", being carried out."))
		}
	}
	if more := len(all) - maxListed; more > 0 {
		blocks = append(blocks, footer(fmt.Sprintf("And %d more, younger ones.", more)))
	}
	return newMessage(text, blocks...)
}

// toldMessage tells the person what became of their request.
func toldMessage(o Options, r studio.Request) message {
	switch r.State {
	case studio.RequestApproved:
		command := o.Command
		if len(o.Domains) > 1 {
			command += " " + r.Domain
		}
		return newMessage("You have access to Studio now. Type "+command+" to open it.",
			section("*You have access to Studio now.*\nType `"+command+"` in Slack to open it."),
			footer(escape(r.Label)+" · as "+escape(r.Profile)+" · approved by "+person(r.Decider)))
	case studio.RequestDenied:
		title := "Your request for Studio was denied."
		blocks := []slack.Block{section("*" + title + "*\n" + escape(r.Label) + " · " + escape(r.Profile) + " · decided by " + person(r.Decider))}
		if r.Answer != "" {
			blocks = append(blocks, quote(r.Answer))
		}
		return newMessage(title, append(blocks, helpFooter(o)...)...)
	}
	w := closedWords(r.Answer)
	return newMessage(w.title+" "+w.next, append([]slack.Block{section("*" + w.title + "*\n" + w.next), footer(escape(r.Label) + " · " + escape(r.Profile))}, helpFooter(o)...)...)
}

// helpFooter is the operator's sentence, if there is one.
func helpFooter(o Options) []slack.Block {
	if o.Help == "" {
		return nil
	}
	return []slack.Block{footer(escape(o.Help))}
}

// person mentions somebody, which Slack shows as their name.
func person(p studio.Person) string {
	if !slackID.MatchString(p.User) {
		return "somebody"
	}
	return "<@" + p.User + ">"
}

// quote is somebody's own words: no mention, no link comes out of them, only
// bold or a list at worst.
func quote(words string) slack.Block {
	words = cut(strings.Join(strings.Fields(words), " "), studio.MaxReason+1)
	return slack.NewSectionBlock(slack.NewTextBlockObject(slack.MarkdownType, "> "+escape(words), false, true), nil, nil)
}

// when writes a moment in the reader's own time.
func when(t time.Time) string {
	return fmt.Sprintf("<!date^%d^{date_short_pretty} at {time}|%s UTC>", t.Unix(), t.UTC().Format("2006-01-02 15:04"))
}

// day writes a day in the reader's own time.
func day(t time.Time) string {
	return fmt.Sprintf("<!date^%d^{date_short_pretty}|%s>", t.Unix(), t.UTC().Format("2006-01-02"))
}
