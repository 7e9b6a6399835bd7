package bot

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"github.com/studiobot/studiobot/studio"
)

// Requests takes requests for access, and decisions. requests.Service is the one
// that production has. Its errors wrap the sentinels of package studio.
type Requests interface {
	// Ask makes a request, or returns the one that the person has open for that
	// domain; made tells which.
	Ask(ctx context.Context, a studio.Asking) (r studio.Request, made bool, err error)
	// Load returns an open request; with studio.ErrDecided one that isn't open
	// any more.
	Load(ctx context.Context, id, serial string) (studio.Request, error)
	// Approve and Deny decide. The request that comes with an error is as it
	// stands.
	Approve(ctx context.Context, d studio.Decision) (studio.Request, error)
	Deny(ctx context.Context, d studio.Decision) (studio.Request, error)
	// Open returns those that wait for a decision, oldest first.
	Open(ctx context.Context) ([]studio.Request, error)
}

// requestKey is what an approver's button carries: which request, and that it is
// still the same.
func requestKey(r studio.Request) string { return r.ID + "." + r.Serial }

func parseKey(key string) (id, serial string, ok bool) {
	if len(key) > maxID {
		return "", "", false
	}
	id, serial, ok = strings.Cut(key, ".")
	return id, serial, ok && id != "" && serial != ""
}

// ask opens the modal in which somebody asks for access.
func (b *Bot) ask(ctx context.Context, i interaction, p studio.Person, domain string) {
	if b.o.Requests == nil {
		return
	}
	if m, over := b.limited(ctx, p); over {
		b.later(i.ResponseURL, m)
		return
	}
	domains := b.askable(ctx, p)
	if len(domains) == 0 {
		b.later(i.ResponseURL, notice(wordsNothingToAsk))
		return
	}
	b.openView(ctx, i, askView(b.o, domains, domain, b.propose(ctx, p)))
}

// askable are the domains that somebody hasn't got yet.
func (b *Bot) askable(ctx context.Context, p studio.Person) []studio.Domain {
	var out []studio.Domain
	for _, d := range b.o.Domains {
		if len(out) == maxOptions {
			break
		}
		// Who has one already needn't ask for it, and who is denied can't.
		err := b.o.Mapping.Has(ctx, p, d.Name)
		if errors.Is(err, studio.ErrNotMapped) || errors.Is(err, studio.ErrUnsure) {
			out = append(out, d)
		}
	}
	return out
}

// propose guesses the profile from the person's e-mail address; may be empty.
func (b *Bot) propose(ctx context.Context, p studio.Person) string {
	if b.o.Propose == nil {
		return ""
	}
	return b.o.Propose(ctx, p)
}

// openView opens a modal; Slack takes its trigger for 3 s.
func (b *Bot) openView(ctx context.Context, i interaction, v slack.ModalViewRequest) {
	if _, err := b.api().OpenViewContext(ctx, i.TriggerID, v); err != nil {
		b.o.Log.WarnContext(ctx, "a modal couldn't be opened", "err", redact(err))
		b.later(i.ResponseURL, notice(wordsNoModal))
	}
}

// viewState is what is used of a modal that was sent.
type viewState struct {
	CallbackID string `json:"callback_id"`
	Metadata   string `json:"private_metadata"`
	State      struct {
		Values map[string]map[string]struct {
			Value    string `json:"value"`
			Selected *struct {
				Value string `json:"value"`
			} `json:"selected_option"`
		} `json:"values"`
	} `json:"state"`
}

// field is what somebody wrote into an input, or chose in it.
func (v viewState) field(name string) string {
	f := v.State.Values[name][name]
	if f.Selected != nil {
		return f.Selected.Value
	}
	return f.Value
}

// submitted works on a modal that was sent, and returns what Slack shows next:
// nil closes it.
func (b *Bot) submitted(ctx context.Context, i interaction) any {
	person, err := b.from(ctx, i)
	if err != nil || b.o.Requests == nil {
		return nil
	}
	switch i.View.CallbackID {
	case viewAsk:
		return b.submittedAsk(ctx, i.View, person)
	case viewDeny:
		return b.submittedDeny(ctx, i.View, person)
	}
	return nil
}

// submittedAsk makes the request, or shows at its field what is wrong.
func (b *Bot) submittedAsk(ctx context.Context, v viewState, p studio.Person) any {
	a := studio.Asking{Person: p, Domain: v.field(fieldDomain), Profile: strings.TrimSpace(v.field(fieldProfile)), Reason: v.field(fieldReason)}
	if a.Domain == "" {
		a.Domain = v.Metadata // there was only one
	}
	wrong := map[string]string{}
	if !studio.Grantable(a.Profile) {
		wrong[fieldProfile] = wordsNoProfileName.next
	}
	if b.knownDomain(a.Domain) == "" {
		wrong[fieldDomain] = "There is no such domain any more. Close this and type " + b.o.Command + " again."
		if v.Metadata != "" {
			wrong = map[string]string{fieldProfile: wrong[fieldDomain]}
		}
	}
	if utf8.RuneCountInString(a.Reason) > studio.MaxReason {
		wrong[fieldReason] = "That is a bit long. Up to 500 characters, please."
	}
	if len(wrong) > 0 {
		return fieldErrors(wrong)
	}
	if _, over := b.limited(ctx, p); over {
		return fieldErrors(map[string]string{fieldProfile: "That was a lot at once. Wait a minute, then send it again."})
	}
	r, made, err := b.o.Requests.Ask(ctx, a)
	if err != nil {
		b.o.Log.WarnContext(ctx, "a request for access couldn't be kept", "user", p.User, "err", err)
		return fieldErrors(map[string]string{fieldProfile: requestRefusal(err).next})
	}
	return nextView(sentView(r, made))
}

// approve decides for somebody, and tells the approver where it can't.
func (b *Bot) approve(ctx context.Context, i interaction, by studio.Person, key string) {
	id, serial, ok := parseKey(key)
	if !ok || b.o.Requests == nil {
		return
	}
	r, err := b.o.Requests.Approve(ctx, studio.Decision{ID: id, Serial: serial, By: by})
	b.decided(ctx, i, r, err)
}

// decided says below the button why nothing was decided. The request's message
// in the approvals channel is the Desk's to change, one change after the other;
// only what is over is put there at once, since that may be an older copy of it.
// An admin's own list is replaced: nothing that only an admin sees may become
// everybody's.
func (b *Bot) decided(ctx context.Context, i interaction, r studio.Request, err error) {
	if err != nil {
		b.o.Log.InfoContext(ctx, "a request for access wasn't decided", "by", i.User.ID, "err", err)
		b.later(i.ResponseURL, notice(decisionRefusal(err, r)))
	}
	if err != nil && !errors.Is(err, studio.ErrDecided) {
		return
	}
	var m message
	switch {
	case i.Container.Ephemeral || i.Channel.ID != b.o.Approvals:
		open, err := b.o.Requests.Open(ctx)
		if err != nil {
			return
		}
		m = requestsMessage(open)
	case r.Finished:
		m = requestMessage(r)
		m.ResponseType = slack.ResponseTypeInChannel
	default:
		return
	}
	m.ReplaceOriginal = true
	b.later(i.ResponseURL, m)
}

// askWhy opens the modal in which an approver says why not.
func (b *Bot) askWhy(ctx context.Context, i interaction, by studio.Person, key string) {
	id, serial, ok := parseKey(key)
	if !ok || b.o.Requests == nil {
		return
	}
	if !b.isAdmin(ctx, by) {
		b.later(i.ResponseURL, notice(decisionRefusal(studio.ErrNotAdmin, studio.Request{})))
		return
	}
	r, err := b.o.Requests.Load(ctx, id, serial)
	if err != nil {
		b.decided(ctx, i, r, err)
		return
	}
	b.openView(ctx, i, denyView(r))
}

// submittedDeny decides against somebody.
func (b *Bot) submittedDeny(ctx context.Context, v viewState, by studio.Person) any {
	id, serial, ok := parseKey(v.Metadata)
	if !ok {
		return nil
	}
	if strings.TrimSpace(v.field(fieldReason)) == "" {
		return fieldErrors(map[string]string{fieldReason: "Write a sentence, please."})
	}
	r, err := b.o.Requests.Deny(ctx, studio.Decision{ID: id, Serial: serial, By: by, Reason: v.field(fieldReason)})
	if err != nil {
		b.o.Log.InfoContext(ctx, "a request for access wasn't decided", "by", by.User, "err", err)
		return notDenied(err, r)
	}
	return nil
}

// notDenied is what the approver's modal says where nothing was decided. What may
// be sent once more stays, with the words at the field, which Slack shows as they
// are; the rest says it in place of the form, with mentions.
func notDenied(err error, r studio.Request) modalAnswer {
	w := decisionRefusal(err, r)
	if errors.Is(err, studio.ErrDecided) || errors.Is(err, studio.ErrRequestGone) || errors.Is(err, studio.ErrNotAdmin) {
		return nextView(undecidedView(w))
	}
	return fieldErrors(map[string]string{fieldReason: w.title + " " + w.next})
}
