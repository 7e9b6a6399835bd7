package bot

import (
	"fmt"

	"github.com/slack-go/slack"

	"github.com/studiobot/studiobot/studio"
)

// The modals, and the inputs in them. An input's block and its element have one
// name.
const (
	viewAsk  = "ask_for_access"
	viewDeny = "deny_access"
	viewOpen = "open_studio"
	viewHome = "home"

	fieldDomain  = "domain"
	fieldProfile = "profile"
	fieldReason  = "reason"
)

const (
	// maxOptions is Slack's limit for a menu, maxOptionText for one of its lines.
	maxOptions    = 100
	maxOptionText = 75
)

func plainText(s string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, s, false, false)
}

func modal(callback, title, submit, closeText string, blocks ...slack.Block) slack.ModalViewRequest {
	v := slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: callback, Title: plainText(title), Close: plainText(closeText), Blocks: slack.Blocks{BlockSet: blocks},
	}
	if submit != "" {
		v.Submit = plainText(submit)
	}
	return v
}

// askView is where somebody asks for access. With one domain there is nothing to
// choose: its name goes along unseen.
func askView(o Options, domains []studio.Domain, chosen, profile string) slack.ModalViewRequest {
	blocks := []slack.Block{section("Your admins get this in Slack. When they have decided, you get a direct message.")}
	metadata := ""
	if len(domains) == 1 {
		metadata = domains[0].Name
		blocks = append(blocks, section("*For* "+escape(domains[0].Label)))
	} else {
		blocks = append(blocks, slack.NewInputBlock(fieldDomain, plainText("Which Studio?"), nil, domainMenu(domains, chosen)))
	}
	name := slack.NewPlainTextInputBlockElement(plainText("jane-doe"), fieldProfile)
	name.InitialValue, name.MaxLength = profile, 63
	blocks = append(blocks, slack.NewInputBlock(fieldProfile, plainText("Studio profile"),
		plainText("Letters, digits and hyphens. If you don't know yours, your name is a good guess."), name))
	why := slack.NewPlainTextInputBlockElement(nil, fieldReason)
	why.Multiline, why.MaxLength = true, studio.MaxReason
	reason := slack.NewInputBlock(fieldReason, plainText("What do you need it for?"), nil, why)
	reason.Optional = true
	v := modal(viewAsk, "Request access", "Send", "Cancel", append(blocks, reason)...)
	v.PrivateMetadata = metadata
	return v
}

func domainMenu(domains []studio.Domain, chosen string) *slack.SelectBlockElement {
	menu := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, nil, fieldDomain)
	for i, d := range domains {
		option := slack.NewOptionBlockObject(d.Name, plainText(cut(d.Label, maxOptionText)), nil)
		menu.Options = append(menu.Options, option)
		if i == 0 || d.Name == chosen {
			menu.InitialOption = option
		}
	}
	return menu
}

// sentView is what the modal says when the request is on its way, or was
// already.
func sentView(r studio.Request, made bool) slack.ModalViewRequest {
	text := fmt.Sprintf("*Your request was sent.*\nYou asked for the profile *%s* in %s. When somebody has decided, you get a direct message.", escape(r.Profile), escape(r.Label))
	if !made {
		text = fmt.Sprintf("*You asked already.*\nYour request for the profile *%s* in %s, sent %s, still waits for a decision.", escape(r.Profile), escape(r.Label), when(r.Asked))
	}
	return modal("", "Request access", "", "Done", section(text), footer("It waits until "+day(r.Closes)+"."))
}

// denyView is where an approver says why not.
func denyView(r studio.Request) slack.ModalViewRequest {
	why := slack.NewPlainTextInputBlockElement(nil, fieldReason)
	why.Multiline, why.MaxLength = true, studio.MaxReason
	v := modal(viewDeny, "Deny the request", "Deny", "Cancel",
		section(fmt.Sprintf("%s asks for the profile *%s* in %s.", person(r.Person), escape(r.Profile), escape(r.Label))),
		slack.NewInputBlock(fieldReason, plainText("Why not?"), plainText("The person who asked gets to read this."), why))
	v.PrivateMetadata = requestKey(r)
	return v
}

// undecidedView says why an approver decided nothing.
func undecidedView(w refusalWords) slack.ModalViewRequest {
	return modal("", "Deny the request", "", "Done", section("*"+w.title+"*\n"+w.next))
}

// modalAnswer is the acknowledgement of a modal that was sent.
type modalAnswer struct {
	Action string                  `json:"response_action"`
	Errors map[string]string       `json:"errors,omitempty"`
	View   *slack.ModalViewRequest `json:"view,omitempty"`
}

// fieldErrors keeps the modal open and shows each text at its input.
func fieldErrors(wrong map[string]string) modalAnswer {
	return modalAnswer{Action: "errors", Errors: wrong}
}

// nextView shows another modal in place of the one that was sent.
func nextView(v slack.ModalViewRequest) modalAnswer {
	return modalAnswer{Action: "update", View: &v}
}
